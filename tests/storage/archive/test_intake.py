import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.archive.intake import ATTESTATION, Outcome
from domain.archive.work import Standing
from domain.ground.clock import now
from storage.archive.documents import Document
from storage.archive.intake import Batch, Receipt
from storage.archive.reception import Arrival, receive
from storage.archive.work import OPENING, Work
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import StoreUnavailable

PDF = b"%PDF-1.7 one"
JPEG = b"\xff\xd8\xff\xe0"
LIMIT = 1 << 20


@pytest.fixture
def batch_id(database: Database) -> int:
    with database.writing() as session:
        batch = Batch(source="web", attested_by="Trần Thị Lan", attested_at=now(), attestation=ATTESTATION)
        session.add(batch)
        session.flush()
        return batch.id


@pytest.fixture
def bring(database: Database, objects: FolderObjects, batch_id: int) -> Callable[..., Receipt]:
    def bring(name: str, content: bytes, *, group: str = "", part: int = 1, parts: int = 1, limit: int = LIMIT) -> Receipt:
        receipt_id = receive(database, objects, batch_id, Arrival(name, io.BytesIO(content), group, part, parts), limit=limit)
        with database.reading() as session:
            return session.get_one(Receipt, receipt_id)

    return bring


def documents(database: Database) -> list[Document]:
    with database.reading() as session:
        return list(session.scalars(select(Document)))


def test_a_kept_file_has_an_object_a_receipt_a_document_and_work(
    database: Database, objects: FolderObjects, bring: Callable[..., Receipt]
) -> None:
    receipt = bring("to-trinh.pdf", PDF)
    assert (receipt.outcome, receipt.sequence, receipt.size) == (Outcome.KEPT, 1, 12)
    with objects.open(receipt.sha256) as stream:
        assert stream.read() == PDF
    with database.reading() as session:
        document = session.get_one(Document, receipt.document_id)
        assert (document.name, document.standing, document.fingerprint) == ("to-trinh.pdf", Standing.WAITING, receipt.sha256)
        assert [(work.page, work.state) for work in session.scalars(select(Work))] == [(OPENING, "waiting")]


def test_the_same_file_sent_again_gets_the_same_receipt(database: Database, bring: Callable[..., Receipt]) -> None:
    assert bring("a.pdf", PDF).id == bring("a.pdf", PDF).id
    assert len(documents(database)) == 1


def test_the_same_bytes_under_another_name_are_linked_and_not_kept_twice(
    database: Database, bring: Callable[..., Receipt]
) -> None:
    first, second = bring("a.pdf", PDF), bring("b.pdf", PDF)
    assert (second.outcome, second.document_id) == (Outcome.DUPLICATE, first.document_id)
    assert len(documents(database)) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"PK\x03\x04 a Word file", "packed"), (b"MZ", "not_a_document"), (PDF + b" " * 100, "too_large")],
)
def test_a_file_that_cannot_be_a_document_is_refused_and_leaves_a_receipt_only(
    database: Database, objects: FolderObjects, bring: Callable[..., Receipt], content: bytes, reason: str
) -> None:
    receipt = bring("x.pdf", content, limit=50)
    assert (receipt.outcome, receipt.reason, receipt.document_id) == (Outcome.REFUSED, reason, None)
    assert list(objects.keys()) == []
    assert documents(database) == []


def test_image_files_of_one_document_wait_for_each_other_in_any_order(
    database: Database, bring: Callable[..., Receipt]
) -> None:
    bring("to_p2.jpg", JPEG + b"2", group="to", part=2, parts=2)
    assert [d.standing for d in documents(database)] == [Standing.ARRIVING]
    bring("to_p1.jpg", JPEG + b"1", group="to", part=1, parts=2)
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert document.standing == Standing.WAITING
        assert [file.name for file in document.files] == ["to_p1.jpg", "to_p2.jpg"]


def test_the_same_image_files_again_are_linked_to_the_first(database: Database, bring: Callable[..., Receipt]) -> None:
    for folder in ("mot", "hai"):
        for part in (1, 2):
            receipt = bring(f"{folder}/to_p{part}.jpg", JPEG + bytes([part]), group=folder, part=part, parts=2)
    assert receipt.outcome == Outcome.DUPLICATE
    assert len(documents(database)) == 1


def test_each_receipt_leaves_an_audit_entry_and_the_chain_is_whole(database: Database, bring: Callable[..., Receipt]) -> None:
    bring("a.pdf", PDF)
    bring("b.pdf", b"")
    with database.reading() as session:
        trail = AuditTrail(session)
        assert [entry.act for entry in trail.of("batch", 1)] == ["file_refused", "file_kept"]
        assert trail.first_break() is None


def test_nothing_is_written_when_the_store_fails(
    database: Database, objects: FolderObjects, bring: Callable[..., Receipt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.ground.filesystem.os.fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(StoreUnavailable):
        bring("a.pdf", PDF)
    assert documents(database) == []
