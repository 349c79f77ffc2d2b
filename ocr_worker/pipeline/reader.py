"""The way in: every act on an untrusted file, done in a sandbox. Import this and nothing else of the pipeline to read files."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.archive.reading import PageReading
from domain.archive.secrecy import Mark
from domain.ground.errors import FileRefused
from domain.ground.files import MediaType, Refusal
from ocr_worker.pipeline import wire
from ocr_worker.pipeline.summary import Summary
from storage.ground.sandbox import MEMORY_BYTES, Sandbox

INSPECT_TIMEOUT_S = 60.0  # a file of 2,000 pages takes seconds
MARK_TIMEOUT_S = 60.0
PAGE_TIMEOUT_S = 180.0  # a page takes 2 to 4 s; a table in small print 15
PICTURE_TIMEOUT_S = 60.0
SEARCHABLE_TIMEOUT_S = 600.0
OFFICE_TIMEOUT_S = 120.0  # LibreOffice takes seconds to start
_HERE = "ocr_worker.pipeline.sandboxed"


class Reader:
    """Reads untrusted files in one sandbox, page by page; for one thread at a time. A context manager.

    Every method raises FileRefused and may be repeated.
    """

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, page_timeout_s: float = PAGE_TIMEOUT_S) -> None:
        self._sandbox = Sandbox(memory_bytes=memory_bytes)
        self._page_timeout_s = page_timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox. The next call starts another."""
        self._sandbox.close()

    def inspect(self, path: Path) -> Summary:
        """What the file is: kind, pages, bytes."""
        media_type, page_count, size_bytes = self._sandbox.call(f"{_HERE}:inspect", [str(path)], timeout_s=INSPECT_TIMEOUT_S)
        return Summary(MediaType(media_type), page_count, size_bytes)

    def find_mark(self, path: Path, number: int = 1) -> Mark | None:
        """The mark of secrecy on a page, seen before it is read."""
        return wire.mark_from_json(self._sandbox.call(f"{_HERE}:find_mark", [str(path), number], timeout_s=MARK_TIMEOUT_S))

    def read_page(self, path: Path, number: int) -> PageReading:
        """The page, read."""
        values = self._sandbox.call(f"{_HERE}:read_page", [str(path), number], timeout_s=self._page_timeout_s)
        with _trusting_no_answer():
            return wire.page_from_json(values)

    def page_image(self, path: Path, number: int, rotation_deg: int = 0, *, max_px: int = 1700) -> bytes:
        """The page as a WebP picture, upright: see `ocr_worker.pipeline.pictures.page_image`."""
        return self._made("page_image", [str(path), number, rotation_deg, max_px], PICTURE_TIMEOUT_S)

    def thumbnail(self, path: Path, number: int = 1, rotation_deg: int = 0) -> bytes:
        """`page_image` at 240 px."""
        return self.page_image(path, number, rotation_deg, max_px=240)

    def searchable_pdf(self, path: Path, pages: Sequence[PageReading]) -> bytes:
        """The file as a PDF with the words read laid under its pages."""
        values = [wire.page_to_json(page) for page in pages]
        return self._made("searchable_pdf", [str(path), values], SEARCHABLE_TIMEOUT_S)

    def joined(self, paths: Sequence[Path]) -> bytes:
        """PDFs joined to one, in order."""
        return self._made("joined", [[str(path) for path in paths]], SEARCHABLE_TIMEOUT_S)

    def office_pdf(self, path: Path, ending: str) -> bytes:
        """An office file as a PDF, by LibreOffice: see `ocr_worker.pipeline.office.to_pdf`."""
        return self._made("office_pdf", [str(path), ending], OFFICE_TIMEOUT_S)

    def _made(self, name: str, args: list[wire.Json], timeout_s: float) -> bytes:
        with tempfile.TemporaryDirectory(prefix="khonggiay-") as folder:
            output = Path(folder) / "made"
            self._sandbox.call(f"{_HERE}:{name}", [*args, str(output)], timeout_s=timeout_s)
            return output.read_bytes()


@contextmanager
def _trusting_no_answer() -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        raise FileRefused(Refusal.CRASHED, "answer") from error
