"""The number and the symbol of a document, from the line "Số: ..." of its header."""

import re

from domain.archive.documents import DocumentNumber, parse_number
from domain.archive.reading import Field, Word
from domain.ground.vietnamese import fold
from ocr_worker.metadata.layout import FirstPage, Line, field, is_printed

_UNSURE = 0.6  # a number of doubtful make
_BY_PEN = 0.4  # what a recogniser of print makes of a pen's strokes: UNSURE at best


def find(page: FirstPage) -> tuple[DocumentNumber, Line] | None:
    """The number and the line where it stands, None where there is none."""
    for line in (*page.left, *page.right, *page.below[:4]):
        for start, word in enumerate(line.words):
            if fold(word.text).startswith("so"):
                rest = Line(line.words[start:], line.page)
                parsed = parse_number(rest.text)
                if parsed and any(letter.isupper() for letter in parsed.symbol):
                    return parsed, rest
    return None


def propose(page: FirstPage) -> dict[str, Field]:
    """The fields `number` and `symbol`. A number that cannot be read is left out, not guessed; one that a pen wrote is unsure."""
    found = find(page)
    if found is None:
        return {}
    parsed, line = found
    known = parsed.kind != "Công văn" or parsed.organisation.split("-")[0].isupper()
    fields = {"symbol": field(parsed.symbol, [line], 1.0 if known else _UNSURE)}
    if parsed.number:
        apart, symbol = _apart(line)
        evidence = Line((*apart, symbol) if apart else (symbol,), line.page)
        by_pen = not all(is_printed(word, line.words[0], symbol) for word in apart)
        fields["number"] = field(parsed.number, [evidence], _BY_PEN if by_pen else 1.0)
    return fields


_SYMBOL_OPENS = re.compile(r"[-–—/]|\d[-–—/]?[A-ZĐ]")  # a mark, or letters after the number


def _apart(line: Line) -> tuple[tuple[Word, ...], Word]:
    """The words of the number that stand apart from the symbol, and the word with which the symbol begins.

    Print sets both without a gap; an office that numbers by hand leaves one, which is never filled exactly.
    """
    for place, word in enumerate(line.words[1:], 1):
        if _SYMBOL_OPENS.search(word.text):
            return line.words[1:place], word
    return (), line.words[-1]
