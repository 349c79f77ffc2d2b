"""What a file is and whether it can be read at all: kind, pages, size. Reading its pages is not here."""

from pathlib import Path

from domain.ground.files import MediaType, Mended
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.media import sniff
from ocr_worker.pipeline.pages import Document, open_document
from ocr_worker.pipeline.summary import Summary
from ocr_worker.pipeline.whole import END_OF_JPEG, attachments, is_ended, is_rebuilt

_LAST_MARKS = {MediaType.JPEG: END_OF_JPEG, MediaType.PNG: b"IEND"}
_LOOK_PX = 100


def inspect(path: Path, limits: Limits = DEFAULT) -> Summary:
    """The summary of a file that can be read. Raises FileRefused with any reason of `Refusal` that a header can tell, and TRUNCATED.

    Parses an untrusted file: call it through `storage.ground.sandbox`.
    """
    media_type = sniff(path, limits)
    with open_document(path, limits) as document:
        mended = _mended(path, media_type, document)
        beside = attachments(path) if media_type is MediaType.PDF else []
        return Summary(media_type, document.page_count, path.stat().st_size, mended, tuple(beside))


def _mended(path: Path, media_type: MediaType, document: Document) -> Mended | None:
    if media_type is MediaType.PDF:
        return Mended.TABLE if is_rebuilt(path) else None
    if media_type not in _LAST_MARKS or is_ended(path, _LAST_MARKS[media_type]):
        return None
    document.picture(1, _LOOK_PX)  # refused unless all of it is there
    return Mended.END
