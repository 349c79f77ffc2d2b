"""Rounds and opinions on both databases: by whom one is asked, until when, and the reminder before the end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from domain.ground.clock import fix, now
from domain.ground.errors import NotFound, StepNotAllowed
from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.meetings.bodies import Bodies
from storage.meetings.mail import opinions as opinion_mail
from storage.meetings.meetings import Meeting
from storage.meetings.opinions import Answer, OpinionRound, OpinionRounds, Opinions
from storage.people.people import People
from tests.cast import Cast, gather
from tests.meetings import Gathering, gather_meeting


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def convened(database: Database, cast: Cast) -> Gathering:
    return gather_meeting(database, cast)


def begin(session: Session, cast: Cast, *, hours: int) -> OpinionRound:
    deadline = now() + timedelta(hours=hours)
    return OpinionRounds(session).begin(
        Bodies(session).get(1), "Thông qua Kế hoạch", explanation="", deadline=deadline, officer_id=cast.people["clerk"]
    )


def test_a_round_asks_members_with_a_vote_by_the_rules_of_the_day(database: Database, cast: Cast, convened: Gathering) -> None:
    with database.writing() as session:
        asked = begin(session, cast, hours=72)
        assert asked.answers[0].name == "Hồ Thị Chủ Tọa"
        assert len(asked.silent) == 5
        assert asked.rules
        assert asked.rules.valid_from == date(2023, 9, 1)


def test_the_day_of_a_round_is_that_of_vietnam(database: Database, cast: Cast, convened: Gathering) -> None:
    with database.writing() as session:
        body = Bodies(session).get(1)
        body.members[0].valid_from = date(2026, 11, 26)
        fix(datetime(2026, 11, 25, 17, 30, tzinfo=UTC))  # half past midnight on 26/11 there
        try:
            assert len(begin(session, cast, hours=72).answers) == 5
        finally:
            fix(None)


def test_an_answer_is_taken_from_who_is_asked_until_the_end(database: Database, cast: Cast, convened: Gathering) -> None:
    with database.writing() as session:
        rounds = OpinionRounds(session)
        asked = begin(session, cast, hours=72)
        rounds.answer(asked, cast.people["member"], Answer.AGREE, "")
        assert asked.count(Answer.AGREE) == 1
        with pytest.raises(NotFound):
            rounds.answer(asked, cast.people["clerk"], Answer.AGREE, "")
        rounds.close(asked)
        with pytest.raises(StepNotAllowed):
            rounds.answer(asked, cast.people["member"], Answer.DISAGREE, "")


def test_who_is_silent_is_reminded_once_within_the_last_day(database: Database, cast: Cast, convened: Gathering) -> None:
    settings = Settings(environment="test")
    with database.writing() as session:
        People(session).get(cast.people["member"]).login = "uy.vien@ldld.example"
        begin(session, cast, hours=72)
        assert not opinion_mail.has_reminders_due(session)
        begin(session, cast, hours=20)
        assert opinion_mail.remind_due(session, settings) == 1
        assert not opinion_mail.has_reminders_due(session)


def test_an_opinion_is_one_for_each_person_and_item(database: Database, cast: Cast, convened: Gathering) -> None:
    with database.writing() as session:
        meeting = session.get_one(Meeting, convened.meeting)
        opinions = Opinions(session, meeting)
        for text in ("Một", "Hai\x00"):
            opinions.give(meeting.items[0], cast.people["member"], text)
        assert [row.text for row in opinions.by_item(meeting.items)[meeting.items[0].id]] == ["Hai"]
        meeting.state = MeetingState.OPEN
        with pytest.raises(StepNotAllowed):
            opinions.give(meeting.items[0], cast.people["member"], "Ba")
