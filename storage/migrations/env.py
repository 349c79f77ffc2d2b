"""Alembic's entry: migrations run on the database that `storage.tables.migrate` was given."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from storage.tables import ReferencesBroken, metadata


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a type of ours as what the database keeps: a migration that was released never changes, so it names nothing that moves."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def _run(connection: Connection) -> None:
    """All migrations in one transaction: ours, for Alembic would end one after each migration where SQLite is concerned."""
    with connection.begin():
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, render_item=_render
        )
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise ReferencesBroken(*sorted({row[0] for row in broken}))


with context.config.attributes["database"].engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A table is altered by making it anew and dropping the old one. If references were heeded meanwhile, that would be refused, or
        # take along the rows that refer to it; so they are looked at once, at the end. SQLite is told so outside of a transaction.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            _run(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
    else:
        _run(connection)
