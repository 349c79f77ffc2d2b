"""Taking files in: the one way for the web, the watched folder and the command line. What is written down is in intake.py."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.archive.intake import RECEIVED, Outcome
from domain.archive.work import Standing
from domain.ground.errors import StepNotAllowed, existing
from domain.ground.files import HEAD_BYTES, Refusal, media_type_of, refusal_of
from storage.archive.documents import Document, DocumentFile
from storage.archive.intake import Batch, Receipt
from storage.archive.work import Ledger
from storage.ground.audit import AuditTrail
from storage.ground.database import Database, storable
from storage.ground.objects import Objects, ObjectTooLarge, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that comes. Image files that are pages of one document share `group`, and are `part` 1..`parts` of it."""

    name: str
    stream: BinaryIO
    group: str = ""
    part: int = 1
    parts: int = 1


def receive(database: Database, objects: Objects, batch_id: int, arrival: Arrival, *, limit: int) -> int:
    """Take a file in and return the id of its receipt; it may be repeated, and the same file of a batch gets the same receipt.

    The bytes are kept and read back before anything is written about them; receipt, document and work are one transaction.
    Nothing is kept of an empty file, of one larger than `limit` bytes, or of one that is no document: the receipt says so.
    Raises NotFound for an unknown batch and storage.ground.objects.StoreUnavailable.
    """
    head = arrival.stream.read(HEAD_BYTES)
    media_type = media_type_of(head)
    if media_type is None:
        return refuse(database, batch_id, arrival, refusal_of(head, arrival.name))
    try:
        key, size = objects.put(_Rewound(head, arrival.stream), limit=limit)  # type: ignore[arg-type]
    except ObjectTooLarge:
        return refuse(database, batch_id, arrival, Refusal.TOO_LARGE)
    try:
        return _take(database, objects, batch_id, arrival, _Original(key, size, media_type))
    except IntegrityError:  # the same papers came twice at this very moment: now the other one is there to be seen
        return _take(database, objects, batch_id, arrival, _Original(key, size, media_type))


def take_again(session: Session, batch_id: int, file: DocumentFile) -> Document:
    """A further document of a file that another has too, in the circle of its own batch."""
    receipt = _Reception(session, batch_id, Arrival(file.name, io.BytesIO())).take(
        _Original(file.sha256, file.size, file.media_type)
    )
    return existing(receipt.document, "document", receipt.document_id)


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
    fingerprint = _fingerprint(keys, document.circle and f"batch:{document.batch_id}")
    if there := _of_fingerprint(session, fingerprint):
        _merge(session, document, there)
        return
    document.fingerprint = fingerprint
    Ledger(session).enrol(document)


def _fingerprint(keys: Sequence[str], apart: str = "") -> str:
    """What the same papers share. `apart` keeps them from being taken for papers that others may see."""
    if len(keys) == 1 and not apart:
        return keys[0]
    return hashlib.sha256("".join([apart, *keys]).encode()).hexdigest()


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
        batch = existing(session.get(Batch, batch_id, with_for_update=True), "batch", batch_id)
        self.batch = batch

    def refuse(self, reason: Refusal) -> Receipt:
        return self._same("", reason) or self._receipt(Outcome.REFUSED, reason=reason)

    def take(self, original: _Original) -> Receipt:
        if same := self._same(original.key):
            return same
        document = self._document()
        if document.parts == 1 and not document.circle and (there := _of_fingerprint(self.session, original.key)):
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
        return self.session.scalar(named.where(Receipt.outcome.in_(RECEIVED)))

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
            circle=self.batch.circle,
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
