"""Votes of the meeting that deals with its third item, for the tests of this folder."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from domain.meetings.agenda import ItemState
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Votes
from tests.meetings import SURE, Gathering
from tests.webapp.conftest import ClientOf

LIVE = {"X-Live": "1"}
PRESENT = ("chair", "deputy", "member", "delegate")


@pytest.fixture
def meeting(in_session: Gathering, database: Database) -> Gathering:
    """The open meeting, which deals with its third item; four of the five with a vote are present."""
    with database.writing() as session:
        here = session.get_one(Meeting, in_session.meeting)
        here.items[2].state = ItemState.ON_FLOOR
        for one in here.participants:
            if one.person.login in PRESENT:
                Attendance(session, here).come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
    return in_session


@pytest.fixture
def prepared(database: Database, meeting: Gathering) -> Callable[..., int]:
    """Make a vote on the third item."""

    def prepared(kind: VoteKind = VoteKind.SECRET, question: str = "Thông qua Nghị quyết về chuyển đổi số", **how: Any) -> int:
        with database.writing() as session:
            here = session.get_one(Meeting, meeting.meeting)
            return Votes(session).prepare(here, here.items[2], kind=kind, question=question, **how).id

    return prepared


@pytest.fixture
def does(client_of: ClientOf, meeting: Gathering) -> Callable[..., TestResponse]:
    """Press a button of a vote."""

    def does(login: str, vote_id: int, step: str, **form: list[str] | str) -> TestResponse:
        return client_of(login).post(
            f"/meetings/{meeting.meeting}/votes/{vote_id}/{step}", data={"sure": SURE, **form}, headers=LIVE
        )

    return does


@pytest.fixture
def opened(prepared: Callable[..., int], does: Callable[..., TestResponse]) -> Callable[..., int]:
    """Make a vote and open it."""

    def opened(kind: VoteKind = VoteKind.SECRET, **how: object) -> int:
        vote_id = prepared(kind, **how)
        assert does("chair", vote_id, "open").status_code == 204
        return vote_id

    return opened


@pytest.fixture
def casts(does: Callable[..., TestResponse]) -> Callable[..., TestResponse]:
    """Send a ballot."""

    def casts(login: str, vote_id: int, *choice: str, ballot: str = "b-1") -> TestResponse:
        return does(login, vote_id, "ballot", choice=list(choice), ballot_id=ballot)

    return casts


@pytest.fixture
def page(client_of: ClientOf, meeting: Gathering) -> Callable[..., TestResponse]:
    """A page of the votes."""

    def page(login: str, path: str = "") -> TestResponse:
        return client_of(login).get(f"/meetings/{meeting.meeting}/votes{path}")

    return page
