"""Deadlines in working days: weekends and public holidays do not count."""

from datetime import date

import pytest

from domain.ground.calendars import add_working_days, holidays, is_complete, is_working_day, next_working_day


def test_a_conclusion_notice_is_due_five_working_days_after_the_meeting() -> None:
    assert add_working_days(date(2026, 11, 25), 5, set()) == date(2026, 12, 2)  # a Wednesday; one weekend lies between


def test_no_days_are_the_day_itself() -> None:
    assert add_working_days(date(2026, 11, 25), 0, set()) == date(2026, 11, 25)


def test_holidays_and_weekends_are_skipped() -> None:
    assert add_working_days(date(2025, 4, 28), 5) == date(2025, 5, 7)  # 30/4 and 1/5 are free


def test_tet_of_2026_is_skipped_whole() -> None:
    assert next_working_day(date(2026, 2, 13), holidays(2026)) == date(2026, 2, 23)


def test_days_given_by_hand_take_the_place_of_our_data() -> None:
    assert add_working_days(date(2026, 11, 23), 1, {date(2026, 11, 24)}) == date(2026, 11, 25)


def test_a_holiday_on_a_weekend_frees_the_next_working_day() -> None:
    assert date(2026, 4, 27) in holidays(2026)  # Giỗ Tổ fell on Sunday 26/4
    assert date(2027, 5, 3) in holidays(2027)  # 1/5 is a Saturday


def test_two_holidays_on_one_weekend_free_two_days() -> None:
    assert {date(2022, 5, 2)} <= holidays(2022)  # 30/4 a Saturday, 1/5 a Sunday
    assert date(2022, 5, 3) in holidays(2022)


def test_a_deadline_runs_over_the_end_of_the_year() -> None:
    assert add_working_days(date(2026, 12, 30), 2) == date(2027, 1, 4)  # 1/1/2027 is a Friday


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_announced_days_of_a_year_are_known_or_not(year: int) -> None:
    assert is_complete(year)
    assert not is_complete(2040)


def test_nobody_works_on_a_saturday_or_a_free_day() -> None:
    assert not is_working_day(date(2026, 11, 28), set())
    assert not is_working_day(date(2026, 11, 27), {date(2026, 11, 27)})
