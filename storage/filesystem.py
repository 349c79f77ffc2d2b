"""Objects in a folder: `ab/cd/abcd…`, written aside, synced, renamed. The default store of one machine."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.objects import Hashed, ObjectDamaged, ObjectMissing, StoreUnavailable, check_key, verify


class FolderObjects:
    """The objects of one folder. A crash leaves either the whole object or a nameless file in `incoming/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key[:2] / key[2:4] / key

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """See `Objects.put`."""
        try:
            with tempfile.NamedTemporaryFile(dir=self._incoming, delete=False) as written:
                hashed = Hashed(stream, limit)
                while data := hashed.read():
                    written.write(data)
                written.flush()
                os.fsync(written.fileno())
            self._place(Path(written.name), hashed.key)
            verify(self, hashed.key)
        except (OSError, ObjectDamaged) as error:
            raise StoreUnavailable from error
        finally:
            Path(written.name).unlink(missing_ok=True)
        return hashed.key, hashed.size

    def _place(self, written: Path, key: str) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.chmod(0o440)
        os.replace(written, path)
        for folder in (path.parent, path.parent.parent, self._root):
            _sync(folder)

    def open(self, key: str) -> BinaryIO:
        """See `Objects.open`."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """See `Objects.local_path`: here, the object's own file."""
        if not self.exists(key):
            raise ObjectMissing(key)
        yield self._path(key)

    def exists(self, key: str) -> bool:
        """See `Objects.exists`."""
        return self._path(key).is_file()

    def remove(self, key: str) -> None:
        """See `Objects.remove`."""
        self._path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """See `Objects.keys`."""
        for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            yield path.name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
