"""Files of the registers: a document as a file, and what proves its issue. Kept as objects, and looked through by the worker for marks of
secrecy like the papers of the archive, apart from them: they bear a circle that nobody belongs to, so no search finds them.
"""

import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import String, cast, or_, select, update
from sqlalchemy.orm import Session

from domain.archive.work import Standing
from domain.directives.looks import Look, gravest, look_of
from domain.ground.clock import now
from domain.ground.files import HEAD_BYTES, media_type_of
from domain.people.access import REGISTERS_CIRCLE, Access
from storage.archive.documents import Document, DocumentFile
from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.set_aside import forgets
from storage.directives.evidence import Evidence, weigh
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.objects import Objects
from storage.people.people import Person


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


def looks(session: Session, keys: Iterable[str | None]) -> dict[str | None, Look]:
    """What is known of each of these files; of none (None) nothing needs to be."""
    wanted = {key for key in keys if key}
    standings = _standings(session, wanted) if wanted else {}
    return {None: Look.TYPED_ONLY, **{key: look_of(standings.get(key, ())) for key in wanted}}


def _standings(session: Session, keys: Collection[str]) -> Mapping[str, set[Standing]]:
    rows = select(DocumentFile.sha256, Document.standing).join(Document).where(DocumentFile.sha256.in_(keys))
    found: dict[str, set[Standing]] = {}
    for key, standing in session.execute(rows):
        found.setdefault(key, set()).add(standing)
    return found


def look_of_document(session: Session, outgoing: OutgoingDocument) -> Look:
    """What is known of the file that the document is."""
    return looks(session, [outgoing.file_sha256])[outgoing.file_sha256]


def looks_of_evidence(session: Session, pieces: Iterable[Evidence]) -> dict[int, Look]:
    """What is known of each piece of evidence, by its id: an envelope is as good as what it carries."""
    files = {piece.id: [piece.sha256, *piece.facts.get("holds", [])] for piece in pieces}
    known = looks(session, [key for keys in files.values() for key in keys])
    return {piece_id: gravest(known[key] for key in keys) for piece_id, keys in files.items()}


def files_of(session: Session, outgoing: OutgoingDocument) -> set[str]:
    """The keys of all files that a document has: what it is, what proves its issue, and what envelopes carried."""
    held = [outgoing.file_sha256]
    for piece in session.scalars(select(Evidence).where(Evidence.outgoing_id == outgoing.id)):
        held += [piece.sha256, *piece.facts.get("holds", [])]
    return {key for key in held if key}


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
