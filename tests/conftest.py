"""What every test may ask for: a database of its own, a folder of objects, a clock that can be stopped."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from domain.ground import clock
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.tables import migrate
from tests.prepared import MONDAY, copied


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our own options."""
    parser.addoption("--screenshots", action="store_true", help="keep the pictures of all pages in var/screenshots")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty SQLite database at the newest revision, to be copied: migrating takes a second."""
    path = tmp_path_factory.mktemp("migrated") / "khonggiay.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """An empty SQLite database at the newest revision."""
    database = copied(migrated, tmp_path)
    yield database
    database.close()


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    """An empty folder of objects."""
    return FolderObjects(tmp_path / "objects")


@pytest.fixture
def stopped_clock() -> Iterator[datetime]:
    """The clock, stopped on a Monday morning."""
    clock.fix(MONDAY)
    yield MONDAY
    clock.fix(None)


@pytest.fixture(autouse=True)
def _clock_before_all_else(request: pytest.FixtureRequest) -> None:
    """Where a clock is stopped it is so from the first row on: the day on which the tests run changes nothing."""
    if "stopped_clock" in request.fixturenames:
        request.getfixturevalue("stopped_clock")
