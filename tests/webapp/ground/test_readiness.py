"""Whether an installation can serve: what `/ready` says to strangers, and each check on surroundings that are really broken."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from storage.archive.heartbeat import beat
from storage.ground.database import Database
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
    assert look(system) == dict.fromkeys(CHECKS, "")


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


def test_strangers_hear_names_and_yes_or_no_and_no_word_more(
    app: Flask, client_of: ClientOf, system: System, database: Database
) -> None:
    client = client_of("nobody")
    answer = client.get("/ready")
    well = {"database": True, "store": True, "index": True, "disk": True, "worker": False, "files": True}
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"ready": True, "checks": well},
    )  # pages are served without a worker
    later(system)
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()) == (503, {"ready": False, "checks": {**well, "database": False}})
    assert set(NEEDED) <= set(well)
    assert client.get("/health").status_code == 200
