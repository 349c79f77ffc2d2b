"""Once a meeting is open its voters stand, and nobody who only prepares it comes to lead it."""

import pytest
from sqlalchemy import select

from domain.meetings.meetings import Part
from domain.meetings.voting import Means, VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.bodies import BodyMember
from storage.meetings.meetings import Meeting, Participant
from storage.meetings.votes import Votes
from storage.people.people import Person
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

VOTERS = {"chair", "deputy", "member", "delegate", "absentee"}


def voters(database: Database, meeting: int) -> set[str]:
    with database.reading() as session:
        return {one.person.login for one in session.get_one(Meeting, meeting).participants if one.has_vote}


def part_of(database: Database, meeting: int, login: str) -> Part | None:
    with database.reading() as session:
        return next((one.part for one in session.get_one(Meeting, meeting).participants if one.person.login == login), None)


@pytest.mark.parametrize("part", ["chair", "deputy", "secretary"])
def test_who_prepares_by_office_does_not_come_to_lead_an_open_meeting(
    client_of: ClientOf, database: Database, in_session: Gathering, part: str
) -> None:
    clerk = client_of("clerk")
    answer = clerk.post(
        f"/meetings/{in_session.meeting}/participants", data={"person-words": "clerk", "title": "", "part": part}
    )
    assert answer.status_code == 422
    assert clerk.post(f"/meetings/{in_session.meeting}/seat", data={"from": ""}).status_code == 403
    assert part_of(database, in_session.meeting, "clerk") is None
    with database.reading() as session:
        meeting = session.get_one(Meeting, in_session.meeting)
        assert [one.person.login for one in meeting.participants if one.part is Part.CHAIR] == ["chair"]


@pytest.mark.parametrize(
    ("login", "part"), [("chair", "member"), ("deputy", "member"), ("secretary", "guest"), ("member", "deputy")]
)
def test_nor_does_who_prepares_unseat_those_who_lead(
    client_of: ClientOf, database: Database, in_session: Gathering, login: str, part: str
) -> None:
    before = part_of(database, in_session.meeting, login)
    address = f"/meetings/{in_session.meeting}/participants/{in_session.participants[login]}"
    vote = {} if login == "secretary" else {"has_vote": "y"}
    assert client_of("clerk").post(address, data={"title": "", "part": part, **vote}).status_code == 422
    assert part_of(database, in_session.meeting, login) is before


def test_who_presides_appoints_a_further_secretary_and_the_seat_alone_makes_a_chair(
    client_of: ClientOf, database: Database, in_session: Gathering
) -> None:
    address = f"/meetings/{in_session.meeting}/participants/{in_session.participants['member']}"
    assert client_of("chair").post(address, data={"part": "secretary", "has_vote": "y"}).status_code == 303
    assert part_of(database, in_session.meeting, "member") is Part.SECRETARY
    assert client_of("chair").post(address, data={"part": "chair", "has_vote": "y"}).status_code == 422
    assert part_of(database, in_session.meeting, "chair") is Part.CHAIR


def test_nobody_gets_or_loses_a_vote_by_hand_once_the_meeting_is_open(
    client_of: ClientOf, database: Database, in_session: Gathering
) -> None:
    address = f"/meetings/{in_session.meeting}/participants"
    given = client_of("clerk").post(address, data={"person-words": "clerk", "title": "", "part": "member", "has_vote": "y"})
    taken = client_of("chair").post(f"{address}/{in_session.participants['deputy']}", data={"title": "", "part": "deputy"})
    assert (given.status_code, taken.status_code) == (422, 422)
    assert "không có quyền biểu quyết trong cơ quan họp" in given.text
    assert "danh sách người biểu quyết không thay đổi nữa" in taken.text
    assert "Lê Văn Thư" in given.text, "what was typed is kept"
    assert voters(database, in_session.meeting) == VOTERS


def test_a_member_who_was_left_out_comes_in_with_the_vote_that_the_body_gives(
    client_of: ClientOf, database: Database, cast: Cast, in_session: Gathering
) -> None:
    with database.writing() as session:
        body = session.get_one(Meeting, in_session.meeting).body
        assert body
        person = session.get_one(Person, cast.people["staff"])
        body.members.append(BodyMember(person=person, title="Ủy viên", position=9, valid_from=body.valid_from))
    assert client_of("clerk").post(f"/meetings/{in_session.meeting}/participants/seat").status_code == 303
    assert voters(database, in_session.meeting) == VOTERS | {"staff"}


def test_before_the_meeting_too_only_members_of_the_body_get_a_vote(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    address = f"/meetings/{convened.meeting}/participants"
    answer = client_of("clerk").post(address, data={"person-words": "clerk", "title": "", "part": "member", "has_vote": "y"})
    assert answer.status_code == 422
    assert "không có quyền biểu quyết trong cơ quan họp" in answer.text
    assert voters(database, convened.meeting) == VOTERS


def test_the_roll_holds_nobody_to_whom_the_body_gives_no_vote(database: Database, cast: Cast, in_session: Gathering) -> None:
    with database.writing() as session:
        meeting = session.get_one(Meeting, in_session.meeting)
        meeting.participants.append(
            Participant(person_id=cast.people["clerk"], name="Lê Văn Thư", part=Part.MEMBER, has_vote=True, position=99)
        )
        session.flush()
        Attendance(session, meeting).come(meeting.voters[0], Presence.IN_ROOM, set_by="self", set_by_id=None)
        book = Votes(session)
        vote = book.prepare(meeting, None, kind=VoteKind.NAMED, question="?", means=Means.ELECTRONIC)
        book.open(vote)
        assert {one.participant.person.login for one in book.roll(vote)} == VOTERS
        assert vote.members == 5


def test_in_a_rehearsal_the_invented_people_vote(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    client_of("clerk").post(f"/meetings/{convened.meeting}/rehearsal")
    with database.reading() as session:
        twin = session.scalars(select(Meeting).where(Meeting.is_rehearsal)).one()
        assert len(twin.voters) == 5
