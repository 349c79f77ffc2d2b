"""Rows of any table, for tests of what holds for all tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Enum, Table, text
from sqlalchemy.orm import Session

from domain.ground.clock import now
from storage.ground.database import KeyOfObject, UtcDateTime


def value_for(column: Column[Any]) -> object:
    """Something that the column takes."""
    kinds = {int: 7, bool: False, float: 0.0, bytes: b"", dict: {}, list: [], datetime: now(), date: date(2026, 11, 23)}
    if isinstance(column.type, UtcDateTime):
        return now()
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    return "" if isinstance(column.type, KeyOfObject) else kinds.get(column.type.python_type, "x")


def insert(session: Session, column: Column[str], key: str) -> None:
    """A row whose column names the object. What else it refers to need not exist."""
    table: Table = column.table
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
    needed = {one.name: value_for(one) for one in table.columns if not one.nullable and one.default is None}
    if column.name not in table.primary_key.columns and "id" in needed:
        needed["id"] = 7
    session.execute(table.insert().values({**needed, column.name: key}))
