"""Writing into the register what was issued already, and correcting what stands there; former values stay in the audit trail."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from domain.archive.secrecy import BearsMark
from domain.directives.directives import REGISTERED, ChangedMeanwhile, OutgoingState
from domain.ground.errors import FileRefused, NotFound, RuleError, StepNotAllowed
from domain.people.roles import Permission
from storage.directives.evidence import weigh
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from webapp.directives.access import readable
from webapp.directives.fields import has_file
from webapp.directives.outgoing.forms import CorrectionForm, EntryForm
from webapp.directives.outgoing.order import warn_of_gaps
from webapp.directives.uploads import take_file
from webapp.ground.access import audit, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.scopes import kept, kept_unit
from webapp.ground.system import reading, writing

bp = Blueprint("entries", __name__, url_prefix="/directives")

Answer = str | tuple[str, int] | Response
Save = Callable[[Session, EntryForm, tuple[str, str] | None], OutgoingDocument]
_FIELDS = (
    "unit_id", "number", "suffix", "symbol", "dated", "kind", "abstract", "signer", "signer_title", "direction", "recipients",
    "copy_keeper", "copies", "transferred_on", "receipt", "note", "urgency", "form", "is_signed_by_person",
    "is_signed_by_organisation", "channel", "file_name",
)  # fmt: skip


@bp.get("/entries/new")
@shows(Permission.KEEP_REGISTERS)
def new(session: Session) -> str:
    """The form for a document that was issued already."""
    return _page(session, EntryForm(), None)


def _page(session: Session, form: EntryForm, document: OutgoingDocument | None, refusal: str = "") -> str:
    form.offer(session)
    return render_template("directives/outgoing/entry.html", form=form, document=document, refusal=refusal)


@bp.post("/entries/new")
@requires(Permission.KEEP_REGISTERS)
def enter() -> Answer:
    """Write a document into the register that was issued already; without a number it is given the next one."""

    def save(session: Session, form: EntryForm, taken: tuple[str, str] | None) -> OutgoingDocument:
        document = OutgoingDocument(drafted_by_id=me().id, state=OutgoingState.ISSUED, mark="/", suffix="", symbol="")
        _write(session, document, form, taken)
        audit(session, "outgoing_entered", subject=("outgoing", document.id), facts={"number": document.written_number})
        return document

    return _save(EntryForm(), None, save)


@bp.get("/<int:outgoing_id>/correct")
@shows(Permission.KEEP_REGISTERS)
def correct(session: Session, outgoing_id: int) -> str:
    """The form for correcting what stands in the register."""
    document = _entered(session, outgoing_id)
    form = CorrectionForm(formdata=None)
    form.read(document)
    form.attestation.data = True
    return _page(session, form, document)


@bp.post("/<int:outgoing_id>/correct")
@requires(Permission.KEEP_REGISTERS)
def save_correction(outgoing_id: int) -> Answer:
    """Correct what stands in the register, with a reason."""
    with reading() as session:
        _entered(session, outgoing_id)

    def save(session: Session, form: EntryForm, taken: tuple[str, str] | None) -> OutgoingDocument:
        document = OutgoingDocuments(session).hold(outgoing_id, kept(session))
        if not form.is_about(document):
            raise ChangedMeanwhile
        before = {name: getattr(document, name) for name in _FIELDS}
        _write(session, document, form, taken)
        former = {name: _plain(value) for name, value in before.items() if getattr(document, name) != value}
        audit(
            session,
            "outgoing_corrected",
            subject=("outgoing", document.id),
            facts={"because": form.because.data, "former": former},
        )
        return document

    return _save(CorrectionForm(), outgoing_id, save)


def _plain(value: Any) -> Any:
    """The value as the audit trail keeps it."""
    return value.isoformat() if isinstance(value, date) else value.value if isinstance(value, Enum) else value


def _entered(session: Session, outgoing_id: int) -> OutgoingDocument:
    document = readable(session, outgoing_id)
    kept_unit(session, document.unit_id)
    if document.state not in REGISTERED:
        raise StepNotAllowed(document.state, "correct")
    return document


def _save(form: EntryForm, outgoing_id: int | None, save: Save) -> Answer:
    with reading() as session:
        form.offer(session)
    if not form.validate():
        return _again(form, outgoing_id)
    try:
        taken = take_file(form.file.data) if has_file(form.file) else None
    except (FileRefused, BearsMark) as refused:
        form.file.errors = [sentence(refused)[1]]
        return _again(form, outgoing_id)
    try:
        with writing() as session:
            document = save(session, form, taken)
            warn_of_gaps(session, document)
            saved_id, number = document.id, document.written_number
    except NotFound:
        raise
    except (StaleDataError, IntegrityError):
        return _again(form, outgoing_id, ChangedMeanwhile())
    except RuleError as error:
        return _again(form, outgoing_id, error)
    flash(_("Đã ghi %(number)s vào sổ.", number=number or _("văn bản")), "success")
    return redirect(url_for("outgoing.one", outgoing_id=saved_id), 303)


def _again(form: EntryForm, outgoing_id: int | None, error: RuleError | None = None) -> Answer:
    """The form as it was filled in, and why it was not saved."""
    status, refusal = sentence(error) if error else (422, "")
    with reading() as session:
        document = readable(session, outgoing_id) if outgoing_id else None
        if document:
            form.revision.data = str(document.revision)
        return _page(session, form, document, refusal), status


def _write(session: Session, document: OutgoingDocument, form: EntryForm, taken: tuple[str, str] | None) -> None:
    kept_unit(session, int(form.unit.data))
    with session.no_autoflush:
        form.write(document)
        if taken:
            document.file_sha256, document.file_name = taken
        _number(Numbering(session, document.unit_id), document, form)
    session.add(document)
    session.flush()
    weigh(session, document)


def _number(numbering: Numbering, document: OutgoingDocument, form: EntryForm) -> None:
    """Give it the number that is typed, or that it has, or the next one: no correction takes a number away."""
    number, suffix, symbol = form.parsed() or (0, "", "")
    if not number and document.number is not None:
        number, suffix = document.number, document.suffix
    if not number:
        numbering.give(document, form.dated.data, symbol=symbol)
        return
    usual, mark = numbering.symbol_on(form.dated.data, document.kind)
    document.symbol, document.mark = symbol or usual, document.mark or mark
    numbering.place(document, number, suffix, form.dated.data)
