"""The date of issue, from the line under the motto. Dates in "Căn cứ" lines are other documents' and are never taken."""

from domain.archive.documents import PartialDate, parse_date
from domain.archive.reading import Field
from ocr_worker.metadata.layout import FirstPage, Line, field

_MIDDLE = 0.5  # of the page's width: a date below the header stands right of it
_PARTIAL = 0.5  # a day that is blank or written by hand is for a person to fill in


def propose(page: FirstPage) -> dict[str, Field]:
    """The field `date` in ISO 8601, without the day where that cannot be read."""
    found = _find(page)
    if found is None:
        return {}
    written, line = found
    return {"date": field(written.isoformat(), [line], 1.0 if written.day else _PARTIAL)}


def _find(page: FirstPage) -> tuple[PartialDate, Line] | None:
    for line in (*page.right, *page.left, *(line for line in page.below[:4] if line.centre > _MIDDLE)):
        if ("thang" in line.folded or "ngay" in line.folded) and not line.folded.startswith("can cu"):
            written = parse_date(line.text)
            if written:
                return written, line
    return None
