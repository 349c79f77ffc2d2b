"""Rows of people's tables as values: which column is which, what each cell means, and everything that is wrong with them.

Pure: knows neither files nor the database. What the problems are called in Vietnamese is in webapp/people/admin/imports.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Generic, TypeVar

from domain.ground.vietnamese import fold
from domain.ground.words import Words
from domain.people.roles import Role
from domain.people.units import UnitFacts, UnitKind, check_tree
from storage.ground.spreadsheets import TableRow

CODE = re.compile(r"[^\W_][\w.-]{0,31}")  # letters (Đ too) and digits; no space, since codes are typed and sorted
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,119}")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is understood: its key here, its heading, and other headings people give it."""

    key: str
    heading: str
    is_required: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in one cell. `column` is a key or "" for the whole row; row 0 is the file."""

    row: int
    column: str
    problem: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as a row describes it, or as it stands in the records (row 0)."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    valid_from: date
    valid_to: date | None
    succeeded_by: str | None
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat by the code of its unit."""

    unit: str
    title: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as one or several rows describe them; `roles` None leaves them as they are."""

    login: str
    name: str
    roles: frozenset[Role] | None
    seats: frozenset[SeatRow] = frozenset()
    row: int = field(default=0, compare=False)


T = TypeVar("T", UnitRow, PersonRow)


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What an import would do; nothing may be written while there are problems."""

    new: tuple[T, ...] = ()
    changed: tuple[T, ...] = ()
    same: int = 0
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()  # headings that are not understood

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many are new, changed, the same."""
        return len(self.new), len(self.changed), self.same


UNIT_COLUMNS = (
    Column("code", "Mã đơn vị", True, ("mã", "mã số", "mã đv")),
    Column("name", "Tên đơn vị", True, ("tên", "đơn vị")),
    Column("kind", "Loại", True, ("loại đơn vị", "cấp")),
    Column("parent", "Mã đơn vị cấp trên", False, ("đơn vị cấp trên", "cấp trên", "mã cấp trên")),
    Column("valid_from", "Ngày bắt đầu", True, ("từ ngày", "ngày thành lập")),
    Column("valid_to", "Ngày kết thúc", False, ("đến ngày", "đến hết ngày")),
    Column("succeeded_by", "Mã đơn vị kế thừa", False, ("đơn vị kế thừa", "kế thừa")),
)
PERSON_COLUMNS = (
    Column("login", "Tên đăng nhập", True, ("thư điện tử", "email", "tài khoản")),
    Column("name", "Họ và tên", True, ("họ tên", "tên")),
    Column("roles", "Vai trò", False, ("quyền",)),
    Column("unit", "Mã đơn vị", False, ("đơn vị",)),
    Column("title", "Chức danh", False, ("chức vụ",)),
    Column("valid_from", "Từ ngày", False, ("ngày bắt đầu",)),
    Column("valid_to", "Đến ngày", False, ("đến hết ngày", "ngày kết thúc")),
)

_KINDS = Words(UnitKind, {
    UnitKind.PROVINCE: ("liên đoàn lao động tỉnh", "tỉnh", "lđlđ tỉnh", "provincial federation"),
    UnitKind.UPPER: (
        "công đoàn cấp trên trực tiếp cơ sở",
        "công đoàn cấp trên",
        "cấp trên",
        "cấp trên trực tiếp cơ sở",
        "cấp trên cơ sở",
        "upper union",
    ),
    UnitKind.GRASSROOTS: ("công đoàn cơ sở", "cơ sở", "cđcs", "grassroots union"),
    UnitKind.OFFICE: (
        "ban, văn phòng của liên đoàn tỉnh",
        "ban",
        "văn phòng",
        "ban, văn phòng",
        "phòng, ban",
        "office of the provincial federation",
    ),
}, beside="as lists write it")  # fmt: skip
_ROLES = Words(Role, {
    Role.ADMINISTRATOR: ("quản trị viên", "quản trị", "administrator"),
    Role.ARCHIVIST: ("cán bộ lưu trữ", "lưu trữ", "archivist"),
    Role.CLERK: ("văn thư", "clerk"),
    Role.LEADER: ("lãnh đạo đơn vị", "lãnh đạo", "head of a unit"),
    Role.STAFF: ("cán bộ chuyên môn", "chuyên viên", "cán bộ", "staff"),
    Role.MEMBER: ("ủy viên, đại biểu", "ủy viên", "đại biểu", "member"),
}, beside="as lists write it")  # fmt: skip


def plain(text: str) -> str:
    """Words as they are compared: no accents, no case, no punctuation.

    >>> plain("  Mã đơn-vị (cấp trên): ")
    'ma don vi cap tren'
    """
    return " ".join(re.findall(r"\w+", fold(text)))


KIND_OF = {plain(words): kind for kind, every in _KINDS.items() for words in every}
ROLE_OF = {plain(words): role for role, every in _ROLES.items() for words in every}


def read_day(text: str) -> date | None:
    """The day of a cell: 1/7/2025, 01-07-2025, 1.7.2025 or 2025-07-01; None if it is none.

    >>> read_day("1/7/2025"), read_day("2025-07-01"), read_day("31/02/2025")
    (datetime.date(2025, 7, 1), datetime.date(2025, 7, 1), None)
    """
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


class Reader:
    """Reads the cells of rows by the keys of their columns, gathering what is wrong."""

    def __init__(self, rows: Sequence[TableRow], columns: Sequence[Column]) -> None:
        self.problems: list[Problem] = []
        self.ignored: list[str] = []
        self.rows = rows[1:]
        self._at = self._places(rows[0], columns)
        self._columns = columns

    def _places(self, headings: TableRow, columns: Sequence[Column]) -> dict[str, int]:
        key_of = {plain(words): column.key for column in columns for words in (column.heading, *column.also)}
        places: dict[str, int] = {}
        for index, heading in enumerate(headings.cells):
            key = key_of.get(plain(heading))
            if key is None:
                self.ignored += [heading] if heading else []
            elif key in places:
                self.problems.append(Problem(headings.number, key, "column_twice", heading))
            else:
                places[key] = index
        missing = [column for column in columns if column.is_required and column.key not in places]
        self.problems += [Problem(headings.number, column.key, "column_missing", column.heading) for column in missing]
        return places

    @property
    def can_be_read(self) -> bool:
        """Whether the headings are sound; if not, the rows are not looked at."""
        return not self.problems

    def has(self, key: str) -> bool:
        """Whether the table has such a column."""
        return key in self._at

    def text(self, row: TableRow, key: str) -> str:
        """The cell, empty if there is none."""
        place = self._at.get(key, len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""

    def needed(self, row: TableRow, key: str) -> str:
        """The cell, which must not be empty."""
        text = self.text(row, key)
        if not text:
            self.refuse(row, key, "missing")
        elif len(text) > LONGEST_NAME:
            self.refuse(row, key, "too_long", text[:40] + "…")
        return text

    def day(self, row: TableRow, key: str) -> date | None:
        """The day in the cell; None if it is empty or no day."""
        text = self.text(row, key)
        day = read_day(text)
        if text and day is None:
            self.refuse(row, key, "not_a_day", text)
        return day

    def refuse(self, row: TableRow, key: str, problem: str, value: str = "") -> None:
        """Write down what is wrong with a cell."""
        self.problems.append(Problem(row.number, key, problem, value))


def plan_units(rows: Sequence[TableRow], known: Mapping[str, UnitRow]) -> Plan[UnitRow]:
    """What importing these rows into the known units (by code) would do. A column that is not there changes nothing."""
    reader = Reader(rows, UNIT_COLUMNS)
    read: dict[str, UnitRow] = {}
    for row in reader.rows if reader.can_be_read else ():
        unit = _unit_of(reader, row, known)
        if unit is not None and unit.code in read:
            reader.refuse(row, "code", "twice", unit.code)
        elif unit is not None:
            read[unit.code] = unit
    problems = reader.problems or _tree_problems(read, known)
    return Plan(
        new=tuple(unit for code, unit in read.items() if code not in known),
        changed=tuple(unit for code, unit in read.items() if code in known and known[code] != unit),
        same=sum(known.get(code) == unit for code, unit in read.items()),
        problems=tuple(sorted(problems)),
        ignored=tuple(reader.ignored),
    )


def _unit_of(reader: Reader, row: TableRow, known: Mapping[str, UnitRow]) -> UnitRow | None:
    before = len(reader.problems)
    code = reader.needed(row, "code").upper()
    if code and not CODE.fullmatch(code):
        reader.refuse(row, "code", "not_a_code", code)
    name, kind_words = reader.needed(row, "name"), reader.needed(row, "kind")
    kind = KIND_OF.get(plain(kind_words))
    if kind_words and kind is None:
        reader.refuse(row, "kind", "not_a_kind", kind_words)
    if not reader.text(row, "valid_from"):
        reader.refuse(row, "valid_from", "missing")
    first, last = reader.day(row, "valid_from"), reader.day(row, "valid_to")
    if len(reader.problems) > before or kind is None or first is None:
        return None
    parent, successor = reader.text(row, "parent").upper() or None, reader.text(row, "succeeded_by").upper() or None
    unit = UnitRow(code, name, kind, parent, first, last, successor, row.number)
    return _keeping_absent(reader, unit, known.get(code))


def _keeping_absent(reader: Reader, unit: UnitRow, known: UnitRow | None) -> UnitRow:
    """The unit, with what the table has no column for taken from the records."""
    if known is None:
        return unit
    return replace(
        unit,
        parent=unit.parent if reader.has("parent") else known.parent,
        valid_to=unit.valid_to if reader.has("valid_to") else known.valid_to,
        succeeded_by=unit.succeeded_by if reader.has("succeeded_by") else known.succeeded_by,
    )


# The column, or the field of a form, that a problem of the tree speaks of.
COLUMN_OF = {
    "cycle": "parent",
    "parent_unknown": "parent",
    "starts_before_parent": "valid_from",
    "ends_before_start": "valid_to",
    "successor_is_itself": "succeeded_by",
    "successor_unknown": "succeeded_by",
    "successor_cycle": "succeeded_by",
    "successor_without_end": "valid_to",
}


def _tree_problems(read: Mapping[str, UnitRow], known: Mapping[str, UnitRow]) -> list[Problem]:
    after = {**known, **read}
    facts = {
        unit.code: UnitFacts(unit.code, unit.parent, unit.valid_from, unit.valid_to, unit.succeeded_by)
        for unit in after.values()
    }
    return [
        Problem(after[broken.code].row, COLUMN_OF[broken.problem], broken.problem, broken.code) for broken in check_tree(facts)
    ]


def plan_people(
    rows: Sequence[TableRow], known: Mapping[str, PersonRow], units: Mapping[str, UnitFacts], own_login: str
) -> Plan[PersonRow]:
    """What importing these rows into the known people (by login) would do. Seats are added or dated anew, never taken away.

    `own_login` is who imports: nobody takes the administrator's role from themselves.
    """
    reader = Reader(rows, PERSON_COLUMNS)
    read: dict[str, PersonRow] = {}
    for row in reader.rows if reader.can_be_read else ():
        person = _person_of(reader, row, units)
        if person is not None:
            read[person.login] = _joined(reader, row, read.get(person.login), person)
    after = {login: _into(known.get(login), person) for login, person in read.items()}
    own = after.get(own_login)
    if own and Role.ADMINISTRATOR not in (own.roles or ()):
        reader.problems.append(Problem(own.row, "roles", "own_role", own_login))
    return Plan(
        new=tuple(person for login, person in after.items() if login not in known),
        changed=tuple(person for login, person in after.items() if login in known and known[login] != person),
        same=sum(known.get(login) == person for login, person in after.items()),
        problems=tuple(sorted(reader.problems)),
        ignored=tuple(reader.ignored),
    )


def _person_of(reader: Reader, row: TableRow, units: Mapping[str, UnitFacts]) -> PersonRow | None:
    before = len(reader.problems)
    login = reader.needed(row, "login").lower()
    if login and not LOGIN.fullmatch(login):
        reader.refuse(row, "login", "not_a_login", login)
    name = reader.needed(row, "name")
    roles = _roles_of(reader, row)
    seat = _seat_of(reader, row, units)
    if len(reader.problems) > before:
        return None
    return PersonRow(login, name, roles, frozenset({seat} if seat else ()), row.number)


def _roles_of(reader: Reader, row: TableRow) -> frozenset[Role] | None:
    """The roles of a cell, apart by semicolon or plus sign; a comma is part of the name of one."""
    text = reader.text(row, "roles")
    roles = set()
    for words in filter(None, (part.strip() for part in re.split(r"[;+]", text))):
        if role := ROLE_OF.get(plain(words)):
            roles.add(role)
        else:
            reader.refuse(row, "roles", "not_a_role", words)
    return frozenset(roles) if text else None


def _seat_of(reader: Reader, row: TableRow, units: Mapping[str, UnitFacts]) -> SeatRow | None:
    code, title = reader.text(row, "unit").upper(), reader.text(row, "title")
    if not any(reader.text(row, key) for key in ("unit", "title", "valid_from", "valid_to")):
        return None
    for key in ("unit", "title", "valid_from"):
        reader.needed(row, key)
    first, last = reader.day(row, "valid_from"), reader.day(row, "valid_to")
    if code and code not in units:
        reader.refuse(row, "unit", "unit_unknown", code)
    if first is None:
        return None
    if code in units and not units[code].stands_on(first):
        reader.refuse(row, "valid_from", "unit_not_standing", code)
    if last is not None and last < first:
        reader.refuse(row, "valid_to", "ends_before_start", last.isoformat())
    return SeatRow(code, title, first, last)


def _joined(reader: Reader, row: TableRow, earlier: PersonRow | None, person: PersonRow) -> PersonRow:
    """One person out of several rows, which must not contradict each other."""
    if earlier is None:
        return person
    if person.name != earlier.name:
        reader.refuse(row, "name", "name_differs", person.name)
    if None not in (person.roles, earlier.roles) and person.roles != earlier.roles:
        reader.refuse(row, "roles", "roles_differ", person.login)
    if _keys(person.seats) & _keys(earlier.seats):
        reader.refuse(row, "unit", "seat_twice", person.login)
    return replace(earlier, roles=earlier.roles or person.roles, seats=earlier.seats | person.seats)


def _into(known: PersonRow | None, person: PersonRow) -> PersonRow:
    """The person after the import."""
    if known is None:
        return replace(person, roles=person.roles or frozenset())
    kept = frozenset(seat for seat in known.seats if _key(seat) not in _keys(person.seats))
    return replace(person, roles=known.roles if person.roles is None else person.roles, seats=kept | person.seats)


def _key(seat: SeatRow) -> tuple[str, str, date]:
    return seat.unit, seat.title, seat.valid_from


def _keys(seats: Iterable[SeatRow]) -> frozenset[tuple[str, str, date]]:
    return frozenset(_key(seat) for seat in seats)
