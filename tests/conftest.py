"""What every test may ask for: a database of its own, a folder of objects, a clock that can be stopped.

Records are imported by whoever asks for them: that takes a second or two, and the tests of rules need none.
"""

import gc
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

from domain.ground import clock

if TYPE_CHECKING:
    from storage.ground.database import Database
    from storage.ground.filesystem import FolderObjects
    from tests.sandboxes import Sandboxes

# Laws are tried with a few examples each time, and with many at night (`make test-thorough`); how quick the machine is says nothing.
settings.register_profile("few", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("many", settings.get_profile("few"), max_examples=500)
settings.load_profile("few")

# As the programs log (khonggiay/logs.py): a traceback with its variables takes a gigabyte where one of them knows all tables.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our own options."""
    parser.addoption("--screenshots", action="store_true", help="keep the pictures of all pages in var/screenshots")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage need not look at it again and again, a tenth of all time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty SQLite database at the newest revision, to be copied: migrating takes a second."""
    from storage.ground.database import Database
    from storage.tables import migrate

    path = tmp_path_factory.mktemp("migrated") / "khonggiay.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> "Iterator[Database]":
    """An empty SQLite database at the newest revision."""
    from tests.prepared import copied

    database = copied(migrated, tmp_path)
    yield database
    database.close()


@pytest.fixture
def objects(tmp_path: Path) -> "FolderObjects":
    """An empty folder of objects."""
    from storage.ground.filesystem import FolderObjects

    return FolderObjects(tmp_path / "objects")


@pytest.fixture(scope="session")
def sandboxes() -> "Iterator[Sandboxes]":
    """The sandboxes of this process."""
    from tests.sandboxes import Sandboxes

    sandboxes = Sandboxes()
    yield sandboxes
    sandboxes.close()


@pytest.fixture
def fresh_sandboxes() -> None:
    """Each sandbox is a process of its own."""


@pytest.fixture(autouse=True)
def _kept_sandboxes(request: pytest.FixtureRequest, sandboxes: "Sandboxes", monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are parsed in sandboxes that serve other tests too, for starting one takes most of the time of the test."""
    if "fresh_sandboxes" not in request.fixturenames:
        monkeypatch.setattr("storage.ground.sandbox.Sandbox", sandboxes)


@pytest.fixture
def stopped_clock() -> Iterator[datetime]:
    """The clock, stopped on a Monday morning."""
    from tests.prepared import MONDAY

    clock.fix(MONDAY)
    yield MONDAY
    clock.fix(None)


@pytest.fixture(autouse=True)
def _clock_before_all_else(request: pytest.FixtureRequest) -> None:
    """Where a clock is stopped it is so from the first row on: the day on which the tests run changes nothing."""
    if "stopped_clock" in request.fixturenames:
        request.getfixturevalue("stopped_clock")
