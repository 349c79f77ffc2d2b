"""The folder in which backups lie: one folder for each, with the database and a list of objects, and the objects of all side by side.

DEST/2026-11-30T020000Z/manifest.json    written last: without it, a backup is unfinished
                        database.…       the database of one moment
                        objects.txt      the objects that it names, a line each: key, size in bytes
DEST/objects/ab/cd/abcd…                 each object once, whichever backups name it
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.ground.backups import Keeping, UnfitBackup
from storage.ground.backup.dumps import NAMES, sync
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import CHUNK, check_key, on_disk

MANIFEST, LIST, OBJECTS = "manifest.json", "objects.txt", "objects"
_UNFINISHED = ".unfinished"
_NAME = "%Y-%m-%dT%H%M%SZ"


class BackupUnfit(Exception):
    """Nothing is restored from there, for that reason; `detail` names the file or the version that is meant."""

    def __init__(self, reason: UnfitBackup, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class BackupUnderWay(Exception):
    """Another program is making a backup in that folder."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished backup says of itself. `lost` are the objects that the database names and that could not be had."""

    version: str  # of the program
    revision: str  # of the tables
    begun_at: str
    ended_at: str
    kind: str
    database_size: int
    database_sha256: str
    objects: int
    object_bytes: int
    list_sha256: str
    lost: list[str]


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished backup."""

    path: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.path / NAMES[self.manifest.kind]

    @property
    def begun_at(self) -> datetime:
        """The moment that its database shows, to the second."""
        return moment_of(self.path.name)

    def objects(self) -> Iterator[tuple[str, int]]:
        """The objects that lie beside it for it, with their sizes."""
        with (self.path / LIST).open(encoding="ascii") as lines:
            for line in lines:
                key, size = line.split()
                yield check_key(key), int(size)

    def check(self) -> None:
        """Raises BackupUnfit unless database and list are those that were written."""
        wanted = {self.database: self.manifest.database_sha256, self.path / LIST: self.manifest.list_sha256}
        for file, sha256 in wanted.items():
            if not file.is_file() or digest(file) != sha256:
                raise BackupUnfit(UnfitBackup.CHANGED, file.name)


class BackupFolder:
    """A folder of backups. Its files can be read by their owner alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with on_disk():
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            root.chmod(0o700)
        self.pool = FolderObjects(root / OBJECTS)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from writing here for as long as the block lasts; raises BackupUnderWay. A killed program holds nothing."""
        with on_disk():
            descriptor = os.open(self.root / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise BackupUnderWay from error
        finally:
            os.close(descriptor)

    def begin(self, moment: datetime) -> Path:
        """A folder for a backup that begins; what was left unfinished goes."""
        with on_disk():
            for left in self.root.glob(f"*{_UNFINISHED}"):
                shutil.rmtree(left)
            path = self.root / (moment.astimezone(UTC).strftime(_NAME) + _UNFINISHED)
            path.mkdir(mode=0o700)
        return path

    def finish(self, path: Path, manifest: Manifest) -> Backup:
        """Declare the backup whole."""
        said = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
        with on_disk():
            (path / MANIFEST).write_bytes(said)
            for file in path.iterdir():
                file.chmod(0o600)
                with file.open("rb") as written:
                    os.fsync(written.fileno())
            sync(path)
            final = path.replace(path.with_name(path.name.removesuffix(_UNFINISHED)))
            sync(self.root)
        return Backup(final, manifest)

    def drop(self, path: Path) -> None:
        """Throw away a backup that was begun."""
        shutil.rmtree(path, ignore_errors=True)

    def prune(self, keeping: Keeping) -> int:
        """Remove what need not be kept, and the objects that no backup names any more; returns how many backups went."""
        every = {backup.begun_at: backup for backup in finished(self.root)}
        going = [every[moment] for moment in every.keys() - keeping.kept(every)]
        with on_disk():
            for backup in going:  # the manifest first: a half-removed one must not be taken for whole
                (backup.path / MANIFEST).unlink()
                shutil.rmtree(backup.path)
        if going:
            self._sweep([backup for backup in every.values() if backup not in going])
        return len(going)

    def _sweep(self, staying: Iterable[Backup]) -> None:
        named = {key for backup in staying for key, _size in backup.objects()}
        for stored in list(self.pool.stored()):
            if stored.key not in named:
                self.pool.remove(stored.key)


def finished(root: Path) -> list[Backup]:
    """The finished backups in a folder, the oldest first; what is unfinished or unreadable is none."""
    found = []
    for path in sorted(root.glob("[0-9]*Z")):
        with suppress(OSError, ValueError, TypeError, KeyError):
            moment_of(path.name)
            manifest = Manifest(**json.loads((path / MANIFEST).read_bytes()))
            NAMES[manifest.kind]
            found.append(Backup(path, manifest))
    return found


def chosen(source: Path) -> Backup:
    """The backup that is meant by the folder of one, or the newest in a folder of many; raises BackupUnfit."""
    own = [backup for backup in finished(source.absolute().parent) if backup.path == source.absolute()]
    found = own or finished(source)
    if not found:
        raise BackupUnfit(UnfitBackup.NONE, str(source))
    return found[-1]


def moment_of(name: str) -> datetime:
    """The moment that the name of a backup says; raises ValueError."""
    return datetime.strptime(name, _NAME).replace(tzinfo=UTC)


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    hashed = hashlib.sha256()
    with file.open("rb") as stream:
        while data := stream.read(CHUNK):
            hashed.update(data)
    return hashed.hexdigest()


def write_list(path: Path, sizes: Iterable[tuple[str, int]]) -> tuple[int, int]:
    """Write the list of objects; returns how many there are, and how many bytes they have."""
    count = total = 0
    with on_disk(), (path / LIST).open("w", encoding="ascii") as lines:
        for key, size in sizes:
            lines.write(f"{key} {size}\n")
            count, total = count + 1, total + size
    return count, total
