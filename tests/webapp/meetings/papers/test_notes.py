"""Personal notes: kept and synced for one person, found by nobody else, carried to a new version where their words still stand."""

from collections.abc import Callable

import pytest

from domain.meetings.papers import PaperState
from storage.archive.documents import Document
from storage.archive.work import Ledger
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.meetings.meetings import Meeting
from storage.meetings.notes import Note
from storage.meetings.papers import Papers
from tests.meetings import Gathering
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf

KEY = "0a1b2c3d-1111-4222-8333-444455556666"
NOTE = {
    "page": 1,
    "boxes": [[0.1, 0.1, 0.3, 0.03]],
    "quote": "Kinh phí lấy",
    "before": "1.",
    "after": "từ",
    "colour": "yellow",
    "text": "Hỏi: từ năm nào?",
}
OLD, NEW = "Điều 1. Kinh phí lấy từ nguồn công đoàn", "Chương mới"


@pytest.fixture
def version(database: Database, objects: FolderObjects, convened: Gathering) -> Callable[..., int]:
    """Publish a version with these pages; returns its number."""

    def version(*texts: str) -> int:
        document_id = put(database, objects, "du-thao.pdf", list(texts))
        with database.writing() as session:
            papers = Papers(session, session.get_one(Meeting, convened.meeting))
            paper = papers.all()[0] if papers.all() else papers.add(None, "Dự thảo")
            document = session.get_one(Document, document_id)
            made = papers.add_version(
                paper, file_name="a.pdf", media_type="application/pdf", size=1, person_id=1, document=document
            )
            made.state, made.published_at = PaperState.PUBLISHED, document.created_at
            return made.number

    return version


@pytest.fixture
def notes(convened: Gathering) -> Callable[[int], str]:
    return lambda number: f"/meetings/{convened.meeting}/papers/1/versions/{number}/notes"


@pytest.fixture
def noted(version: Callable[..., int], notes: Callable[[int], str], client_of: ClientOf) -> None:
    """The member has a note on the first version."""
    version(OLD)
    assert client_of("member").post(f"{notes(1)}/{KEY}", json=NOTE).status_code == 200


def test_a_note_is_there_on_every_device_of_its_owner(noted: None, notes: Callable[[int], str], client_of: ClientOf) -> None:
    assert client_of("member").get(notes(1)).json == {"notes": [{"key": KEY, **NOTE}], "carried": 0}


def test_nobody_else_ever_gets_it(noted: None, notes: Callable[[int], str], client_of: ClientOf) -> None:
    for login in ("chair", "secretary", "clerk", "delegate"):
        assert client_of(login).get(notes(1)).get_json()["notes"] == []


def test_it_stands_in_no_trail(noted: None, database: Database) -> None:
    with database.reading() as session:
        assert [entry.act for entry in session.query(AuditEntry) if "note" in entry.act] == []
        assert "Hỏi" not in str([entry.facts for entry in session.query(AuditEntry)])


def test_the_same_note_sent_again_is_one_and_a_change_replaces_it(
    noted: None, notes: Callable[[int], str], client_of: ClientOf, database: Database
) -> None:
    client = client_of("member")
    client.post(f"{notes(1)}/{KEY}", json={**NOTE, "text": "Đã rõ"})
    client.post(f"{notes(1)}/{KEY}", json={**NOTE, "text": "Đã rõ"})
    assert [note["text"] for note in client.get(notes(1)).get_json()["notes"]] == ["Đã rõ"]


def test_another_person_with_the_same_key_changes_nothing_of_it(
    noted: None, notes: Callable[[int], str], client_of: ClientOf
) -> None:
    client_of("delegate").post(f"{notes(1)}/{KEY}", json={**NOTE, "text": "Của người khác"})
    client_of("delegate").post(f"{notes(1)}/{KEY}/remove")
    assert client_of("member").get(notes(1)).get_json()["notes"][0]["text"] == "Hỏi: từ năm nào?"


def test_a_removed_note_is_emptied_and_gone(
    noted: None, notes: Callable[[int], str], client_of: ClientOf, database: Database
) -> None:
    assert client_of("member").post(f"{notes(1)}/{KEY}/remove").status_code == 204
    assert client_of("member").get(notes(1)).get_json()["notes"] == []
    assert client_of("member").post(f"{notes(1)}/{KEY}/remove").status_code == 404
    with database.reading() as session:
        assert session.query(Note).one().text == ""


@pytest.mark.parametrize(
    "wrong", [{"page": 0}, {"colour": "red"}, {"boxes": [[0, 0, 2, 1]]}, {"boxes": "x"}, {"text": "x" * 5001}, {"quote": None}]
)
def test_a_note_that_makes_no_sense_is_refused(
    noted: None, notes: Callable[[int], str], client_of: ClientOf, wrong: dict[str, object]
) -> None:
    assert client_of("member").post(f"{notes(1)}/ffffffff-1", json={**NOTE, **wrong}).status_code == 400


def test_who_may_not_see_the_paper_keeps_no_note_on_it(noted: None, notes: Callable[[int], str], client_of: ClientOf) -> None:
    assert client_of("staff").post(f"{notes(1)}/{KEY}", json=NOTE).status_code == 404
    assert client_of("guest").get(notes(1)).status_code == 404  # invited to one item; the paper is of the whole meeting


def test_notes_are_carried_to_a_new_version_where_their_words_still_stand(
    noted: None, version: Callable[..., int], notes: Callable[[int], str], client_of: ClientOf
) -> None:
    version(NEW, OLD)
    carried = client_of("member").get(notes(2)).json
    assert carried
    assert carried["carried"] == 1
    (note,) = carried["notes"]
    assert (note["page"], note["text"]) == (2, "Hỏi: từ năm nào?")
    assert note["boxes"][0][0] == pytest.approx(0.26)  # the third word of the line
    assert client_of("member").get(notes(2)).get_json()["carried"] == 0


def test_a_carried_note_that_was_removed_does_not_come_again(
    noted: None, version: Callable[..., int], notes: Callable[[int], str], client_of: ClientOf
) -> None:
    version(OLD)
    client = client_of("member")
    client.get(notes(2))
    client.post(f"{notes(2)}/{KEY}/remove")
    assert client.get(notes(2)).json == {"notes": [], "carried": 0}


def test_where_the_words_are_gone_the_note_stays_with_its_version(
    noted: None, version: Callable[..., int], notes: Callable[[int], str], client_of: ClientOf
) -> None:
    version(NEW)
    assert client_of("member").get(notes(2)).json == {"notes": [], "carried": 0}
    assert len(client_of("member").get(notes(1)).get_json()["notes"]) == 1


def test_ones_own_notes_can_be_taken_away(noted: None, client_of: ClientOf, convened: Gathering) -> None:
    answer = client_of("member").get(f"/meetings/{convened.meeting}/papers/1/notes.txt")
    assert answer.text.splitlines()[2:4] == ["Bản 1, trang 1: “Kinh phí lấy”", "  Hỏi: từ năm nào?"]
    assert "Hỏi" not in client_of("chair").get(f"/meetings/{convened.meeting}/papers/1/notes.txt").text


def test_of_a_paper_that_is_held_back_not_even_ones_own_notes_are_shown(
    noted: None, notes: Callable[[int], str], client_of: ClientOf, convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        Ledger(session).withhold(session.query(Document).one())
    assert client_of("member").get(notes(1)).status_code == 404
    assert "Kinh" not in client_of("member").get(f"/meetings/{convened.meeting}/papers/1/notes.txt").text
