"""Where the index lies on disk: generations side by side, the pointer to the current one, locks and durable files.

A root folder holds numbered folders, one a generation, and the file `current` that names the one to read and the one before it.
Each generation bears the number of its format from its first moment on.
What is in a generation is the business of whoosh_writer.py and whoosh_index.py.
"""

import fcntl
import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from search import pickles as pickles  # before anything is read: Whoosh then runs nothing that a pickle names
from search.index import IndexLocked

_POINTER, _FORMAT, _BOOKS = "current", "format", "books"
_LOCK = "writer.lock"


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """A folder of index files that survive a power cut, and are read through the page cache.

    Whoosh writes a commit's files, then renames the table of contents into place, and never calls fsync. Here every file
    written is on the disk before the rename, and the rename before the commit returns.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._written: set[str] = set()

    def create_file(self, name: str, **options: object) -> StructFile:
        """A new file, remembered until the next rename."""
        self._written.add(name)
        return super().create_file(name, **options)

    def open_file(self, name: str, **_options: object) -> StructFile:
        """A file to read. It is mapped, so nothing is copied and no descriptor stays open."""
        return StructFile(self._mapped(name) or BytesIO(), name=name)

    def view(self, name: str) -> memoryview:
        """The bytes of a file, mapped."""
        return memoryview(self._mapped(name) or b"")

    def _mapped(self, name: str) -> mmap.mmap | None:
        """None for an empty file, which cannot be mapped."""
        with open(self._fpath(name), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else None

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Renames a file once everything written before it is on the disk."""
        for name in self._written:
            if self.file_exists(name):
                sync(Path(self._fpath(name)))
        self._written.clear()
        super().rename_file(oldname, newname, safe=safe)
        sync(Path(self.folder))


def sync(path: Path) -> None:
    """Returns when what the file or folder holds is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a generation for writing, or a root for making a generation; while another holder does, raises IndexLocked."""
    with open(path / _LOCK, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexLocked(str(path)) from error
        yield


def format_of(path: Path) -> tuple[int, int]:
    """The format number of a generation, and when it was made (in ns), which no other of its name shares; 0 where it has none."""
    try:
        file = path / _FORMAT
        return int(file.read_text(encoding="ascii")), file.stat().st_mtime_ns
    except (FileNotFoundError, ValueError):
        return 0, 0


def books_of(path: Path) -> str:
    """The name of the books that a generation was made from; "" where it says none."""
    try:
        return (path / _BOOKS).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


class Generations:
    """The generations below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def readable(self) -> list[Path]:
        """The folders a reader may use, the best first: the current generation and the one before it."""
        return [self.root / name for name in self._pointed() if (self.root / name).is_dir()]

    def being_made(self) -> Path | None:
        """The folder that is to be the next generation, or None; whoever made it may have died."""
        newest = max(self._numbered(), key=int, default="0")
        published = max(map(int, self._pointed()), default=0)
        return self.root / newest if int(newest) > published else None

    def create(self, format_number: int, books: str) -> Path:
        """A new empty folder for entries of this format, of the books of that name.

        Nobody reads it before `publish`; what others gave up is removed.
        """
        path = self.root / str(max(map(int, [*self._numbered(), *self._pointed()]), default=0) + 1)
        path.mkdir()
        (path / _FORMAT).write_text(str(format_number), encoding="ascii")
        (path / _BOOKS).write_text(books, encoding="ascii")
        sync(path / _FORMAT)
        sync(path / _BOOKS)
        sync(path)
        sync(self.root)
        self._keep_only(path, *self.readable())
        return path

    def publish(self, path: Path, *, keep_previous: bool = True) -> None:
        """Makes a generation the current one, in one step, and removes all but it and, if wanted, the one before it.

        Searches going on in a removed one end undisturbed.
        """
        previous = [old for old in self.readable() if old != path][:1] if keep_previous else []
        draft = self.root / f"{_POINTER}.new"
        draft.write_text(" ".join(kept.name for kept in (path, *previous)), encoding="ascii")
        sync(draft)
        draft.replace(self.root / _POINTER)
        sync(self.root)
        self._keep_only(path, *previous)

    def _pointed(self) -> list[str]:
        """The names in the pointer, though their folders may be gone."""
        try:
            return [name for name in (self.root / _POINTER).read_text(encoding="ascii").split() if name.isdecimal()]
        except (FileNotFoundError, UnicodeDecodeError):
            return []

    def _keep_only(self, *kept: Path) -> None:
        for name in self._numbered():
            if self.root / name not in kept:
                self._remove(self.root / name)

    def _numbered(self) -> list[str]:
        try:
            return [entry.name for entry in os.scandir(self.root) if entry.name.isdecimal()]
        except FileNotFoundError:
            return []

    def _remove(self, path: Path) -> None:
        try:
            with locked(path):
                shutil.rmtree(path)
        except IndexLocked:
            return  # somebody is building it
