"""The way in: every act on an untrusted file, done in a sandbox. Import this and nothing else of the pipeline to read files."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.archive.reading import PageReading
from domain.archive.secrecy import Mark
from domain.ground.files import MediaType, Mended, clean_name
from ocr_worker.pipeline import office, wire
from ocr_worker.pipeline.summary import Summary
from storage.ground.sandbox import MEMORY_BYTES, Sandbox, believing_nothing, read_made
from storage.ground.walls import Files

INSPECT_CPU_S = 60.0  # a file of 2,000 pages takes seconds
MARK_CPU_S = 60.0
PAGE_CPU_S = 180.0  # a page takes 2 to 4 s; a table in small print 15
PICTURE_CPU_S = 60.0
SEARCHABLE_CPU_S = 600.0
OFFICE_CPU_S = 120.0  # LibreOffice takes seconds to start
_HERE = "ocr_worker.pipeline.sandboxed"


class Reader:
    """Reads untrusted files in one sandbox, page by page; for one thread at a time. A context manager.

    Every method raises FileRefused and may be repeated.
    """

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, page_cpu_s: float = PAGE_CPU_S) -> None:
        self._sandbox = Sandbox(memory_bytes=memory_bytes)
        self._page_cpu_s = page_cpu_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox. The next call starts another."""
        self._sandbox.close()

    def inspect(self, path: Path) -> Summary:
        """What the file is: kind, pages, bytes."""
        values = self._called("inspect", path, [], INSPECT_CPU_S)
        with believing_nothing():
            media_type, page_count, size_bytes, mended, beside = values
            told = Mended(mended) if mended is not None else None
            names = tuple(clean_name(name) for name in beside)
            return Summary(MediaType(media_type), int(page_count), int(size_bytes), told, names)

    def find_mark(self, path: Path, number: int = 1) -> Mark | None:
        """The mark of secrecy on a page, seen before it is read."""
        values = self._called("find_mark", path, [number], MARK_CPU_S)
        with believing_nothing():
            return wire.mark_from_json(values)

    def read_page(self, path: Path, number: int) -> PageReading:
        """The page, read."""
        values = self._called("read_page", path, [number], self._page_cpu_s)
        with believing_nothing():
            return wire.page_from_json(values)

    def read_page_unless_marked(self, path: Path, number: int) -> PageReading | Mark:
        """The page, read, or the mark of secrecy that was seen on it before it was read."""
        values = self._called("read_page_unless_marked", path, [number], MARK_CPU_S + self._page_cpu_s)
        with believing_nothing():
            page, mark = values
            return wire.mark_from_json(mark) or wire.page_from_json(page)

    def page_image(self, path: Path, number: int, rotation_deg: int = 0, *, max_px: int = 1700) -> bytes:
        """The page as a WebP picture, upright: see `ocr_worker.pipeline.pictures.page_image`."""
        return self._made("page_image", [str(path), number, rotation_deg, max_px], PICTURE_CPU_S, [path])

    def thumbnail(self, path: Path, number: int = 1, rotation_deg: int = 0) -> bytes:
        """`page_image` at 240 px."""
        return self.page_image(path, number, rotation_deg, max_px=240)

    def searchable_pdf(self, path: Path, pages: Sequence[PageReading]) -> bytes:
        """The file as a PDF with the words read laid under its pages."""
        values = [wire.page_to_json(page) for page in pages]
        return self._made("searchable_pdf", [str(path), values], SEARCHABLE_CPU_S, [path])

    def joined(self, paths: Sequence[Path]) -> bytes:
        """PDFs joined to one, in order."""
        return self._made("joined", [[str(path) for path in paths]], SEARCHABLE_CPU_S, paths)

    def office_pdf(self, path: Path, ending: str) -> bytes:
        """An office file as a PDF, by LibreOffice: see `ocr_worker.pipeline.office.to_pdf`."""
        return self._made("office_pdf", [str(path), ending], OFFICE_CPU_S, [path], office.folders())

    def _called(self, name: str, path: Path, args: list[wire.Json], cpu_s: float) -> wire.Json:
        return self._sandbox.call(f"{_HERE}:{name}", [str(path), *args], cpu_s=cpu_s, files=Files([path]))

    def _made(self, name: str, args: list[wire.Json], cpu_s: float, *opens: Sequence[Path]) -> bytes:
        with tempfile.TemporaryDirectory(prefix="khonggiay-") as folder:
            output = Path(folder) / "made"
            self._sandbox.call(
                f"{_HERE}:{name}", [*args, str(output)], cpu_s=cpu_s, files=Files(opens[0], [folder], *opens[1:])
            )
            return read_made(output)
