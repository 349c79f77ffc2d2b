"""Drawing what was found: pieces of text with their marks as safe HTML, and the words of a page with their boxes and hits."""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from threading import Lock

from markupsafe import Markup, escape

from domain.archive.reading import Box, Word
from search.highlight import Span, spans
from search.query import EVERYTHING, Query
from storage.archive.documents import Page

DOUBTFUL = 0.75  # words read with less confidence are underlined


def drawn(text: str, marks: Sequence[Span]) -> Markup:
    """The text with its marked pieces in <mark>; everything else escaped.

    >>> drawn("a<b c", [(4, 5)])
    Markup('a&lt;b <mark>c</mark>')
    """
    parts, position = [], 0
    for start, end in marks:
        parts += [escape(text[position:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        position = end
    return Markup("").join([*parts, escape(text[position:])])


def flat(marks: Iterable[Span]) -> list[Span]:
    """The marks in order, those that overlap taken together.

    >>> flat([(4, 6), (0, 3), (2, 5)])
    [(0, 6)]
    """
    joined: list[Span] = []
    for start, end in sorted(marks):
        if joined and start < joined[-1][1]:
            before = joined.pop()
            start, end = before[0], max(before[1], end)
        joined.append((start, end))
    return joined


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word of a page with its place in the order of the page; `hit` counts the hits of the page from 0, None for no hit."""

    index: int
    text: str
    box: Box
    line: int
    is_doubtful: bool
    hit: int | None


def shown_words(page: Page, query: Query) -> list[ShownWord]:
    """The words of the page, those that answer the query with the number of their hit."""
    words = page.words
    hits = _hits(query, words)
    return [
        ShownWord(index, word.text, word.box, word.line, word.confidence < DOUBTFUL, hits.get(index))
        for index, word in enumerate(words)
    ]


def lines(words: Sequence[ShownWord]) -> list[list[ShownWord]]:
    """The words by printed line."""
    return [list(line) for _, line in groupby(words, key=lambda word: word.line)]


def _hits(query: Query, words: Sequence[Word]) -> dict[int, int]:
    """Index of the word to number of the hit, for the words that answer the query."""
    if query.node == EVERYTHING:
        return {}
    starts = [0, *accumulate(len(word.text) + 1 for word in words)]
    hits: dict[int, int] = {}
    for number, (start, end) in enumerate(_rows(query, " ".join(word.text for word in words))):
        for index in range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1)):
            hits.setdefault(index, number)
    return hits


def _rows(query: Query, text: str) -> list[Span]:
    """What in the text answers the query, words that stand in a row taken together: they are one place to look at."""
    rows: list[Span] = []
    for start, end in spans(query, text):
        if rows and text[rows[-1][1] : start].isspace():
            start = rows.pop()[0]
        rows.append((start, end))
    return rows


def longest_hit(words: Sequence[ShownWord]) -> int:
    """The number of the hit with the most words, the first of them: most of what was asked for stands there."""
    sizes = Counter(word.hit for word in words if word.hit is not None)
    return max(sizes, key=lambda hit: (sizes[hit], -hit), default=0)


def hits_by_page(texts: Iterable[tuple[int, str]], query: Query) -> dict[int, int]:
    """How many places answer the query, by page; pages without any are left out."""
    counts = {number: len(_rows(query, text)) for number, text in texts}
    return {number: count for number, count in counts.items() if count}


class KeptHits:
    """The counts of the latest questions inside documents, so that stepping through a long one counts once."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, Lock()
        self._kept: OrderedDict[Hashable, dict[int, int]] = OrderedDict()

    def get(self, key: Hashable, count: Callable[[], dict[int, int]]) -> dict[int, int]:
        """What is kept under the key, else what `count` finds."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = count()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found
