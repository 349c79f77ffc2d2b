"""Whole lists of units or people from Excel or CSV: looked at first, with every bad row named, and written only when confirmed.

Between the look and the confirmation nothing is kept here: the page carries the rows, sealed, and they are checked again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial, update_wrapper
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.files import OFFICE_TYPES
from domain.people.roles import Permission
from storage.ground.spreadsheets import TableRefused, TableRow
from storage.people.people import People, Person, Seat
from storage.people.units import Unit, Units
from webapp.ground.access import audit, me, requires
from webapp.ground.files import download
from webapp.ground.problems import TABLE_REFUSALS, TREE_PROBLEMS
from webapp.ground.system import reading, settings, writing
from webapp.people.admin.rows import (
    PERSON_COLUMNS,
    UNIT_COLUMNS,
    Column,
    PersonRow,
    Plan,
    SeatRow,
    UnitRow,
    plan_people,
    plan_units,
)
from webapp.people.admin.sheets import read_sheet, template
from webapp.people.admin.tree import check_sound, unit_facts
from webapp.people.words import KINDS, ROLES

bp = Blueprint("imports", __name__, url_prefix="/admin/import")

SHOWN = 200  # how many problems, and how many rows, the page lists
LONGEST_SEAL = 1_500_000  # characters; the form that carries it back takes two million
Answer = tuple[str, int] | str | AnyResponse

FILES: Mapping[str, Any] = {
    **TABLE_REFUSALS,
    "missing": _l("Chưa chọn tệp. Hãy chọn tệp Excel (.xlsx) hoặc CSV rồi bấm “Xem trước”."),
    "too_large": _l("Tệp quá lớn nên không được đọc. Hãy xóa hình ảnh, trang tính thừa, hoặc chia thành nhiều tệp dưới 5 MB."),
    "too_many_rows": _l("Tệp có hơn 2.000 dòng nên không được đọc. Hãy chia thành nhiều tệp."),
    "empty": _l("Tệp không có dòng nào. Hãy điền theo tệp mẫu rồi thử lại."),
}
PROBLEMS: Mapping[str, Any] = {
    "column_missing": _l("thiếu cột này; hãy thêm cột hoặc dùng tệp mẫu"),
    "column_twice": _l("có hai cột cùng nghĩa; hãy bỏ bớt một cột"),
    "missing": _l("ô đang trống; hãy điền"),
    "too_long": _l("dài quá 200 ký tự; hãy viết gọn hơn"),
    "not_a_day": _l("không phải ngày có thật; hãy ghi như 01/07/2025"),
    "not_a_code": _l("mã chỉ gồm chữ, chữ số và các dấu . _ -, tối đa 32 ký tự"),
    "not_a_kind": _l("không phải loại đơn vị nào; hãy dùng các chữ trong tệp mẫu"),
    "not_a_login": _l("chỉ gồm chữ không dấu, chữ số và các dấu . _ - @ +"),
    "not_a_role": _l("không phải vai trò nào; các vai trò cách nhau bằng dấu chấm phẩy"),
    "twice": _l("mã này đã có ở dòng trên; hãy bỏ một dòng"),
    "unit_unknown": _l("không có đơn vị mang mã này; hãy thêm đơn vị trước"),
    "unit_not_standing": _l("đơn vị không hoạt động vào ngày này; hãy sửa ngày hoặc đơn vị"),
    "name_differs": _l("khác họ tên ở dòng trên của cùng tên đăng nhập; hãy sửa cho giống"),
    "roles_differ": _l("khác vai trò ở dòng trên của cùng người; hãy ghi giống nhau hoặc để trống"),
    "seat_twice": _l("vị trí này đã có ở dòng trên của cùng người; hãy bỏ một dòng"),
    "own_role": _l("bạn không thể tự bỏ vai trò quản trị viên của chính mình"),
    **TREE_PROBLEMS,
}


@dataclass(frozen=True, slots=True)
class List:
    """A list that can be brought in: its columns, how it is planned and how it is written."""

    name: str
    title: Any
    back: str
    columns: Sequence[Column]
    examples: Sequence[Sequence[object]]
    plan: Callable[[Session, Sequence[TableRow]], Plan[Any]]
    write: Callable[[Session, Plan[Any]], None]


def _plan_units(session: Session, rows: Sequence[TableRow]) -> Plan[UnitRow]:
    return plan_units(rows, {unit.code: _unit_row(unit) for unit in Units(session).all()})


def _unit_row(unit: Unit) -> UnitRow:
    facts = unit.facts()
    return UnitRow(unit.code, unit.name, unit.kind, facts.parent, unit.valid_from, unit.valid_to, facts.succeeded_by)


def _write_units(session: Session, plan: Plan[UnitRow]) -> None:
    units = {unit.code: unit for unit in Units(session).all()}
    for row in plan.new:
        units[row.code] = Unit(code=row.code, name=row.name, kind=row.kind, valid_from=row.valid_from)
        session.add(units[row.code])
    session.flush()
    before = {row.code: unit_facts(units[row.code]) for row in plan.changed}
    for row in (*plan.new, *plan.changed):
        unit = units[row.code]
        unit.name, unit.kind, unit.valid_from, unit.valid_to = row.name, row.kind, row.valid_from, row.valid_to
        unit.parent = units[row.parent] if row.parent else None
        unit.successor = units[row.succeeded_by] if row.succeeded_by else None
    check_sound(session)
    for row in plan.new:
        audit(session, "unit_created", subject=("unit", units[row.code].id), facts=unit_facts(units[row.code]))
    for row in plan.changed:
        facts = unit_facts(units[row.code]) | {"before": before[row.code]}
        audit(session, "unit_changed", subject=("unit", units[row.code].id), facts=facts)


def _plan_people(session: Session, rows: Sequence[TableRow]) -> Plan[PersonRow]:
    known = {person.login: _person_row(person) for person in People(session).all()}
    return plan_people(rows, known, Units(session).facts(), me().login)


def _person_row(person: Person) -> PersonRow:
    seats = frozenset(SeatRow(seat.unit.code, seat.title, seat.valid_from, seat.valid_to) for seat in person.seats)
    return PersonRow(person.login, person.name, person.roles, seats)


def _write_people(session: Session, plan: Plan[PersonRow]) -> None:
    units = {unit.code: unit for unit in Units(session).all()}
    people = People(session)
    for row in plan.new:
        person = people.add(row.login, row.name, row.roles or frozenset())
        _write_seats(person, row, units)
        facts: dict[str, Any] = {"login": row.login, "name": row.name, "roles": sorted(person.roles)}
        audit(session, "person_created", subject=("person", person.id), facts=facts)
    for row in plan.changed:
        person = people.named(row.login)
        before: dict[str, Any] = {"name": person.name, "roles": sorted(person.roles)}
        person.name, person.roles = row.name, row.roles or frozenset()
        _write_seats(person, row, units)
        facts = {"login": row.login, "name": row.name, "roles": sorted(person.roles), "before": before}
        audit(session, "person_changed", subject=("person", person.id), facts=facts)


def _write_seats(person: Person, row: PersonRow, units: Mapping[str, Unit]) -> None:
    held = {(seat.unit.code, seat.title, seat.valid_from): seat for seat in person.seats}
    for wanted in sorted(row.seats, key=lambda seat: seat.valid_from):
        key = (wanted.unit, wanted.title, wanted.valid_from)
        if key not in held:
            held[key] = Seat(unit=units[wanted.unit], title=wanted.title, valid_from=wanted.valid_from)
            person.seats.append(held[key])
        held[key].valid_to = wanted.valid_to


_UNITS = List(
    "units",
    _l("Nhập danh sách đơn vị"),
    "units.units",
    UNIT_COLUMNS,
    [
        ["LDLD-BD", "Liên đoàn Lao động tỉnh Bình Định", "Liên đoàn Lao động tỉnh", "", date(1989, 7, 1), date(2025, 6, 30), "LDLD-GL"],
        ["LDLD-GL", "Liên đoàn Lao động tỉnh Gia Lai", "Liên đoàn Lao động tỉnh", "", date(2025, 7, 1), "", ""],
        ["CD-QUYNHON", "Công đoàn phường Quy Nhơn", "Công đoàn cấp trên trực tiếp cơ sở", "LDLD-GL", date(2025, 7, 1), "", ""],
    ],
    _plan_units,
    _write_units,
)  # fmt: skip
_PEOPLE = List(
    "people",
    _l("Nhập danh sách người dùng"),
    "people.people",
    PERSON_COLUMNS,
    [
        ["lan.tran", "Trần Thị Lan", "Cán bộ lưu trữ; Văn thư", "VP", "Chuyên viên", date(2025, 7, 1), ""],
        ["hoa.le", "Lê Thị Hòa", "Ủy viên, đại biểu", "CD-QUYNHON", "Chủ tịch", date(2025, 7, 1), ""],
    ],
    _plan_people,
    _write_people,
)


def _upload_page(what: List, refusal: str = "") -> str:
    """The page from which a list is brought in."""
    return render_template("people/admin/import.html", what=what, refusal=refusal, kinds=KINDS, roles=ROLES)


def _preview(what: List) -> Answer:
    """What importing the list would do."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(what, str(FILES["missing"])), 422
    try:
        rows = read_sheet(file.stream.read())
    except TableRefused as refusal:
        return _upload_page(what, str(FILES[refusal.reason])), 422
    with reading() as session:
        return _preview_page(what, file.filename, rows, what.plan(session, rows))


def _preview_page(what: List, name: str, rows: Sequence[TableRow], plan: Plan[Any], *, is_news: bool = False) -> Answer:
    sealed = _seal(what).dumps([name, [[row.number, row.cells] for row in rows], plan.counts])
    if len(sealed) > LONGEST_SEAL:
        return _upload_page(what, str(FILES["too_large"])), 422
    headings = {column.key: column.heading for column in what.columns}
    page = render_template(
        "people/admin/import_preview.html",
        what=what,
        name=name,
        plan=plan,
        sealed=str(sealed),
        headings=headings,
        words=PROBLEMS,
        shown=SHOWN,
        kinds=KINDS,
        roles=ROLES,
        is_news=is_news,
    )
    return page, 409 if is_news else 422 if plan.problems else 200


def _seal(what: List) -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt=f"import-{what.name}-{me().id}")


def _write(what: List) -> Answer:
    """Import the list that was looked at."""
    try:
        name, raw, counts = _seal(what).loads(request.form.get("sealed", ""))
    except BadSignature as error:
        raise BadRequest from error
    rows = [TableRow(number, tuple(cells)) for number, cells in raw]
    with writing() as session:
        plan = what.plan(session, rows)
        new, changed, same = plan.counts
        if plan.problems or (list(plan.counts) != counts and (new or changed)):
            return _preview_page(what, name, rows, plan, is_news=True)
        if new or changed:
            what.write(session, plan)
            audit(session, f"{what.name}_imported", facts={"file": name, "new": new, "changed": changed, "same": same})
    flash(_("Đã nhập: %(new)s mới, %(changed)s thay đổi, %(same)s giữ nguyên.", new=new, changed=changed, same=same), "success")
    return redirect(url_for(what.back), 303)


def _template(what: List) -> Response:
    """An Excel file to fill in."""
    content = template(str(what.title), [column.heading for column in what.columns], what.examples)
    return download(content, f"mau-{what.name}.xlsx", OFFICE_TYPES["xlsx"])


def _register(what: List, permission: Permission) -> None:
    """The four pages of a list, for those who keep what it lists."""
    pages: tuple[tuple[str, str, str, Callable[[List], Any]], ...] = (
        (what.name, "GET", "", _upload_page),
        (f"preview_{what.name}", "POST", "", _preview),
        (f"write_{what.name}", "POST", "/write", _write),
        (f"{what.name}_template", "GET", "/template.xlsx", _template),
    )
    for endpoint, method, address, view in pages:
        of_list = update_wrapper(partial(view, what), view)  # the check of forged forms asks every view for its name
        bp.add_url_rule(f"/{what.name}{address}", endpoint, requires(permission)(of_list), methods=[method])


_register(_UNITS, Permission.MANAGE_UNITS)
_register(_PEOPLE, Permission.MANAGE_PEOPLE)
