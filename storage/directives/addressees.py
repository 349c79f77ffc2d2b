"""The units that a document may be sent to, as they are found while one types."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import today
from storage.directives.deliveries import Delivery
from storage.directives.outgoing import OutgoingDocument
from storage.people.candidates import CandidateUnits, stands_on
from storage.people.searched import Candidate
from storage.people.units import Unit


class Addressees(CandidateUnits):
    """The units that stand today but the one that issues: those right below it first, then the one above it, then all others."""

    kind = "addressees"

    def __init__(self, session: Session, outgoing: OutgoingDocument) -> None:
        near = [Unit.parent_id == outgoing.unit_id, Unit.id == outgoing.unit.parent_id]
        super().__init__(session, stands_on(today()), Unit.id != outgoing.unit_id, first=near)
        self.outgoing_id = outgoing.id

    def shown(self, rows: Sequence[Unit]) -> list[Candidate]:
        """Each with its code and the unit above it; past are those whom the document has reached."""
        sent = select(Delivery.unit_id).where(Delivery.outgoing_id == self.outgoing_id)
        there = {str(one) for one in self.session.scalars(sent.where(Delivery.unit_id.in_([row.id for row in rows])))}
        return [replace(one, is_past=one.key in there) for one in super().shown(rows)]
