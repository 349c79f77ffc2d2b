"""what an identity provider has ended is remembered for some minutes

Revision 20261201_0410, after 20261201_0320.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0410"
down_revision = "20261201_0320"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_at_provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ended_at_provider"),
    )


def downgrade() -> None:
    op.drop_table("ended_at_provider")
