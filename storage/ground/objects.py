"""Objects: bytes under the SHA-256 of their content, in a folder or on an S3 server. What they mean, the records say."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 1 << 20  # bytes read at a time
IDENTITY = "store-identity"  # where a store keeps its own
_KEY = re.compile(r"[0-9a-f]{64}")


class NotWhole(Exception):
    """What was kept under `key` cannot be given out."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class ObjectMissing(NotWhole):
    """No object bears that key."""


class ObjectDamaged(NotWhole):
    """The bytes do not have the hash that is their key, or the disk does not give them."""


class ObjectTooLarge(Exception):
    """More bytes came than were allowed; nothing was kept. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class StoreUnavailable(Exception):
    """The store does not answer or has no room; nothing was kept, and the act may be repeated."""


@contextmanager
def on_disk() -> Iterator[None]:
    """Have what fails on the disk inside the block count as a failure of the store."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable from error


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the store knows it: when it was put by the clock of the store, and its size in bytes."""

    key: str
    put_at: datetime
    size: int


class Objects(Protocol):
    """A store of objects. Every operation may be repeated; `put` of bytes that are there changes nothing.

    What is given out has been compared with its key before the first byte of it leaves, so nobody is served what has changed.
    """

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """Keep all bytes of `stream`; returns (key, size). They have been read back when it returns.

        Raises ObjectTooLarge past `limit` bytes, and StoreUnavailable; what `stream` itself raises goes through.
        """

    def open(self, key: str) -> BinaryIO:
        """A stream of the whole bytes that can be read from any place, to be closed by the caller.

        Raises ObjectMissing, ObjectDamaged and StoreUnavailable.
        """

    def unchecked(self, key: str) -> BinaryIO:
        """The bytes as they lie there, for whoever compares them; raises ObjectMissing and StoreUnavailable, also while it is read."""

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """A file with the bytes for as long as the block lasts; it may not be written. Raises what `open` raises."""

    def exists(self, key: str) -> bool:
        """Whether the object is there; says nothing of its health."""

    def remove(self, key: str) -> None:
        """Forget the object; nothing happens if there is none."""

    def keys(self) -> Iterator[str]:
        """The keys of all objects, in order."""

    def stored(self) -> Iterator[Stored]:
        """All objects, in the order of their keys."""

    def identity(self) -> str:
        """What this store and no other is called, whatever its address; written when it is first asked for. Raises StoreUnavailable."""

    def clear_unfinished(self, *, before: datetime) -> int:
        """Remove what is left of puts that were cut short and began before that moment; returns how many there were."""


def check_key(key: str) -> str:
    """The key itself; raises ValueError for what cannot be one, so that no key ever leads out of the store."""
    if not _KEY.fullmatch(key):
        raise ValueError("not the SHA-256 of an object")
    return key


def is_key(name: str) -> bool:
    """Whether something in a store is named as an object is."""
    return bool(_KEY.fullmatch(name))


class Hashed:
    """A stream that is hashed and counted as it is read; reading past `limit` bytes raises ObjectTooLarge."""

    def __init__(self, stream: BinaryIO, limit: int | None = None) -> None:
        self._stream, self._limit = stream, limit
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = CHUNK) -> bytes:
        """The next bytes, empty at the end."""
        data = self._stream.read(size)
        self.size += len(data)
        if self._limit is not None and self.size > self._limit:
            raise ObjectTooLarge(self._limit)
        self._hash.update(data)
        return data

    @property
    def key(self) -> str:
        """The SHA-256 of what has been read, in hexadecimal."""
        return self._hash.hexdigest()


def verify(objects: Objects, key: str) -> int:
    """Read the object whole, whatever is remembered of it; returns its size. Raises NotWhole or StoreUnavailable."""
    with objects.unchecked(key) as stream:
        return compare(stream, key)


def compare(stream: BinaryIO, key: str, aside: BinaryIO | None = None) -> int:
    """Read the stream to its end, into `aside` if that is given; returns its size. Raises ObjectDamaged if it is not what bears the key."""
    hashed = Hashed(stream)
    while data := _next(hashed, key):
        if aside is not None:
            with on_disk():
                aside.write(data)
    if hashed.key != key:
        raise ObjectDamaged(key)
    return hashed.size


def _next(hashed: Hashed, key: str) -> bytes:
    try:
        return hashed.read()
    except OSError as error:  # a sector of the disk that cannot be read
        raise ObjectDamaged(key) from error
