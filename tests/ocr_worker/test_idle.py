"""What the worker asks of the database while nothing happens, however much lies in the archive."""

from pathlib import Path

import pytest

from ocr_worker.program import Worker
from ocr_worker.system import System
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from tests.plans import scanned, statements

IDLE = {  # each round, and how many statements it takes at most
    "sweep": 3, "index": 7, "bind": 4, "remind": 18, "mail": 2, "erase_traces": 2, "seal": 5, "check_trail": 2, "_hold": 2,
}  # fmt: skip


@pytest.mark.parametrize("act", IDLE)
def test_a_round_in_which_nothing_is_due_asks_little_and_reads_no_growing_table(
    database: Database, objects: FolderObjects, tmp_path: Path, act: str
) -> None:
    settings = Settings(environment="test", data_dir=tmp_path, smtp_url="smtp://127.0.0.1:9")
    worker = Worker(System(settings, database, objects))
    for _first in range(2):  # the index is made at the first
        getattr(worker, act)()
    with statements(database) as asked:
        getattr(worker, act)()
    assert len(asked) <= IDLE[act], "\n".join(statement for statement, _parameters in asked)
    with database.reading() as session:
        explained = [
            str(row[-1])
            for statement, parameters in asked
            if statement.startswith(("SELECT", "UPDATE"))
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert scanned("\n".join(explained)) == set(), explained
