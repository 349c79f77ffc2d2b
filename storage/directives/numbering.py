"""Numbering as records: the dated rule of each unit, the last number of each series, and why a number is missing.

A number is given inside the transaction that writes the document: the row of its series is changed first, so that everybody else who
numbers in the series waits there until the document is written or the number is given back by a rollback.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ForeignKey, Select, Subquery, UniqueConstraint, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from domain.directives.directives import OutgoingStep, take
from domain.directives.numbering import (
    GapReason,
    NoNumberingRule,
    NotAGap,
    NumberCancelled,
    NumberKeptApart,
    NumberTaken,
    Reset,
    RuleMakesDoubles,
    RunBeginsInMidYear,
    SecretSeries,
    SecretsHaveTheirOwnRun,
    Series,
    series_key,
    symbol_of,
)
from domain.ground.clock import day_of, now
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Base, Numbered
from storage.ground.lists.paging import Paged, falling, paged
from storage.people.people import Person

T = TypeVar("T")
BOOKS = 12  # runs on a page
MOST_SHOWN = 31  # of what is missing or goes backwards in each of them


MINUTES = "Biên bản"  # the kind whose run minutes of meetings are numbered in


class NumberingRule(Numbered):
    """How a unit numbers what it issues from a day on. With Reset.TERM, each rule begins a term of the committee."""

    __tablename__ = "numbering_rules"
    __table_args__ = (UniqueConstraint("unit_id", "valid_from"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    valid_from: Mapped[date]
    reset: Mapped[Reset] = mapped_column(default=Reset.YEAR)
    series: Mapped[Series] = mapped_column(default=Series.PER_KIND)
    secret_series: Mapped[SecretSeries] = mapped_column(default=SecretSeries.SEPARATE)
    body_symbol: Mapped[str] = mapped_column(default="")  # what follows the kind: LĐLĐ
    mark: Mapped[str] = mapped_column(default="/")
    source: Mapped[str] = mapped_column(default="")


class NumberSeries(Base):
    """The last number given in one run of numbers of a unit; the row is what writers queue for."""

    __tablename__ = "number_series"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class NumberGap(Numbered):
    """Why a number of a series names no document here."""

    __tablename__ = "number_gaps"
    __table_args__ = (UniqueConstraint("unit_id", "series", "number"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    series: Mapped[str]
    number: Mapped[int]
    reason: Mapped[GapReason]
    note: Mapped[str] = mapped_column(default="")  # empty for GapReason.SECRET
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    recorded_by: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True)
class Book:
    """One run of numbers of a unit as it stands: how many documents it names, its highest number, and what is missing below that."""

    series: str
    count: int
    highest: int
    unexplained: tuple[range, ...]
    explained: tuple[NumberGap, ...]
    backwards: tuple[tuple[int, date], ...]  # numbers with an earlier date than a smaller number


def _by_series(rows: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for series, row in rows:
        found[series].append(row)
    return found


def _book(
    series: str, counted: Any, holes: Sequence[range], gaps: Sequence[NumberGap], back: Sequence[tuple[int, date]]
) -> Book:
    count, highest = (counted.count_, counted.highest) if counted else (0, 0)
    highest = max([highest, *(gap.number for gap in gaps)])
    return Book(series, count, highest, tuple(holes), tuple(gaps), tuple(back))


def _counted(numbered: Subquery) -> Select[Any]:
    columns = numbered.c.series, func.count().label("count_"), func.max(numbered.c.number).label("highest")
    return select(*columns).group_by(numbered.c.series)


def _holes(taken: Subquery, most: int) -> Select[Any]:
    """Numbers that do not follow upon the one before them, with that one: what is missing lies between."""
    before = func.lag(taken.c.number, 1, 0).over(partition_by=taken.c.series, order_by=taken.c.number).label("before")
    walk = select(taken.c.series, taken.c.number, before).where(taken.c.number > 0).subquery()
    return _first_of_each(select(walk).where(walk.c.number > walk.c.before + 1).subquery(), most)


def _backwards(numbered: Subquery, most: int) -> Select[Any]:
    """The numbers that bear an earlier date than a smaller number of their run."""
    order = numbered.c.number, numbered.c.suffix
    latest = func.max(numbered.c.dated).over(partition_by=numbered.c.series, order_by=order).label("latest")
    walk = select(numbered, latest).where(numbered.c.dated.is_not(None)).subquery()
    return _first_of_each(select(walk).where(walk.c.dated < walk.c.latest).subquery(), most)


def _first_of_each(found: Subquery, most: int) -> Select[Any]:
    """At most so many rows of each run, in the order of numbers."""
    place = func.row_number().over(partition_by=found.c.series, order_by=found.c.number).label("place")
    counted = select(found, place).subquery()
    return select(counted).where(counted.c.place <= most).order_by(counted.c.series, counted.c.place)


class Numbering:
    """The numbers of one unit."""

    def __init__(self, session: Session, unit_id: int) -> None:
        self.session, self.unit_id = session, unit_id

    def rules(self) -> Sequence[NumberingRule]:
        """Its rules, the latest first."""
        rules = select(NumberingRule).where(NumberingRule.unit_id == self.unit_id)
        return self.session.scalars(rules.order_by(NumberingRule.valid_from.desc())).all()

    def rule_on(self, day: date) -> NumberingRule | None:
        """The rule in force on that day, or None."""
        return next((rule for rule in self.rules() if rule.valid_from <= day), None)

    def series_on(self, day: date, kind: str) -> str:
        """The run that a document of that kind and date belongs to; where no rule was in force, a run by year and kind."""
        return series_under(self.rule_on(day), day, kind)

    def symbol_on(self, day: date, kind: str) -> tuple[str, str]:
        """The symbol of a document of that kind and date, and the mark before it."""
        rule = self.rule_on(day)
        mark = rule.mark if rule else "/"
        return symbol_of(kind, body=rule.body_symbol if rule else "", mark=mark), mark

    def number(self, outgoing: OutgoingDocument, day: date, *, symbol: str = "") -> None:
        """Give an approved document the next number of its run, with that date; raises NoNumberingRule and StepNotAllowed."""
        state = take(outgoing.state, OutgoingStep.NUMBER)
        self.give(outgoing, day, symbol=symbol)
        outgoing.state = state
        self.session.flush()

    def give(self, outgoing: OutgoingDocument, day: date, *, symbol: str = "") -> None:
        """Write the next number of its run into a document, whatever its state; raises NoNumberingRule."""
        if self.rule_on(day) is None:
            raise NoNumberingRule(day)
        usual, mark = self.symbol_on(day, outgoing.kind)
        series = self.series_on(day, outgoing.kind)
        number = self._next(series)
        outgoing.series, outgoing.number, outgoing.suffix, outgoing.dated = series, number, "", day
        outgoing.symbol, outgoing.mark = symbol or usual, mark

    def place(self, outgoing: OutgoingDocument, number: int, suffix: str, day: date) -> None:
        """Write a number that was given outside into a document; raises NumberTaken, NumberKeptApart and NumberCancelled.

        What was said of the number before, such as that it was lost, is said no more: here it is.
        """
        series = self.series_on(day, outgoing.kind)
        self._queue(series)
        with self.session.no_autoflush:
            other = self._bearing(series, number, suffix)
            gap = self.gap(series, number)
        if other is not None and other is not outgoing:
            raise NumberTaken(other.written_number, other.dated, f"{other.kind} {other.abstract}")
        if gap is not None and not suffix:
            if gap.reason is GapReason.SECRET:
                raise NumberKeptApart(number)
            if gap.reason is GapReason.CANCELLED:
                raise NumberCancelled(number)
            self.session.delete(gap)
        outgoing.series, outgoing.number, outgoing.suffix, outgoing.dated = series, number, suffix, day

    def cancel(self, outgoing: OutgoingDocument, because: str, person: Person) -> NumberGap | None:
        """Give up a document that has a number: the number stays as a gap with its reason and is never given again."""
        outgoing.state = take(outgoing.state, OutgoingStep.CANCEL)
        series, number = outgoing.series, outgoing.number
        outgoing.series = outgoing.number = None
        self.session.flush()
        if series is None or number is None or outgoing.suffix:
            return None
        return self._explain(series, number, GapReason.CANCELLED, because, person)

    def keep_apart(self, day: date, kind: str, person: Person) -> NumberGap:
        """Take the next number of a run out for a secret document, of which nothing is said; raises SecretsHaveTheirOwnRun."""
        rule = self.rule_on(day)
        if rule is None:
            raise NoNumberingRule(day)
        if rule.secret_series is SecretSeries.SEPARATE:
            raise SecretsHaveTheirOwnRun
        series = self.series_on(day, kind)
        return self._explain(series, self._next(series), GapReason.SECRET, "", person)

    def take_for_minutes(self, day: date, note: str, person: Person) -> int:
        """Take the next number out of the run of minutes for those of a meeting; where the unit has no rule, of a run by year."""
        series = self.series_on(day, MINUTES)
        return self._explain(series, self._next(series), GapReason.MINUTES, note, person).number

    def explain(self, series: str, numbers: range, reason: GapReason, note: str, person: Person) -> None:
        """Say why numbers are missing; raises NotAGap if one of them is not."""
        unexplained = {number for run in self.book(series).unexplained for number in run}
        for number in numbers:
            if number not in unexplained:
                raise NotAGap(number)
            self._explain(series, number, reason, "" if reason is GapReason.SECRET else note, person)

    def unexplain(self, gap_id: int) -> NumberGap:
        """Take back what was said of a missing number; raises NotAGap for one of another unit, of a secret document or of minutes."""
        gap = self.session.get(NumberGap, gap_id)
        if gap is None or gap.unit_id != self.unit_id or gap.reason in (GapReason.SECRET, GapReason.MINUTES):
            raise NotAGap(gap.number if gap else 0)
        self.session.delete(gap)
        return gap

    def gap(self, series: str, number: int) -> NumberGap | None:
        """What is said of a missing number, or None."""
        of_series = select(NumberGap).where(NumberGap.unit_id == self.unit_id, NumberGap.series == series)
        return self.session.scalar(of_series.where(NumberGap.number == number))

    def series(self) -> list[str]:
        """The runs in which anything was ever numbered, the latest first."""
        return sorted(self.session.scalars(select(self._series().c.series)), reverse=True)

    def books(self, *, after: str = "") -> Paged[Book]:
        """A page of the runs in which anything was ever numbered, the latest first, each as it stands."""
        series = self._series().c.series
        page = paged(self.session, select(series, literal(1)), falling(series, size=BOOKS), after=after)
        names = [row.series for row in page.rows]
        books = self._books(names, most=MOST_SHOWN)
        return replace(page, rows=[books[one] for one in names])

    def book(self, series: str) -> Book:
        """One run as it stands."""
        return self._books([series])[series]

    def _series(self) -> Subquery:
        numbered = select(OutgoingDocument.series).where(
            OutgoingDocument.unit_id == self.unit_id, OutgoingDocument.series.is_not(None), OutgoingDocument.series != ""
        )
        apart = select(NumberGap.series).where(NumberGap.unit_id == self.unit_id, NumberGap.series != "")
        return numbered.union(apart).subquery()

    def _books(self, names: Sequence[str], *, most: int = sys.maxsize) -> dict[str, Book]:
        """These runs; what is missing and what goes backwards is found where the numbers are, so that no run is read whole."""
        within = NumberGap.unit_id == self.unit_id, NumberGap.series.in_(names)
        gaps = select(NumberGap).where(*within).options(joinedload(NumberGap.recorded_by).lazyload("*"))
        explained = _by_series((one.series, one) for one in self.session.scalars(gaps.order_by(NumberGap.number)))
        columns = OutgoingDocument.series, OutgoingDocument.number, OutgoingDocument.suffix, OutgoingDocument.dated
        written = (
            OutgoingDocument.unit_id == self.unit_id,
            OutgoingDocument.series.in_(names),
            OutgoingDocument.number.is_not(None),
        )
        numbered = select(*columns).where(*written).subquery()
        taken = select(*columns[:2]).where(*written).union(select(NumberGap.series, NumberGap.number).where(*within)).subquery()
        ask = self.session.execute
        counts = {row.series: row for row in ask(_counted(numbered))}
        holes = _by_series((row.series, range(row.before + 1, row.number)) for row in ask(_holes(taken, most)))
        back = _by_series((row.series, (row.number, row.dated)) for row in ask(_backwards(numbered, most)))
        return {one: _book(one, counts.get(one), holes[one], explained[one], back[one]) for one in names}

    def neighbours(self, outgoing: OutgoingDocument) -> tuple[OutgoingDocument | None, OutgoingDocument | None]:
        """The documents of its run that an earlier number with a later date, and a later number with an earlier date, are nearest to."""
        same = select(OutgoingDocument).where(
            OutgoingDocument.unit_id == self.unit_id,
            OutgoingDocument.series == outgoing.series,
            OutgoingDocument.id != outgoing.id,
        )
        before = same.where(OutgoingDocument.number < outgoing.number, OutgoingDocument.dated > outgoing.dated)
        after = same.where(OutgoingDocument.number > outgoing.number, OutgoingDocument.dated < outgoing.dated)
        return (
            self.session.scalar(before.order_by(OutgoingDocument.number.desc()).limit(1)),
            self.session.scalar(after.order_by(OutgoingDocument.number).limit(1)),
        )

    def add_rule(self, rule: NumberingRule) -> int:
        """Put a new rule in force and move what was numbered from its day on into the runs it makes; returns how many were moved.

        Raises RuleMakesDoubles if two of them would then bear one number, and RunBeginsInMidYear if the numbers of a year would.
        """
        self._check_year(rule)
        rule.unit_id = self.unit_id
        self.session.add(rule)
        self.session.flush()
        return self._move_all(rule.valid_from)

    def remove_rule(self, rule: NumberingRule) -> int:
        """Take a rule back, as if it had never been; raises RuleMakesDoubles."""
        first = rule.valid_from
        self.session.delete(rule)
        self.session.flush()
        return self._move_all(first)

    def _check_year(self, new: NumberingRule) -> None:
        """Raises RunBeginsInMidYear; a run of a term begins when the term does."""
        first, day = date(new.valid_from.year, 1, 1), new.valid_from
        before = self.rule_on(day - timedelta(days=1))
        reset, series = (before.reset, before.series) if before else (Reset.YEAR, Series.PER_KIND)
        if day == first or (reset, new.reset) != (Reset.YEAR, Reset.YEAR) or series is new.series:
            return
        numbered = select(OutgoingDocument.id).where(
            OutgoingDocument.unit_id == self.unit_id,
            OutgoingDocument.number.is_not(None),
            OutgoingDocument.dated >= first,
            OutgoingDocument.dated < day,
        )
        if self.session.scalar(numbered.limit(1)) is not None:
            raise RunBeginsInMidYear(day)

    def _move_all(self, first: date) -> int:
        numbered = select(OutgoingDocument).where(
            OutgoingDocument.unit_id == self.unit_id, OutgoingDocument.number.is_not(None)
        )
        documents = [one for one in self.session.scalars(numbered) if one.dated]
        homes = {gap: self._home_of(gap, documents) for gap in self._all_gaps()}
        moved = self._move_documents([one for one in documents if one.dated and one.dated >= first])
        taken = {(one.series, one.number) for one in documents}
        for gap, (day, kind) in homes.items():
            if day >= first:
                gap.series = self.series_on(day, kind)
            if (gap.series, gap.number) in taken:
                raise RuleMakesDoubles(f"{gap.number:02}")
        try:
            self.session.flush()
        except IntegrityError as error:  # with one dated before the rule: a term that began earlier
            raise RuleMakesDoubles("") from error
        return moved

    def _move_documents(self, documents: list[OutgoingDocument]) -> int:
        rules, moved = self.rules(), 0
        placed: dict[tuple[str, int | None, str], OutgoingDocument] = {}
        for one in documents:
            day = one.dated or date.min
            series = series_under(next((rule for rule in rules if rule.valid_from <= day), None), day, one.kind)
            if placed.setdefault((series, one.number, one.suffix), one) is not one:
                raise RuleMakesDoubles(one.written_number)
            moved += one.series != series
            one.series = series
        return moved

    def _all_gaps(self) -> Sequence[NumberGap]:
        return self.session.scalars(select(NumberGap).where(NumberGap.unit_id == self.unit_id)).all()

    def _home_of(self, gap: NumberGap, documents: Sequence[OutgoingDocument]) -> tuple[date, str]:
        """Day and kind by which a missing number goes with its run: those of the document before it, else after it, else its own."""
        run = [(one.number, one) for one in documents if one.series == gap.series and one.number is not None]
        _number, nearest = min(run, key=lambda one: (one[0] > gap.number, abs(one[0] - gap.number)), default=(0, None))
        if nearest and nearest.dated:
            return nearest.dated, nearest.kind
        start, _bar, kind = gap.series.partition("|")
        day = day_of(gap.recorded_at)
        return (date(int(start), 12, 31) if start.isdigit() and int(start) != day.year else day), kind

    def _next(self, series: str) -> int:
        self._queue(series)
        held = self.session.get_one(NumberSeries, (self.unit_id, series), populate_existing=True)
        used = select(func.max(OutgoingDocument.number)).where(
            OutgoingDocument.unit_id == self.unit_id, OutgoingDocument.series == series
        )
        apart = select(func.max(NumberGap.number)).where(NumberGap.unit_id == self.unit_id, NumberGap.series == series)
        held.last = max(held.last, self.session.scalar(used) or 0, self.session.scalar(apart) or 0) + 1
        self.session.flush()
        return held.last

    def _queue(self, series: str) -> None:
        """Wait for whoever numbers in the series, and have all others wait until this transaction ends."""
        insert = postgresql.insert if self.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        self.session.execute(insert(NumberSeries).values(unit_id=self.unit_id, series=series, last=0).on_conflict_do_nothing())
        of_series = update(NumberSeries).where(NumberSeries.unit_id == self.unit_id, NumberSeries.series == series)
        self.session.execute(of_series.values(last=NumberSeries.last), execution_options={"synchronize_session": False})

    def _bearing(self, series: str, number: int, suffix: str) -> OutgoingDocument | None:
        numbered = select(OutgoingDocument).where(OutgoingDocument.unit_id == self.unit_id, OutgoingDocument.series == series)
        return self.session.scalar(numbered.where(OutgoingDocument.number == number, OutgoingDocument.suffix == suffix))

    def _explain(self, series: str, number: int, reason: GapReason, note: str, person: Person) -> NumberGap:
        gap = NumberGap(unit_id=self.unit_id, series=series, number=number, reason=reason, note=note, recorded_by_id=person.id)
        self.session.add(gap)
        self.session.flush()
        return gap


def series_under(rule: NumberingRule | None, day: date, kind: str) -> str:
    """The run that a document of that kind and date belongs to under the rule; by year and kind where none was in force."""
    reset, series = (rule.reset, rule.series) if rule else (Reset.YEAR, Series.PER_KIND)
    return series_key(reset, series, kind=kind, dated=day, term_from=rule.valid_from if rule else day)
