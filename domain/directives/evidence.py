"""What each kind of evidence proves of a document's issue. It is checked where the foreign thing is touched; here it is weighed."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from domain.directives.certificates import SIGNERS, Owner
from domain.directives.edxml import CARRIES
from domain.directives.issuance import Claim, LevelRange, Proof, evidenced
from domain.directives.signatures import Change, Signature


class EvidenceKind(StrEnum):
    """Where evidence comes from, and which facts it carries."""

    PDF = "pdf"  # by_person, by_organisation, is_altered, signatures: `facts_of_pdf`
    EDXML = "edxml"  # is_without_paper (None if the envelope does not say), business: storage/directives/envelopes.py
    ISSUED_HERE = "issued_here"  # is_without_paper: the act of issuing, in this system
    MAILED = "mailed"  # this system's mail server took the mail
    RECEIVED = "received"  # a unit opened or acknowledged it here
    PAPER_RECEIPT = "paper_receipt"  # a scan of a signed receipt: proves paper, and nothing electronic
    FILE = "file"  # an unsigned file of the document


Piece = tuple[EvidenceKind, Mapping[str, Any]]  # a kind, and the facts that were found

# What each kind proves; one that stands nowhere here proves nothing.
OF_FILE = frozenset({EvidenceKind.PDF, EvidenceKind.FILE, EvidenceKind.MAILED, EvidenceKind.RECEIVED})
OF_EXCHANGE = frozenset({EvidenceKind.ISSUED_HERE, EvidenceKind.EDXML})  # and so of a file, unless an envelope carries none
OF_PAPER = frozenset({EvidenceKind.PAPER_RECEIPT})
_CARRIES = frozenset(business.name.lower() for business in CARRIES)  # as envelopes are noted in facts


class SignatureWorth(StrEnum):
    """What one signature proves of a document's issue, or why it proves nothing."""

    PROVES = "proves"
    BROKEN = "broken"  # other bytes than those that were signed
    CHANGED_AFTER = "changed_after"  # something was added that a signed file may not bear
    UNKNOWN_ROOT = "unknown_root"
    NOT_IN_TIME = "not_in_time"  # signed before the certificate held, or after it had run out
    UNDATED = "undated"
    UNKNOWN_OWNER = "unknown_owner"  # neither a person's nor an organisation's, by the name in the certificate


class Reason(StrEnum):
    """Why a document has the level it has; each is true of its evidence."""

    NO_EVIDENCE = "no_evidence"
    PAPER_ONLY = "paper_only"  # a receipt of paper, and nothing electronic
    REFUTED = "refuted"
    FILE_SEEN = "file_seen"
    BY_BOTH = "by_both"
    BY_ORGANISATION = "by_organisation"
    BY_PERSON = "by_person"
    BY_NOBODY = "by_nobody"
    EXCHANGED = "exchanged"
    NOT_EXCHANGED = "not_exchanged"
    WITHOUT_PAPER = "without_paper"
    PAPER_TOO = "paper_too"
    PAPER_NOT_SAID = "paper_not_said"


def worth_of(signature: Signature) -> SignatureWorth:
    """What a signature proves; the gravest doubt is said first."""
    if not signature.is_intact:
        return SignatureWorth.BROKEN if signature.change is Change.BROKEN else SignatureWorth.CHANGED_AFTER
    if not signature.is_trusted:
        return SignatureWorth.UNKNOWN_ROOT
    if not signature.is_in_time:
        return SignatureWorth.UNDATED if signature.is_in_time is None else SignatureWorth.NOT_IN_TIME
    return SignatureWorth.PROVES if signature.ownership.owner in SIGNERS else SignatureWorth.UNKNOWN_OWNER


def facts_of_pdf(signatures: Sequence[Signature]) -> dict[str, Any]:
    """The facts of EvidenceKind.PDF, as JSON values: what its signatures prove together, and each of them."""
    proving = {one.ownership.owner for one in signatures if worth_of(one) is SignatureWorth.PROVES}
    return {
        "by_person": Owner.PERSON in proving,
        "by_organisation": Owner.ORGANISATION in proving,
        "is_altered": any(not one.is_intact for one in signatures),
        "signatures": [_facts_of(one) for one in signatures],
    }


def _facts_of(signature: Signature) -> dict[str, Any]:
    return {
        "signer": signature.signer,
        "issuer": signature.issuer,
        "owner": signature.ownership.owner.value,
        "rule": signature.ownership.rule,
        "worth": worth_of(signature).value,
        "change": signature.change.value,
        "at": signature.at and signature.at.isoformat(),
        "stamped_at": signature.stamped_at and signature.stamped_at.isoformat(),
        "valid_until": signature.valid_until.isoformat(),
        "chain": list(signature.chain),
    }


def weighed(claim: Claim, pieces: Iterable[Piece]) -> tuple[LevelRange, LevelRange]:
    """The levels that the claim allows, and those that claim and evidence allow together.

    >>> claimed, proven = weighed(Claim(), [(EvidenceKind.PAPER_RECEIPT, {})])
    >>> claimed.high.code, proven.high.code
    ('L5', 'L4')
    """
    claimed = claim.range()
    return claimed, evidenced(claimed, proof_of(pieces))


def proof_of(pieces: Iterable[Piece]) -> Proof:
    """What all pieces together prove. An original bears both signatures in one file: two files with one each make none.

    >>> proof_of([(EvidenceKind.PDF, {"by_person": True, "by_organisation": True})]).level().code
    'L3'
    """
    found = list(pieces)
    kinds = {kind for kind, _facts in found}
    pdfs = [facts for kind, facts in found if kind is EvidenceKind.PDF]
    exchanges = [facts for kind, facts in found if _is_exchange(kind, facts)]
    best = max(pdfs, key=_signed, default={})
    paper = bool(kinds & OF_PAPER) or any(facts.get("is_without_paper") is False for facts in exchanges)
    return Proof(
        is_file_seen=bool(exchanges or kinds & OF_FILE),
        is_signed_by_person=bool(best.get("by_person")),
        is_signed_by_organisation=bool(best.get("by_organisation")),
        is_exchanged=bool(exchanges),
        is_without_paper=not paper and any(facts.get("is_without_paper") for facts in exchanges),
        is_refuted=any(facts.get("is_altered") for facts in pdfs),
        is_paper_seen=paper,
    )


def _is_exchange(kind: EvidenceKind, facts: Mapping[str, Any]) -> bool:
    """Whether the document itself went out by it: an envelope that revokes carries the word of that, and not the document."""
    return kind in OF_EXCHANGE and (kind is not EvidenceKind.EDXML or facts.get("business") in _CARRIES)


def _signed(facts: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """How well a file is signed, to be compared."""
    by_person, by_organisation = bool(facts.get("by_person")), bool(facts.get("by_organisation"))
    return by_person and by_organisation, by_organisation, by_person


def reasons_of(pieces: Iterable[Piece]) -> list[Reason]:
    """Why the evidence proves the level it does, in the order in which it is told.

    >>> [reason.value for reason in reasons_of([(EvidenceKind.PDF, {"by_person": True, "by_organisation": True})])]
    ['by_both', 'not_exchanged']
    """
    proof = proof_of(pieces)
    if not proof.is_file_seen:
        return [Reason.PAPER_ONLY if proof.is_paper_seen else Reason.NO_EVIDENCE]
    if proof.is_refuted:
        return [Reason.REFUTED]
    by_both = proof.is_signed_by_person and proof.is_signed_by_organisation
    signed = Reason.BY_ORGANISATION if proof.is_signed_by_organisation else Reason.BY_PERSON
    if not (proof.is_signed_by_person or proof.is_signed_by_organisation):
        return [Reason.FILE_SEEN, Reason.BY_NOBODY]
    if not by_both:
        return [signed]
    if not proof.is_exchanged:
        return [Reason.BY_BOTH, Reason.NOT_EXCHANGED]
    if proof.is_without_paper:
        return [Reason.BY_BOTH, Reason.EXCHANGED, Reason.WITHOUT_PAPER]
    return [Reason.BY_BOTH, Reason.EXCHANGED, Reason.PAPER_TOO if proof.is_paper_seen else Reason.PAPER_NOT_SAID]
