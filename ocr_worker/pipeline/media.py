"""The kind of a file, told from its first bytes, and the hash of all. Its name never makes it one that is read, nothing is parsed."""

from hashlib import sha256
from pathlib import Path

from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, media_type_of, refusal_of
from ocr_worker.pipeline.limits import DEFAULT, Limits


def sniff(path: Path, limits: Limits = DEFAULT) -> MediaType:
    """The kind of this file. Raises FileRefused: MISSING, EMPTY, TOO_LARGE, or what `refusal_of` says."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise FileRefused(Refusal.MISSING) from error
    if size == 0:
        raise FileRefused(Refusal.EMPTY)
    if size > limits.max_bytes:
        raise FileRefused(Refusal.TOO_LARGE)
    media_type = media_type_of(head)
    if media_type is None:
        raise FileRefused(refusal_of(head, path.name))
    return media_type


def hash_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
