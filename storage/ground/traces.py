"""Traces: what the database's own log still holds of rows that were written anew or deleted, and how it is made to forget them.

A log keeps what was written in the order it was written, so it tells what the tables have been made not to tell: who cast which
ballot, what stood in a paper that was destroyed. That such traces are due is a row,
written in the transaction of the act; it goes when they are gone, so that a program killed in between leaves it to the next one.
"""

import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import datetime

import structlog
from sqlalchemy import JSON, delete, exists, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from storage.ground.database import Base, Database, after_commit

PATIENCE_MS = 500  # others cannot write while we wait for a reader to end
TRIES = 4  # at once; the worker goes on with it every other second

log = structlog.get_logger()


class TraceDue(Base):
    """That the log still holds traces of a subject. `tables` are rewritten whole on PostgreSQL, so that no dead row stays in them."""

    __tablename__ = "traces_due"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    tables: Mapped[list[str]] = mapped_column(JSON)
    since: Mapped[datetime] = mapped_column(default=now)


def erase_after(session: Session, subject: tuple[str, object], tables: Collection[str] = ()) -> None:
    """Have the traces of a subject erased once the transaction is committed; PostgreSQL keeps those of tables that are not named."""
    if not tables and session.get_bind().dialect.name != "sqlite":
        return
    session.add(TraceDue(subject_kind=subject[0], subject_id=str(subject[1]), tables=sorted(tables)))
    after_commit(session, erase)


def are_due(session: Session, subject: tuple[str, object]) -> bool:
    """Whether the log may still tell of the subject."""
    of_it = TraceDue.subject_kind == subject[0], TraceDue.subject_id == str(subject[1])
    return bool(session.scalar(select(exists().where(*of_it))))


def count_due(session: Session) -> int:
    """Of how many subjects the log may still tell."""
    return session.scalar(select(func.count()).select_from(TraceDue)) or 0


def erase(database: Database, tries: int = TRIES) -> bool:
    """Erase all traces that are due; False if some stay, because somebody still reads an older state. May be repeated."""
    with database.reading() as session:
        due = list(session.execute(select(TraceDue.id, TraceDue.tables)))
    if not due:
        return True
    tables = {name for _id, names in due for name in names}
    if not any(_erased(database, tables) for _try in range(tries)):
        log.warning("traces not erased yet, somebody still reads", due=len(due))
        return False
    with database.writing() as session:
        session.execute(delete(TraceDue).where(TraceDue.id.in_([row_id for row_id, _names in due])))
    return True


def _erased(database: Database, tables: Collection[str]) -> bool:
    try:
        if database.engine.dialect.name == "sqlite":
            return _emptied_log(make_url(database.url).database)
        return all(_rewritten(database, name) for name in tables if name in Base.metadata.tables)
    except (sqlite3.Error, DBAPIError) as error:  # somebody holds the table, or the disk is full: it stays due
        log.warning("traces not erased", error=type(error).__name__)
        return False


def _emptied_log(path: str | None) -> bool:
    """Carry the -wal file of SQLite over and cut it to nothing; False while a reader or a writer needs it."""
    if not path:
        return True
    with closing(sqlite3.connect(path, timeout=PATIENCE_MS / 1000, isolation_level=None)) as connection:
        is_busy, _frames, _carried = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def _rewritten(database: Database, table: str) -> bool:
    """Write a table of PostgreSQL into a new file without its dead rows; False while somebody could still see one of them."""
    said: list[str] = []
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - it is connected
        listen = lambda notice: said.append(notice.message_detail or "")  # noqa: E731 - to be taken off again
        driver.add_notice_handler(listen)
        try:
            connection.exec_driver_sql(f"SET lock_timeout = {PATIENCE_MS}")
            connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
            connection.exec_driver_sql("RESET lock_timeout")
        finally:
            driver.remove_notice_handler(listen)
    # "0 dead row versions cannot be removed yet.", in the server's language: what it does not say is not known to be gone
    left = [int(found[0]) for detail in said if (found := re.search(r"\d+", detail))]
    return bool(left) and left[0] == 0
