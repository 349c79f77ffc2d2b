"""What was recorded of a meeting as its minutes tell it: the days of one that lasts over night, and the list of a vote by name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.ground import clock
from domain.meetings.agenda import ItemState
from domain.meetings.minutes import Day, draft
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.course import course_of
from storage.meetings.hands import Hands
from storage.meetings.meetings import Meeting, Meetings
from storage.meetings.votes import Votes
from tests.cast import Cast
from tests.meetings import Gathering

MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # 8:00 there
NEXT_DAY = MORNING + timedelta(days=1)


@pytest.fixture(autouse=True)
def running_clock() -> Iterator[None]:
    yield
    clock.fix(None)


def test_a_meeting_that_goes_on_after_a_night_has_two_days_each_with_who_was_there_when_work_began(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        attendance, meetings = Attendance(session, here), Meetings(session)
        for stay in attendance.stays():  # four of five have come
            stay.came_at = MORNING - timedelta(minutes=10)
        here.opened_at, here.closed_at = MORNING, NEXT_DAY + timedelta(hours=3)
        session.flush()
        for kind, moment in (
            ("item_taken_up", MORNING + timedelta(minutes=5)),
            ("meeting_adjourned", MORNING + timedelta(hours=3)),  # for noon
            ("meeting_resumed", MORNING + timedelta(hours=5)),
            ("meeting_adjourned", MORNING + timedelta(hours=9)),
            ("meeting_resumed", NEXT_DAY),
            ("item_taken_up", NEXT_DAY + timedelta(minutes=20)),
        ):
            clock.fix(moment)
            meetings.add_event(here, kind, person_id=cast.people["chair"], parts="now", item=here.items[0])
        for stay in attendance.stays():
            stay.left_at = MORNING + timedelta(hours=9)
        clock.fix(NEXT_DAY + timedelta(minutes=15))
        for one in here.voters[:2]:
            attendance.come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
        session.flush()
        course = course_of(session, here)
    assert course.days == (
        Day(MORNING, MORNING + timedelta(hours=9), 4, 4),
        Day(NEXT_DAY, NEXT_DAY + timedelta(hours=3), 2, 4),
    )
    day_two = next(one for one in draft(course) if one.key == "day:2")
    assert (day_two.heading, day_two.text.splitlines()[1]) == (
        "Ngày thứ hai, 26/11/2026",
        "Khi bắt đầu làm việc có mặt 2 thành viên có quyền biểu quyết, cần ít nhất 4: không đủ số người để họp.",
    )


def test_a_meeting_of_one_day_has_no_headings_of_days(database: Database, meeting: Gathering) -> None:
    with database.reading() as session:
        here = session.get_one(Meeting, meeting.meeting)
        here.opened_at, here.closed_at = MORNING, MORNING + timedelta(hours=3)
        assert course_of(session, here).days == ()


def test_a_vote_by_name_lists_everybody_on_the_roll_and_who_noted_a_hand(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    with database.writing() as session:
        here, votes = session.get_one(Meeting, meeting.meeting), Votes(session)
        here.items[2].state, here.items[2].taken_up_at = ItemState.ON_FLOOR, MORNING
        here.opened_at = MORNING
        vote = votes.prepare(here, here.items[2], kind=VoteKind.NAMED, question="Thông qua?")
        votes.open(vote)
        votes.cast(vote.id, person_id=cast.people["member"], chosen=["against"], ballot_id="own")
        Hands(session).note(vote, meeting.participants["chair"], "for", by=cast.people["secretary"])
        votes.close(vote)
        votes.publish(vote)
        lists = [one for one in draft(course_of(session, here)) if one.key.startswith("list:")]
    assert [(one.heading, one.text.splitlines()) for one in lists] == [
        ("1. Thông qua?", [
            "1. Hồ Thị Chủ Tọa, Chủ tịch: đồng ý (giơ tay, do Bùi Thị Ghi ghi).",
            "2. Đinh Văn Phó, Phó Chủ tịch: không bỏ phiếu.",
            "3. Phạm Ủy Viên, Ủy viên: không đồng ý.",
            "4. Mai Thị Đại Biểu, Ủy viên: không bỏ phiếu.",
            "5. Trương Văn Vắng, Ủy viên: vắng mặt khi mở biểu quyết.",
        ]),
    ]  # fmt: skip
