"""The command that prints the plan's indicators for a period against their targets."""

from datetime import date
from fractions import Fraction
from typing import Any

import click

from domain.ground.clock import today
from domain.ground.periods import PeriodUnknown
from domain.indicators.indicators import reported_period
from domain.people.units import UnitKind
from khonggiay.system import database, say
from storage.indicators.board import Board, Result
from storage.indicators.plans import Plan, Plans
from storage.people.units import AnyUnit, KnownUnit, Units
from webapp.indicators.words import VERDICTS


@click.command()
@click.option("--period", "code", required=True, help="Kỳ báo cáo: 2025-H1, 2025-H2 hoặc 2025.")
@click.option("--plan", "plan_code", default="", help="Mã kế hoạch; để trống là kế hoạch đang thực hiện.")
@click.option("--unit", "unit_code", default="", help="Mã đơn vị; để trống là Liên đoàn Lao động tỉnh.")
@click.option("--year", type=int, help="So với mục tiêu của năm nào; để trống là mục tiêu sắp đến hạn của từng chỉ tiêu.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def indicators(code: str, plan_code: str, unit_code: str, year: int | None, as_json: bool) -> None:
    """In các chỉ tiêu của một kỳ, so với mục tiêu; số cộng từ báo cáo đã tiếp nhận."""
    with database().reading() as session:
        try:
            period = reported_period(code)
        except PeriodUnknown as error:
            raise click.ClickException(f"Không có kỳ báo cáo “{code}”. Hãy ghi như 2025-H1, 2025-H2 hoặc 2025.") from error
        plan = Plans(session).find(plan_code) if plan_code else Plans(session).on(today())
        units = Units(session)
        unit = units.find(unit_code) if unit_code else _province(units, period.last)
        if plan is None or unit is None:
            raise click.ClickException("Chưa có kế hoạch hoặc đơn vị này. Hãy kiểm tra mã.")
        board = Board(session, plan, period, frozenset(units.known()))
        results = [board.result(one, board.below(unit), year) for one in plan.indicators]
        silent = [board.units[one].code for one in board.silent(board.below(unit))]
        if as_json:
            say(_facts(plan, unit, code, year, results, silent))
        else:
            _print(results, silent)


def _province(units: Units, day: date) -> KnownUnit | None:
    return next((unit for unit in units.on(day) if unit.kind is UnitKind.PROVINCE), None)


def _facts(
    plan: Plan, unit: AnyUnit, period: str, year: int | None, results: list[Result], silent: list[str]
) -> dict[str, Any]:
    return {
        "plan": plan.code, "unit": unit.code, "period": period, "target_year": year, "silent": silent,
        "indicators": [_indicator(one) for one in results],
    }  # fmt: skip


def _indicator(result: Result) -> dict[str, Any]:
    figure, share = result.total.figure, result.total.figure.share
    has_figure = bool(figure.denominator)
    return {
        "code": result.indicator.code,
        "numerator": figure.numerator if has_figure else None,
        "denominator": figure.denominator if has_figure else None,
        "unknown": figure.unknown,
        "point": _nearest(share.point),
        "low": _nearest(share.low),
        "high": _nearest(share.high),
        "target_year": result.target.year if result.target else None,
        "target": _nearest(result.target.share if result.target else None),
        "verdict": str(result.verdict),
        "milestones": {str(part.milestone.position): str(part.answer) if part.answer else None for part in result.milestones},
        "reported": result.total.expected - len(result.total.silent),
        "expected": result.total.expected,
    }


def _nearest(share: Fraction | None) -> float | None:
    """The double nearest to the exact fraction, which the counts give again."""
    return None if share is None else float(share)


def _print(results: list[Result], silent: list[str]) -> None:
    for result in results:
        figure = result.total.figure
        counts = f"{figure.numerator}/{figure.denominator}" if figure.denominator else "-"
        target = result.target.share if result.target else None
        goal = "-" if target is None else f"{float(target * 100):g} %"
        click.echo(f"{result.indicator.code:<6} {counts:>15}  mục tiêu {goal:>6}  {str(VERDICTS[result.verdict][0]).lower()}")
    if silent:
        click.echo(f"Chưa có báo cáo: {', '.join(silent)}")
