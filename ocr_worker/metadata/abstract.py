"""The abstract (trích yếu): the phrase under the title, or after "V/v" under the number of a letter."""

import re
from collections.abc import Sequence

from domain.archive.reading import Field
from domain.archive.secrecy import stamped_mark
from domain.ground.vietnamese import fold
from ocr_worker.metadata import kind
from ocr_worker.metadata.layout import FirstPage, Line, field, trimmed

_BODY_OPENS = re.compile(
    r"(can cu|kinh gui|dieu 1\b|phan (i|thu nhat)\b|chuong i\b|theo de nghi|de nghi|xet|thuc hien .*;|[i1] )"
)
_LETTER_OPENS = re.compile(r"^\W*(v/v|v/|về việc|vv|viv)\b[.:]?\s*", re.IGNORECASE)
_MOST_LINES = 9
_CENTRED = 0.035  # of the page's width: how far the middle of a centred line may stray
_FIRST_CENTRED = 0.1  # the first line under the title is hardly anything else
_PITCH = 1.45  # of the abstract's own line pitch: a wider gap ends it
_NEXT_LINE = 2.6  # of a line's height


def propose(page: FirstPage) -> dict[str, Field]:
    """The field `abstract`; the opener "V/v" of a letter is not part of it."""
    title = kind.title_line(page)
    lines = _below_title(page, title[1]) if title else _of_letter(page)
    if not lines:
        return {}
    text = re.sub(r"\s+", " ", " ".join(line.text for line in lines)).strip(" _-–—*|")
    if not title:
        text = _LETTER_OPENS.sub("", text)
    return {"abstract": field(text, lines)} if text else {}


def _below_title(page: FirstPage, index: int) -> list[Line]:
    """The centred lines under the title, up to a wider gap, an indented line, or the words that open a body."""
    above, axis = page.below[index], page.below[index].centre
    taken: list[Line] = []
    pitch = None
    for line in map(trimmed, page.below[index + 1 : index + 1 + _MOST_LINES]):
        step = line.box.y - above.box.y
        if not any(letter.isalpha() for letter in line.text):
            continue  # the rule under a heading, read as dashes
        if taken and pitch is not None and step > _PITCH * pitch:
            break
        stray = _CENTRED if taken else _FIRST_CENTRED
        if _BODY_OPENS.match(line.folded) or abs(line.centre - axis) > stray or _opens_paragraph(line, page.below):
            break
        if taken:
            if line.text.isupper():
                break
            pitch = min(pitch or step, step)
        taken.append(line)
        above, axis = line, line.centre
    return taken


_INDENT = (0.025, 0.12)  # of the page's width
_FLUSH = 0.02


def _opens_paragraph(line: Line, lines: Sequence[Line]) -> bool:
    """Whether the line is indented over the next one and ends with it: the first of a paragraph, not a centred line."""
    place = next(place for place, other in enumerate(lines) if other.words[-1] in line.words or line.words[-1] in other.words)
    for following in lines[place + 1 : place + 2]:
        indent = line.box.x - following.box.x
        ends = abs(line.box.x + line.box.width - following.box.x - following.box.width)
        return _INDENT[0] < indent < _INDENT[1] and ends < _FLUSH
    return False


def _of_letter(page: FirstPage) -> list[Line]:
    """The lines from "V/v" on, in the left column of the header or just below it."""
    lines = [*page.left, *(line for line in page.below if line.centre < 0.5 or _LETTER_OPENS.match(line.text))]
    for index, line in enumerate(lines):
        if _LETTER_OPENS.match(line.text):
            return _adjacent(lines[index : index + _MOST_LINES])
    return []


def _adjacent(lines: list[Line]) -> list[Line]:
    taken = lines[:1]
    for line in lines[1:]:
        if line.box.y - taken[-1].box.y > _NEXT_LINE * taken[-1].height or fold(line.text).startswith("kinh gui"):
            break
        if stamped_mark(line.text):
            break
        taken.append(line)
    return taken
