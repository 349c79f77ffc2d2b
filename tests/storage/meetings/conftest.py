"""An open meeting with people in it, for the tests of this folder that have no other."""

import pytest
from sqlalchemy.orm import Session

from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.meetings import Meeting
from tests.cast import Cast, gather
from tests.meetings import Gathering, gather_meeting

PRESENT = ("chair", "deputy", "member", "delegate")


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def meeting(database: Database, cast: Cast) -> Gathering:
    """An open meeting of a body of five, four of whom are present."""
    gathering = gather_meeting(database, cast, state=MeetingState.OPEN)
    with database.writing() as session:
        come(session, gathering, *PRESENT)
    return gathering


def come(session: Session, gathering: Gathering, *logins: str) -> None:
    attendance = Attendance(session, session.get_one(Meeting, gathering.meeting))
    people = {one.id: one for one in attendance.meeting.participants}
    for login in logins:
        attendance.come(people[gathering.participants[login]], Presence.IN_ROOM, set_by="self", set_by_id=None)
