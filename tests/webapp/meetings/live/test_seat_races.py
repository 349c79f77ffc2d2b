"""Two who take the chair's seat at the same moment, each in a thread of its own, on SQLite and on PostgreSQL: one wins."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.meetings.meetings import Meeting, MeetingEvent
from tests.cast import Cast
from tests.meetings import gather_meeting
from tests.storage.conftest import database, postgresql  # noqa: F401 - fixtures: the same on both databases
from tests.webapp.conftest import ClientOf

# ruff: noqa: F811 - a test asks for a fixture by its name


@pytest.mark.parametrize("turn", range(2))
def test_of_two_who_take_the_seat_at_once_one_wins_and_the_other_hears_who(
    client_of: ClientOf, database: Database, cast: Cast, turn: int
) -> None:
    gathered = gather_meeting(database, cast, state=MeetingState.OPEN)
    address, gate = f"/meetings/{gathered.meeting}/seat", threading.Barrier(2)
    clients = {login: client_of(login) for login in ("deputy", "secretary")}

    def takes(login: str) -> tuple[str, int, str]:
        gate.wait()
        answer = clients[login].post(address, data={"from": str(cast.people["chair"]), "act_id": f"{login}-{turn}"})
        return login, answer.status_code, answer.text

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(takes, clients))
    (winner,) = [login for login, status, _text in answers if status == 303]
    ((_loser, status, said),) = [answer for answer in answers if answer[0] != winner]
    name = {"deputy": "Đinh Văn Phó", "secretary": "Bùi Thị Ghi"}[winner]
    assert status == 409
    assert f"{name} vừa nhận điều hành cuộc họp" in said
    with database.reading() as session:
        assert session.get_one(Meeting, gathered.meeting).presiding_id == cast.people[winner]
        assert session.query(MeetingEvent).filter_by(kind="seat_taken").count() == 1
