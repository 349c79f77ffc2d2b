"""ways of signing in, identities at a provider, roles by groups, one-time passwords that end

Revision 20261201_0010, after 20261130_2240.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "20261201_0010"
down_revision = "20261130_2240"
branch_labels = None
depends_on = None


ROLES = sa.Enum("administrator", "archivist", "clerk", "leader", "staff", "member", name="role", native_enum=False, length=32)
WAYS = sa.Enum(
    "password", "password_app", "password_recovery", "passkey",
    "provider", "provider_strong", "provider_app", "provider_recovery", name="way", native_enum=False, length=32,
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_identities_person_id_issuer"),
    )
    op.create_table(
        "group_roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("role", ROLES, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_group_roles"),
        sa.UniqueConstraint("group_name", "role", name="uq_group_roles_group_name_role"),
    )
    with op.batch_alter_table("sign_ins") as batch:
        batch.add_column(sa.Column("way", WAYS, nullable=True))
        batch.add_column(sa.Column("provider_sid", sa.String(), nullable=True))
        batch.add_column(sa.Column("id_token", sa.String(), nullable=True))
    with op.batch_alter_table("person_roles") as batch:
        batch.add_column(sa.Column("by_group", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("password_until", sa.DateTime(timezone=True), nullable=True))
    # one-time passwords of before open for as long as if they had been given now
    people = sa.table(
        "people", sa.column("must_change_password", sa.Boolean), sa.column("password_until", sa.DateTime(timezone=True))
    )
    until = datetime.now(UTC) + timedelta(days=7)
    op.execute(people.update().where(people.c.must_change_password).values(password_until=until))


def downgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.drop_column("password_until")
    with op.batch_alter_table("person_roles") as batch:
        batch.drop_column("by_group")
    with op.batch_alter_table("sign_ins") as batch:
        for column in ("id_token", "provider_sid", "way"):
            batch.drop_column(column)
    for table in ("group_roles", "identities"):
        op.drop_table(table)
