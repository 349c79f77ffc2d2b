"""What a person may ask of the office about the data it holds on them, and by when it must answer (Luật 91/2025/QH15, NĐ 356/2025)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.ground.calendars import add_working_days
from domain.ground.errors import RuleError, StepNotAllowed
from domain.ground.words import Words

FIRST_ANSWER = 2  # working days until the office says how it will go on (NĐ 356/2025, article 5)
LONGEST = 2000  # characters of a request or an answer


class Wish(StrEnum):
    """What is asked for."""

    CORRECT = "correct"
    PROVIDE = "provide"  # a copy of what the person cannot fetch alone
    RESTRICT = "restrict"  # that some use of the data stops, or an objection to it
    DELETE = "delete"


# Days until it is done, which may be prolonged once by as many (NĐ 356/2025, article 5).
DAYS = Words(Wish, {Wish.CORRECT: 10, Wish.PROVIDE: 10, Wish.RESTRICT: 15, Wish.DELETE: 20})


class RequestState(StrEnum):
    """How far a request has come."""

    NEW = "new"
    ACCEPTED = "accepted"  # the office has said how it goes on
    DONE = "done"
    REFUSED = "refused"  # with the reason


class Purpose(StrEnum):
    """Why something about a person is kept."""

    ACCOUNT = "account"  # to sign in and to work
    SAFETY = "safety"  # who did what: to find strangers, to answer inspectors
    MEETING = "meeting"  # the record of a meeting
    OFFICE = "office"  # the record of the office's work
    OWN = "own"  # nobody else's


ENDED = frozenset({RequestState.DONE, RequestState.REFUSED})

_FROM = Words(RequestState, {
    RequestState.NEW: frozenset[RequestState](),
    RequestState.ACCEPTED: frozenset({RequestState.NEW}),
    RequestState.DONE: frozenset({RequestState.NEW, RequestState.ACCEPTED}),
    RequestState.REFUSED: frozenset({RequestState.NEW, RequestState.ACCEPTED}),
})  # fmt: skip


class TooManyRequests(RuleError):
    """The person has as many requests waiting as one may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last days on which the office may first answer, and be done."""

    first_answer: date
    done: date


def deadlines(wish: Wish, asked_on: date, *, is_prolonged: bool = False) -> Deadlines:
    """By when the office must answer what was asked on that day, which does not count itself.

    >>> deadlines(Wish.CORRECT, date(2026, 11, 27))  # a Friday
    Deadlines(first_answer=datetime.date(2026, 12, 1), done=datetime.date(2026, 12, 7))
    >>> deadlines(Wish.DELETE, date(2026, 11, 27), is_prolonged=True).done.isoformat()
    '2027-01-06'
    """
    days = DAYS[wish] * (2 if is_prolonged else 1)
    return Deadlines(add_working_days(asked_on, FIRST_ANSWER), asked_on + timedelta(days=days))


def check_step(state: RequestState, step: RequestState) -> None:
    """Refuse a step that does not lead on from that state; raises StepNotAllowed."""
    if state not in _FROM[step]:
        raise StepNotAllowed(state, step)


def is_late(state: RequestState, due: Deadlines, day: date) -> bool:
    """Whether the office is late with what it owes next.

    >>> is_late(RequestState.NEW, Deadlines(date(2026, 12, 1), date(2026, 12, 7)), date(2026, 12, 2))
    True
    """
    owed = due.first_answer if state is RequestState.NEW else due.done
    return state not in ENDED and day > owed
