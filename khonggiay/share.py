"""The command that tells the share of directives issued electronically, for people or as JSON with exact numbers."""

from collections.abc import Sequence
from fractions import Fraction

import click
from sqlalchemy.orm import Session

from domain.directives.issuance import Reading
from domain.directives.shares import Basis, Counts, Target, verdict, written
from domain.ground.clock import today
from domain.ground.periods import Period, PeriodUnknown, parse_period
from khonggiay.system import database, say
from storage.directives.shares import Figures, Reports, Selection, Shares, summed, units_under
from storage.indicators.plans import target_for
from storage.people.units import AnyUnit, Unit, Units
from webapp.directives.shares.report import BASES, READINGS
from webapp.directives.shares.words import VERDICTS


class PeriodType(click.ParamType[Period]):
    """A period by its code."""

    name = "period"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """The period."""
        try:
            return parse_period(str(value))
        except PeriodUnknown:
            self.fail(f"{value!r} không phải một kỳ; hãy ghi 2025, 2025-H1, 2025-07 hoặc 2025-01-05..2025-03-02", param, ctx)


@click.command()
@click.option("--period", required=True, type=PeriodType(), help="Kỳ: 2025, 2025-H1, 2025-07, 2025-01-05..2025-03-02.")
@click.option("--unit", "code", required=True, help="Mã đơn vị; tính cả các đơn vị thuộc về nó.")
@click.option("--alone", is_flag=True, help="Chỉ tính riêng đơn vị đó.")
@click.option(
    "--reading", default=Reading.LEGAL.value, show_default=True, type=click.Choice([one.value for one in Reading]),
    help="Từ mức nào thì tính là điện tử.",
)  # fmt: skip
@click.option(
    "--basis", default=Basis.CLAIMED.value, show_default=True, type=click.Choice([one.value for one in Basis]),
    help="Theo sổ đăng ký (claimed) hay theo bằng chứng (evidenced).",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def share(period: Period, code: str, alone: bool, reading: str, basis: str, as_json: bool) -> None:
    """Tỷ lệ văn bản chỉ đạo, điều hành phát hành điện tử; định nghĩa ở docs/share-definition.md."""
    with database().reading() as session:
        unit = Units(session).find(code)
        if unit is None:
            raise click.ClickException(f"Không có đơn vị mang mã {code}. Hãy xem mã ở trang Các đơn vị.")
        units = [unit] if alone else units_under(session, [code])
        by_unit = Shares(session, Selection(period, frozenset(one.id for one in units))).by_unit()
        figures, target = summed(by_unit.values()), target_for(session, period)
        if as_json:
            say(_facts(period, target, code, Reading(reading), figures.of(Basis(basis), Reading(reading))))
            return
        _print(period, target, unit, figures, Reading(reading), Basis(basis))
        _print_silent(session, period, units)


def _facts(period: Period, target: Target | None, code: str, reading: Reading, counts: Counts) -> dict[str, object]:
    """Counts as whole numbers; shares as parts of one: the nearest double to the exact fraction, which the counts give again."""
    found = counts.share
    return {
        "period": period.code,
        "unit": code,
        "reading": reading.value,
        "electronic": counts.electronic,
        "paper": counts.paper,
        "unknown": counts.unknown,
        "excluded_secret": counts.excluded_secret,
        "point": _number(found.point),
        "low": _number(found.low),
        "high": _number(found.high),
        "target": _number(target.share) if target else None,
        "verdict": verdict(found, target.share if target else None),
    }


def _number(exact: Fraction | None) -> float | None:
    return None if exact is None else float(exact)


def _print(period: Period, target: Target | None, unit: Unit, figures: Figures, reading: Reading, basis: Basis) -> None:
    click.echo(f"{unit.name} ({unit.code}), kỳ {period.code}")
    click.echo(f"Chỉ tiêu: {written(target.share) if target else 'không có trong kỳ này'}\n")
    for one in Basis:
        click.echo(f"{BASES[one].capitalize()}:")
        for each in Reading:
            counts = figures.of(one, each)
            mark = "→" if (one, each) == (basis, reading) else " "
            name, level = READINGS[each]
            click.echo(f"{mark} {f'{name.lower()} ({level})':24}{_line(counts, target)}")
        click.echo()


def _line(counts: Counts, target: Target | None) -> str:
    found = counts.share
    if found.low is None:
        return "không có số liệu"
    judged = verdict(found, target.share if target else None)
    said = str(VERDICTS[judged][0]).lower() if judged else "không kết luận"
    interval = "" if found.is_certain else f" (từ {written(found.low)} đến {written(found.high)})"
    return (
        f"{written(found.point):>9}{interval}; điện tử {counts.electronic}, không {counts.paper}, chưa rõ {counts.unknown},"
        f" mật {counts.excluded_secret}; {said}"
    )


def _print_silent(session: Session, period: Period, units: Sequence[AnyUnit]) -> None:
    owed = [one for one in Reports(session).of(period, units, today=today()) if not one.is_complete]
    for one in owed:
        click.echo(f"Chưa báo cáo đủ: {one.unit.name} ({one.unit.code}), {one.given}/{one.due} tháng", err=True)
