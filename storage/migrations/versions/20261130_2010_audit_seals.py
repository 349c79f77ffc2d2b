"""the audit trail is sealed after the acts, under a key, instead of chained within them

Revision 20261130_2010, after 20261130_1951.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_2010"
down_revision = "20261130_1951"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite: numbers are never given twice from here on, so that an entry that is gone leaves a gap
    with op.batch_alter_table("audit_entries", recreate="auto", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("position", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("seal", sa.String(), nullable=True))
        batch.add_column(sa.Column("sealed_under", sa.String(), nullable=True))
        batch.alter_column("previous_sha256", existing_type=sa.String(), nullable=True)
        batch.alter_column("sha256", existing_type=sa.String(), nullable=True)
        batch.drop_constraint("uq_audit_entries_previous_sha256", type_="unique")
        batch.drop_constraint("uq_audit_entries_sha256", type_="unique")
        batch.create_unique_constraint("uq_audit_entries_position", ["position"])
    op.create_index(
        "ix_audit_unsealed",
        "audit_entries",
        ["id"],
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_unsealed", table_name="audit_entries")
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_constraint("uq_audit_entries_position", type_="unique")
        batch.create_unique_constraint("uq_audit_entries_sha256", ["sha256"])
        batch.create_unique_constraint("uq_audit_entries_previous_sha256", ["previous_sha256"])
        batch.alter_column("sha256", existing_type=sa.String(), nullable=False)
        batch.alter_column("previous_sha256", existing_type=sa.String(), nullable=False)
        batch.drop_column("sealed_under")
        batch.drop_column("seal")
        batch.drop_column("position")
