"""The incoming register (sổ đăng ký văn bản đến): list, entry, correction with its history, the scan in the archive, the official form."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.archive.work import SHOWN
from domain.directives.incoming import ArrivalYearFixed, IncomingChanged
from domain.ground.clock import today
from domain.people.roles import Permission
from storage.archive.documents import Documents
from storage.directives.incoming import IncomingDocument, IncomingDocuments
from storage.people.candidates import CandidateReceivers
from storage.people.people import Person
from webapp.archive.access import readable as readable_document
from webapp.archive.answers import answer_or_problem
from webapp.archive.questions import Question
from webapp.directives.incoming.access import keeps, kept_entry, readable_entry
from webapp.directives.incoming.books import listed, open_registers, sheet, wanted_of
from webapp.directives.incoming.forms import IncomingForm, as_typed
from webapp.directives.incoming.words import FIELDS
from webapp.directives.register_sheets import Column
from webapp.directives.words import kinds
from webapp.ground.access import audiences, audit, me, requires, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.formats import day
from webapp.ground.picking import answer
from webapp.ground.scopes import kept_unit, seen
from webapp.ground.system import reading, system, writing
from webapp.ground.workbooks import Value

bp = Blueprint("incoming", __name__, url_prefix="/directives/incoming")

COLUMNS = (
    Column("Ngày đến", 12, is_centred=True),
    Column("Số đến", 8, is_centred=True),
    Column("Tác giả", 24),
    Column("Số, ký hiệu văn bản", 18),
    Column("Ngày tháng văn bản", 12, is_centred=True),
    Column("Tên loại và trích yếu nội dung văn bản", 46),
    Column("Đơn vị hoặc người nhận", 20),
    Column("Ngày chuyển", 12, is_centred=True),
    Column("Ký nhận", 12),
    Column("Ghi chú", 16),
)


@bp.get("")
@shows(Permission.READ_REGISTERS)
def incoming(session: Session) -> str:
    """The register: what arrived, the latest number first."""
    return render_template("directives/incoming/register.html", **listed(session, wanted_of(request.args)))


@bp.get("/receivers")
@shows(Permission.KEEP_REGISTERS)
def receivers(session: Session) -> dict[str, Any]:
    """Those whom a field offers to give a paper to: within the offices whose registers are kept, or that of `?entry=`."""
    if entry_id := request.args.get("entry", None, int):
        found = kept_entry(session, entry_id)
        return answer(CandidateReceivers(session, [found.unit_id], given=(found.assignee_id, found.assigned_unit_id)))
    return answer(CandidateReceivers(session, [unit.id for unit in open_registers(session)]))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> AnyResponse:
    """Enter what arrived on paper, or by a way outside this system."""
    with writing() if request.method == "POST" else reading() as session:
        form = IncomingForm(**({} if request.method == "POST" else {"arrived_on": today(), "form_key": uuid4().hex}))
        form.offer(session, open_registers(session))
        if request.method == "GET" or not form.validate():
            return _form_page(form, None, 200 if request.method == "GET" else 422)
        unit = kept_unit(session, form.unit.data)
        entry = IncomingDocuments(session).enter(
            unit.id, form.arrived_on.data, form.values(), me(), form_key=(form.form_key.data or "")[:64] or None
        )
        audit(session, "incoming_entered", subject=("incoming", entry.id), facts={"unit": unit.code, "number": entry.number})
        number, entry_id = entry.number, entry.id
    flash(_("Đã vào sổ với số đến %(number)s.", number=number), "success")
    return redirect(url_for("incoming.entry", incoming_id=entry_id), 303)


def _form_page(form: IncomingForm, entry: IncomingDocument | None, status: int, problem: str = "") -> AnyResponse:
    page = render_template("directives/incoming/form.html", form=form, entry=entry, kinds=kinds(), problem=problem)
    return make_response(page, status)


@bp.get("/<int:incoming_id>")
@shows(Permission.READ_REGISTERS)
def entry(session: Session, incoming_id: int) -> str:
    """One entry, with its scan, how it is handled, and what was changed in it."""
    found, book = readable_entry(session, incoming_id), IncomingDocuments(session)
    scan = Documents(session).among({found.document_id or 0}, audiences(session)).get(found.document_id or 0)
    return render_template(
        "directives/incoming/entry.html", seen_units=seen(session), entry=found,
        keeps=keeps(session, found), today=today(), fields=FIELDS,
        may_handle=keeps(session, found) or found.is_assigned_to(me(), today()), changes=book.changes(found),
        doubles=book.doubles(found), scan=scan if scan and scan.standing in SHOWN else None,
        entered_by=session.get(Person, found.entered_by_id) if found.entered_by_id else None,
    )  # fmt: skip


@bp.route("/<int:incoming_id>/edit", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def edit(incoming_id: int) -> AnyResponse:
    """Correct an entry; what it said before stays in its history."""
    try:
        with writing() if request.method == "POST" else reading() as session:
            return _edit(session, kept_entry(session, incoming_id))
    except (IncomingChanged, ArrivalYearFixed) as error:
        with reading() as session:
            return _refused(session, kept_entry(session, incoming_id), error)


def _refused(session: Session, found: IncomingDocument, error: Exception) -> AnyResponse:
    """The form with what was typed, and why it was not accepted; who was too slow may send it again, having seen what is there."""
    form = IncomingForm()
    form.offer_for(session, found)
    if isinstance(error, IncomingChanged):
        form.revision.data, form.revision.raw_data = found.revision, None
    status, problem = sentence(error)
    return _form_page(form, found, status, problem)


def _edit(session: Session, found: IncomingDocument) -> AnyResponse:
    form = IncomingForm() if request.method == "POST" else IncomingForm(formdata=None, data=as_typed(session, found))
    form.offer_for(session, found)
    if request.method == "GET" or not form.validate():
        return _form_page(form, found, 200 if request.method == "GET" else 422)
    values = form.values() | {"arrived_on": form.arrived_on.data}
    changes = IncomingDocuments(session).change(found, values, me(), revision=form.revision.data or 0)
    if changes:
        audit(
            session, "incoming_changed", subject=("incoming", found.id), facts={"fields": [change.field for change in changes]}
        )
    flash(_("Đã lưu. Nội dung trước khi sửa vẫn còn trong lịch sử.") if changes else _("Không có gì thay đổi."), "success")
    return redirect(url_for("incoming.entry", incoming_id=found.id), 303)


# The scan in the archive


@bp.get("/<int:incoming_id>/scan")
@shows(Permission.KEEP_REGISTERS)
def scan(session: Session, incoming_id: int) -> tuple[str, int]:
    """Look for the scan of an entry among the papers that one may see."""
    found = kept_entry(session, incoming_id)
    text = request.args.get("q", found.written_number or found.abstract[:80])
    question, result, status, problem = Question(text=text.strip()[:200]), None, 200, ""
    if not question.is_blank:
        result, status, problem = answer_or_problem(session, system().index, question, audiences(session))
    page = render_template("directives/incoming/scan.html", entry=found, text=text, answer=result, problem=problem)
    return page, status


@bp.post("/<int:incoming_id>/scan")
@writes(Permission.KEEP_REGISTERS)
def link_scan(session: Session, incoming_id: int) -> AnyResponse:
    """Tie an entry to its scan, or untie it."""
    document_id = request.form.get("document", 0, int)
    found = kept_entry(session, incoming_id)
    if document_id:
        readable_document(session, document_id)
    changes = IncomingDocuments(session).change(found, {"document_id": document_id or None}, me(), revision=found.revision)
    if changes:
        audit(session, "incoming_scan_linked", subject=("incoming", found.id), facts={"document": document_id})
    flash(_("Đã gắn bản quét với mục này.") if document_id else _("Đã bỏ bản quét khỏi mục này."), "success")
    return redirect(url_for("incoming.entry", incoming_id=incoming_id), 303)


# The official form


@bp.get("/register.xlsx", defaults={"form": "xlsx"})
@bp.get("/register.pdf", defaults={"form": "pdf"})
@requires(Permission.READ_REGISTERS)
def export(form: str) -> Response:
    """The register of a unit's year in its official form, ten columns."""
    return sheet(form, "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", COLUMNS, _row, "so-van-ban-den")


def _row(entry: IncomingDocument) -> tuple[Value, ...]:
    return (
        day(entry.arrived_on), entry.number, entry.author, entry.written_number, day(entry.dated),
        ": ".join(filter(None, [entry.kind, entry.abstract])), entry.assignee, day(entry.transferred_on), entry.receipt,
        " ".join(filter(None, [entry.urgency and f"({entry.urgency})", entry.note])),
    )  # fmt: skip
