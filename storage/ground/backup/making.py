"""Making a backup while the system runs: the database of one moment, then every object that it names and that is not there yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.backups import BackupProblem, Keeping
from domain.ground.clock import now
from storage.ground.audit import AuditTrail
from storage.ground.backup.dumps import DumpDamaged, ToolFailed, dumping, kind_of
from storage.ground.backup.folder import LIST, MANIFEST, Backup, BackupFolder, Manifest, digest, write_list
from storage.ground.backup.records import BackupRun
from storage.ground.claims import named
from storage.ground.database import Database
from storage.ground.objects import NotWhole, Objects, StoreUnavailable, verify
from storage.ground.release import version

COMPARED_ANEW_DAYS = 30  # within so many daily backups, each object that lies there already is read again and compared


class BackupNotMade(Exception):
    """No backup was made; `problem` says why, `detail` what was said."""

    def __init__(self, problem: BackupProblem, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up. `must_wait` says whether a database shows what no backup may: an open secret vote."""

    database: Database
    objects: Objects
    must_wait: Callable[[Session], bool]


@dataclass(slots=True)
class Copied:
    """What became of the objects: their sizes by key, how many came new, and which could not be had."""

    sizes: dict[str, int] = field(default_factory=dict)
    new: int = 0
    lost: list[str] = field(default_factory=list)


def make_backup(source: Source, root: Path, *, actor: str, keeping: Keeping | None = None, thorough: bool = False) -> Backup:
    """Make one backup in the folder `root` and verify it; then let those go that need not be kept. Each try is noted.

    `thorough` compares every object that lies there already. Raises BackupNotMade and BackupUnderWay. May be killed at any moment.
    """
    with _explained():
        folder = BackupFolder(root)
        with folder.held(), _noted(source.database, root) as run:
            path = folder.begin(run.begun_at)
            try:
                made, copied = _write(source, folder, path, thorough=thorough)
            except BaseException:
                folder.drop(path)
                raise
            _note(source.database, run, made, copied, actor=actor)
            if keeping:
                folder.prune(keeping)
            return made


def _write(source: Source, folder: BackupFolder, path: Path, *, thorough: bool) -> tuple[Backup, Copied]:
    begun_at = now()
    with dumping(source.database, path) as (session, dump):
        if source.must_wait(session):
            raise BackupNotMade(BackupProblem.VOTE_OPEN)
        keys = sorted(named(session))
        revision = MigrationContext.configure(session.connection()).get_current_revision() or ""
    copied = _copy(source.objects, folder, keys, thorough=thorough)
    count, total = write_list(path, copied.sizes.items())
    manifest = Manifest(
        version=version(), revision=revision, begun_at=begun_at.isoformat(), ended_at=now().isoformat(),
        kind=kind_of(source.database.url), database_size=dump.stat().st_size, database_sha256=digest(dump),
        objects=count, object_bytes=total, list_sha256=digest(path / LIST), lost=copied.lost,
    )  # fmt: skip
    made = folder.finish(path, manifest)
    made.check()
    return made, copied


def _copy(objects: Objects, folder: BackupFolder, keys: list[str], *, thorough: bool) -> Copied:
    there = {stored.key: stored.size for stored in folder.pool.stored()}
    turn, copied = now().toordinal() % COMPARED_ANEW_DAYS, Copied()
    for key in keys:
        is_turn = thorough or int(key[:8], 16) % COMPARED_ANEW_DAYS == turn
        if key in there and (not is_turn or _is_whole(folder.pool, key)):
            copied.sizes[key] = there[key]
            continue
        try:
            stream = objects.open(key)
        except NotWhole:
            copied.lost.append(key)
            continue
        except StoreUnavailable as error:
            raise BackupNotMade(BackupProblem.STORE, str(error)) from error
        with stream:
            copied.sizes[key] = folder.pool.put(stream)[1]  # read back, and compared, when it returns
        copied.new += 1
    return copied


def _is_whole(pool: Objects, key: str) -> bool:
    try:
        verify(pool, key)
    except NotWhole:
        return False
    return True


@contextmanager
def _noted(database: Database, root: Path) -> Iterator[BackupRun]:
    """The record of this try; what keeps it from success is written there and goes on to the caller."""
    with database.writing() as session:
        run = BackupRun(begun_at=now(), place=str(root))
        session.add(run)
        session.flush()
        session.expunge(run)
    try:
        yield run
    except Exception as error:
        explained = _explain(error)
        if explained:
            with database.writing() as session:
                row = session.get_one(BackupRun, run.id)
                row.problem, row.ended_at = explained.problem, now()
        raise


def _note(database: Database, run: BackupRun, made: Backup, copied: Copied, *, actor: str) -> None:
    sha256 = digest(made.path / MANIFEST)
    with database.writing() as session:
        row = session.get_one(BackupRun, run.id)
        row.ended_at, row.name, row.manifest_sha256 = now(), made.path.name, sha256
        row.objects, row.object_bytes = made.manifest.objects, made.manifest.object_bytes
        row.copied, row.lost = copied.new, len(copied.lost)
        row.problem = BackupProblem.LOST if copied.lost else ""
        facts = {"name": made.path.name, "sha256": sha256, "objects": row.objects, "lost": row.lost}
        AuditTrail(session).record("backup_made", actor=actor, subject=("backup", run.id), facts=facts)


def note_whole(session: Session, made: Backup) -> None:
    """In a database that came back from this backup, and was copied while it was made: it became whole."""
    row = session.scalar(select(BackupRun).order_by(BackupRun.id.desc()).limit(1))
    if row is not None and row.problem == BackupProblem.INTERRUPTED:
        row.ended_at, row.name = datetime.fromisoformat(made.manifest.ended_at), made.path.name
        row.problem = BackupProblem.LOST if made.manifest.lost else ""


def _explain(error: Exception) -> BackupNotMade | None:
    if isinstance(error, BackupNotMade):
        return error
    kinds = (
        (ToolFailed, BackupProblem.TOOL),
        (DumpDamaged, BackupProblem.DATABASE),
        (StoreUnavailable, BackupProblem.PLACE),  # the folder of backups is a store, too
        (OSError, BackupProblem.PLACE),
    )
    return next((BackupNotMade(problem, str(error)) for kind, problem in kinds if isinstance(error, kind)), None)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        explained = _explain(error)
        if explained is None or explained is error:
            raise
        raise explained from error
