"""pages held to their ink: the share of it that was not read, and where; unknown of pages read before

Revision 20261201_0420, after 20261201_0410.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0420"
down_revision = "20261201_0410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("unread_share", sa.Double(), nullable=True))
    op.add_column("pages", sa.Column("unread_gaps", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_pages_unread_share", "pages", ["unread_share"])
    op.execute("UPDATE documents SET standing = 'unmeasured' WHERE standing = 'read'")


def downgrade() -> None:
    op.execute("UPDATE documents SET standing = 'read' WHERE standing IN ('unmeasured', 'partly')")
    op.drop_index("ix_pages_unread_share", table_name="pages")
    op.drop_column("pages", "unread_gaps")
    op.drop_column("pages", "unread_share")
