"""Checking in: the short-lived code that is shown in the room, and when one may check in."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.ground.clock import day_of
from domain.ground.errors import RuleError, StepNotAllowed
from domain.meetings.meetings import MeetingState

LASTS = timedelta(seconds=60)  # a code is shown for a minute, and taken for one more
OPENS_BEFORE = timedelta(hours=2)
MOST_WRONG = 5  # of a million codes, two hold at a time: so few tries that a machine guesses none in a meeting
WRONG_FOR = timedelta(minutes=5)  # after which a wrong code is forgotten
_HERE = frozenset({MeetingState.CONVENED, MeetingState.OPEN, MeetingState.ADJOURNED})
_LASTING = frozenset({MeetingState.CONVENED, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.CANCELLED})


class TooEarly(RuleError):
    """Nobody can check in yet."""

    opens_at: datetime


class TooManyCodes(RuleError):
    """Somebody has typed too many wrong codes, and must wait."""

    wait: timedelta


def check_may_try(wrong: Sequence[datetime], at: datetime) -> None:
    """Raise TooManyCodes for somebody whose wrong codes of this meeting came at those times.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    >>> check_may_try([nine] * 4, nine)
    """
    recent = sorted(moment for moment in wrong if moment > at - WRONG_FOR)
    if len(recent) >= MOST_WRONG:
        raise TooManyCodes(recent[-MOST_WRONG] + WRONG_FOR - at)


def check_in_code(secret: str, meeting_id: int, at: datetime) -> str:
    """The six digits that are shown in the room at that time.

    >>> from datetime import UTC
    >>> len(check_in_code("secret", 1, datetime(2026, 11, 25, 1, 0, tzinfo=UTC)))
    6
    """
    window = int(at.timestamp() // LASTS.total_seconds())
    digest = hmac.digest(secret.encode(), f"check-in {meeting_id} {window}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def is_shown(code: str, secret: str, meeting_id: int, at: datetime) -> bool:
    """Whether the code is the one shown at that time, or the one before it."""
    shown = (check_in_code(secret, meeting_id, moment) for moment in (at, at - LASTS))
    return any(hmac.compare_digest(code.encode(), each.encode()) for each in shown)


def still_holds(state: MeetingState, came_at: datetime, at: datetime) -> bool:
    """Whether a presence that nobody has ended holds: not in the days after a sitting that has been interrupted.

    >>> from datetime import UTC
    >>> eight, next_day = datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 11, 26, 1, tzinfo=UTC)
    >>> still_holds(MeetingState.ADJOURNED, eight, eight), still_holds(MeetingState.ADJOURNED, eight, next_day)
    (True, False)
    """
    return state in _LASTING or day_of(came_at) == day_of(at)


def lasts_until_break(came_at: datetime, interrupted_at: datetime, at: datetime) -> datetime | None:
    """When a presence ended that was never ended by hand: with the break that began at `interrupted_at`, once another day has come;
    None on the same day, and for who came on this one. Nobody is present in the second sitting for having been in the first.

    >>> from datetime import UTC
    >>> eight, five, next_day = (datetime(2026, 11, day, hour, tzinfo=UTC) for day, hour in ((25, 1), (25, 10), (26, 1)))
    >>> lasts_until_break(eight, five, next_day) == five, lasts_until_break(eight, five, five)
    (True, None)
    """
    return max(came_at, interrupted_at) if day_of(came_at) < day_of(at) else None


def check_attendance_open(state: MeetingState) -> None:
    """Raise StepNotAllowed where nobody comes or goes: before the invitation and after the end."""
    if state not in _HERE:
        raise StepNotAllowed(state, "check_in")


def check_self_check_in(state: MeetingState, starts_at: datetime, at: datetime) -> None:
    """Raise what refuses somebody's own check-in at that time: StepNotAllowed, TooEarly."""
    check_attendance_open(state)
    if state is MeetingState.CONVENED and at < starts_at - OPENS_BEFORE:
        raise TooEarly(starts_at - OPENS_BEFORE)
