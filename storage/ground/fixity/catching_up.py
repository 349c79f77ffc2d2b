"""Paying what the second store is owed, and mending one store from the other. The worker does it; everything may be repeated."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from domain.ground.clock import now
from domain.ground.fixity import Finding
from storage.ground.audit import AuditTrail
from storage.ground.claims import named_after, unneeded
from storage.ground.database import Database, has_older_writers
from storage.ground.fixity.checks import ObjectChecks, finding_of
from storage.ground.objects import NotWhole, Objects, StoreUnavailable, verify
from storage.ground.replica.debts import Owed
from storage.ground.replica.objects import ReplicatedObjects

AT_ONCE = 500  # objects between two looks at whether the worker is to stop
_GIVEN_UP_S = 3600  # nothing is under way for so long
_SURELY_BEGUN_S = 60  # after so long it is asked whether the transaction of a removal is over
_WORKER = "worker"

log = structlog.get_logger()


class FirstUnavailable(Exception):
    """The first store does not answer, so nothing can be copied from it."""


def pay(database: Database, objects: ReplicatedObjects) -> int:
    """Settle some of what is owed, removals first; returns how many objects were dealt with. Raises StoreUnavailable, which is said of
    the second store, and FirstUnavailable.
    """
    second, acts = (
        objects.second(),
        ((Owed.REMOVE, _remove), (Owed.LOOK, _look_again), (Owed.RENEW, _renew), (Owed.KEEP, _keep)),
    )
    done = 0
    for act, do in acts:
        for key, files in objects.debts.some(act, AT_ONCE).items():
            if (
                do(database, objects, second, key)
                or _age_s(files) > _GIVEN_UP_S
                or _is_rolled_back(database, objects, act, key, files)
            ):
                objects.debts.settle(files)
                done += 1
    return done


def _remove(database: Database, _objects: ReplicatedObjects, second: Objects, key: str) -> bool:
    """Whether it was removed; else a record still names it, perhaps until a transaction is committed."""
    if not _is_unneeded(database, key):
        return False
    second.remove(key)
    return True


def _is_rolled_back(database: Database, objects: ReplicatedObjects, act: Owed, key: str, files: list[Path]) -> bool:
    """Whether the transaction that removed it is over, and a record names it all the same. What the first store lost by it comes back."""
    age = _age_s(files)
    if act is not Owed.REMOVE or age < _SURELY_BEGUN_S:
        return False
    with database.writing() as session:  # on SQLite nobody else writes now
        if has_older_writers(session, age) or key in unneeded(session, [key]):
            return False
    log.warning("a removal was rolled back", key=key)
    objects.debts.owe(Owed.LOOK, key)
    return True


def _look_again(database: Database, objects: ReplicatedObjects, _second: Objects, key: str) -> bool:
    mend(database, objects, key)
    return True


def _keep(database: Database, objects: ReplicatedObjects, second: Objects, key: str) -> bool:
    if copy(objects, second, key) is None and not _is_unneeded(database, key):
        objects.debts.owe(Owed.LOOK, key)
    return True


def _renew(database: Database, objects: ReplicatedObjects, second: Objects, key: str) -> bool:
    if copy(objects, second, key) is not None:
        with database.writing() as session:
            AuditTrail(session).record("copy_mended", actor=_WORKER, subject=("object", key))
    return True


def copy(objects: ReplicatedObjects, second: Objects, key: str) -> int | None:
    """Bring one object into the second store; returns its size, or None where the first does not have it whole."""
    try:
        with _first():
            stream = objects.first.open(key)
    except NotWhole:
        return None
    with stream:
        _key, size = second.put(stream)
    with _first():
        is_there = objects.first.exists(key)
    if not is_there:  # removed meanwhile, and its debt perhaps settled before this copy was there
        objects.debts.owe(Owed.REMOVE, key)
    return size


def mend(database: Database, objects: ReplicatedObjects, key: str) -> bool:
    """Look at an object of the first store and bring it back from the second if it is damaged or missing; returns whether it is whole.

    What was found and what was done are written down and stand in the audit trail. What somebody removes is left alone.
    """
    if objects.debts.of(Owed.REMOVE, key) or _is_unneeded(database, key):
        return False
    finding = _look(objects.first, key)
    _note(database, key, finding)
    if finding is Finding.WHOLE:
        return True
    try:
        stream = objects.second().open(key)
    except NotWhole:
        log.error("neither store has it whole", key=key)
        return False
    with stream, _first():
        kept, _size = objects.first.put(stream)
    if objects.debts.of(Owed.REMOVE, kept) or _is_unneeded(database, kept):  # destroyed while it was brought back
        objects.remove(kept)
        return False
    with database.writing() as session:
        ObjectChecks(session).note_mended(key, actor=_WORKER)
    log.warning("object mended from the second store", key=key, was=finding)
    return True


def mend_lost(database: Database, objects: ReplicatedObjects, tried: dict[str, float], again_s: float) -> int:
    """Try each object that is known to be damaged or missing, again after so many seconds (`tried` remembers when); returns how many
    came back.
    """
    with database.reading() as session:
        lost = [check.key for check in ObjectChecks(session).lost()]
    moment, mended = time.monotonic(), 0
    for key in lost:
        if tried.get(key, -again_s) + again_s <= moment:
            tried[key] = moment
            mended += mend(database, objects, key)
    return mended


def compare_lists(
    database: Database, objects: ReplicatedObjects, pause: Callable[[int], object], is_stopped: Callable[[], bool]
) -> None:
    """Copy what records name and the second store does not have, in the order of keys, at the pace of `pause` (bytes). Nothing is removed:
    that an empty database names nothing is no reason to empty a store.

    Raises StoreUnavailable and FirstUnavailable. Cut short, it is begun anew and skips what is there by then.
    """
    second, debts = objects.second(), objects.debts
    there, copied = _Following(second.keys()), 0
    debts.note(replace(debts.standing(), listing="0", copied=0))
    for keys in _named(database):
        if is_stopped():
            return
        for key in keys:
            if not there.has(key) and (size := copy(objects, second, key)) is not None:
                copied += 1
                pause(size)
        debts.note(replace(debts.standing(), listing=keys[-1], copied=copied))
    debts.note(replace(debts.standing(), listing="", listed_at=now().isoformat(), copied=copied))


class _Following:
    """What lies in a store, asked for in ascending order."""

    def __init__(self, keys: Iterator[str]) -> None:
        self._keys, self._at = keys, next(keys, None)

    def has(self, key: str) -> bool:
        while self._at is not None and self._at < key:
            self._at = next(self._keys, None)
        return self._at == key


def _named(database: Database) -> Iterator[list[str]]:
    position = ""
    while True:
        with database.reading() as session:
            keys = named_after(session, position, AT_ONCE)
        if not keys:
            return
        yield keys
        position = keys[-1]


def _is_unneeded(database: Database, key: str) -> bool:
    with database.reading() as session:
        return key in unneeded(session, [key])


def _age_s(files: list[Path]) -> float:
    """How long ago the youngest was made."""
    return min((time.time() - path.stat().st_mtime for path in files if path.exists()), default=0.0)


def _look(store: Objects, key: str) -> Finding:
    try:
        with _first():
            verify(store, key)
    except NotWhole as error:
        return finding_of(error)
    return Finding.WHOLE


@contextmanager
def _first() -> Iterator[None]:
    """What the first store refuses in the block is not said of the second."""
    try:
        yield
    except StoreUnavailable as error:
        raise FirstUnavailable from error


def _note(database: Database, key: str, finding: Finding) -> None:
    with database.reading() as session:
        if finding is ObjectChecks(session).known(key):
            return
    with database.writing() as session:
        ObjectChecks(session).note(key, finding, actor=_WORKER)
