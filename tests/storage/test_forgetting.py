"""What a destroyed document leaves in the rooms above the archive: nothing that names its files."""

import io

import pytest
from sqlalchemy import Column, select

from domain.archive.work import Standing
from storage.archive import set_aside
from storage.archive.documents import Document, Documents
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.claims import claims, columns
from storage.ground.database import Database
from storage.ground.objects import Objects
from tests.rows import insert

PDF = b"%PDF-1.7 a paper with a mark"
OF_THE_ARCHIVE = {"document_files.sha256", "documents.searchable_sha256", "pages.image_sha256", "pages.thumbnail_sha256"}
OF_A_WORD = {
    "register_imports.rows_sha256"
}  # what was read of a table is written by this program: no file that comes is the same
ABOVE = {f"{column.table.name}.{column.name}": column for column in columns()}


@pytest.fixture
def document_id(database: Database, objects: Objects) -> int:
    """A document that was set aside."""
    with database.writing() as session:
        batch_id = open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id
    receive(database, objects, batch_id, Arrival("to-trinh.pdf", io.BytesIO(PDF)), limit=1 << 20)
    with database.writing() as session:
        document = session.scalars(select(Document)).one()
        document.standing = Standing.SET_ASIDE
        return document.id


@pytest.mark.parametrize("column", [ABOVE[name] for name in sorted(set(ABOVE) - OF_THE_ARCHIVE - OF_A_WORD)], ids=str)
def test_no_room_names_a_file_that_was_destroyed(
    database: Database, objects: Objects, document_id: int, column: Column[str]
) -> None:
    with database.reading() as session:
        (key,) = objects.keys()
        if column.table.name == "evidence":
            insert(session, ABOVE["outgoing_documents.file_sha256"], "")  # whose evidence it is
        insert(session, column, key)
        set_aside.destroy(session, objects, Documents(session).get(document_id))
        assert [claim for claim in claims(session) if claim[0] == key] == []
        session.rollback()
    assert list(objects.keys()) == []
