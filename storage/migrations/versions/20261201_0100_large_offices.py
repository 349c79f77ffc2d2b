"""large offices: rounds over the audit trail, and indexes of what is asked for on the pages of a directive and of incoming documents

Revision 20261201_0100, after 20261201_0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0100"
down_revision = "20261201_0020"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_incoming_documents_reply_id": ("incoming_documents", ["reply_id"]),
    "ix_incoming_documents_document_id": ("incoming_documents", ["document_id"]),
    "ix_incoming_listed": ("incoming_documents", ["year", "number", "unit_id"]),
    "ix_deliveries_answer_outgoing_id": ("deliveries", ["answer_outgoing_id"]),
}


def upgrade() -> None:
    op.create_table(
        "trail_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed", sa.JSON(), nullable=False),
        sa.Column("compared", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_checks")),
    )
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_table("trail_checks")
