"""The incoming register (sổ đăng ký văn bản đến): list, entry, correction with its history, the scan in the archive, the official form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from domain.archive.work import SHOWN
from domain.directives.directives import RegisterTooLong
from domain.directives.incoming import ArrivalYearFixed, IncomingChanged
from domain.ground.clock import today
from domain.ground.errors import NotAllowed, NotFound
from domain.people.roles import Permission
from domain.people.units import UnitKind
from search.index import IndexCorrupt
from storage.archive.documents import Documents
from storage.directives.incoming import PAGE, IncomingDocument, IncomingDocuments, Wanted
from storage.people.people import People, Person
from storage.people.units import Unit, Units
from webapp.archive.access import readable as readable_document
from webapp.archive.answers import Answer, answer
from webapp.archive.questions import Question
from webapp.directives.incoming.words import FIELDS, URGENCIES
from webapp.directives.not_secret import not_secret
from webapp.directives.outgoing.books import MOST
from webapp.directives.register_sheets import Column, Register, to_pdf, to_xlsx
from webapp.directives.words import kinds, offered
from webapp.ground.access import audiences, audit, may, me, requires
from webapp.ground.errors import sentence
from webapp.ground.files import download
from webapp.ground.formats import day
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.scopes import kept, kept_unit, seen, units_among
from webapp.ground.system import reading, system, writing
from webapp.ground.workbooks import MEDIA_TYPE, Value

bp = Blueprint("incoming", __name__, url_prefix="/directives/incoming")

SUPERIOR = "Tổng Liên đoàn Lao động Việt Nam"  # of the province, whose superior is no unit here
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


def stripped(text: str | None) -> str:
    """What was typed, its spaces at both ends and doubled ones taken away, its lines kept."""
    return "\n".join(" ".join(line.split()) for line in (text or "").strip().splitlines())


def line(label: Any, *validators: Any, most: int = 200, **more: Any) -> StringField:
    """A line of text that is no secret."""
    too_long = Length(max=most, message=_l("Dài quá %(max)d chữ. Hãy viết gọn hơn."))
    return StringField(label, [*(validators or (Optional(),)), too_long, not_secret], filters=[stripped], **more)


class IncomingForm(Form):
    """An entry of the register."""

    unit = Choice(_l("Sổ của đơn vị"), coerce=int)
    arrived_on = Day(_l("Ngày đến"), [InputRequired(_l("Hãy nhập ngày đến."))])
    author = line(_l("Tác giả (nơi gửi)"), DataRequired(_l("Hãy nhập cơ quan, đơn vị hoặc người gửi văn bản.")))
    written_number = line(_l("Số, ký hiệu văn bản"), most=100)
    dated = Day(_l("Ngày tháng văn bản"), [Optional()])
    kind = line(_l("Tên loại"), most=60, render_kw={"list": "kinds"})
    abstract = TextAreaField(
        _l("Trích yếu nội dung"),
        [
            DataRequired(_l("Hãy nhập trích yếu nội dung.")),
            Length(max=1000, message=_l("Trích yếu dài quá 1.000 chữ.")),
            not_secret,
        ],
        filters=[stripped],
        render_kw={"rows": 3},
    )
    urgency = Choice(_l("Độ khẩn"), choices=lambda: offered(URGENCIES))
    given_to = Choice(_l("Giao cho"), [Optional()])
    assignee = line(_l("Đơn vị hoặc người nhận, nếu không có trong danh sách"))
    transferred_on = Day(_l("Ngày chuyển"), [Optional()])
    receipt = line(_l("Ký nhận"), most=100)
    due_on = Day(_l("Thời hạn giải quyết"), [Optional()])
    note = line(_l("Ghi chú"), most=500)
    form_key = HiddenField()
    revision = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, session: Session, units: Sequence[Unit]) -> None:
        """Fill the lists: the registers that are kept, and those to whom a document may be given."""
        self.unit.choices = [(unit.id, unit.name) for unit in units]
        self.given_to.choices = receivers(session, units)

    def validate_arrived_on(self, field: Any) -> None:
        """What has arrived has arrived."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày đến ở tương lai. Hãy ghi ngày văn bản đã đến."))

    def validate_dated(self, field: Any) -> None:
        """Nothing arrives before it was written."""
        if field.data and self.arrived_on.data and field.data > self.arrived_on.data:
            raise ValidationError(_("Ngày văn bản sau ngày đến. Hãy kiểm tra lại hai ngày này."))

    def validate_transferred_on(self, field: Any) -> None:
        """Nothing is passed on before it arrives."""
        if field.data and self.arrived_on.data and field.data < self.arrived_on.data:
            raise ValidationError(_("Ngày chuyển trước ngày đến. Hãy kiểm tra lại hai ngày này."))

    def values(self) -> dict[str, Any]:
        """What the record keeps of it."""
        names = (
            "author",
            "written_number",
            "dated",
            "kind",
            "abstract",
            "urgency",
            "transferred_on",
            "receipt",
            "due_on",
            "note",
        )
        return {name: getattr(self, name).data for name in names} | self._receiver()

    def _receiver(self) -> dict[str, Any]:
        kind, _colon, number = (self.given_to.data or "").partition(":")
        named = next((words for key, words in self.given_to.choices if key == self.given_to.data and key), None)
        return {
            "assignee": named or self.assignee.data,
            "assignee_id": int(number) if kind == "person" else None,
            "assigned_unit_id": int(number) if kind == "unit" else None,
        }


def receivers(session: Session, units: Sequence[Unit]) -> list[tuple[str, str]]:
    """The offices of these units, and the people who sit in either."""
    standing, ids = Units(session).on(today()), {unit.id for unit in units}
    offices = [unit for unit in standing if unit.kind is UnitKind.OFFICE and unit.parent_id in ids]
    within = ids | {unit.id for unit in offices}
    people = [person for person in People(session).all() if person.is_open and person.units_on(today()) & within]
    named = [
        *((f"unit:{unit.id}", unit.name) for unit in offices),
        *((f"person:{person.id}", person.name) for person in people),
    ]
    return [("", _("Chưa giao, hoặc ghi tên bên dưới")), *named]


def wanted_of(args: Mapping[str, str], which: str = "all") -> Wanted:
    """Which entries an address asks for; what makes no sense in it is passed over."""
    unit, year = args.get("unit", ""), args.get("year", "")
    return Wanted(
        unit_id=int(unit) if unit.isdecimal() and len(unit) < 10 else None,
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        words=args.get("q", "").strip()[:200],
        which=which,
    )


@bp.get("")
@requires(Permission.READ_REGISTERS)
def incoming() -> str:
    """The register: what arrived, the latest number first."""
    with reading() as session:
        return render_template("directives/incoming/register.html", **listed(session, wanted_of(request.args)))


def listed(session: Session, wanted: Wanted) -> dict[str, Any]:
    """What a list of entries shows, and by what it can be narrowed."""
    book, units = IncomingDocuments(session), seen(session)
    page = min(max(1, request.args.get("page", 1, int)), 100_000)
    entries, count = book.page(units, wanted, me(), page)
    own = _open_registers(session) if may(Permission.KEEP_REGISTERS) else []
    arguments = {"unit": wanted.unit_id, "year": wanted.year, "q": wanted.words or None}
    return {
        "seen_units": units,
        "entries": entries, "count": count, "page": page, "last": max(1, -(-count // PAGE)), "wanted": wanted, "keeps": own,
        "units": units_among(session, units), "years": book.years(units) or [today().year], "today": today(),
        "exported": _exported(session, wanted, units), "overdue": book.overdue(units, me(), today()), "arguments": arguments,
    }  # fmt: skip


def _exported(session: Session, wanted: Wanted, units: frozenset[int]) -> tuple[int, int] | None:
    """Whose register of which year the buttons give out: what the list is narrowed to, else one's own of this year."""
    unit_id = wanted.unit_id if wanted.unit_id in units else next((unit.id for unit in _open_registers(session)), None)
    return None if unit_id is None else (unit_id, wanted.year or today().year)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> AnyResponse:
    """Enter what arrived on paper, or by a way outside this system."""
    with writing() if request.method == "POST" else reading() as session:
        form = IncomingForm(**({} if request.method == "POST" else {"arrived_on": today(), "form_key": uuid4().hex}))
        form.offer(session, _open_registers(session))
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


def _open_registers(session: Session) -> list[Unit]:
    """The units whose register one keeps, those that stand today: nothing new is entered for one that has ended."""
    return [unit for unit in units_among(session, kept(session)) if unit.facts().stands_on(today())]


def _form_page(form: IncomingForm, entry: IncomingDocument | None, status: int, problem: str = "") -> AnyResponse:
    page = render_template("directives/incoming/form.html", form=form, entry=entry, kinds=kinds(), problem=problem)
    return make_response(page, status)


def readable_entry(session: Session, incoming_id: int) -> IncomingDocument:
    """The entry, for who sees its register or is to handle it; raises NotFound."""
    book = IncomingDocuments(session)
    try:
        return book.get(incoming_id, seen(session))
    except NotFound:
        return book.assigned(incoming_id, me())


def keeps(session: Session, entry: IncomingDocument) -> bool:
    """Whether whoever asks keeps the register of the entry."""
    return may(Permission.KEEP_REGISTERS) and entry.unit_id in kept(session)


def _kept_entry(session: Session, incoming_id: int) -> IncomingDocument:
    entry = IncomingDocuments(session).get(incoming_id, seen(session))
    if not keeps(session, entry):
        raise NotAllowed(Permission.KEEP_REGISTERS)
    return entry


@bp.get("/<int:incoming_id>")
@requires(Permission.READ_REGISTERS)
def entry(incoming_id: int) -> str:
    """One entry, with its scan, how it is handled, and what was changed in it."""
    with reading() as session:
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
            return _edit(session, _kept_entry(session, incoming_id))
    except (IncomingChanged, ArrivalYearFixed) as error:
        with reading() as session:
            return _refused(session, _kept_entry(session, incoming_id), error)


def _refused(session: Session, found: IncomingDocument, error: Exception) -> AnyResponse:
    """The form with what was typed, and why it was not accepted; who was too slow may send it again, having seen what is there."""
    form = IncomingForm()
    form.offer(session, [found.unit])
    _keep_former(form, found)
    if isinstance(error, IncomingChanged):
        form.revision.data, form.revision.raw_data = found.revision, None
    status, problem = sentence(error)
    return _form_page(form, found, status, problem)


def _edit(session: Session, found: IncomingDocument) -> AnyResponse:
    form = IncomingForm() if request.method == "POST" else IncomingForm(formdata=None, data=_typed(found))
    form.offer(session, [found.unit])
    _keep_former(form, found)
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


def _typed(found: IncomingDocument) -> dict[str, Any]:
    """The entry as the form shows it."""
    names = (
        "arrived_on",
        "author",
        "written_number",
        "dated",
        "kind",
        "abstract",
        "urgency",
        "transferred_on",
        "receipt",
        "due_on",
        "note",
    )
    given = _given(found)
    told = {"unit": found.unit_id, "given_to": given, "assignee": "" if given else found.assignee, "revision": found.revision}
    return {name: getattr(found, name) for name in names} | told


def _given(found: IncomingDocument) -> str:
    if found.assignee_id:
        return f"person:{found.assignee_id}"
    return f"unit:{found.assigned_unit_id}" if found.assigned_unit_id else ""


def _keep_former(form: IncomingForm, found: IncomingDocument) -> None:
    """Have the one to whom it was given stay in the list, though he sits there no more."""
    given = _given(found)
    if given and given not in {key for key, _words in form.given_to.choices}:
        form.given_to.choices.append((given, found.assignee))


# The scan in the archive


@bp.get("/<int:incoming_id>/scan")
@requires(Permission.KEEP_REGISTERS)
def scan(incoming_id: int) -> str:
    """Look for the scan of an entry among the papers that one may see."""
    with reading() as session:
        found = _kept_entry(session, incoming_id)
        text = request.args.get("q", found.written_number or found.abstract[:80])
        result, problem = _hits(session, Question(text=text.strip()[:200]))
        return render_template("directives/incoming/scan.html", entry=found, text=text, answer=result, problem=problem)


def _hits(session: Session, question: Question) -> tuple[Answer | None, str]:
    if question.is_blank:
        return None, ""
    try:
        return answer(session, system().index, replace(question, page=1), audiences(session)), ""
    except IndexCorrupt as error:
        return None, sentence(error)[1]


@bp.post("/<int:incoming_id>/scan")
@requires(Permission.KEEP_REGISTERS)
def link_scan(incoming_id: int) -> AnyResponse:
    """Tie an entry to its scan, or untie it."""
    document_id = request.form.get("document", 0, int)
    with writing() as session:
        found = _kept_entry(session, incoming_id)
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


def sheet(form: str, title: str, columns: tuple[Column, ...], row: Any, name: str) -> Response:
    """A register of one unit's year as a file, which is recorded."""
    wanted = wanted_of(request.args)
    with reading() as session:
        if wanted.unit_id not in seen(session) or wanted.year is None:
            raise NotFound("unit", wanted.unit_id)
        unit = session.get_one(Unit, wanted.unit_id)
        rows = [row(entry) for entry in IncomingDocuments(session).register(unit.id, wanted.year)]
        if len(rows) > MOST[form]:
            raise RegisterTooLong(MOST[form])
        superior = unit.parent.name if unit.parent else SUPERIOR
        register = Register(superior, unit.name, title, _("Năm %(year)s", year=wanted.year), columns, rows)
        code = unit.code
    with writing() as session:
        audit(
            session, "register_exported", subject=("unit", wanted.unit_id), facts={"file": f"{name}.{form}", "rows": len(rows)}
        )
    content, media_type = (to_xlsx(register), MEDIA_TYPE) if form == "xlsx" else (to_pdf(register), "application/pdf")
    return download(content, f"{name}-{code}-{wanted.year}.{form}", media_type)


def _row(entry: IncomingDocument) -> tuple[Value, ...]:
    return (
        day(entry.arrived_on), entry.number, entry.author, entry.written_number, day(entry.dated),
        ": ".join(filter(None, [entry.kind, entry.abstract])), entry.assignee, day(entry.transferred_on), entry.receipt,
        " ".join(filter(None, [entry.urgency and f"({entry.urgency})", entry.note])),
    )  # fmt: skip
