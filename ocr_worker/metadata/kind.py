"""The kind of a document: its title line, or else what the symbol says."""

from datetime import date

from domain.archive.documents import LETTER, kind_of_title
from domain.archive.reading import Field
from ocr_worker.metadata import number
from ocr_worker.metadata.layout import FirstPage, field

_TITLE_WITHIN = 12  # lines below the header
_FROM_SYMBOL = 0.9
_NO_TITLE = 0.8


def title_line(page: FirstPage) -> tuple[str, int] | None:
    """The kind that a title line names and that line's place among `page.below`."""
    for index, line in enumerate(page.below[:_TITLE_WITHIN]):
        kind = kind_of_title(line.text)
        if kind:
            return kind, index
    return None


def propose(page: FirstPage, day: date | None = None) -> dict[str, Field]:
    """The field `kind`, by its Vietnamese name; `day` is that of the document, whose rules say what an abbreviation means.

    A document with a number but no title is a letter (công văn).
    """
    title = title_line(page)
    if title:
        return {"kind": field(title[0], [page.below[title[1]]])}
    found = number.find(page)
    if found is None:
        return {}
    parsed, line = found
    kind = parsed.kind_on(day)
    return {"kind": field(kind, [line], _NO_TITLE if kind == LETTER else _FROM_SYMBOL)}
