"""An open vote stands on every page of its meeting, for those who may know of it; what is shown stops with the meeting."""

from collections.abc import Callable

import pytest

from domain.ground.clock import now
from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.papers import PaperState
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting
from storage.meetings.papers import Papers
from storage.meetings.presenting import Presenting
from storage.meetings.votes import Votes
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

PAGES = ("", "/papers", "/agenda", "/opinions", "/check-in")


@pytest.fixture
def opens(in_session: Gathering, database: Database) -> Callable[..., int]:
    """Open a vote on an item of the meeting, by its place."""

    def opens(place: int = 1) -> int:
        with database.writing() as session:
            here = session.get_one(Meeting, in_session.meeting)
            Attendance(session, here).come(here.participants[3], Presence.IN_ROOM, set_by="self", set_by_id=None)
            vote = Votes(session).prepare(here, here.items[place], kind=VoteKind.NAMED, question="Thông qua báo cáo?")
            Votes(session).open(vote)
            return vote.id

    return opens


@pytest.mark.parametrize("page", PAGES)
def test_an_open_vote_stands_above_the_heading_of_every_page_of_the_meeting(
    opens: Callable[..., int], in_session: Gathering, client_of: ClientOf, page: str
) -> None:
    vote_id = opens()
    shown = client_of("member").get(f"/meetings/{in_session.meeting}{page}").text
    assert f'data-ballot="{vote_id}"' in shown.partition("<h1>")[0]
    assert shown.count(f'data-ballot="{vote_id}"') == 1


def test_the_pages_that_show_the_vote_themselves_show_it_once(
    opens: Callable[..., int], in_session: Gathering, client_of: ClientOf
) -> None:
    vote_id = opens()
    for login, page in (("member", "/room"), ("chair", "/desk"), ("member", f"/votes/{vote_id}")):
        shown = client_of(login).get(f"/meetings/{in_session.meeting}{page}").text
        assert shown.count(f'data-ballot="{vote_id}"') == 1, page


def test_a_guest_of_another_item_and_who_has_no_part_hear_nothing_of_it(
    opens: Callable[..., int], in_session: Gathering, client_of: ClientOf
) -> None:
    opens()
    for login in ("guest", "stranger", "clerk"):
        for page in PAGES:
            assert "Thông qua báo cáo?" not in client_of(login).get(f"/meetings/{in_session.meeting}{page}").text


def test_outside_of_a_meeting_in_session_no_page_listens(
    in_session: Gathering, client_of: ClientOf, database: Database
) -> None:
    assert 'id="live"' in client_of("member").get(f"/meetings/{in_session.meeting}/papers").text
    assert 'id="live"' not in client_of("member").get("/meetings/").text
    with database.writing() as session:
        session.get_one(Meeting, in_session.meeting).state = MeetingState.CLOSED
    assert 'id="live"' not in client_of("member").get(f"/meetings/{in_session.meeting}/papers").text


def test_several_parts_are_fetched_by_name(in_session: Gathering, client_of: ClientOf) -> None:
    news = client_of("member").get(f"/meetings/{in_session.meeting}/parts?only=now&only=vote").get_json()
    assert set(news["parts"]) == {"now", "vote"}


def test_an_item_says_for_how_long_it_was_planned(in_session: Gathering, client_of: ClientOf, database: Database) -> None:
    with database.writing() as session:
        item = session.get_one(Meeting, in_session.meeting).items[1]
        item.state, item.taken_up_at = ItemState.ON_FLOOR, now()
    shown = client_of("member").get(f"/meetings/{in_session.meeting}/room").text
    assert 'data-minutes="60" data-say="đã {n} phút" data-say-over="đã {n} phút, quá {over} phút"' in shown


def test_a_page_is_shown_to_all_only_while_the_meeting_sits(
    in_session: Gathering, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, in_session.meeting)
        papers = Papers(session, here)
        paper = papers.add(here.items[2], "Dự thảo Nghị quyết")
        version = papers.add_version(
            paper, file_name="nq.pdf", media_type="application/pdf", size=1, person_id=cast.people["secretary"], document=None
        )
        version.state, version.published_at = PaperState.PUBLISHED, now()
        session.flush()
        Presenting(session, here).show(version.id, 1, cast.people["chair"])
    screen = f"/meetings/{in_session.meeting}/parts?on=screen"
    assert "Dự thảo Nghị quyết" in client_of("chair").get(screen).get_json()["parts"]["shown"]
    for step in ("adjourn", "resume", "close"):
        client_of("chair").post(f"/meetings/{in_session.meeting}/{step}", data={"sure": ["items_left", "for_good"]})
        shown = client_of("chair").get(screen).get_json()["parts"]["shown"]
        assert ("Dự thảo Nghị quyết" in shown) is (step == "resume")


def test_after_the_close_the_room_leads_on_and_nobody_waits_for_a_result_or_the_floor(
    opens: Callable[..., int], in_session: Gathering, client_of: ClientOf, database: Database
) -> None:
    opens(2)
    with database.writing() as session:
        here = session.get_one(Meeting, in_session.meeting)
        here.items[2].state = ItemState.ON_FLOOR
        (vote,) = Votes(session).of(here)
        Votes(session).close(vote)
        here.state, here.closed_at = MeetingState.CLOSED, now()
    room = client_of("member").get(f"/meetings/{in_session.meeting}/parts").get_json()["parts"]
    assert f'href="/meetings/{in_session.meeting}/minutes"' in room["now"]
    assert room["floor"].strip() == ""
    screen = client_of("chair").get(f"/meetings/{in_session.meeting}/parts?on=screen").get_json()["parts"]
    assert "Kết quả sẽ hiện" not in screen["vote"]
    assert "minutes" not in screen["now"]
