"""What changed between two readings of a paper: words added and taken away, page by page of the new one, with a line around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Kind = Literal["same", "added", "removed", "around"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that is the same in both, or stands in one of them only; `around` is a whole line for orientation."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class PageChanges:
    """The places of a page where something changed, each a row of pieces."""

    page: int
    places: tuple[tuple[Piece, ...], ...]


Pages = Sequence[tuple[int, str]]
"""Number and text of each page, in order."""


def changes(old: Pages, new: Pages) -> list[PageChanges]:
    """The changes by page of the new text; pages without any are left out.

    >>> [piece.text for piece in changes([(1, "hạn ngày 5")], [(1, "hạn ngày 15")])[0].places[0]]
    ['hạn ngày', '5', '15']
    """
    places = groupby(_places(_lines(old), _lines(new)), key=lambda place: place[0])
    return [PageChanges(page, tuple(pieces for _page, pieces in some)) for page, some in places]


def _places(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> Iterator[tuple[int, tuple[Piece, ...]]]:
    before, after = [line for _, line in old], [line for _, line in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        page = new[min(j1, len(new) - 1)][0] if new else 1
        pieces = _words(" ".join(before[i1:i2]).split(), " ".join(after[j1:j2]).split())
        if any(piece.kind != "same" for piece in pieces):  # otherwise only the ends of lines moved
            yield page, (*_around(after, j1 - 1), *pieces, *_around(after, j2))


def _around(lines: Sequence[str], place: int) -> tuple[Piece, ...]:
    return (Piece("around", lines[place]),) if 0 <= place < len(lines) else ()


def _words(old: list[str], new: list[str]) -> list[Piece]:
    pieces = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", " ".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", " ".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", " ".join(new[j1:j2])))
    return pieces


def _lines(pages: Pages) -> list[tuple[int, str]]:
    return [(number, " ".join(line.split())) for number, text in pages for line in text.split("\n") if line.strip()]
