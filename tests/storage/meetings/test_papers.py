"""Papers of meetings on both databases: circles, versions, readings, and what the store must keep."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain.archive.intake import Outcome
from domain.archive.work import Standing
from domain.ground.clock import now
from domain.meetings.papers import ItemIsOnPaperOnly, PaperNotChecked, PaperStep
from domain.people.access import Access
from storage.archive.documents import Document, is_visible_to
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.set_aside import destroy
from storage.archive.work import Ledger
from storage.ground.claims import unneeded
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.meetings.meetings import AgendaItem, Meeting
from storage.meetings.notes import Note, Notes
from storage.meetings.papers import Papers, PaperVersion
from storage.people.scopes import Scopes
from tests.cast import gather
from tests.meetings import Gathering, gather_meeting

ARCHIVE = frozenset({"open", "restricted"})


@pytest.fixture
def convened(database: Database) -> Gathering:
    return gather_meeting(database, gather(database))


@pytest.fixture
def papers(database: Database, convened: Gathering) -> Iterator[Papers]:
    with database.writing() as session:
        yield Papers(session, session.get_one(Meeting, convened.meeting))


@pytest.fixture
def bring(database: Database, objects: FolderObjects, convened: Gathering) -> Callable[..., int]:
    """A file that was brought in for the meeting; returns the id of its document."""

    def bring(content: bytes, circle: str = "meeting:1:preparing") -> int:
        with database.writing() as session:
            person = session.get_one(Meeting, convened.meeting).participants[0].person
            batch = open_batch(
                session, source="meeting", person=person, attested_by=person.name, access=Access.RESTRICTED, circle=circle
            )
            batch_id = batch.id
        receipt_id = receive(database, objects, batch_id, Arrival("a.pdf", io.BytesIO(content)), limit=1 << 20)
        with database.reading() as session:
            receipt = session.get_one(Receipt, receipt_id)
            assert receipt.outcome is Outcome.KEPT
            assert receipt.document_id is not None
            return receipt.document_id

    return bring


def version_of(papers: Papers, document_id: int, *, item: AgendaItem | None = None, title: str = "Dự thảo") -> PaperVersion:
    document = papers.session.get_one(Document, document_id)
    paper = next((one for one in papers.all() if one.title == title), None) or papers.add(item, title)
    return papers.add_version(paper, file_name="a.pdf", media_type="application/pdf", size=1, person_id=1, document=document)


def publish(papers: Papers, version: PaperVersion) -> None:
    assert version.document
    version.document.standing = Standing.READ
    for step in (PaperStep.SUBMIT, PaperStep.APPROVE, PaperStep.PUBLISH):
        papers.step(version, step, person_id=1)


def seen(session: Session, *audiences: str) -> int:
    return session.query(Document).where(is_visible_to(frozenset(audiences))).count()


def test_a_paper_of_a_meeting_is_no_document_of_the_archive(database: Database, bring: Callable[..., int]) -> None:
    bring(b"%PDF-1.7 one")
    with database.reading() as session:
        everything = Scopes(session).audiences(session.get_one(Meeting, 1).participants[0].person)
        assert seen(session, *everything, *ARCHIVE) == 0
        assert seen(session, "meeting:1:preparing") == 1


def test_the_same_bytes_for_two_meetings_are_two_documents(database: Database, bring: Callable[..., int]) -> None:
    first, second = bring(b"%PDF-1.7 one"), bring(b"%PDF-1.7 one", "meeting:2:preparing")
    assert first != second
    with database.reading() as session:
        assert seen(session, "meeting:2:preparing") == 1


def test_publication_gives_the_paper_to_the_circle_of_its_item(
    database: Database, convened: Gathering, bring: Callable[..., int]
) -> None:
    document_id = bring(b"%PDF-1.7 one")
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        meeting = papers.meeting
        version = version_of(papers, document_id, item=meeting.items[1])
        publish(papers, version)
        assert version.document
        assert version.document.circle == f"meeting:{meeting.id}:item:{meeting.items[1].id}"
        guest = next(one for one in meeting.participants if one.guest_items)
        assert version.document.circle not in papers.circles(guest, prepares=False)
        assert version.document.circle in papers.circles(meeting.participants[0], prepares=False)


def test_a_newer_version_takes_the_place_of_the_older_one_in_every_search(
    database: Database, convened: Gathering, bring: Callable[..., int]
) -> None:
    ids = bring(b"%PDF-1.7 one"), bring(b"%PDF-1.7 two")
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        for document_id in ids:
            publish(papers, version_of(papers, document_id))
        assert [version.document and version.document.circle for version in papers.all()[0].versions] == [
            "meeting:1:past",
            "meeting:1",
        ]


def test_members_see_the_version_that_was_last_when_the_item_was_taken_up(
    database: Database, convened: Gathering, bring: Callable[..., int]
) -> None:
    ids = bring(b"%PDF-1.7 one"), bring(b"%PDF-1.7 two")
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        item = papers.meeting.items[0]
        publish(papers, version_of(papers, ids[0], item=item))
        item.taken_up_at = now() + timedelta(seconds=1)
        second = version_of(papers, ids[1])
        publish(papers, second)
        second.published_at = item.taken_up_at + timedelta(minutes=5)
        paper = papers.all()[0]
        assert paper.shown
        assert (paper.shown.number, paper.has_newer) == (1, True)


def test_what_was_not_looked_at_for_marks_is_not_published(
    database: Database, convened: Gathering, bring: Callable[..., int]
) -> None:
    document_id = bring(b"%PDF-1.7 one")
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        version = version_of(papers, document_id)
        for step in (PaperStep.SUBMIT, PaperStep.APPROVE):
            papers.step(version, step, person_id=1)
        with pytest.raises(PaperNotChecked):
            papers.step(version, PaperStep.PUBLISH, person_id=1)


def test_a_matter_under_secrecy_takes_no_paper(papers: Papers) -> None:
    papers.meeting.items[0].is_on_paper_only = True
    with pytest.raises(ItemIsOnPaperOnly):
        papers.add(papers.meeting.items[0], "Không được giữ")


def test_the_furthest_page_is_kept_when_somebody_turns_back(
    database: Database, convened: Gathering, bring: Callable[..., int]
) -> None:
    document_id = bring(b"%PDF-1.7 one")
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        version = version_of(papers, document_id)
        for page in (1, 7, 2):
            papers.note_opened(version, 1, page)
            session.flush()
        reading = papers.reading(version, 1)
        assert reading
        assert (reading.last_page, reading.furthest_page) == (2, 7)


def test_the_bytes_of_an_office_file_are_nobodys_orphan(papers: Papers) -> None:
    paper = papers.add(None, "Biểu")
    papers.add_version(paper, file_name="a.xlsx", media_type="x", size=1, person_id=1, sha256="a" * 64)
    assert unneeded(papers.session, ["a" * 64, "b" * 64]) == {"b" * 64}


def test_of_a_paper_that_is_destroyed_no_file_no_name_and_no_note_is_left(
    database: Database, objects: FolderObjects, convened: Gathering, bring: Callable[..., int]
) -> None:
    document_id = bring(b"%PDF-1.7 one")
    office, _size = objects.put(io.BytesIO(b"PK office"))
    with database.writing() as session:
        papers = Papers(session, session.get_one(Meeting, convened.meeting))
        version = version_of(papers, document_id)
        version.sha256 = office
        Notes(session, 1).keep(version, "0a0a0a0a", page=1, quote="Lời trên giấy")
        assert version.document
        Ledger(session).withhold(version.document)
        original = version.document.files[0].sha256
        destroy(session, objects, version.document)
        assert (version.file_name, version.sha256, version.is_held_back) == ("", "", True)
        assert session.query(Note).count() == 0
    assert not objects.exists(original)
    assert not objects.exists(office)
