"""Periods that people report on: a year, a half-year, a month, or any days from one to another. Both ends belong to them."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.ground.errors import RuleError

YEARS = range(1900, 2200)  # of which there are registers; a typing error asks for thousands of years, and all their months
_CODE = re.compile(r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|(?P<month>\d{2})))?")


class PeriodUnknown(RuleError):
    """A code names no period."""

    code: str


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """All days from `first` to `last`."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def code(self) -> str:
        """How the period is written; `parse_period` reads it back.

        >>> Period(date(2025, 1, 1), date(2025, 6, 30)).code, Period(date(2025, 2, 3), date(2025, 2, 4)).code
        ('2025-H1', '2025-02-03..2025-02-04')
        """
        year = f"{self.first.year:04}"
        named = [year, f"{year}-H1", f"{year}-H2", f"{year}-{self.first.month:02}"]
        return next((code for code in named if _read(code) == self), f"{self.first}..{self.last}")

    def months(self) -> Iterator["Period"]:
        """The months that the period touches, each whole."""
        for index in range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month):
            yield month(index // 12, index % 12 + 1)


def month(year: int, number: int) -> Period:
    """The month `number`, from 1, of the year."""
    return Period(date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def half(year: int, number: int) -> Period:
    """The first or second half of the year."""
    return Period(date(year, 1, 1), date(year, 6, 30)) if number == 1 else Period(date(year, 7, 1), date(year, 12, 31))


def year_of(year: int) -> Period:
    """The whole year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def parse_period(code: str) -> Period:
    """The period of that code: 2025, 2025-H1, 2025-07, or 2025-01-05..2025-03-02; raises PeriodUnknown, also for years beyond YEARS.

    >>> parse_period("2025-H2").last.isoformat()
    '2025-12-31'
    """
    try:
        found = _read(code)
    except ValueError as error:
        raise PeriodUnknown(code) from error
    if found is None or not (found.first <= found.last and found.first.year in YEARS and found.last.year in YEARS):
        raise PeriodUnknown(code)
    return found


def _read(code: str) -> Period | None:
    if ".." in code:
        first, last = (date.fromisoformat(day.strip()) for day in code.split("..", 1))
        return Period(first, last)
    match = _CODE.fullmatch(code.strip())
    if match is None:
        return None
    year = int(match["year"])
    if match["half"]:
        return half(year, int(match["half"]))
    return month(year, int(match["month"])) if match["month"] else year_of(year)
