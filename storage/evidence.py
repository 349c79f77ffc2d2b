"""Evidence of how outgoing documents were issued, as records: each was checked when it came, and says what it proves.

The levels of a document follow from its claim and all its evidence (`weigh`); whoever adds, changes or withdraws either calls it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.clock import now
from domain.evidence import EvidenceKind, proof_of
from domain.issuance import evidenced
from storage.database import Base
from storage.outgoing import OutgoingDocument
from storage.people import Person


class Evidence(Base):
    """One piece of evidence. `facts` are what was found when it was checked: domain/evidence.py says which, by kind."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    kind: Mapped[EvidenceKind]
    at: Mapped[datetime]  # when what it proves happened, as far as it says; else when it was recorded
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sha256: Mapped[str | None] = mapped_column(index=True)  # the file, among the objects
    name: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]  # by mistake; it stays on record and proves nothing
    withdrawn_because: Mapped[str] = mapped_column(default="")

    outgoing: Mapped[OutgoingDocument] = relationship()
    recorded_by: Mapped[Person | None] = relationship()


def weigh(session: Session, outgoing: OutgoingDocument) -> None:
    """Derive the levels of the document from its claim and its evidence."""
    session.flush()
    held = session.scalars(select(Evidence).where(Evidence.outgoing_id == outgoing.id, Evidence.withdrawn_at.is_(None)))
    claimed = outgoing.claim.range()
    proven = evidenced(claimed, proof_of([(one.kind, one.facts) for one in held]))
    outgoing.claimed_low, outgoing.claimed_high = claimed.low, claimed.high
    outgoing.evidenced_low, outgoing.evidenced_high = proven.low, proven.high
