"""What is on its way to a number: the list by whose turn it is, and the form of a draft."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.archive.secrecy import BearsMark
from domain.directives.directives import OutgoingState
from domain.ground.errors import FileRefused, StepNotAllowed
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from webapp.directives import words
from webapp.directives.access import readable
from webapp.directives.beginnings import beginning_asked_for
from webapp.directives.fields import has_file
from webapp.directives.outgoing.forms import DraftForm, signers_of
from webapp.directives.uploads import take_file
from webapp.ground.access import audit, may, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.picking import answer
from webapp.ground.scopes import kept, kept_unit
from webapp.ground.system import reading, writing

bp = Blueprint("drafts", __name__, url_prefix="/directives/drafts")

Answer = str | tuple[str, int] | Response
_WATCHED = ("unit_id", "kind", "abstract", "signer", "signer_title", "recipients", "direction", "urgency", "file_name")


@bp.get("")
@shows(Permission.DRAFT_DIRECTIVES)
def drafts(session: Session) -> str:
    """What waits for me, what is on its way, and what has a number and is not issued yet."""
    book, mine, for_me = OutgoingDocuments(session), kept(session), _is_for_me()
    is_numbered = OutgoingDocument.state.in_((OutgoingState.NUMBERED, OutgoingState.SIGNED))
    asked = {"mine": [for_me], "others": [~for_me, ~is_numbered], "waiting": [~for_me, is_numbered]}
    show = request.args.get("show", "")
    lists = {
        name: book.unissued(mine, *which, after=request.args.get("after", "") if name == show else "")
        for name, which in asked.items()
        if show in ("", name)
    }
    return render_template("directives/drafts/list.html", lists=lists, words=words)


def _is_for_me() -> ColumnElement[bool]:
    """Whether the next step is mine to take."""
    state = OutgoingDocument.state
    steps = [and_(state == OutgoingState.DRAFT, func.coalesce(OutgoingDocument.drafted_by_id, 0) == me().id)]
    if may(Permission.SIGN_DIRECTIVES):
        steps.append(and_(state == OutgoingState.SUBMITTED, func.coalesce(OutgoingDocument.signer_id, 0) == me().id))
    if may(Permission.KEEP_REGISTERS):
        steps.append(state.not_in((OutgoingState.DRAFT, OutgoingState.SUBMITTED)))
    return or_(*steps)


@bp.get("/signers")
@shows(Permission.DRAFT_DIRECTIVES)
def signers(session: Session) -> dict[str, Any]:
    """The people whom a field offers to sign: those of the units whose register whoever asks keeps."""
    return answer(signers_of(session, kept(session)))


@bp.get("/new")
@shows(Permission.DRAFT_DIRECTIVES)
def new(session: Session) -> str:
    """The form of a new draft."""
    begun = beginning_asked_for(session)
    return _page(session, DraftForm(formdata=None, data=begun.values if begun else None), None)


def _page(session: Session, form: DraftForm, document: OutgoingDocument | None, refusal: str = "") -> str:
    form.offer(session)
    return render_template("directives/drafts/form.html", form=form, document=document, refusal=refusal)


@bp.get("/<int:outgoing_id>")
@shows(Permission.DRAFT_DIRECTIVES)
def edit(session: Session, outgoing_id: int) -> str:
    """The form of a draft that is there."""
    document = _draft(session, outgoing_id)
    form = DraftForm(formdata=None)
    form.read(document)
    return _page(session, form, document)


def _draft(session: Session, outgoing_id: int) -> OutgoingDocument:
    document = readable(session, outgoing_id)
    kept_unit(session, document.unit_id)
    if document.state is not OutgoingState.DRAFT:
        raise StepNotAllowed(document.state, "change")
    return document


@bp.post("/new")
@bp.post("/<int:outgoing_id>")
@requires(Permission.DRAFT_DIRECTIVES)
def save(outgoing_id: int | None = None) -> Answer:
    """Write a new draft, or change one that nobody has submitted, or that was returned."""
    form = DraftForm()
    with reading() as session:
        document = _draft(session, outgoing_id) if outgoing_id else None
        form.offer(session)
        if not form.validate():
            return _page(session, form, document), 422
        try:
            form.signer_among(session)
        except ValueError as error:
            form.signer.errors = [str(error)]
            return _page(session, form, document), 422
        try:
            taken = take_file(form.file.data) if has_file(form.file) else None
        except (FileRefused, BearsMark) as refused:
            form.file.errors = [sentence(refused)[1]]
            return _page(session, form, document), 422
    with writing() as session:
        document = _held(session, outgoing_id)
        if document.id and not form.is_about(document):
            return _overtaken(session, form, document)
        saved_id = _write(session, document, form, taken)
    flash(_("Đã lưu dự thảo."), "success")
    return redirect(url_for("outgoing.one", outgoing_id=saved_id), 303)


def _overtaken(session: Session, form: DraftForm, document: OutgoingDocument) -> Answer:
    """What was typed, and beside it what somebody else has saved meanwhile; saving again is a decision."""
    form.revision.data = str(document.revision)
    said = _(
        "Người khác vừa lưu dự thảo này nên bản của bạn chưa được lưu. Bản mới nhất: “%(abstract)s”. "
        "Hãy xem lại; bấm “Lưu dự thảo” lần nữa để lưu bản của bạn thay cho bản đó.",
        abstract=document.abstract,
    )
    return _page(session, form, document, said), 409


def _held(session: Session, outgoing_id: int | None) -> OutgoingDocument:
    if outgoing_id is None:
        return OutgoingDocument(drafted_by_id=me().id)
    document = OutgoingDocuments(session).hold(outgoing_id, kept(session))
    if document.state is not OutgoingState.DRAFT:
        raise StepNotAllowed(document.state, "change")
    return document


def _write(session: Session, document: OutgoingDocument, form: DraftForm, taken: tuple[str, str] | None) -> int:
    is_new, before = document.id is None, {name: getattr(document, name) for name in _WATCHED}
    kept_unit(session, int(form.unit.data))
    form.write(document, form.signer_among(session))
    if taken:
        document.file_sha256, document.file_name = taken
    session.add(document)
    session.flush()
    if is_new and (begun := beginning_asked_for(session)):
        begun.link(document)
    changed = sorted(name for name, value in before.items() if getattr(document, name) != value)
    facts: dict[str, Any] = {"unit": document.unit_id} if is_new else {"fields": changed}
    audit(session, "draft_written" if is_new else "draft_changed", subject=("outgoing", document.id), facts=facts)
    return document.id
