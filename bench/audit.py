"""How fast acts append to the audit trail with 24 writers at once, against plain inserts into a table of the same columns and indexes.

    python bench/audit.py [--database postgresql+psycopg://…] [--writers 24] [--seconds 6] [--rounds 3]

Each writer commits one entry after the other. The sealer runs beside the audit trail as in the worker, once a second. Rounds alternate, so
that what else the machine does meets both; without --database it makes a SQLite database in a temporary folder. It leaves rows behind.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Table, insert, text
from sqlalchemy.schema import CreateIndex, CreateTable

from domain.ground.clock import now
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.ground.witness import Witness
from storage.tables import metadata, migrate

FACTS = {"name": "LĐLĐ huyện Vân Canh", "valid_from": "2026-01-01"}


def plain_table(database: Database) -> Table:
    """A table like that of the entries under another name, made where it is not there."""
    twin: Table = AuditEntry.__table__.to_metadata(metadata, name="plain_entries")  # type: ignore[attr-defined]
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "postgresql":
            connection.execute(text("CREATE TABLE IF NOT EXISTS plain_entries (LIKE audit_entries INCLUDING ALL)"))
            return twin
        connection.execute(CreateTable(twin))
        for index in twin.indexes:
            index.name = f"{index.name}_plain"  # type: ignore[assignment]
            connection.execute(CreateIndex(index))
    return twin


def rate(write: Callable[[], None], writers: int, seconds: float) -> float:
    """How many acts a second so many writers commit."""
    done, until = [0] * writers, time.monotonic() + seconds

    def work(number: int) -> None:
        while time.monotonic() < until:
            write()
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database")
    asked.add_argument("--writers", type=int, default=24)
    asked.add_argument("--seconds", type=float, default=6)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="khonggiay-bench-") as folder:
        database = Database(options.database or f"sqlite:///{folder}/khonggiay.sqlite3")
        migrate(database)
        plain = plain_table(database)
        witness = Witness.of(Settings(data_dir=Path(folder)), database)

        def append() -> None:
            with database.writing() as session:
                AuditTrail(session).record("unit_created", actor="Đặng Quản Trị", subject=("unit", 7), facts=FACTS)

        def insert_plainly() -> None:
            with database.writing() as session:
                row = {"at": now(), "act": "unit_created", "actor": "Đặng Quản Trị", "address": "", "subject_kind": "unit"}
                session.execute(insert(plain).values(**row, subject_id="7", facts=FACTS))

        appended, inserted = [], []
        for _round in range(options.rounds):
            inserted.append(rate(insert_plainly, options.writers, options.seconds))
            appended.append(sealed_beside(witness, lambda: rate(append, options.writers, options.seconds)))
        while True:
            witness.seal()
            with database.reading() as session:
                if not session.scalar(text("SELECT count(*) FROM audit_entries WHERE position IS NULL")):
                    break
        problems = witness.breaks()
        ratios = [one / other for one, other in zip(appended, inserted, strict=True)]
        print(f"{database.engine.dialect.name}, {options.writers} writers, {options.rounds} rounds of {options.seconds:g} s")
        print(f"plain inserts {statistics.median(inserted):,.0f}/s, acts {statistics.median(appended):,.0f}/s")
        print(f"acts against plain inserts: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        print(f"breaks found afterwards: {len(problems)}")
        database.close()


def sealed_beside(witness: Witness, measure: Callable[[], float]) -> float:
    """What is measured while a sealer works once a second."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(1):
            witness.seal()

    sealer = threading.Thread(target=work)
    sealer.start()
    try:
        return measure()
    finally:
        over.set()
        sealer.join()


if __name__ == "__main__":
    main()
