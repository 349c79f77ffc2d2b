"""what people, units and places are searched by

Revision 20261130_2240, after 20261130_2310.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "20261130_2240"
down_revision = "20261130_2310"
branch_labels = None
depends_on = None

_NAMES = {
    "people": ("name", "login"),
    "units": ("name", "code"),
    "fonds": ("code", "name"),
    "catalogues": ("number", "title"),
    "record_files": ("number", "title"),
}
_INDEXES = {"people": ["searched", "is_open"], "units": ["searched", "valid_to"]}


def upgrade() -> None:
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    for table in _NAMES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("searched", bytewise, nullable=False, server_default=""))
        _fill(table)
    for table, columns in _INDEXES.items():
        op.create_index(f"ix_{table}_searched", table, columns)


def _fill(name: str) -> None:
    first, second = _NAMES[name]
    table = sa.table(name, *(sa.column(column) for column in ("id", first, second, "searched")))
    rows = op.get_bind().execute(sa.select(table.c.id, table.c[first], table.c[second])).all()
    filled = [{"row": row[0], "kept": _searched(name, row[1] or "", row[2] or "")} for row in rows]
    if filled:
        change = table.update().where(table.c.id == sa.bindparam("row")).values(searched=sa.bindparam("kept"))
        op.get_bind().execute(change, filled)


def _searched(table: str, first: str, second: str) -> str:
    if table == "people":
        family, _space, given = first.strip().rpartition(" ")
        first = f"{given} {family}"
    return "".join(f" {syllable}" for syllable in re.sub(r"[\W_]+", " ", _folded(f"{first} {second}")).split())


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("\u00d0", "\u0110").replace("\u0189", "\u0110").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("đ", "d")


def downgrade() -> None:
    for table in _INDEXES:
        op.drop_index(f"ix_{table}_searched", table_name=table)
    for table in _NAMES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("searched")
