"""The one clock. Everything that asks for the time asks here, so that tests can set it."""

from contextvars import ContextVar
from datetime import UTC, datetime

_fixed: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def fix(moment: datetime | None) -> None:
    """Stop the clock at an aware `moment`, or let it run again (None). For tests and rehearsals."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    _fixed.set(moment)
