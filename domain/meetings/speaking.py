"""The floor as rules: who speaks next, the steps of a speech, and its clock, which runs on absolute times only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

from domain.ground.errors import RuleError, StepNotAllowed

MINUTE_S = 60  # what "one minute more" adds


class SpeechKind(StrEnum):
    """What somebody asks the floor for."""

    SPEECH = "speech"  # phát biểu
    POINT_OF_ORDER = "point_of_order"  # về thủ tục điều hành; comes before all others
    QUESTION = "question"  # chất vấn, put to somebody


class SpeechState(StrEnum):
    """Where a speech stands."""

    WAITING = "waiting"
    SPEAKING = "speaking"  # at most one in a meeting
    PAUSED = "paused"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class SpeechStep(StrEnum):
    """What moves a speech from state to state."""

    CALL = "call"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    END = "end"
    WITHDRAW = "withdraw"


_STEPS = {
    (SpeechState.WAITING, SpeechStep.CALL): SpeechState.SPEAKING,
    (SpeechState.WAITING, SpeechStep.WITHDRAW): SpeechState.WITHDRAWN,
    (SpeechState.SPEAKING, SpeechStep.PAUSE): SpeechState.PAUSED,
    (SpeechState.SPEAKING, SpeechStep.EXTEND): SpeechState.SPEAKING,
    (SpeechState.SPEAKING, SpeechStep.END): SpeechState.ENDED,
    (SpeechState.PAUSED, SpeechStep.RESUME): SpeechState.SPEAKING,
    (SpeechState.PAUSED, SpeechStep.EXTEND): SpeechState.PAUSED,
    (SpeechState.PAUSED, SpeechStep.END): SpeechState.ENDED,
}


FloorProblem = Literal["not_in_session", "list_closed", "item_passed", "somebody_speaks"]


class FloorRefused(RuleError):
    """Nobody can ask for the floor now, or take it."""

    reason: FloorProblem


def take(state: SpeechState, step: SpeechStep) -> SpeechState:
    """The state that the step leads to; raises StepNotAllowed.

    >>> take(SpeechState.PAUSED, SpeechStep.RESUME).value
    'speaking'
    """
    if (state, step) not in _STEPS:
        raise StepNotAllowed(state, step)
    return _STEPS[state, step]


class Request(Protocol):
    """What the order of the list depends on. `position` counts from the first request, and is changed by the chair only."""

    @property
    def kind(self) -> SpeechKind:
        """What the floor is asked for."""

    @property
    def position(self) -> int:
        """The place among those who wait."""


Asked = TypeVar("Asked", bound=Request)


def order(requests: Sequence[Asked]) -> list[Asked]:
    """Those who wait in the order in which they are called: points of order first, then by place."""
    return sorted(requests, key=lambda request: (request.kind is not SpeechKind.POINT_OF_ORDER, request.position))


def neighbour(requests: Sequence[Asked], request: Asked, *, is_up: bool) -> Asked | None:
    """With whom a request changes places when it is moved by one, or None: nobody moves past a point of order."""
    among = [one for one in order(requests) if _comes_first(one) is _comes_first(request)]
    place = among.index(request) + (-1 if is_up else 1)
    return among[place] if 0 <= place < len(among) else None


def _comes_first(request: Request) -> bool:
    return request.kind is SpeechKind.POINT_OF_ORDER


@dataclass(frozen=True, slots=True)
class SpeechClock:
    """The time of one speech: what it was given, what it has used up to its last pause, and since when it runs (None: it stands).

    >>> from datetime import UTC
    >>> eight = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    >>> clock = SpeechClock(timedelta(minutes=5), timedelta(0), eight)
    >>> clock.paused(eight + timedelta(minutes=2)).left(eight + timedelta(hours=1))
    datetime.timedelta(seconds=180)
    """

    allotted: timedelta
    used: timedelta
    running_since: datetime | None

    def spoken(self, at: datetime) -> timedelta:
        """How long has been spoken until then."""
        return self.used + (max(timedelta(0), at - self.running_since) if self.running_since else timedelta(0))

    def left(self, at: datetime) -> timedelta:
        """What is left then; negative once the time has run out."""
        return self.allotted - self.spoken(at)

    @property
    def ends_at(self) -> datetime | None:
        """When the time runs out, or None while the clock stands."""
        return self.running_since + self.allotted - self.used if self.running_since else None

    def paused(self, at: datetime) -> "SpeechClock":
        """The clock, standing from then on."""
        return replace(self, used=self.spoken(at), running_since=None)

    def resumed(self, at: datetime) -> "SpeechClock":
        """The clock, running from then on."""
        return replace(self, running_since=at)

    def extended(self, by: timedelta) -> "SpeechClock":
        """The clock with more time given."""
        return replace(self, allotted=self.allotted + by)
