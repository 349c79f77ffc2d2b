"""The kind of a file, told from its first and last bytes, and the hash of all. Its name is never asked, nothing is parsed."""

from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from domain.errors import FileRefused
from domain.intake import Refusal
from ocr_worker.pipeline.limits import DEFAULT, Limits


class MediaType(StrEnum):
    """The four kinds of file that are read."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"


_MAGIC = (
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),  # BigTIFF
    (b"MM\x00+", MediaType.TIFF),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
)
_PDF_HEADER_WITHIN = 1024  # bytes: readers of PDF accept rubbish before the header up to here
_TAIL_BYTES = 65_536
_LAST_MARKS = {MediaType.PDF: b"startxref", MediaType.JPEG: b"\xff\xd9", MediaType.PNG: b"IEND"}


def media_type_of(head: bytes) -> MediaType | None:
    """The kind of file that begins with these bytes (1,024 are enough), None for anything else.

    >>> media_type_of(b"%PDF-1.4 ...").name, media_type_of(b"MZ...")
    ('PDF', None)
    """
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return MediaType.PDF if b"%PDF-" in head[:_PDF_HEADER_WITHIN] else None


def sniff(path: Path, limits: Limits = DEFAULT) -> MediaType:
    """The kind of this file. Raises FileRefused: EMPTY, TOO_LARGE, NOT_A_DOCUMENT, or TRUNCATED when its end is missing."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_PDF_HEADER_WITHIN)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        raise FileRefused(Refusal.MISSING) from error
    if size == 0:
        raise FileRefused(Refusal.EMPTY)
    if size > limits.max_bytes:
        raise FileRefused(Refusal.TOO_LARGE)
    media_type = media_type_of(head)
    if media_type is None:
        raise FileRefused(Refusal.NOT_A_DOCUMENT)
    if _LAST_MARKS.get(media_type, b"") not in tail:
        raise FileRefused(Refusal.TRUNCATED)
    return media_type


def hash_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
