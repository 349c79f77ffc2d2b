from datetime import UTC, datetime, timedelta

import pytest

from domain.people.throttle import wait_before_trying

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def minutes_ago(*minutes: int) -> list[datetime]:
    return [NOON - timedelta(minutes=minute) for minute in minutes]


def test_four_failures_need_no_wait() -> None:
    assert wait_before_trying(minutes_ago(1, 2, 3, 4), minutes_ago(1, 2, 3, 4), NOON) == timedelta(0)


def test_after_five_failures_one_waits_until_the_first_of_them_is_fifteen_minutes_old() -> None:
    assert wait_before_trying(minutes_ago(1, 2, 3, 4, 10), [], NOON) == timedelta(minutes=5)


def test_the_order_of_the_failures_does_not_matter() -> None:
    assert wait_before_trying(minutes_ago(10, 1, 4, 2, 3), [], NOON) == timedelta(minutes=5)


def test_failures_of_more_than_fifteen_minutes_ago_are_forgotten() -> None:
    assert wait_before_trying(minutes_ago(1, 2, 3, 4, 15), [], NOON) == timedelta(0)


def test_of_six_failures_the_second_must_be_forgotten_too() -> None:
    assert wait_before_trying(minutes_ago(1, 2, 3, 4, 5, 14), [], NOON) == timedelta(minutes=10)


@pytest.mark.parametrize(("count", "wait"), [(29, timedelta(0)), (30, timedelta(minutes=14))])
def test_an_address_may_fail_thirty_times_since_an_office_shares_it(count: int, wait: timedelta) -> None:
    assert wait_before_trying([], minutes_ago(1) * count, NOON) == wait
