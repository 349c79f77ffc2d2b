"""A meeting that was held, for tests of what follows: attendance, speeches, three votes, an incident, conclusions, the close."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime

from domain.ground import clock
from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.speaking import SpeechKind, SpeechState
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.floor import Speech
from storage.meetings.meetings import Meetings
from storage.meetings.tasks import Conclusions
from storage.meetings.votes import Votes
from storage.people.people import People
from tests.cast import Cast
from tests.meetings import Gathering, gather_meeting
from tests.prepared import prepare

VOTERS = ("chair", "deputy", "member", "delegate")  # the absentee stays away


@contextmanager
def at(hour: int, minute: int) -> Iterator[datetime]:
    """The clock at that time in Vietnam on 25/11/2026."""
    moment = datetime(2026, 11, 25, hour - 7, minute, tzinfo=UTC)
    with clock.at(moment):
        yield moment


def hold_meeting(database: Database, cast: Cast, *, is_rehearsal: bool = False) -> Gathering:
    """Gather the meeting of tests/meetings.py, hold it, and close it at 11:20."""

    def write(database: Database) -> tuple[Gathering, dict[str, int]]:
        own = deepcopy(cast)
        return _write(database, own, is_rehearsal), own.people

    held, people = prepare(database, ("held", is_rehearsal), write)
    cast.people.update(people)
    return held


def _write(database: Database, cast: Cast, is_rehearsal: bool) -> Gathering:
    held = gather_meeting(database, cast, state=MeetingState.OPEN)
    with at(8, 0), database.writing() as session:
        meeting = Meetings(session).get(held.meeting)
        meeting.opened_at, meeting.is_rehearsal = clock.now(), is_rehearsal
        for login in (*VOTERS, "secretary"):
            one = meeting.participant(cast.people[login])
            assert one
            Attendance(session, meeting).come(one, Presence.IN_ROOM, set_by="self", set_by_id=one.person_id)
        absent = meeting.participant(cast.people["absentee"])
        assert absent
        absent.coming, absent.reason = False, "đi công tác"
    _deal_with_items(database, held)
    for minute, kind, chosen in (
        (40, VoteKind.NAMED, ("for", "for", "for", "against")),
        (50, VoteKind.SECRET, ("for", "against", "against", "abstain")),
    ):
        vote_on(database, held, cast, kind, chosen, minute=minute)
    _cancelled_vote(database, held)
    with at(11, 20), database.writing() as session:
        meeting = Meetings(session).get(held.meeting)
        Meetings(session).add_event(
            meeting, "incident_noted", person_id=cast.people["secretary"], facts={"text": "Mất điện 5 phút."}
        )
        chair = People(session).get(cast.people["chair"])
        Conclusions(session, meeting).add("Nhất trí thông qua Nghị quyết.", chair, item=meeting.items[2])
        meeting.state, meeting.closed_at = MeetingState.CLOSED, clock.now()
    return held


def _deal_with_items(database: Database, held: Gathering) -> None:
    with at(9, 0) as moment, database.writing() as session:
        first, second, third = Meetings(session).get(held.meeting).items
        first.taken_up_at = second.taken_up_at = third.taken_up_at = moment
        first.state = second.state = third.state = ItemState.DONE
        first.done_at = second.done_at = third.done_at = moment
        said = Speech(
            meeting_id=held.meeting, item_id=second.id, participant_id=held.participants["member"], kind=SpeechKind.SPEECH,
            state=SpeechState.ENDED, position=1, called_at=moment, ended_at=moment,
        )  # fmt: skip
        session.add(said)


def vote_on(database: Database, held: Gathering, cast: Cast, kind: VoteKind, chosen: tuple[str, ...], *, minute: int) -> int:
    """Take a vote on the third item at 10:`minute`, publish it, and return its id."""
    with at(10, minute), database.writing() as session:
        votes, meeting = Votes(session), Meetings(session).get(held.meeting)
        vote = votes.prepare(meeting, meeting.items[2], kind=kind, question=f"Thông qua Nghị quyết ({kind})")
        votes.open(vote)
        for login, choice in zip(VOTERS, chosen, strict=True):
            votes.cast(vote.id, person_id=cast.people[login], chosen=[choice], ballot_id=f"{vote.id}-{login}")
        votes.close(vote)
        votes.publish(vote)
        return vote.id


def _cancelled_vote(database: Database, held: Gathering) -> None:
    with at(10, 55), database.writing() as session:
        votes, meeting = Votes(session), Meetings(session).get(held.meeting)
        vote = votes.prepare(meeting, meeting.items[2], kind=VoteKind.NAMED, question="Mở nhầm")
        votes.open(vote)
        votes.cancel(vote, "mở nhầm nội dung")
