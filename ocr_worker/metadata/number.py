"""The number and the symbol of a document, from the line "Số: ..." of its header."""

from domain.archive.documents import DocumentNumber, parse_number
from domain.archive.reading import Field
from domain.ground.vietnamese import fold
from ocr_worker.metadata.layout import FirstPage, Line, field

_UNSURE = 0.6  # a number of doubtful make


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
    """The fields `number` and `symbol`. A number that cannot be read is left out, not guessed."""
    found = find(page)
    if found is None:
        return {}
    parsed, line = found
    known = parsed.kind != "Công văn" or parsed.organisation.split("-")[0].isupper()
    fields = {"symbol": field(parsed.symbol, [line], 1.0 if known else _UNSURE)}
    if parsed.number:
        fields["number"] = field(parsed.number, [line])
    return fields
