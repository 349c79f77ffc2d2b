"""The archive and the outgoing register side by side: papers that a unit issued, entries of its register, and which are the same.

Papers are filtered by the audiences of whoever asks, entries by the units that are seen, both inside the queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from domain.archive.work import SHOWN
from domain.directives.directives import REGISTERED
from domain.directives.matching import Identity, Likeness, check_issuer, identity_of, is_of_body, likeness, pairs
from domain.ground.errors import StepNotAllowed
from storage.archive.documents import Document, DocumentField, is_visible_to
from storage.directives.outgoing import OutgoingDocument
from storage.people.units import Unit


@dataclass(frozen=True, slots=True)
class Pair:
    """A paper and an entry; `is_linked` if the entry names the paper already, else `how` sure it is that they are one."""

    paper: Document
    entry: OutgoingDocument
    is_linked: bool
    how: Likeness


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is in both, in the archive only, and in the register only."""

    both: Sequence[Pair]
    papers: Sequence[Document]
    entries: Sequence[OutgoingDocument]

    @property
    def linked(self) -> list[Pair]:
        """Pairs whose entry names the paper."""
        return [pair for pair in self.both if pair.is_linked]

    @property
    def unlinked(self) -> list[Pair]:
        """Pairs that a person may link, the sure ones first."""
        return sorted((pair for pair in self.both if not pair.is_linked), key=lambda pair: -pair.how)


class ArchiveAndRegister:
    """Both, as far as whoever asks may see."""

    def __init__(self, session: Session, audiences: frozenset[str], seen: frozenset[int]) -> None:
        self.session, self.audiences, self.seen = session, audiences, seen

    def compare(self, unit: Unit, year: int) -> Comparison:
        """What the unit issued in the year, by both."""
        papers = {paper.id: paper for paper in self._papers(unit, year)}
        entries = {entry.id: entry for entry in self._entries(unit, year)}
        linked = {entry.document_id: entry for entry in self._linked(list(papers), unit)}
        both = [Pair(papers[key], entry, True, Likeness.SURE) for key, entry in linked.items() if key is not None]
        named = {entry.id for entry in linked.values()}
        free = [(key, identity_of_paper(paper)) for key, paper in papers.items() if key not in linked]
        open_entries = [
            (key, identity_of_entry(one)) for key, one in entries.items() if key not in named and one.document_id is None
        ]
        found = pairs(free, open_entries)
        both += [Pair(papers[paper_id], entries[entry_id], False, how) for paper_id, entry_id, how in found]
        paired = {pair.paper.id for pair in both}
        in_both = {pair.entry.id for pair in both}
        return Comparison(
            both,
            [paper for key, paper in papers.items() if key not in paired],
            [entry for key, entry in entries.items() if key not in in_both and entry.document_id is None],
        )

    def entry_of(self, document: Document) -> OutgoingDocument | None:
        """The entry that names the paper, if whoever asks sees it."""
        naming = select(OutgoingDocument).where(OutgoingDocument.document_id == document.id)
        return self.session.scalars(naming.where(OutgoingDocument.unit_id.in_(self.seen))).first()

    def doubles(self, document: Document) -> list[tuple[OutgoingDocument, Likeness]]:
        """Entries that may be the paper and name none, the sure ones first."""
        identity = identity_of_paper(document)
        if identity.number is None:
            return []
        numbered = select(OutgoingDocument).where(
            OutgoingDocument.unit_id.in_(self.seen),
            OutgoingDocument.state.in_([*REGISTERED]),
            OutgoingDocument.number == identity.number,
            OutgoingDocument.document_id.is_(None),
        )
        alike = [(entry, likeness(identity, identity_of_entry(entry))) for entry in self.session.scalars(numbered)]
        return sorted((one for one in alike if one[1] is not Likeness.NONE), key=lambda one: (-one[1], one[0].id))

    def _papers(self, unit: Unit, year: int) -> list[Document]:
        issuers = self.session.scalars(select(DocumentField.value).where(DocumentField.name == "issuer").distinct())
        written = [value for value in issuers if is_of_body(value, unit.name)]
        issued = select(DocumentField.document_id).where(DocumentField.name == "issuer", DocumentField.value.in_(written))
        dated = select(DocumentField.document_id).where(
            DocumentField.name == "date", DocumentField.value.startswith(f"{year:04}", autoescape=True)
        )
        visible = select(Document).where(
            Document.id.in_(issued), Document.id.in_(dated), is_visible_to(self.audiences), Document.standing.in_(SHOWN)
        )
        return list(self.session.scalars(visible.options(selectinload(Document.fields)).order_by(Document.id)))

    def _entries(self, unit: Unit, year: int) -> list[OutgoingDocument]:
        registered = select(OutgoingDocument).where(
            OutgoingDocument.unit_id == unit.id,
            OutgoingDocument.unit_id.in_(self.seen),
            OutgoingDocument.state.in_([*REGISTERED]),
            OutgoingDocument.dated.between(date(year, 1, 1), date(year, 12, 31)),
        )
        return list(self.session.scalars(registered.order_by(OutgoingDocument.dated, OutgoingDocument.id)))

    def _linked(self, paper_ids: Sequence[int], unit: Unit) -> Sequence[OutgoingDocument]:
        naming = select(OutgoingDocument).where(OutgoingDocument.unit_id.in_(self.seen), OutgoingDocument.unit_id == unit.id)
        return self.session.scalars(naming.where(OutgoingDocument.document_id.in_(paper_ids))).all()


def link(document: Document, entry: OutgoingDocument) -> None:
    """Have the entry name the paper; raises StepNotAllowed if it names another, IssuerIsAnother for the paper of another body."""
    check_issuer(document.value("issuer"), entry.unit.name)
    if entry.document_id not in (None, document.id):
        raise StepNotAllowed("linked", "link")
    entry.document = document


def identity_of_paper(document: Document) -> Identity:
    """What a paper is known by."""
    return identity_of(document.value("number"), document.value("symbol"), document.value("date"), document.value("kind"))


def identity_of_entry(entry: OutgoingDocument) -> Identity:
    """What an entry is known by."""
    return Identity(entry.number, entry.suffix, entry.symbol, entry.dated.isoformat() if entry.dated else "", entry.kind)
