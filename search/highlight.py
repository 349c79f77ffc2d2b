"""Showing why a page was found: where the question's words stand in its text, its best few lines, the words to box on the scan.

Marks are places, never HTML; who draws them decides how.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from domain.ground.vietnamese import fold, folded_key, keys
from search.query import Leaf, Number, Phrase, Prefix, Query, Symbol, Word, wanted
from search.symbols import shortened, symbol_places

SNIPPET_CHARACTERS = 220
_BEFORE = 40  # characters shown before the first mark, so that it is read in its sentence

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a page's text as it was written, line breaks as spaces, and where the question's words stand in it.

    `marks` are start and end in `text`. `is_start` and `is_end` say whether the piece reaches the beginning and the end.
    """

    text: str
    marks: tuple[Span, ...]
    is_start: bool
    is_end: bool


def spans(query: Query, text: str) -> list[Span]:
    """Start and end of what in the text answers the question, in order, without overlaps. Nothing excluded is marked.

    What was written with accents is marked where it stands with them; only where it nowhere does, wherever its letters stand.

    >>> from search.parse import parse
    >>> spans(parse('"hòa giải" so*'), "Hoà giải cơ sở, hóa giải")
    [(0, 8), (12, 14)]
    """
    return _flat(_groups(query, text))


def snippet(query: Query, text: str, size: int = SNIPPET_CHARACTERS) -> Snippet:
    """The piece of at most `size` characters that shows most of what was asked for; the beginning where nothing is found."""
    groups = _groups(query, text)
    start = _best_start(groups, size)
    start = _word_start(text, max(0, min(start - _BEFORE, len(text) - size)))
    end = _word_end(text, start, min(len(text), start + size))
    marks = tuple((max(a, start) - start, b - start) for a, b in _flat(groups) if a >= start and b <= end)
    return Snippet(" ".join(text[start:end].split("\n")), marks, start == 0, end == len(text))


def marks(query: Query, words: Sequence[str]) -> list[int]:
    """The indices of the words of a page that answer the question, ascending. A number written as several words marks them all.

    >>> from search.parse import parse
    >>> marks(parse("05-NQ/TU giấy"), ["Số", "05", "-", "NQ/TU", "họp", "không", "giấy."])
    [1, 2, 3, 6]
    """
    starts = [0, *accumulate(len(word) + 1 for word in words)]
    marked: dict[int, None] = {}
    for start, end in spans(query, " ".join(words)):
        marked.update(dict.fromkeys(range(bisect_right(starts, start) - 1, bisect_right(starts, end - 1))))
    return list(marked)


def _groups(query: Query, text: str) -> list[list[Span]]:
    """For each condition asked for, where it stands in the text."""
    read = _Read(text)
    return [list(_found(leaf, read)) for leaf in dict.fromkeys(wanted(query.node))]


def _found(leaf: Leaf, read: "_Read") -> Iterator[Span]:
    match leaf:
        case Word():
            yield from _rows((leaf,), read)
        case Phrase():
            yield from _rows(leaf.words, read)
        case Prefix():
            places = read.places(_prefix_pattern(leaf.folded))
            yield from (place for place in places if folded_key(read.keys(place)[0]).startswith(leaf.folded))
        case Symbol() | Number():
            yield from ((start, end) for start, end, key in symbol_places(read.text) if leaf.key in shortened(key))


def _rows(words: tuple[Word, ...], read: "_Read") -> list[Span]:
    """Where words stand in a row: with their accents if anywhere, else by their letters."""
    toned, folded = [word.toned for word in words], [word.folded for word in words]
    rows = [(place, read.keys(place)) for place in read.places(_row_pattern(words))]
    as_written = [place for place, found in rows if found == toned]
    if as_written and toned != folded:
        return as_written
    return [place for place, found in rows if [folded_key(key) for key in found] == folded]


class _Plain(dict[int, str]):
    """Code point to its folded letter, to a space where it is in no word, to nothing where it only marks a letter."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        self[code] = plain = "" if _MARK.match(letter) else fold(letter)[:1] if letter.isalnum() else " "
        return plain


_MARK = re.compile("[\u0300-\u036f\u00ad]")  # what domain.ground.vietnamese takes for a part of the word before it
_PLAIN = _Plain()


class _Read:
    """A text in which plain letters are looked for, all at once; what they are in full is read only where they stand."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _plain(self) -> str:
        return f" {self.text.translate(_PLAIN)} "

    @cached_property
    def _offsets(self) -> Sequence[int]:
        """Where in the text each plain letter comes from; a text that is composed has as many of them as letters."""
        if len(self._plain) == len(self.text) + 2:
            return range(len(self.text) + 1)
        return [at for at, letter in enumerate(self.text) if _PLAIN[ord(letter)]] + [len(self.text)]

    def places(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """Where in the text the pattern stands: it begins with the space before, and its group ends where the place does."""
        for match in pattern.finditer(self._plain):
            yield self._offsets[match.start()], self._offsets[match.end(1) - 1]

    def keys(self, place: Span) -> list[str]:
        """The toned keys of the words at a place."""
        return keys(self.text[place[0] : place[1]])


@lru_cache(maxsize=1 << 10)
def _row_pattern(words: tuple[Word, ...]) -> re.Pattern[str]:
    """Wherever the words may stand in a row, in plain letters. The words after the first are only looked at: rows may overlap."""
    first, *others = (_spellings(word.folded) for word in words)
    return re.compile(f" {first}(?=({''.join(f' +{other}' for other in others)}) )")


@lru_cache(maxsize=1 << 10)
def _prefix_pattern(prefix: str) -> re.Pattern[str]:
    return re.compile(f" {_spellings(prefix)}(?=([^ ]*) )")


def _spellings(folded: str) -> str:
    """A pattern of all that may be searched by a folded key: 05 by 5, ki by ky; and of a little more."""
    zeros = "0*" if folded.isdecimal() else ""
    return zeros + re.escape(folded).replace("y", "[iy]")


def _flat(groups: list[list[Span]]) -> list[Span]:
    """The spans of all groups in order; those that overlap become one."""
    joined: list[Span] = []
    for start, end in sorted(span for group in groups for span in group):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _best_start(groups: list[list[Span]], size: int) -> int:
    """The start of the window with the most different conditions in it, then the most marks, then the earliest."""
    places = sorted((start, end, which) for which, group in enumerate(groups) for start, end in group)
    best, best_start, left = (0, 0), 0, 0
    counts = dict.fromkeys(range(len(groups)), 0)
    for right, (_, end, which) in enumerate(places):
        counts[which] += 1
        while end - places[left][0] > size - _BEFORE and left < right:
            counts[places[left][2]] -= 1
            left += 1
        worth = (sum(count > 0 for count in counts.values()), right - left + 1)
        if worth > best:
            best, best_start = worth, places[left][0]
    return best_start


def _word_start(text: str, start: int) -> int:
    """The beginning of the first whole word from here on, if one is near."""
    if start == 0 or text[start - 1].isspace():
        return start
    gap = next((index for index in range(start, min(start + _BEFORE, len(text))) if text[index].isspace()), None)
    return start if gap is None else gap + 1


def _word_end(text: str, start: int, end: int) -> int:
    """The end of the last whole word before here, if one is near."""
    if end == len(text) or text[end].isspace():
        return end
    gap = next((index for index in range(end, max(start, end - _BEFORE), -1) if text[index].isspace()), None)
    return end if gap is None else gap
