"""One document: the scan with its words, what is known of it, where its reading stands. Files are in downloads.py, fields in fields.py."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.archive.work import SHOWN, UNSETTLED, Standing, State
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.archive.documents import Document, Documents
from storage.archive.intake import Batches
from storage.archive.work import OPENING, Ledger
from storage.ground.audit import AuditTrail
from webapp.archive.field_forms import KIND_NAMES, FieldForm, form_of
from webapp.archive.numbers import full_number
from webapp.archive.sheets import Place, sheet
from webapp.ground.access import audiences, audit, requires
from webapp.ground.system import reading, writing
from webapp.ground.words import FIELDS, SOURCES, STANDINGS, STATES, reason_in_words

bp = Blueprint("document", __name__)
bp.add_app_template_global(full_number)
bp.add_app_template_global(STANDINGS.__getitem__, "standing_in_words")

_LIVE = frozenset({Standing.ARRIVING, Standing.WAITING, Standing.READING})


def visible(session: Session, document_id: int) -> Document:
    """The document, if whoever asks may know of it; raises NotFound."""
    return Documents(session).get(document_id, audiences(session))


def readable(session: Session, document_id: int) -> Document:
    """The document, if whoever asks may read it now; raises NotFound, also for what is set aside or destroyed."""
    document = visible(session, document_id)
    if document.standing not in SHOWN:
        raise NotFound("document", document_id)
    return document


@bp.get("/archive/documents/<int:document_id>")
@requires(Permission.FIND)
def document(document_id: int) -> str:
    """A document at the page, the hit and the panel that the address names."""
    with reading() as session:
        shown = visible(session, document_id)
        if shown.standing not in SHOWN:
            return render_template("archive/hidden.html", document=shown)
        place = Place.of(document_id, request.args)
        form = form_of(shown, place.edit) if place.edit else None
        return show(session, shown, place, form)


def show(session: Session, shown: Document, place: Place, form: FieldForm | None) -> str:
    """The page of a document, or its desk alone when somebody turns a page."""
    is_turning = request.headers.get("HX-Target") in ("desk", "sheet")
    lying = sheet(session, shown, place)
    return render_template(
        "archive/desk.html" if is_turning else "archive/document.html",
        document=shown,
        place=place,
        sheet=lying,
        form=form,
        evidence=_evidence(shown, place, lying.number),
        trail=AuditTrail(session).of("document", shown.id) if place.panel == "history" else [],
        batch=Batches(session).get(shown.batch_id),
        fields=FIELDS,
        sources=SOURCES,
        states=STATES,
        kind_names=KIND_NAMES,
        reason_in_words=reason_in_words,
        **_progress(session, shown),
    )


def _evidence(document: Document, place: Place, number: int) -> object:
    field = document.field(place.field) if place.field else None
    return field.box if field and field.page == number else None


def _progress(session: Session, document: Document) -> dict[str, object]:
    """How far the reading is, and which steps it admits."""
    ledger = Ledger(session)
    counts = ledger.counts(document.id)
    opening = ledger.between(document.id, OPENING, OPENING).get(OPENING)
    states = {*counts, *([opening.state] if opening else [])}
    return {
        "counts": {state: counts.get(state, 0) for state in State},
        "is_live": document.standing in _LIVE,
        "can_cancel": bool(states & UNSETTLED),
        "can_retry": bool(states & {State.FAILED, State.CANCELLED}),
    }


@bp.get("/archive/documents/<int:document_id>/state")
@requires(Permission.FIND)
def state(document_id: int) -> str:
    """Where the reading of a document stands, for the page that is open."""
    with reading() as session:
        shown = visible(session, document_id)
        return render_template("archive/state.html", document=shown, **_progress(session, shown))


@bp.post("/archive/documents/<int:document_id>/cancel")
@requires(Permission.DIRECT_READING)
def cancel(document_id: int) -> Response:
    """Stop reading a document; what is read stays."""
    with writing() as session:
        stopped = readable(session, document_id)
        Ledger(session).cancel(stopped)
        audit(session, "reading_cancelled", subject=("document", document_id))
    flash(_("Đã dừng đọc tài liệu này. Các trang đã đọc vẫn được giữ."), "success")
    return redirect(url_for("document.document", document_id=document_id), 303)


@bp.post("/archive/documents/<int:document_id>/retry")
@requires(Permission.DIRECT_READING)
def retry(document_id: int) -> Response:
    """Have everything read again that failed or was stopped."""
    with writing() as session:
        Ledger(session).retry(readable(session, document_id))
        audit(session, "reading_retried", subject=("document", document_id))
    flash(_("Các trang chưa đọc được đã vào hàng chờ đọc lại."), "success")
    return redirect(url_for("document.document", document_id=document_id), 303)


@bp.post("/archive/documents/<int:document_id>/pages/<int:page>/retry")
@requires(Permission.DIRECT_READING)
def retry_page(document_id: int, page: int) -> Response:
    """Have one page read again that failed or was stopped."""
    with writing() as session:
        Ledger(session).retry(readable(session, document_id), page)
        audit(session, "page_retried", subject=("document", document_id), facts={"page": page})
    flash(_("Trang %(page)s đã vào hàng chờ đọc lại.", page=page), "success")
    return redirect(url_for("document.document", document_id=document_id, page=page), 303)
