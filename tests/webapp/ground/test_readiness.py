"""Whether an installation can serve: what `/ready` says to strangers, and each check on surroundings that are really broken."""

import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from domain.ground.clock import now
from domain.ground.fixity import Finding
from storage.archive.documents import DocumentFile
from storage.archive.heartbeat import beat
from storage.ground.backup.records import BackupRun
from storage.ground.database import Database
from storage.ground.fixity.checks import ObjectChecks
from storage.ground.sandbox import standing
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf
from webapp.ground import readiness
from webapp.ground.readiness import CHECKS, NEEDED, look
from webapp.ground.system import System


def later(system: System) -> None:
    with system.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '20991231_0000'"))


def no_database(system: System) -> None:
    system.database.close()
    path = Path(str(system.database.engine.url.database))
    path.unlink()
    path.mkdir()


def unindexed(system: System) -> None:
    put(system.database, system.objects, "a.pdf", ["Hòa giải"])  # type: ignore[arg-type]
    with system.database.writing() as session:
        session.execute(text("UPDATE pages SET indexed_revision = text_revision"))


def silent(system: System) -> None:
    os.utime(system.settings.data_dir / "worker.beat", (time.time() - 600, time.time() - 600))


def laid_open(system: System) -> None:
    system.settings.data_dir.chmod(0o755)


def test_where_all_is_well_every_check_says_so(system: System) -> None:
    beat(system.settings)
    with system.database.writing() as session:
        session.add(BackupRun(begun_at=now(), ended_at=now(), problem="", place="/backup"))
    found = look(system)
    assert found.pop("walls") == ", ".join(wall.value for wall, lack in standing().items() if lack), "what this machine has"
    assert found == dict.fromkeys(set(CHECKS) - {"walls"}, "")


@pytest.mark.parametrize(
    ("break_it", "check", "why"),
    [
        (later, "database", "later"),
        (no_database, "database", "cannot_open"),
        (unindexed, "index", "missing"),
        (silent, "worker", "silent"),
    ],
)
def test_what_is_broken_is_told_by_its_check(system: System, break_it: Callable[[System], None], check: str, why: str) -> None:
    beat(system.settings)
    break_it(system)
    assert look(system)[check] == why


def test_files_that_others_may_read_are_named(system: System) -> None:
    laid_open(system)
    assert look(system)["files"].startswith(str(system.settings.data_dir))


def test_a_disk_without_room_is_told(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_FREE", shutil.disk_usage(system.settings.data_dir).total + 1)
    assert look(system)["disk"] == "full"


def test_a_backup_is_asked_for_until_there_is_one_and_again_when_it_is_old(system: System, database: Database) -> None:
    assert look(system)["backup"] == "none"
    with database.writing() as session:
        run = BackupRun(begun_at=now(), ended_at=now(), problem="", place="/backup")
        session.add(run)
        session.flush()
        number = run.id
    assert look(system)["backup"] == ""
    with database.writing() as session:
        session.get_one(BackupRun, number).ended_at = now() - timedelta(days=3)
    assert look(system)["backup"] == "old"


def test_a_file_that_was_lost_is_counted(system: System, database: Database) -> None:
    put(database, system.objects, "a.pdf", ["Hòa giải"])  # type: ignore[arg-type]
    with database.writing() as session:
        ObjectChecks(session).note(session.query(DocumentFile).one().sha256, Finding.DAMAGED, actor="worker")
    assert look(system)["lost"] == "1"


def test_strangers_hear_names_and_yes_or_no_and_no_word_more(
    app: Flask, client_of: ClientOf, system: System, database: Database
) -> None:
    client = client_of("nobody")
    well = {
        "database": True, "store": True, "index": True, "disk": True, "worker": False, "files": True, "lost": True, "second": True,
        "backup": False, "walls": not any(standing().values()),
    }  # fmt: skip
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "checks": well})  # served without a worker, too
    later(system)
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()) == (503, {"ready": False, "checks": {**well, "database": False}})
    assert set(NEEDED) <= set(well)
    assert client.get("/health").status_code == 200
