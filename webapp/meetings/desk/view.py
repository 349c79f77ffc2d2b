"""What the chair's desk shows beside the parts of the room: the next action, the seat, who is ready, what has happened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from domain.meetings.agenda import ItemFacts, ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.running_order import (
    Action,
    Happening,
    NextAction,
    Standing,
    VoteFacts,
    next_action,
    roll_is_due,
    step_to_undo,
)
from domain.meetings.voting import VoteState
from storage.meetings.ballots import Vote
from storage.meetings.floor import Speech
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent, Meetings, Participant
from storage.meetings.papers import Papers
from storage.meetings.votes import Votes
from webapp.ground.sockets import sockets
from webapp.ground.words import act_in_words
from webapp.meetings.live.rights import HEAD
from webapp.meetings.live.view import RoomView

SHOWN_EVENTS = 12
_AT_WORK = (VoteState.DRAFT, VoteState.OPEN, VoteState.CLOSED)


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether one member is ready for a vote."""

    participant: Participant
    is_present: bool
    is_connected: bool
    seen_at: datetime | None  # when the last device went away, for who is not connected


class DeskView:
    """The desk of a meeting as one person of its head sees it."""

    def __init__(self, session: Session, meeting: Meeting, viewer: int) -> None:
        self.session, self.meeting, self.viewer = session, meeting, viewer
        self.room = RoomView(session, meeting, HEAD, viewer=viewer)

    @property
    def presides(self) -> bool:
        """Whether the viewer sits in the chair's seat."""
        return self.meeting.presiding_id == self.viewer

    @property
    def presides_or_opens(self) -> bool:
        """Whether the next action is the viewer's: before the opening it is that of anybody of the head."""
        return self.presides or self.next.action is Action.OPEN

    @property
    def may_take_seat(self) -> bool:
        """Whether the seat can change hands."""
        return not self.presides and self.meeting.state in (
            MeetingState.CONVENED, MeetingState.OPEN, MeetingState.ADJOURNED,
        )  # fmt: skip

    @cached_property
    def votes(self) -> list[Vote]:
        """The votes that still ask for something."""
        return [vote for vote in Votes(self.session).of(self.meeting) if vote.state in _AT_WORK]

    @cached_property
    def next(self) -> NextAction:
        """The single next action of the running order."""
        room, quorum, items = self.room, self.room.quorum, self.meeting.items
        return next_action(
            Standing(
                state=self.meeting.state,
                has_quorum=quorum is None or quorum.is_met,
                items=[ItemFacts(item.id, item.parent_id, item.minutes) for item in items],
                states=tuple((item.id, item.state) for item in items),
                votes=[VoteFacts(vote.id, vote.item_id, vote.state) for vote in self.votes],
                speech=room.speaking.id if room.speaking else None,
                paused=room.paused.id if room.paused else None,
                next_speaker=self._next_speaker,
                roll_is_due=roll_is_due([event.kind for event in self.events]),
            )
        )

    @property
    def item(self) -> AgendaItem | None:
        """The item that the next action is about."""
        return next((item for item in self.meeting.items if item.id == self.next.subject), None)

    @property
    def vote(self) -> Vote | None:
        """The vote that the next action is about."""
        return next((vote for vote in self.votes if vote.id == self.next.subject), None)

    @property
    def speech(self) -> Speech | None:
        """The speech that the next action is about."""
        known = [self.room.speaking, self.room.paused, *self.room.waiting, *self.room.questions]
        return next((speech for speech in known if speech and speech.id == self.next.subject), None)

    @property
    def onwards(self) -> AgendaItem | None:
        """The next item, while the next action is something else on the item that has the floor."""
        if self.meeting.item_on_floor is None or self.next.action not in (
            Action.CALL_SPEAKER,
            Action.OPEN_VOTE,
            Action.CALL_ROLL,
        ):
            return None
        parents = {item.parent_id for item in self.meeting.items}
        waiting = (one for one in self.meeting.items if one.state is ItemState.WAITING and one.id not in parents)
        return next(waiting, None)

    @cached_property
    def undoable(self) -> MeetingEvent | None:
        """The last step of the agenda that can be taken back."""
        return last_step(self.session, self.meeting)

    @cached_property
    def readiness(self) -> list[Ready]:
        """Each member with a vote, those who are not ready first."""
        connected, seen = sockets().connected(self.meeting.id), sockets().last_seen(self.meeting.id)
        everybody = [
            Ready(one, one.id in self.room.present, one.person_id in connected, _moment(seen.get(one.person_id)))
            for one in self.meeting.participants
            if one.has_vote
        ]
        return sorted(everybody, key=lambda ready: (not ready.is_present, ready.is_connected))

    @cached_property
    def not_connected(self) -> list[Ready]:
        """The members who are present, and on no device."""
        return [ready for ready in self.readiness if ready.is_present and not ready.is_connected]

    @cached_property
    def papers(self) -> list[tuple[str, int]]:
        """The papers of the item on the floor, by title, with how many of the members present have opened them."""
        item, papers = self.meeting.item_on_floor, Papers(self.session, self.meeting)
        here = {ready.participant.person_id for ready in self.readiness if ready.is_present}
        shown = [paper for paper in papers.all() if item and paper.item_id == item.id and paper.published]
        return [(paper.title, len(here & papers.readings(paper).keys())) for paper in shown]

    @cached_property
    def incidents(self) -> list[MeetingEvent]:
        """The incidents, the latest first."""
        return [event for event in self.events if event.kind == "incident_noted"]

    @cached_property
    def events(self) -> list[MeetingEvent]:
        """All that has happened, the latest first."""
        return Meetings(self.session).events(self.meeting)[::-1]

    def words(self, event: MeetingEvent) -> str:
        """An event in a line, with the title that its item has by now: events keep none."""
        item_id = event.item_id or event.facts.get("item_id")
        title = next((item.title for item in self.meeting.items if item.id == item_id), "")
        about = event.facts.get("name") or event.facts.get("text") or title
        return f"{act_in_words(event.kind)}{': ' if about else ''}{about}"

    @property
    def latest(self) -> list[MeetingEvent]:
        """What has happened last."""
        return self.events[:SHOWN_EVENTS]

    @property
    def _next_speaker(self) -> int | None:
        queue = [*self.room.waiting, *self.room.questions]
        return queue[0].id if queue else None


def last_step(session: Session, meeting: Meeting) -> MeetingEvent | None:
    """The last step of the agenda that can be taken back, or None."""
    events = Meetings(session).events(meeting)
    happenings = [Happening(event.revision, event.kind, event.facts.get("undoes")) for event in events]
    revision = step_to_undo(happenings) if meeting.state is MeetingState.OPEN else None
    return next((event for event in events if event.revision == revision), None)


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
