"""What a file is and whether it can be read at all: kind, pages, size. Reading its pages is not here."""

from dataclasses import dataclass
from pathlib import Path

from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.media import MediaType, sniff
from ocr_worker.pipeline.pages import open_document


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file is: its kind, its pages and its size in bytes."""

    media_type: MediaType
    page_count: int
    size_bytes: int


def inspect(path: Path, limits: Limits = DEFAULT) -> Summary:
    """The summary of a file that can be read. Raises FileRefused with any reason of `Refusal` that a header can tell.

    Parses an untrusted file: call it through `ocr_worker.pipeline.sandbox`.
    """
    with open_document(path, limits) as document:
        return Summary(sniff(path, limits), document.page_count, path.stat().st_size)
