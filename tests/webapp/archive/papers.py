"""Papers for tests of the archive's pages: documents that have been received, read, and carried into the index."""

import io
import itertools

from PIL import Image
from sqlalchemy.orm import Session

from domain.archive.intake import ATTESTATION
from domain.archive.reading import Box, Field, PageReading, Source, Unread, Word
from domain.archive.work import State
from domain.ground.clock import now
from domain.ground.files import Refusal
from domain.people.access import Access
from ocr_worker.indexing import carry, due, note
from search.whoosh_writer import WhooshWriter
from storage.archive.documents import Document, DocumentFile, Documents
from storage.archive.intake import Batch
from storage.archive.work import Ledger
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.work import claimed, named
from webapp.ground.system import System

ALL_READ = Unread()
_serial = itertools.count(1)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, laid out line by line as if printed."""
    return tuple(
        Word(word, Box(0.1 + 0.08 * place, 0.1 + 0.04 * line, 0.07, 0.03), 0.9, line)
        for line, printed in enumerate(text.split("\n"))
        for place, word in enumerate(printed.split())
    )


def reading_of(number: int, text: str, words: tuple[Word, ...] | None = None, unread: Unread | None = ALL_READ) -> PageReading:
    source = Source.OCR if text else Source.BLANK
    return PageReading(number, source, text, words_of(text) if words is None else words, 0.92, 1654, 2339, 200, unread=unread)


def picture(shade: int, width: int = 40) -> bytes:
    content = io.BytesIO()
    Image.new("L", (width, width * 7 // 5), shade % 256).save(content, "JPEG")
    return content.getvalue()


def put(
    database: Database,
    objects: FolderObjects,
    name: str,
    pages: list[str | Refusal | State],
    *,
    access: Access = Access.OPEN,
    unit_id: int | None = None,
    person_id: int | None = None,
    **fields: str,
) -> int:
    """A document with these pages: a text that has been read, a refusal for one that failed, a state for one that is not read."""
    original = f"%PDF-1.7 {next(_serial)} {name}".encode()
    key, size = objects.put(io.BytesIO(original))
    with database.writing() as session:
        batch = Batch(source="web", person_id=person_id, attested_by="Trần Thị Lan", attested_at=now(), attestation=ATTESTATION)
        session.add(batch)
        session.flush()
        document = Document(
            name=name, batch_id=batch.id, fingerprint=key, page_count=len(pages), access=access, unit_id=unit_id,
            files=[DocumentFile(part=1, name=name, sha256=key, size=size, media_type="application/pdf", page_count=len(pages))],
        )  # fmt: skip
        session.add(document)
        session.flush()
        ledger = Ledger(session)
        ledger.enrol(document)
        ledger.finish(claimed(ledger, document.id, 0))
        ledger.enrol(document, range(1, len(pages) + 1))
        for number, page in enumerate(pages, start=1):
            _settle(session, objects, ledger, document, number, page)
        Documents(session).propose(document, {n: Field(v, 1, Box(0.1, 0.1, 0.2, 0.03), 0.9) for n, v in fields.items()})
        return document.id


def _settle(
    session: Session, objects: FolderObjects, ledger: Ledger, document: Document, number: int, page: str | Refusal | State
) -> None:
    if isinstance(page, State) and page is State.WAITING:
        return
    claim = claimed(ledger, document.id, number)
    if isinstance(page, Refusal):
        ledger.fail(claim, page)
    elif isinstance(page, str):
        ledger.finish(claim)
        image, _ = objects.put(io.BytesIO(picture(document.id * 7 + number)))
        small, _ = objects.put(io.BytesIO(picture(document.id * 7 + number, 10)))
        Documents(session).keep_page(document.id, reading_of(number, page), image_sha256=image, thumbnail_sha256=small)


def carry_into_index(system: System) -> None:
    with system.database.reading() as session:
        load = due(session)
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        carry(load, writer)
    with system.database.writing() as session:
        note(session, load)
