"""Backups: how many are kept, when the next one is due, and why one was not made."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.ground.clock import VIETNAM, day_of

_KEEPING = re.compile(r"(\d{1,3})d (\d{1,3})w (\d{1,3})m")
TRY_AGAIN = timedelta(minutes=15)  # after a backup that was not made


class BackupProblem(StrEnum):
    """Why a backup was not made, or is worth less than it should be."""

    INTERRUPTED = "interrupted"  # killed, or still under way
    VOTE_OPEN = "vote_open"  # it would tell who chose what
    PLACE = "place"  # the folder cannot be written to, or is full
    TOOL = "tool"  # pg_dump or pg_restore is not installed, or older than the server
    DATABASE = "database"  # the database itself is damaged
    STORE = "store"  # the store of objects does not answer
    LOST = "lost"  # made, but some objects were damaged or missing in the store already


class UnfitBackup(StrEnum):
    """Why nothing is restored."""

    NONE = "none"  # no finished backup lies there
    CHANGED = "changed"  # what lies there is not what was written
    NEWER = "newer"  # of a later version of the program
    OTHER_DATABASE = "other_database"  # of SQLite for PostgreSQL, or the other way round
    NOT_EMPTY = "not_empty"  # an installation is there already


@dataclass(frozen=True, slots=True)
class Keeping:
    """Of how many days, weeks and months the last backup is kept, counting those that have one."""

    days: int
    weeks: int
    months: int

    def __str__(self) -> str:
        return f"{self.days}d {self.weeks}w {self.months}m"

    @classmethod
    def parse(cls, text: str) -> "Keeping":
        """What a setting such as `7d 4w 12m` says; raises ValueError for anything else, and for one that would keep nothing.

        >>> Keeping.parse("7d 4w 12m")
        Keeping(days=7, weeks=4, months=12)
        """
        match = _KEEPING.fullmatch(text)
        if match is None or not any(map(int, match.groups())):
            raise ValueError(text)
        return cls(*map(int, match.groups()))

    def kept(self, moments: Iterable[datetime]) -> set[datetime]:
        """Those that are kept of backups begun at these moments; the newest is always among them."""
        newest_first = sorted(moments, reverse=True)
        kept = set(newest_first[:1])
        for count, span in ((self.days, _day), (self.weeks, _week), (self.months, _month)):
            kept |= set(_last_of(newest_first, span, count))
        return kept


def _last_of(newest_first: list[datetime], span: Callable[[date], tuple[int, ...]], count: int) -> list[datetime]:
    last: dict[tuple[int, ...], datetime] = {}
    for moment in newest_first:
        last.setdefault(span(day_of(moment)), moment)
    return list(last.values())[:count]


def _day(day: date) -> tuple[int, ...]:
    return day.year, day.month, day.day


def _week(day: date) -> tuple[int, ...]:
    return tuple(day.isocalendar())[:2]


def _month(day: date) -> tuple[int, ...]:
    return day.year, day.month


def is_due(moment: datetime, daily_at: time, last_success: datetime | None, last_try: datetime | None) -> bool:
    """Whether the backup of the day is to be made now: its time of day in Vietnam has come, none was made since, and no try has just
    failed. One that was missed, since the machine was off, is made as soon as it runs again.
    """
    local = moment.astimezone(VIETNAM)
    due = datetime.combine(local.date(), daily_at, VIETNAM)
    if due > local:
        due -= timedelta(days=1)
    if last_success is not None and due <= last_success <= moment:  # one of the future was made while the clock was wrong
        return False
    return last_try is None or not moment - TRY_AGAIN < last_try <= moment
