import io
from collections.abc import Callable

import pytest
from sqlalchemy import Executable, delete, select, text, update

from domain.archive.intake import Outcome
from domain.archive.reading import PageReading, Source, Unread
from domain.ground.files import Refusal
from storage.archive.books import Exceptions, Line, balance, count_exceptions, exceptions
from storage.archive.documents import Document, DocumentFile, Documents, Page
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import OPENING, Ledger, Work
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.work import claimed

JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
def bring(database: Database, objects: FolderObjects) -> Callable[..., int]:
    with database.writing() as session:
        batch_id = open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id

    def bring(name: str, content: bytes, group: str = "", part: int = 1, parts: int = 1) -> int:
        receipt_id = receive(database, objects, batch_id, Arrival(name, io.BytesIO(content), group, part, parts), limit=1 << 20)
        with database.reading() as session:
            return session.get_one(Receipt, receipt_id).document_id or 0

    return bring


@pytest.fixture
def archive(database: Database, bring: Callable[..., int]) -> dict[str, int]:
    """One document read with a gap, one waiting, one that failed, one with a file missing, a duplicate, a refused file."""
    read, waiting = bring("da-doc.pdf", b"%PDF-1.7 1"), bring("dang-cho.pdf", b"%PDF-1.7 2")
    failed = bring("hong.pdf", b"%PDF-1.7 3")
    bring("to_p1.jpg", JPEG, "to_p1.jpg", 1, 2)
    bring("trung.pdf", b"%PDF-1.7 1")
    bring("thu.docx", b"PK\x03\x04")
    with database.writing() as session:
        ledger, documents = Ledger(session), Documents(session)
        document = documents.get(read)
        ledger.finish(claimed(ledger, read, OPENING))
        document.page_count = 3
        ledger.enrol(document, [1, 2, 3])
        for number in (1, 2):
            ledger.finish(claimed(ledger, read, number))
            reading = PageReading(number, Source.OCR, "chữ", (), 0.9, 100, 140, 200, unread=Unread())
            documents.keep_page(read, reading, image_sha256=None, thumbnail_sha256=None)
        documents.mark_indexed({(read, 1): 1})
        ledger.fail(claimed(ledger, read, 3), Refusal.TOO_MANY_PIXELS)
        ledger.fail(claimed(ledger, failed, OPENING), Refusal.ENCRYPTED)
    return {"read": read, "waiting": waiting, "failed": failed}


def lines(database: Database, indexed: int | None = None) -> dict[str, Line]:
    with database.reading() as session:
        return {line.name: line for line in balance(session, indexed)}


def unbalanced(database: Database, indexed: int | None = None) -> dict[str, int]:
    return {name: line.difference for name, line in lines(database, indexed).items() if not line.balances}


def plant(database: Database, statement: Executable) -> None:
    with database.writing() as session:
        if database.engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.execute(statement)


def filled(line: Line) -> dict[str, int]:
    return {name: count for name, count in line.parts.items() if count}


def test_empty_books_balance(database: Database) -> None:
    assert unbalanced(database, 0) == {}


def test_every_paper_stands_once_in_each_equation(database: Database, archive: dict[str, int]) -> None:
    found = lines(database, 1)
    assert unbalanced(database, 1) == {}
    assert (found["files"].whole, filled(found["files"])) == (6, {"kept": 4, "duplicate": 1, "refused": 1})
    assert (found["originals"].whole, filled(found["originals"])) == (4, {"originals": 4})
    assert (found["documents"].whole, filled(found["documents"])) == (4, {"gaps": 1, "waiting": 1, "failed": 1, "arriving": 1})
    assert (found["openings"].whole, filled(found["openings"])) == (4, {"enrolled": 3, "not_enrolled": 1})
    assert (found["pages"].whole, filled(found["pages"])) == (3, {"done": 2, "failed": 1})
    assert (found["read"].whole, filled(found["read"])) == (2, {"indexed": 1, "to_index": 1})
    assert (found["index"].whole, filled(found["index"])) == (1, {"entered": 1})


def test_an_index_that_says_nothing_is_left_out(database: Database) -> None:
    assert "index" not in lines(database)


def test_a_receipt_that_vanished_shows(database: Database, archive: dict[str, int]) -> None:
    plant(database, delete(Receipt).where(Receipt.outcome == Outcome.REFUSED))
    assert unbalanced(database) == {"files": 1}


def test_a_receipt_that_was_never_received_shows(database: Database, archive: dict[str, int]) -> None:
    with database.writing() as session:
        session.add(Receipt(batch_id=1, sequence=99, name="x", size=0, sha256="", outcome=Outcome.REFUSED))
    assert unbalanced(database) == {"files": -1}


def test_a_lost_original_shows(database: Database, archive: dict[str, int]) -> None:
    plant(database, delete(DocumentFile).where(DocumentFile.document_id == archive["waiting"]))
    assert unbalanced(database) == {"originals": 1}


def test_a_document_that_no_file_led_to_shows(database: Database, archive: dict[str, int]) -> None:
    with database.writing() as session:
        session.add(Document(name="x", batch_id=1))
    assert unbalanced(database) == {"documents": -1}


def test_a_document_that_nobody_would_ever_read_shows_and_is_listed(database: Database, archive: dict[str, int]) -> None:
    plant(database, delete(Work).where(Work.document_id == archive["waiting"]))
    assert unbalanced(database) == {"openings": 1}
    with database.reading() as session:
        found = exceptions(session, Exceptions.ARRIVING, limit=10)
    assert [entry.name for entry in found] == ["dang-cho.pdf", "to_p1.jpg"]


def test_a_page_that_is_missing_in_the_ledger_shows(database: Database, archive: dict[str, int]) -> None:
    plant(database, delete(Work).where(Work.document_id == archive["read"], Work.page == 3))
    assert unbalanced(database) == {"pages": 1}


def test_a_page_that_is_there_too_often_shows(database: Database, archive: dict[str, int]) -> None:
    with database.writing() as session:
        session.add(Work(document_id=archive["read"], page=4))
    assert unbalanced(database) == {"pages": -1}


def test_a_page_called_done_without_a_text_shows(database: Database, archive: dict[str, int]) -> None:
    plant(database, delete(Page).where(Page.number == 2))
    assert unbalanced(database) == {"read": 1}


def test_a_text_of_a_page_that_is_not_done_shows(database: Database, archive: dict[str, int]) -> None:
    plant(database, update(Work).where(Work.document_id == archive["read"], Work.page == 2).values(state="running"))
    assert unbalanced(database) == {"read": -1}


def test_a_page_that_the_index_lost_shows(database: Database, archive: dict[str, int]) -> None:
    assert unbalanced(database, 0) == {"index": -1}
    assert unbalanced(database, 3) == {"index": 2}


def test_pages_about_to_leave_the_index_are_counted(database: Database, archive: dict[str, int]) -> None:
    with database.writing() as session:
        Documents(session).withdraw(session.get_one(Document, archive["read"]))
    assert filled(lines(database, 1)["index"]) == {"leaving": 1}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Exceptions.REFUSED, [(6, "thu.docx", None, "office")]),
        (Exceptions.DUPLICATE, [(5, "trung.pdf", None, "")]),
        (Exceptions.FAILED, [(1, "da-doc.pdf", 3, "too_many_pixels"), (3, "hong.pdf", 0, "encrypted")]),
        (Exceptions.WAITING, [(2, "dang-cho.pdf", 0, "")]),
        (Exceptions.TO_INDEX, [(1, "da-doc.pdf", 2, "")]),
        (Exceptions.ARRIVING, [(4, "to_p1.jpg", None, "")]),
        (Exceptions.CANCELLED, []),
        (Exceptions.SET_ASIDE, []),
        (Exceptions.DESTROYED, []),
    ],
)
def test_each_exception_is_listed_by_name(
    database: Database, archive: dict[str, int], kind: Exceptions, expected: list[tuple[int, str, int | None, str]]
) -> None:
    with database.reading() as session:
        found = exceptions(session, kind, limit=10)
        assert [(entry.sequence, entry.name, entry.page, entry.reason) for entry in found] == expected
        assert count_exceptions(session, kind) == len(expected)


def test_long_lists_come_in_portions(database: Database, archive: dict[str, int]) -> None:
    with database.reading() as session:
        assert [entry.name for entry in exceptions(session, Exceptions.FAILED, limit=1, offset=1)] == ["hong.pdf"]


def test_the_books_balance_whatever_standing_the_documents_have(database: Database, archive: dict[str, int]) -> None:
    with database.writing() as session:
        for document in session.scalars(select(Document)):
            if document.standing == "waiting":
                Ledger(session).cancel(document)
            elif document.standing in ("gaps", "failed"):
                Ledger(session).retry(document)
    assert unbalanced(database) == {}
