"""How fast an existing register is brought in: reading the file, looking at it, and adding its rows in steps.

python -m bench.import_register [ROWS]
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from domain.directives.imports.columns import Register
from domain.people.units import UnitKind
from storage.directives.imports import RegisterImport, RegisterImports, Run, draft, keep
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.spreadsheets import read_tables
from storage.people.units import Unit
from storage.tables import migrate

KINDS = [("QĐ", "Quyết định"), ("KH", "Kế hoạch"), ("TB", "Thông báo"), ("HD", "Hướng dẫn"), ("BC", "Báo cáo")]
HEADINGS = [
    "STT", "Số, ký hiệu", "Ngày tháng", "Tên loại và trích yếu", "Người ký", "Nơi nhận", "Hình thức", "Ký số cá nhân", "Ký số cơ quan",
    "Kênh gửi", "Ghi chú",
]  # fmt: skip


def register(rows: int) -> bytes:
    """A register as an office keeps it: a title, merged cells, eleven columns, days as text and as days."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sổ đi")
    sheet.append(["SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM 2025"])
    sheet.append(HEADINGS)
    for index in range(rows):
        code, kind = KINDS[index % 5]
        month = 1 + index * 12 // rows
        day = date(2025, month, 1 + index % 28) if index % 2 else f"{1 + index % 28:02}/{month:02}/2025"
        sheet.append(
            [index + 1, f"{index // 5 + 1:02}/{code}-LĐLĐ", day, f"{kind} về việc tổ chức hoạt động chào mừng lần thứ {index}",
             "Nguyễn Văn A", "Như trên; Lưu: VT", ["giấy", "điện tử", "song song", ""][index % 4], "x", "có",
             ["Zalo", "QLVB", "bưu điện", ""][index % 4], ""]
        )  # fmt: skip
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@contextmanager
def timed(what: str, rows: int) -> Iterator[None]:
    begun, worked = time.perf_counter(), _processor()
    yield
    spent, work = time.perf_counter() - begun, _processor() - worked
    print(f"{what:<32} {spent:6.2f} s, {work:6.2f} s of processor, {rows / work:>8,.0f} rows a second of it")


def _processor() -> float:
    """Seconds of processor that this process and its sandboxes have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.sqlite3")
        migrate(database)
        objects = FolderObjects(Path(folder) / "objects")
        with database.writing() as session:
            unit = Unit(code="LDLD", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
            session.add(unit)
            session.flush()
            unit_id = unit.id
        content = register(rows)
        for time_of in ("first", "again"):
            with timed(f"{time_of}: read in the sandbox", rows):
                tables = read_tables(content)
            with timed(f"{time_of}: columns, secrets, kept", rows):
                drafted = draft(tables, Register.OUTGOING, name="so.xlsx")
                keys = keep(objects, drafted, content)
                with database.writing() as session:
                    one = RegisterImports(session, {unit_id}).begin(unit_id, Register.OUTGOING, "so.xlsx", keys, drafted, None)
                    import_id = one.id
            with timed(f"{time_of}: run in steps of 1,000", rows):
                with database.writing() as session:
                    Run(session, objects, session.get_one(RegisterImport, import_id)).start()
                is_done = False
                while not is_done:
                    with database.writing() as session:
                        is_done = Run(session, objects, session.get_one(RegisterImport, import_id)).step()
        with timed("undo of the first", rows), database.writing() as session:
            Run(session, objects, session.get_one(RegisterImport, 1)).undo()
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
