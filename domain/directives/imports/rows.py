"""Bringing existing registers in: what each row of people's own tables says, what is wrong with it, and what is secret and stays out.

Which column is what is register_columns.py, what a cell says register_cells.py. The outcome never depends on the order of the rows: rows
that say the same are one, and rows that contradict each other are refused together.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, TypeVar

from domain.directives.directives import Direction
from domain.directives.imports.cells import (
    CellProblem,
    CellRefused,
    ReadNumber,
    check_text,
    is_mark,
    kind_of_symbol,
    leading_kind,
    read_channel,
    read_day,
    read_direction,
    read_flag,
    read_form,
    read_kind,
    read_moment,
    read_number,
    read_secret,
    read_urgency,
)
from domain.directives.imports.columns import Field, Register, Row, plain
from domain.directives.issuance import Channel, Claim, Form
from domain.ground.errors import RuleError


class ImportState(StrEnum):
    """How far an import has come."""

    MAPPING = "mapping"  # the columns are being named
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class SecretContent(RuleError):
    """Rows of secret documents say something of them; nothing of the file may be kept. `rows` as Excel counts them."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(tuple(rows))
        self.rows = tuple(rows)


class HeadingsMissing(RuleError):
    """No row of the table has headings that are known."""


RowProblem = Literal[
    "missing", "kind_missing", "other_unit", "twice", "number_taken", "number_cancelled", "number_kept_apart",
    "secret_without_day",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a cell, or with a whole row (no column); never of a secret row's content."""

    row: int
    column: Field | None
    problem: CellProblem | RowProblem
    value: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingEntry:
    """A row of a register of outgoing documents. Two that are equal say the same, wherever they stand."""

    number: int
    suffix: str
    mark: str
    symbol: str
    dated: date
    kind: str
    abstract: str
    signer: str = ""
    signer_title: str = ""
    direction: Direction | None = None
    recipients: str = ""
    copy_keeper: str = ""
    copies: int | None = None
    transferred_on: date | None = None
    receipt: str = ""
    note: str = ""
    urgency: str = ""
    form: Form | None = None
    is_signed_by_person: bool | None = None
    is_signed_by_organisation: bool | None = None
    channel: Channel | None = None
    sent_at: datetime | None = None
    edxml_document_id: str = ""
    row: int = field(default=0, compare=False)

    @property
    def claim(self) -> Claim:
        """What the row claims of the document's issue."""
        return Claim(self.form, self.is_signed_by_person, self.is_signed_by_organisation, self.channel)


@dataclass(frozen=True, slots=True)
class IncomingEntry:
    """A row of a register of incoming documents."""

    number: int
    arrived_on: date
    author: str
    abstract: str
    written_number: str = ""
    dated: date | None = None
    kind: str = ""
    urgency: str = ""
    assignee: str = ""
    transferred_on: date | None = None
    receipt: str = ""
    note: str = ""
    due_on: date | None = None
    progress: str = ""
    reply_number: str = ""
    row: int = field(default=0, compare=False)


Entry = OutgoingEntry | IncomingEntry
E = TypeVar("E", OutgoingEntry, IncomingEntry)
SecretMonth = tuple[int, int, str]  # year, month, kind ("" where it is not said)


@dataclass(frozen=True, slots=True)
class Context:
    """What the reading of rows depends on besides the rows."""

    today: date
    year: int | None = None  # of days without a year
    other_units: Mapping[str, str] = field(
        default_factory=dict
    )  # `plain` names and codes of units that keep registers of their own


@dataclass(frozen=True, slots=True)
class Reading:
    """What rows say. `skipped` rows are titles, totals and signatures between the others."""

    entries: tuple[Entry, ...] = ()
    secrets: Mapping[SecretMonth, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    skipped: tuple[int, ...] = ()
    row_count: int = 0  # all but those skipped

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({problem.row for problem in self.problems})


LONGEST = {Field.ABSTRACT: 2000, Field.KIND_ABSTRACT: 2000, Field.RECIPIENTS: 2000, Field.NOTE: 1000, Field.PROGRESS: 1000}
LONGEST_OTHER = 300
_ALLOWED_OF_SECRETS = {Field.ORDINAL, Field.DATED, Field.ARRIVED_ON, Field.KIND, Field.UNIT, Field.SECRET}
_NO_ROW = re.compile(
    r"(tong )?cong( trang| thang| cuoi| luy ke)?\b|tong so|tong cong|luy ke|nguoi (lap|vao) (so|bieu)|thu truong|lanh dao|xac nhan|"
    r"chuyen trang|mang sang|thang \d+|quy [ivx\d]+|nam \d{4}$"
)


def secret_rows(rows: Iterable[Row], chosen: Mapping[int, Field]) -> tuple[list[Row], list[Row]]:
    """The rows of secret documents: all of them, and those that say more of one than its day and kind.

    A row is secret if its column of secrecy says so, or if any cell of it is a mark. Nothing but the columns that are known to be
    harmless may hold a word, not even one that is left out.
    """
    column = next((index for index, meant in chosen.items() if meant is Field.SECRET), None)
    secret = [
        row for row in rows if any(is_mark(cell) for cell in row.cells) or (column is not None and _says_secret(row, column))
    ]
    return secret, [row for row in secret if _says_more(row, chosen)]


def _says_secret(row: Row, column: int) -> bool:
    try:
        return read_secret(row.cell(column))
    except CellRefused:
        return False  # not readable: refused as a row, like any other slip


def _says_more(row: Row, chosen: Mapping[int, Field]) -> bool:
    return any(
        cell
        and not is_mark(cell)
        and not (chosen.get(index) in _ALLOWED_OF_SECRETS or (index == 0 and index not in chosen and cell.isdecimal()))
        for index, cell in enumerate(row.cells)
    )


def without_content(row: Row, chosen: Mapping[int, Field], context: Context) -> Row:
    """A secret row as it may be kept: the first day of its month, its kind if a list knows it, and that it is secret."""
    return Row(row.number, tuple(_harmless(cell, chosen.get(index), context) for index, cell in enumerate(row.cells)))


def _harmless(cell: str, meant: Field | None, context: Context) -> str:
    if meant in (Field.DATED, Field.ARRIVED_ON):
        try:
            return read_day(cell, context.year, context.today).replace(day=1).isoformat()
        except CellRefused:
            return ""
    return cell if meant is Field.SECRET or is_mark(cell) else _known_kind(cell) if meant is Field.KIND else ""


def _known_kind(text: str) -> str:
    try:
        return read_kind(text) if text else ""
    except CellRefused:
        return ""


def read_rows(rows: Sequence[Row], chosen: Mapping[int, Field], register: Register, context: Context) -> Reading:
    """What the rows below the headings say; raises SecretContent. Every row is an entry, a secret, a problem, or skipped."""
    secret, telling = secret_rows(rows, chosen)
    if telling:
        raise SecretContent([row.number for row in telling])
    apart = {row.number for row in secret}
    reader = _Reader(chosen, context)
    counts: Counter[SecretMonth] = Counter()
    entries: list[Entry] = []
    skipped = []
    for row in rows:
        if row.number in apart:
            counts.update(reader.secret_month(row))
        elif _is_no_row(row, chosen):
            skipped.append(row.number)
        else:
            entries += reader.outgoing(row) if register is Register.OUTGOING else reader.incoming(row)
    found = tuple(sorted(reader.problems, key=lambda one: (one.row, one.column or "", one.problem)))
    return Reading(tuple(entries), dict(counts), found, tuple(skipped), len(rows) - len(skipped))


def _is_no_row(row: Row, chosen: Mapping[int, Field]) -> bool:
    """Whether a row is a title, a total or a signature among the others, and no document."""
    filled = [(index, cell) for index, cell in enumerate(row.cells) if cell]
    if len(filled) == 1 and not filled[0][1][0].isdigit():
        return True
    key = {Field.NUMBER, Field.WRITTEN_NUMBER, Field.ARRIVAL_NUMBER}
    if any(chosen.get(index) in key and any(letter.isdigit() for letter in cell) for index, cell in filled):
        return False
    mapped = [index for index, _cell in filled if chosen.get(index, Field.ORDINAL) is not Field.ORDINAL]
    return len(mapped) < 2 or bool(_NO_ROW.match(plain(filled[0][1])))


T = TypeVar("T")


class _Reader:
    """Reads the cells of rows by the fields of their columns, gathering what is wrong."""

    def __init__(self, chosen: Mapping[int, Field], context: Context) -> None:
        self.problems: list[Problem] = []
        self._at = {meant: index for index, meant in chosen.items()}
        self._context = context

    def outgoing(self, row: Row) -> list[Entry]:
        """The entry of the row, if nothing is wrong with it."""
        before = len(self.problems)
        self._check_unit(row)
        number, dated = self._number(row), self._day(row, Field.DATED, is_needed=True)
        kind, abstract = self._kind_and_abstract(row, number)
        rest = {
            "direction": self._read(row, Field.DIRECTION, read_direction),
            "copies": self._whole(row, Field.COPIES),
            "transferred_on": self._day(row, Field.TRANSFERRED_ON),
            "urgency": self._read(row, Field.URGENCY, read_urgency) or "",
            "form": self._form(row),
            "is_signed_by_person": self._read(row, Field.SIGNED_BY_PERSON, read_flag),
            "is_signed_by_organisation": self._read(row, Field.SIGNED_BY_ORGANISATION, read_flag),
            "channel": self._read(row, Field.CHANNEL, read_channel),
            "sent_at": self._read(row, Field.SENT_AT, self._moment),
            "edxml_document_id": self._text(row, Field.EDXML_ID),
            **self._texts(row, "signer signer_title recipients copy_keeper receipt note"),
        }
        self._read(row, Field.SECRET, read_secret)
        if len(self.problems) > before or number is None or dated is None:
            return []
        place = (number.number, number.suffix, number.mark, number.symbol)
        return [OutgoingEntry(*place, dated, kind, abstract, row=row.number, **rest)]

    def incoming(self, row: Row) -> list[Entry]:
        """The entry of the row, if nothing is wrong with it."""
        before = len(self.problems)
        number, arrived = (
            self._whole(row, Field.ARRIVAL_NUMBER, is_needed=True),
            self._day(row, Field.ARRIVED_ON, is_needed=True),
        )
        author = self._text(row, Field.AUTHOR, is_needed=True)
        kind, abstract = self._kind_and_abstract(row, None, is_kind_needed=False)
        symbol = self._text(row, Field.SYMBOL)
        written = self._text(row, Field.WRITTEN_NUMBER)
        rest = {
            "written_number": f"{written}/{symbol.lstrip('/ ')}" if written and symbol and symbol not in written else written,
            "dated": self._day(row, Field.DATED),
            "urgency": self._read(row, Field.URGENCY, read_urgency) or "",
            "transferred_on": self._day(row, Field.TRANSFERRED_ON),
            "due_on": self._read(row, Field.DUE_ON, self._any_day),
            **self._texts(row, "assignee receipt note progress reply_number"),
        }
        self._read(row, Field.SECRET, read_secret)
        if len(self.problems) > before or number is None or arrived is None:
            return []
        return [IncomingEntry(number, arrived, author, abstract, kind=kind, row=row.number, **rest)]

    def secret_month(self, row: Row) -> list[SecretMonth]:
        """The month and kind in which a secret document counts; what is wrong is said without what stands there."""
        where = Field.DATED if Field.DATED in self._at else Field.ARRIVED_ON
        try:
            day = read_day(self._cell(row, where), self._context.year, self._context.today)
        except CellRefused:
            self.problems.append(Problem(row.number, where, "secret_without_day"))
            return []
        return [(day.year, day.month, _known_kind(self._cell(row, Field.KIND)))]

    def _cell(self, row: Row, meant: Field) -> str:
        return row.cell(self._at[meant]) if meant in self._at else ""

    def _refuse(self, row: Row, meant: Field | None, problem: CellProblem | RowProblem, value: str = "") -> None:
        self.problems.append(Problem(row.number, meant, problem, value[:80] + ("…" if len(value) > 80 else "")))

    def _read(self, row: Row, meant: Field, read: Callable[[str], T]) -> T | None:
        """The value of a cell; None where it is empty, or where it says nothing that can be read."""
        text = self._cell(row, meant)
        try:
            return read(check_text(text, LONGEST.get(meant, LONGEST_OTHER))) if text else None
        except CellRefused as refused:
            self._refuse(row, meant, refused.problem, text)
            return None

    def _text(self, row: Row, meant: Field, *, is_needed: bool = False) -> str:
        text = self._read(row, meant, str) or ""
        if is_needed and not self._cell(row, meant):
            self._refuse(row, meant, "missing")
        return text

    def _texts(self, row: Row, names: str) -> dict[str, Any]:
        return {name: self._text(row, Field(name)) for name in names.split()}

    def _day(self, row: Row, meant: Field, *, is_needed: bool = False) -> date | None:
        if is_needed and not self._cell(row, meant):
            self._refuse(row, meant, "missing")
        return self._read(row, meant, lambda text: read_day(text, self._context.year, self._context.today))

    def _any_day(self, text: str) -> date:
        return read_day(text, self._context.year, date.max)

    def _moment(self, text: str) -> datetime:
        return read_moment(text, self._context.year, self._context.today)

    def _whole(self, row: Row, meant: Field, *, is_needed: bool = False) -> int | None:
        text = self._text(row, meant, is_needed=is_needed)
        match = re.fullmatch(r"0*(\d{1,6})(?:\s*(?:bản|tờ))?", text)
        if text and (match is None or (is_needed and not int(match[1]))):
            self._refuse(row, meant, "not_a_number", text)
            return None
        return int(match[1]) if match else None

    def _number(self, row: Row) -> ReadNumber | None:
        meant = Field.WRITTEN_NUMBER if self._cell(row, Field.WRITTEN_NUMBER) or Field.NUMBER not in self._at else Field.NUMBER
        if not self._cell(row, meant):
            self._refuse(row, meant, "missing")
        symbol = self._cell(row, Field.SYMBOL)
        return self._read(row, meant, lambda text: read_number(text, symbol))

    def _kind_and_abstract(self, row: Row, number: ReadNumber | None, *, is_kind_needed: bool = True) -> tuple[str, str]:
        """The kind: of its own column, of the title before the abstract, of the symbol, or of the first words of the abstract.

        The abstract does not say again the kind that it begins with.
        """
        both = Field.KIND_ABSTRACT in self._at and bool(self._cell(row, Field.KIND_ABSTRACT))
        meant = Field.KIND_ABSTRACT if both or Field.ABSTRACT not in self._at else Field.ABSTRACT
        abstract = self._text(row, meant, is_needed=True)
        led = leading_kind(abstract)
        kind = self._read(row, Field.KIND, read_kind) if is_kind_needed else self._kind_as_written(row)
        titled = led[0] if both and led and led[1] else None
        kind = kind or titled or (kind_of_symbol(number) if number else None) or (led[0] if led else "")
        if led and kind == led[0] and led[1]:
            abstract = led[1]
        if is_kind_needed and not kind and abstract and number and not self._cell(row, Field.KIND):
            self._refuse(row, Field.KIND, "kind_missing")
        return kind, abstract

    def _kind_as_written(self, row: Row) -> str | None:
        text = self._text(row, Field.KIND)
        return _known_kind(text) or text or None

    def _form(self, row: Row) -> Form | None:
        """In which form it left: said in words, or by crosses in two columns. One column of the two alone does not say it."""
        said = self._read(row, Field.FORM, read_form)
        paper, electronic = self._read(row, Field.ON_PAPER, read_flag), self._read(row, Field.ELECTRONIC, read_flag)
        if said or not {Field.ON_PAPER, Field.ELECTRONIC} <= set(self._at) or not (paper or electronic):
            return said
        return Form.BOTH if paper and electronic else Form.PAPER if paper else Form.ELECTRONIC

    def _check_unit(self, row: Row) -> None:
        words = self._text(row, Field.UNIT)
        if other := self._context.other_units.get(plain(words)) if words else None:
            self._refuse(row, Field.UNIT, "other_unit", other)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. Every entry is added, the same as one that is there, different from it, or refused."""

    added: tuple[Entry, ...] = ()
    same: tuple[int, ...] = ()  # rows
    differing: tuple[tuple[int, tuple[str, ...]], ...] = ()  # rows, and in which facts they differ from what is there and stays
    problems: tuple[Problem, ...] = ()

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return len({problem.row for problem in self.problems})


Place = tuple[Any, ...]  # what no two entries of a register share: the run of numbers, the number and its suffix


def plan(reading: Reading, place_of: Callable[[Entry], Place], there: Mapping[Place, Entry]) -> Plan:
    """What bringing in the entries would do to the register, where `there` stand those that it has, by their place."""
    at: dict[Place, list[Entry]] = defaultdict(list)
    for entry in reading.entries:
        at[place_of(entry)].append(entry)
    added, same, differing, problems = [], [], [], list(reading.problems)
    for place, entries in at.items():
        known = there.get(place)
        if known is None and _all_alike(entries):
            first = min(entries, key=lambda entry: entry.row)
            added.append(first)
            same += [entry.row for entry in entries if entry is not first]
        elif known is None:
            rows = sorted(entry.row for entry in entries)
            problems += [_twice(entry, next(row for row in rows if row != entry.row)) for entry in entries]
        else:
            for entry in entries:
                apart = _differences(entry, known)
                if not apart:
                    same.append(entry.row)
                elif _is_same_document(entry, known):
                    differing.append((entry.row, apart))
                else:
                    problems.append(Problem(entry.row, _number_field(entry), "number_taken", described(known)))
    problems.sort(key=lambda one: (one.row, one.column or "", one.problem))
    return Plan(
        tuple(sorted(added, key=lambda entry: entry.row)), tuple(sorted(same)), tuple(sorted(differing)), tuple(problems)
    )


def _all_alike(entries: Collection[Entry]) -> bool:
    return len(set(entries)) == 1


def _twice(entry: Entry, other: int) -> Problem:
    return Problem(entry.row, _number_field(entry), "twice", str(other))


def _number_field(entry: Entry) -> Field:
    return Field.NUMBER if isinstance(entry, OutgoingEntry) else Field.ARRIVAL_NUMBER


def _differences(entry: Entry, known: Entry) -> tuple[str, ...]:
    """The facts that the entry states otherwise than what is there; what it leaves open does not differ."""
    return tuple(
        one.name
        for one in fields(entry)
        if one.compare and getattr(entry, one.name) not in (None, "") and getattr(entry, one.name) != getattr(known, one.name)
    )


def _is_same_document(entry: Entry, known: Entry) -> bool:
    if isinstance(entry, OutgoingEntry) and isinstance(known, OutgoingEntry):
        return (entry.symbol, entry.dated) == (known.symbol, known.dated)
    if isinstance(entry, IncomingEntry) and isinstance(known, IncomingEntry):
        return entry.arrived_on == known.arrived_on and plain(entry.author) == plain(known.author)
    return False


def described(entry: Entry) -> str:
    """An entry in short, to tell it from others: 05/KH-LĐLĐ, 05/01/2025."""
    if isinstance(entry, OutgoingEntry):
        written = f"{entry.number:02}{entry.suffix}{entry.mark if entry.symbol else ''}{entry.symbol}"
        return f"{written}, {entry.dated:%d/%m/%Y}"
    return f"{entry.number}, {entry.author[:60]}, {entry.arrived_on:%d/%m/%Y}"
