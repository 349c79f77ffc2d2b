"""unsure fields: documents are found no more by what is a guess, so the pages of those that were are due for the index

Revision 20261201_0320, after 20261201_0310.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0320"
down_revision = "20261201_0310"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE pages SET text_revision = text_revision + 1 WHERE document_id IN (SELECT document_id FROM document_fields"
            " WHERE confirmed_by_id IS NULL AND confidence <= 0.5 AND name IN ('number', 'kind', 'issuer'))"
        )
    )


def downgrade() -> None:
    upgrade()
