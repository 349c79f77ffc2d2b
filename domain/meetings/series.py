"""When the meetings of a series take place."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


class Repeat(StrEnum):
    """How a series goes on."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


def day_of_occurrence(first: date, repeat: Repeat, number: int) -> date:
    """The day of a meeting of the series, the first being number 0. A day that a month lacks becomes the last of that month.

    >>> [str(day_of_occurrence(date(2026, 1, 31), Repeat.MONTHLY, number)) for number in (0, 1, 2)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    if repeat is Repeat.WEEKLY:
        return first + timedelta(weeks=number)
    years, month = divmod(first.month - 1 + number, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))
