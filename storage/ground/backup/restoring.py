"""Bringing an installation back from a backup, where none is: every object first, then the database, which says that all is there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from domain.ground.backups import BackupProblem, UnfitBackup
from storage.ground.backup.dumps import is_empty, kind_of, load
from storage.ground.backup.folder import OBJECTS, Backup, BackupUnfit
from storage.ground.backup.records import BackupRun
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import NotWhole, Objects


@dataclass(slots=True)
class Restored:
    """What came back, and which objects the backup does not have whole."""

    objects: int = 0
    lost: list[str] = field(default_factory=list)


def restore(backup: Backup, database_url: str, objects: Objects, is_known: Callable[[str], bool]) -> Restored:
    """Bring database and objects back; `is_known` says whether a revision of the tables is one that this program can migrate.

    Killed on the way, it is run again and goes on. Raises BackupUnfit before anything is written, ToolFailed, DumpDamaged and
    StoreUnavailable.
    """
    _check(backup, database_url, objects, is_known)
    pool = FolderObjects(backup.path.parent / OBJECTS)
    restored = Restored(lost=list(backup.manifest.lost))
    for key, _size in backup.objects():
        try:
            with pool.open(key) as stream:
                objects.put(stream)
            restored.objects += 1
        except NotWhole:
            restored.lost.append(key)
    if is_empty(database_url):
        load(backup.database, database_url)
    return restored


def _came_from(backup: Backup, url: str) -> bool:
    """Whether the database that is there is that of this backup as it was loaded by a restore that was killed before its end: what it
    says last of backups is that this one is being made. No other column is asked for: the tables may be older than ours.
    """
    engine = create_engine(url, poolclass=NullPool)
    if "backup_runs" not in inspect(engine).get_table_names():
        return False
    with Session(engine) as session:
        runs = select(BackupRun.problem, BackupRun.begun_at).order_by(BackupRun.id.desc()).limit(1)
        last = session.execute(runs).one_or_none()
    return (
        last is not None
        and last.problem == BackupProblem.INTERRUPTED
        and last.begun_at.replace(microsecond=0) == backup.begun_at
    )


def _check(backup: Backup, database_url: str, objects: Objects, is_known: Callable[[str], bool]) -> None:
    manifest = backup.manifest
    if not is_known(manifest.revision):
        raise BackupUnfit(UnfitBackup.NEWER, manifest.version)
    if manifest.kind != kind_of(database_url):
        raise BackupUnfit(UnfitBackup.OTHER_DATABASE, manifest.kind)
    backup.check()
    if not is_empty(database_url) and not _came_from(backup, database_url):
        raise BackupUnfit(UnfitBackup.NOT_EMPTY, kind_of(database_url))
    ours = {key for key, _size in backup.objects()}
    if any(key not in ours for key in objects.keys()):  # noqa: SIM118 - those of the backup: one that was cut short goes on
        raise BackupUnfit(UnfitBackup.NOT_EMPTY, "objects")
