"""Whether this installation can serve: one table of named checks, for `/ready` and `khonggiay status`. That it lives is `/health`."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from domain.ground.keeping import BACKUP_WITHIN
from search.index import Condition
from storage.archive.heartbeat import beaten_at
from storage.ground.backup.records import state_of_backups
from storage.ground.faults import Fault, fault_of
from storage.ground.fixity.checks import ObjectChecks
from storage.ground.objects import StoreUnavailable
from storage.ground.privacy import open_to_others
from storage.ground.replica.debts import Owed
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.sandbox import standing_noted
from storage.tables import Revision, revision_of
from webapp.ground.system import System

LEAST_FREE = 500 * 1024 * 1024  # bytes; a day of scanning, and the room that a database needs to put itself in order
OWED_WITHIN_S = 900.0  # what is owed to the second store longer than this is told
BEAT_WITHIN_S = 90.0  # the worker beats every 15 s
_NOTHING = "0" * 64  # the key of no object


def _database(system: System) -> str:
    revision = revision_of(system.database)
    return "" if revision is Revision.CURRENT else revision.value


def _store(system: System) -> str:
    """Whether the store answers, and where it is a folder, whether it may be written."""
    system.objects.exists(_NOTHING)
    url = system.settings.objects_url
    folder = Path(url.removeprefix("file:"), "incoming")
    return "" if not url.startswith("file:") or os.access(folder, os.W_OK) else Fault.READ_ONLY.value


def _index(system: System) -> str:
    condition = system.index.state().condition
    return "" if condition is Condition.SOUND else condition.value


def _disk(system: System) -> str:
    free = shutil.disk_usage(system.settings.data_dir).free
    return "" if free >= LEAST_FREE else Fault.FULL.value


def _worker(system: System) -> str:
    beaten = beaten_at(system.settings)
    return "" if beaten is not None and abs(time.time() - beaten) < BEAT_WITHIN_S else "silent"


def _files(system: System) -> str:
    return ", ".join(map(str, open_to_others(system.settings)))


def _lost(system: System) -> str:
    """Files that a check found damaged or missing, and that nothing has mended."""
    with system.database.reading() as session:
        return str(len(ObjectChecks(session).lost()) or "")


def _second(system: System) -> str:
    """Whether the second store, where one is set, has all that it should have; as the worker last found it."""
    if not isinstance(system.objects, ReplicatedObjects):
        return ""
    debts, standing = system.objects.debts, system.objects.debts.standing()
    if standing.place != system.objects.debts.place or not standing.listed_at:
        return standing.problem or "filling"
    oldest = min(filter(None, (debts.oldest(act, 1000) for act in Owed)), default=None)
    is_behind = oldest is not None and time.time() - oldest > OWED_WITHIN_S
    return standing.problem or ("behind" if is_behind else "")


def _backup(system: System) -> str:
    """Unknown is not well: an installation of which no backup is known says so."""
    with system.database.reading() as session:
        age = state_of_backups(session).age
    if age is None:
        return "none"
    return "" if abs(age) <= BACKUP_WITHIN else "old"


def _walls(system: System) -> str:
    return ", ".join(wall.value for wall, lack in standing_noted(system.settings.data_dir).items() if lack)


# name: what looks, and says what is wrong; a check that is added here is asked everywhere
CHECKS: Mapping[str, Callable[[System], str]] = {
    "database": _database,
    "store": _store,
    "index": _index,
    "disk": _disk,
    "worker": _worker,
    "files": _files,
    "lost": _lost,
    "second": _second,
    "backup": _backup,
    "walls": _walls,
}


NEEDED = ("database", "store", "index", "disk")  # without the others pages are served all the same


def look(system: System) -> dict[str, str]:
    """What is wrong by the name of each check, "" where nothing is. Never raises for what the surroundings do."""
    return {name: _looked(check, system) for name, check in CHECKS.items()}


def _looked(check: Callable[[System], str], system: System) -> str:
    try:
        return check(system)
    except Exception as error:
        if isinstance(error, OSError | StoreUnavailable) or fault_of(error):
            return (fault_of(error) or Fault.UNKNOWN).value
        raise
