"""what the database's log must still forget

Revision 20261130_1950, after 20261130_1930.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_1950"
down_revision = "20261130_1930"
branch_labels = None
depends_on = None


def upgrade() -> None:
    traces = op.create_table(
        "traces_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traces_due")),
    )
    # votes that were closed before traces were erased: nothing is known of theirs, so they are due
    votes = sa.table("votes", sa.column("id", sa.Integer), sa.column("is_secret", sa.Boolean), sa.column("state", sa.String))
    over = sa.select(votes.c.id).where(votes.c.is_secret, votes.c.state.in_(["closed", "published", "cancelled"]))
    for vote_id in op.get_bind().scalars(over).all():
        row = {
            "subject_kind": "vote",
            "subject_id": str(vote_id),
            "tables": ["roll_entries", "secret_ballots"],
            "since": sa.func.now(),
        }
        op.execute(traces.insert().values(**row))


def downgrade() -> None:
    op.drop_table("traces_due")
