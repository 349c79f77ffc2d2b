"""Meetings in the making: the seats, what lacks, moves, copies."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import false, true

from domain.ground.errors import StepNotAllowed
from domain.meetings.meetings import MeetingState, Part
from storage.ground.database import Database
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.preparing import Preparation
from storage.people.people import People, Person
from tests.cast import gather
from tests.meetings import Gathering, gather_meeting

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def gathering(database: Database) -> Gathering:
    return gather_meeting(database, gather(database), state=MeetingState.DRAFT)


@pytest.fixture
def prepared(database: Database, gathering: Gathering) -> Iterator[Preparation]:
    with database.writing() as session:
        yield Preparation(session, Meetings(session).get(gathering.meeting))


def parts(meeting: Meeting) -> dict[str, Part]:
    return {one.person.login: one.part for one in meeting.participants}


def test_members_are_seated_once_in_the_order_of_the_body(prepared: Preparation) -> None:
    meeting = prepared.meeting
    meeting.participants.clear()
    prepared.session.flush()
    assert prepared.seat_members(date(2026, 11, 25)) == 5
    assert prepared.seat_members(date(2026, 11, 25)) == 0
    assert [one.person.login for one in meeting.participants] == ["chair", "deputy", "member", "delegate", "absentee"]
    assert parts(meeting)["deputy"] is Part.DEPUTY


def test_a_new_secretary_who_is_no_member_has_no_vote_and_the_one_before_becomes_a_guest(prepared: Preparation) -> None:
    prepared.appoint(Part.SECRETARY, People(prepared.session).named("staff"))
    meeting = prepared.meeting
    assert (parts(meeting)["staff"], parts(meeting)["secretary"]) == (Part.SECRETARY, Part.GUEST)
    assert meeting.participants[-1].has_vote is False
    assert meeting.participants[-1].title == "Cán bộ"


def test_what_lacks_is_named_in_full(prepared: Preparation) -> None:
    assert prepared.lacking() == []
    prepared.appoint(Part.CHAIR, None)
    prepared.meeting.place = ""
    prepared.meeting.starts_at = datetime(2026, 11, 22, tzinfo=UTC)
    assert prepared.lacking() == ["no_chair", "no_place", "in_the_past"]


def test_rules_of_the_day_of_the_meeting_are_fixed_when_it_is_convened(prepared: Preparation) -> None:
    prepared.meeting.rules_id = None
    prepared.convene()
    assert prepared.meeting.rules
    assert prepared.meeting.rules.source == "Quy chế làm việc của Ban Chấp hành, điều 9"
    with pytest.raises(StepNotAllowed):
        prepared.convene()


def test_sittings_keep_their_identity_when_they_move(prepared: Preparation) -> None:
    first = [(datetime(2026, 11, day, 1, tzinfo=UTC), datetime(2026, 11, day, 4, tzinfo=UTC), "") for day in (25, 26, 27)]
    assert prepared.set_time(first)
    ids = [sitting.id for sitting in prepared.meeting.sittings]
    later = [(start + timedelta(days=7), end + timedelta(days=7), place) for start, end, place in first]
    assert prepared.set_time(later)
    assert not prepared.set_time(later)
    assert [sitting.id for sitting in prepared.meeting.sittings] == ids
    assert prepared.set_time(later[:2])
    assert [sitting.id for sitting in prepared.meeting.sittings] == ids[:2]
    assert prepared.set_time(later[:1])
    assert prepared.meeting.sittings == []
    assert prepared.meeting.ends_at == later[0][1]


def test_a_rehearsal_copies_the_parts_and_leaves_the_real_meeting_alone(
    database: Database, prepared: Preparation, gathering: Gathering
) -> None:
    meeting = prepared.meeting
    twin = prepared.rehearse(People(prepared.session).named("clerk"))
    assert [one.part for one in twin.participants] == [one.part for one in meeting.participants]
    assert {one.person.login for one in twin.participants} == {f"dien-tap-{number:02}" for number in range(1, 8)}
    assert not any(one.person.is_open for one in twin.participants)
    again = prepared.rehearse(People(prepared.session).named("clerk"))
    assert {one.person_id for one in again.participants} == {one.person_id for one in twin.participants}
    assert prepared.session.query(Person).filter(Person.login.like("dien-tap-%")).count() == 7
    assert (meeting.id, meeting.is_rehearsal, meeting.state) == (gathering.meeting, False, MeetingState.DRAFT)


def test_chair_and_secretary_know_of_a_draft_and_members_do_not(database: Database, gathering: Gathering) -> None:
    with database.reading() as session:
        known = {
            login: len(session.scalars(Meetings(session).visible(People(session).named(login), false())).all())
            for login in ("chair", "secretary", "deputy", "member", "staff")
        }
    assert known == {"chair": 1, "secretary": 1, "deputy": 0, "member": 0, "staff": 0}


def test_a_template_is_no_meeting_that_anybody_attends(prepared: Preparation) -> None:
    template = prepared.save_template(People(prepared.session).named("clerk"), "Mẫu họp Ban Chấp hành")
    prepared.session.flush()
    assert len(template.participants) == 7
    visible = Meetings(prepared.session).visible(People(prepared.session).named("clerk"), true())
    seen = prepared.session.scalars(visible).all()
    assert [meeting.id for meeting in seen] == [prepared.meeting.id]
    assert prepared.session.query(Participant).count() == 14
    assert prepared.session.query(Meeting).count() == 2
