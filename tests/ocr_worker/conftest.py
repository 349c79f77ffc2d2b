"""What tests of the worker may ask for: its system on empty stores, and documents that have been read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.archive.reading import Box, Field, PageReading, Source, Unread, Word
from domain.people.access import Access
from ocr_worker.system import System
from storage.archive.documents import Document, Documents
from storage.archive.intake import Batch
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings


@pytest.fixture
def system(database: Database, objects: FolderObjects, tmp_path: Path) -> System:
    settings = Settings(environment="test", data_dir=tmp_path, watched_dir=tmp_path / "watched")
    return System(settings, database, objects)


def page_of(number: int, text: str) -> PageReading:
    words = tuple(Word(word, Box(0.1, 0.1, 0.1, 0.02), 0.9, 0) for word in text.split())
    return PageReading(number, Source.OCR, text, words, 0.9, 1654, 2339, 200, unread=Unread())


@pytest.fixture
def read_document(database: Database) -> Callable[..., int]:
    """Puts a document with these page texts and fields into the database, as if it had been read; returns its id."""

    def read_document(*texts: str, access: Access = Access.OPEN, **fields: str) -> int:
        with database.writing() as session:
            batch = Batch(source="web", attested_by="Trần Thị Lan", attestation="x")
            session.add(batch)
            session.flush()
            document = Document(name="to-trinh.pdf", batch_id=batch.id, access=access, page_count=len(texts))
            session.add(document)
            session.flush()
            documents = Documents(session)
            for number, text in enumerate(texts, start=1):
                documents.keep_page(document.id, page_of(number, text), image_sha256=None, thumbnail_sha256=None)
            documents.propose(document, {name: Field(value, 1, None, 0.9) for name, value in fields.items()})
            return document.id

    return read_document
