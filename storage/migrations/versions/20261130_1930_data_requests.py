"""requests about personal data

Revision 20261130_1930, after 20261122_1300.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_1930"
down_revision = "20261122_1300"
branch_labels = None
depends_on = None

WISHES = sa.Enum("correct", "provide", "restrict", "delete", name="wish", native_enum=False, length=32)
STATES = sa.Enum("new", "accepted", "done", "refused", name="requeststate", native_enum=False, length=32)


def upgrade() -> None:
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wish", WISHES, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("is_prolonged", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name="fk_data_requests_answered_by_id_people"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_data_requests_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
    )
    op.create_index("ix_data_requests_person_id", "data_requests", ["person_id"])
    op.create_index("ix_data_requests_state", "data_requests", ["state", "id"])


def downgrade() -> None:
    op.drop_table("data_requests")
