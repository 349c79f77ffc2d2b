"""Bringing in as records: batches with their attestation, a receipt for every file that came. Receiving is in reception.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from domain.archive.intake import ATTESTATION, Outcome
from domain.archive.work import Standing, State
from domain.ground.clock import now
from domain.ground.errors import existing
from domain.people.access import Access
from storage.archive.documents import Document, DocumentFile
from storage.archive.places import Catalogue, RecordFile
from storage.archive.work import OPENING, Work
from storage.ground.audit import AuditTrail
from storage.ground.database import Numbered, Records, tells
from storage.people.people import Person
from storage.people.units import Unit


class Batch(Numbered):
    """Papers brought in together, with the word of a person that none of them bears a secrecy mark."""

    __tablename__ = "batches"

    source: Mapped[str]  # web, folder, command, meeting or register
    name: Mapped[str] = mapped_column(default="")  # of the watched folder that it came in
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True, info=tells())
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    attested_by: Mapped[str]
    attested_at: Mapped[datetime] = mapped_column(default=now)
    attestation: Mapped[str]  # which wording was confirmed: domain.archive.intake.ATTESTATION
    record_file_id: Mapped[int | None] = mapped_column(ForeignKey("record_files.id"))
    access: Mapped[Access] = mapped_column(default=Access.OPEN)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    circle: Mapped[str] = mapped_column(default="")  # of papers of a meeting: who alone may see them

    person: Mapped[Person | None] = relationship()
    record_file: Mapped[RecordFile | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    receipts: Mapped[list["Receipt"]] = relationship(order_by="Receipt.sequence", back_populates="batch")


class Receipt(Numbered):
    """A file that came, and what became of it. Its name is wiped when its document is destroyed."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("batch_id", "sequence"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    sequence: Mapped[int]
    name: Mapped[str]  # with its folder below the one that was chosen
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)  # empty if the file was refused unread
    outcome: Mapped[Outcome] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(default=now)

    batch: Mapped[Batch] = relationship(back_populates="receipts")
    document: Mapped[Document | None] = relationship()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of a batch: a file that came, or a document of several files in the place of the first of them."""

    receipt: Receipt
    files: int
    pages: Mapping[State, int]
    reasons: Sequence[str]  # why some of its work failed

    @property
    def document(self) -> Document | None:
        """The document that the file belongs to."""
        return self.receipt.document

    @property
    def read(self) -> int:
        """How many pages have been read."""
        return self.pages.get(State.DONE, 0)


class Batches(Records):
    """All batches."""

    def get(self, batch_id: int) -> Batch:
        """The batch; raises NotFound."""
        return existing(self.session.get(Batch, batch_id), "batch", batch_id)

    def find(self, *, source: str, name: str, attested_by: str) -> Batch | None:
        """The latest batch of that source and name on that person's word, or None."""
        like = select(Batch).where(Batch.source == source, Batch.name == name, Batch.attested_by == attested_by)
        return self.session.scalar(like.order_by(Batch.id.desc()).limit(1))

    def latest(self, limit: int, offset: int = 0) -> list[Batch]:
        """The latest batches of the archive, newest first, with who and where."""
        place = joinedload(Batch.record_file).joinedload(RecordFile.catalogue).joinedload(Catalogue.fonds)
        newest = select(Batch).where(Batch.circle == "").options(joinedload(Batch.person), place).order_by(Batch.id.desc())
        return list(self.session.scalars(newest.limit(limit).offset(offset)))

    def count(self) -> int:
        """How many batches of the archive there are."""
        return self.session.scalar(select(func.count()).select_from(Batch).where(Batch.circle == "")) or 0

    def outcomes(self, batch_ids: Sequence[int]) -> dict[int, dict[Outcome, int]]:
        """How many files of each of these batches came to which outcome."""
        grouped = select(Receipt.batch_id, Receipt.outcome, func.count()).where(Receipt.batch_id.in_(batch_ids))
        counts: dict[int, dict[Outcome, int]] = {batch_id: {} for batch_id in batch_ids}
        for batch_id, outcome, count in self.session.execute(grouped.group_by(Receipt.batch_id, Receipt.outcome)):
            counts[batch_id][outcome] = count
        return counts

    def standings(self, batch_ids: Sequence[int]) -> dict[int, dict[Standing, int]]:
        """How many documents of each of these batches stand where."""
        grouped = select(Document.batch_id, Document.standing, func.count()).where(Document.batch_id.in_(batch_ids))
        counts: dict[int, dict[Standing, int]] = {batch_id: {} for batch_id in batch_ids}
        for batch_id, standing, count in self.session.execute(grouped.group_by(Document.batch_id, Document.standing)):
            counts[batch_id][standing] = count
        return counts

    def pages(self, batch_id: int) -> dict[State, int]:
        """How many pages of the batch are in each state."""
        pages = select(Work.state, func.count()).join(Work.document).where(Document.batch_id == batch_id, Work.page != OPENING)
        return {row[0]: row[1] for row in self.session.execute(pages.group_by(Work.state))}

    def rows(self, batch_id: int, show: Outcome | Standing | None, *, limit: int, offset: int = 0) -> list[Row]:
        """Lines of the batch in the order of arrival: all, those of one outcome, or the documents of one standing."""
        chosen = self._shown(batch_id, show).options(contains_eager(Receipt.document))
        receipts = list(self.session.scalars(chosen.order_by(Receipt.sequence).limit(limit).offset(offset)))
        documents = [receipt.document_id for receipt in receipts if receipt.document_id]
        files, pages, reasons = self._files_of(documents), self._pages_of(documents), self._reasons_of(documents)
        return [
            Row(receipt, files.get(key, 0), pages.get(key, {}), reasons.get(key, []))
            for receipt in receipts
            for key in [receipt.document_id or 0]
        ]

    def count_rows(self, batch_id: int, show: Outcome | Standing | None) -> int:
        """How many lines `rows` has in all."""
        return self.session.scalar(self._shown(batch_id, show).with_only_columns(func.count())) or 0

    def _shown(self, batch_id: int, show: Outcome | Standing | None) -> Select[Receipt]:
        first_of_document = (
            select(func.min(Receipt.id))
            .where(Receipt.batch_id == batch_id, Receipt.outcome == Outcome.KEPT)
            .group_by(Receipt.document_id)
        )
        lines = or_(Receipt.outcome != Outcome.KEPT, Receipt.id.in_(first_of_document))
        shown = select(Receipt).outerjoin(Receipt.document).where(Receipt.batch_id == batch_id, lines)
        if isinstance(show, Outcome):
            return shown.where(Receipt.outcome == show)
        return shown if show is None else shown.where(Receipt.outcome == Outcome.KEPT, Document.standing == show)

    def _files_of(self, document_ids: Sequence[int]) -> dict[int, int]:
        files = select(DocumentFile.document_id, func.count()).where(DocumentFile.document_id.in_(document_ids))
        return {row[0]: row[1] for row in self.session.execute(files.group_by(DocumentFile.document_id))}

    def _pages_of(self, document_ids: Sequence[int]) -> dict[int, dict[State, int]]:
        found: dict[int, dict[State, int]] = {}
        pages = select(Work.document_id, Work.state, func.count()).where(
            Work.document_id.in_(document_ids), Work.page != OPENING
        )
        for document_id, state, count in self.session.execute(pages.group_by(Work.document_id, Work.state)):
            found.setdefault(document_id, {})[state] = count
        return found

    def _reasons_of(self, document_ids: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        failed = select(Work.document_id, Work.reason).where(Work.document_id.in_(document_ids), Work.state == State.FAILED)
        for document_id, reason in self.session.execute(failed.distinct().order_by(Work.document_id, Work.reason)):
            found.setdefault(document_id, []).append(reason)
        return found


def open_batch(
    session: Session,
    *,
    source: str,
    person: Person | None,
    attested_by: str,
    name: str = "",
    record_file: RecordFile | None = None,
    access: Access = Access.OPEN,
    unit: Unit | None = None,
    circle: str = "",
    address: str = "",
) -> Batch:
    """Open a batch on the word of `attested_by` that none of its papers bears a secrecy mark.

    `source` is web, folder, command, meeting or register; `person` is whoever has an account and does it, `address` where from.
    """
    batch = Batch(
        source=source,
        name=name,
        person_id=person.id if person else None,
        attested_by=attested_by,
        attested_at=now(),
        attestation=ATTESTATION,
        record_file=record_file,
        access=access,
        unit=unit if access is Access.RESTRICTED else None,
        circle=circle,
    )
    session.add(batch)
    session.flush()
    AuditTrail(session).record(
        "batch_opened",
        actor=person.name if person else attested_by,
        person_id=batch.person_id,
        address=address,
        subject=("batch", batch.id),
        facts={
            "source": source,
            "attestation": ATTESTATION,
            "record_file": batch.record_file_id,
            "access": access,
            "unit": batch.unit_id,
        },
    )
    return batch
