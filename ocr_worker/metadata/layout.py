"""The parts of a document's first page and of its signature block, as printed lines. What they mean is in the sibling modules.

The parts are those of NĐ 30/2020, Phụ lục I: the issuer on the left, the motto on the right, below them number and date; then the
kind and the abstract; at the end the recipients on the left and the signature on the right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from statistics import fmean, median

from domain.archive.reading import Box, Field, PageReading, Word
from domain.ground.vietnamese import fold

_MOTTO = ("cong hoa xa hoi", "dang cong san", "doc lap", "tu do hanh phuc", "hoi chu nghia viet nam")
_HEADER_ENDS = 0.42  # of the page's height
_MOTTO_ENDS, _MOTTO_LEFT = 0.22, 0.33  # of the page: a body may name the State too
_MIDDLE = 0.47  # of the page's width: between the two columns of a header


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line of a page (number from 1)."""

    words: tuple[Word, ...]
    page: int

    @property
    def text(self) -> str:
        """The words with spaces between."""
        return " ".join(word.text for word in self.words)

    @property
    def folded(self) -> str:
        """The letters and digits alone, without case and accents."""
        return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(self.text)).split())

    @property
    def box(self) -> Box:
        """The box around all words."""
        return reduce(Box.union, (word.box for word in self.words))

    @property
    def confidence(self) -> float:
        """The mean of the words' confidences."""
        return fmean(word.confidence for word in self.words)

    @property
    def centre(self) -> float:
        """The middle between its left and right end."""
        return self.box.x + self.box.width / 2

    @property
    def height(self) -> float:
        """How tall its words usually are."""
        return median(word.box.height for word in self.words)


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The lines of a first page by part: left and right column of the header, and all below."""

    left: tuple[Line, ...]
    right: tuple[Line, ...]
    below: tuple[Line, ...]


def lines_of(page: PageReading) -> list[Line]:
    """The printed lines of a page in reading order."""
    return [Line(tuple(words), page.number) for _, words in groupby(page.words, key=lambda word: word.line)]


def first_page(page: PageReading) -> FirstPage:
    """The parts of this page. Without a motto (old or cut papers) the columns are told by their place alone."""
    lines = lines_of(page)
    mottos = [line for line in lines if line.box.y < _MOTTO_ENDS and line.box.x > _MOTTO_LEFT and is_motto(line)]
    split = min((line.box.x for line in mottos), default=_MIDDLE) - 0.01
    split = min(split, _MIDDLE) if mottos else _MIDDLE
    left, right, below = [], [], []
    bottom = _header_bottom(lines, mottos)
    for line in lines:
        if line.box.y > bottom:
            below.append(line)
        elif line.centre < max(split, line.box.x + 0.001) and line.box.x + line.box.width < max(split + 0.06, 0.5):
            left.append(line)
        else:
            right.append(line)
    return FirstPage(tuple(left), tuple(right), tuple(below))


def is_motto(line: Line) -> bool:
    """Whether the line is of the State's or the Party's head."""
    return any(words in line.folded for words in _MOTTO)


def _header_bottom(lines: Sequence[Line], mottos: Sequence[Line]) -> float:
    """Where the header ends: under the date or, without one, under the motto."""
    dated = [line for line in lines if line.box.y < _HEADER_ENDS and "thang" in line.folded and "ngay" in line.folded]
    ends = [line.box.y + line.box.height / 2 for line in [*dated[:1], *mottos]]
    numbers = [
        line.box.y for line in lines if line.box.y < _HEADER_ENDS and line.box.x < _MIDDLE and line.folded.startswith("so ")
    ]
    return max([*ends, *numbers[:1]], default=0.0) + 0.004


def trimmed(line: Line) -> Line:
    """The line without the scraps at its ends that bear no letter or digit: rules, specks, edges of stamps."""
    told = [place for place, word in enumerate(line.words) if any(letter.isalnum() for letter in word.text)]
    return Line(line.words[told[0] : told[-1] + 1], line.page) if told else line


_BY_HAND = (0.7, 1.3)  # a printed word beside others of its line has from so much to so much of their height
_OFF_LINE = 0.2  # of the height of print: how far from its base line a printed word stands


def is_printed(word: Word, left: Word, right: Word) -> bool:
    """Whether the word stands on the line of print and is as tall as the two printed words that it is held against.

    What a pen wrote into the gap of a form is taller or smaller, and stands off the line, in nearly every hand.
    """
    bottoms = [one.box.y + one.box.height for one in (left, word, right)]
    middles = [one.box.x + one.box.width / 2 for one in (left, word, right)]
    across = middles[2] - middles[0]
    line = bottoms[0] + (bottoms[2] - bottoms[0]) * ((middles[1] - middles[0]) / across if across else 0.0)
    tall = right.box.height
    return _BY_HAND[0] * tall <= word.box.height <= _BY_HAND[1] * tall and abs(bottoms[1] - line) <= _OFF_LINE * tall


def field(value: str, lines: Iterable[Line], confidence: float = 1.0) -> Field:
    """A field whose evidence are these lines, as sure as they are times `confidence`."""
    evidence = list(lines)
    box = reduce(Box.union, (line.box for line in evidence))
    sure = min(line.confidence for line in evidence) * confidence
    return Field(value, evidence[0].page, box, round(min(1.0, sure), 3))
