"""Opinions before the meeting: one's own may be changed until it opens; others' are seen by who prepares, or by all if so set."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from domain.meetings.meetings import MeetingState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.meetings import Meeting, MeetingEvent
from storage.meetings.opinions import Opinion
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf


@pytest.fixture
def give(client_of: ClientOf, convened: Gathering) -> Callable[..., TestResponse]:
    def give(login: str, text: str, item: int = 1) -> TestResponse:
        return client_of(login).post(f"/meetings/{convened.meeting}/opinions/items/{convened.items[item]}", data={"text": text})

    return give


def opinions(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.text for row in session.query(Opinion).order_by(Opinion.id)]


def test_an_opinion_is_kept_and_may_be_changed(give: Callable[..., TestResponse], database: Database) -> None:
    assert give("member", "Cần số liệu năm 2025.").status_code == 303
    give("member", "Cần số liệu năm 2024.")
    assert opinions(database) == ["Cần số liệu năm 2024."]


def test_its_words_stand_in_no_event_and_in_no_trail(give: Callable[..., TestResponse], database: Database) -> None:
    give("member", "Một lời riêng")
    with database.reading() as session:
        facts = [row.facts for row in (*session.query(MeetingEvent), *session.query(AuditEntry))]
        assert session.query(MeetingEvent).one().kind == "opinion_given"
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "opinion_given"
    assert "Một lời riêng" not in str(facts)


def test_an_empty_opinion_takes_it_back(give: Callable[..., TestResponse], database: Database) -> None:
    give("member", "Đồng ý")
    give("member", " ")
    assert opinions(database) == []


def test_once_the_meeting_is_open_no_opinion_is_taken(
    give: Callable[..., TestResponse], convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = MeetingState.OPEN
    assert give("member", "Muộn").status_code == 409
    assert opinions(database) == []


def test_a_guest_says_nothing_of_an_item_that_does_not_concern_the_guest(
    give: Callable[..., TestResponse], database: Database
) -> None:
    assert give("guest", "Ý kiến", item=1).status_code == 404
    assert give("guest", "Ý kiến", item=2).status_code == 303


def test_a_clerk_without_a_part_gives_no_opinion(give: Callable[..., TestResponse]) -> None:
    assert give("clerk", "Ý kiến").status_code == 403


def test_for_a_stranger_the_meeting_does_not_exist(give: Callable[..., TestResponse]) -> None:
    assert give("staff", "Ý kiến").status_code == 404


def test_who_prepares_sees_all_and_members_their_own(
    give: Callable[..., TestResponse], client_of: ClientOf, convened: Gathering
) -> None:
    give("member", "Ý của ủy viên")
    page = f"/meetings/{convened.meeting}/opinions"
    assert "Ý của ủy viên" in client_of("secretary").get(page).text
    assert "Ý của ủy viên" in client_of("member").get(page).text
    assert "Ý của ủy viên" not in client_of("delegate").get(page).text


def test_members_see_each_others_if_the_meeting_shares_them(
    give: Callable[..., TestResponse], client_of: ClientOf, convened: Gathering
) -> None:
    give("member", "Ý của ủy viên")
    page = f"/meetings/{convened.meeting}/opinions"
    assert client_of("member").post(f"{page}/shared", data={"are_shared": "yes"}).status_code == 403
    assert client_of("secretary").post(f"{page}/shared", data={"are_shared": "yes"}).status_code == 303
    assert "Ý của ủy viên" in client_of("delegate").get(page).text
