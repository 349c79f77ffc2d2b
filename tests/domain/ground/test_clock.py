"""The one clock: it runs in UTC, can be stopped for whoever stops it, and says which day it is in Vietnam."""

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Thread

import pytest

from domain.ground import clock

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_the_clock_runs_and_is_aware() -> None:
    first, second = clock.now(), clock.now()
    assert first <= second
    assert first.utcoffset() == timedelta(0)


def test_a_stopped_clock_stands_until_it_runs_again() -> None:
    with clock.at(NOON):
        assert [clock.now(), clock.now()] == [NOON, NOON]
        assert clock.today() == date(2026, 11, 23)
    assert clock.now() != NOON


def test_a_time_without_a_zone_does_not_stop_it() -> None:
    with clock.at(NOON):
        with pytest.raises(ValueError, match="aware"):
            clock.fix(datetime(2026, 11, 23, 5, 0))
        assert clock.now() == NOON


def test_a_moment_within_another_gives_it_back_even_after_an_error() -> None:
    later = NOON + timedelta(hours=1)

    def fails_at(moment: datetime) -> None:
        with clock.at(moment):
            assert clock.now() == moment
            raise LookupError

    with clock.at(NOON):
        with pytest.raises(LookupError):
            fails_at(later)
        assert clock.now() == NOON


def test_who_stops_the_clock_stops_it_for_nobody_else() -> None:
    seen: list[datetime] = []
    with clock.at(NOON):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen != [NOON]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), date(2026, 11, 24)),  # midnight in Vietnam
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 11, 23, 23, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 11, 23)),
    ],
)
def test_the_day_changes_at_midnight_in_vietnam(moment: datetime, day: date) -> None:
    assert clock.day_of(moment) == day
    with clock.at(moment):
        assert clock.today() == day


def test_within_a_block_the_clock_is_never_before_a_moment() -> None:
    earlier, later = datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)
    with clock.at(earlier):
        with clock.not_before(later):
            assert clock.now() == later
        with clock.not_before(None):
            assert clock.now() == earlier
        assert clock.now() == earlier
    with clock.at(later), clock.not_before(earlier):
        assert clock.now() == later
