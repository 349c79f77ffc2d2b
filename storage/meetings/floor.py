"""The floor of a meeting as records: who has asked for it, who speaks and for how long. Times are absolute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import now
from domain.ground.errors import NotFound
from domain.meetings.speaking import (
    MINUTE_S,
    FloorRefused,
    SpeechClock,
    SpeechKind,
    SpeechState,
    SpeechStep,
    neighbour,
    order,
    take,
)
from storage.ground.database import Numbered, tells
from storage.meetings.meetings import AgendaItem, MeetingRecords, Participant

_MILLISECOND = timedelta(milliseconds=1)
_COUNTED = (SpeechKind.SPEECH, SpeechKind.QUESTION)  # what uses up speaking time


class Speech(Numbered):
    """Somebody's turn on the floor, from the request to its end. At most one in a meeting is being spoken.

    `client_id` is chosen by the device, so that a request that was queued while there was no net arrives once. `pressed_at` is
    what the clock of the device said: information, never the order.
    """

    __tablename__ = "speeches"
    __table_args__ = (
        UniqueConstraint("participant_id", "client_id"),
        Index("uq_speeches_speaking", "meeting_id", unique=True,
              sqlite_where=text("state = 'speaking'"), postgresql_where=text("state = 'speaking'")),
    )  # fmt: skip

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"), index=True)  # on the floor when it was asked for
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participants.id"),
        index=True,
        info=tells("meeting_id", "item_id", "kind", "state", "asked_at", "called_at", "ended_at", "used_ms"),
    )
    asked_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("participants.id"), info=tells("meeting_id", "item_id", "kind", "asked_at")
    )  # who is to answer a question
    kind: Mapped[SpeechKind]
    state: Mapped[SpeechState] = mapped_column(default=SpeechState.WAITING)
    position: Mapped[int]
    client_id: Mapped[str | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # for somebody without a device
    pressed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    allotted_ms: Mapped[int] = mapped_column(default=0)
    used_ms: Mapped[int] = mapped_column(default=0)  # up to the last pause
    running_since: Mapped[datetime | None]

    participant: Mapped[Participant] = relationship(foreign_keys=[participant_id])
    asked_of: Mapped[Participant | None] = relationship(foreign_keys=[asked_of_id])
    item: Mapped[AgendaItem | None] = relationship()

    @property
    def clock(self) -> SpeechClock:
        """The time of the speech."""
        return SpeechClock(self.allotted_ms * _MILLISECOND, self.used_ms * _MILLISECOND, self.running_since)

    @clock.setter
    def clock(self, clock: SpeechClock) -> None:
        self.allotted_ms, self.used_ms = clock.allotted // _MILLISECOND, clock.used // _MILLISECOND
        self.running_since = clock.running_since

    @property
    def ends_ms(self) -> int | None:
        """When the time runs out, in milliseconds of the epoch; None while the clock stands."""
        return round(self.clock.ends_at.timestamp() * 1000) if self.clock.ends_at else None

    @property
    def left_ms(self) -> int:
        """What is left of the time now, in milliseconds; negative once it has run out."""
        return self.clock.left(now()) // _MILLISECOND

    @property
    def as_facts(self) -> dict[str, Any]:
        """What an event of the meeting says of it."""
        facts: dict[str, Any] = {
            "speech": self.id, "participant": self.participant_id, "name": self.participant.name, "asked_for": str(self.kind),
        }  # fmt: skip
        if self.asked_of:
            facts["asked_of"] = self.asked_of.name
        if self.ended_at and self.called_at:
            facts["spoken_s"] = self.used_ms // 1000
        return facts


@dataclass(frozen=True, slots=True)
class Asking:
    """What comes with a request for the floor."""

    kind: SpeechKind = SpeechKind.SPEECH
    client_id: str | None = None
    pressed_at: datetime | None = None
    asked_of_id: int | None = None
    recorded_by_id: int | None = None


@dataclass(frozen=True, slots=True)
class FloorNow:
    """How the floor stands at one moment; read for pages, which show all of it."""

    speaking: Speech | None
    paused: Speech | None
    waiting: list[Speech]
    questions: list[Speech]


class Floor(MeetingRecords):
    """Who asks for the floor of one meeting, and who has it."""

    def get(self, speech_id: int) -> Speech:
        """The speech, if it belongs to the meeting; raises NotFound."""
        speech = self.session.get(Speech, speech_id)
        if speech is None or speech.meeting_id != self.meeting.id:
            raise NotFound("speech", speech_id)
        return speech

    def at_a_glance(self) -> FloorNow:
        """How the floor stands, in one query: what `speaking`, `paused`, `waiting` and `questions` say one by one."""
        known = self._those(Speech.state.in_([SpeechState.SPEAKING, SpeechState.PAUSED, SpeechState.WAITING]))
        item = self.meeting.item_on_floor
        waiting = [speech for speech in known if speech.state is SpeechState.WAITING]
        asking = [speech for speech in waiting if speech.kind is not SpeechKind.QUESTION]
        return FloorNow(
            speaking=_last_called([speech for speech in known if speech.state is SpeechState.SPEAKING]),
            paused=_last_called([speech for speech in known if speech.state is SpeechState.PAUSED]),
            waiting=order([speech for speech in asking if speech.item_id == (item.id if item else None)]),
            questions=order([speech for speech in waiting if speech.kind is SpeechKind.QUESTION]),
        )

    def speaking(self) -> Speech | None:
        """What is being spoken now."""
        return self._latest(SpeechState.SPEAKING)

    def paused(self) -> Speech | None:
        """What was interrupted last, and has not ended."""
        return self._latest(SpeechState.PAUSED)

    def waiting(self) -> list[Speech]:
        """Who waits for the floor on the item that has it, in the order of calling. Requests for an item that has passed lapse."""
        item = self.meeting.item_on_floor
        here = Speech.item_id == item.id if item else Speech.item_id.is_(None)
        return self._waiting(Speech.kind != SpeechKind.QUESTION, here)

    def questions(self) -> list[Speech]:
        """The queue of questions; they wait whatever item is on the floor."""
        return self._waiting(Speech.kind == SpeechKind.QUESTION)

    def queue_of(self, speech: Speech) -> list[Speech]:
        """The list in which the speech waits."""
        return self.questions() if speech.kind is SpeechKind.QUESTION else self.waiting()

    def spoken(self) -> dict[int, timedelta]:
        """How long each has spoken in the meeting so far, by the participant's id; points of order take nothing from anybody's time."""
        used: dict[int, timedelta] = {}
        for speech in self._those(Speech.called_at.is_not(None), Speech.kind.in_(_COUNTED)):
            used[speech.participant_id] = used.get(speech.participant_id, timedelta(0)) + speech.clock.spoken(now())
        return used

    def has_been_asked(self, participant: Participant, client_id: str | None) -> bool:
        """Whether that request of the device has arrived before."""
        return self._sent(participant, client_id) is not None

    def ask(self, participant: Participant, asking: Asking) -> tuple[Speech, bool]:
        """The request of the participant, and whether it is new: the same id again, or a second press, is the same request."""
        before = self._same(participant, asking)
        if before:
            return before, False
        item = self.meeting.item_on_floor
        last = self.session.scalar(select(func.max(Speech.position)).where(Speech.meeting_id == self.meeting.id))
        speech = Speech(
            meeting_id=self.meeting.id,
            item_id=item.id if item else None,
            participant_id=participant.id,
            asked_of_id=asking.asked_of_id,
            kind=asking.kind,
            position=(last or 0) + 1,
            client_id=asking.client_id,
            recorded_by_id=asking.recorded_by_id,
            pressed_at=asking.pressed_at,
        )
        self.session.add(speech)
        self.session.flush()
        return speech, True

    def call(self, speech: Speech, lasting: timedelta) -> Speech | None:
        """Give the floor, and return whose speech has made room: a point of order interrupts it, anything else ends it."""
        state, current = take(speech.state, SpeechStep.CALL), self.speaking()
        if current and speech.kind is SpeechKind.POINT_OF_ORDER:
            self.pause(current)
        elif current:
            self.end(current)
        self.session.flush()
        speech.state, speech.called_at = state, now()
        speech.clock = SpeechClock(lasting, timedelta(0), now())
        self.session.flush()
        return current

    def pause(self, speech: Speech) -> None:
        """Stop the clock of the speech."""
        speech.state = take(speech.state, SpeechStep.PAUSE)
        speech.clock = speech.clock.paused(now())

    def resume(self, speech: Speech) -> None:
        """Let the clock run again; raises FloorRefused while somebody else speaks."""
        state = take(speech.state, SpeechStep.RESUME)
        if self.speaking():
            raise FloorRefused("somebody_speaks")
        speech.state = state
        speech.clock = speech.clock.resumed(now())

    def extend(self, speech: Speech) -> None:
        """Give a minute more."""
        speech.state = take(speech.state, SpeechStep.EXTEND)
        speech.clock = speech.clock.extended(timedelta(seconds=MINUTE_S))

    def end(self, speech: Speech) -> None:
        """End the speech."""
        speech.state = take(speech.state, SpeechStep.END)
        speech.clock = speech.clock.paused(now())
        speech.ended_at = now()

    def withdraw(self, speech: Speech) -> None:
        """Take the request back."""
        speech.state = take(speech.state, SpeechStep.WITHDRAW)
        speech.ended_at = now()

    def move(self, speech: Speech, *, is_up: bool) -> bool:
        """Change places with the neighbour; False at the end of the list."""
        queue = self.queue_of(speech)
        other = neighbour(queue, speech, is_up=is_up) if speech in queue else None
        if other:
            speech.position, other.position = other.position, speech.position
        return other is not None

    def _same(self, participant: Participant, asking: Asking) -> Speech | None:
        """The request that this one repeats."""
        if sent := self._sent(participant, asking.client_id):
            return sent
        queue = self.questions() if asking.kind is SpeechKind.QUESTION else self.waiting()
        mine = (one for one in queue if one.participant_id == participant.id and one.kind is asking.kind)
        return next(mine, None)

    def _sent(self, participant: Participant, client_id: str | None) -> Speech | None:
        sent = select(Speech).where(Speech.participant_id == participant.id, Speech.client_id == client_id)
        return self.session.scalar(sent) if client_id else None

    def _latest(self, state: SpeechState) -> Speech | None:
        return _last_called(self._those(Speech.state == state))

    def _waiting(self, *conditions: ColumnElement[bool]) -> list[Speech]:
        return order(self._those(Speech.state == SpeechState.WAITING, *conditions))

    def _those(self, *conditions: ColumnElement[bool]) -> list[Speech]:
        mine = select(Speech).where(Speech.meeting_id == self.meeting.id, *conditions)
        return list(self.session.scalars(mine.order_by(Speech.position, Speech.id)))


def _last_called(speeches: list[Speech]) -> Speech | None:
    return max(speeches, key=lambda speech: (speech.called_at or speech.asked_at, speech.id), default=None)
