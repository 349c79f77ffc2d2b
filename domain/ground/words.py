"""Tables of words: what each member of an enum is called. The words themselves stand with the pages and papers that say them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

E = TypeVar("E")
W = TypeVar("W")


class Words(Mapping[E, W]):
    """The words for every member of an enum, or of another closed list: without one of them, or with a stranger, it cannot be made.

    `without`: those for which nobody asks this table. `beside`: why the enum has a second table; a test finds one without a reason.

    Raises ValueError, so that the program does not start.

    >>> from enum import Enum
    >>> Light = Enum("Light", "RED GREEN")
    >>> Words(Light, {Light.RED: "đỏ", Light.GREEN: "xanh"})[Light.RED]
    'đỏ'
    >>> Words(Light, {Light.RED: "đỏ"})
    Traceback (most recent call last):
    ValueError: no words for <Light.GREEN: 2>
    """

    def __init__(self, every: Iterable[E], words: Mapping[E, W], *, without: Collection[E] = (), beside: str = "") -> None:
        self._words, self.beside = dict(words), beside
        wanted, given = _told_apart(every) - _told_apart(without), _told_apart(words)
        wrong = (("no words for", wanted - given), ("words for a stranger,", given - wanted))
        if wanted != given:
            raise ValueError("; ".join(f"{what} {_named(which)}" for what, which in wrong if which))

    def __getitem__(self, member: E) -> W:
        return self._words[member]

    def __iter__(self) -> Iterator[E]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def _told_apart(members: Iterable[E]) -> set[tuple[type[E], E]]:
    """With their kinds: members of two enums may be equal, where both are texts."""
    return {(type(member), member) for member in members}


def _named(members: Iterable[tuple[Any, object]]) -> str:
    return ", ".join(sorted(repr(member) for _kind, member in members))
