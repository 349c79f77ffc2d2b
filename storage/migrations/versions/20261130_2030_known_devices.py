"""known devices

Revision 20261130_2030, after 20261130_2010.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_2030"
down_revision = "20261130_2010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device_sha256", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sign_ins_device_sha256"), ["device_sha256"], unique=False)
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device_sha256", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_column("device_sha256")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_device_sha256"))
        batch_op.drop_column("device_sha256")
