"""Working days in Vietnam: weekends, public holidays as dated data, and deadlines counted in working days.

The days come from the Labour Code (Bộ luật Lao động 45/2019/QH14, articles 111 and 112). The days of the lunar calendar and the
day that adjoins the National Day are announced year by year; years that are not in `_ANNOUNCED` know the fixed days only.
"""

from collections.abc import Collection
from datetime import date, timedelta

_SATURDAY = 5
_FIXED = ((1, 1), (4, 30), (5, 1), (9, 2))  # Tết Dương lịch, Ngày Chiến thắng, Quốc tế lao động, Quốc khánh: article 112

# The five days of Tết, Giỗ Tổ Hùng Vương (10/3 by the lunar calendar), and the day beside 2/9, as they fell.
_ANNOUNCED: dict[int, tuple[tuple[int, int], ...]] = {
    2025: ((1, 27), (1, 28), (1, 29), (1, 30), (1, 31), (4, 7), (9, 1)),
    2026: ((2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (4, 26), (9, 1)),
}


def is_complete(year: int) -> bool:
    """Whether the announced holidays of the year are known here too; otherwise a deadline may lie too early.

    >>> is_complete(2026), is_complete(2031)
    (True, False)
    """
    return year in _ANNOUNCED


def holidays(year: int) -> frozenset[date]:
    """The public holidays of the year. For one that falls on a weekend, the next working day is free as well (article 111.3).

    >>> sorted(day.isoformat() for day in holidays(2026) if day.month in (4, 5))
    ['2026-04-26', '2026-04-27', '2026-04-30', '2026-05-01']
    """
    named = [date(year, month, day) for month, day in sorted(_FIXED + _ANNOUNCED.get(year, ()))]
    free = set(named)
    for holiday in named:
        if holiday.weekday() >= _SATURDAY:
            free.add(next_working_day(holiday, free))
    return frozenset(free)


def is_working_day(day: date, free: Collection[date]) -> bool:
    """Whether people work on that day: no weekend, and none of the free days."""
    return day.weekday() < _SATURDAY and day not in free


def next_working_day(day: date, free: Collection[date]) -> date:
    """The first working day after that day."""
    day += timedelta(days=1)
    while not is_working_day(day, free):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int, free: Collection[date] | None = None) -> date:
    """The day that is `count` working days after that day, which does not count itself. Without `free`, by our own data.

    >>> add_working_days(date(2026, 11, 25), 5).isoformat()
    '2026-12-02'
    """
    free = holidays(day.year) | holidays(day.year + 1) if free is None else free
    for _ in range(count):
        day = next_working_day(day, free)
    return day
