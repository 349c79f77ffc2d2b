"""A database as one file and back: SQLite by its online copy, PostgreSQL by the programs that come with its client."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from storage.ground.database import BUSY_TIMEOUT_S, Database

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = {SQLITE: "database.sqlite3", POSTGRESQL: "database.pgdump"}


class ToolFailed(Exception):
    """A program of PostgreSQL is missing or failed; the message is what it said."""


class DumpDamaged(Exception):
    """The database, or what was written of it, is not whole."""


def kind_of(url: str) -> str:
    """What kind of database that is: SQLITE or POSTGRESQL."""
    return make_url(url).get_backend_name()


@contextmanager
def dumping(database: Database, folder: Path) -> Iterator[tuple[Session, Path]]:
    """A session that sees what the dump holds, and the file where it lies when the block ends; the block may refuse by raising.

    Raises ToolFailed and DumpDamaged. Nobody who works meanwhile is kept waiting.
    """
    kind = kind_of(database.url)
    file = folder / NAMES[kind]
    with _dumping_sqlite(database, file) if kind == SQLITE else _dumping_postgresql(database, file) as session:
        yield session, file


@contextmanager
def _dumping_sqlite(database: Database, file: Path) -> Iterator[Session]:
    source = f"file:{quote(str(_path(database.url)))}?mode=rw"
    with closing(sqlite3.connect(source, uri=True, timeout=BUSY_TIMEOUT_S)) as old, closing(sqlite3.connect(file)) as new:
        try:
            old.backup(new)  # in one step: one moment of the database, for which no writer waits
            new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        except sqlite3.DatabaseError as error:
            raise DumpDamaged(str(error)) from error
    check_sqlite(file)
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with Session(engine) as session:
        yield session


def check_sqlite(file: Path) -> None:
    """Raises DumpDamaged unless SQLite finds the file whole, references included."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as error:
            raise DumpDamaged(str(error)) from error
    if found != ["ok"] or broken:
        raise DumpDamaged(found[0] if found != ["ok"] else f"reference of {broken[0]}")


@contextmanager
def _dumping_postgresql(database: Database, file: Path) -> Iterator[Session]:
    with database.reading() as session:
        snapshot = session.scalar(text("SELECT pg_export_snapshot()"))
        yield session
        options = [f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
        _run("pg_dump", database.url, *options)
    check_postgresql(file)


def check_postgresql(file: Path) -> None:
    """Raises DumpDamaged unless pg_restore can read the dump to its end."""
    try:
        _run("pg_restore", "", "--file=/dev/null", str(file))
    except ToolFailed as error:
        raise DumpDamaged(str(error)) from error


def is_empty(url: str) -> bool:
    """Whether there is no database yet, or none that holds tables."""
    if kind_of(url) == SQLITE and not _path(url).exists():
        return True
    engine = create_engine(url, poolclass=NullPool)
    return not inspect(engine).get_table_names()


def load(file: Path, url: str) -> None:
    """Make the database of the dump: wholly, or not at all. Raises ToolFailed and DumpDamaged."""
    if kind_of(url) == POSTGRESQL:
        _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        return
    check_sqlite(file)
    path = _path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.half")
    half.touch(0o600)
    half.chmod(0o600)
    with file.open("rb") as source, half.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    for ending in ("-wal", "-shm"):  # of an empty database that was there
        path.with_name(path.name + ending).unlink(missing_ok=True)
    half.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _run(program: str, url: str, *options: str) -> None:
    """Run a program of PostgreSQL's client; the password travels in its environment, where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        raise ToolFailed(f"{program}: not installed (postgresql-client)")
    environment, where = dict(os.environ), list[str]()
    if url:
        parts: URL = make_url(url).set(drivername="postgresql")
        environment["PGPASSWORD"] = str(parts.password or environment.get("PGPASSWORD", ""))
        bare = URL.create(
            "postgresql", parts.username, host=parts.host, port=parts.port, database=parts.database, query=parts.query
        )
        where = [f"--dbname={bare.render_as_string(hide_password=False)}"]
    done = subprocess.run(
        [found, *where, *options], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise ToolFailed(f"{program}: {done.stderr.strip()[-500:]}")
