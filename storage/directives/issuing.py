"""Signing and issuing an outgoing document as records: what the register then claims, which evidence comes of it, whom it replaces."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from domain.directives.directives import COUNTED, OutgoingStep, claim_at_issue, take
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel, Form
from domain.ground.clock import now, today
from storage.directives.deliveries import Addressee, deliver
from storage.directives.evidence import record, weigh
from storage.directives.outgoing import OutgoingDocument
from storage.people.people import Person


def keep_file(outgoing: OutgoingDocument, sha256: str, name: str) -> None:
    """Have the document be that file."""
    outgoing.file_sha256, outgoing.file_name = sha256, name


def sign_digitally(session: Session, outgoing: OutgoingDocument, facts: Mapping[str, Any], person: Person) -> None:
    """The document is the file it bears, which carries these signatures (domain/evidence.facts_of_pdf). Raises StepNotAllowed."""
    outgoing.state = take(outgoing.state, OutgoingStep.SIGN)
    _record_pdf(session, outgoing, facts, person)


def sign_on_paper(session: Session, outgoing: OutgoingDocument, facts: Mapping[str, Any] | None, person: Person) -> None:
    """The original is paper; `facts` are those of the signatures on a scan of it, if it is the file. Raises StepNotAllowed."""
    outgoing.state = take(outgoing.state, OutgoingStep.SIGN)
    outgoing.form, outgoing.is_signed_by_person = Form.PAPER, False
    if facts is None:
        outgoing.is_signed_by_organisation = False
        weigh(session, outgoing)
    else:
        _record_pdf(session, outgoing, facts, person)


def _record_pdf(session: Session, outgoing: OutgoingDocument, facts: Mapping[str, Any], person: Person) -> None:
    record(session, outgoing, EvidenceKind.PDF, facts=facts, sha256=outgoing.file_sha256, name=outgoing.file_name, by=person)


def issue(
    session: Session,
    outgoing: OutgoingDocument,
    channel: Channel,
    *,
    is_paper_too: bool,
    to: Sequence[Addressee],
    due: date | None,
    person: Person,
    public_url: str,
) -> list[OutgoingDocument]:
    """Issue a signed document and send it to these; returns the documents that it replaces by that. Raises StepNotAllowed."""
    outgoing.state = take(outgoing.state, OutgoingStep.ISSUE)
    claim = claim_at_issue(outgoing.claim, channel, is_paper_too=is_paper_too)
    outgoing.form, outgoing.channel = claim.form, claim.channel
    outgoing.is_signed_by_person, outgoing.is_signed_by_organisation = (
        claim.is_signed_by_person,
        claim.is_signed_by_organisation,
    )
    outgoing.sent_at, outgoing.transferred_on = now(), outgoing.transferred_on or today()
    session.flush()
    if channel is Channel.SYSTEM:
        record(session, outgoing, EvidenceKind.ISSUED_HERE, facts={"is_without_paper": not is_paper_too}, by=person)
    deliver(session, outgoing, to=to, channel=channel, by=person, due=due, public_url=public_url)
    weigh(session, outgoing)
    return replace_former(outgoing)


def replace_former(outgoing: OutgoingDocument) -> list[OutgoingDocument]:
    """Have an issued document stand in the place of those it replaces and that stood until now; returns them."""
    stood = [former for former in outgoing.replaces if former.state in COUNTED]
    for former in stood:
        former.state = take(former.state, OutgoingStep.REPLACE)
    return stood
