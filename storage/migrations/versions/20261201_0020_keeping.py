"""what the worker is asked to do now, which alarms went out, when the clock jumped, and the name of these books

Revision 20261201_0020, after 20261201_0010.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "20261201_0020"
down_revision = "20261201_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeping_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_keeping_orders_asked_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_orders")),
    )
    op.create_table(
        "alarms_told",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alarms_told")),
    )
    op.create_table(
        "clock_jumps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_jumps")),
    )
    books = op.create_table(
        "books",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
    )
    op.bulk_insert(books, [{"id": 1, "name": uuid.uuid4().hex}])


def downgrade() -> None:
    op.drop_table("books")
    op.drop_table("clock_jumps")
    op.drop_table("alarms_told")
    op.drop_table("keeping_orders")
