"""Files of the registers: a document as a file, and what proves its issue. Kept as objects, and looked through by the worker for marks of
secrecy like the papers of the archive, apart from them: they bear a circle that nobody belongs to, so no search finds them.
"""

import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import String, cast, exists, or_, select, update
from sqlalchemy.orm import Session

from domain.archive.work import NEVER_SET_ASIDE, Standing
from domain.directives.looks import WITHHOLDABLE, Look, gravest, look_of
from domain.ground.clock import now
from domain.ground.files import HEAD_BYTES, media_type_of
from domain.people.access import REGISTERS_CIRCLE, Access
from storage.archive.documents import Document, DocumentFile
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive, take_again
from storage.archive.set_aside import forgets
from storage.archive.work import Ledger
from storage.directives.evidence import Evidence, weigh
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.objects import Objects
from storage.people.people import Person
from storage.people.units import Unit


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brings a file, on the word that it bears no mark, and from which address."""

    person: Person
    address: str = ""


def keep(database: Database, objects: Objects, content: bytes, name: str, sender: Sender) -> str:
    """Keep a file and have the worker look through it, unless the same bytes are looked through already; returns its key.

    A file whose pages cannot be looked at (Word, edXML) is only kept. May be repeated. Raises storage.ground.objects.StoreUnavailable.
    """
    key, size = objects.put(io.BytesIO(content))
    if media_type_of(content[:HEAD_BYTES]) is None:
        return key
    with database.writing() as session:
        if _standings(session, [key]):
            return key
        batch_id = open_batch(
            session, source="register", person=sender.person, attested_by=sender.person.name, access=Access.RESTRICTED,
            circle=REGISTERS_CIRCLE, address=sender.address,
        ).id  # fmt: skip
    receive(database, objects, batch_id, Arrival(name, io.BytesIO(content)), limit=size)
    return key


def looks(session: Session, keys: Iterable[str | None], unit_id: int) -> dict[str | None, Look]:
    """What is known of each of these files in the register of the unit; of none (None) nothing needs to be."""
    wanted = {key for key in keys if key}
    standings = _standings(session, wanted, unit_id) if wanted else {}
    return {None: Look.TYPED_ONLY, **{key: look_of(standings.get(key, ())) for key in wanted}}


def _standings(session: Session, keys: Collection[str], unit_id: int | None = None) -> Mapping[str, set[Standing]]:
    """The standings of all documents with these bytes; what another unit had set aside for its own register says nothing here."""
    is_nobodys = or_(Document.circle != REGISTERS_CIRCLE, Document.unit_id.is_(None), Document.unit_id == unit_id)
    rows = select(DocumentFile.sha256, Document.standing).join(Document).where(DocumentFile.sha256.in_(keys), is_nobodys)
    found: dict[str, set[Standing]] = {}
    for key, standing in session.execute(rows):
        found.setdefault(key, set()).add(standing)
    return found


def look_of_document(session: Session, outgoing: OutgoingDocument) -> Look:
    """What is known of the file that the document is."""
    return looks(session, [outgoing.file_sha256], outgoing.unit_id)[outgoing.file_sha256]


def looks_of_evidence(session: Session, pieces: Iterable[Evidence]) -> dict[int, Look]:
    """What is known of each piece of evidence of one document, by its id: an envelope is as good as what it carries."""
    held = list(pieces)
    files = {piece.id: [piece.sha256, *piece.facts.get("holds", [])] for piece in held}
    known = looks(session, [key for keys in files.values() for key in keys], held[0].outgoing.unit_id) if held else {}
    return {piece_id: gravest(known[key] for key in keys) for piece_id, keys in files.items()}


def files_of(session: Session, outgoing: OutgoingDocument) -> set[str]:
    """The keys of all files that a document has: what it is, what proves its issue, and what envelopes carried."""
    held = [outgoing.file_sha256]
    for piece in session.scalars(select(Evidence).where(Evidence.outgoing_id == outgoing.id)):
        held += [piece.sha256, *piece.facts.get("holds", [])]
    return {key for key in held if key}


def withhold(session: Session, outgoing: OutgoingDocument, sender: Sender) -> list[Document]:
    """Have all files of the document held until it is decided, because a person who keeps the register saw a mark; returns what was
    set aside, and nothing if all was. What was read of them stays until then.

    A file reaches further than a register: the archive, a meeting or another unit may have the same bytes. Theirs stay as they are;
    here a document of the unit's own is set aside, and whoever decides is told of the others.
    """
    known = looks(session, files_of(session, outgoing), outgoing.unit_id)
    held = [
        document
        for key, look in sorted(known.items(), key=str)
        if key and look in WITHHOLDABLE
        for document in _own(session, key, outgoing.unit_id) or [_taken_apart(session, key, outgoing.unit, sender)]
    ]
    for document in held:
        Ledger(session).withhold(document)
    return held


def _own(session: Session, key: str, unit_id: int) -> list[Document]:
    """The documents of the registers with these bytes that are of no concern to other units."""
    whose = [Document.unit_id == unit_id] + ([] if _is_named_elsewhere(session, key, unit_id) else [Document.unit_id.is_(None)])
    having = Document.files.any(DocumentFile.sha256 == key), Document.standing.not_in(NEVER_SET_ASIDE)
    return list(session.scalars(select(Document).where(Document.circle == REGISTERS_CIRCLE, or_(*whose), *having)))


def _is_named_elsewhere(session: Session, key: str, unit_id: int) -> bool:
    others = select(OutgoingDocument.id).where(OutgoingDocument.unit_id != unit_id)
    proves = or_(Evidence.sha256 == key, cast(Evidence.facts, String).contains(key))
    named = exists().where(OutgoingDocument.id.in_(others), OutgoingDocument.file_sha256 == key)
    return bool(session.scalar(select(or_(named, exists().where(Evidence.outgoing_id.in_(others), proves)))))


def _taken_apart(session: Session, key: str, unit: Unit, sender: Sender) -> Document:
    file = session.scalars(select(DocumentFile).where(DocumentFile.sha256 == key).limit(1)).one()
    batch = open_batch(
        session, source="register", person=sender.person, attested_by=sender.person.name, access=Access.RESTRICTED, unit=unit,
        circle=REGISTERS_CIRCLE, address=sender.address,
    )  # fmt: skip
    return take_again(session, batch.id, file)


@forgets
def forget(session: Session, document: Document, keys: Collection[str]) -> set[str]:  # noqa: ARG001 - others go by it
    """Have no register name files that are being destroyed: their entries stay without them, evidence proves nothing from now on.

    Returns the keys of the envelopes that carried them, which must go too.
    """
    for outgoing in session.scalars(select(OutgoingDocument).where(OutgoingDocument.file_sha256.in_(keys))):
        outgoing.file_sha256, outgoing.file_name = None, ""
    carried = (cast(Evidence.facts, String).contains(key) for key in keys)
    envelopes: set[str] = set()
    for piece in session.scalars(select(Evidence).where(or_(Evidence.sha256.in_(keys), *carried))).all():
        envelopes |= {piece.sha256} if piece.sha256 else set()
        piece.sha256, piece.name, piece.facts = None, "", {"destroyed": True}
        piece.withdrawn_at = piece.withdrawn_at or now()
        weigh(session, piece.outgoing)
    sent = update(Mail).where(Mail.attachment_sha256.in_(keys))
    session.execute(sent.values(attachment_sha256=None, attachment_name=""))
    session.flush()
    return envelopes
