"""Orphans: objects that no record names, left by a program that died between keeping bytes and writing about them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.ground.clock import now
from storage.ground.claims import unneeded
from storage.ground.database import Database
from storage.ground.objects import Objects, Stored

SAFE_AGE = timedelta(hours=24)  # what is younger may belong to an upload that goes on: bytes come before their record
_AT_ONCE = 300


def orphans(database: Database, objects: Objects) -> Iterator[Stored]:
    """Every object that no record names, however young, in order."""
    some: list[Stored] = []
    for stored in objects.stored():
        some.append(stored)
        if len(some) == _AT_ONCE:
            yield from _unnamed(database, some)
            some = []
    yield from _unnamed(database, some)


def _unnamed(database: Database, some: list[Stored]) -> list[Stored]:
    with database.reading() as session:
        left = unneeded(session, [stored.key for stored in some])
    return [stored for stored in some if stored.key in left]


def remove(database: Database, objects: Objects, orphan: Stored) -> bool:
    """Remove an orphan unless it is younger than SAFE_AGE or has found its record meanwhile; returns whether it was removed.

    The age is that of the listing. The same bytes may come again at this very moment: whoever writes a record of an object looks
    within that transaction whether it is still there, and has it sent again if not.
    """
    if not is_old(orphan, now()):
        return False
    with database.writing() as session:
        is_unneeded = orphan.key in unneeded(session, [orphan.key])
        if is_unneeded:
            objects.remove(orphan.key)
    return is_unneeded


def is_old(orphan: Stored, moment: datetime) -> bool:
    """Whether no upload that goes on can be about to name it."""
    return orphan.put_at < moment - SAFE_AGE
