"""All fields of a document, proposed from its pages by the sibling modules. A field that is not found is left out."""

import datetime
from collections.abc import Sequence

from domain.archive.reading import Field, PageReading
from ocr_worker.metadata import abstract, date, issuer, kind, number, secrecy, signer
from ocr_worker.metadata.layout import first_page, lines_of


def propose(pages: Sequence[PageReading]) -> dict[str, Field]:
    """The fields found, by name (`domain.archive.reading.FIELD_NAMES`), each with value, page, box and confidence. Pure."""
    written = [page for page in pages if page.words]
    if not written:
        return {}
    first = first_page(written[0])
    fields: dict[str, Field] = {}
    for module in (number, date, issuer, abstract):
        fields |= module.propose(first)
    fields |= kind.propose(first, _day(fields.get("date")))
    return fields | signer.propose([lines_of(page) for page in written]) | secrecy.propose(lines_of(written[0]))


def _day(found: Field | None) -> datetime.date | None:
    """The first day that the date, as far as it is known, may mean."""
    if found is None:
        return None
    year, month, day = (*map(int, found.value.split("-")), 1, 1)[:3]
    return datetime.date(year, month, day)
