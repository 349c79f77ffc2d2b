"""The floor: the order of those who wait, the steps of a speech, and its clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ground.errors import StepNotAllowed
from domain.meetings.speaking import SpeechClock, SpeechKind, SpeechState, SpeechStep, neighbour, order, take

EIGHT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
SPEECH, ORDER, QUESTION = SpeechKind.SPEECH, SpeechKind.POINT_OF_ORDER, SpeechKind.QUESTION


@dataclass(frozen=True)
class Asked:
    kind: SpeechKind
    position: int


def test_points_of_order_come_first_and_then_everybody_by_place() -> None:
    asked = [Asked(SPEECH, 1), Asked(ORDER, 4), Asked(SPEECH, 3), Asked(ORDER, 2)]
    assert [each.position for each in order(asked)] == [2, 4, 1, 3]


def test_a_request_changes_places_with_its_neighbour_and_never_with_a_point_of_order() -> None:
    first, second, urgent = Asked(SPEECH, 1), Asked(SPEECH, 3), Asked(ORDER, 2)
    among = [first, second, urgent]
    assert neighbour(among, second, is_up=True) == first
    assert neighbour(among, first, is_up=True) is None
    assert neighbour(among, urgent, is_up=False) is None
    assert neighbour(among, second, is_up=False) is None


@pytest.mark.parametrize(
    ("state", "step", "after"),
    [
        (SpeechState.WAITING, SpeechStep.CALL, SpeechState.SPEAKING),
        (SpeechState.WAITING, SpeechStep.WITHDRAW, SpeechState.WITHDRAWN),
        (SpeechState.SPEAKING, SpeechStep.PAUSE, SpeechState.PAUSED),
        (SpeechState.PAUSED, SpeechStep.RESUME, SpeechState.SPEAKING),
        (SpeechState.PAUSED, SpeechStep.EXTEND, SpeechState.PAUSED),
        (SpeechState.SPEAKING, SpeechStep.END, SpeechState.ENDED),
    ],
)
def test_a_speech_goes_from_waiting_to_its_end(state: SpeechState, step: SpeechStep, after: SpeechState) -> None:
    assert take(state, step) is after


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (SpeechState.SPEAKING, SpeechStep.CALL),
        (SpeechState.SPEAKING, SpeechStep.WITHDRAW),
        (SpeechState.WAITING, SpeechStep.PAUSE),
        (SpeechState.ENDED, SpeechStep.END),
        (SpeechState.ENDED, SpeechStep.RESUME),
        (SpeechState.WITHDRAWN, SpeechStep.CALL),
    ],
)
def test_other_steps_of_a_speech_are_refused(state: SpeechState, step: SpeechStep) -> None:
    with pytest.raises(StepNotAllowed):
        take(state, step)


def test_a_clock_counts_down_to_an_absolute_time() -> None:
    clock = SpeechClock(FIVE_MINUTES, timedelta(0), EIGHT)
    assert clock.ends_at == datetime(2026, 11, 25, 1, 5, tzinfo=UTC)
    assert clock.left(EIGHT + timedelta(minutes=4)) == timedelta(minutes=1)
    assert clock.left(EIGHT + timedelta(minutes=6)) == timedelta(minutes=-1)


def test_a_clock_that_was_paused_goes_on_with_what_was_left() -> None:
    paused = SpeechClock(FIVE_MINUTES, timedelta(0), EIGHT).paused(EIGHT + timedelta(minutes=2))
    assert (paused.ends_at, paused.left(EIGHT + timedelta(hours=2))) == (None, timedelta(minutes=3))
    assert paused.resumed(EIGHT + timedelta(hours=1)).ends_at == datetime(2026, 11, 25, 2, 3, tzinfo=UTC)


def test_a_minute_more_is_a_minute_more_whether_the_clock_runs_or_stands() -> None:
    clock = SpeechClock(FIVE_MINUTES, timedelta(0), EIGHT).extended(timedelta(minutes=1))
    assert clock.ends_at == datetime(2026, 11, 25, 1, 6, tzinfo=UTC)
    assert clock.paused(EIGHT).extended(timedelta(minutes=1)).left(EIGHT) == timedelta(minutes=7)


@given(st.lists(st.integers(0, 600), max_size=12))
def test_what_has_been_spoken_is_the_sum_of_the_times_in_which_the_clock_ran(seconds: list[int]) -> None:
    """It runs in the first length of time, stands in the second, runs in the third."""
    clock, at = SpeechClock(FIVE_MINUTES, timedelta(0), EIGHT), EIGHT
    for number, length in enumerate(seconds):
        at += timedelta(seconds=length)
        clock = clock.paused(at) if number % 2 == 0 else clock.resumed(at)
    assert clock.spoken(at) == timedelta(seconds=sum(seconds[::2]))
