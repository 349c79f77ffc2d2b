"""Bringing in as records: batches with their attestation, a receipt for every file that came, and the act of receiving."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.access import Access
from domain.clock import now
from domain.errors import NotFound
from domain.intake import Outcome, Refusal, media_type_of
from domain.work import Standing
from storage.archive import RecordFile
from storage.audit import AuditTrail
from storage.database import Base, Database
from storage.documents import Document, DocumentFile, Documents
from storage.objects import Objects, ObjectTooLarge
from storage.people import Person
from storage.work import Ledger


class Batch(Base):
    """Papers brought in together, with the word of a person that none of them bears a secrecy mark."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # web, folder or command
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

    def latest(self, limit: int) -> list[Batch]:
        """The latest batches, newest first."""
        return list(self.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(limit)))


def receive(database: Database, objects: Objects, batch_id: int, arrival: Arrival, *, limit: int) -> int:
    """Take a file in and return the id of its receipt; it may be repeated, and the same file of a batch gets the same receipt.

    The bytes are kept and read back before anything is written about them; receipt, document and work are one transaction.
    Nothing is kept of an empty file, of one larger than `limit` bytes, or of one that is no document: the receipt says so.
    Raises NotFound for an unknown batch and storage.objects.StoreUnavailable.
    """
    head = arrival.stream.read(1024)
    media_type = media_type_of(head)
    if media_type is None:
        reason = Refusal.NOT_A_DOCUMENT if head else Refusal.EMPTY
        return _refuse(database, batch_id, arrival, reason)
    try:
        key, size = objects.put(_Rewound(head, arrival.stream), limit=limit)  # type: ignore[arg-type]
    except ObjectTooLarge:
        return _refuse(database, batch_id, arrival, Refusal.TOO_LARGE)
    try:
        with database.writing() as session:
            return _Reception(session, batch_id, arrival).take(key, size, media_type).id
    except IntegrityError:  # the same papers came twice at this very moment: now the other one is there to be seen
        with database.writing() as session:
            return _Reception(session, batch_id, arrival).take(key, size, media_type).id


def _refuse(database: Database, batch_id: int, arrival: Arrival, reason: Refusal) -> int:
    with database.writing() as session:
        return _Reception(session, batch_id, arrival).refuse(reason).id


class _Reception:
    """The one transaction in which a file is taken in or refused."""

    def __init__(self, session: Session, batch_id: int, arrival: Arrival) -> None:
        self.session, self.arrival = session, arrival
        self.batch = Batches(session).get(batch_id)
        self.documents = Documents(session)

    def refuse(self, reason: Refusal) -> Receipt:
        return self._same() or self._receipt(Outcome.REFUSED, reason=reason)

    def take(self, key: str, size: int, media_type: str) -> Receipt:
        if same := self._same(key):
            return same
        if self.arrival.parts == 1 and (there := self._of_fingerprint(key)):
            return self._receipt(Outcome.DUPLICATE, sha256=key, size=size, document=there)
        document = self._document()
        name = PurePosixPath(self.arrival.name).name
        document.files.append(DocumentFile(part=self.arrival.part, name=name, sha256=key, size=size, media_type=media_type))
        receipt = self._receipt(Outcome.KEPT, sha256=key, size=size, document=document)
        if len(document.files) == document.parts:
            self._complete(document)
        return receipt

    def _same(self, key: str = "") -> Receipt | None:
        """The receipt of the same file sent before: the answer was lost on the way, not the file."""
        named = select(Receipt).where(
            Receipt.batch_id == self.batch.id, Receipt.name == self.arrival.name, Receipt.sha256 == key
        )
        return self.session.scalar(named)

    def _of_fingerprint(self, fingerprint: str) -> Document | None:
        return self.session.scalar(select(Document).where(Document.fingerprint == fingerprint))

    def _document(self) -> Document:
        """The document that the file belongs to: a new one, or the one that its first-come sibling has begun."""
        if self.arrival.parts > 1 and (begun := self._begun()):
            return begun
        document = Document(
            name=PurePosixPath(self.arrival.group or self.arrival.name).name,
            parts=self.arrival.parts,
            group_name=self.arrival.group,
            batch_id=self.batch.id,
            record_file_id=self.batch.record_file_id,
            access=self.batch.access,
            unit_id=self.batch.unit_id,
        )
        self.session.add(document)
        self.session.flush()
        return document

    def _begun(self) -> Document | None:
        siblings = (
            select(Document)
            .where(Document.batch_id == self.batch.id, Document.standing == Standing.ARRIVING)
            .where(Document.group_name == self.arrival.group)
        )
        return self.session.scalar(siblings)

    def _complete(self, document: Document) -> None:
        """All files are here: the document gets its fingerprint and its work, unless the same papers are there already."""
        self.session.flush()
        keys = [file.sha256 for file in sorted(document.files, key=lambda file: file.part)]
        fingerprint = keys[0] if len(keys) == 1 else hashlib.sha256("".join(keys).encode()).hexdigest()
        if there := self._of_fingerprint(fingerprint):
            self._merge(document, there)
            return
        document.fingerprint = fingerprint
        Ledger(self.session).enrol(document)

    def _merge(self, document: Document, there: Document) -> None:
        for receipt in self.session.scalars(select(Receipt).where(Receipt.document_id == document.id)):
            receipt.outcome, receipt.document = Outcome.DUPLICATE, there
        self.session.flush()
        self.session.delete(document)

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
