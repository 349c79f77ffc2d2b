"""The rows of a table, for tests that look at what was written."""

from typing import TypeVar

from sqlalchemy import inspect, select

from storage.ground.database import Base, Database

Row = TypeVar("Row", bound=Base)


def rows(database: Database, table: type[Row], **which: object) -> list[Row]:
    """All rows, or those of which this is true, in the order of their keys, free of their session."""
    with database.reading() as session:
        found = session.scalars(select(table).filter_by(**which).order_by(*inspect(table).primary_key)).all()
        session.expunge_all()
        return list(found)
