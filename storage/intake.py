"""Bringing in as records: batches with their attestation, a receipt for every file that came, and the act of receiving."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from domain.access import Access
from domain.clock import now
from domain.errors import NotFound, StepNotAllowed
from domain.intake import ATTESTATION, HEAD_BYTES, Outcome, Refusal, media_type_of
from domain.work import Standing, State
from storage.archive import Catalogue, RecordFile
from storage.audit import AuditTrail
from storage.database import Base, Database, storable
from storage.documents import Document, DocumentFile
from storage.objects import Objects, ObjectTooLarge, StoreUnavailable
from storage.people import Person
from storage.units import Unit
from storage.work import OPENING, Ledger, Work


class Batch(Base):
    """Papers brought in together, with the word of a person that none of them bears a secrecy mark."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # web, folder or command
    name: Mapped[str] = mapped_column(default="")  # of the watched folder that it came in
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    attested_by: Mapped[str]
    attested_at: Mapped[datetime] = mapped_column(default=now)
    attestation: Mapped[str]  # which wording was confirmed: domain.intake.ATTESTATION
    record_file_id: Mapped[int | None] = mapped_column(ForeignKey("record_files.id"))
    access: Mapped[Access] = mapped_column(default=Access.OPEN)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))

    person: Mapped[Person | None] = relationship()
    record_file: Mapped[RecordFile | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    receipts: Mapped[list["Receipt"]] = relationship(order_by="Receipt.sequence", back_populates="batch")


class Receipt(Base):
    """A file that came, and what became of it. Its name is wiped when its document is destroyed."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("batch_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
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
class Arrival:
    """A file that comes. Image files that are pages of one document share `group`, and are `part` 1..`parts` of it."""

    name: str
    stream: BinaryIO
    group: str = ""
    part: int = 1
    parts: int = 1


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


class Batches:
    """All batches."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, batch_id: int) -> Batch:
        """The batch; raises NotFound."""
        batch = self.session.get(Batch, batch_id)
        if batch is None:
            raise NotFound("batch", batch_id)
        return batch

    def find(self, *, source: str, name: str, attested_by: str) -> Batch | None:
        """The latest batch of that source and name on that person's word, or None."""
        like = select(Batch).where(Batch.source == source, Batch.name == name, Batch.attested_by == attested_by)
        return self.session.scalar(like.order_by(Batch.id.desc()).limit(1))

    def latest(self, limit: int, offset: int = 0) -> list[Batch]:
        """The latest batches, newest first, with who and where."""
        place = joinedload(Batch.record_file).joinedload(RecordFile.catalogue).joinedload(Catalogue.fonds)
        newest = select(Batch).options(joinedload(Batch.person), place).order_by(Batch.id.desc())
        return list(self.session.scalars(newest.limit(limit).offset(offset)))

    def count(self) -> int:
        """How many batches there are."""
        return self.session.scalar(select(func.count()).select_from(Batch)) or 0

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
    address: str = "",
) -> Batch:
    """Open a batch on the word of `attested_by` that none of its papers bears a secrecy mark.

    `source` is web, folder or command; `person` is whoever has an account and does it, `address` where from.
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


def receive(database: Database, objects: Objects, batch_id: int, arrival: Arrival, *, limit: int) -> int:
    """Take a file in and return the id of its receipt; it may be repeated, and the same file of a batch gets the same receipt.

    The bytes are kept and read back before anything is written about them; receipt, document and work are one transaction.
    Nothing is kept of an empty file, of one larger than `limit` bytes, or of one that is no document: the receipt says so.
    Raises NotFound for an unknown batch and storage.objects.StoreUnavailable.
    """
    head = arrival.stream.read(HEAD_BYTES)
    media_type = media_type_of(head)
    if media_type is None:
        return refuse(database, batch_id, arrival, Refusal.NOT_A_DOCUMENT if head else Refusal.EMPTY)
    try:
        key, size = objects.put(_Rewound(head, arrival.stream), limit=limit)  # type: ignore[arg-type]
    except ObjectTooLarge:
        return refuse(database, batch_id, arrival, Refusal.TOO_LARGE)
    try:
        return _take(database, objects, batch_id, arrival, _Original(key, size, media_type))
    except IntegrityError:  # the same papers came twice at this very moment: now the other one is there to be seen
        return _take(database, objects, batch_id, arrival, _Original(key, size, media_type))


def refuse(database: Database, batch_id: int, arrival: Arrival, reason: Refusal) -> int:
    """Write a receipt for a file of which nothing is kept and return its id; it may be repeated."""
    with database.writing() as session:
        return _Reception(session, batch_id, arrival).refuse(reason).id


@dataclass(frozen=True, slots=True)
class _Original:
    key: str
    size: int
    media_type: str


def _take(database: Database, objects: Objects, batch_id: int, arrival: Arrival, original: _Original) -> int:
    with database.writing() as session:
        receipt_id = _Reception(session, batch_id, arrival).take(original).id
        if not objects.exists(original.key):  # its twin was destroyed while this one came: the sender must send it again
            raise StoreUnavailable
        return receipt_id


def accept_incomplete(session: Session, document: Document) -> None:
    """Have the files that came stand as the whole document; raises StepNotAllowed unless it waits for others."""
    if document.standing is not Standing.ARRIVING or not document.files:
        raise StepNotAllowed(document.standing, "accept_incomplete")
    for part, file in enumerate(list(document.files), start=1):
        file.part = part  # never past its old number, so none is taken when it moves
        session.flush()
    document.parts = len(document.files)
    complete(session, document)


def complete(session: Session, document: Document) -> None:
    """All files are here: the document gets its fingerprint and its work, unless the same papers are there already."""
    session.flush()
    keys = [file.sha256 for file in sorted(document.files, key=lambda file: file.part)]
    fingerprint = keys[0] if len(keys) == 1 else hashlib.sha256("".join(keys).encode()).hexdigest()
    if there := _of_fingerprint(session, fingerprint):
        _merge(session, document, there)
        return
    document.fingerprint = fingerprint
    Ledger(session).enrol(document)


def _of_fingerprint(session: Session, fingerprint: str) -> Document | None:
    return session.scalar(select(Document).where(Document.fingerprint == fingerprint))


def _merge(session: Session, document: Document, there: Document) -> None:
    for receipt in session.scalars(select(Receipt).where(Receipt.document_id == document.id)):
        receipt.outcome, receipt.document = Outcome.DUPLICATE, there
    session.flush()
    session.delete(document)


class _Reception:
    """The one transaction in which a file is taken in or refused."""

    def __init__(self, session: Session, batch_id: int, arrival: Arrival) -> None:
        self.session = session
        self.arrival = replace(arrival, name=storable(arrival.name), group=storable(arrival.group))
        # Locked, so that two files of a batch never get the same number.
        batch = session.get(Batch, batch_id, with_for_update=True)
        if batch is None:
            raise NotFound("batch", batch_id)
        self.batch = batch

    def refuse(self, reason: Refusal) -> Receipt:
        return self._same("", reason) or self._receipt(Outcome.REFUSED, reason=reason)

    def take(self, original: _Original) -> Receipt:
        if same := self._same(original.key):
            return same
        document = self._document()
        if document.parts == 1 and (there := _of_fingerprint(self.session, original.key)):
            return self._receipt(Outcome.DUPLICATE, sha256=original.key, size=original.size, document=there)
        self.session.add(document)
        document.files.append(
            DocumentFile(
                part=self.arrival.part if document.parts > 1 else 1,
                name=PurePosixPath(self.arrival.name).name,
                sha256=original.key,
                size=original.size,
                media_type=original.media_type,
            )
        )
        receipt = self._receipt(Outcome.KEPT, sha256=original.key, size=original.size, document=document)
        if len(document.files) == document.parts:
            complete(self.session, document)
        return receipt

    def _same(self, key: str, reason: str = "") -> Receipt | None:
        """The receipt of the same file sent before: the answer was lost on the way, not the file."""
        named = select(Receipt).where(
            Receipt.batch_id == self.batch.id,
            Receipt.name == self.arrival.name,
            Receipt.sha256 == key,
            Receipt.reason == reason,
        )
        return self.session.scalar(named.where(Receipt.outcome != Outcome.DESTROYED))

    def _document(self) -> Document:
        """The document that the file belongs to: the one that a sibling has begun, or a new one.

        A file that comes too late or twice to its group stands alone, so that it is not lost.
        """
        if self.arrival.parts == 1:
            return self._new_document()
        named = select(Document).where(Document.batch_id == self.batch.id, Document.group_name == self.arrival.group)
        begun = self.session.scalar(named)
        if begun is None:
            return self._new_document(self.arrival.group, self.arrival.parts)
        is_taken = any(file.part == self.arrival.part for file in begun.files)
        fits = begun.standing is Standing.ARRIVING and begun.parts == self.arrival.parts and not is_taken
        return begun if fits else self._new_document()

    def _new_document(self, group: str = "", parts: int = 1) -> Document:
        return Document(
            name=PurePosixPath(group or self.arrival.name).name,
            parts=parts,
            group_name=group,
            batch_id=self.batch.id,
            record_file_id=self.batch.record_file_id,
            access=self.batch.access,
            unit_id=self.batch.unit_id,
        )

    def _receipt(
        self, outcome: Outcome, *, sha256: str = "", size: int = 0, reason: str = "", document: Document | None = None
    ) -> Receipt:
        last = self.session.scalar(select(func.max(Receipt.sequence)).where(Receipt.batch_id == self.batch.id)) or 0
        receipt = Receipt(
            batch_id=self.batch.id,
            sequence=last + 1,
            name=self.arrival.name,
            size=size,
            sha256=sha256,
            outcome=outcome,
            reason=reason,
            document=document,
        )
        self.session.add(receipt)
        self.session.flush()
        self._audit(receipt)
        return receipt

    def _audit(self, receipt: Receipt) -> None:
        person = self.batch.person
        AuditTrail(self.session).record(
            f"file_{receipt.outcome}",
            actor=person.name if person else self.batch.attested_by,
            person_id=self.batch.person_id,
            subject=("batch", self.batch.id),
            facts={
                "sequence": receipt.sequence,
                "size": receipt.size,
                "reason": receipt.reason,
                "document": receipt.document_id,
            },
        )


class _Rewound:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or self._stream.read(size)
