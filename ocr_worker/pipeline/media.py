"""The kind of a file, told from its first and last bytes, and the hash of all. Its name is never asked, nothing is parsed."""

from hashlib import sha256
from pathlib import Path

from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, media_type_of
from ocr_worker.pipeline.limits import DEFAULT, Limits

_TAIL_BYTES = 65_536
_LAST_MARKS = {MediaType.PDF: b"startxref", MediaType.JPEG: b"\xff\xd9", MediaType.PNG: b"IEND"}


def sniff(path: Path, limits: Limits = DEFAULT) -> MediaType:
    """The kind of this file. Raises FileRefused: EMPTY, TOO_LARGE, NOT_A_DOCUMENT, or TRUNCATED when its end is missing."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
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
