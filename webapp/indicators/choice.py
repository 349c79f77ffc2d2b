"""What the pages of indicators are asked for: plan, period, unit and year of the targets, from the address, within what is seen."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.ground.periods import Period, half, year_of
from domain.indicators.indicators import last_ended, reported_period
from domain.people.units import UnitKind
from storage.indicators.board import Board
from storage.indicators.plans import Plan, Plans
from storage.people.units import AnyUnit
from webapp.directives.access import unit_filter
from webapp.ground.picking import Pick
from webapp.ground.scopes import kept, seen, units_among

_YEARS_BACK = 5


@dataclass(frozen=True)
class Choice:
    """What is looked at."""

    session: Session
    plan: Plan
    period: Period
    unit: AnyUnit
    year: int | None  # whose targets; None: of each indicator the one that the period is held against
    board: Board
    by_unit: Pick | None  # by which another unit is chosen; None for whoever sees one only

    @cached_property
    def within(self) -> frozenset[int]:
        """The reporting units at or below the unit."""
        return self.board.below(self.unit)

    @property
    def query(self) -> dict[str, Any]:
        """The choice as arguments of an address."""
        return {"plan": self.plan.id, "period": self.period.code, "unit": self.unit.id, "year": self.year}

    @cached_property
    def plans(self) -> list[Plan]:
        """The plans that can be chosen."""
        return Plans(self.session).all()

    @property
    def periods(self) -> list[Period]:
        """The periods that can be chosen, the newest first."""
        this = today().year
        first = max(self.plan.valid_from.year, this - _YEARS_BACK)
        offered = [one for year in range(this, first - 1, -1) for one in (year_of(year), half(year, 2), half(year, 1))]
        begun = [one for one in offered if one.first <= today() and self.plan.covers(one)]
        return begun if self.period in begun else [self.period, *begun]


def choose(session: Session) -> Choice | None:
    """The choice that the address names, completed; None where there is no plan, or the person belongs to no unit."""
    args = request.args
    plan = Plans(session).get(args.get("plan", 0, int)) if args.get("plan") else Plans(session).on(today())
    by_unit = unit_filter(session)
    unit = _unit(session, by_unit)
    if plan is None or unit is None:
        return None
    period = reported_period(args["period"]) if args.get("period") else last_ended(today())
    if not by_unit.errors:
        by_unit.show(unit)
    board = Board(session, plan, period, seen(session))
    return Choice(session, plan, period, unit, args.get("year", None, int), board, by_unit if len(seen(session)) > 1 else None)


def _unit(session: Session, by_unit: Pick) -> AnyUnit | None:
    wanted = request.args.get("unit", 0, int)
    if wanted and wanted not in seen(session):
        raise NotFound("unit", wanted)
    if by_unit.found:
        unit: AnyUnit = by_unit.found
        return unit
    own = units_among(session, kept(session)) or units_among(session, seen(session))
    return next((unit for unit in own if unit.kind is not UnitKind.OFFICE), None)
