"""The one clock. Everything that asks for the time asks here, so that tests can set it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)
_floor: ContextVar[datetime | None] = ContextVar("earliest_time", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    moment, earliest = _fixed.get() or datetime.now(UTC), _floor.get()
    return max(moment, earliest) if earliest else moment


def fix(moment: datetime | None) -> None:
    """Stop the clock at an aware `moment`, or let it run again (None). For tests and rehearsals."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    _fixed.set(moment)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """What happens in the block happens at an aware `moment`."""
    before = _fixed.get()
    fix(moment)
    try:
        yield
    finally:
        fix(before)


@contextmanager
def not_before(moment: datetime | None) -> Iterator[None]:
    """What the block says of the time is never before an aware `moment`, though the machine's clock was set back behind it."""
    before = _floor.set(moment)
    try:
        yield
    finally:
        _floor.reset(before)


def pause(lasting: timedelta) -> None:
    """Let that much time go by; a stopped clock is moved on instead."""
    if stopped := _fixed.get():
        fix(stopped + lasting)
    else:
        time.sleep(lasting.total_seconds())


def day_of(moment: datetime) -> date:
    """The day it is in Vietnam at that moment.

    >>> day_of(datetime(2026, 11, 24, 23, 0, tzinfo=UTC)).isoformat()
    '2026-11-25'
    """
    return moment.astimezone(VIETNAM).date()


def today() -> date:
    """The day it is in Vietnam."""
    return day_of(now())
