"""Alembic's entry: migrations run on the database that `storage.tables.migrate` was given."""

from typing import Any, Literal

from alembic import context

from storage.ground.database import UtcDateTime
from storage.tables import metadata


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own type of time by its plain name; the template imports it."""
    return "UtcDateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


with context.config.attributes["database"].engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, render_item=_render
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
