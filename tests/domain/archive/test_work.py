from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.archive.work import IN_THE_ARCHIVE, MAX_TRIES, SHOWN, Standing, State, standing, wait_before
from domain.ground.files import Refusal

COUNTS = st.dictionaries(st.sampled_from(State), st.integers(0, 5))


@pytest.mark.parametrize("reason", [Refusal.TIMED_OUT, Refusal.OUT_OF_MEMORY, Refusal.CRASHED])
def test_what_may_mend_is_tried_three_times_with_growing_pauses(reason: Refusal) -> None:
    assert [wait_before(tries, reason) for tries in (1, 2, 3)] == [timedelta(seconds=5), timedelta(seconds=20), None]
    assert MAX_TRIES == 3


@pytest.mark.parametrize("reason", set(Refusal) - {Refusal.TIMED_OUT, Refusal.OUT_OF_MEMORY, Refusal.CRASHED})
def test_what_the_bytes_are_is_not_tried_again(reason: Refusal) -> None:
    assert wait_before(1, reason) is None


@pytest.mark.parametrize(
    ("opening", "pages", "expected"),
    [
        (None, {}, Standing.ARRIVING),
        (State.WAITING, {}, Standing.WAITING),
        (State.RUNNING, {}, Standing.WAITING),
        (State.FAILED, {}, Standing.FAILED),
        (State.CANCELLED, {}, Standing.CANCELLED),
        (State.SET_ASIDE, {}, Standing.SET_ASIDE),
        (State.DONE, {State.WAITING: 3}, Standing.WAITING),
        (State.DONE, {State.WAITING: 2, State.RUNNING: 1}, Standing.READING),
        (State.DONE, {State.WAITING: 2, State.DONE: 1}, Standing.READING),
        (State.DONE, {State.DONE: 3}, Standing.READ),
        (State.DONE, {State.DONE: 2, State.CANCELLED: 1}, Standing.GAPS),
        (State.DONE, {State.FAILED: 1, State.CANCELLED: 1}, Standing.FAILED),
        (State.DONE, {State.CANCELLED: 2}, Standing.CANCELLED),
        (State.DONE, {State.DONE: 2, State.SET_ASIDE: 1}, Standing.SET_ASIDE),
    ],
)
def test_the_standing_is_told_from_the_pieces_of_work(
    opening: State | None, pages: dict[State, int], expected: Standing
) -> None:
    assert standing(opening, pages) is expected


@given(st.one_of(st.none(), st.sampled_from(State)), COUNTS)
def test_a_document_is_read_only_when_every_page_is(opening: State | None, pages: dict[State, int]) -> None:
    if standing(opening, pages) is Standing.READ:
        assert {state for state, count in pages.items() if count} == {State.DONE}


@given(COUNTS.filter(lambda pages: pages.get(State.SET_ASIDE)))
def test_one_page_that_was_set_aside_sets_the_whole_aside(pages: dict[State, int]) -> None:
    assert standing(State.DONE, pages) is Standing.SET_ASIDE


# What counts is an allow-list


def test_every_standing_is_in_the_archive_on_its_way_there_or_held_back() -> None:
    assert sorted([*IN_THE_ARCHIVE, Standing.ARRIVING, Standing.SET_ASIDE, Standing.DESTROYED]) == sorted(Standing)
    assert sorted([*SHOWN, Standing.SET_ASIDE, Standing.DESTROYED]) == sorted(Standing)


def test_a_refusal_that_nobody_calls_passing_is_not_tried_again() -> None:
    assert wait_before(1, cast(Any, "wrong_language")) is None
