from datetime import date

import pytest

from domain.people.roles import Role
from domain.people.units import UnitFacts, UnitKind
from storage.ground.spreadsheets import TableRow
from webapp.people.admin.rows import PersonRow, Plan, SeatRow, UnitRow, plan_people, plan_units, read_day

UNIT_HEADINGS = ("Mã đơn vị", "Tên đơn vị", "Loại", "Mã đơn vị cấp trên", "Ngày bắt đầu", "Ngày kết thúc", "Mã đơn vị kế thừa")
PERSON_HEADINGS = ("Tên đăng nhập", "Họ và tên", "Vai trò", "Mã đơn vị", "Chức danh", "Từ ngày", "Đến ngày")
PROVINCE = UnitRow("LDLD", "LĐLĐ tỉnh", UnitKind.PROVINCE, None, date(1989, 7, 1), None, None)
OFFICE = ("VP", "Văn phòng", "Ban", "LDLD", "01/07/1989", "", "")


def sheet(*rows: tuple[str, ...]) -> list[TableRow]:
    return [TableRow(number, cells) for number, cells in enumerate(rows, 1)]


def units(
    *rows: tuple[str, ...],
    headings: tuple[str, ...] = UNIT_HEADINGS,
    known: tuple[UnitRow, ...] = (PROVINCE,),
) -> Plan[UnitRow]:
    return plan_units(sheet(headings, *rows), {unit.code: unit for unit in known})


def people(
    *rows: tuple[str, ...],
    headings: tuple[str, ...] = PERSON_HEADINGS,
    known: tuple[PersonRow, ...] = (),
    own: str = "administrator",
) -> Plan[PersonRow]:
    standing = {"VP": UnitFacts("VP", None, date(2000, 1, 1)), "CU": UnitFacts("CU", None, date(2000, 1, 1), date(2025, 6, 30))}
    return plan_people(sheet(headings, *rows), {person.login: person for person in known}, standing, own)


def problems(plan: Plan[UnitRow] | Plan[PersonRow]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.problem) for one in plan.problems]


def changed_cell(row: tuple[str, ...], place: int, text: str) -> tuple[str, ...]:
    return (*row[:place], text, *row[place + 1 :])


def test_a_new_unit_is_read() -> None:
    plan = units(OFFICE)
    assert plan.new == (UnitRow("VP", "Văn phòng", UnitKind.OFFICE, "LDLD", date(1989, 7, 1), None, None),)
    assert plan.counts == (1, 0, 0)
    assert plan.problems == ()


def test_the_same_rows_again_change_nothing() -> None:
    known = units(OFFICE).new
    assert units(OFFICE, known=(PROVINCE, *known)).counts == (0, 0, 1)


def test_another_name_is_a_change() -> None:
    known = units(OFFICE).new
    plan = units(changed_cell(OFFICE, 1, "Văn phòng LĐLĐ tỉnh"), known=(PROVINCE, *known))
    assert (plan.counts, plan.changed[0].name) == ((0, 1, 0), "Văn phòng LĐLĐ tỉnh")


def test_headings_are_known_without_accents_in_any_order_and_case_and_the_rest_is_ignored() -> None:
    plan = units(
        ("LDLD", "01/07/1989", "van phong", "ghi chú gì đó", "Văn phòng", "vp"),
        headings=("CAP TREN", "Từ ngày:", "loai  don vi", "Ghi chú", "TÊN ĐƠN VỊ", "ma"),
    )
    assert plan.new[0].code == "VP"
    assert plan.new[0].parent == "LDLD"
    assert plan.ignored == ("Ghi chú",)


def test_a_column_that_is_not_there_leaves_what_is_recorded() -> None:
    known = UnitRow("VP", "Văn phòng", UnitKind.OFFICE, "LDLD", date(1989, 7, 1), date(2030, 1, 1), None)
    plan = units(
        ("VP", "Văn phòng", "Ban", "1989-07-01"),
        headings=("Mã đơn vị", "Tên đơn vị", "Loại", "Ngày bắt đầu"),
        known=(PROVINCE, known),
    )
    assert plan.counts == (0, 0, 1)


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [
        (0, "", (2, "code", "missing")),
        (0, "V P", (2, "code", "not_a_code")),
        (0, "X" * 33, (2, "code", "not_a_code")),
        (1, "", (2, "name", "missing")),
        (1, "Tên" * 70, (2, "name", "too_long")),
        (2, "", (2, "kind", "missing")),
        (2, "Công ty", (2, "kind", "not_a_kind")),
        (3, "KHONG-CO", (2, "parent", "parent_unknown")),
        (3, "VP", (2, "parent", "cycle")),
        (4, "", (2, "valid_from", "missing")),
        (4, "31/02/2020", (2, "valid_from", "not_a_day")),
        (4, "45839", (2, "valid_from", "not_a_day")),
        (4, "01/01/1980", (2, "valid_from", "starts_before_parent")),
        (5, "hôm qua", (2, "valid_to", "not_a_day")),
        (5, "01/01/1985", (2, "valid_to", "ends_before_start")),
        (6, "LDLD", (2, "valid_to", "successor_without_end")),
    ],
)
def test_each_bad_cell_is_named_by_row_and_column(place: int, text: str, problem: tuple[int, str, str]) -> None:
    plan = units(changed_cell(OFFICE, place, text))
    assert problem in problems(plan)


def test_a_successor_must_be_there_and_be_another_unit() -> None:
    ended = changed_cell(OFFICE, 5, "30/06/2025")
    assert problems(units(changed_cell(ended, 6, "KHONG-CO"))) == [(2, "succeeded_by", "successor_unknown")]
    assert problems(units(changed_cell(ended, 6, "VP"))) == [(2, "succeeded_by", "successor_is_itself")]


def test_a_code_that_comes_twice_is_refused_at_its_second_row() -> None:
    assert problems(units(OFFICE, OFFICE)) == [(3, "code", "twice")]


def test_units_may_stand_in_any_order_in_the_file() -> None:
    below = ("TO-1", "Tổ công đoàn", "Công đoàn cơ sở", "VP", "2001-01-01", "", "")
    assert units(below, OFFICE).counts == (2, 0, 0)


def test_a_missing_or_doubled_column_is_named_and_the_rows_are_left_alone() -> None:
    assert problems(units(("VP",), headings=("Mã đơn vị", "Mã"))) == [
        (1, "code", "column_twice"),
        (1, "kind", "column_missing"),
        (1, "name", "column_missing"),
        (1, "valid_from", "column_missing"),
    ]


def test_a_row_that_is_shorter_than_the_headings_has_empty_cells() -> None:
    assert problems(units(("VP", "Văn phòng"))) == [(2, "kind", "missing"), (2, "valid_from", "missing")]


def test_the_merger_of_2025_is_one_file() -> None:
    plan = units(
        ("LDLD", "LĐLĐ tỉnh", "Tỉnh", "", "01/07/1989", "30/06/2025", "LDLD-GL"),
        ("LDLD-GL", "LĐLĐ tỉnh Gia Lai", "Liên đoàn Lao động tỉnh", "", "01/07/2025", "", ""),
        ("CD-QN", "Công đoàn phường Quy Nhơn", "Cấp trên cơ sở", "LDLD-GL", "01/07/2025", "", ""),
    )
    assert (plan.counts, plan.problems) == ((2, 1, 0), ())


@pytest.mark.parametrize(
    ("text", "day"),
    [("1.7.2025", date(2025, 7, 1)), ("01-07-2025", date(2025, 7, 1)), ("7/2025", None), ("01/07/25", None), ("", None)],
)
def test_days_are_read_as_people_write_them_and_never_guessed(text: str, day: date | None) -> None:
    assert read_day(text) == day


LAN = ("Lan.Tran", "Trần Thị Lan", "Cán bộ lưu trữ; van thu", "VP", "Chuyên viên", "01/07/2025", "")
KNOWN_LAN = PersonRow(
    "lan.tran",
    "Trần Thị Lan",
    frozenset({Role.ARCHIVIST, Role.CLERK}),
    frozenset({SeatRow("VP", "Chuyên viên", date(2025, 7, 1))}),
)


def test_a_new_person_is_read_with_roles_and_seat() -> None:
    assert people(LAN).new == (KNOWN_LAN,)
    assert people(LAN, known=(KNOWN_LAN,)).counts == (0, 0, 1)


def test_several_rows_of_one_login_are_one_person_with_several_seats() -> None:
    plan = people(LAN, ("lan.tran", "Trần Thị Lan", "", "CU", "Ủy viên", "01/01/2020", "30/06/2025"))
    assert len(plan.new) == 1
    assert {seat.unit for seat in plan.new[0].seats} == {"VP", "CU"}
    assert plan.new[0].roles == frozenset({Role.ARCHIVIST, Role.CLERK})


def test_empty_roles_leave_the_roles_and_seats_that_are_not_named_stay() -> None:
    other = SeatRow("CU", "Ủy viên", date(2020, 1, 1))
    known = PersonRow("lan.tran", "Trần Thị Lan", frozenset({Role.STAFF}), frozenset({other}))
    plan = people(changed_cell(LAN, 2, ""), known=(known,))
    assert plan.changed[0].roles == frozenset({Role.STAFF})
    assert other in plan.changed[0].seats


def test_a_seat_that_is_there_gets_its_last_day() -> None:
    plan = people(changed_cell(LAN, 6, "31/12/2025"), known=(KNOWN_LAN,))
    assert plan.changed[0].seats == {SeatRow("VP", "Chuyên viên", date(2025, 7, 1), date(2025, 12, 31))}


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [
        (0, "", (2, "login", "missing")),
        (0, "trần lan", (2, "login", "not_a_login")),
        (1, "", (2, "name", "missing")),
        (2, "Giám đốc", (2, "roles", "not_a_role")),
        (3, "", (2, "unit", "missing")),
        (3, "KHONG-CO", (2, "unit", "unit_unknown")),
        (3, "CU", (2, "valid_from", "unit_not_standing")),
        (4, "", (2, "title", "missing")),
        (5, "", (2, "valid_from", "missing")),
        (5, "ngày nào đó", (2, "valid_from", "not_a_day")),
        (6, "30/06/2025", (2, "valid_to", "ends_before_start")),
    ],
)
def test_each_bad_cell_of_a_person_is_named_by_row_and_column(place: int, text: str, problem: tuple[int, str, str]) -> None:
    assert problem in problems(people(changed_cell(LAN, place, text)))


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [(1, "Trần Thị Lân", "name_differs"), (2, "Văn thư", "roles_differ"), (4, "Chuyên viên", "seat_twice")],
)
def test_rows_of_one_person_must_not_contradict_each_other(place: int, text: str, problem: str) -> None:
    second = changed_cell(changed_cell(LAN, 4, "Ủy viên"), place, text)
    assert [one.problem for one in people(LAN, second).problems] == [problem]


def test_nobody_imports_themselves_out_of_the_administration() -> None:
    own = PersonRow("lan.tran", "Trần Thị Lan", frozenset({Role.ADMINISTRATOR}))
    assert problems(people(LAN, known=(own,), own="lan.tran")) == [(2, "roles", "own_role")]
