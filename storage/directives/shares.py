"""Shares from the registers: counts in SQL by unit, kind or month, the documents behind each figure, who has not reported.

Every query is filtered by the units of its `Selection`, which are among those that the asker sees (storage/people/scopes.py). What is
counted and how is said in domain/directives/shares.py and docs/share-definition.md.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from domain.directives.directives import COUNTED, REGISTERED, Direction, OutgoingState
from domain.directives.issuance import Level, LevelRange, Reading
from domain.directives.numbering import EXPLAINS
from domain.directives.shares import MISSING_EVIDENCE, Basis, Cause, Counts, Outcome, cause_of
from domain.ground.periods import Period, month
from domain.people.units import UnitKind, tree_on, under
from storage.directives.numbering import NumberGap
from storage.directives.outgoing import DirectiveKind, OutgoingDocument, RegisterReport, SecretCount
from storage.ground.database import Records, ids_as_text, ids_in
from storage.people.units import AnyUnit, KnownUnit, Unit, Units

ALL_FIGURES = tuple(product(Basis, Reading))
_LOW: Mapping[Basis, InstrumentedAttribute[int]] = {
    Basis.CLAIMED: OutgoingDocument.claimed_low,
    Basis.EVIDENCED: OutgoingDocument.evidenced_low,
}
_HIGH: Mapping[Basis, InstrumentedAttribute[int]] = {
    Basis.CLAIMED: OutgoingDocument.claimed_high,
    Basis.EVIDENCED: OutgoingDocument.evidenced_high,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents a figure is about. `units` are ids, and never more than the asker sees."""

    period: Period
    units: frozenset[int]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of the same documents on each basis under each reading, in the order of ALL_FIGURES."""

    counts: tuple[Counts, ...] = (Counts(),) * len(ALL_FIGURES)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(tuple(one + another for one, another in zip(self.counts, other.counts, strict=True)))

    def of(self, basis: Basis, reading: Reading) -> Counts:
        """The counts on that basis under that reading."""
        return self.counts[ALL_FIGURES.index((basis, reading))]


NOTHING = Figures()


def summed(figures: Iterable[Figures]) -> Figures:
    """The figures of all of them together."""
    return sum(figures, NOTHING)


@dataclass(frozen=True, slots=True)
class MissingNumbers:
    """Numbers of a unit's run that name no document and have no explanation, dated as the first document after them."""

    unit_id: int
    series: str
    kind: str  # empty where all kinds share the run
    dated: date
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reporting:
    """Of how many months of a period a unit owes its word that the register is complete, and of how many it has given it."""

    unit: AnyUnit
    due: int
    given: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is owed."""
        return self.given >= self.due


class Shares:
    """The shares of one selection of documents."""

    def __init__(self, session: Session, selection: Selection) -> None:
        self.session, self.selection = session, selection

    def by_unit(self) -> dict[int, Figures]:
        """The figures by id of the unit; units of which nothing is known are not among them."""
        rows = self.session.execute(
            self._counted(select(OutgoingDocument.unit_id, *_COUNTS)).group_by(OutgoingDocument.unit_id)
        )
        counted = ((row[0], row[1:]) for row in rows)
        return self._figures(counted, lambda gap: gap.unit_id, SecretCount.unit_id)

    def by_kind(self) -> dict[str, Figures]:
        """The figures by kind of document; the empty kind holds what is not said, and numbers missing from a common run."""
        counted = ((row.kind, row[2:]) for row in self._by_day_and_kind)
        return self._figures(counted, lambda gap: gap.kind, SecretCount.kind)

    def by_month(self) -> dict[Period, Figures]:
        """The figures of each month that the period touches, in order."""
        counted = (((row.dated.year, row.dated.month), row[2:]) for row in self._by_day_and_kind)
        found = self._figures(counted, lambda gap: (gap.dated.year, gap.dated.month), SecretCount.year, SecretCount.month)
        return {one: found.get((one.first.year, one.first.month), NOTHING) for one in self.selection.period.months()}

    def whole(self) -> Figures:
        """The figures of everything selected."""
        due, *sums = self.session.execute(self._counted(select(*_COUNTS))).one()
        secret = self.session.scalar(self._secret(select(func.sum(SecretCount.count)))) or 0
        gone = sum(len(gap.numbers) for gap in self.missing_numbers)
        return _figures_of(due, sums) + _everywhere(Counts(unknown=gone, excluded_secret=secret))

    def issuers(self) -> frozenset[int]:
        """The units of which anything is due: documents, or numbers that are missing."""
        ids = self._counted(select(OutgoingDocument.unit_id)).distinct().subquery().c.unit_id
        told = self.session.scalar(select(ids_as_text(ids)))
        return ids_in(told) | {gap.unit_id for gap in self.missing_numbers}

    def documents(
        self,
        basis: Basis,
        reading: Reading,
        outcome: Outcome | None,
        *,
        cause: Cause | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[OutgoingDocument]:
        """The documents behind a figure, by day, unit and number; all that are due without `outcome`."""
        query = self._counted(select(OutgoingDocument)).options(joinedload(OutgoingDocument.unit))
        if outcome is not None:
            query = query.where(_falls(basis, reading, outcome))
        if cause is not None:
            query = query.where(_held_back(basis, reading, cause))
        order = (OutgoingDocument.dated, OutgoingDocument.unit_id, OutgoingDocument.number, OutgoingDocument.id)
        return list(self.session.scalars(query.order_by(*order).offset(offset).limit(limit)))

    def causes(self, basis: Basis, reading: Reading) -> dict[Cause, int]:
        """Why what is due does not count as electronic, with how many documents each would turn, most first."""
        levels: list[Any] = [_LOW[Basis.CLAIMED], _HIGH[Basis.CLAIMED], _LOW[basis], _HIGH[basis]]
        found: dict[Cause, int] = defaultdict(int)
        for low, high, weighed_low, weighed_high, count in self.session.execute(
            self._counted(select(*levels, func.count()))
            .where(not_(_falls(basis, reading, Outcome.ELECTRONIC)))
            .group_by(*levels)
        ):
            claimed, weighed = LevelRange(Level(low), Level(high)), LevelRange(Level(weighed_low), Level(weighed_high))
            if cause := cause_of(claimed, weighed, reading):
                found[cause] += count
        if numbers := sum(len(gap.numbers) for gap in self.missing_numbers):
            found[Cause.NUMBER_MISSING] = numbers
        return dict(sorted(found.items(), key=lambda one: (one[0] is Cause.BELOW, -one[1])))

    def undirected(self) -> int:
        """How many documents would count if they were addressed to subordinate units, and do not say to whom they are."""
        letters = or_(false(), *(self._within_term(term) for term in self.terms if term.only_down))
        query = self._selected(select(func.count())).where(letters, OutgoingDocument.direction.is_(None))
        return self.session.scalar(query) or 0

    @cached_property
    def missing_numbers(self) -> list[MissingNumbers]:
        """The numbers of continuous runs that may have been directives of the period: nobody knows what they name."""
        runs = self.session.execute(self._holes()).all()
        if not runs:
            return []
        explained = self._explained({run.unit_id for run in runs})
        found = []
        for run in runs:
            known = explained.get((run.unit_id, run.series), frozenset())
            numbers = tuple(number for number in range(run.before + 1, run.number) if number not in known)
            kind = run.series.partition("|")[2]
            if numbers and self._may_count(kind, run.dated):
                found.append(MissingNumbers(run.unit_id, run.series, kind, run.dated, numbers))
        return found

    @cached_property
    def _by_day_and_kind(self) -> Sequence[Any]:
        """Counts by day and kind: few rows, and one walk through the register for months and kinds."""
        keys = OutgoingDocument.dated, OutgoingDocument.kind
        return self.session.execute(self._counted(select(*keys, *_COUNTS)).group_by(*keys)).all()

    def _figures(self, counted: Iterable[tuple[Hashable, Sequence[int]]], of_gap: Any, *of_secret: Any) -> dict[Any, Figures]:
        added: dict[Hashable, list[int]] = {}
        for key, numbers in counted:
            before = added.get(key)
            added[key] = list(numbers) if before is None else [one + more for one, more in zip(before, numbers, strict=True)]
        found = defaultdict(Figures, {key: _figures_of(numbers[0], numbers[1:]) for key, numbers in added.items()})
        for gap in self.missing_numbers:
            found[of_gap(gap)] += _everywhere(Counts(unknown=len(gap.numbers)))
        for row in self.session.execute(self._secret(select(*of_secret, func.sum(SecretCount.count))).group_by(*of_secret)):
            found[_key(row[:-1])] += _everywhere(Counts(excluded_secret=row[-1]))
        return dict(found)

    def _selected(self, query: Select[Any]) -> Select[Any]:
        """Documents issued by the units in the period, whatever their kind."""
        period, kind = self.selection.period, self.selection.kind
        query = query.where(
            or_(OutgoingDocument.state.in_(COUNTED), self._outlives_its_replacement()),
            OutgoingDocument.dated.between(period.first, period.last),
            OutgoingDocument.unit_id.in_(self.selection.units),
        )
        return query if kind is None else query.where(OutgoingDocument.kind == kind)

    def _outlives_its_replacement(self) -> ColumnElement[bool]:
        """A document was replaced by what is no directive: if it is one itself, nothing else stands for it."""
        successor = aliased(OutgoingDocument)
        directives = (
            and_(
                successor.kind == term.kind,
                successor.dated >= term.valid_from,
                true() if term.valid_to is None else successor.dated <= term.valid_to,
                successor.direction.is_not_distinct_from(Direction.DOWN) if term.only_down else true(),
            )
            for term in self._kinds
        )
        replaced_by_none = exists().where(successor.id == OutgoingDocument.replaced_by_id, not_(or_(false(), *directives)))
        return and_(OutgoingDocument.state == OutgoingState.REPLACED, replaced_by_none)

    def _counted(self, query: Select[Any]) -> Select[Any]:
        """Those of them that are directives."""
        directives = (
            and_(self._within_term(term), OutgoingDocument.direction == Direction.DOWN)
            if term.only_down
            else self._within_term(term)
            for term in self.terms
        )
        return self._selected(query).where(or_(false(), *directives))

    def _within_term(self, term: DirectiveKind) -> ColumnElement[bool]:
        period, conditions = self.selection.period, [OutgoingDocument.kind == term.kind]
        if term.valid_from > period.first:
            conditions.append(OutgoingDocument.dated >= term.valid_from)
        if term.valid_to is not None and term.valid_to < period.last:
            conditions.append(OutgoingDocument.dated <= term.valid_to)
        return and_(*conditions)

    @cached_property
    def terms(self) -> list[DirectiveKind]:
        """The kinds that count as directives on some day of the period."""
        first, last = self.selection.period.first, self.selection.period.last
        return [term for term in self._kinds if term.valid_from <= last and (term.valid_to is None or term.valid_to >= first)]

    @cached_property
    def _kinds(self) -> Sequence[DirectiveKind]:
        return self.session.scalars(select(DirectiveKind)).all()

    def _may_count(self, kind: str, day: date) -> bool:
        """Whether a document of which only this is known may be a selected directive."""
        if self.selection.kind not in (None, kind):
            return False
        return any(kind in ("", term.kind) and term.holds_on(day) for term in self.terms)

    def _holes(self) -> Select[Any]:
        """The documents of the period that do not follow upon the number before theirs, with that number."""
        period, runs = self.selection.period, _runs_of(self.selection.period)
        within = (OutgoingDocument.unit_id.in_(self.selection.units), OutgoingDocument.number.is_not(None), runs)
        series = (OutgoingDocument.unit_id, OutgoingDocument.series)
        holed = (
            select(*series)
            .where(*within)
            .group_by(*series)
            .having(func.max(OutgoingDocument.number) > func.count(OutgoingDocument.number.distinct()))
            .subquery()
        )
        before = func.lag(OutgoingDocument.number, 1, 0).over(
            partition_by=series, order_by=(OutgoingDocument.number, OutgoingDocument.suffix)
        )
        walk = (
            select(*series, OutgoingDocument.number, OutgoingDocument.dated, before.label("before"))
            .join(holed, and_(holed.c.unit_id == OutgoingDocument.unit_id, holed.c.series == OutgoingDocument.series))
            .where(OutgoingDocument.number.is_not(None))
            .subquery()
        )
        return select(walk).where(walk.c.number > walk.c.before + 1, walk.c.dated.between(period.first, period.last))

    def _explained(self, units: set[int]) -> dict[tuple[int, str], frozenset[int]]:
        """The numbers for whose absence there is a reason; one that was issued and lost stays unknown."""
        gaps = select(NumberGap).where(NumberGap.unit_id.in_(units), NumberGap.reason.in_(EXPLAINS))
        found: dict[tuple[int, str], set[int]] = defaultdict(set)
        for gap in self.session.scalars(gaps):
            found[gap.unit_id, gap.series].add(gap.number)
        return {key: frozenset(numbers) for key, numbers in found.items()}

    def _secret(self, query: Select[Any]) -> Select[Any]:
        period, kind, index = self.selection.period, self.selection.kind, SecretCount.year * 12 + SecretCount.month
        first, last = (day.year * 12 + day.month for day in (period.first, period.last))
        directives = [and_(SecretCount.kind == term.kind, *_months_of(term, index)) for term in self.terms]
        query = query.where(
            index.between(first, last),
            SecretCount.unit_id.in_(self.selection.units),
            or_(SecretCount.kind == "", *directives),  # of a secret report, no directive was left out
        )
        return query if kind is None else query.where(SecretCount.kind == kind)


def _months_of(term: DirectiveKind, index: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    """The months, as year * 12 + month, on some day of which the term holds."""
    yield index >= term.valid_from.year * 12 + term.valid_from.month
    if term.valid_to:
        yield index <= term.valid_to.year * 12 + term.valid_to.month


def by_level(by_unit: Mapping[int, Figures], units: Iterable[AnyUnit]) -> dict[UnitKind, Figures]:
    """The figures by level of the union, from those of the units."""
    found = dict.fromkeys(UnitKind, NOTHING)
    for unit in units:
        if unit.id in by_unit:
            found[unit.kind] += by_unit[unit.id]
    return found


def _key(values: Sequence[Any]) -> Hashable:
    return values[0] if len(values) == 1 else tuple(values)


def _falls(basis: Basis, reading: Reading, outcome: Outcome) -> ColumnElement[bool]:
    low, high, threshold = _LOW[basis], _HIGH[basis], int(reading.threshold)
    if outcome is Outcome.ELECTRONIC:
        return low >= threshold
    return high < threshold if outcome is Outcome.PAPER else and_(low < threshold, high >= threshold)


def _held_back(basis: Basis, reading: Reading, cause: Cause) -> ColumnElement[bool]:
    """Documents that do not count for that cause: what domain/shares.cause_of says, in SQL."""
    if cause is Cause.BELOW:
        return _falls(basis, reading, Outcome.PAPER)
    is_claimed = _LOW[Basis.CLAIMED] >= int(reading.threshold)
    lows = [low for low, missing in enumerate(MISSING_EVIDENCE) if missing is cause]
    held = not_(is_claimed) if cause is Cause.NOT_RECORDED else and_(is_claimed, _LOW[basis].in_(lows))
    return and_(_falls(basis, reading, Outcome.UNKNOWN), held)


_COUNTS: list[Any] = [
    func.count(),
    *(
        func.count().filter(_falls(basis, reading, outcome))  # half of what a sum of cases costs
        for basis, reading in ALL_FIGURES
        for outcome in (Outcome.ELECTRONIC, Outcome.PAPER)
    ),
]


def _figures_of(due: int, sums: Sequence[int]) -> Figures:
    pairs = zip(sums[::2], sums[1::2], strict=True)
    return Figures(tuple(Counts(electronic, paper, due - electronic - paper) for electronic, paper in pairs))


def _everywhere(counts: Counts) -> Figures:
    return Figures((counts,) * len(ALL_FIGURES))


def _runs_of(period: Period) -> ColumnElement[bool]:
    """The runs of numbers that may hold documents of the period: its years, and the terms (domain/directives/numbering.py)."""
    years = range(period.first.year, period.last.year + 1)
    starts = [f"{year}|" for year in years] + ["term:"]
    return or_(*(OutgoingDocument.series.startswith(start, autoescape=True) for start in starts))


class Reports(Records):
    """Which units owe their word that a month of their register is complete, and who has given it."""

    def of(self, period: Period, units: Sequence[AnyUnit], *, today: date) -> list[Reporting]:
        """What each unit that must report owes for the months of the period that are over.

        The plan asks the province, the upper-level unions and the grassroots unions directly attached to the province; another
        unit owes its word once it keeps a register here, also where it has fallen silent since.
        """
        months = [one for one in period.months() if one.last <= period.last and one.last < today]
        must = self._must_report(months) | self._keeping(period, [unit.id for unit in units])
        given = self._given(period, [unit.id for unit in units])
        found = []
        for unit in units:
            owed = {one for one in months if _stood(unit, one)} if unit.id in must else set()
            if owed:
                found.append(Reporting(unit, len(owed), len(owed & given[unit.id])))
        return found

    def _must_report(self, months: Sequence[Period]) -> set[int]:
        if not months:
            return set()
        units = {unit.code: unit for unit in Units(self.session).known().values()}
        facts = Units(self.session).facts()
        provinces = {code for code, unit in units.items() if unit.kind is UnitKind.PROVINCE}
        found = {unit.id for unit in units.values() if unit.kind in (UnitKind.PROVINCE, UnitKind.UPPER)}
        for day in {months[0].last, months[-1].last}:
            for code in (below for above, codes in tree_on(day, facts).items() if above in provinces for below in codes):
                if units[code].kind is UnitKind.GRASSROOTS:
                    found.add(units[code].id)
        return found

    def _keeping(self, period: Period, units: Sequence[int]) -> set[int]:
        """Those that have entered something of the period, or of earlier."""
        entered = exists().where(
            OutgoingDocument.unit_id == Unit.id,
            OutgoingDocument.dated <= period.last,
            OutgoingDocument.state.in_(REGISTERED),
        )
        return set(self.session.scalars(select(Unit.id).where(Unit.id.in_(units), entered)))

    def _given(self, period: Period, units: Sequence[int]) -> dict[int, set[Period]]:
        years = (RegisterReport.year >= period.first.year, RegisterReport.year <= period.last.year)
        columns = RegisterReport.unit_id, RegisterReport.year, RegisterReport.month
        found: dict[int, set[Period]] = defaultdict(set)
        for unit_id, year, number in self.session.execute(select(*columns).where(RegisterReport.unit_id.in_(units), *years)):
            found[unit_id].add(month(year, number))
        return found


def _stood(unit: AnyUnit, period: Period) -> bool:
    return unit.valid_from <= period.last and (unit.valid_to is None or unit.valid_to >= period.first)


def units_under(session: Session, codes: Iterable[str]) -> list[KnownUnit]:
    """These units and all that belong to them, by code."""
    found = under(codes, Units(session).facts())
    return [unit for unit in Units(session).known().values() if unit.code in found]
