"""How fast shares are asked for by all dimensions, against the same question in SQL written by hand on the same database.

    python bench/shares.py                                  # 100,000 rows of 1,000 units, one year
    python bench/shares.py --rows 1000000 --rounds 3

"By all dimensions": by unit, kind, month and level of the union, under four readings, claimed and evidenced, with missing numbers of the
register, secret counts and causes. The hand-written side sends one statement for each of these with plain sqlite3 and adds nothing up.
Times are CPU milliseconds of this process, in which SQLite works too; both take turns, and of each the least of the rounds counts, so that
what else the machine does falls on both alike. The counts of both must be equal; where they are not, the run says so and its exit status
is 1. Then the pages themselves, as the clerk of the province gets them: asked of the application, rendered whole.
"""

import argparse
import logging
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select

from domain.directives.directives import DEFAULT_KINDS, Direction, OutgoingState
from domain.directives.issuance import Reading
from domain.directives.shares import Basis
from domain.ground.periods import parse_period
from domain.people.roles import Role
from domain.people.units import UnitKind
from search.whoosh_index import WhooshIndex
from storage.archive.texts import texts_of
from storage.directives.outgoing import OutgoingDocument
from storage.directives.shares import Selection, Shares, by_level, summed
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.people.people import Person, Seat, SignIns
from storage.people.units import Unit
from storage.tables import migrate
from webapp.app import create_app
from webapp.ground.access import COOKIE
from webapp.ground.system import System

YEAR = parse_period("2025")
KINDS = (*DEFAULT_KINDS, "Báo cáo", "Tờ trình")
PAGES = {  # name: what is asked of the page
    "share page": "/directives/share?period=2025",
    "with 2024 beside": "/directives/share?period=2025&against=2024",
    "rows, far down": "/directives/share/rows?period=2025&page=900",
}
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


def by_hand(path: Path, *, hint: str = "") -> dict[str, Any]:
    """The same in plain SQL: a statement for each dimension, one for causes and one for missing numbers; `hint` names an index."""
    kinds = ", ".join(f"'{kind}'" for kind, only_down in DEFAULT_KINDS.items() if not only_down)
    where = (
        f" FROM outgoing_documents {hint} WHERE state IN ('issued', 'revoked') AND dated BETWEEN '2025-01-01' AND '2025-12-31'"
        f" AND (outgoing_documents.kind IN ({kinds}) OR outgoing_documents.kind = 'Công văn' AND direction = 'down') GROUP BY"
    )
    sums = ", ".join(
        f"SUM({basis}_low >= {threshold}), SUM({basis}_high < {threshold})"
        for basis in ("claimed", "evidenced")
        for threshold in THRESHOLDS
    )
    levels = "claimed_low, claimed_high, evidenced_low, evidenced_high"
    asked = {
        "unit": f"SELECT unit_id, COUNT(*), {sums} {where} 1",
        "kind": f"SELECT kind, COUNT(*), {sums} {where} 1",
        "month": f"SELECT SUBSTR(dated, 1, 7), COUNT(*), {sums} {where} 1",
        "level": f"SELECT units.kind, COUNT(*), {sums} {where.replace('WHERE', 'JOIN units ON units.id = unit_id WHERE')} 1",
        "causes": f"SELECT {levels}, COUNT(*) {where} {levels}",
        "missing": "SELECT unit_id, series, number, dated, before FROM (SELECT unit_id, series, number, dated, LAG(number, 1, 0)"
        " OVER (PARTITION BY unit_id, series ORDER BY number) AS before FROM outgoing_documents WHERE number IS NOT NULL)"
        " WHERE number > before + 1",
    }  # every part of these is written above: nothing comes from outside
    connection = sqlite3.connect(path)
    try:
        return {name: connection.execute(statement).fetchall() for name, statement in asked.items()}
    finally:
        connection.close()


def browser(database: Database, folder: Path) -> Callable[[str], str]:
    """Gives a page of the application as the clerk of the province gets it, who sees every register."""
    with database.writing() as session:
        province = session.scalars(select(Unit).where(Unit.code == "T")).one()
        seat = Seat(unit=province, title="Văn thư", valid_from=date(2000, 1, 1))
        clerk = Person(login="thu", name="Lê Văn Thư", password_hash="!", roles=frozenset({Role.CLERK}), seats=[seat])  # noqa: S106
        session.add(clerk)
        session.flush()
        token = SignIns(session).start(clerk, lasting=timedelta(hours=8), address="127.0.0.1", device="bench")
    settings = Settings(environment="test", data_dir=folder)
    system = System(settings, database, FolderObjects(folder / "objects"), WhooshIndex(folder / "index", texts_of(database)))
    client = create_app(system).test_client()
    client.set_cookie(COOKIE, token)

    def page(address: str) -> str:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise SystemExit(f"{address} gives {answer.status}")
        return answer.text

    return page


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


def timed(act: Callable[[], Any], times_s: list[float]) -> Any:
    """What the act gives; the CPU time it took is added to the times."""
    began = time.process_time()
    answer = act()
    times_s.append(time.process_time() - began)
    return answer


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shares.sqlite3"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        fill(database, given.rows, given.units)
        with database.reading() as session:
            units = frozenset(session.scalars(select(Unit.id)))
        mine_s: list[float] = []
        plain_s: list[float] = []
        told_s: list[float] = []
        for _ in range(given.rounds):
            mine = timed(lambda: ours(database, units), mine_s)
            plain = timed(lambda: by_hand(path), plain_s)
            timed(lambda: by_hand(path, hint="INDEXED BY ix_outgoing_shares"), told_s)
        show = browser(database, Path(folder))
        pages_s: dict[str, list[float]] = {name: [] for name in PAGES}
        sizes = {}
        for _ in range(given.rounds):
            for name, address in PAGES.items():
                sizes[name] = len(timed(partial(show, address), pages_s[name]).encode())
        database.close()
    problems = differences(mine, plain)
    print(f"{given.rows:,} rows of {given.units:,} units, load {os.getloadavg()[0]:.1f}")
    for name, times_s in (("all dimensions", mine_s), ("plain SQL", plain_s), ("told its index", told_s)):
        print(f"{name:15}{min(times_s) * 1000:6.0f} ms   (rounds: {', '.join(f'{one * 1000:.0f}' for one in times_s)})")
    print(
        f"ratio to plain SQL {min(mine_s) / min(plain_s):.2f}, to plain SQL that is told its index {min(mine_s) / min(told_s):.2f}"
    )
    for name, times_s in pages_s.items():
        print(f"{name:17}{min(times_s) * 1000:6.0f} ms of CPU, {sizes[name] / 1000:.0f} kB")
    print("\n".join(problems) if problems else "both say the same")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
