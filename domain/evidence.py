"""What each kind of evidence proves of a document's issue. It is checked where the foreign thing is touched; here it is weighed."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from domain.issuance import Proof


class EvidenceKind(StrEnum):
    """Where evidence comes from, and which facts it carries."""

    PDF = "pdf"  # by_person, by_organisation, is_altered: what pyHanko found of its signatures
    EDXML = "edxml"  # is_without_paper (None if the envelope does not say)
    ISSUED_HERE = "issued_here"  # is_without_paper: the act of issuing, in this system
    MAILED = "mailed"  # this system's mail server took the mail
    RECEIVED = "received"  # a unit opened or acknowledged it here
    PAPER_RECEIPT = "paper_receipt"  # a scan of a signed receipt: proves paper, and nothing electronic
    FILE = "file"  # an unsigned file of the document


def proof_of(pieces: Iterable[tuple[EvidenceKind, Mapping[str, Any]]]) -> Proof:
    """What all pieces together prove.

    >>> proof_of([(EvidenceKind.PDF, {"by_person": True, "by_organisation": True})]).level().code
    'L3'
    """
    found = list(pieces)
    kinds = {kind for kind, _facts in found}
    pdfs = [facts for kind, facts in found if kind is EvidenceKind.PDF]
    exchanges = [facts for kind, facts in found if kind in (EvidenceKind.EDXML, EvidenceKind.ISSUED_HERE)]
    paper = EvidenceKind.PAPER_RECEIPT in kinds or any(facts.get("is_without_paper") is False for facts in exchanges)
    return Proof(
        is_file_seen=bool(kinds - {EvidenceKind.PAPER_RECEIPT}),
        is_signed_by_person=any(facts.get("by_person") for facts in pdfs),
        is_signed_by_organisation=any(facts.get("by_organisation") for facts in pdfs),
        is_exchanged=bool(exchanges),
        is_without_paper=not paper and any(facts.get("is_without_paper") for facts in exchanges),
        is_refuted=any(facts.get("is_altered") for facts in pdfs),
    )
