"""The date of issue, from where it is written: behind the name of a place, or alone at the right. No other date is ever taken."""

import re

from domain.archive.documents import PartialDate, parse_date
from domain.archive.reading import Field, Word
from domain.ground.vietnamese import fold
from ocr_worker.metadata import kind
from ocr_worker.metadata.layout import FirstPage, Line, field, is_printed

_RIGHT = 0.4  # of the page's width: box 4 of NĐ 30 begins at 0.53 of the text area
_BELOW = 4  # lines below the header that may still hold it, where the header was not told apart
_PARTIAL = 0.5  # a day that is blank or written by hand is for a person to fill in
_SCRAP = 0.1  # at most so sure is the recogniser of a speck that it took for a letter
_MOST_PLACE, _MOST_AFTER = 6, 1  # words of a place's name; scraps of a seal after the year


def propose(page: FirstPage) -> dict[str, Field]:
    """The field `date` in ISO 8601, without the day where that cannot be read or was written by hand."""
    title = kind.title_line(page)
    below = page.below[: min(_BELOW, title[1]) if title else _BELOW]
    for line in (*page.right, *page.left, *below):
        dated = _dated_part(line)
        written = parse_date(dated.text) if dated else None
        if dated and written:
            if written.day and not _is_day_printed(dated):
                written = PartialDate(written.year, written.month)
            return {"date": field(written.isoformat(), [dated], 1.0 if written.day else _PARTIAL)}
    return {}


def _dated_part(line: Line) -> Line | None:
    """The place and date that the line ends with, None where it is another document's: cited in a sentence, stamped on arrival.

    A place is a few words that begin with capitals. Without it, the date stands alone at the right.
    """
    words = [word for word in line.words if word.confidence > _SCRAP and any(letter.isalnum() for letter in word.text)]
    starts = next(
        (place for place, word in enumerate(words) if re.match(r"ngay\b|\d{1,2}[./-]\d{1,2}[./-]", fold(word.text))), None
    )
    if starts is None or len(words) > starts + _longest(words[starts]) + _MOST_AFTER:
        return None
    begins = starts
    while begins and starts - begins < _MOST_PLACE and _is_of_place(words[begins - 1]):
        begins -= 1
    has_place = begins < starts
    is_at_right = words[starts].box.x > _RIGHT and words[starts].text[0].islower()
    stands_alone = begins == 0 and (has_place or is_at_right)
    behind_number = has_place and fold(words[0].text).startswith("so")  # both columns of the header in one line
    return Line(tuple(words[begins:]), line.page) if stands_alone or behind_number else None


def _longest(first: Word) -> int:
    return 1 if first.text[0].isdigit() else 6  # ngày 05 tháng 02 năm 2025


def _is_of_place(word: Word) -> bool:
    bare = re.sub(r"\W", "", word.text)
    return bare.isalpha() and bare[0].isupper() and fold(bare) not in ("ngay", "so", "den")


def _is_day_printed(dated: Line) -> bool:
    """Whether the day is set in the print of month and year."""
    folded = [fold(word.text) for word in dated.words]
    month = next((place for place, text in enumerate(folded) if text.startswith("thang")), None)
    if month is None or month + 3 >= len(dated.words) or not dated.words[month - 1].text.isdigit():
        return True  # written as one, or in figures alone
    return is_printed(dated.words[month - 1], dated.words[month + 1], dated.words[month + 3])
