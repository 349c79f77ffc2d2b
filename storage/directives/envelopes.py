"""Envelopes in the register: which document one speaks of, what it has done to it, and the evidence it leaves.

All of one envelope happens in one transaction or not at all. A document that is updated stays one, and one that is replaced counts by the
other: whatever comes how often, each is counted once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.directives.directives import REGISTERED, OutgoingState, OutgoingStep, take
from domain.directives.edxml import CARRIES, SENDS, Business, Envelope, EnvelopeRefused, Named, Problem, symbol_key
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel, Form
from storage.directives.evidence import Evidence, record
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument
from storage.people.people import Person
from storage.people.units import Unit


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file among the objects, with what was found in it."""

    name: str
    sha256: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an envelope: the document it speaks of, whether its entry is new, and how many of its targets were not found."""

    outgoing: OutgoingDocument
    is_new: bool
    missing: int = 0


class Envelopes:
    """The envelopes of one unit, taken in by a person."""

    def __init__(self, session: Session, unit: Unit, person: Person) -> None:
        self.session, self.unit, self.person = session, unit, person

    def take_in(
        self, envelope: Envelope, source: KeptFile, pdfs: Sequence[KeptFile], only: OutgoingDocument | None = None
    ) -> Taken:
        """Do what the envelope says and keep it with its PDFs as evidence. `only`: the one document it may speak of.

        Raises EnvelopeRefused, StepNotAllowed, and what a number raises that is taken.
        """
        if self.session.scalar(select(Evidence.id).where(Evidence.sha256 == source.sha256, Evidence.withdrawn_at.is_(None))):
            raise EnvelopeRefused(Problem.TAKEN_IN)
        named = self.find(envelope.named)
        targets = [found for target in envelope.targets if (found := self.find(target))]
        if envelope.business in SENDS:
            taken = self._sent(envelope, named, [one for one in targets if one is not named])
        else:
            taken = self._changed(envelope, next(iter(targets), named))
        if only is not None and taken.outgoing is not only:
            raise EnvelopeRefused(Problem.NOT_THIS_DOCUMENT, taken.outgoing.written_number)
        self._prove(taken.outgoing, envelope, source, pdfs)
        return taken

    def find(self, named: Named) -> OutgoingDocument | None:
        """The unit's document of that id, or of that number, symbol and date; None if there is none, or no single one."""
        mine = select(OutgoingDocument).where(
            OutgoingDocument.unit_id == self.unit.id, OutgoingDocument.state.in_([*REGISTERED])
        )
        if named.document_id and (found := self.session.scalars(mine.filter_by(edxml_document_id=named.document_id)).first()):
            return found
        if named.number is None or named.dated is None:
            return None
        numbered = mine.filter_by(number=named.number, suffix=named.suffix, dated=named.dated)
        alike = [one for one in self.session.scalars(numbered) if symbol_key(one.symbol) == symbol_key(named.symbol)]
        return alike[0] if len(alike) == 1 else None

    def _changed(self, envelope: Envelope, target: OutgoingDocument | None) -> Taken:
        """A document of the register is revoked, or its entry updated."""
        if target is None:
            raise EnvelopeRefused(Problem.TARGET_MISSING)
        if envelope.business is Business.REVOKE:
            target.state = take(target.state, OutgoingStep.REVOKE)
        else:
            target.abstract, target.kind = envelope.abstract, envelope.kind
            target.signer, target.signer_title = envelope.signer or target.signer, envelope.signer_title or target.signer_title
            target.recipients = "\n".join(envelope.recipients) or target.recipients
        return Taken(target, is_new=False)

    def _sent(self, envelope: Envelope, named: OutgoingDocument | None, targets: Sequence[OutgoingDocument]) -> Taken:
        """A document was sent, in the place of others if the envelope says so."""
        outgoing = named or self._entered(envelope)
        self._claim(outgoing, envelope)
        if envelope.business is Business.REPLACE:
            for target in targets:
                target.state = take(target.state, OutgoingStep.REPLACE)
                target.replaced_by = outgoing
        missing = len(envelope.targets) - len(targets) if envelope.business is Business.REPLACE else 0
        return Taken(outgoing, is_new=named is None, missing=missing)

    def _entered(self, envelope: Envelope) -> OutgoingDocument:
        """A new entry of the register."""
        number, dated = envelope.named.number, envelope.named.dated
        assert number is not None and dated is not None  # noqa: S101, PT018 - an envelope without them was refused
        outgoing = OutgoingDocument(
            unit=self.unit,
            state=OutgoingState.ISSUED,
            kind=envelope.kind,
            symbol=envelope.named.symbol,
            abstract=envelope.abstract,
            signer=envelope.signer,
            signer_title=envelope.signer_title,
            recipients="\n".join(envelope.recipients),
            drafted_by_id=self.person.id,
        )
        Numbering(self.session, self.unit.id).place(outgoing, number, envelope.named.suffix, dated)
        self.session.add(outgoing)
        return outgoing

    def _claim(self, outgoing: OutgoingDocument, envelope: Envelope) -> None:
        """What the register did not say yet of the issue, the envelope says: what was claimed before stays as it was claimed."""
        if outgoing.state in (OutgoingState.NUMBERED, OutgoingState.SIGNED):
            outgoing.state = OutgoingState.ISSUED
        outgoing.edxml_document_id = outgoing.edxml_document_id or envelope.named.document_id
        outgoing.channel = outgoing.channel or Channel.AXIS
        outgoing.sent_at = outgoing.sent_at or envelope.sent_at
        if outgoing.form is None and envelope.is_paper_too is not None:
            outgoing.form = Form.BOTH if envelope.is_paper_too else Form.ELECTRONIC
        self.session.flush()

    def _prove(self, outgoing: OutgoingDocument, envelope: Envelope, source: KeptFile, pdfs: Sequence[KeptFile]) -> None:
        at = envelope.sent_at
        record(
            self.session, outgoing, EvidenceKind.EDXML, facts=source.facts, at=at, sha256=source.sha256, name=source.name,
            by=self.person,
        )  # fmt: skip
        for pdf in pdfs if envelope.business in CARRIES else ():
            record(
                self.session, outgoing, EvidenceKind.PDF, facts=pdf.facts, at=at, sha256=pdf.sha256, name=pdf.name,
                by=self.person,
            )  # fmt: skip


def facts_of(envelope: Envelope) -> dict[str, Any]:
    """The facts of EvidenceKind.EDXML, as JSON values."""
    is_without_paper = None if envelope.is_paper_too is None else not envelope.is_paper_too
    return {
        "business": envelope.business.name.lower(),
        "document_id": envelope.named.document_id,
        "from": envelope.organ_name or envelope.organ_id,
        "sent_at": envelope.sent_at and envelope.sent_at.isoformat(),
        "is_without_paper": is_without_paper,
        "reason": envelope.reason,
        "attached": len(envelope.attachments),
    }
