"""Confirming and correcting the fields of a document."""

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.people.roles import Permission
from storage.archive.documents import Documents
from webapp.archive.access import readable
from webapp.archive.desk import show
from webapp.archive.field_forms import form_of
from webapp.archive.sheets import Place
from webapp.ground.access import audit, me, requires, writes
from webapp.ground.system import reading, writing
from webapp.ground.words import FIELDS

bp = Blueprint("fields", __name__)


@bp.post("/archive/documents/<int:document_id>/fields/<name>")
@requires(Permission.BRING_IN)
def save(document_id: int, name: str) -> Response | tuple[str, int]:
    """Keep a person's word for one field: as it was proposed, or corrected."""
    place = Place.of(document_id, request.args)
    with reading() as session:
        document = readable(session, document_id)
        form = form_of(document, name)
        if not form.validate_on_submit():
            return show(session, document, place, form), 422
    with writing() as session:
        before = Documents(session).confirm(readable(session, document_id), name, form.kept, me().id)
        act = "field_confirmed" if before == form.kept else "field_corrected"
        audit(session, act, subject=("document", document_id), facts={"field": name})
    flash(_("Đã lưu “%(field)s”.", field=FIELDS[name]), "success")
    return redirect(place.to(), 303)


@bp.post("/archive/documents/<int:document_id>/fields")
@writes(Permission.BRING_IN)
def confirm_all(session: Session, document_id: int) -> Response:
    """Confirm every proposed field as it stands."""
    document = readable(session, document_id)
    for field in [field for field in document.fields if field.confirmed_by_id is None and field.name != "secrecy"]:
        Documents(session).confirm(document, field.name, field.value, me().id)
        audit(session, "field_confirmed", subject=("document", document_id), facts={"field": field.name})
    flash(_("Đã xác nhận các thông tin."), "success")
    return redirect(Place.of(document_id, request.args).to(), 303)
