"""Rounds: every object that a record names is read and compared, one after the other, again and again, as slowly as its reading allows.

A round goes by keys. How far it has come stands in its row, written with what was found, so a worker that was killed, or another, goes on.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.ground.fixity import Finding
from storage.ground.audit import AuditTrail
from storage.ground.claims import named_after
from storage.ground.database import Base, Database
from storage.ground.fixity.checks import ObjectCheck, ObjectChecks, finding_of
from storage.ground.objects import NotWhole, Objects, StoreUnavailable, verify
from storage.ground.replica.debts import Owed
from storage.ground.replica.objects import ReplicatedObjects

AT_ONCE = 200  # objects between two transactions


class CheckRound(Base):
    """One round; `position` is the key that was checked last."""

    __tablename__ = "check_rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    position: Mapped[str] = mapped_column(default="")
    objects: Mapped[int] = mapped_column(default=0)
    object_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    damaged: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)  # in the second store, compared and whole
    copies_lost: Mapped[int] = mapped_column(default=0)  # damaged or missing there

    @property
    def bytes_per_s(self) -> float | None:
        """How quickly it went; None while it goes on."""
        seconds = (self.ended_at - self.begun_at).total_seconds() if self.ended_at else 0
        return self.object_bytes / seconds if seconds else None


def latest_rounds(session: Session, limit: int) -> list[CheckRound]:
    """The last rounds, the newest first."""
    return list(session.scalars(select(CheckRound).order_by(CheckRound.id.desc()).limit(limit)))


def check_some(database: Database, objects: Objects, *, every: timedelta, pause: Callable[[int], object]) -> bool:
    """Check the next objects of the round that is under way, or of one that is due since the last began so long ago.

    `pause` is told of each object how many bytes were read, and waits. Returns whether anything was due. Raises StoreUnavailable.
    """
    with database.reading() as session:
        last = next(iter(latest_rounds(session, 1)), None)
        if last is not None and last.ended_at is not None and now() - every < last.begun_at <= now():
            return False
        goes_on = last is not None and last.ended_at is None
        position = last.position if last is not None and goes_on else ""
        keys = named_after(session, position, AT_ONCE)
    begun_at = now()
    looks = _looks(objects, keys, pause)
    with database.writing() as session:
        round_ = next(iter(latest_rounds(session, 1)), None)
        if _stands(round_) == _stands(last):  # else another worker was quicker
            if round_ is None or not goes_on:
                round_ = CheckRound(
                    begun_at=begun_at, position="", objects=0, object_bytes=0, damaged=0, missing=0, copies=0, copies_lost=0
                )
                session.add(round_)
            _note(session, round_, looks)
            if isinstance(objects, ReplicatedObjects):
                _note_copies(session, round_, objects, looks)
    return bool(keys)


def _stands(round_: CheckRound | None) -> tuple[int, str] | None:
    return None if round_ is None else (round_.id, round_.position)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one object: in the first store, with how many bytes were read, and in the second (None: it was not asked)."""

    key: str
    finding: Finding
    size: int
    copy: Finding | None = None


def _looks(objects: Objects, keys: Sequence[str], pause: Callable[[int], object]) -> list[_Look]:
    """Look at each in the first store, and in the second for as long as that answers. Raises StoreUnavailable of the first."""
    first, second = objects, None
    if isinstance(objects, ReplicatedObjects):
        first = objects.first
        with suppress(StoreUnavailable):
            second = objects.second()
    looks = []
    for key in keys:
        finding, size = _compared(first, key, pause)
        copy = None
        if second is not None:
            try:
                copy = _compared(second, key, pause)[0]
            except StoreUnavailable:
                second = None
        looks.append(_Look(key, finding, size, copy))
    return looks


def _compared(store: Objects, key: str, pause: Callable[[int], object]) -> tuple[Finding, int]:
    try:
        size = verify(store, key)
    except NotWhole as error:
        return finding_of(error), 0
    pause(size)
    return Finding.WHOLE, size


def _note(session: Session, round_: CheckRound, looks: Sequence[_Look]) -> None:
    ObjectChecks(session).note_all({look.key: look.finding for look in looks}, actor="worker")
    round_.objects += len(looks)
    round_.object_bytes += sum(look.size for look in looks)
    round_.damaged += sum(look.finding is Finding.DAMAGED for look in looks)
    round_.missing += sum(look.finding is Finding.MISSING for look in looks)
    if looks:
        round_.position = looks[-1].key
    if len(looks) < AT_ONCE:
        round_.ended_at = now()
        session.flush()
        session.execute(delete(ObjectCheck).where(ObjectCheck.checked_at < round_.begun_at))  # of what no record names any more


def _note_copies(session: Session, round_: CheckRound, objects: ReplicatedObjects, looks: Sequence[_Look]) -> None:
    """Have lost copies made anew. One that has not come yet is no loss."""
    debts, is_filled = objects.debts, bool(objects.debts.standing().listed_at)
    for look in looks:
        round_.copies += look.copy is Finding.WHOLE
        if look.copy in (None, Finding.WHOLE) or debts.of(Owed.REMOVE, look.key) or debts.of(Owed.KEEP, look.key):
            continue
        if not is_filled and look.copy is Finding.MISSING:
            continue
        round_.copies_lost += 1
        act = "copy_missing" if look.copy is Finding.MISSING else "copy_damaged"
        AuditTrail(session).record(act, actor="worker", subject=("object", look.key))
        debts.owe(Owed.RENEW, look.key)
