"""Objects in a folder: `ab/cd/abcd…`, written aside, synced, renamed. The default store of one machine."""

import io
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.ground.objects import (
    CHUNK,
    IDENTITY,
    Hashed,
    ObjectDamaged,
    ObjectMissing,
    Stored,
    StoreUnavailable,
    check_key,
    compare,
    on_disk,
    verify,
)

_TRUSTED_S = (
    600  # a large file is asked for in many pieces: for so long it is not read whole again, unless its inode has changed
)
_REMEMBERED = 4096  # of so many large files

_Inode = tuple[int, int, int, int, int]


class FolderObjects:
    """The objects of one folder. A crash leaves either the whole object or a nameless file in `incoming/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._compared: dict[str, tuple[_Inode, float]] = {}  # of large files: when, and of which inode, they were found whole
        with on_disk():
            self._incoming.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key[:2] / key[2:4] / key

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """See `Objects.put`."""
        hashed = Hashed(stream, limit)
        with on_disk():
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
        try:
            _write(descriptor, hashed)
            with on_disk():
                self._place(Path(name), hashed.key)
            verify(self, hashed.key)
        except ObjectDamaged as error:
            raise StoreUnavailable from error
        finally:
            Path(name).unlink(missing_ok=True)
        return hashed.key, hashed.size

    def _place(self, written: Path, key: str) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.chmod(0o400)
        os.replace(written, path)
        for folder in (path.parent, path.parent.parent, self._root):
            _sync(folder)

    def open(self, key: str) -> BinaryIO:
        """See `Objects.open`: up to a mebibyte is compared each time and given from memory, more is read twice and remembered."""
        stream = self.unchecked(key)
        with ExitStack() as closing:
            closing.callback(stream.close)
            if os.fstat(stream.fileno()).st_size <= CHUNK:
                small = io.BytesIO()
                compare(stream, key, small)
                small.seek(0)
                return small
            self._compare_large(key, stream)
            closing.pop_all()
        return stream

    def _compare_large(self, key: str, stream: BinaryIO) -> None:
        state = os.fstat(stream.fileno())
        inode = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        known, until = self._compared.get(key, (None, 0.0))
        if known == inode and time.monotonic() < until:
            return
        compare(stream, key)
        stream.seek(0)
        if len(self._compared) >= _REMEMBERED:
            self._compared.clear()
        self._compared[key] = inode, time.monotonic() + _TRUSTED_S

    def unchecked(self, key: str) -> BinaryIO:
        """See `Objects.unchecked`."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error
        except OSError as error:
            raise StoreUnavailable from error

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """See `Objects.local_path`: here, the object's own file."""
        self.open(key).close()
        yield self._path(key)

    def exists(self, key: str) -> bool:
        """See `Objects.exists`."""
        return self._path(key).is_file()

    def remove(self, key: str) -> None:
        """See `Objects.remove`."""
        path = self._path(key)
        with on_disk():
            path.unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """See `Objects.keys`."""
        yield from (stored.key for stored in self.stored())

    def stored(self) -> Iterator[Stored]:
        """See `Objects.stored`."""
        for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            with on_disk(), suppress(FileNotFoundError):  # removed meanwhile
                state = path.stat()
                yield Stored(path.name, datetime.fromtimestamp(state.st_mtime, UTC), state.st_size)

    def identity(self) -> str:
        """See `Objects.identity`: a line in a file beside the objects."""
        path, draft = self._root / IDENTITY, self._incoming / f"{IDENTITY}.{uuid.uuid4().hex}"
        with on_disk():
            if not path.exists():
                draft.write_text(uuid.uuid4().hex, encoding="ascii")
                _sync(draft)
                with suppress(FileExistsError):  # another program was faster
                    os.link(draft, path)
                draft.unlink()
                _sync(self._root)
            return path.read_text(encoding="ascii").strip()

    def clear_unfinished(self, *, before: datetime) -> int:
        """See `Objects.clear_unfinished`: here, nameless files that nobody has written to since."""
        with on_disk():
            left = [path for path in self._incoming.iterdir() if path.stat().st_mtime < before.timestamp()]
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)


def _write(descriptor: int, hashed: Hashed) -> None:
    file = os.fdopen(descriptor, "wb")
    try:
        while data := hashed.read():  # what the sender's stream raises is not ours to translate
            with on_disk():
                file.write(data)
        with on_disk():
            file.flush()
            os.fsync(descriptor)
    finally:
        with on_disk():  # on a full disk, closing tries once more to write what is left
            file.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
