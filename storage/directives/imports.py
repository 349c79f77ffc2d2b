"""Registers that were brought in from Excel or CSV, as records: the file, how its columns were understood, and how far it got.

What a file says is read once and kept as rows beside it, so that an import goes on in steps: each step is one transaction that looks
again at what is there and adds the next rows that are not. Whatever ends a step, even kill -9, the next begins where the last one was
committed; nothing is added twice, for what was added is then the same. Steps are driven by the page while somebody looks at it, or by the
command; nobody has to wait for a worker. A step deals with the next places of the register (a run, a number, a suffix) and with all rows
that claim them, so that its cost is that of its own rows and it decides as if all were done at once.

Nothing of a secret document is kept: a file that says something of one is refused before a byte of it is stored, and of a file that only
counts them the original is not kept, and the rows say month and kind.
"""

import gzip
import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Table, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.directives.directives import OutgoingState
from domain.directives.imports.columns import (
    Field,
    Guess,
    Register,
    Row,
    body_of,
    guesses,
    layout_of,
    plain,
    year_of,
)
from domain.directives.imports.rows import (
    Context,
    Entry,
    HeadingsMissing,
    ImportState,
    IncomingEntry,
    OutgoingEntry,
    Place,
    Plan,
    Problem,
    Reading,
    SecretContent,
    plan,
    read_rows,
    secret_rows,
    without_content,
)
from domain.directives.numbering import GapReason
from domain.ground.clock import now, today
from domain.ground.errors import StepNotAllowed, existing
from domain.people.units import UnitKind
from storage.archive.documents import Document
from storage.archive.set_aside import forgets
from storage.directives.closings import ShareClosing, closings_over
from storage.directives.incoming import IncomingDocument, searched_of
from storage.directives.numbering import NumberGap, Numbering, series_under
from storage.directives.outgoing import OutgoingDocument, SecretCount, words_of
from storage.ground.claims import unneeded
from storage.ground.database import Base, Numbered, ObjectKey, storable
from storage.ground.objects import Objects
from storage.ground.spreadsheets import Table as Sheet
from storage.ground.spreadsheets import TableRow, table_of
from storage.people.people import Person
from storage.people.units import Unit

STEP = 1000  # rows added in one transaction: a second or so
_SHEET = 1_000_000  # rows of the second sheet are numbered from here, of the third from twice this
_KEPT_PROBLEMS = 2000


class RegisterImport(Numbered):
    """One file with one register of one unit."""

    __tablename__ = "register_imports"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    register: Mapped[Register]
    state: Mapped[ImportState] = mapped_column(default=ImportState.MAPPING)
    name: Mapped[str]
    sha256: Mapped[ObjectKey]  # of the file; the object is there unless the file counts secret documents
    rows_sha256: Mapped[ObjectKey]  # of what was read of it
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Choice
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)  # rows looked at so far
    cursor: Mapped[int] = mapped_column(default=-1)  # the last row with which a step began to deal
    added_count: Mapped[int] = mapped_column(default=0)
    same_count: Mapped[int] = mapped_column(default=0)
    differing_count: Mapped[int] = mapped_column(default=0)
    refused_count: Mapped[int] = mapped_column(default=0)
    secret_count: Mapped[int] = mapped_column(default=0)  # documents that are only counted
    secrets: Mapped[list[Any]] = mapped_column(JSON, default=list)  # the counts that were added: year, month, kind, count
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)  # row, column, problem, value
    removed_count: Mapped[int] = mapped_column(default=0)  # by undoing it
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    started_by: Mapped[Person | None] = relationship()


@dataclass(frozen=True, slots=True)
class Choice:
    """How a file is understood: which sheets, below which row, which column is what, and the year of days without one."""

    sheets: tuple[tuple[int, int], ...]  # place of the sheet, last row of its headings
    headings: tuple[str, ...]
    columns: Mapping[int, Field] = field(default_factory=dict)
    year: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The values that `choice_of` reads back."""
        columns = {str(index): str(meant) for index, meant in self.columns.items()}
        return {"sheets": list(map(list, self.sheets)), "headings": list(self.headings), "columns": columns, "year": self.year}

    def remembered(self) -> dict[str, str]:
        """What was chosen for each heading, "" for one left out: for the next file of the unit."""
        return {plain(heading): str(self.columns.get(at, "")) for at, heading in enumerate(self.headings) if heading}


def choice_of(values: Mapping[str, Any]) -> Choice:
    """The choice of these values."""
    columns = {int(index): Field(meant) for index, meant in values["columns"].items()}
    sheets = tuple((at, last) for at, last in values["sheets"])
    return Choice(sheets, tuple(values["headings"]), columns, values["year"])


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was read and found harmless, before anything of it is kept."""

    choice: Choice
    sure: tuple[float, ...]
    sheets: tuple[Sheet, ...]
    is_original_kept: bool


def draft(
    sheets: Sequence[Sheet], register: Register, *, name: str, year: int | None = None, before: Mapping[str, str] | None = None
) -> Draft:
    """How the sheets of a file may be understood; raises HeadingsMissing, and SecretContent before anything is kept.

    Sheets with the same headings are one register: people keep a sheet for each month.
    """
    laid = [(at, layout_of(_rows(sheet), sheet.merges, register)) for at, sheet in enumerate(sheets)]
    known = [(at, layout) for at, layout in laid if layout]
    checked = [_harmless(sheet, dict(known).get(at), register, year) for at, sheet in enumerate(sheets)]
    if telling := [(at * _SHEET + number) for at, (_sheet, rows, _any) in enumerate(checked) for number in rows]:
        raise SecretContent(telling)
    if not known:
        raise HeadingsMissing
    first, layout = known[0]
    alike = [(at, other.last) for at, other in known if _plain(other.headings) == _plain(layout.headings)]
    alike = [(at, last) for at, last in alike if at == first or not sheets[at].is_hidden]
    titles = [cell for row in sheets[first].rows if row.number < layout.first for cell in row.cells]
    found = guesses(layout.headings, register, before)
    columns = {index: guess.field for index, guess in enumerate(found) if guess.field}
    choice = Choice(tuple(alike), layout.headings, columns, year or year_of([*titles, sheets[first].name, name]))
    is_kept = not any(has_secrets for _sheet, _rows, has_secrets in checked)
    return Draft(choice, tuple(guess.sure for guess in found), tuple(sheet for sheet, _rows, _any in checked), is_kept)


def _plain(headings: Iterable[str]) -> list[str]:
    return [plain(heading) for heading in headings]


def _rows(sheet: Sheet, at: int = 0) -> list[Row]:
    return [Row(at * _SHEET + row.number, row.cells) for row in sheet.rows]


def _harmless(sheet: Sheet, layout: Any, register: Register, year: int | None) -> tuple[Sheet, list[int], bool]:
    """The sheet without what secret rows hold, the numbers of those that say something, and whether there are any."""
    found = guesses(layout.headings, register) if layout else []
    columns = {index: guess.field for index, guess in enumerate(found) if guess.field}
    below = [row for row in _rows(sheet) if layout is None or row.number > layout.last]
    secret, telling = secret_rows(below, columns)
    context = Context(today(), year or year_of([cell for row in sheet.rows[:10] for cell in row.cells]))
    kept = {row.number: without_content(row, columns, context).cells for row in secret}
    rows = tuple(TableRow(row.number, kept.get(row.number, row.cells)) for row in sheet.rows)
    return replace(sheet, rows=rows), [row.number for row in telling], bool(secret)


def keep(objects: Objects, drafted: Draft, content: bytes) -> tuple[str, str]:
    """Keep the file, unless it counts secret documents, and what was read of it; returns the key of each."""
    packed = gzip.compress(json.dumps([sheet.as_json() for sheet in drafted.sheets], ensure_ascii=False).encode(), 6, mtime=0)
    rows_key, _size = objects.put(io.BytesIO(packed))
    if not drafted.is_original_kept:
        return "", rows_key
    key, _size = objects.put(io.BytesIO(content))
    return key, rows_key


@lru_cache(maxsize=2)
def sheets_of(objects: Objects, rows_sha256: str) -> tuple[Sheet, ...]:
    """The sheets of an import as they were read."""
    with objects.open(rows_sha256) as stream:
        return tuple(table_of(values) for values in json.loads(gzip.decompress(stream.read())))


def rows_of(sheets: Sequence[Sheet], choice: Choice) -> list[Row]:
    """The rows below the headings of all chosen sheets."""
    found = []
    for at, last in choice.sheets:
        sheet = sheets[at]
        merges = [(top + at * _SHEET, left, bottom + at * _SHEET, right) for top, left, bottom, right in sheet.merges]
        found += body_of(_rows(sheet, at), merges, at * _SHEET + last)
    return found


def place_in_file(number: int, sheets: Sequence[Sheet]) -> tuple[str, int]:
    """The name of the sheet (empty where there is one sheet only) and the row as Excel counts it."""
    at, row = divmod(number, _SHEET)
    return (sheets[at].name if len(sheets) > 1 else ""), row


def guesses_of(choice: Choice, register: Register, before: Mapping[str, str]) -> list[Guess]:
    """What each column may be, with how sure that is."""
    return guesses(choice.headings, register, before)


@lru_cache(maxsize=2)
def _read(
    objects: Objects, rows_sha256: str, choice: str, register: Register, day: date, others: frozenset[tuple[str, str]]
) -> Reading:
    chosen = choice_of(json.loads(choice))
    rows = rows_of(sheets_of(cast(Any, objects), rows_sha256), chosen)
    return read_rows(rows, chosen.columns, register, Context(day, chosen.year, dict(others)))


class RegisterImports:
    """The imports of some units: those whose registers the asker keeps (storage/people/scopes.py)."""

    def __init__(self, session: Session, kept: Collection[int]) -> None:
        self.session, self.kept = session, kept

    def get(self, import_id: int) -> RegisterImport:
        """The import; raises NotFound for one of a unit that is not kept."""
        of_mine = select(RegisterImport).where(RegisterImport.id == import_id, RegisterImport.unit_id.in_(self.kept))
        return existing(self.session.scalar(of_mine), "register_import", import_id)

    def locked(self, import_id: int) -> RegisterImport:
        """The import, for one who changes it: others wait until the transaction ends."""
        self.session.scalar(select(RegisterImport.id).where(RegisterImport.id == import_id).with_for_update())
        return self.get(import_id)

    def all(self) -> Sequence[RegisterImport]:
        """The imports, the latest first."""
        mine = select(RegisterImport).where(RegisterImport.unit_id.in_(self.kept))
        return self.session.scalars(mine.order_by(RegisterImport.id.desc()).limit(200)).all()

    def remembered(self, unit_id: int, register: Register) -> dict[str, str]:
        """What the unit chose for headings in its last import of that register that was run."""
        run = RegisterImport.state.in_([ImportState.RUNNING, ImportState.DONE, ImportState.CANCELLED])
        mine = select(RegisterImport.mapping).where(RegisterImport.unit_id == unit_id, RegisterImport.register == register, run)
        last = self.session.scalar(mine.order_by(RegisterImport.id.desc()).limit(1))
        return choice_of(last).remembered() if last else {}

    def cut_off(self, unit_id: int, register: Register, rows_sha256: str, choice: Choice) -> RegisterImport | None:
        """The latest import of the same file, understood in the same way, that runs, or was cut off while it ran."""
        running = select(RegisterImport).where(RegisterImport.unit_id == unit_id, RegisterImport.state == ImportState.RUNNING)
        same = running.where(RegisterImport.register == register, RegisterImport.rows_sha256 == rows_sha256)
        found = self.session.scalars(same.order_by(RegisterImport.id.desc()))
        return next((one for one in found if one.mapping == choice.as_json()), None)

    def begin(
        self, unit_id: int, register: Register, name: str, keys: tuple[str, str], drafted: Draft, by: Person | None
    ) -> RegisterImport:
        """Write down a file whose columns are now to be named."""
        one = RegisterImport(
            unit_id=unit_id,
            register=register,
            name=storable(name)[-200:],
            sha256=keys[0],
            rows_sha256=keys[1],
            mapping=drafted.choice.as_json(),
            started_by_id=by.id if by else None,
        )
        self.session.add(one)
        self.session.flush()
        return one


class Run:
    """One import as it is read against the register of its unit."""

    def __init__(self, session: Session, objects: Objects, one: RegisterImport) -> None:
        self.session, self.objects, self.one = session, objects, one
        self._rules = Numbering(session, one.unit_id).rules()
        self._series: dict[tuple[date, str], str] = {}  # of each day and kind: asked for again and again

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The sheets of the file."""
        return sheets_of(cast(Any, self.objects), self.one.rows_sha256)

    @property
    def choice(self) -> Choice:
        """How the file is understood."""
        return choice_of(self.one.mapping)

    @property
    def _kind(self) -> Any:
        return OutgoingDocument if self.one.register is Register.OUTGOING else IncomingDocument

    def reading(self) -> Reading:
        """What the rows say; raises SecretContent."""
        chosen = json.dumps(self.one.mapping, sort_keys=True)
        return _read(cast(Any, self.objects), self.one.rows_sha256, chosen, self.one.register, today(), self._other_units())

    def _other_units(self) -> frozenset[tuple[str, str]]:
        """Words that name units with registers of their own; the offices of this one have none."""
        own = self.one.unit
        units = self.session.scalars(select(Unit)).all()
        mine = {plain(words) for unit in units if self._is_own(unit) for words in (unit.code, unit.name)}
        others = {(plain(words), unit.code) for unit in units if not self._is_own(unit) for words in (unit.code, unit.name)}
        return frozenset((words, code) for words, code in others if words not in mine and code != own.code)

    def _is_own(self, unit: Unit) -> bool:
        return unit.id == self.one.unit_id or (unit.parent_id == self.one.unit_id and unit.kind is UnitKind.OFFICE)

    def plan(self) -> Plan:
        """What the import would do now."""
        return self._planned(self.reading())

    def _planned(self, reading: Reading) -> Plan:
        places = [self._place_of(entry) for entry in reading.entries]
        numbers = {place[1] for place in places} if len(places) <= 2 * STEP else None
        planned = plan(reading, self._place_of, self._there({place[0] for place in places}, numbers))
        return self._without_given_away(planned)

    def _place_of(self, entry: Entry) -> Place:
        if isinstance(entry, IncomingEntry):
            return entry.arrived_on.year, entry.number
        about = entry.dated, entry.kind
        if about not in self._series:
            rule = next((rule for rule in self._rules if rule.valid_from <= entry.dated), None)
            self._series[about] = series_under(rule, *about)
        return self._series[about], entry.number, entry.suffix

    def _there(self, runs: Collection[Any], numbers: Collection[int] | None) -> dict[Place, Entry]:
        if self.one.register is Register.INCOMING:
            held = self._held(IncomingDocument, IncomingDocument.year, runs, numbers)
            return {(one.year, one.number): _incoming_entry(one) for one in held}
        held = self._held(OutgoingDocument, OutgoingDocument.series, runs, numbers)
        return {(one.series, one.number, one.suffix): _outgoing_entry(one) for one in held if one.number is not None}

    def _held(self, table: Any, run: Any, runs: Collection[Any], numbers: Collection[int] | None) -> Iterable[Any]:
        """The columns of the unit's documents in these runs, of these numbers if they are few; not as objects, for they may be many."""
        mine = select(*table.__table__.columns).where(table.unit_id == self.one.unit_id, run.in_(runs))
        return self.session.execute(mine if numbers is None else mine.where(table.number.in_(numbers)))

    def _without_given_away(self, planned: Plan) -> Plan:
        """Refuse the numbers that were taken out of a run for secret documents, of which nothing more is said, and those of documents
        that were cancelled, which are never given again."""
        reasons = (GapReason.SECRET, GapReason.CANCELLED)
        gaps = select(NumberGap.series, NumberGap.number, NumberGap.reason).where(NumberGap.unit_id == self.one.unit_id)
        given = {
            (series, number): why for series, number, why in self.session.execute(gaps.where(NumberGap.reason.in_(reasons)))
        }
        if not given:
            return planned
        hit = [
            (one, given[place])
            for one in planned.added
            if isinstance(one, OutgoingEntry) and not one.suffix and (place := self._place_of(one)[:2]) in given
        ]
        refused = [
            Problem(
                one.row, Field.NUMBER, "number_kept_apart" if why is GapReason.SECRET else "number_cancelled", str(one.number)
            )
            for one, why in hit
        ]
        added = tuple(one for one in planned.added if one.row not in {row.row for row in refused})
        return replace(planned, added=added, problems=tuple(sorted((*planned.problems, *refused), key=lambda one: one.row)))

    def start(self) -> None:
        """Let the import run, or go on; raises StepNotAllowed, SecretContent."""
        if self.one.state not in (ImportState.MAPPING, ImportState.CANCELLED):
            raise StepNotAllowed(self.one.state, "start")
        reading = self.reading()
        self.one.state, self.one.row_count, self.one.ended_at = ImportState.RUNNING, reading.row_count, None

    def step(self, at_most: int = STEP) -> bool:
        """Deal with the next places; returns whether the import has come to its end. Nothing happens unless it is running."""
        one = self.one
        if one.state is not ImportState.RUNNING:
            return True
        left = [entries for entries in self._by_place() if entries[0].row > one.cursor]
        some = left[:at_most]
        self._deal_with([entry for entries in some for entry in entries])
        one.cursor = some[-1][0].row if some else one.cursor
        if len(left) > at_most:
            return False
        self._finish()
        return True

    def _by_place(self) -> list[list[Entry]]:
        """The entries that claim the same place together, in the order in which the places are first claimed."""
        at: dict[Place, list[Entry]] = {}
        for entry in sorted(self.reading().entries, key=lambda entry: entry.row):
            at.setdefault(self._place_of(entry), []).append(entry)
        return list(at.values())

    def _deal_with(self, entries: Sequence[Entry]) -> None:
        planned, one = self._planned(Reading(tuple(entries))), self.one
        self._add(planned.added)
        one.added_count += len(planned.added)
        one.same_count += len(planned.same)
        one.differing_count += len(planned.differing)
        one.done_count += len(entries)
        self._note(planned.problems)

    def _note(self, problems: Sequence[Problem]) -> None:
        noted = [[each.row, str(each.column or ""), each.problem, each.value] for each in problems]
        self.one.refused_count += len({each.row for each in problems})
        self.one.problems = sorted([*self.one.problems, *noted])[:_KEPT_PROBLEMS]

    def _add(self, entries: Sequence[Entry]) -> None:
        make: Callable[[Any], dict[str, Any]] = self._outgoing if self.one.register is Register.OUTGOING else self._incoming
        self._forget_gaps(entries)
        if entries:  # past the session, which would take three times as long
            self.session.execute(self._kind.__table__.insert(), [make(entry) for entry in entries])

    def _forget_gaps(self, entries: Sequence[Entry]) -> None:
        """What was said of numbers that were missing is said no more: here they are."""
        places = {self._place_of(entry)[:2] for entry in entries if isinstance(entry, OutgoingEntry) and not entry.suffix}
        for gap in self.session.scalars(select(NumberGap).where(NumberGap.unit_id == self.one.unit_id)) if places else ():
            if (gap.series, gap.number) in places:
                self.session.delete(gap)

    def _outgoing(self, entry: OutgoingEntry) -> dict[str, Any]:
        claimed = entry.claim.range()
        return {
            **_values(entry),
            "unit_id": self.one.unit_id,
            "state": OutgoingState.ISSUED,
            "series": self._place_of(entry)[0],
            "claimed_low": claimed.low,
            "claimed_high": claimed.high,
            "evidenced_low": 0,  # nothing is proven
            "evidenced_high": claimed.high,
            "import_id": self.one.id,
            "import_row": entry.row,
            "drafted_by_id": self.one.started_by_id,
            "words": storable(words_of(entry)),
        }

    def _incoming(self, entry: IncomingEntry) -> dict[str, Any]:
        return {
            **_values(entry),
            "unit_id": self.one.unit_id,
            "year": entry.arrived_on.year,
            "import_id": self.one.id,
            "import_row": entry.row,
            "entered_by_id": self.one.started_by_id,
            "searched": storable(searched_of(entry)),
        }

    def _finish(self) -> None:
        one, reading = self.one, self.reading()
        self._note(reading.problems)
        one.secret_count = sum(reading.secrets.values())
        one.secrets = self._count_secrets(reading)
        one.state, one.done_count, one.ended_at = ImportState.DONE, one.row_count, now()

    def _count_secrets(self, reading: Reading) -> list[Any]:
        """Add the counts of months that have none; a count that is there stays. Returns those added."""
        if self.one.register is Register.INCOMING or self.one.started_by_id is None:
            return []
        mine = select(SecretCount).where(SecretCount.unit_id == self.one.unit_id)
        there = {(count.year, count.month, count.kind) for count in self.session.scalars(mine)}
        added = [[*month, count] for month, count in sorted(reading.secrets.items()) if month not in there]
        for year, month, kind, count in added:
            counted = SecretCount(unit_id=self.one.unit_id, year=year, month=month, kind=kind, count=count)
            counted.recorded_by_id = self.one.started_by_id
            self.session.add(counted)
        return added

    def cancel(self) -> None:
        """Stop where it is; what was added stays until it is undone. Raises StepNotAllowed."""
        if self.one.state is not ImportState.RUNNING:
            raise StepNotAllowed(self.one.state, "cancel")
        self.one.state, self.one.ended_at = ImportState.CANCELLED, now()

    def staying(self) -> dict[int, str]:
        """The documents of this import that undoing it would leave, and why: changed, or in_use by other records."""
        kind = self._kind
        said = {entry.row: entry for entry in self.reading().entries}
        mine = self.session.scalars(select(kind).where(kind.import_id == self.one.id)).all()
        used = _referenced(self.session, kind.__table__, select(kind.id).where(kind.import_id == self.one.id))
        changed = {one.id: "changed" for one in mine if not _is_as_it_came(one, said.get(one.import_row))}
        return {**changed, **dict.fromkeys(used, "in_use")}

    def undoing(self) -> "Undoing":
        """What undoing it would do. Days in closed periods hold nothing back: those figures stay as they were locked, and what goes
        is shown beside them, like any correction after a closing (storage/directives/closings.py)."""
        kind, stay = self._kind, self.staying()
        rows = self.session.execute(select(kind.id, kind.dated).where(kind.import_id == self.one.id)).all()
        going = [row for row in rows if row.id not in stay]
        return Undoing(stay, tuple(row.id for row in going), self.closed([*(row.dated for row in going), *self._secret_days()]))

    def added_to_closed(self) -> list[tuple[ShareClosing, int]]:
        """The closed periods to which it added documents, each with how many."""
        dated = select(self._kind.dated).where(self._kind.import_id == self.one.id)
        return self.closed([*self.session.scalars(dated), *self._secret_days()])

    def _secret_days(self) -> list[date]:
        """The days by which the secret documents count that it added to the counts."""
        return [date(year, month, 1) for year, month, _kind, count in self.one.secrets for _ in range(count)]

    def closed(self, days: Collection[date]) -> list[tuple[ShareClosing, int]]:
        """The closed periods that hold for documents of these days, each with how many; none for what came in: no share counts it."""
        return closings_over(self.session, self.one.unit_id, days) if self.one.register is Register.OUTGOING and days else []

    def undo(self) -> "Undoing":
        """Remove what it added and nobody has touched since. Raises StepNotAllowed.

        Numbers need no mending: the next one of a run follows from the documents and gaps that are there.
        """
        if self.one.state not in (ImportState.DONE, ImportState.CANCELLED):
            raise StepNotAllowed(self.one.state, "undo")
        undoing = self.undoing()
        table: Table = self._kind.__table__
        for start in range(0, len(undoing.going), 500):
            self.session.execute(table.delete().where(table.c.id.in_(undoing.going[start : start + 500])))
        self._uncount_secrets()
        self.one.state, self.one.removed_count, self.one.ended_at = ImportState.UNDONE, len(undoing.going), now()
        return undoing

    def _uncount_secrets(self) -> None:
        mine = select(SecretCount).where(SecretCount.unit_id == self.one.unit_id)
        for counted in self.session.scalars(mine):
            if [counted.year, counted.month, counted.kind, counted.count] in self.one.secrets:
                self.session.delete(counted)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing an import does: which documents stay, and why (changed, in_use), and which go, some out of closed periods."""

    staying: Mapping[int, str]
    going: tuple[int, ...]
    closed: list[tuple[ShareClosing, int]]


def discard(session: Session, objects: Objects, one: RegisterImport) -> None:
    """Forget an import that was never run, its file too; raises StepNotAllowed. What another import names stays."""
    if one.state is not ImportState.MAPPING:
        raise StepNotAllowed(one.state, "discard")
    keys = one.sha256, one.rows_sha256
    session.delete(one)
    forget(session, objects, keys)


def forget(session: Session, objects: Objects, keys: Iterable[str]) -> None:
    """Remove what was kept of a file, unless another record names it too."""
    session.flush()
    for key in unneeded(session, filter(None, keys)):
        objects.remove(key)
    sheets_of.cache_clear()
    _read.cache_clear()


@forgets
def forget_file(session: Session, document: Document, keys: Collection[str]) -> set[str]:  # noqa: ARG001 - it goes by its bytes
    """Have no import name a file that is being destroyed; the rows that were read of it are entries of the register by now."""
    session.execute(update(RegisterImport).where(RegisterImport.sha256.in_(keys)).values(sha256=""))
    return set()


def _values(entry: Entry) -> dict[str, Any]:
    values = {one.name: getattr(entry, one.name) for one in fields(entry) if one.compare}
    return {name: storable(value) if type(value) is str else value for name, value in values.items()}


_OUTGOING = [one.name for one in fields(OutgoingEntry) if one.compare]
_INCOMING = [one.name for one in fields(IncomingEntry) if one.compare]


def _outgoing_entry(one: Any) -> OutgoingEntry:
    return OutgoingEntry(**{name: getattr(one, name) for name in _OUTGOING})


def _incoming_entry(one: Any) -> IncomingEntry:
    return IncomingEntry(**{name: getattr(one, name) for name in _INCOMING})


def _is_as_it_came(one: Any, entry: Entry | None) -> bool:
    """Whether the record says what its row says, and nothing was added to it."""
    if isinstance(one, OutgoingDocument):
        is_bare = one.state is OutgoingState.ISSUED and not any(
            (one.file_sha256, one.document_id, one.edxml_document_id, one.replaced_by_id)
        )
        return is_bare and entry == _outgoing_entry(one)
    given = (one.handled_on, one.reply_id, one.delivery_id, one.document_id, one.assignee_id)
    return not any(given) and entry == _incoming_entry(one)


def _referenced(session: Session, table: Table, ids: Any) -> set[int]:
    """Those of the records that any other record refers to."""
    referring = [key for other in Base.metadata.tables.values() for key in other.foreign_keys if key.column is table.c.id]
    return {id_ for key in referring for id_ in session.scalars(select(key.parent).where(key.parent.in_(ids)).distinct())}
