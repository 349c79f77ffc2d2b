"""Signing and issuing an outgoing document as records: what the register then claims, which evidence comes of it, whom it replaces."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from domain.directives.deliveries import Sending
from domain.directives.directives import OutgoingStep, take
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Form
from domain.directives.issuing import Signed, issue_plan
from domain.ground.clock import day_of, now
from storage.directives.deliveries import reach_of, write_deliveries
from storage.directives.evidence import Evidence, EvidencePieces, record, weigh
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
    session: Session, outgoing: OutgoingDocument, sending: Sending, *, is_paper_too: bool, by: Person, public_url: str
) -> list[OutgoingDocument]:
    """Issue a signed document and send it to these; returns the documents that it replaces by that. Raises what `issue_plan` raises."""
    reach = reach_of(session, outgoing, sending)
    formers = {one.id: one for one in outgoing.replaces}
    states = {key: one.state for key, one in formers.items()}
    signed = Signed(outgoing.state, outgoing.claim, EvidencePieces(session).standing(outgoing), states)
    plan = issue_plan(signed, sending, reach, is_paper_too=is_paper_too, at=now())
    outgoing.state, outgoing.claim = plan.state, plan.claim
    outgoing.claimed, outgoing.evidenced = plan.claimed, plan.evidenced
    outgoing.sent_at, outgoing.transferred_on = plan.at, outgoing.transferred_on or day_of(plan.at)
    for kind, facts in plan.evidence:
        session.add(Evidence(outgoing=outgoing, kind=kind, at=plan.at, facts=dict(facts), recorded_by_id=by.id))
    write_deliveries(session, outgoing, plan.deliveries, by=by, public_url=public_url)
    for key, state in plan.replaced.items():
        formers[key].state = state
    return [formers[key] for key in plan.replaced]
