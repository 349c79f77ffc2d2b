"""When the meetings of a series take place."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.series import Repeat, day_of_occurrence

FIRSTS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("first", "repeat", "days"),
    [
        (date(2026, 12, 21), Repeat.WEEKLY, [date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)]),
        (date(2026, 11, 5), Repeat.MONTHLY, [date(2026, 11, 5), date(2026, 12, 5), date(2027, 1, 5)]),
        (date(2027, 12, 31), Repeat.MONTHLY, [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]),
    ],
)
def test_a_series_goes_on_by_the_week_or_by_the_month(first: date, repeat: Repeat, days: list[date]) -> None:
    assert [day_of_occurrence(first, repeat, number) for number in range(3)] == days


def test_after_a_short_month_the_day_of_the_first_comes_back() -> None:
    assert day_of_occurrence(date(2026, 1, 31), Repeat.MONTHLY, 2) == date(2026, 3, 31)


@given(FIRSTS, st.integers(0, 500))
def test_weeks_keep_the_day_of_the_week_and_months_the_day_of_the_month_or_the_last_one(first: date, number: int) -> None:
    assert day_of_occurrence(first, Repeat.WEEKLY, number) - first == timedelta(weeks=number)
    monthly = day_of_occurrence(first, Repeat.MONTHLY, number)
    assert (monthly.year * 12 + monthly.month) - (first.year * 12 + first.month) == number
    assert monthly.day == min(first.day, monthrange(monthly.year, monthly.month)[1])
