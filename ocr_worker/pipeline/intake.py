"""What a file is and whether it can be read at all: kind, pages, size. Reading its pages is not here."""

from pathlib import Path

from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.media import sniff
from ocr_worker.pipeline.pages import open_document
from ocr_worker.pipeline.summary import Summary


def inspect(path: Path, limits: Limits = DEFAULT) -> Summary:
    """The summary of a file that can be read. Raises FileRefused with any reason of `Refusal` that a header can tell.

    Parses an untrusted file: call it through `storage.ground.sandbox`.
    """
    with open_document(path, limits) as document:
        return Summary(sniff(path, limits), document.page_count, path.stat().st_size)
