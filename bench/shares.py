"""How fast shares are asked for by all dimensions, against the same question in SQL written by hand on the same database.

    python bench/shares.py                                  # 100,000 rows of 1,000 units, one year
    python bench/shares.py --rows 1000000 --rounds 3

"By all dimensions": by unit, kind, month and level of the union, under four readings, claimed and evidenced, with missing numbers of the
register, secret counts and causes. The hand-written side sends the same four statements with plain sqlite3 and adds nothing up. Both take
turns in one process; of each the least of the rounds counts, so that what else the machine does falls on both alike. The counts of both
must be equal; where they are not, the run says so and its exit status is 1.
"""

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select  # noqa: E402

from domain.directives import DEFAULT_KINDS, Direction, OutgoingState  # noqa: E402
from domain.issuance import Reading  # noqa: E402
from domain.periods import parse_period  # noqa: E402
from domain.shares import Basis  # noqa: E402
from domain.units import UnitKind  # noqa: E402
from storage.database import Database  # noqa: E402
from storage.outgoing import OutgoingDocument  # noqa: E402
from storage.shares import Selection, Shares, by_level, summed  # noqa: E402
from storage.tables import migrate  # noqa: E402
from storage.units import Unit  # noqa: E402

YEAR = parse_period("2025")
KINDS = (*DEFAULT_KINDS, "Báo cáo", "Tờ trình")
THRESHOLDS = (1, 2, 3, 5)  # broad, legal, strict, full


def fill(database: Database, rows: int, units: int) -> None:
    """A province with its unions, and their registers of a year: numbered by kind, one number in 500 missing."""
    dice = random.Random(1)
    with database.writing() as session:
        province = Unit(code="T", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        uppers = [_unit(f"U{n}", UnitKind.UPPER, province) for n in range(17)]
        session.add_all([province, *uppers])
        session.add_all(_unit(f"G{n}", UnitKind.GRASSROOTS, dice.choice(uppers)) for n in range(units - 18))
        session.flush()
        ids = list(session.scalars(select(Unit.id)))
        made = _rows(rows, ids, dice)
        for start in range(0, rows, 5000):
            session.execute(insert(OutgoingDocument), made[start : start + 5000])
    with database.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")


def _unit(code: str, kind: UnitKind, parent: Unit) -> Unit:
    return Unit(code=code, name=f"Công đoàn {code}", kind=kind, parent=parent, valid_from=date(2000, 1, 1))


def _rows(count: int, units: list[int], dice: random.Random) -> list[dict[str, Any]]:
    days = sorted(YEAR.first + timedelta(days=dice.randrange(365)) for _ in range(count))
    last: dict[tuple[int, str], int] = {}
    return [_row(day, dice.choice(units), dice.choice(KINDS), last, dice) for day in days]


def _row(day: date, unit: int, kind: str, last: dict[tuple[int, str], int], dice: random.Random) -> dict[str, Any]:
    last[unit, kind] = number = last.get((unit, kind), 0) + (2 if dice.random() < 0.002 else 1)
    low = dice.randrange(6)
    high = low if dice.random() < 0.9 else dice.randint(low, 5)
    proven = dice.randint(0, low)
    return {
        "unit_id": unit, "state": OutgoingState.ISSUED, "kind": kind, "series": f"2025|{kind}", "number": number, "dated": day,
        "abstract": "Về việc triển khai nhiệm vụ công tác công đoàn", "symbol": "LĐLĐ", "direction": dice.choice(list(Direction)),
        "recipients": "- Như trên;\n- Lưu: VT.", "signer": "Nguyễn Văn Ký", "words": "ve viec trien khai nhiem vu cong tac cong doan",
        "claimed_low": low, "claimed_high": high, "evidenced_low": proven, "evidenced_high": high,
    }  # fmt: skip


def ours(database: Database, units: frozenset[int]) -> dict[str, Any]:
    """All dimensions by the code that the pages call."""
    with database.reading() as session:
        shares = Shares(session, Selection(YEAR, units))
        by_unit = shares.by_unit()
        levels = by_level(by_unit, session.scalars(select(Unit)))
        causes = shares.causes(Basis.EVIDENCED, Reading.LEGAL)
        return {"unit": by_unit, "kind": shares.by_kind(), "month": shares.by_month(), "level": levels, "causes": causes}


def by_hand(path: Path) -> dict[str, Any]:
    """The same in plain SQL: a statement for each dimension, and one for missing numbers."""
    sums = ", ".join(
        f"SUM({basis}_low >= {threshold}), SUM({basis}_high < {threshold})"
        for basis in ("claimed", "evidenced")
        for threshold in THRESHOLDS
    )
    kinds = ", ".join(f"'{kind}'" for kind, only_down in DEFAULT_KINDS.items() if not only_down)
    where = (
        "state IN ('issued', 'revoked') AND dated BETWEEN '2025-01-01' AND '2025-12-31'"
        f" AND (kind IN ({kinds}) OR kind = 'Công văn' AND direction = 'down')"
    )
    asked = {
        "unit": f"SELECT unit_id, COUNT(*), {sums} FROM outgoing_documents WHERE {where} GROUP BY 1",
        "kind": f"SELECT kind, COUNT(*), {sums} FROM outgoing_documents WHERE {where} GROUP BY 1",
        "month": f"SELECT SUBSTR(dated, 1, 7), COUNT(*), {sums} FROM outgoing_documents WHERE {where} GROUP BY 1",
        "level": f"SELECT units.kind, COUNT(*), {sums.replace('claimed_', 'd.claimed_')} FROM outgoing_documents d"
        f" JOIN units ON units.id = d.unit_id WHERE {where.replace('kind', 'd.kind')} GROUP BY 1",
        "causes": "SELECT claimed_low, claimed_high, evidenced_low, evidenced_high, COUNT(*) FROM outgoing_documents"
        f" WHERE {where} GROUP BY 1, 2, 3, 4",
        "missing": "SELECT unit_id, series, number, dated, before FROM (SELECT unit_id, series, number, dated, LAG(number, 1, 0)"
        " OVER (PARTITION BY unit_id, series ORDER BY number) AS before FROM outgoing_documents WHERE number IS NOT NULL)"
        " WHERE number > before + 1",
    }
    connection = sqlite3.connect(path)
    try:
        return {name: connection.execute(statement).fetchall() for name, statement in asked.items()}
    finally:
        connection.close()


def differences(mine: dict[str, Any], plain: dict[str, Any]) -> list[str]:
    """Where the two do not say the same; missing numbers stand apart in the plain answer."""
    gaps = sum(number - before - 1 for _unit, series, number, _day, before in plain["missing"] if series[5:] in DEFAULT_KINDS)
    found = []
    for name in ("unit", "kind", "month", "level"):
        legal = summed(mine[name].values()).of(Basis.CLAIMED, Reading.LEGAL)
        due, electronic, paper = (sum(row[column] for row in plain[name]) for column in (1, 4, 5))
        if (legal.electronic, legal.paper, legal.unknown) != (electronic, paper, due - electronic - paper + gaps):
            found.append(f"{name}: {legal} against {electronic}, {paper} of {due} and {gaps} numbers missing")
    return found


def least(act: Callable[[], Any], rounds: int, others: list[float]) -> Any:
    """What the act gives, its wall times kept."""
    answer = None
    for _ in range(rounds):
        began = time.perf_counter()
        answer = act()
        others.append(time.perf_counter() - began)
    return answer


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shares.sqlite3"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        fill(database, given.rows, given.units)
        with database.reading() as session:
            units = frozenset(session.scalars(select(Unit.id)))
        mine_s: list[float] = []
        plain_s: list[float] = []
        for _ in range(given.rounds):
            mine = least(lambda: ours(database, units), 1, mine_s)
            plain = least(lambda: by_hand(path), 1, plain_s)
        database.close()
    problems = differences(mine, plain)
    print(f"{given.rows:,} rows of {given.units:,} units, load {os.getloadavg()[0]:.1f}")
    print(f"all dimensions   {min(mine_s) * 1000:6.0f} ms   (rounds: {', '.join(f'{one * 1000:.0f}' for one in mine_s)})")
    print(f"plain SQL        {min(plain_s) * 1000:6.0f} ms   (rounds: {', '.join(f'{one * 1000:.0f}' for one in plain_s)})")
    print(f"ratio            {min(mine_s) / min(plain_s):6.2f}")
    print("\n".join(problems) if problems else "both say the same")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
