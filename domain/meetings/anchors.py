"""Where a note stands: by its words and the words around them, so that it finds its place again in a new version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from unicodedata import normalize

from domain.archive.reading import Box, Word


@dataclass(frozen=True, slots=True)
class Anchor:
    """The words that a note stands on, and some before and after them."""

    quote: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an anchor was found: the page and a box for each printed line."""

    page: int
    boxes: tuple[Box, ...]


def carried(anchor: Anchor, pages: Mapping[int, Sequence[Word]], *, near: int) -> Place | None:
    """The place of the anchor in other pages, or None where its words are gone.

    Of several places the one with the most like words around it is taken, then the one nearest to page `near`. Case, spaces and
    the way in which accents are composed do not matter; every word of the quote must be there in a row.
    """
    wanted = _plain(anchor.quote.split())
    if not wanted:
        return None
    found = [
        (_alike(anchor, words, start, len(wanted)), -abs(page - near), -page, -start)
        for page, words in pages.items()
        for start in _starts(wanted, _plain(word.text for word in words))
    ]
    if not found:
        return None
    _score, _distance, minus_page, minus_start = max(found)
    page, start = -minus_page, -minus_start
    return Place(page, line_boxes(pages[page][start : start + len(wanted)]))


def line_boxes(words: Sequence[Word]) -> tuple[Box, ...]:
    """One box for each printed line of these words."""
    lines = groupby(words, key=lambda word: word.line)
    return tuple(reduce(Box.union, (word.box for word in line)) for _, line in lines)


def _plain(texts: Iterable[str]) -> list[str]:
    return [normalize("NFC", text).casefold() for text in texts]


def _starts(wanted: Sequence[str], texts: Sequence[str]) -> list[int]:
    size = len(wanted)
    return [start for start in range(len(texts) - size + 1) if texts[start : start + size] == list(wanted)]


def _alike(anchor: Anchor, words: Sequence[Word], start: int, size: int) -> int:
    """How many of the words around the place are those around the anchor, counted outwards until one differs."""
    texts = _plain(word.text for word in words)
    before, after = _plain(anchor.before.split()), _plain(anchor.after.split())
    return _run(before[::-1], texts[:start][::-1]) + _run(after, texts[start + size :])


def _run(wanted: Sequence[str], there: Sequence[str]) -> int:
    count = 0
    for one, other in zip(wanted, there, strict=False):
        if one != other:
            break
        count += 1
    return count
