"""The agenda as rules: kinds and states of its items, their numbers, and when each is expected."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.ground.errors import RuleError


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


def times(
    items: Sequence[ItemFacts], starts_at: datetime, *, fixed: Mapping[int, datetime] | None = None
) -> dict[int, datetime]:
    """When each item is expected to begin, by id. An item with others below it lasts as long as they do.

    `fixed` names items that begin at a time of their own, the first of a later sitting.

    >>> start = datetime(2026, 11, 22, 8, 0)
    >>> times([ItemFacts(7, None, 99), ItemFacts(8, 7, 10), ItemFacts(9, None, 5)], start)[9].strftime("%H:%M")
    '08:10'
    """
    parents = {item.parent for item in items}
    at, expected = starts_at, {}
    for item in items:
        at = (fixed or {}).get(item.id, at)
        expected[item.id] = at
        if item.id not in parents:
            at += timedelta(minutes=item.minutes)
    return expected


MAX_DEPTH = 3  # levels of items: 1, 1.1, 1.1.1


class Move(StrEnum):
    """A step by which somebody moves an item without dragging."""

    UP = "up"
    DOWN = "down"
    IN = "in"  # below the item before it
    OUT = "out"  # beside the item above it


class MoveNotPossible(RuleError):
    """An item cannot stand there: below itself, deeper than MAX_DEPTH, or past the end."""

    item_id: int
    to: Move | int | None


class OnlyItemOfGuests(RuleError):
    """Some guests are invited to this item alone. Without it they would count as invited to the whole meeting."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(tuple(names))
        self.names = tuple(names)


def moved(items: Sequence[ItemFacts], item_id: int, move: Move) -> list[ItemFacts]:
    """The items after one step, each parent before its own; raises MoveNotPossible.

    >>> [item.id for item in moved([ItemFacts(7, None, 0), ItemFacts(8, 7, 0), ItemFacts(9, None, 0)], 9, Move.UP)]
    [9, 7, 8]
    """
    by_id = {item.id: item for item in items}
    parent = by_id[item_id].parent
    beside = [item.id for item in items if item.parent == parent]
    place = beside.index(item_id)
    if move is Move.UP and place > 0:
        return placed(items, item_id, parent=parent, before=beside[place - 1])
    if move is Move.DOWN and place + 1 < len(beside):
        return placed(items, item_id, parent=parent, before=_next(beside, beside[place + 1]))
    if move is Move.IN and place > 0:
        return placed(items, item_id, parent=beside[place - 1], before=None)
    if move is Move.OUT and parent is not None:
        above = by_id[parent].parent
        return placed(items, item_id, parent=above, before=_next([i.id for i in items if i.parent == above], parent))
    raise MoveNotPossible(item_id, move)


def placed(items: Sequence[ItemFacts], item_id: int, *, parent: int | None, before: int | None) -> list[ItemFacts]:
    """The items with this one, and all below it, put under `parent` before `before`, or last there (None)."""
    tree: dict[int | None, list[ItemFacts]] = {}
    for item in items:
        tree.setdefault(item.parent, []).append(item)
    one = next(item for item in items if item.id == item_id)
    if parent in {item.id for item in _below(tree, one)}:
        raise MoveNotPossible(item_id, parent)
    tree[one.parent].remove(one)
    beside = tree.setdefault(parent, [])
    places = [place for place, item in enumerate(beside) if item.id == before]
    if before is not None and not places:
        raise MoveNotPossible(item_id, before)
    beside.insert(places[0] if places else len(beside), ItemFacts(one.id, parent, one.minutes))
    arranged = [item for top in tree.get(None, []) for item in _below(tree, top)]
    if max(number.count(".") for number in numbers(arranged).values()) >= MAX_DEPTH:
        raise MoveNotPossible(item_id, parent)
    return arranged


def possible_moves(items: Sequence[ItemFacts], item_id: int) -> frozenset[Move]:
    """The steps that the item can take."""
    possible = set()
    for move in Move:
        with suppress(MoveNotPossible):
            moved(items, item_id, move)
            possible.add(move)
    return frozenset(possible)


def _below(tree: dict[int | None, list[ItemFacts]], top: ItemFacts) -> list[ItemFacts]:
    """The item and everything below it, in order."""
    return [top, *(item for child in tree.get(top.id, []) for item in _below(tree, child))]


def _next(beside: Sequence[int], item_id: int) -> int | None:
    place = beside.index(item_id) + 1
    return beside[place] if place < len(beside) else None
