"""Periods: what their codes mean, and that a code leads back to the period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ground.periods import Period, PeriodUnknown, half, month, parse_period, year_of


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-H1", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-01-05..2025-03-02", date(2025, 1, 5), date(2025, 3, 2)),
        ("2025-03-02..2025-03-02", date(2025, 3, 2), date(2025, 3, 2)),
    ],
)
def test_a_code_names_its_days(code: str, first: date, last: date) -> None:
    assert parse_period(code) == Period(first, last)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "H1",
        "2025-H3",
        "2025-13",
        "2025-00",
        "0000",
        "25-H1",
        "2025-03-02..2025-03-01",
        "a..b",
        "2025-1",
        "0001",
        "1899",
        "0001-01-01..2025-01-01",
        "2025-01-01..9999-12-31",
    ],
)
def test_what_names_no_period_is_refused(code: str) -> None:
    with pytest.raises(PeriodUnknown):
        parse_period(code)


def test_both_ends_belong_to_a_period() -> None:
    period = half(2025, 1)
    assert date(2025, 1, 1) in period
    assert date(2025, 6, 30) in period
    assert date(2025, 7, 1) not in period


def test_two_halves_are_a_year_and_twelve_months_too() -> None:
    assert [one.code for one in year_of(2025).months()] == [f"2025-{number:02}" for number in range(1, 13)]
    assert list(half(2025, 1).months()) + list(half(2025, 2).months()) == list(year_of(2025).months())


def test_a_month_that_is_touched_is_whole() -> None:
    assert list(Period(date(2024, 12, 31), date(2025, 1, 1)).months()) == [month(2024, 12), month(2025, 1)]


@given(st.dates(date(1930, 1, 1), date(2100, 12, 31)), st.integers(0, 800))
def test_a_code_leads_back_to_its_period(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days))
    assert parse_period(period.code) == period
