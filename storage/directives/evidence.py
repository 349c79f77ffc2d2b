"""Evidence of how outgoing documents were issued, as records: each was checked when it came, and says what it proves.

The levels of a document follow from its claim and all its evidence (`weigh`). Evidence comes through `record` and goes through `withdraw`,
which weigh; whoever changes a claim calls `weigh`. An issue is weighed by its plan (storage/directives/issuing.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.directives.evidence import EvidenceKind, Piece, weighed
from domain.ground.clock import now
from domain.ground.errors import StepNotAllowed, existing
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Numbered, ObjectKey, Records
from storage.people.people import Person


class Evidence(Numbered):
    """One piece of evidence. `facts` are what was found when it was checked: domain/directives/evidence.py says which, by kind."""

    __tablename__ = "evidence"

    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    kind: Mapped[EvidenceKind]
    at: Mapped[datetime]  # when what it proves happened, as far as it says; else when it was recorded
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sha256: Mapped[ObjectKey | None] = mapped_column(index=True)  # the file, among the objects
    name: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]  # by mistake; it stays on record and proves nothing
    withdrawn_because: Mapped[str] = mapped_column(default="")

    outgoing: Mapped[OutgoingDocument] = relationship()
    recorded_by: Mapped[Person | None] = relationship()


class EvidencePieces(Records):
    """All evidence."""

    def of(self, outgoing: OutgoingDocument) -> Sequence[Evidence]:
        """All of a document's evidence, withdrawn pieces too, in the order in which it was recorded."""
        return self.session.scalars(
            select(Evidence).where(Evidence.outgoing_id == outgoing.id).order_by(Evidence.recorded_at, Evidence.id)
        ).all()

    def standing(self, outgoing: OutgoingDocument) -> list[Piece]:
        """What of a document's evidence was not withdrawn, for the rules."""
        held = select(Evidence.kind, Evidence.facts).where(Evidence.outgoing_id == outgoing.id, Evidence.withdrawn_at.is_(None))
        return [(kind, facts) for kind, facts in self.session.execute(held)]

    def get(self, evidence_id: int, outgoing: OutgoingDocument) -> Evidence:
        """That piece of the document's evidence; raises NotFound."""
        of_it = select(Evidence).where(Evidence.id == evidence_id, Evidence.outgoing_id == outgoing.id)
        return existing(self.session.scalar(of_it), "evidence", evidence_id)


def record(
    session: Session,
    outgoing: OutgoingDocument,
    kind: EvidenceKind,
    *,
    facts: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    sha256: str | None = None,
    name: str = "",
    by: Person | None = None,
) -> Evidence:
    """Add a piece of evidence, checked by whoever calls, and derive the levels anew.

    The same piece again is not added twice: of a file that is there, what was found this time stands.

    `facts` are JSON values: which of them prove something, domain/directives/evidence.py says by kind. `by` is who records it; None:
    the system.
    """
    session.flush()
    held = {} if facts is None else dict(facts)
    for one in EvidencePieces(session).of(outgoing):
        if (one.kind, one.sha256, one.withdrawn_at) == (kind, sha256, None) and (sha256 or one.facts == held):
            one.facts = held
            weigh(session, outgoing)
            return one
    piece = Evidence(outgoing=outgoing, kind=kind, at=at or now(), facts=held, sha256=sha256, name=name)
    piece.recorded_by_id = by.id if by else None  # the person may belong to another session
    session.add(piece)
    weigh(session, outgoing)
    return piece


def withdraw(session: Session, piece: Evidence, because: str) -> None:
    """Have a piece prove nothing from now on; it stays on record with the reason. Raises StepNotAllowed if that was done before."""
    if piece.withdrawn_at is not None:
        raise StepNotAllowed("withdrawn", "withdraw")
    piece.withdrawn_at, piece.withdrawn_because = now(), because
    weigh(session, piece.outgoing)


def weigh(session: Session, outgoing: OutgoingDocument) -> None:
    """Derive the levels of the document from its claim and its evidence."""
    session.flush()
    outgoing.claimed, outgoing.evidenced = weighed(outgoing.claim, EvidencePieces(session).standing(outgoing))
