"""The states of work in the ledger and when it is due again. The ledger itself is kept in storage/archive/work.py."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from domain.ground.errors import StepNotAllowed
from domain.ground.files import Refusal


class State(StrEnum):
    """Where a piece of work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SET_ASIDE = "set_aside"  # a person must decide: it may bear a secrecy mark
    CANCELLED = "cancelled"


UNSETTLED = frozenset({State.WAITING, State.RUNNING})

MAX_TRIES = 3  # failures of the reader itself; then a person must look
MAX_INTERRUPTIONS = 100  # deaths of the worker under it: no fault of the page, but not for ever either

# What another try may mend; of all else, the bytes are what they are.
_PASSING = frozenset({Refusal.TIMED_OUT, Refusal.OUT_OF_MEMORY, Refusal.CRASHED})


def wait_before(tries: int, reason: Refusal) -> timedelta | None:
    """How long to wait before the next try after `tries` failures, or None when there shall be none.

    >>> wait_before(1, Refusal.TIMED_OUT), wait_before(3, Refusal.TIMED_OUT), wait_before(1, Refusal.ENCRYPTED)
    (datetime.timedelta(seconds=5), None, None)
    """
    if reason not in _PASSING or tries >= MAX_TRIES:
        return None
    return timedelta(seconds=5 * 4 ** (tries - 1))


class Standing(StrEnum):
    """Where a whole document stands, told from its pieces of work."""

    ARRIVING = "arriving"  # not all of its files have come
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    GAPS = "gaps"  # read, but for pages that failed or were cancelled
    FAILED = "failed"
    SET_ASIDE = "set_aside"
    CANCELLED = "cancelled"
    DESTROYED = "destroyed"  # a person decided that it bears a mark; nothing of it is kept


IN_THE_ARCHIVE = frozenset(
    {Standing.WAITING, Standing.READING, Standing.READ, Standing.GAPS, Standing.FAILED, Standing.CANCELLED}
)
SHOWN = IN_THE_ARCHIVE | {Standing.ARRIVING}  # nothing of any other is shown, whatever the index still holds
NEVER_SET_ASIDE = frozenset({Standing.ARRIVING, Standing.SET_ASIDE, Standing.DESTROYED})


def check_may_set_aside(now: Standing) -> None:
    """Refuse to set a document aside that is still arriving, is set aside already, or is destroyed; raises StepNotAllowed.

    >>> check_may_set_aside(Standing.READ)
    """
    if now in NEVER_SET_ASIDE:
        raise StepNotAllowed(now, "set_aside")


def standing(opening: State | None, pages: Mapping[State, int]) -> Standing:
    """The standing of a document by the state of its opening (None: not enrolled) and the number of its pages in each state.

    >>> standing(State.DONE, {State.DONE: 3, State.FAILED: 1})
    <Standing.GAPS: 'gaps'>
    >>> standing(State.DONE, {State.DONE: 1, State.WAITING: 2})
    <Standing.READING: 'reading'>
    """
    if opening is None:
        return Standing.ARRIVING
    if opening is State.SET_ASIDE or pages.get(State.SET_ASIDE):
        return Standing.SET_ASIDE
    if opening in (State.FAILED, State.CANCELLED):
        return Standing(opening)
    return Standing.WAITING if opening in UNSETTLED else _standing_of_pages(pages)


def _standing_of_pages(pages: Mapping[State, int]) -> Standing:
    done, unsettled = pages.get(State.DONE, 0), sum(pages.get(state, 0) for state in UNSETTLED)
    if unsettled:
        return Standing.READING if done or pages.get(State.RUNNING) else Standing.WAITING
    if done:
        return Standing.READ if done == sum(pages.values()) else Standing.GAPS
    return Standing.FAILED if pages.get(State.FAILED) else Standing.CANCELLED
