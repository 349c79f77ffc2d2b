from datetime import UTC, datetime, time, timedelta

import pytest

from domain.ground.backups import Keeping, is_due

NIGHTS = [datetime(2026, 1, 1, 19, 0, tzinfo=UTC) + timedelta(days=number) for number in range(330)]  # 2:00 in Vietnam
LAST = NIGHTS[-1]  # 27 November, a Friday in Vietnam


def test_the_last_of_so_many_days_weeks_and_months_is_kept() -> None:
    kept = sorted(Keeping(days=3, weeks=2, months=3).kept(NIGHTS))
    assert [f"{moment + timedelta(hours=7):%d/%m}" for moment in kept] == ["30/09", "31/10", "22/11", "25/11", "26/11", "27/11"]


def test_of_two_backups_of_a_day_the_later_is_kept() -> None:
    assert Keeping(1, 0, 0).kept([LAST, LAST + timedelta(hours=1)]) == {LAST + timedelta(hours=1)}


def test_the_newest_is_kept_whatever_the_rule_and_of_nothing_nothing() -> None:
    assert Keeping(0, 0, 1).kept([LAST]) == {LAST}
    assert Keeping(1, 1, 1).kept([]) == set()


@pytest.mark.parametrize("text", ["", "7d", "0d 0w 0m", "7d 4w", "-1d 4w 12m", "7d 4w 12m 1y"])
def test_a_rule_that_says_nothing_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself
        Keeping.parse(text)


AT = time(2, 0)


@pytest.mark.parametrize(
    ("hour", "success_hours_ago", "try_minutes_ago", "due"),
    [
        (19, None, None, True),  # 2:00 in Vietnam, and none was ever made
        (19, 24, None, True),
        (18, 23, None, False),  # 1:00: the one of yesterday is good
        (20, 1, None, False),  # made an hour ago, at its time
        (5, 48, None, True),  # missed in the night: the machine was off
        (20, 25, 5, False),  # a try has just failed
        (20, 25, 15, True),
    ],
)
def test_a_backup_is_due_once_its_time_of_day_has_come(
    hour: int, success_hours_ago: float | None, try_minutes_ago: int | None, due: bool
) -> None:
    moment = datetime(2026, 11, 25, hour, 0, tzinfo=UTC)
    success = None if success_hours_ago is None else moment - timedelta(hours=success_hours_ago)
    last_try = None if try_minutes_ago is None else moment - timedelta(minutes=try_minutes_ago)
    assert is_due(moment, AT, success, last_try) is due
