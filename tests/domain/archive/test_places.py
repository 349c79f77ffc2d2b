"""Dates of archival places as TT 05/2025 writes them: whole, or as far as the paper says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.archive.places import earliest_day, may_follow


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("05/02/1998", date(1998, 2, 5)),
        ("02/1998", date(1998, 2, 1)),
        ("1998", date(1998, 1, 1)),
        ("29/02/2024", date(2024, 2, 29)),
        ("29/02/1998", None),
        ("31/04/1998", None),
        ("13/1998", None),
        ("00/1998", None),
        ("0000", None),
        ("5/2/1998", None),
        ("05/02/98", None),
        ("1998-02-05", None),
        (" 1998", None),
        ("05//1998", None),
        ("", None),
    ],
)
def test_a_date_begins_on_the_first_day_that_it_may_mean(written: str, day: date | None) -> None:
    assert earliest_day(written) == day


@pytest.mark.parametrize(
    ("start", "end", "may"),
    [
        ("05/02/1998", "05/02/1998", True),
        ("05/02/1998", "04/02/1998", False),
        ("05/02/1998", "02/1998", True),  # some day of that month
        ("05/02/1998", "01/1998", False),
        ("05/1998", "1998", True),
        ("1998", "01/01/1998", True),
        ("1998", "31/12/1997", False),
        ("31/12/1997", "01/01/1998", True),  # the year comes first, whatever the day
    ],
)
def test_an_end_follows_a_beginning_as_far_as_both_are_known(start: str, end: str, may: bool) -> None:
    assert may_follow(start, end) is may


@given(st.dates(), st.dates())
def test_whole_dates_follow_each_other_as_their_days_do(first: date, second: date) -> None:
    written = [f"{day:%d/%m/}{day.year:04}" for day in (first, second)]
    assert may_follow(*written) is (first <= second)
