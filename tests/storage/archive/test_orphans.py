import io
from datetime import timedelta

import pytest

from domain.archive.reading import PageReading, Source
from domain.ground.clock import now
from storage.archive import orphans
from storage.archive.documents import Documents
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import Stored


@pytest.fixture
def document_id(database: Database, objects: FolderObjects) -> int:
    """A paper with its original, a picture of its page and its searchable PDF."""
    with database.writing() as session:
        batch_id = open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id
    receipt_id = receive(database, objects, batch_id, Arrival("a.pdf", io.BytesIO(b"%PDF-1.7 1")), limit=1 << 20)
    picture, small, bound = (objects.put(io.BytesIO(content))[0] for content in (b"picture", b"small", b"bound"))
    with database.writing() as session:
        found = session.get_one(Receipt, receipt_id).document_id
        assert found is not None
        reading = PageReading(1, Source.OCR, "chữ", (), 0.9, 100, 140, 200)
        Documents(session).keep_page(found, reading, image_sha256=picture, thumbnail_sha256=small)
        Documents(session).get(found).searchable_sha256 = bound
    return found


def aged(stored: Stored, hours: int) -> Stored:
    return Stored(stored.key, now() - timedelta(hours=hours), stored.size)


def test_what_a_record_names_is_no_orphan_whatever_it_is(database: Database, objects: FolderObjects, document_id: int) -> None:
    assert len(list(objects.keys())) == 4
    assert list(orphans.orphans(database, objects)) == []


def test_what_no_record_names_is_listed_with_its_size(database: Database, objects: FolderObjects, document_id: int) -> None:
    key, _ = objects.put(io.BytesIO(b"lost"))
    assert [(one.key, one.size) for one in orphans.orphans(database, objects)] == [(key, 4)]


def test_only_an_orphan_older_than_a_day_is_removed(database: Database, objects: FolderObjects, document_id: int) -> None:
    key, _ = objects.put(io.BytesIO(b"lost"))
    (orphan,) = orphans.orphans(database, objects)
    assert not orphans.remove(database, objects, orphan)
    assert not orphans.remove(database, objects, aged(orphan, 23))
    assert objects.exists(key)
    assert orphans.remove(database, objects, aged(orphan, 25))
    assert not objects.exists(key)


def test_an_orphan_that_found_its_record_after_it_was_listed_stays(
    database: Database, objects: FolderObjects, document_id: int
) -> None:
    key, _ = objects.put(io.BytesIO(b"lost"))
    (orphan,) = orphans.orphans(database, objects)
    with database.writing() as session:
        Documents(session).get(document_id).searchable_sha256 = key
    assert not orphans.remove(database, objects, aged(orphan, 25))
    assert objects.exists(key)
