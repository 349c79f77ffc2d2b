"""How fast an outgoing register is written out in its official form: as a workbook, as columns for programs, and as a PDF to be printed.

python -m bench.write_out [ROWS]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask_babel import Babel
from sqlalchemy import insert

from domain.directives.directives import OutgoingState
from domain.people.units import UnitKind
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments, Wanted
from storage.ground.database import Database
from storage.people.units import Unit
from storage.tables import migrate
from webapp.directives.outgoing.books import as_csv, as_register
from webapp.directives.register_sheets import MOST, to_pdf, to_xlsx


def fill(database: Database, rows: int) -> int:
    """A unit with a register of one year; returns its id."""
    with database.writing() as session:
        unit = Unit(code="LDLD", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        session.add(unit)
        session.flush()
        made = [
            _document(unit.id, number, date(2025, 1, 1) + timedelta(days=number * 364 // rows)) for number in range(1, rows + 1)
        ]
        for start in range(0, rows, 5000):
            session.execute(insert(OutgoingDocument), made[start : start + 5000])
        return unit.id


def _document(unit_id: int, number: int, dated: date) -> dict[str, Any]:
    return {
        "unit_id": unit_id, "state": OutgoingState.ISSUED, "kind": "Kế hoạch", "series": "2025", "number": number,
        "symbol": "KH-LĐLĐ", "dated": dated, "abstract": f"tổ chức hoạt động chào mừng Đại hội Công đoàn các cấp lần thứ {number}",
        "signer": "Nguyễn Văn A", "recipients": "Thường trực Tỉnh ủy\nCác công đoàn cấp trên trực tiếp cơ sở\nLưu: VT", "copies": 3,
        "copy_keeper": "Văn phòng", "transferred_on": dated,
    }  # fmt: skip


def timed(what: str, act: Callable[[], Any]) -> Any:
    begun, worked = time.perf_counter(), time.process_time()
    result = act()
    spent, work = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = f"{len(result) / 1e6:.1f} MB" if isinstance(result, bytes | str) else f"{len(result):,} rows"
    print(f"{what:<36} {spent:6.2f} s, {work:6.2f} s of processor, {size}, {peak:,.0f} MB at most")
    return result


def main(rows: int) -> None:
    app = Flask(__name__)
    Babel(app, default_locale="vi")
    with tempfile.TemporaryDirectory() as folder, app.test_request_context():
        database = Database(f"sqlite:///{folder}/bench.sqlite3")
        migrate(database)
        unit_id = fill(database, rows)
        with database.reading() as session:
            documents = timed("asked of the database", lambda: _asked(session, unit_id, rows))
            unit = session.get_one(Unit, unit_id)
            timed("a workbook (.xlsx)", lambda: to_xlsx(as_register(unit, "Năm 2025", documents)))
            timed("columns for programs (.csv)", lambda: as_csv(documents))
            printed = documents[: MOST["pdf"]]
            timed(f"a PDF of the first {len(printed):,}", lambda: to_pdf(as_register(unit, "Năm 2025", printed)))
        database.close()


def _asked(session: Any, unit_id: int, rows: int) -> list[OutgoingDocument]:
    return OutgoingDocuments(session).book(Wanted(), frozenset({unit_id}), most=rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
