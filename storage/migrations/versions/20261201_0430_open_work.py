"""open work: indexes that hold only what is still to be done, and what the pages that listen ask for each second

Revision 20261201_0430, after 20261201_0420.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0430"
down_revision = "20261201_0420"
branch_labels = None
depends_on = None

_BEFORE = {
    "ix_work_due": ("work", ["state", "due_at"]),
    "ix_mails_due": ("mails", ["state", "next_try_at"]),
    "ix_pages_to_index": ("pages", ["text_revision", "indexed_revision"]),
}
_AFTER = {
    "ix_work_due": ("work", ["state", "due_at"], "state <> 'done'"),
    "ix_mails_due": ("mails", ["state", "next_try_at"], "state <> 'sent'"),
    "ix_mails_kind": ("mails", ["kind", "created_at"], None),
    "ix_pages_to_index": ("pages", ["read_at"], "text_revision > indexed_revision"),
    "ix_documents_unbound": (
        "documents",
        ["standing", "id"],
        "coalesce(searchable_sha256, searchable_problem) = '' AND circle <> 'registers'",
    ),
    "ix_documents_changed": ("documents", ["changed_at"], None),
    "ix_documents_batch_changed": ("documents", ["batch_id", "changed_at"], None),
    "ix_paper_versions_unconverted": ("paper_versions", ["id"], "conversion IN ('waiting', 'not_installed')"),
    "ix_deliveries_open": (
        "deliveries",
        ["outgoing_id", "unit_id"],
        "read_at IS NULL OR (answered_at IS NULL AND answer_due_on IS NOT NULL)",
    ),
}


def upgrade() -> None:
    for name, (table, _columns) in _BEFORE.items():
        op.drop_index(name, table_name=table)
    for name, (table, columns, condition) in _AFTER.items():
        where = None if condition is None else sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, (table, _columns, _condition) in _AFTER.items():
        op.drop_index(name, table_name=table)
    for name, (table, columns) in _BEFORE.items():
        op.create_index(name, table, columns)
