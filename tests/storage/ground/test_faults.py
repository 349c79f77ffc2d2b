"""What is wrong around the programs is told apart by what databases and disks really say of it."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from storage.ground.database import Database
from storage.ground.faults import Fault, fault_of
from storage.ground.objects import StoreUnavailable
from tests.servers import PostgreSQL, free_ports


def met(act: Callable[[], object]) -> Fault | None:
    """What an act that must fail has met."""
    with pytest.raises(SQLAlchemyError) as refused:
        act()
    return fault_of(refused.value)


def write(database: Database, size: int = 1) -> None:
    with database.writing() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS papers (content BLOB)"))
        session.execute(text("INSERT INTO papers VALUES (zeroblob(:size))"), {"size": size})


def with_pragma(url: str, pragma: str) -> Database:
    database = Database(url)

    @event.listens_for(database.engine, "connect")
    def _set(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    return database


@pytest.mark.parametrize(
    ("pragma", "fault"), [("max_page_count=9", Fault.FULL), ("query_only=ON", Fault.READ_ONLY)], ids=["full", "read only"]
)
def test_sqlite_that_takes_nothing_more_says_why(tmp_path: Path, pragma: str, fault: Fault) -> None:
    with closing(with_pragma(f"sqlite:///{tmp_path}/a.sqlite3", pragma)) as database:
        assert met(lambda: write(database, 100_000)) is fault


def test_sqlite_that_another_program_writes_is_busy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.sqlite3"
    with closing(with_pragma(url, "busy_timeout=0")) as database, closing(Database(url)) as other:
        write(database)
        with other.writing() as session:
            session.execute(text("SELECT 1"))  # its turn begins with the first word
            assert met(lambda: write(database)) is Fault.BUSY


def test_a_writer_whose_turn_does_not_come_meets_what_sqlite_would_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.ground.database.BUSY_TIMEOUT_S", 0.01)
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database, database.writing():
        assert met(lambda: write(database)) is Fault.BUSY


def test_a_file_that_is_no_database_and_one_that_is_damaged_are_told_so(tmp_path: Path) -> None:
    (tmp_path / "thu.txt").write_text("một lá thư, không phải cơ sở dữ liệu" * 100)
    with closing(Database(f"sqlite:///{tmp_path}/thu.txt")) as letter:
        assert met(lambda: write(letter)) is Fault.CORRUPT
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database:
        write(database, 50_000)
    content = bytearray((tmp_path / "a.sqlite3").read_bytes())
    content[4096:8192] = b"\xff" * 4096
    (tmp_path / "a.sqlite3").write_bytes(content)
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as damaged:
        assert met(lambda: write(damaged)) is Fault.CORRUPT


def test_a_folder_in_place_of_the_database_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").mkdir()
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database:
        assert met(lambda: write(database)) is Fault.CANNOT_OPEN


def test_what_we_ask_wrongly_is_no_doing_of_the_surroundings(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database:
        write(database)

        def twice() -> None:
            with database.writing() as session:
                session.execute(text("CREATE UNIQUE INDEX one ON papers (content)"))
                session.execute(text("INSERT INTO papers SELECT content FROM papers"))

        assert met(twice) is None


def test_what_nobody_has_told_apart_is_unknown(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/a.sqlite3")) as database, database.reading() as session:
        assert met(lambda: session.execute(text("SELECT * FROM nothing"))) is Fault.UNKNOWN


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, Fault.FULL),
        (errno.EROFS, Fault.READ_ONLY),
        (errno.EIO, Fault.IO),
        (errno.EACCES, Fault.CANNOT_OPEN),
        (errno.ENOENT, None),
    ],
)
def test_a_disk_says_it_by_number(number: int, fault: Fault | None) -> None:
    assert fault_of(OSError(number, os.strerror(number))) is fault


def test_a_store_says_why_where_its_disk_does() -> None:
    full = StoreUnavailable()
    full.__cause__ = OSError(errno.ENOSPC, "full")
    assert fault_of(full) is Fault.FULL
    assert fault_of(StoreUnavailable()) is Fault.UNKNOWN


def small_disk(command: str, folder: Path) -> str:
    """What a program says that runs on a disk of its own of 256 KiB, mounted on the folder; only root may."""
    mounted = f'mount -t tmpfs -o size=256k tmpfs "{folder}" && {command}'
    with_ours = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    ran = subprocess.run(["unshare", "-m", "sh", "-c", mounted], capture_output=True, text=True, check=False, env=with_ours)
    if "mount:" in ran.stderr or "unshare:" in ran.stderr:
        pytest.skip("this machine lets nobody mount a disk here")
    return ran.stdout + ran.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
@pytest.mark.parametrize(("before", "fault"), [("true", "full"), ("remount", "cannot_open")], ids=["full", "read only"])
def test_a_real_disk_that_is_full_or_read_only_is_told_so(tmp_path: Path, before: str, fault: str) -> None:
    program = tmp_path / "write.py"
    folder = tmp_path / "disk"
    folder.mkdir()
    remount = f'os.system("mount -o remount,ro {folder}")' if before == "remount" else ""
    program.write_text(f"""
import os
from sqlalchemy import text
from storage.ground.database import Database
from storage.ground.faults import fault_of
database = Database("sqlite:///{folder}/a.sqlite3")
with database.writing() as session:
    session.execute(text("CREATE TABLE papers AS SELECT 1 AS content"))
database.close()
{remount}
try:
    with database.writing() as session:
        session.execute(text("UPDATE papers SET content = zeroblob(400000)"))
except Exception as error:
    print(fault_of(error))
""")  # noqa: S608 - a program with a folder of ours
    assert small_disk(f'"{sys.executable}" "{program}"', folder).strip() == fault


@pytest.mark.postgresql
def test_postgresql_says_what_it_is(postgresql: PostgreSQL) -> None:
    def ask(statement: str, database: Database) -> Callable[[], None]:
        def act() -> None:
            with database.writing() as session:
                session.execute(text(statement))

        return act

    with closing(Database(postgresql.url())) as database:
        assert met(ask("SET TRANSACTION READ ONLY; CREATE TABLE x (a int)", database)) is Fault.READ_ONLY
        assert met(ask("SELECT pg_terminate_backend(pg_backend_pid())", database)) is Fault.AWAY
        assert met(ask("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", database)) is Fault.BUSY
        assert met(ask("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$", database)) is Fault.FULL
        assert met(ask("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'XX001'; END $$", database)) is Fault.CORRUPT
        assert met(ask("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'XX000'; END $$", database)) is Fault.UNKNOWN
    with closing(Database(postgresql.url("none_such"))) as nothing:
        assert met(ask("SELECT 1", nothing)) in (Fault.CANNOT_OPEN, Fault.AWAY)
    with closing(Database(f"postgresql+psycopg://a:b@127.0.0.1:{free_ports(1)[0]}/c")) as away:
        assert met(ask("SELECT 1", away)) is Fault.AWAY
