# ruff: noqa: ARG005 - a store that does nothing ignores what it is given
import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.archive.intake import Outcome
from domain.archive.reading import Field, PageReading, Source
from domain.archive.work import Standing
from domain.ground.clock import now
from domain.ground.errors import StepNotAllowed
from domain.ground.files import Refusal
from storage.archive import set_aside
from storage.archive.books import balance
from storage.archive.documents import Document, Documents, Withdrawal
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.set_aside import Destroyed
from storage.archive.work import OPENING, LeaseLost, Ledger
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import StoreUnavailable
from tests.work import claimed

PDF = b"%PDF-1.7 a paper with a mark"
JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
def batch_id(database: Database) -> int:
    with database.writing() as session:
        return open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id


@pytest.fixture
def bring(database: Database, objects: FolderObjects, batch_id: int) -> Callable[..., int]:
    def bring(name: str, content: bytes, group: str = "", part: int = 1, parts: int = 1) -> int:
        receipt_id = receive(database, objects, batch_id, Arrival(name, io.BytesIO(content), group, part, parts), limit=1 << 20)
        with database.reading() as session:
            return session.get_one(Receipt, receipt_id).document_id or 0

    return bring


def set_aside_at_once(database: Database, document_id: int, rule: str = "mat") -> None:
    with database.writing() as session:
        ledger = Ledger(session)
        claim = claimed(ledger, document_id, OPENING)
        ledger.set_aside(claim, rule)


def read_first_page(database: Database, document_id: int, objects: FolderObjects) -> str:
    """Two pages opened, the first one read, in the index, with a field and a picture; then a mark is found on the second."""
    image, _ = objects.put(io.BytesIO(b"picture of the page"))
    with database.writing() as session:
        ledger, documents = Ledger(session), Documents(session)
        document = documents.get(document_id)
        ledger.finish(claimed(ledger, document_id, OPENING))
        document.page_count = 2
        ledger.enrol(document, [1, 2])
        ledger.finish(claimed(ledger, document_id, 1))
        reading = PageReading(1, Source.OCR, "chữ trên trang", (), 0.9, 100, 140, 200)
        documents.keep_page(document_id, reading, image_sha256=image, thumbnail_sha256=None).indexed_revision = 1
        documents.propose(document, {"abstract": Field("Về việc", 1, None, 0.9)})
        ledger.set_aside(claimed(ledger, document_id, 2), "toi_mat")
    return image


def destroy(database: Database, objects: FolderObjects, document_id: int) -> Destroyed:
    with database.writing() as session:
        return set_aside.destroy(session, objects, Documents(session).get(document_id))


def test_the_list_names_the_file_the_rule_and_the_page_but_no_content(
    database: Database, objects: FolderObjects, batch_id: int, bring: Callable[..., int]
) -> None:
    bring("khac.pdf", b"%PDF-1.7 another")
    document_id = bring("to-trinh.pdf", PDF)
    set_aside_at_once(database, document_id)
    with database.reading() as session:
        (item,) = set_aside.waiting(session)
    assert (item.document_id, item.batch_id, item.sequence, item.name) == (document_id, batch_id, 2, "to-trinh.pdf")
    assert (item.rule, item.page) == ("mat", 1)


def test_the_page_with_the_mark_is_named_although_all_pages_stop(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    read_first_page(database, document_id, objects)
    with database.reading() as session:
        assert [(item.rule, item.page) for item in set_aside.waiting(session)] == [("toi_mat", 2)]


def test_a_destroyed_document_leaves_its_number_and_standing_only(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    read_first_page(database, document_id, objects)
    destroyed = destroy(database, objects, document_id)
    assert (destroyed.objects, list(destroyed.shared_with)) == (2, [])
    assert list(objects.keys()) == []
    with database.reading() as session:
        document = session.get_one(Document, document_id)
        assert (document.standing, document.name, document.fingerprint, document.page_count) == ("destroyed", "", None, None)
        receipt = session.scalars(select(Receipt)).one()
        assert (receipt.outcome, receipt.name, receipt.sha256, receipt.size) == (Outcome.DESTROYED, "", "", 0)
        assert session.get_one(Withdrawal, document_id).pages == 1
        left = set_aside.remains(session, document)
    assert (left.files, left.pages, left.fields, left.work, left.named_receipts) == (0, 0, 0, 0, 0)
    assert left.is_in_index


def test_nothing_remains_once_the_index_has_let_go(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    set_aside_at_once(database, document_id)
    destroy(database, objects, document_id)
    with database.writing() as session:
        session.delete(session.get_one(Withdrawal, document_id))
    with database.reading() as session:
        assert set_aside.remains(session, session.get_one(Document, document_id)) == set_aside.Remains(
            0, 0, 0, 0, 0, is_in_index=False
        )


def test_no_byte_of_the_name_stays_in_the_database_file(
    database: Database, objects: FolderObjects, bring: Callable[..., int], tmp_path: Path
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("a server keeps its files to itself")
    document_id = bring("ten-rieng-cua-tep.pdf", PDF)
    set_aside_at_once(database, document_id)
    destroy(database, objects, document_id)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    content = (tmp_path / "khonggiay.sqlite3").read_bytes()
    assert b"ten-rieng-cua-tep" not in content
    assert hashlib.sha256(PDF).hexdigest().encode() not in content


def test_a_file_that_another_document_holds_too_stays_and_the_other_one_is_named(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    alone = bring("mot.jpg", JPEG + b"1")
    other = bring("to_p1.jpg", JPEG + b"1", "to_p1.jpg", 1, 2)
    bring("to_p2.jpg", JPEG + b"2", "to_p1.jpg", 2, 2)
    set_aside_at_once(database, alone)
    destroyed = destroy(database, objects, alone)
    assert (destroyed.objects, list(destroyed.shared_with)) == (0, [other])
    assert objects.exists(hashlib.sha256(JPEG + b"1").hexdigest())


def test_the_links_of_its_duplicates_are_wiped_too_and_the_books_still_balance(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("mot.pdf", PDF)
    bring("hai.pdf", PDF)
    set_aside_at_once(database, document_id)
    destroy(database, objects, document_id)
    with database.reading() as session:
        assert [receipt.name for receipt in session.scalars(select(Receipt))] == ["", ""]
        assert [line.name for line in balance(session, None) if not line.balances] == []


def withhold(database: Database, objects: FolderObjects, document_id: int) -> None:
    with database.writing() as session:
        set_aside.withhold(session, objects, Documents(session).get(document_id))


def bring_to(database: Database, document_id: int, wanted: Standing) -> None:
    """A document of two pages at that standing, by the acts that lead there."""
    with database.writing() as session:
        ledger, document = Ledger(session), Documents(session).get(document_id)
        if wanted is Standing.WAITING:
            return
        opening = claimed(ledger, document_id, OPENING)
        if wanted is Standing.FAILED:
            ledger.fail(opening, Refusal.ENCRYPTED)
            return
        ledger.finish(opening)
        document.page_count = 2
        ledger.enrol(document, [1, 2])
        if wanted is Standing.CANCELLED:
            ledger.cancel(document)
            return
        for page in (1, 2) if wanted is Standing.READ else (1,):
            ledger.finish(claimed(ledger, document_id, page))
        if wanted is Standing.GAPS:
            ledger.cancel(document)


@pytest.mark.parametrize("before", ["waiting", "reading", "read", "gaps", "failed", "cancelled"])
def test_a_person_sets_a_document_aside_from_wherever_it_stands_and_releases_it(
    database: Database, objects: FolderObjects, bring: Callable[..., int], before: str
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    bring_to(database, document_id, Standing(before))
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing == before
    withhold(database, objects, document_id)
    with database.writing() as session:
        (item,) = set_aside.waiting(session)
        assert (item.document_id, item.rule, item.page) == (document_id, "seen_by_person", None)
        assert item.at is not None
        document = session.get_one(Document, document_id)
        Ledger(session).release(document)
        assert document.standing is Standing.WAITING
        assert [line.name for line in balance(session, None) if not line.balances] == []


@pytest.mark.parametrize("standing", ["arriving", "set_aside", "destroyed"])
def test_what_is_arriving_or_decided_is_not_set_aside_by_hand(
    database: Database, objects: FolderObjects, bring: Callable[..., int], standing: str
) -> None:
    document_id = bring("mot.pdf", PDF)
    with database.writing() as session:
        session.get_one(Document, document_id).standing = Standing(standing)
    with pytest.raises(StepNotAllowed):
        withhold(database, objects, document_id)


def test_what_a_person_set_aside_is_forgotten_but_for_its_original_and_then_destroyed_whole(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    bring_to(database, document_id, Standing.READ)
    image, _ = objects.put(io.BytesIO(b"picture of the page"))
    bound, _ = objects.put(io.BytesIO(b"searchable PDF"))
    with database.writing() as session:
        reading = PageReading(1, Source.OCR, "chữ trên trang", (), 0.9, 100, 140, 200)
        page = Documents(session).keep_page(document_id, reading, image_sha256=image, thumbnail_sha256=image)
        page.indexed_revision, page.document.searchable_sha256 = 1, bound
    withhold(database, objects, document_id)
    assert list(objects.keys()) == [hashlib.sha256(PDF).hexdigest()]
    with database.reading() as session:
        assert Documents(session).pages(document_id) == []
        assert session.get_one(Withdrawal, document_id).pages == 1
    destroy(database, objects, document_id)
    assert list(objects.keys()) == []


def test_a_reader_of_a_page_that_was_set_aside_by_hand_meanwhile_loses_its_lease(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    with database.writing() as session:
        held = claimed(Ledger(session), document_id, OPENING)
    withhold(database, objects, document_id)
    with database.writing() as session, pytest.raises(LeaseLost):
        Ledger(session).finish(held)


def test_a_store_that_is_away_leaves_the_document_as_it_was(
    database: Database, objects: FolderObjects, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = bring("to-trinh.pdf", PDF)
    bring_to(database, document_id, Standing.READ)
    image, _ = objects.put(io.BytesIO(b"picture of the page"))
    with database.writing() as session:
        reading = PageReading(1, Source.OCR, "chữ trên trang", (), 0.9, 100, 140, 200)
        Documents(session).keep_page(document_id, reading, image_sha256=image, thumbnail_sha256=None)

    def away(self: FolderObjects, key: str) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(type(objects), "remove", away)
    with pytest.raises(StoreUnavailable):
        withhold(database, objects, document_id)
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing is Standing.READ
        assert len(Documents(session).pages(document_id)) == 1


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.SET_ASIDE])
def test_only_what_was_set_aside_is_destroyed(
    database: Database, objects: FolderObjects, bring: Callable[..., int], standing: Standing
) -> None:
    document_id = bring("mot.pdf", PDF)
    with database.writing() as session:
        session.get_one(Document, document_id).standing = standing
    with pytest.raises(StepNotAllowed):
        destroy(database, objects, document_id)
    assert len(list(objects.keys())) == 1


def test_a_store_that_keeps_the_object_undoes_the_destruction(
    database: Database, objects: FolderObjects, bring: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = bring("mot.pdf", PDF)
    set_aside_at_once(database, document_id)
    monkeypatch.setattr(type(objects), "remove", lambda self, key: None)
    with pytest.raises(StoreUnavailable):
        destroy(database, objects, document_id)
    with database.reading() as session:
        document = session.get_one(Document, document_id)
        assert (document.standing, document.name) == ("set_aside", "mot.pdf")


def test_a_worker_that_still_held_it_loses_its_lease(
    database: Database, objects: FolderObjects, bring: Callable[..., int], stopped_clock: datetime
) -> None:
    document_id = bring("mot.pdf", PDF)
    with database.writing() as session:
        ledger = Ledger(session)
        held = claimed(ledger, document_id, OPENING, "slow")
        ledger.get(document_id, OPENING).lease_until = now() - timedelta(seconds=1)
        ledger.release_lost()
    set_aside_at_once(database, document_id)
    destroy(database, objects, document_id)
    with database.writing() as session, pytest.raises(LeaseLost):
        Ledger(session).finish(held)


def test_the_same_bytes_may_come_again_and_are_looked_at_anew(
    database: Database, objects: FolderObjects, bring: Callable[..., int]
) -> None:
    document_id = bring("mot.pdf", PDF)
    set_aside_at_once(database, document_id)
    destroy(database, objects, document_id)
    again = bring("mot.pdf", PDF)
    assert again != document_id
    with database.reading() as session:
        assert session.get_one(Document, again).standing is Standing.WAITING
