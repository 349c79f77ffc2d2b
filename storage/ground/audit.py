"""The audit trail: what was done, by whom, to what. Written in the transaction of the act itself, so that no act waits for another;
the order of what was committed is sealed a moment later (storage/ground/sealing.py).
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, event, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from storage.ground.database import Base, tells
from storage.ground.lists.paging import Paged, falling, paged

FIRST = "0" * 64  # what the first entry follows


class AuditEntry(Base):
    """One act. `facts` are values, never document text, ballots or secrets."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_subject", "subject_kind", "subject_id"),
        Index("ix_audit_unsealed", "id", sqlite_where=text("position IS NULL"), postgresql_where=text("position IS NULL")),
        {"sqlite_autoincrement": True},  # a number is never given twice, so that an entry that is gone leaves a gap
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("at", "act", "address", "subject_kind", "subject_id")
    )
    actor: Mapped[str]  # the name at that time, or the program: "worker", "command line"
    address: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_sha256: Mapped[str | None]  # of version 1.0 only, which chained by plain hashes
    sha256: Mapped[str | None]
    position: Mapped[int | None] = mapped_column(unique=True)  # in the sealed order, from 1; None: not sealed yet
    seal: Mapped[str | None]
    sealed_under: Mapped[str | None]  # the name of the key, never the key

    @property
    def said(self) -> list[Any]:
        """What the entry says, as JSON values."""
        return [
            self.at.isoformat(), self.act, self.person_id, self.actor, self.address, self.subject_kind, self.subject_id, self.facts,
        ]  # fmt: skip

    def digest(self) -> str:
        """The plain hash that an entry of version 1.0 must bear: of its own facts and of the entry before it."""
        said = [self.previous_sha256, *self.said]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


# Facts whose words are of a fixed list, or name a thing by its code or hash; all other words were written by somebody.
_CODED = frozenset({
    "annex", "approver", "by", "channel", "code", "field", "fields", "form", "from", "kind", "manner", "move", "object", "part",
    "period", "presence", "rule", "section", "sha256", "share", "source", "state", "step", "to", "way", "wish",
})  # fmt: skip
_DATED = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.+Z-]*)?")


def without_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of the facts of an act those that somebody may read who may not know the thing: numbers, days, codes. A title, a reason, a name
    is what the thing says, and is left out."""
    return {name: value for name, value in facts.items() if _says_nothing(name, value)}


def _says_nothing(name: str, value: Any) -> bool:
    if isinstance(value, dict):
        return all(_says_nothing(inner, one) for inner, one in value.items())
    if isinstance(value, list | tuple):
        return all(_says_nothing(name, one) for one in value)
    return not isinstance(value, str) or name in _CODED or _DATED.fullmatch(value) is not None


class AuditTrail:
    """All entries."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def record(
        self,
        act: str,
        *,
        actor: str,
        person_id: int | None = None,
        address: str = "",
        subject: tuple[str, object] = ("", ""),
        facts: Mapping[str, Any] | None = None,
    ) -> AuditEntry:
        """Write one entry into the current transaction. `act` is a past-tense name such as `file_received`."""
        entry = AuditEntry(
            at=now(),
            act=act,
            person_id=person_id,
            actor=actor,
            address=address,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            facts=dict(facts or {}),
        )
        self.session.add(entry)
        self.session.flush()
        return entry

    def of(self, kind: str, subject_id: object, *, most: int | None = None) -> list[AuditEntry]:
        """What was done to one thing, the latest first; at most so many."""
        about = select(AuditEntry).where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == str(subject_id))
        return list(self.session.scalars(about.order_by(AuditEntry.id.desc()).limit(most)))

    def count(self, which: Sequence[ColumnElement[bool]] = ()) -> int:
        """How many entries meet all the conditions."""
        return self.session.scalar(select(func.count()).select_from(AuditEntry).where(*which)) or 0

    def page(self, which: Sequence[ColumnElement[bool]] = (), *, after: str = "") -> Paged[AuditEntry]:
        """A page of the entries that meet all the conditions, the latest first."""
        return paged(self.session, select(AuditEntry).where(*which), falling(AuditEntry.id), after=after)

    def acts(self) -> list[str]:
        """The acts that were ever recorded: from each to the next one in the index, however many entries bear it."""
        first = select(func.min(AuditEntry.act).label("act")).cte(recursive=True)
        after = select(func.min(AuditEntry.act)).where(AuditEntry.act > first.c.act).scalar_subquery()
        every = first.union_all(select(after).where(first.c.act.is_not(None)))
        return list(self.session.scalars(select(every.c.act).where(every.c.act.is_not(None)).order_by(every.c.act)))

    def first_break(self) -> AuditEntry | None:
        """The first entry of version 1.0 that does not follow from the one before it, or None if that chain is whole."""
        previous: str | None = FIRST
        chained = select(AuditEntry).where(AuditEntry.sha256.is_not(None)).order_by(AuditEntry.id)
        entries = self.session.scalars(chained.execution_options(yield_per=500))
        with closing(entries):
            for entry in entries:
                if entry.previous_sha256 != previous or entry.sha256 != entry.digest():
                    return entry
                previous = entry.sha256
        return None


class AuditIsAppendOnly(RuntimeError):
    """Somebody tried to change or delete an entry of the audit trail."""


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse(_mapper: object, _connection: object, _entry: AuditEntry) -> None:
    raise AuditIsAppendOnly
