"""Which forms the page of a document offers to whoever looks at it: those of the next step, and of what else may be done."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from domain.directives.directives import OutgoingState, OutgoingStep, steps_from
from domain.directives.issuance import Channel
from domain.directives.looks import WITHHOLDABLE
from domain.ground.clock import today
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.deliveries import units_below
from storage.directives.files import files_of, looks
from storage.directives.outgoing import OutgoingDocument
from storage.people.units import Unit, Units
from webapp.directives.forms import IssueFormOf, MarkSeenForm, NumberForm, ReasonForm, SignForm, StepForm
from webapp.ground.access import may, me
from webapp.ground.forms import Form
from webapp.ground.system import settings


def offered(session: Session, document: OutgoingDocument, *, is_kept: bool) -> dict[str, Form]:
    """The forms by the name of their act."""
    return dict(_offered(session, document, is_kept=is_kept))


def _offered(session: Session, document: OutgoingDocument, *, is_kept: bool) -> Iterator[tuple[str, Form]]:
    steps, about = steps_from(document.state), {"formdata": None, "revision": str(document.revision)}
    is_signer = is_kept and document.signer_id == me().id and may(Permission.SIGN_DIRECTIVES)
    drafts = is_kept and may(Permission.DRAFT_DIRECTIVES)
    keeps = is_kept and may(Permission.KEEP_REGISTERS)
    if drafts and OutgoingStep.SUBMIT in steps:
        yield "submit", StepForm(**about)
    if drafts and OutgoingStep.DROP in steps:
        yield "drop", StepForm(**about)
    if is_signer and OutgoingStep.APPROVE in steps:
        yield "approve", StepForm(**about)
    if is_signer and OutgoingStep.RETURN in steps:
        yield "give_back", ReasonForm(**about)
    if drafts and document.state is OutgoingState.SUBMITTED:
        yield "withdraw", StepForm(**about)
    if (keeps or is_signer) and OutgoingStep.SIGN in steps:
        yield "sign", sign_form(document, is_keeper=keeps, **about)
    if keeps:
        yield from _of_keepers(session, document, about)


def _of_keepers(session: Session, document: OutgoingDocument, about: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    steps = steps_from(document.state)
    if OutgoingStep.NUMBER in steps:
        yield "number", NumberForm(**about, dated=today())
    if OutgoingStep.CANCEL in steps:
        yield "cancel", ReasonForm(**about)
    if OutgoingStep.ISSUE in steps:
        yield "issue", issue_form(session, document, **about)
    if any(look in WITHHOLDABLE for look in looks(session, files_of(session, document)).values()):
        yield "withhold", MarkSeenForm(**about)
    if OutgoingStep.REVOKE in steps:
        yield "revoke", ReasonForm(**about)
    if OutgoingStep.REPLACE in steps and document.replacement is None:
        yield "replace", StepForm(**about)


def sign_form(document: OutgoingDocument, *, is_keeper: bool, **about: Any) -> SignForm:
    """How the document may be signed here: with the organisation's key only by the keeper of the register, and only a PDF."""
    form = SignForm(**about)
    is_pdf = document.file_name.lower().endswith(".pdf") or bool(document.content)
    form.offer(has_key=is_keeper and settings().signing_key is not None and is_pdf)
    return form


def issue_form(session: Session, document: OutgoingDocument, **about: Any) -> IssueFormOf:
    """To whom the document may go, and how."""
    form = IssueFormOf(**{"channel": Channel.SYSTEM.value, **about})
    units = receivers(session, document.unit)
    below = {unit.id for unit in units_below(session, document.unit, today())}
    form.offer(units, [unit.id for unit in units if unit.id in below])
    return form


def receivers(session: Session, issuer: Unit) -> list[Unit]:
    """The units that a unit writes to here: the one above it and those that stand below it, nearest first, then all others."""
    kinds = list(UnitKind)
    others = [unit for unit in Units(session).on(today()) if unit.id != issuer.id and unit.kind is not UnitKind.OFFICE]

    def nearness(unit: Unit) -> tuple[bool, bool, int, str]:
        return unit.parent_id != issuer.id, unit.id != issuer.parent_id, kinds.index(unit.kind), unit.name

    return sorted(others, key=nearness)
