"""Alembic's entry: migrations run on the database that `storage.tables.migrate` was given."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from storage.tables import metadata


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a type of ours as what the database keeps: a migration that was released never changes, so it names nothing that moves."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


with context.config.attributes["database"].engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, render_item=_render
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
