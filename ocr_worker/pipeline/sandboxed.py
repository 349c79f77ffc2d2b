"""What is called inside the sandbox: JSON values in, JSON values out. Large results are written to the path given.

The guard imports this before any file is seen; every call is a fork of it and finds Tesseract's models and Pillow's formats loaded.
"""

from pathlib import Path
from typing import Any

from PIL import Image

from domain.archive.secrecy import Mark
from ocr_worker.pipeline import intake, marks, office, pictures, read, searchable, tesseract, wire

Json = Any

tesseract.load()
Image.init()  # else every call looks through all its plugins anew, longer than a small page takes


def inspect(path: str) -> Json:
    """Kind, pages and size of the file, what was mended, and what it carries beside its pages."""
    summary = intake.inspect(Path(path))
    return [summary.media_type.value, summary.page_count, summary.size_bytes, summary.mended, list(summary.beside)]


def find_mark(path: str, number: int) -> Json:
    """The mark on a page, or null."""
    return wire.mark_to_json(marks.find_mark(Path(path), number))


def read_page(path: str, number: int) -> Json:
    """The reading of a page."""
    return wire.page_to_json(read.read_page(Path(path), number))


def read_page_unless_marked(path: str, number: int) -> Json:
    """The reading of a page, null, and null, the mark that it bears."""
    found = read.read_page_unless_marked(Path(path), number)
    return [None, wire.mark_to_json(found)] if isinstance(found, Mark) else [wire.page_to_json(found), None]


def page_image(path: str, number: int, rotation_deg: int, max_px: int, output: str) -> None:
    """The picture of a page, into a file."""
    Path(output).write_bytes(pictures.page_image(Path(path), number, rotation_deg, max_px=max_px))


def searchable_pdf(path: str, pages: list[dict[str, Json]], output: str) -> None:
    """The searchable PDF, into a file."""
    Path(output).write_bytes(searchable.searchable_pdf(Path(path), [wire.page_from_json(page) for page in pages]))


def office_pdf(path: str, ending: str, output: str) -> None:
    """The PDF of an office file, into a file."""
    Path(output).write_bytes(office.to_pdf(Path(path), ending))


def joined(paths: list[str], output: str) -> None:
    """PDFs joined to one, into a file."""
    Path(output).write_bytes(searchable.joined([Path(path) for path in paths]))
