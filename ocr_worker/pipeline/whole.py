"""Whether a file that is not as its format has it is all there nevertheless, and what it holds beside its pages. Nothing is repaired here.

Viewers open such files, so they are no less than damaged: what their pages show is compared with what they name.
"""

import io
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from PIL import Image

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal, clean_name

_TAIL_BYTES = 65_536
END_OF_JPEG = b"\xff\xd9"
_NOISE = bytes(range(1, 255)) * 64  # what a decoder that still waits for the rest of a picture takes for it
_MOST_NAMES = 100  # of attachments that are told


def is_ended(path: Path, mark: bytes) -> bool:
    """Whether the mark that ends its format stands near the file's end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return mark in file.read()


def ended_jpeg(path: Path) -> bytes:
    """The JPEG with the end that it lacks. Raises OSError unless every row of its picture is there.

    A decoder fills up what is missing, and does not say how much. So the rest is given to it in two ways: rows that depend on it
    are not in the file.
    """
    stored = path.read_bytes()
    if (_pixels(stored + END_OF_JPEG) != _pixels(stored + _NOISE + END_OF_JPEG)).any():
        raise OSError("rows are missing")
    return stored + END_OF_JPEG


def _pixels(jpeg: bytes) -> Any:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return np.asarray(image)


def is_rebuilt(path: Path) -> bool:
    """Whether a viewer must rebuild this PDF to show its pages. Raises FileRefused(TRUNCATED) where pages lack parts for it."""
    try:
        with pikepdf.open(path) as pdf:
            if not pdf.get_warnings():
                return False
            if not _breaks_off(path) and _is_there(pdf.Root.Pages):
                return True
    except pikepdf.PdfError as error:  # a viewer that is content with less may have opened it
        if is_ended(path, b"startxref"):
            return True
        raise FileRefused(Refusal.TRUNCATED) from error
    raise FileRefused(Refusal.TRUNCATED, "parts of pages")


def _breaks_off(path: Path) -> bool:
    """Whether the file ends within an object."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return re.search(rb"\d\s+\d+\s+obj\b", content[content.rfind(b"endobj") + 1 :]) is not None


def _is_there(pages: pikepdf.Object) -> bool:
    """Whether all the pages, and everything that they name to be drawn, are in the file."""
    seen: set[tuple[int, int]] = set()
    waiting = [pages]
    while waiting:
        one = waiting.pop()
        if one.is_indirect:
            if one.objgen in seen:
                continue
            seen.add(one.objgen)
        for value in _parts(one):
            if value is None:
                return False
            if isinstance(value, pikepdf.Object):
                waiting.append(value)
    return True


def _parts(one: pikepdf.Object) -> Iterator[Any]:
    if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from (one.get(key) for key in map(str, one) if key not in ("/Parent", "/P", "/Annots"))
    elif isinstance(one, pikepdf.Array):
        yield from one


def attachments(path: Path) -> list[str]:
    """The names of the files that a PDF carries beside its pages."""
    try:
        with pikepdf.open(path) as pdf:
            return sorted(clean_name(spec.filename or name) for name, spec in pdf.attachments.items())[:_MOST_NAMES]
    except (pikepdf.PdfError, ValueError):
        return []
