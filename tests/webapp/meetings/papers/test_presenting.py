"""Showing a page of a paper to all: who may, what the room is told, and that a reader who is led keeps the own place."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from domain.meetings.papers import PaperState
from storage.archive.documents import Document
from storage.archive.intake import Batch
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent
from storage.meetings.papers import PaperReading, Papers, PaperVersion
from storage.meetings.presenting import ShownPage
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf


@pytest.fixture
def version(database: Database, in_session: Gathering, cast: Cast) -> int:
    """A published paper of the second item, of eight pages; the guest of the third item may not know of it."""
    with database.writing() as session:
        meeting = session.get_one(Meeting, in_session.meeting)
        batch = Batch(source="web", attested_by="Trần Thị Lan", attestation="x")
        document = Document(name="bao-cao.pdf", batch_id=0, page_count=8)
        session.add(batch)
        session.flush()
        document.batch_id = batch.id
        papers = Papers(session, meeting)
        paper = papers.add(meeting.items[1], "Báo cáo năm 2026")
        version = papers.add_version(
            paper, file_name="bao-cao.pdf", media_type="application/pdf", size=1, person_id=cast.people["secretary"],
            document=document,
        )  # fmt: skip
        version.state, version.published_at = PaperState.PUBLISHED, datetime(2026, 11, 20, tzinfo=UTC)
        session.flush()
        return version.id


def shows(client: FlaskClient, gathering: Gathering, **form: int | str) -> int:
    return client.post(f"/meetings/{gathering.meeting}/presenting", data=form, headers={"X-Live": "1"}).status_code


def shown(client: FlaskClient, gathering: Gathering) -> str:
    return client.get(f"/meetings/{gathering.meeting}/parts?only=shown").get_json()["parts"]["shown"]


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return [event.kind for event in session.query(MeetingEvent).order_by(MeetingEvent.revision)]


def test_the_page_that_is_shown_is_seen_by_members(client_of: ClientOf, in_session: Gathering, version: int) -> None:
    assert shows(client_of("chair"), in_session, version=version, page=3) == 204
    part = shown(client_of("member"), in_session)
    assert "Báo cáo năm 2026" in part
    assert 'data-page="3"' in part


def test_a_guest_of_another_item_is_shown_nothing(client_of: ClientOf, in_session: Gathering, version: int) -> None:
    shows(client_of("chair"), in_session, version=version, page=3)
    assert "Báo cáo năm 2026" not in shown(client_of("guest"), in_session)


@pytest.mark.parametrize(
    ("login", "status"), [("secretary", 204), ("deputy", 403), ("member", 403), ("guest", 403), ("staff", 404)]
)
def test_only_who_presides_records_or_presents_may_show(
    client_of: ClientOf, in_session: Gathering, version: int, login: str, status: int
) -> None:
    assert shows(client_of(login), in_session, version=version, page=1) == status


def test_the_presenter_of_the_item_on_the_floor_may_show(
    client_of: ClientOf, database: Database, in_session: Gathering, version: int
) -> None:
    with database.writing() as session:
        item = session.get_one(AgendaItem, in_session.items[1])
        item.presenter = "Đồng chí Phạm Ủy Viên, báo cáo viên"
    assert shows(client_of("member"), in_session, version=version, page=1) == 403
    client_of("chair").post(f"/meetings/{in_session.meeting}/items/{in_session.items[1]}/take-up")
    assert shows(client_of("member"), in_session, version=version, page=1) == 204


def test_somebody_whose_name_is_part_of_the_presenters_name_may_not_show(
    client_of: ClientOf, database: Database, in_session: Gathering, version: int
) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, in_session.items[1]).presenter = "Phạm Ủy Viênh"
    client_of("chair").post(f"/meetings/{in_session.meeting}/items/{in_session.items[1]}/take-up")
    assert shows(client_of("member"), in_session, version=version, page=1) == 403


def test_a_guest_who_presents_one_item_shows_no_paper_of_another(
    client_of: ClientOf, database: Database, in_session: Gathering, version: int
) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, in_session.items[2]).presenter = "Ngô Khách Mời"
    client_of("chair").post(f"/meetings/{in_session.meeting}/items/{in_session.items[2]}/take-up")
    assert shows(client_of("guest"), in_session, version=version, page=1) == 404
    assert "Báo cáo năm 2026" not in shown(client_of("member"), in_session)


@pytest.mark.parametrize("form", [{"version": 99}, {"page": 9}, {"page": 0}, {"page": -1}])
def test_what_nobody_could_open_is_not_shown(
    client_of: ClientOf, database: Database, in_session: Gathering, version: int, form: dict[str, int]
) -> None:
    assert shows(client_of("chair"), in_session, **{"version": version, "page": 1} | form) == 404
    assert kinds(database) == []


def test_a_draft_is_not_shown(client_of: ClientOf, database: Database, in_session: Gathering, version: int) -> None:
    with database.writing() as session:
        session.get_one(PaperVersion, version).state = PaperState.APPROVED
    assert shows(client_of("chair"), in_session, version=version, page=1) == 404


def test_showing_a_paper_is_recorded_and_turning_its_pages_is_only_told(
    client_of: ClientOf, database: Database, in_session: Gathering, version: int
) -> None:
    for page in (1, 2, 3):
        shows(client_of("chair"), in_session, version=version, page=page)
    assert kinds(database) == ["paper_shown", "page_turned", "page_turned"]
    with database.reading() as session:
        entries = session.query(AuditEntry).filter(AuditEntry.act == "paper_shown").all()
        assert [entry.facts for entry in entries] == [{"paper": 1, "version": 1}]  # by ids: a title may become secret


def test_the_same_press_turns_once(client_of: ClientOf, database: Database, in_session: Gathering, version: int) -> None:
    for _ in range(2):
        shows(client_of("chair"), in_session, version=version, page=2, act_id="a-key")
    assert kinds(database) == ["paper_shown"]


def test_showing_ends(client_of: ClientOf, database: Database, in_session: Gathering, version: int) -> None:
    shows(client_of("chair"), in_session, version=version, page=3)
    client_of("chair").post(f"/meetings/{in_session.meeting}/presenting/stop")
    assert "data-shown" not in shown(client_of("member"), in_session)
    with database.reading() as session:
        assert session.query(ShownPage).count() == 0


def test_who_is_led_keeps_the_own_place(client_of: ClientOf, database: Database, in_session: Gathering, version: int) -> None:
    paper = f"/meetings/{in_session.meeting}/papers/1"
    for address in (f"{paper}?page=2", f"{paper}?page=5&led=1"):
        assert client_of("member").get(address).status_code == 200
    with database.reading() as session:
        reading = session.query(PaperReading).one()
        assert (reading.last_page, reading.furthest_page) == (2, 5)


def test_only_who_may_is_offered_to_show(client_of: ClientOf, in_session: Gathering, version: int) -> None:
    button = "Chiếu trang này cho cả phòng"
    pages = {
        login: client_of(login).get(f"/meetings/{in_session.meeting}/papers/1").get_data(as_text=True)
        for login in ("chair", "member")
    }
    assert (button in pages["chair"], button in pages["member"]) == (True, False)
