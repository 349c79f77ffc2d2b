"""The agenda as rules: kinds and states of its items, their numbers, and when each is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ItemKind(StrEnum):
    """What an item asks of the meeting."""

    INFORMATION = "information"  # thông tin
    DISCUSSION = "discussion"  # thảo luận
    DECISION = "decision"  # biểu quyết
    ELECTION = "election"  # bầu cử
    QUESTIONS = "questions"  # chất vấn
    BREAK = "break"  # nghỉ giải lao


class ItemState(StrEnum):
    """Where an item stands in the meeting."""

    WAITING = "waiting"
    ON_FLOOR = "on_floor"
    DONE = "done"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the rules know of an item. `parent` is the id of the item above it."""

    id: int
    parent: int | None
    minutes: int


def numbers(items: Sequence[ItemFacts]) -> dict[int, str]:
    """The number of each item, by id; `items` stand in their order, each parent before its own.

    >>> numbers([ItemFacts(7, None, 0), ItemFacts(8, 7, 10), ItemFacts(9, None, 5)])
    {7: '1', 8: '1.1', 9: '2'}
    """
    counts: dict[int | None, int] = {}
    named: dict[int, str] = {}
    for item in items:
        counts[item.parent] = counts.get(item.parent, 0) + 1
        above = named.get(item.parent) if item.parent is not None else None
        named[item.id] = f"{above}.{counts[item.parent]}" if above else str(counts[item.parent])
    return named


def times(items: Sequence[ItemFacts], starts_at: datetime) -> dict[int, datetime]:
    """When each item is expected to begin, by id. An item with others below it lasts as long as they do.

    >>> start = datetime(2026, 11, 22, 8, 0)
    >>> times([ItemFacts(7, None, 99), ItemFacts(8, 7, 10), ItemFacts(9, None, 5)], start)[9].strftime("%H:%M")
    '08:10'
    """
    parents = {item.parent for item in items}
    at, expected = starts_at, {}
    for item in items:
        expected[item.id] = at
        if item.id not in parents:
            at += timedelta(minutes=item.minutes)
    return expected
