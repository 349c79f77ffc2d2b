"""A clerk who saw a mark has the files of the own register held. The same bytes may lie in the archive, in a meeting, or in another
register: those are others' to decide on, and nothing that was read of them goes.
"""

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.archive.reading import Field, PageReading, Source
from domain.archive.work import Standing
from domain.directives.directives import OutgoingState
from domain.directives.looks import Look
from domain.people.access import Access
from storage.archive.books import balance
from storage.archive.documents import Document, Documents
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import Ledger
from storage.directives.files import Sender, keep, look_of_document
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.people.people import Person
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from tests.work import claimed

PDF = b"%PDF-1.4\n%a paper that went many ways\n"
SAW = {"checked": "y"}


def entry(database: Database, cast: Cast, unit: str, key: str, state: OutgoingState = OutgoingState.DRAFT) -> int:
    with database.writing() as session:
        one = OutgoingDocument(
            unit_id=cast.units[unit], kind="Kế hoạch", abstract="của tôi", state=state, file_sha256=key, file_name="x.pdf"
        )
        session.add(one)
        session.flush()
        return one.id


def read_in(database: Database, objects: FolderObjects, cast: Cast, circle: str = "") -> tuple[int, str]:
    """A document of one page that was read, with a field; its id, and the key of its file."""
    with database.writing() as session:
        archivist = session.get_one(Person, cast.people["archivist"])
        access = Access.RESTRICTED if circle else Access.OPEN
        batch = open_batch(session, source="command", person=archivist, attested_by="x", circle=circle, access=access).id
    receive(database, objects, batch, Arrival("goc.pdf", io.BytesIO(PDF)), limit=1 << 20)
    with database.writing() as session:
        paper = session.scalars(select(Document).where(Document.batch_id == batch)).one()
        read(session, paper)
        return paper.id, paper.files[0].sha256


def read(session: Session, paper: Document) -> None:
    ledger, documents = Ledger(session), Documents(session)
    ledger.finish(claimed(ledger, paper.id, 0))
    paper.page_count = 1
    ledger.enrol(paper, [1])
    ledger.finish(claimed(ledger, paper.id, 1))
    documents.keep_page(paper.id, PageReading(1, Source.OCR, "chữ", (), 0.9, 9, 9, 9), image_sha256=None, thumbnail_sha256=None)
    documents.propose(paper, {"abstract": Field("Về việc", 1, None, 0.9)})


@pytest.mark.parametrize("circle", ["", "meeting:1"])
def test_the_same_bytes_in_a_foreign_register_set_nothing_of_archive_or_meeting_aside(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast, circle: str
) -> None:
    paper_id, key = read_in(database, objects, cast, circle)
    own = entry(database, cast, "CD-PHUCAT", key)
    assert client_of("unit_clerk").post(f"/directives/{own}/withhold", data=SAW).status_code == 303
    with database.reading() as session:
        paper = session.get_one(Document, paper_id)
        assert paper.standing is Standing.READ
        assert (len(Documents(session).pages(paper_id)), paper.value("abstract")) == (1, "Về việc")
        assert look_of_document(session, session.get_one(OutgoingDocument, own)) is Look.SET_ASIDE
        assert [line.name for line in balance(session, None) if not line.balances] == []
    assert client_of("unit_clerk").get(f"/directives/{own}/file").status_code == 409


def test_whoever_decides_is_told_where_the_same_bytes_are_and_may_set_them_aside(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    paper_id, key = read_in(database, objects, cast, "meeting:1")
    archivist = client_of("archivist")
    assert archivist.get(f"/archive/set-aside/{paper_id}/withhold").status_code == 404
    client_of("unit_clerk").post(f"/directives/{entry(database, cast, 'CD-PHUCAT', key)}/withhold", data=SAW)
    page = archivist.get("/archive/set-aside").text
    assert "Cùng tệp này còn ở nơi khác:" in page
    assert f'href="/archive/set-aside/{paper_id}/withhold"' in page
    assert "Cùng tệp này" not in client_of("administrator").get("/archive/set-aside").text
    assert archivist.post(f"/archive/set-aside/{paper_id}/withhold", data={"checked": "y"}).status_code == 303
    with database.reading() as session:
        assert session.get_one(Document, paper_id).standing is Standing.SET_ASIDE


def test_a_union_holds_no_file_of_another_units_register(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    with database.reading() as session:
        clerk = session.get_one(Person, cast.people["clerk"])
        session.expunge_all()
    key = keep(database, objects, PDF, "x.pdf", Sender(clerk))
    theirs = entry(database, cast, "LDLD", key, OutgoingState.ISSUED)
    own = entry(database, cast, "CD-PHUCAT", key)
    with database.writing() as session:
        read(session, session.scalars(select(Document)).one())
    client_of("unit_clerk").post(f"/directives/{own}/withhold", data=SAW)
    with database.reading() as session:
        assert look_of_document(session, session.get_one(OutgoingDocument, own)) is Look.SET_ASIDE
        assert look_of_document(session, session.get_one(OutgoingDocument, theirs)) is Look.CLEAR
    with client_of("clerk").get(f"/directives/{theirs}/file") as answer:
        assert answer.status_code == 200


def test_what_was_read_of_a_file_stays_until_it_is_decided(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    with database.reading() as session:
        clerk = session.get_one(Person, cast.people["clerk"])
        session.expunge_all()
    own = entry(database, cast, "LDLD", keep(database, objects, PDF, "x.pdf", Sender(clerk)))
    with database.writing() as session:
        document = session.scalars(select(Document)).one()
        read(session, document)
    client_of("clerk").post(f"/directives/{own}/withhold", data=SAW)
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert (document.standing, document.value("abstract")) == (Standing.SET_ASIDE, "Về việc")
        document_id = document.id
        assert len(Documents(session).pages(document_id)) == 1
        assert [line.name for line in balance(session, None) if not line.balances] == []
    client_of("archivist").post(f"/archive/set-aside/{document_id}/release", data={"checked": "y"})
    with database.writing() as session:
        document = session.scalars(select(Document)).one()
        assert (document.standing, document.value("abstract")) == (Standing.WAITING, "Về việc")
        assert [line.name for line in balance(session, None) if not line.balances] == []
        Ledger(session).withhold(document)
    client_of("archivist").post(f"/archive/set-aside/{document_id}/destroy", data={"checked": "y"})
    with database.reading() as session:
        assert Documents(session).pages(document_id) == []


def test_bytes_that_another_unit_had_set_aside_are_looked_through_for_this_one(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    paper_id, key = read_in(database, objects, cast)
    client_of("unit_clerk").post(f"/directives/{entry(database, cast, 'CD-PHUCAT', key)}/withhold", data=SAW)
    with database.writing() as session:
        clerk = session.get_one(Person, cast.people["clerk"])
        paper = session.get_one(Document, paper_id)
        Ledger(session).withhold(paper)
        session.delete(paper.files[0])  # destroyed meanwhile
        session.flush()
        session.expunge_all()
    keep(database, objects, PDF, "x.pdf", Sender(clerk))
    theirs = entry(database, cast, "LDLD", key)
    with database.reading() as session:
        assert look_of_document(session, session.get_one(OutgoingDocument, theirs)) is Look.WAITING
