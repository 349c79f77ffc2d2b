"""What many tests begin with is written once in each process: a database that nobody has opened yet gets the file of another one into
which the same was written before."""

import shutil
import sqlite3
from collections.abc import Callable, Hashable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import event

from domain.ground import clock
from storage.ground.database import Database
from tests.once import sharing_statements

MONDAY = datetime(
    2026, 11, 23, 1, 0, tzinfo=UTC
)  # 8:00 in Vietnam: the stopped clock of the tests, and the time of all that is prepared

Made = TypeVar("Made")
Content = tuple[Hashable, ...]  # what was written, one after the other

# of each such database its content, and when its file was laid down
_unopened: WeakKeyDictionary[Database, tuple[Content, int]] = WeakKeyDictionary()
_prepared: dict[Content, tuple[bytes, object]] = {}


def copied(file: Path, folder: Path, content: Content = ()) -> Database:
    """A database in a copy of the file, whose content is known until somebody opens it."""
    database = sharing_statements(Database(f"sqlite:///{shutil.copy(file, folder)}"))
    _unopened[database] = content, _file(database).stat().st_mtime_ns

    @event.listens_for(database.engine, "connect")
    def _open(connection: sqlite3.Connection, _record: object) -> None:
        _unopened.pop(database, None)
        connection.execute("PRAGMA synchronous=OFF")  # nobody cuts the power here; programs that are killed lose nothing by it

    return database


def prepare(database: Database, what: Hashable, write: Callable[[Database], Made]) -> Made:
    """What `write` returns, which it has written into the database or did so once into another one with the same content.

    `what` names it, with all that it depends on besides that content.
    """
    content, laid_down = _unopened.get(database, ((), 0))
    if not laid_down or _file(database).stat().st_mtime_ns != laid_down:
        return write(database)
    file, content = _file(database), (*content, what)
    if content not in _prepared:
        with TemporaryDirectory() as folder, clock.at(MONDAY):
            first = copied(file, Path(folder), content[:-1])
            made = write(first)
            first.close()
            _prepared[content] = _file(first).read_bytes(), made
    written, kept = _prepared[content]
    file.write_bytes(written)
    _unopened[database] = content, file.stat().st_mtime_ns
    return cast(Made, deepcopy(kept))


def _file(database: Database) -> Path:
    assert database.engine.url.database
    return Path(database.engine.url.database)
