"""Looking for a mark of secrecy before a page is read: stamps in a frame or in red ink, then the print of the upper left.

What counts as a mark is in domain.archive.secrecy. On a hit nothing that was read leaves this module, not even into a log: only the rule's
name and the page. A faded stamp may be missed, and a red one lost in a grey scan; the archivist's attestation comes first.
"""

from itertools import groupby
from pathlib import Path

from domain.archive.reading import Box
from domain.archive.secrecy import Mark, Rule, rule_of, zone_holds
from ocr_worker.pipeline import images, scans, tesseract
from ocr_worker.pipeline.images import Prepared
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.pages import Scan, open_document

_HEADER = Box(0.0, 0.0, 0.55, 0.36)  # box 10a and around it
_HEADER_DPI = 150  # enough for capitals of 13 points


def find_mark(path: Path, number: int = 1, limits: Limits = DEFAULT) -> Mark | None:
    """The mark that page `number` (from 1) bears, None if none is seen. Cheap: to be called before anything else reads the page.

    On the first page the print of the header's left is read too; on later pages only what stands in a frame or in red. Raises
    FileRefused.
    """
    with open_document(path, limits) as document:
        return mark_on(document.scan(number), number)


def mark_on(scan: Scan, number: int) -> Mark | None:
    """`find_mark` on page `number`, taken out of its file."""
    if images.is_blank(scan.gray):
        return None
    page = scans.prepared(scan)
    rule = _stamped_rule(scan, page) or (_printed_rule(scan, page) if number == 1 else None)
    return Mark(rule, number) if rule else None


def _stamped_rule(scan: Scan, page: Prepared) -> Rule | None:
    stamps = scans.stamps(scan, page, zone_holds)
    return next((rule for stamp in stamps if (rule := rule_of(stamp.text, stamped=True))), None)


def _printed_rule(scan: Scan, page: Prepared) -> Rule | None:
    rows, columns = images.pixels_of(_HEADER, page.gray)
    scale = min(1.0, _HEADER_DPI / scan.dpi)
    header = images.reduced(page.gray[rows, columns], scale)
    words = tesseract.recognise(header, round(scan.dpi * scale), layout=tesseract.BLOCK)
    lines = (" ".join(word.text for word in line) for _, line in groupby(words, key=lambda word: word.line))
    return next((rule for line in lines if (rule := rule_of(line))), None)
