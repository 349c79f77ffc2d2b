"""second factors

Revision 20261130_2031, after 20261130_2030.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_2031"
down_revision = "20261130_2030"
branch_labels = None
depends_on = None


ROLES = sa.Enum("administrator", "archivist", "clerk", "leader", "staff", "member", name="role", native_enum=False, length=32)


def upgrade() -> None:
    op.create_table(
        "app_secrets",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_app_secrets_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", name="pk_app_secrets"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_recovery_codes_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"])
    op.create_table(
        "guarded_roles", sa.Column("role", ROLES, nullable=False), sa.PrimaryKeyConstraint("role", name="pk_guarded_roles")
    )
    with op.batch_alter_table("sign_ins") as batch:
        batch.add_column(sa.Column("must_set_up", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("sign_ins") as batch:
        batch.drop_column("must_set_up")
    for table in ("guarded_roles", "recovery_codes", "app_secrets"):
        op.drop_table(table)
