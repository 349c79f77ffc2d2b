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
    UNMEASURED = "unmeasured"  # every page read, but of some nobody knows whether all that is written there was
    PARTLY = "partly"  # every page read, but not all that is written on them
    GAPS = "gaps"  # read, but for pages that failed or were cancelled
    FAILED = "failed"
    SET_ASIDE = "set_aside"
    CANCELLED = "cancelled"
    DESTROYED = "destroyed"  # a person decided that it bears a mark; nothing of it is kept


WHOLE = frozenset({Standing.READ, Standing.PARTLY, Standing.UNMEASURED})  # every page was read
LOOKED_THROUGH = WHOLE | {Standing.GAPS}  # every page that can be read was, and looked at for marks
IN_THE_ARCHIVE = LOOKED_THROUGH | {Standing.WAITING, Standing.READING, Standing.FAILED, Standing.CANCELLED}
SHOWN = IN_THE_ARCHIVE | {Standing.ARRIVING}  # nothing of any other is shown, whatever the index still holds
NEVER_SET_ASIDE = frozenset({Standing.ARRIVING, Standing.SET_ASIDE, Standing.DESTROYED})


def check_may_set_aside(now: Standing) -> None:
    """Refuse to set a document aside that is still arriving, is set aside already, or is destroyed; raises StepNotAllowed.

    >>> check_may_set_aside(Standing.READ)
    """
    if now in NEVER_SET_ASIDE:
        raise StepNotAllowed(now, "set_aside")


def standing(opening: State | None, pages: Mapping[State, int], *, partly: int = 0, unmeasured: int = 0) -> Standing:
    """The standing of a document by the state of its opening (None: not enrolled) and the number of its pages in each state.

    `partly` counts the pages on which something that is written was not read, `unmeasured` those of which that is not known.

    >>> standing(State.DONE, {State.DONE: 3, State.FAILED: 1})
    <Standing.GAPS: 'gaps'>
    >>> standing(State.DONE, {State.DONE: 1, State.WAITING: 2})
    <Standing.READING: 'reading'>
    >>> standing(State.DONE, {State.DONE: 3}, partly=1, unmeasured=1), standing(State.DONE, {State.DONE: 3}, unmeasured=1)
    (<Standing.PARTLY: 'partly'>, <Standing.UNMEASURED: 'unmeasured'>)
    """
    if opening is None:
        return Standing.ARRIVING
    if opening is State.SET_ASIDE or pages.get(State.SET_ASIDE):
        return Standing.SET_ASIDE
    if opening in (State.FAILED, State.CANCELLED):
        return Standing(opening)
    found = Standing.WAITING if opening in UNSETTLED else _standing_of_pages(pages)
    if found is not Standing.READ:
        return found
    return Standing.PARTLY if partly else Standing.UNMEASURED if unmeasured else Standing.READ


def _standing_of_pages(pages: Mapping[State, int]) -> Standing:
    done, unsettled = pages.get(State.DONE, 0), sum(pages.get(state, 0) for state in UNSETTLED)
    if unsettled:
        return Standing.READING if done or pages.get(State.RUNNING) else Standing.WAITING
    if done:
        return Standing.READ if done == sum(pages.values()) else Standing.GAPS
    return Standing.FAILED if pages.get(State.FAILED) else Standing.CANCELLED
