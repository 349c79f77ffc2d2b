"""A server whose clock is set back in the middle of a meeting."""

from datetime import timedelta

from sqlalchemy import select

from domain.ground import clock
from domain.meetings.agenda import ItemState
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Stay
from storage.meetings.ballots import RollEntry, Vote
from storage.meetings.meetings import Meeting, MeetingEvent
from storage.meetings.votes import Votes
from tests.meetings import STARTS, SURE, Gathering
from tests.webapp.conftest import ClientOf

OPENED = STARTS + timedelta(minutes=20)


def test_nothing_ends_before_it_began_and_who_presides_is_told(
    client_of: ClientOf, database: Database, in_session: Gathering
) -> None:
    here = f"/meetings/{in_session.meeting}"
    with clock.at(OPENED):
        chair, member = client_of("chair"), client_of("member")
        with database.writing() as session:
            session.get_one(Meeting, in_session.meeting).link = "https://meet.example/x"
        member.post(f"{here}/check-in", data={"presence": "online"})
        with database.writing() as session:
            meeting = session.get_one(Meeting, in_session.meeting)
            meeting.items[0].state = ItemState.ON_FLOOR
            vote_id = Votes(session).prepare(meeting, meeting.items[0], kind=VoteKind.NAMED, question="?").id
        assert chair.post(f"{here}/votes/{vote_id}/open", data={"seconds": "60", "sure": SURE}).status_code in (204, 303)
    with clock.at(OPENED - timedelta(minutes=15)):
        cast = member.post(f"{here}/votes/{vote_id}/ballot", data={"choice": "for", "ballot_id": "a"})
        assert cast.status_code in (200, 303), cast.text
        answer = chair.post(f"{here}/votes/{vote_id}/close", data={"sure": SURE}, headers={"X-Live": "1"})
        member.post(f"{here}/leave")
    assert "Đồng hồ máy chủ chậm hơn diễn biến" in str(answer.json)
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert (vote.opened_at, vote.closed_at) == (OPENED, OPENED)
        assert session.scalars(select(RollEntry.voted_at).where(RollEntry.voted)).all() == [OPENED]
        assert [(stay.came_at, stay.left_at) for stay in session.scalars(select(Stay))] == [(OPENED, OPENED)]
        moments = [event.at for event in session.scalars(select(MeetingEvent).order_by(MeetingEvent.revision))]
        assert moments == sorted(moments)
