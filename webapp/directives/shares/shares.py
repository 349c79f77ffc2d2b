"""The share of directives issued electronically, as pages: the figures with their definition, and the documents behind each of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from domain.directives.issuance import Reading
from domain.directives.shares import Basis, Cause, Counts, Outcome, lacking, verdict, written, written_change
from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.ground.periods import Period, PeriodUnknown, half, parse_period, year_of
from domain.people.roles import Permission
from domain.people.units import UnitKind, branches, under
from storage.directives.shares import NOTHING, Figures, Reporting, Reports, Selection, Shares, by_level, summed
from storage.indicators.plans import target_for
from storage.people.units import KnownUnit, Units
from webapp.directives import words as outgoing_words
from webapp.directives.access import unit_filter
from webapp.directives.shares import words as share_words
from webapp.directives.shares.charts import bar, chart
from webapp.ground.access import shows
from webapp.ground.formats import period_words
from webapp.ground.scopes import kept, seen, units_among
from webapp.people.words import KINDS

bp = Blueprint("shares", __name__, url_prefix="/directives/share")

ROWS, UNITS, MOST_MONTHS = 50, 50, 36
YEARS = 5  # how many years back the list of periods goes
MOVERS = 8
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks; what makes no sense asks nothing."""

    period: Period
    unit: str = ""
    alone: bool = False
    reading: Reading = Reading.LEGAL
    basis: Basis = Basis.CLAIMED
    kind: str = ""
    level: UnitKind | None = None
    against: Period | None = None

    @classmethod
    def of_request(cls) -> "Asked":
        """What this request asks; without a period it is the half-year that runs."""
        given = request.args
        return cls(
            period=_days(given.get("first", ""), given.get("last", "")) or _period(given.get("period", "")) or _running(),
            unit=given.get("unit", "").strip(),
            alone=given.get("alone") == "yes",
            reading=_member(Reading, given.get("reading"), Reading.LEGAL),
            basis=_member(Basis, given.get("basis"), Basis.CLAIMED),
            kind=given.get("kind", "").strip(),
            level=_member(UnitKind, given.get("level"), None),
            against=_period(given.get("against", "")),
        )

    def address(self, **changes: Any) -> dict[str, Any]:
        """The arguments of an address that asks the same, with some changed."""
        asked = {
            "period": self.period.code,
            "unit": self.unit,
            "alone": "yes" if self.alone else "",
            "reading": self.reading.value,
            "basis": self.basis.value,
            "kind": self.kind,
            "level": self.level.value if self.level else "",
            "against": self.against.code if self.against else "",
        }
        return {name: value for name, value in {**asked, **changes}.items() if value}


def _days(first: str, last: str) -> Period | None:
    """The days between two that were typed in either order."""
    return _period("..".join(sorted((first, last)))) if first and last else None


def _period(code: str) -> Period | None:
    try:
        return parse_period(code)
    except PeriodUnknown:
        return None


def _running() -> Period:
    return half(today().year, 1 if today().month <= 6 else 2)


def _member(kind: Any, value: str | None, otherwise: Value) -> Value:
    try:
        return kind(value)  # type: ignore[no-any-return]
    except ValueError:
        return otherwise


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of figures, with what its address changes."""

    name: str
    counts: Counts
    change: Mapping[str, Any]
    note: str = ""


class Sight:
    """What whoever asks sees of what is asked: units, selection, figures."""

    def __init__(self, session: Session, asked: Asked) -> None:
        self.session = session
        self.units = {unit.code: unit for unit in Units(session).known().values()}
        self.facts = Units(session).facts()
        self.seen = seen(session)
        self.by_unit = unit_filter(session, "unit_id")  # the address itself names units by their codes, which outlive a machine
        self.top = self._top(asked)
        if not self.by_unit.errors:
            self.by_unit.show(self.top)
        self.asked = replace(asked, unit=self.top.code if self.top else "")
        self.chosen = self._chosen()
        self.shares = self.of(asked.period)

    def _top(self, asked: Asked) -> KnownUnit | None:
        if self.by_unit.found:
            return Units(self.session).known()[self.by_unit.found.id]
        if asked.unit:
            unit = self.units.get(asked.unit)
            if unit is None or unit.id not in self.seen:
                raise NotFound("unit", asked.unit)
            return unit
        own = units_among(self.session, kept(self.session) & self.seen)
        return min(own, key=lambda unit: (unit.valid_to is not None, own.index(unit)), default=None)

    def _chosen(self) -> list[KnownUnit]:
        """The units asked for that may be seen."""
        if self.top is None:
            return []
        codes = [self.top.code] if self.asked.alone else sorted(under([self.top.code], self.facts))
        found = [self.units[code] for code in codes]
        return [one for one in found if one.id in self.seen and self.asked.level in (None, one.kind)]

    def of(self, period: Period) -> Shares:
        """The shares of the same selection in a period."""
        return Shares(self.session, Selection(period, frozenset(unit.id for unit in self.chosen), self.asked.kind or None))

    def lines(self, by_unit: Mapping[int, Figures], *, busy: Collection[int] | None = None) -> list[Line]:
        """The units, highest share first: those of a level each alone, otherwise those right below with all that belongs to them.

        `busy` are the units that have anything, where lines of several periods are to be of the same units.
        """
        asked = self.asked
        if self.top is None:
            return []
        is_alone = bool(asked.level) or asked.alone
        root, through = (self.top.code, {}) if is_alone else self._branches(self.top.code, busy or by_unit)
        figures: dict[str, Figures] = defaultdict(Figures)
        for unit in self.chosen:
            figures[through.get(unit.code, unit.code)] += by_unit.get(unit.id, NOTHING)
        lines = [
            self._line(self.units[code], found, is_alone=is_alone, is_own=code == root)
            for code, found in figures.items()
            if found != NOTHING
        ]
        return sorted(lines, key=_rank)

    def _branches(self, top: str, busy: Collection[int]) -> tuple[str, dict[str, str]]:
        """The units right below, or below the only one of them that has anything: a federation of before a merger; and below which."""
        through = branches(top, self.facts)
        lively = {through[code] for code in through if self.units[code].id in busy}
        only = next(iter(lively)) if len(lively) == 1 else top
        deeper = only != top and any(over == only != code for code, over in through.items())
        return self._branches(only, busy) if deeper else (top, through)

    def _line(self, unit: KnownUnit, figures: Figures, *, is_alone: bool, is_own: bool) -> Line:
        change = {"unit": unit.code, "alone": "yes" if is_alone or is_own else "", "level": ""}
        return Line(unit.name, figures.of(self.asked.basis, self.asked.reading), change, "own" if is_own else "")

    def reports(self) -> list[Reporting]:
        """What each chosen unit owes and has given."""
        return Reports(self.session).of(self.asked.period, self.chosen, today=today())


def _rank(line: Line) -> tuple[bool, Any, int, str]:
    point = line.counts.share.point
    return point is None, -(point or 0), -line.counts.due, line.name


@bp.get("")
@shows(Permission.READ_REGISTERS)
def share(session: Session) -> str:
    """The share with its definition, by reading, month, unit, kind and level, and what would move it most."""
    sight = Sight(session, Asked.of_request())
    asked, target = sight.asked, target_for(session, sight.asked.period)
    by_unit, by_kind, by_month = sight.shares.by_unit(), sight.shares.by_kind(), sight.shares.by_month()
    whole, reports = summed(by_unit.values()), sight.reports()
    lines = sight.lines(by_unit)
    return render_template(
        "directives/shares/share.html",
        asked=asked,
        sight=sight,
        whole=whole,
        counts=whole.of(asked.basis, asked.reading),
        target=target,
        lacking=lacking(whole.of(asked.basis, asked.reading), target.share) if target else 0,
        months=_months(asked, by_month),
        chart=chart(_labelled(asked, by_month), target.share if target else None) if len(by_month) <= MOST_MONTHS else None,
        lines=lines,
        listed=_page_of(lines),
        kinds=_kinds(asked, by_kind),
        levels=_levels(asked, by_level(by_unit, sight.chosen)),
        reports=reports,
        silent=[one for one in reports if not one.is_complete],
        causes=sight.shares.causes(asked.basis, asked.reading),
        undirected=sight.shares.undirected(),
        movers=_movers(lines),
        comparison=_comparison(sight, by_unit) if asked.against else None,
        **_choices(sight),
        **_words(),
    )


def _labelled(asked: Asked, by_month: Mapping[Period, Figures]) -> list[tuple[str, Counts]]:
    several = asked.period.first.year != asked.period.last.year
    return [
        (
            f"{one.first.month}/{one.first.year % 100:02}" if several else f"T{one.first.month}",
            found.of(asked.basis, asked.reading),
        )
        for one, found in by_month.items()
    ]


def _months(asked: Asked, by_month: Mapping[Period, Figures]) -> list[Line]:
    return [
        Line(
            period_words(one).capitalize(),
            figures.of(asked.basis, asked.reading),
            {"period": _within(one, asked.period).code},
        )
        for one, figures in by_month.items()
    ]


def _within(one: Period, whole: Period) -> Period:
    return Period(max(one.first, whole.first), min(one.last, whole.last))


def _kinds(asked: Asked, by_kind: Mapping[str, Figures]) -> list[Line]:
    lines = [Line(kind, found.of(asked.basis, asked.reading), {"kind": kind}) for kind, found in by_kind.items() if kind]
    unnamed = [Line("", by_kind[""].of(asked.basis, asked.reading), {})] if "" in by_kind else []
    return sorted(lines, key=lambda line: (-line.counts.due, line.name)) + unnamed


def _levels(asked: Asked, found: Mapping[UnitKind, Figures]) -> list[Line]:
    return [
        Line(str(KINDS[kind]), figures.of(asked.basis, asked.reading), {"level": kind.value})
        for kind, figures in found.items()
        if figures != NOTHING
    ]


def _page_of(lines: list[Line]) -> dict[str, Any]:
    last = max(1, -(-len(lines) // UNITS))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    return {"lines": lines[(page - 1) * UNITS : page * UNITS], "page": page, "last": last, "before": (page - 1) * UNITS}


def _movers(lines: list[Line]) -> list[Line]:
    """Those that could turn the most documents, what is unknown before what was issued otherwise."""
    able = [line for line in lines if line.counts.unknown or line.counts.paper]
    return sorted(able, key=lambda line: (-line.counts.unknown, -line.counts.paper, line.name))[:MOVERS]


def _comparison(sight: Sight, by_unit: Mapping[int, Figures]) -> dict[str, Any]:
    """The same selection in another period: readings side by side, and the units that changed most."""
    other = sight.of(sight.asked.against or sight.asked.period).by_unit()
    busy = by_unit.keys() | other.keys()
    before = {line.change["unit"]: line for line in sight.lines(other, busy=busy)}
    lines = sight.lines(by_unit, busy=busy)
    pairs = [(line, before[line.change["unit"]]) for line in lines if line.change["unit"] in before]
    moved = [(now, then) for now, then in pairs if None not in (now.counts.share.point, then.counts.share.point)]
    return {"whole": summed(other.values()), "moved": sorted(moved, key=_movement)[:MOVERS]}


def _movement(pair: tuple[Line, Line]) -> Any:
    now, then = (line.counts.share.point or 0 for line in pair)
    return -abs(now - then)


def _choices(sight: Sight) -> dict[str, Any]:
    return {
        "periods": _periods(sight.asked),
        "kind_choices": sorted({term.kind for term in sight.shares.terms}),
        "earlier": [_before(sight.asked.period), _year_before(sight.asked.period)],
    }


def _periods(asked: Asked) -> list[Period]:
    years = range(today().year, today().year - YEARS, -1)
    found = [one for year in years for one in (year_of(year), half(year, 2), half(year, 1)) if one.first <= today()]
    return found if asked.period in found else [asked.period, *found]


def _before(period: Period) -> Period:
    """The period of the same kind right before."""
    if period.code.endswith("-H2"):
        return half(period.first.year, 1)
    if period.code.endswith("-H1"):
        return half(period.first.year - 1, 2)
    if period == year_of(period.first.year):
        return year_of(period.first.year - 1)
    days = period.last - period.first
    end = date.fromordinal(period.first.toordinal() - 1)
    return Period(end - days, end)


def _year_before(period: Period) -> Period:
    return Period(_earlier_year(period.first), _earlier_year(period.last))


def _earlier_year(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _words() -> dict[str, Any]:
    return {
        "words": share_words,
        "unit_kinds": KINDS,
        "outgoing_words": outgoing_words,
        "written": written,
        "written_change": written_change,
        "verdict": verdict,
        "bar": bar,
        "Basis": Basis,
        "Reading": Reading,
        "Outcome": Outcome,
        "Cause": Cause,
        "UnitKind": UnitKind,
    }


@bp.get("/rows")
@shows(Permission.READ_REGISTERS)
def rows(session: Session) -> Response:
    """The documents behind a figure, and the numbers that name none."""
    outcome = _member(Outcome, request.args.get("outcome"), None)
    cause = _member(Cause, request.args.get("cause"), None)
    sight = Sight(session, Asked.of_request())
    asked, gaps = sight.asked, sight.shares.missing_numbers
    counts = sight.shares.whole().of(asked.basis, asked.reading)
    due = _documents_due(sight, counts, outcome, cause)
    last = max(1, -(-due // ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    is_missing = outcome in (None, Outcome.UNKNOWN) and cause in (None, Cause.NUMBER_MISSING)
    is_document = cause is not Cause.NUMBER_MISSING
    found = sight.shares.documents(
        asked.basis, asked.reading, outcome, cause=cause, offset=(page - 1) * ROWS, limit=ROWS if is_document else 0
    )
    return make_response(
        render_template(
            "directives/shares/rows.html",
            asked=asked,
            sight=sight,
            outcome=outcome,
            cause=cause,
            rows=found,
            counts=counts,
            due=due,
            gaps=gaps if page == 1 and is_missing else [],
            page=page,
            last=last,
            names={unit.id: unit.name for unit in sight.units.values()},
            **_words(),
        )
    )


def _documents_due(sight: Sight, counts: Counts, outcome: Outcome | None, cause: Cause | None) -> int:
    """How many documents stand behind a figure; missing numbers are none."""
    if cause is not None:
        held = sight.shares.causes(sight.asked.basis, sight.asked.reading)
        return 0 if cause is Cause.NUMBER_MISSING else held.get(cause, 0)
    missing = sum(len(gap.numbers) for gap in sight.shares.missing_numbers)
    return {
        None: counts.due - missing,
        Outcome.ELECTRONIC: counts.electronic,
        Outcome.PAPER: counts.paper,
        Outcome.UNKNOWN: counts.unknown - missing,
    }[outcome]
