"""One document: the scan with its words, what is known of it, where its reading stands. Files are in downloads.py, fields in fields.py."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.archive.work import SHOWN
from domain.people.roles import Permission
from storage.archive.work import Ledger
from webapp.archive.access import readable, visible
from webapp.archive.desk import progress, show
from webapp.archive.field_forms import form_of
from webapp.archive.numbers import full_number
from webapp.archive.sheets import Place
from webapp.ground.access import audit, shows, writes
from webapp.ground.words import STANDINGS

bp = Blueprint("document", __name__)
bp.add_app_template_global(full_number)
bp.add_app_template_global(STANDINGS.__getitem__, "standing_in_words")


@bp.get("/archive/documents/<int:document_id>")
@shows(Permission.FIND)
def document(session: Session, document_id: int) -> str:
    """A document at the page, the hit and the panel that the address names."""
    shown = visible(session, document_id)
    if shown.standing not in SHOWN:
        return render_template("archive/hidden.html", document=shown)
    place = Place.of(document_id, request.args)
    form = form_of(shown, place.edit) if place.edit else None
    return show(session, shown, place, form)


@bp.get("/archive/documents/<int:document_id>/state")
@shows(Permission.FIND)
def state(session: Session, document_id: int) -> str:
    """Where the reading of a document stands, for the page that is open."""
    shown = visible(session, document_id)
    return render_template("archive/state.html", document=shown, **progress(session, shown))


@bp.post("/archive/documents/<int:document_id>/cancel")
@writes(Permission.DIRECT_READING)
def cancel(session: Session, document_id: int) -> Response:
    """Stop reading a document; what is read stays."""
    stopped = readable(session, document_id)
    Ledger(session).cancel(stopped)
    audit(session, "reading_cancelled", subject=("document", document_id))
    flash(_("Đã dừng đọc tài liệu này. Các trang đã đọc vẫn được giữ."), "success")
    return redirect(url_for("document.document", document_id=document_id), 303)


@bp.post("/archive/documents/<int:document_id>/retry")
@writes(Permission.DIRECT_READING)
def retry(session: Session, document_id: int) -> Response:
    """Have everything read again that failed or was stopped."""
    Ledger(session).retry(readable(session, document_id))
    audit(session, "reading_retried", subject=("document", document_id))
    flash(_("Các trang chưa đọc được đã vào hàng chờ đọc lại."), "success")
    return redirect(url_for("document.document", document_id=document_id), 303)


@bp.post("/archive/documents/<int:document_id>/pages/<int:page>/retry")
@writes(Permission.DIRECT_READING)
def retry_page(session: Session, document_id: int, page: int) -> Response:
    """Have one page read again that failed or was stopped."""
    Ledger(session).retry(readable(session, document_id), page)
    audit(session, "page_retried", subject=("document", document_id), facts={"page": page})
    flash(_("Trang %(page)s đã vào hàng chờ đọc lại.", page=page), "success")
    return redirect(url_for("document.document", document_id=document_id, page=page), 303)
