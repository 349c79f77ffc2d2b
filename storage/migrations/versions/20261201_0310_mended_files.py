"""mended files: what had to be mended to open a file, and the files that it carries

Revision 20261201_0310, after 20261201_0100.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0310"
down_revision = "20261201_0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document_files", sa.Column("mended", sa.String(length=32), nullable=True))
    op.add_column("document_files", sa.Column("beside", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("document_files", "beside")
    op.drop_column("document_files", "mended")
