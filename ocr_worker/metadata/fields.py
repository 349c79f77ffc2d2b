"""All fields of a document, proposed from its pages by the sibling modules. A field that is not found is left out."""

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
    for module in (number, kind, date, issuer, abstract):
        fields |= module.propose(first)
    return fields | signer.propose([lines_of(page) for page in written]) | secrecy.propose(lines_of(written[0]))
