"""Archival places: fonds, their catalogues, and the record files in them with the fields of TT 05/2025."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from domain.people.roles import Permission
from storage.archive.documents import Documents
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from webapp.archive import place_forms as words
from webapp.archive.place_forms import CatalogueForm, FondsForm, RecordFileForm
from webapp.ground.access import audit, requires, shows
from webapp.ground.system import reading, settings, writing

bp = Blueprint("places", __name__, url_prefix="/archive/places")

FILES_A_PAGE = 50

Answer = tuple[str, int] | str | Response


@bp.get("")
@shows(Permission.MANAGE_PLACES)
def places(session: Session) -> str:
    """Every fonds with its catalogues, and how much lies in them."""
    found = Places(session)
    return render_template(
        "archive/places.html",
        all_fonds=found.fonds(),
        files=found.count_record_files(),
        documents=Documents(session).count_by_catalogue(),
    )


@bp.get("/catalogues/<int:catalogue_id>")
@shows(Permission.MANAGE_PLACES)
def catalogue(session: Session, catalogue_id: int) -> str:
    """The record files of a catalogue."""
    page = max(1, request.args.get("page", 1, int))
    found = Places(session)
    shown = found.get_catalogue(catalogue_id)
    files = found.record_files_of(shown, limit=FILES_A_PAGE, offset=(page - 1) * FILES_A_PAGE)
    return render_template(
        "archive/catalogue.html",
        catalogue=shown,
        files=files,
        documents=Documents(session).count_by_record_file([file.id for file in files]),
        page=page,
        last=max(1, -(-found.count_record_files().get(catalogue_id, 0) // FILES_A_PAGE)),
        words=words,
    )


@bp.get("/record-files/<int:record_file_id>")
@shows(Permission.MANAGE_PLACES)
def record_file(session: Session, record_file_id: int) -> str:
    """One record file."""
    shown = Places(session).get(record_file_id)
    return render_template(
        "archive/record_file.html",
        file=shown,
        code=shown.code(settings().archive_agency_code),
        has_agency=bool(settings().archive_agency_code),
        documents=Documents(session).count_by_record_file([shown.id]).get(shown.id, 0),
        words=words,
    )


@bp.route("/fonds/new", methods=["GET", "POST"])
@bp.route("/fonds/<int:fonds_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_fonds(fonds_id: int | None = None) -> Answer:
    """What is recorded of a fonds, or a new one."""
    with writing() if request.method == "POST" else reading() as session:
        found = Places(session)
        fonds = found.get_fonds(fonds_id) if fonds_id else None
        form = FondsForm(obj=fonds)
        if request.method == "GET":
            return _form(form, fonds=fonds)
        if not form.validate() or not form.check_unique(found, fonds):
            return _form(form, fonds=fonds), 422
        saved = fonds or Fonds()
        form.populate_obj(saved)
        _save(session, saved, "fonds", is_new=fonds is None, name=saved.code)
    return _saved(url_for(".places"))


@bp.route("/fonds/<int:fonds_id>/catalogues/new", methods=["GET", "POST"])
@bp.route("/catalogues/<int:catalogue_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_catalogue(fonds_id: int = 0, catalogue_id: int | None = None) -> Answer:
    """What is recorded of a catalogue, or a new one of a fonds."""
    with writing() if request.method == "POST" else reading() as session:
        found = Places(session)
        catalogue = found.get_catalogue(catalogue_id) if catalogue_id else None
        fonds = catalogue.fonds if catalogue else found.get_fonds(fonds_id)
        form = CatalogueForm(obj=catalogue)
        if request.method == "GET":
            return _form(form, fonds=fonds, catalogue=catalogue)
        if not form.validate() or not form.check_unique(found, fonds.id, catalogue):
            return _form(form, fonds=fonds, catalogue=catalogue), 422
        saved = catalogue or Catalogue(fonds_id=fonds.id)
        form.populate_obj(saved)
        _save(session, saved, "catalogue", is_new=catalogue is None, name=f"{fonds.code}.{saved.number}")
        saved_id = saved.id
    return _saved(url_for(".catalogue", catalogue_id=saved_id))


@bp.route("/record-files/new", methods=["GET", "POST"])
@bp.route("/record-files/<int:record_file_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_record_file(record_file_id: int | None = None) -> Answer:
    """What is recorded of a record file, or a new one; `next=intake` leads on to bringing papers into it."""
    with writing() if request.method == "POST" else reading() as session:
        found = Places(session)
        file = found.get(record_file_id) if record_file_id else None
        form = _record_file_form(found, file)
        if not form.catalogue.choices:
            flash(_("Chưa có phông và mục lục nào. Hãy lập phông, rồi mục lục, rồi mới lập hồ sơ."), "warn")
            return redirect(url_for(".places"), 303)
        if request.method == "GET":
            return _form(form, file=file)
        if not form.validate() or not form.check_unique(found, file):
            return _form(form, file=file), 422
        saved = file or RecordFile()
        form.fill(saved)
        _save(session, saved, "record_file", is_new=file is None, name=saved.number)
        saved_id = saved.id
    if request.args.get("next") == "intake":
        return _saved(url_for("intake.new", record_file=saved_id))
    return _saved(url_for(".record_file", record_file_id=saved_id))


def _record_file_form(found: Places, file: RecordFile | None) -> RecordFileForm:
    form = RecordFileForm()
    form.catalogue.choices = [
        SelectChoice(str(catalogue.id), f"{fonds.code} {fonds.name} · {catalogue.number} {catalogue.title}".rstrip())
        for fonds in found.fonds()
        for catalogue in fonds.catalogues
    ]
    if request.method == "GET" and file:
        form.show(file)
    elif request.method == "GET":
        form.catalogue.data = request.args.get("catalogue", "")
    return form


def _form(form: Any, **things: Any) -> str:
    return render_template("archive/place_form.html", form=form, kind=type(form).__name__, **things)


def _save(session: Session, record: Fonds | Catalogue | RecordFile, kind: str, *, is_new: bool, name: str) -> None:
    session.add(record)
    session.flush()
    audit(session, f"{kind}_{'created' if is_new else 'changed'}", subject=(kind, record.id), facts={"name": name})


def _saved(address: str) -> Response:
    flash(_("Đã lưu."), "success")
    return redirect(address, 303)
