"""The sealed order of the audit trail: a chain under a key that the database does not hold, so that whoever rewrites, removes or cuts off
entries there cannot make it whole again. Where its head is witnessed outside the database stands in storage/ground/witness.py.

A seal covers the seal before, the place in the chain, the number of the entry, and what the entry says.
"""

import hmac
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from domain.ground.clock import now
from storage.ground.audit import FIRST, AuditEntry

_SEALERS_LOCK = 0x4B474155  # any number of our own: sealers go one after the other, acts do not
AT_ONCE = 2000  # entries a transaction


@dataclass(frozen=True, slots=True)
class Key:
    """What seals: derived from the secret key of the installation, and known in the database by its name only."""

    secret: bytes
    name: str

    @classmethod
    def of(cls, secret_key: str) -> Self:
        """The key of an installation with that secret key."""
        secret = hmac.digest(secret_key.encode(), b"khonggiay: audit trail", "sha256")
        return cls(secret, hmac.digest(secret, b"name", "sha256").hex()[:16])

    def mac(self, *said: object) -> str:
        """What only a holder of the key can say of these values."""
        return hmac.digest(self.secret, json.dumps(said, ensure_ascii=False, sort_keys=True).encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of the chain at a moment: how many entries there were, and the seal of the last one."""

    position: int
    seal: str
    at: datetime


NOTHING = Head(0, FIRST, datetime.min)


@dataclass(frozen=True, slots=True)
class Break:
    """Something that cannot be in a trail that nobody touched. `entry` is its number where it is known."""

    problem: str  # EntryRewritten, EntryMissing, TailCut, NotAsWitnessed, KeyUnknown, WitnessMissing, WitnessForged
    entry: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries are sealed, how many wait for it, and how many numbers bear no entry."""

    sealed: int
    unsealed: int
    gaps: int


def head(session: Session) -> Head | None:
    """The last sealed place, or None where nothing was sealed yet."""
    last = select(AuditEntry.position, AuditEntry.seal).where(AuditEntry.position.is_not(None))
    row = session.execute(last.order_by(AuditEntry.position.desc()).limit(1)).first()
    return Head(row[0] or 0, row[1] or "", now()) if row else None


def seal_next(session: Session, key: Key) -> int:
    """Seal what was committed and is not sealed, the lowest number first; returns how many, and is to be repeated until none is left."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer as it is
        session.execute(select(func.pg_advisory_xact_lock(_SEALERS_LOCK)))
    last = head(session) or NOTHING
    waiting = select(AuditEntry).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id).limit(AT_ONCE)
    seal, sealed = last.seal, []
    for position, entry in enumerate(session.scalars(waiting), start=last.position + 1):
        seal = _seal(key, seal, position, entry)
        sealed.append({"id": entry.id, "position": position, "seal": seal, "sealed_under": key.name})
    session.expunge_all()
    if sealed:
        session.execute(update(AuditEntry), sealed)
    return len(sealed)


def _seal(key: Key, previous: str | None, position: int, entry: AuditEntry) -> str:
    return key.mac(previous, position, entry.id, entry.said)


def counts(session: Session) -> Counts:
    """Counted from the rows."""
    unsealed = select(func.count()).select_from(AuditEntry).where(AuditEntry.position.is_(None))
    total = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    waiting = session.scalar(unsealed) or 0
    return Counts(total - waiting, waiting, _last_number(session) - total)


def _last_number(session: Session) -> int:
    """The highest number that was ever given."""
    if session.get_bind().dialect.name == "sqlite":
        given = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'audit_entries'"))
        return int(given or 0)
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def breaks(session: Session, keys: Collection[Key], witnessed: Sequence[Head]) -> Iterator[Break]:
    """Everything that is wrong with the chain, in its order, and then with what was witnessed of it."""
    yield from breaks_after(session, keys, NOTHING)[0]
    yield from differences(session, witnessed)


def differences(session: Session, witnessed: Sequence[Head]) -> Iterator[Break]:
    """What is wrong with the numbers of the entries and with what was witnessed of the chain; its seals are not followed."""
    counted, last = counts(session), head(session) or NOTHING
    unnamed = counted.gaps - (last.position - counted.sealed)  # those of sealed places were named above
    if session.get_bind().dialect.name == "sqlite" and unnamed > 0:
        yield Break("EntryMissing", count=unnamed)
    yield from _unlike_witnessed(session, witnessed)


def breaks_after(session: Session, keys: Collection[Key], place: Head, limit: int | None = None) -> tuple[list[Break], Head]:
    """What is wrong with the next sealed entries after a place of the chain, at most so many, and the place reached."""
    by_name: Mapping[str | None, Key] = {key.name: key for key in keys}
    chain = select(AuditEntry).where(AuditEntry.position > place.position).order_by(AuditEntry.position).limit(limit)
    entries = session.scalars(chain.execution_options(yield_per=500))
    found: list[Break] = []
    unknown = 0
    with closing(entries):
        for entry in entries:
            key = by_name.get(entry.sealed_under)
            unknown += key is None
            found += _break_at(entry, place, key)
            place = Head(entry.position or 0, entry.seal or "", entry.at)
            session.expunge(entry)
    return [*found, *([Break("KeyUnknown", count=unknown)] if unknown else [])], place


def _break_at(entry: AuditEntry, previous: Head, key: Key | None) -> Iterator[Break]:
    """What is wrong with an entry, seen from the one before it; without its key only what is missing can be told."""
    position = entry.position or 0
    if position != previous.position + 1:  # the seal before is lost with it, so nothing is known of this one's
        yield Break("EntryMissing", count=position - previous.position - 1)
    elif key and not hmac.compare_digest(entry.seal or "", _seal(key, previous.seal, position, entry)):
        yield Break("EntryRewritten", entry.id)


def _unlike_witnessed(session: Session, witnessed: Sequence[Head]) -> Iterator[Break]:
    last = (head(session) or NOTHING).position
    if (furthest := max((one.position for one in witnessed), default=0)) > last:
        yield Break("TailCut", count=furthest - last)
    for one in sorted(witnessed, key=lambda one: one.position):
        at_place = select(AuditEntry.seal, AuditEntry.id).where(AuditEntry.position == one.position)
        found = session.execute(at_place).first()
        if found and found[0] != one.seal:
            yield Break("NotAsWitnessed", found[1])
            return
