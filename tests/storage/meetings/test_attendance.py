"""Attendance as records: intervals, and where everybody is."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.ground import clock
from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence, Whereabouts
from storage.meetings.meetings import Meetings, Participant
from tests.cast import gather
from tests.meetings import gather_meeting

NINE = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nine(database: Database) -> Iterator[None]:
    clock.fix(NINE)
    yield
    clock.fix(None)


@pytest.fixture
def meeting(database: Database) -> int:
    return gather_meeting(database, gather(database), state=MeetingState.OPEN).meeting


@pytest.fixture
def attend(database: Database, meeting: int) -> Callable[..., Any]:
    """Do something with the attendance of one participant, which is committed."""

    def do(what: Callable[[Attendance, Participant], Any], login: str = "member") -> Any:
        with database.writing() as session:
            found = Meetings(session).get(meeting)
            participant = next(one for one in found.participants if one.person.login == login)
            return what(Attendance(session, found), participant)

    return do


def comes(presence: Presence) -> Callable[[Attendance, Participant], bool]:
    return lambda attendance, one: attendance.come(one, presence, set_by="self", set_by_id=one.person_id)


def where(attendance: Attendance, one: Participant) -> Whereabouts:
    return attendance.whereabouts()[one.id]


def spans(attendance: Attendance, _one: Participant) -> list[tuple[Presence, datetime, datetime | None]]:
    return [(stay.presence, stay.came_at, stay.left_at) for stay in attendance.stays()]


def test_coming_and_going_are_intervals(attend: Callable[..., Any]) -> None:
    assert attend(comes(Presence.IN_ROOM))
    clock.fix(NINE + timedelta(minutes=30))
    assert attend(lambda attendance, one: attendance.leave(one))
    clock.fix(NINE + timedelta(minutes=45))
    assert attend(comes(Presence.ONLINE))
    assert attend(spans) == [
        (Presence.IN_ROOM, datetime(2026, 11, 25, 2, 0, tzinfo=UTC), datetime(2026, 11, 25, 2, 30, tzinfo=UTC)),
        (Presence.ONLINE, datetime(2026, 11, 25, 2, 45, tzinfo=UTC), None),
    ]


def test_who_is_here_already_does_not_come_twice_and_who_is_not_cannot_leave(attend: Callable[..., Any]) -> None:
    assert not attend(lambda attendance, one: attendance.leave(one))
    assert attend(comes(Presence.IN_ROOM))
    assert not attend(comes(Presence.IN_ROOM))
    assert len(attend(spans)) == 1


def test_moving_from_online_into_the_room_ends_one_interval_and_begins_another(attend: Callable[..., Any]) -> None:
    attend(comes(Presence.ONLINE))
    assert attend(comes(Presence.IN_ROOM))
    assert [span[0] for span in attend(spans)] == [Presence.ONLINE, Presence.IN_ROOM]
    assert attend(where) is Whereabouts.IN_ROOM


def test_where_somebody_is_follows_what_was_noted_last(attend: Callable[..., Any]) -> None:
    assert attend(where) is Whereabouts.UNKNOWN
    attend(lambda attendance, one: attendance.note_absence(one, "Đi công tác"))
    assert attend(where) is Whereabouts.ABSENT
    attend(comes(Presence.ONLINE))
    assert attend(where) is Whereabouts.ONLINE
    attend(lambda attendance, one: attendance.leave(one))
    assert attend(where) is Whereabouts.LEFT


def test_an_absence_ends_a_presence_and_is_noted_once(attend: Callable[..., Any]) -> None:
    attend(comes(Presence.IN_ROOM))
    assert attend(lambda attendance, one: attendance.note_absence(one, "Ốm"))
    assert not attend(lambda attendance, one: attendance.note_absence(one, "Ốm"))
    assert attend(where) is Whereabouts.ABSENT
    assert attend(spans)[0][2] == NINE


def test_who_has_answered_no_is_absent_with_a_reason_until_seen(attend: Callable[..., Any]) -> None:
    def declines(_attendance: Attendance, one: Participant) -> None:
        one.coming, one.reason = False, "Bận dự hội nghị của tỉnh"

    attend(declines)
    assert attend(where) is Whereabouts.ABSENT
    attend(comes(Presence.IN_ROOM))
    assert attend(where) is Whereabouts.IN_ROOM
