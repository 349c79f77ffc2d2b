"""The numbers of agenda items and when each is expected."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.agenda import ItemFacts, numbers, times

EIGHT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
AGENDA = [ItemFacts(1, None, 10), ItemFacts(2, None, 0), ItemFacts(3, 2, 20), ItemFacts(4, 2, 15), ItemFacts(5, None, 5)]


def test_items_are_numbered_by_their_place_in_the_tree() -> None:
    assert numbers(AGENDA) == {1: "1", 2: "2", 3: "2.1", 4: "2.2", 5: "3"}


def test_each_begins_when_those_before_it_are_over() -> None:
    minutes = {item: (at - EIGHT) // timedelta(minutes=1) for item, at in times(AGENDA, EIGHT).items()}
    assert minutes == {1: 0, 2: 10, 3: 10, 4: 30, 5: 45}


@given(st.lists(st.integers(0, 240), max_size=30))
def test_the_last_item_begins_after_all_others_have_had_their_time(durations: list[int]) -> None:
    items = [ItemFacts(number, None, minutes) for number, minutes in enumerate(durations)]
    items.append(ItemFacts(99, None, 7))
    assert times(items, EIGHT)[99] - EIGHT == timedelta(minutes=sum(durations))
