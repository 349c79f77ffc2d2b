"""webapp/meetings/live/acts.py: what is asked before a step; and the way back from a close that was a mistake."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground.clock import now
from domain.meetings.agenda import ItemState
from domain.meetings.minutes import draft
from domain.meetings.voting import VoteKind, VoteState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.ballots import Vote
from storage.meetings.course import course_of
from storage.meetings.meetings import Meeting, MeetingEvent, Meetings
from storage.meetings.votes import Votes
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

LIVE = {"X-Live": "1"}


@pytest.fixture
def chair(client_of: ClientOf) -> FlaskClient:
    return client_of("chair")


@pytest.fixture
def prepared(database: Database, in_session: Gathering) -> Callable[..., int]:
    """Make a vote on the third item, which is dealt with, while so many of the five with a vote are present."""

    def prepared(present: int = 4, kind: VoteKind = VoteKind.NAMED, **how: Any) -> int:
        with database.writing() as session:
            here = session.get_one(Meeting, in_session.meeting)
            here.items[2].state, here.items[2].taken_up_at = ItemState.ON_FLOOR, now()
            for one in here.voters[:present]:
                Attendance(session, here).come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
            return Votes(session).prepare(here, here.items[2], kind=kind, question="Thông qua?", **how).id

    return prepared


@pytest.fixture
def does(chair: FlaskClient, in_session: Gathering) -> Callable[..., TestResponse]:
    """Press a button of a vote in the chair's seat."""

    def does(vote_id: int, step: str, *sure: str, headers: dict[str, str] = LIVE, **form: str) -> TestResponse:
        data = {"sure": list(sure), **form}
        return chair.post(f"/meetings/{in_session.meeting}/votes/{vote_id}/{step}", data=data, headers=headers)

    return does


def state(database: Database, vote_id: int) -> VoteState:
    with database.reading() as session:
        return session.get_one(Vote, vote_id).state


def votes_for(client: FlaskClient, gathering: Gathering, vote_id: int) -> int:
    form = {"choice": "for", "ballot_id": "b-1"}
    return client.post(f"/meetings/{gathering.meeting}/votes/{vote_id}/ballot", data=form, headers=LIVE).status_code


def test_a_second_tap_closes_no_vote_while_somebody_who_is_here_has_not_voted(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared()
    assert does(vote_id, "open").status_code == 204
    tapped = does(vote_id, "close")
    assert (tapped.status_code, tapped.get_json()) == (409, {
        "message": "Còn 4 người có mặt chưa bỏ phiếu.",
        "ask": {"yes": "Khóa biểu quyết", "no": "Chưa", "sure": ["not_all_voted"]},
    })  # fmt: skip
    assert state(database, vote_id) is VoteState.OPEN
    with database.reading() as session:
        kinds = [one.kind for one in session.query(MeetingEvent) if one.kind.startswith("vote")]
        assert kinds == ["vote_opened"]
        assert "vote_closed" not in [one.act for one in session.query(AuditEntry)]
    assert does(vote_id, "close", "not_all_voted").status_code == 204


def test_when_all_who_are_here_have_voted_nothing_is_asked(
    prepared: Callable[..., int], does: Callable[..., TestResponse], client_of: ClientOf, in_session: Gathering
) -> None:
    vote_id = prepared(4)
    does(vote_id, "open")
    for login in ("chair", "deputy", "member", "delegate"):
        assert votes_for(client_of(login), in_session, vote_id) == 200
    assert does(vote_id, "close").status_code == 204
    assert does(vote_id, "publish").status_code == 204


def test_a_result_without_a_ballot_is_published_only_when_that_was_asked(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared()
    does(vote_id, "open")
    does(vote_id, "close", "not_all_voted")
    tapped = does(vote_id, "publish")
    assert tapped.get_json()["message"] == "Chưa có phiếu nào. Đã công bố thì không rút lại được."
    assert state(database, vote_id) is VoteState.CLOSED
    assert does(vote_id, "publish", "not_all_voted").status_code == 409  # another question was answered
    assert does(vote_id, "publish", "no_ballots").status_code == 204


def test_nobody_opens_a_vote_for_an_empty_roll(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared(0)
    answer = does(vote_id, "open", "no_quorum")
    assert answer.status_code == 409
    assert "Hãy điểm danh rồi mở biểu quyết" in answer.text
    assert state(database, vote_id) is VoteState.DRAFT


def test_without_a_quorum_the_opening_asks_with_the_number_that_is_missing(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared(3)
    tapped = does(vote_id, "open")
    assert tapped.get_json()["message"] == "Còn thiếu 1 người mới đủ số người, nên kết quả sẽ không hợp lệ."
    assert state(database, vote_id) is VoteState.DRAFT
    assert does(vote_id, "open", "no_quorum").status_code == 204


def test_without_scripts_the_question_is_a_page_that_keeps_what_was_sent(
    prepared: Callable[..., int], does: Callable[..., TestResponse]
) -> None:
    page = does(prepared(3), "open", headers={}, seconds="60", act_id="k")
    assert page.status_code == 409
    for kept in (
        'name="seconds" value="60"',
        'name="act_id" value="k"',
        'name="sure" value="no_quorum"',
        ">Vẫn mở biểu quyết<",
    ):
        assert kept in page.text


def test_the_meeting_ends_after_one_question_that_tells_all_it_leaves(
    prepared: Callable[..., int], does: Callable[..., TestResponse], chair: FlaskClient, in_session: Gathering
) -> None:
    vote_id = prepared()
    does(vote_id, "open")
    does(vote_id, "close", "not_all_voted")
    asked = chair.post(f"/meetings/{in_session.meeting}/close", headers=LIVE).get_json()
    assert asked["message"] == (
        "Còn 1 biểu quyết đã khóa mà chưa công bố kết quả. Còn 2 nội dung chưa xem xét. Đã bế mạc thì không mở lại được."
    )
    form = {"sure": asked["ask"]["sure"]}
    assert chair.post(f"/meetings/{in_session.meeting}/close", data=form, headers=LIVE).status_code == 204


# The way back


def test_a_vote_closed_by_mistake_goes_on_with_its_roll_and_its_ballots_and_the_minutes_say_why(
    prepared: Callable[..., int],
    does: Callable[..., TestResponse],
    client_of: ClientOf,
    in_session: Gathering,
    database: Database,
) -> None:
    vote_id = prepared()
    does(vote_id, "open", seconds="60")
    assert votes_for(client_of("member"), in_session, vote_id) == 200
    does(vote_id, "close", "not_all_voted")
    assert votes_for(client_of("delegate"), in_session, vote_id) == 409
    assert does(vote_id, "reopen", why=" ").status_code == 422
    assert does(vote_id, "reopen", why="Bấm nhầm.").status_code == 204
    assert votes_for(client_of("delegate"), in_session, vote_id) == 200
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert (vote.state, vote.closes_at, Votes(session).turnout(vote_id).voted) == (VoteState.OPEN, None, 2)
    assert does(vote_id, "extend").status_code == 409  # it has no end any more
    does(vote_id, "close", "not_all_voted")
    does(vote_id, "publish")
    with database.reading() as session:
        meeting = Meetings(session).get(in_session.meeting)
        said = "\n".join(one.text for one in draft(course_of(session, meeting)))
    told = said[said.index("“Thông qua?”") :].splitlines()
    assert told[1].endswith(": chủ tọa mở lại biểu quyết đã khóa, lý do: Bấm nhầm.")
    assert told[3].startswith("- Kết quả: đồng ý: 2;")


def test_once_the_meeting_has_gone_on_to_another_item_a_vote_of_the_last_one_stays_closed(
    prepared: Callable[..., int], does: Callable[..., TestResponse], chair: FlaskClient, in_session: Gathering
) -> None:
    vote_id = prepared()
    does(vote_id, "open")
    does(vote_id, "close", "not_all_voted")
    assert chair.post(f"/meetings/{in_session.meeting}/items/{in_session.items[0]}/take-up", headers=LIVE).status_code == 204
    assert does(vote_id, "reopen", why="Nhầm").status_code == 409


def test_what_is_published_is_not_opened_again(prepared: Callable[..., int], does: Callable[..., TestResponse]) -> None:
    vote_id = prepared()
    does(vote_id, "open")
    does(vote_id, "close", "not_all_voted")
    does(vote_id, "publish", "no_ballots")
    assert does(vote_id, "reopen", why="Nhầm").status_code == 409


def test_a_secret_vote_is_not_opened_again_since_its_count_has_been_seen(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared(kind=VoteKind.SECRET)
    does(vote_id, "open")
    does(vote_id, "close", "not_all_voted")
    answer = does(vote_id, "reopen", why="Nhầm")
    assert answer.status_code == 409
    assert "Phiếu kín đã kiểm" in answer.text
    assert state(database, vote_id) is VoteState.CLOSED


def test_only_one_vote_is_open_also_after_a_reopening(prepared: Callable[..., int], does: Callable[..., TestResponse]) -> None:
    first, second = prepared(), prepared()
    does(first, "open")
    does(first, "close", "not_all_voted")
    does(second, "open")
    assert does(first, "reopen", why="Nhầm").status_code == 409
