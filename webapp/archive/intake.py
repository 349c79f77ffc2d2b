"""Bringing papers in: the form with its attestation, each file as it comes, and the batch with what became of it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, BinaryIO, cast
from urllib.parse import unquote

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import ValidationError

from domain.archive.intake import Outcome, group_pages
from domain.archive.work import Standing
from domain.ground.clock import now
from domain.ground.errors import NotAllowed, NotFound, StepNotAllowed
from domain.ground.files import Refusal
from domain.people.access import Access
from domain.people.roles import Permission
from storage.archive.documents import Document, Documents
from storage.archive.intake import Batch, Batches, Receipt, open_batch
from storage.archive.places import CandidateRecordFiles, Places
from storage.archive.reception import Arrival, accept_incomplete, receive, refuse
from storage.archive.watched_folder import SLIP, waiting_for_slip
from storage.archive.work import Ledger
from storage.ground.objects import StoreUnavailable
from storage.people.units import Units
from webapp.archive.batch_form import BatchForm, standing_units
from webapp.ground.access import audit, me, requires, shows, writes
from webapp.ground.picking import answer
from webapp.ground.problems import REFUSALS
from webapp.ground.security import csrf
from webapp.ground.system import reading, settings, system, writing
from webapp.ground.words import OUTCOMES, STANDINGS, reason_in_words

bp = Blueprint("intake", __name__)

BATCHES_A_PAGE, ROWS_A_PAGE = 20, 50
OPEN_FOR = timedelta(hours=24)  # how long files may follow the attestation of their batch
_MIB = 1024 * 1024

Answer = tuple[Any, int] | str | Response


@bp.get("/archive/batches")
@shows(Permission.BRING_IN)
def batches(session: Session) -> str:
    """All batches, newest first."""
    page = max(1, request.args.get("page", 1, int))
    found = Batches(session)
    shown = found.latest(BATCHES_A_PAGE, (page - 1) * BATCHES_A_PAGE)
    ids = [batch.id for batch in shown]
    return render_template(
        "archive/batches.html",
        batches=shown,
        outcomes=found.outcomes(ids),
        standings=found.standings(ids),
        page=page,
        last=_last_page(found.count(), BATCHES_A_PAGE),
        waiting_lots=_waiting_lots(),
        slip=SLIP,
    )


def _waiting_lots() -> list[str]:
    """The lots of the watched folder that nobody has attested."""
    root = settings().watched_dir
    return waiting_for_slip(root) if root else []


@bp.get("/archive/batches/record-files")
@shows(Permission.BRING_IN)
def record_files(session: Session) -> dict[str, Any]:
    """The record files that a field offers."""
    return answer(CandidateRecordFiles(session))


@bp.get("/archive/batches/units")
@shows(Permission.BRING_IN)
def units(session: Session) -> dict[str, Any]:
    """The units that a field offers to restrict a batch to."""
    return answer(standing_units(session))


@bp.get("/archive/batches/new")
@shows(Permission.BRING_IN)
def new(session: Session) -> Answer:
    """The form of a new batch."""
    form = _form(session)
    if request.method == "GET" and (place := request.args.get("record_file", type=int)):
        form.record_file.keys = [str(place)]
    return _show_form(form)


@bp.post("/archive/batches")
@requires(Permission.BRING_IN)
def begin() -> Answer:
    """Open a batch on the word of whoever asks; files that come with the form are taken in at once."""
    files = [file for file in request.files.getlist("files") if file.filename]
    with reading() as session:
        form = _form(session)
        is_valid = form.validate()
        if is_valid and not files and not _wants_json():
            form.files.errors = [_("Chưa có tệp nào. Hãy chọn các tệp cần nhập.")]
            is_valid = False
        if not is_valid:
            return ({"errors": _errors(form)}, 422) if _wants_json() else (_show_form(form), 422)
    batch_id = _open(form)
    if _wants_json():
        return {"page": url_for(".batch", batch_id=batch_id), "files": url_for(".take", batch_id=batch_id)}, 201
    _take_all(batch_id, files, groups=form.groups.data)
    return redirect(url_for(".batch", batch_id=batch_id), 303)


def _form(session: Session) -> BatchForm:
    form = BatchForm()
    form.offer(session)
    return form


def _show_form(form: BatchForm) -> str:
    return render_template("archive/intake.html", form=form, limit=settings().max_upload_mb * _MIB)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _errors(form: BatchForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


def _open(form: BatchForm) -> int:
    with writing() as session:
        access, person = Access(form.access.data), me()
        return open_batch(
            session,
            source="web",
            person=person,
            attested_by=person.name,
            record_file=Places(session).get(int(form.record_file.keys[0])) if form.record_file.keys else None,
            access=access,
            unit=Units(session).get(int(form.unit.keys[0])) if form.unit.keys and access is Access.RESTRICTED else None,
            address=request.remote_addr or "",
        ).id


def _take_all(batch_id: int, files: Sequence[FileStorage], *, groups: bool) -> None:
    """Take in the files of a plain form; what the store could not take is named, so that it is sent again."""
    lost = []
    for arrival in _arrivals(files, groups=groups):
        try:
            receive(system().database, system().objects, batch_id, arrival, limit=settings().max_upload_mb * _MIB)
        except StoreUnavailable:
            lost.append(arrival.name)
    if lost:
        flash(_("Kho tệp không ghi được nên chưa nhận: %(names)s. Hãy nhập lại các tệp này.", names=", ".join(lost)), "error")


def _arrivals(files: Sequence[FileStorage], *, groups: bool) -> Iterator[Arrival]:
    named: dict[str, FileStorage] = {}
    alone = []
    for file in files:
        name = _clean(file.filename or "")
        if name in named or not groups:
            alone.append(Arrival(name, cast(BinaryIO, file.stream)))
        else:
            named[name] = file
    yield from alone
    for group in group_pages(list(named)):
        for part, name in enumerate(group, start=1):
            yield Arrival(name, cast(BinaryIO, named[name].stream), group[0] if len(group) > 1 else "", part, len(group))


def _clean(name: str) -> str:
    """A name as it is kept: composed letters, forward slashes, nothing that cannot be printed."""
    composed = unicodedata.normalize("NFC", name).replace("\\", "/")
    return "".join(letter for letter in composed if letter.isprintable()).strip("/")[:1000] or "?"


@bp.post("/archive/batches/groups")
@requires(Permission.BRING_IN)
def groups() -> Answer:
    """Which of the named files are pages of one document."""
    names = request.get_json().get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        abort(400)
    return {"groups": group_pages(names)}, 200


@bp.post("/archive/batches/<int:batch_id>/files")
@csrf.exempt  # type: ignore[untyped-decorator]  # checked below by its header: to look for it in the form would read the file
@requires(Permission.BRING_IN)
def take(batch_id: int) -> Answer:
    """Take in one file, whose bytes are the body and whose name is in the headers; it may be sent again."""
    if current_app.config["WTF_CSRF_ENABLED"]:
        _check_token()
    with reading() as session:
        _check_open(Batches(session).get(batch_id))
    size, limit = request.headers.get("X-File-Size", 0, int), settings().max_upload_mb * _MIB
    if size > limit:  # known before a byte of it is sent
        return _receipt(refuse(system().database, batch_id, _arrival(), Refusal.TOO_LARGE))
    if size != (request.content_length or 0):
        abort(400)
    request.max_content_length = limit
    return _receipt(receive(system().database, system().objects, batch_id, _arrival(), limit=limit))


def _check_token() -> None:
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError:
        abort(400)


def _check_open(batch: Batch) -> None:
    """Only who has attested brings in, and not for ever: another day's papers need another look."""
    if batch.person_id != me().id:
        raise NotAllowed(Permission.BRING_IN)
    if batch.created_at + OPEN_FOR < now():
        raise StepNotAllowed("closed", "bring_in")


def _arrival() -> Arrival:
    def header(name: str) -> str:
        return unquote(request.headers.get(name, ""))

    part, parts = (request.headers.get(name, 1, int) for name in ("X-File-Part", "X-File-Parts"))
    if not 1 <= part <= parts:
        abort(400)
    group = header("X-File-Group")
    name, stream = _clean(header("X-File-Name")), cast(BinaryIO, request.stream)
    return Arrival(name, stream, _clean(group), part, parts) if group else Arrival(name, stream)


def _receipt(receipt_id: int) -> Answer:
    with reading() as session:
        receipt = session.get_one(Receipt, receipt_id)
        word, look = OUTCOMES[receipt.outcome]
        return {
            "outcome": receipt.outcome,
            "word": str(word),
            "look": look,
            "reason": str(REFUSALS[Refusal(receipt.reason)]) if receipt.outcome is Outcome.REFUSED else "",
            "document": url_for("document.document", document_id=receipt.document_id) if receipt.document_id else "",
        }, 200


@bp.get("/archive/batches/<int:batch_id>")
@shows(Permission.BRING_IN)
def batch(session: Session, batch_id: int) -> str:
    """A batch: who attested, what came, what became of it."""
    page, show = max(1, request.args.get("page", 1, int)), _shown(request.args.get("show", ""))
    found = Batches(session)
    shown = found.get(batch_id)
    if shown.circle:  # papers of a meeting: who may see them does so there
        raise NotFound("batch", batch_id)
    outcomes, standings = found.outcomes([batch_id])[batch_id], found.standings([batch_id])[batch_id]
    return render_template(
        "archive/batch.html",
        batch=shown,
        outcomes=outcomes,
        standings=standings,
        pages=found.pages(batch_id),
        filters=list(_filters(outcomes, standings)),
        show=show,
        rows=found.rows(batch_id, show, limit=ROWS_A_PAGE, offset=(page - 1) * ROWS_A_PAGE),
        page=page,
        last=_last_page(found.count_rows(batch_id, show), ROWS_A_PAGE),
        is_open=shown.person_id == me().id and shown.created_at + OPEN_FOR > now(),
        outcome_words=OUTCOMES,
        standing_words=STANDINGS,
        reason_in_words=reason_in_words,
    )


def _shown(text: str) -> Outcome | Standing | None:
    kind, _colon, value = text.partition(":")
    known: dict[str, Iterable[Outcome | Standing]] = {"file": Outcome, "document": Standing}
    return next((member for member in known.get(kind, ()) if member == value), None)


def _filters(outcomes: dict[Outcome, int], standings: dict[Standing, int]) -> Iterator[tuple[str, Any, int]]:
    """The address, the word and the count of every part of the list that is not empty."""
    for standing, (word, _look) in STANDINGS.items():
        if count := standings.get(standing):
            yield f"document:{standing}", word, count
    for outcome in (Outcome.DUPLICATE, Outcome.REFUSED):
        if count := outcomes.get(outcome):
            yield f"file:{outcome}", OUTCOMES[outcome][0], count


def _last_page(count: int, size: int) -> int:
    return max(1, -(-count // size))


def _back(batch_id: int) -> Response:
    """Back to the batch at the part of the list from which the act was done."""
    show, page = request.args.get("show"), request.args.get("page")
    return redirect(url_for(".batch", batch_id=batch_id, show=show, page=page), 303)


def _document_of(session: Session, batch_id: int, document_id: int) -> Document:
    document = Documents(session).get(document_id)
    if document.batch_id != batch_id:
        abort(404)
    return document


@bp.post("/archive/batches/<int:batch_id>/documents/<int:document_id>/cancel")
@writes(Permission.DIRECT_READING)
def cancel(session: Session, batch_id: int, document_id: int) -> Response:
    """Stop reading one document; what is read stays."""
    Ledger(session).cancel(_document_of(session, batch_id, document_id))
    audit(session, "reading_cancelled", subject=("document", document_id))
    flash(_("Đã dừng đọc tài liệu. Các trang đã đọc vẫn được giữ."), "success")
    return _back(batch_id)


@bp.post("/archive/batches/<int:batch_id>/documents/<int:document_id>/retry")
@writes(Permission.DIRECT_READING)
def retry(session: Session, batch_id: int, document_id: int) -> Response:
    """Have everything of one document read again that failed or was stopped."""
    Ledger(session).retry(_document_of(session, batch_id, document_id))
    audit(session, "reading_retried", subject=("document", document_id))
    flash(_("Tài liệu đã vào hàng chờ đọc lại."), "success")
    return _back(batch_id)


@bp.post("/archive/batches/<int:batch_id>/documents/<int:document_id>/complete")
@writes(Permission.BRING_IN)
def complete(session: Session, batch_id: int, document_id: int) -> Response:
    """Have the files that came stand as the whole document."""
    document = _document_of(session, batch_id, document_id)
    facts = {"files": len(document.files), "expected": document.parts}
    accept_incomplete(session, document)
    audit(session, "document_completed_as_is", subject=("document", document_id), facts=facts)
    flash(_("Tài liệu được nhận với các tệp hiện có và đã vào hàng chờ đọc."), "success")
    return _back(batch_id)


@bp.post("/archive/batches/<int:batch_id>/cancel")
@writes(Permission.DIRECT_READING)
def cancel_all(session: Session, batch_id: int) -> Response:
    """Stop reading the whole batch; what is read stays."""
    count = Ledger(session).cancel_batch(Batches(session).get(batch_id).id)
    if not count:
        raise StepNotAllowed("settled", "cancel")
    audit(session, "batch_reading_cancelled", subject=("batch", batch_id), facts={"documents": count})
    flash(_("Đã dừng đọc %(count)s tài liệu của lô.", count=count), "success")
    return _back(batch_id)


@bp.post("/archive/batches/<int:batch_id>/retry")
@writes(Permission.DIRECT_READING)
def retry_all(session: Session, batch_id: int) -> Response:
    """Have everything of the batch read again that failed."""
    ledger, batch = Ledger(session), Batches(session).get(batch_id)
    count = ledger.retry_failed(batch.id) + ledger.measure(batch.id)
    if not count:
        raise StepNotAllowed("settled", "retry")
    audit(session, "batch_reading_retried", subject=("batch", batch_id), facts={"documents": count})
    flash(_("%(count)s tài liệu của lô đã vào hàng chờ đọc lại.", count=count), "success")
    return _back(batch_id)
