"""What is asked of a database, and how it goes about it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from storage.ground.database import Database

GROWING = ("work", "pages", "documents", "receipts", "mails", "deliveries", "paper_versions", "audit_entries", "tasks")


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plans(database: Database, question: Callable[[Session], object]) -> str:
    """How the database goes about a question: the plans of all its statements."""
    is_sqlite = database.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    with database.reading() as session:
        connection = session.connection()
        if not is_sqlite:
            connection.exec_driver_sql(
                "SET LOCAL enable_seqscan = off"
            )  # of an empty table all is read at once, whatever the index
        with statements(database) as asked:
            question(session)
        found = [
            str(row[-1])
            for statement, parameters in list(asked)
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(explain + statement, parameters)
        ]
    return "\n".join(found)


def scanned(plan: str) -> set[str]:
    """The tables that grow, and that a plan reads whole: neither by an index nor by one that holds a part only."""
    whole = re.findall(r"SCAN (\w+)(?! USING)(?=\n|$)", plan) + re.findall(r"Seq Scan on (\w+)", plan)
    return set(whole) & set(GROWING)
