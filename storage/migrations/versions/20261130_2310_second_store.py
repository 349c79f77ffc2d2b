"""the second store: what came back from it, and what rounds found there

Revision 20261130_2310, after 20261130_2050.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_2310"
down_revision = "20261130_2050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("object_checks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_object_checks_mended_at"), ["mended_at"], unique=False)
    with op.batch_alter_table("check_rounds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copies", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("copies_lost", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("check_rounds", schema=None) as batch_op:
        batch_op.drop_column("copies_lost")
        batch_op.drop_column("copies")
    with op.batch_alter_table("object_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_object_checks_mended_at"))
        batch_op.drop_column("mended_at")
