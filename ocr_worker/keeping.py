"""What the worker does beside reading so that nothing is lost: the round of checks, as slowly as is set, and the backup of each day."""

import threading
import time
from datetime import timedelta

import structlog

from domain.ground.backups import is_due
from domain.ground.clock import now
from ocr_worker.system import System
from storage.ground.backup.folder import BackupUnderWay
from storage.ground.backup.making import BackupNotMade, Source, make_backup
from storage.ground.backup.records import state_of_backups
from storage.ground.fixity.rounds import check_some
from storage.meetings.votes import secret_vote_is_open

log = structlog.get_logger()


def check(system: System, stopped: threading.Event) -> None:
    """Check what is due, until it is done or the worker is to stop."""
    settings = system.settings
    if not settings.check_days:
        return
    begun, read = time.monotonic(), 0

    def pause(size: int) -> None:
        nonlocal read
        read += size
        stopped.wait(max(0.0, begun + read / (settings.check_mb_s << 20) - time.monotonic()))

    every = timedelta(days=settings.check_days)
    while not stopped.is_set() and check_some(system.database, system.objects, every=every, pause=pause):
        pass


def back_up(system: System) -> None:
    """Make the backup of the day, if one is set and due."""
    settings = system.settings
    if settings.backup_dir is None:
        return
    with system.database.reading() as session:
        state = state_of_backups(session)
    if not is_due(now(), settings.backup_at, state.last_success_at, state.last_try_at):
        return
    source = Source(system.database, system.objects, secret_vote_is_open)
    try:
        made = make_backup(source, settings.backup_dir, actor="worker", keeping=settings.backup_keep)
    except BackupNotMade as error:
        log.warning("backup not made, trying again", problem=error.problem, said=error.detail)
    except BackupUnderWay:
        log.info("backup under way elsewhere")
    else:
        log.info("backup made", name=made.path.name, objects=made.manifest.objects, lost=len(made.manifest.lost))
