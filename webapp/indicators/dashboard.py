"""The plan's indicators against their targets: the dashboard, and each indicator with its trend and the figures of the units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from domain.directives.shares import Share
from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.indicators.indicators import Figure, Reporter, ReportState, Source, Verdict, previous
from domain.people.roles import Permission
from domain.people.units import UnitKind, tree_on
from storage.ground.lists.paging import Paged, part
from storage.indicators.board import Board, Result
from storage.indicators.facts import searchable_documents
from storage.indicators.plans import Indicator
from storage.people.units import KnownUnit, Units
from webapp.ground.access import shows
from webapp.ground.scopes import keeps_province
from webapp.indicators import words
from webapp.indicators.chart import Trend, bar, trend
from webapp.indicators.choice import Choice, choose

bp = Blueprint("indicators", __name__, url_prefix="/indicators")

PERIODS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's line below an indicator: its own figure and that of all below it."""

    unit: KnownUnit
    standing: str  # counted, nothing_due, unknown, silent
    figure: Figure | None
    reason: str
    report: int | None  # the id of the one that counts, else of the newest
    state: ReportState | None  # of the newest
    has_below: bool


@bp.get("/")
@shows(Permission.READ_REGISTERS)
def dashboard(session: Session) -> str:
    """All indicators of a plan against the targets of a year."""
    choice = choose(session)
    if choice is None:
        return render_template("indicators/nothing.html")
    results = [choice.board.result(one, choice.within, choice.year) for one in choice.plan.indicators]
    return render_template(
        "indicators/dashboard.html",
        choice=choice,
        results=results,
        before=_shares_before(choice),
        standings=_standings(choice),
        tally=[(verdict, sum(one.verdict is verdict for one in results)) for verdict in Verdict],
        silent=choice.board.silent(choice.within),
        late=choice.board.late(choice.within),
        expected=len(choice.board.asked_to_report(choice.within)),
        deadline=choice.plan.deadline(choice.period),
        today=today(),
        bar=bar,
        words=words,
        keeps_province=keeps_province(session),
    )


def _shares_before(choice: Choice) -> dict[int, Share]:
    """The shares of the period before, by indicator, over the units of that time."""
    board = choice.board.of(previous(choice.period, 2)[0])
    within = board.below(choice.unit)
    return {one.id: board.total(one, within).figure.share for one in choice.plan.indicators if not one.is_milestone}


def _standings(choice: Choice) -> list[tuple[ReportState | None, int]]:
    """How many reports stand where, of the units without an accepted one; None: not begun."""
    states = [choice.board.states.get(unit) for unit in choice.board.silent(choice.within)]
    return [(state, count) for state in (None, *ReportState) if (count := states.count(state))]


@bp.get("/<int:plan_id>/<code>")
@shows(Permission.READ_REGISTERS)
def indicator(session: Session, plan_id: int, code: str) -> str:
    """One indicator: definition, figure, trend, and the figures of the units that make it up."""
    choice = choose(session)
    if choice is None or choice.plan.id != plan_id:
        raise NotFound("plan", plan_id)
    found = choice.plan.indicator(code)
    result = choice.board.result(found, choice.within, choice.year)
    return render_template(
        "indicators/indicator.html",
        choice=choice,
        indicator=found,
        result=result,
        page=_rows(choice, found),
        trend=_trend(choice, result),
        archive=searchable_documents(session, choice.period) if found.source is Source.SYSTEM else None,
        bar=bar,
        words=words,
        Source=Source,
    )


def _rows(choice: Choice, found: Indicator) -> Paged[Row]:
    """A page of the units that should report, with what each says; below a unit that collects from others, they stand on its own page."""
    board = choice.board
    page: Paged[Any] = part(board.expected(found, choice.within), after=request.args.get("after", ""))
    figures, said = board.figures(found, page.rows), board.said(found, page.rows)
    reports = _reports(board, page.rows) if found.source is Source.REPORTED else {}
    tree = tree_on(choice.period.last, Units(choice.session).facts())
    rows = []
    for unit_id in page.rows:
        unit, entry = board.units[unit_id], said.get(unit_id)
        rows.append(
            Row(
                unit,
                _standing(figures, unit_id),
                figures.get(unit_id),
                entry.reason if entry else "",
                reports.get(unit_id),
                board.states.get(unit_id),
                Reporter.GRASSROOTS in found.reporters and bool(tree.get(unit.code)) and unit.kind is UnitKind.UPPER,
            )
        )
    return replace(page, rows=rows)


def _reports(board: Board, units: Sequence[int]) -> dict[int, int]:
    """The id of the report that counts, else of the newest, of each of these units that has one."""
    return {unit: report.id for unit, report in board.latest(units).items()} | board.counted(units)


def _standing(figures: dict[int, Figure | None], unit_id: int) -> str:
    if unit_id not in figures:
        return "silent"
    figure = figures[unit_id]
    if figure is None:
        return "unknown"
    return "counted" if figure.denominator else "nothing_due"


def _trend(choice: Choice, result: Result) -> Trend | None:
    """The figures of the last periods, each over the units of its time."""
    found = result.indicator
    if found.is_milestone:
        return None
    shares = []
    for period in previous(choice.period, PERIODS_SHOWN):
        board = choice.board.of(period)
        shares.append((words.period_in_short(period), board.total(found, board.below(choice.unit)).figure.share))
    return trend(shares, result.target.share if result.target else None)
