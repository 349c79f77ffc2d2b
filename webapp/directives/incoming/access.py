"""Which entries of the incoming register whoever asks may read, and which that person keeps."""

from sqlalchemy.orm import Session

from domain.ground.errors import NotAllowed, NotFound
from domain.people.roles import Permission
from storage.directives.incoming import IncomingDocument, IncomingDocuments
from webapp.ground.access import may, me
from webapp.ground.scopes import kept, seen


def readable_entry(session: Session, incoming_id: int) -> IncomingDocument:
    """The entry, for who sees its register or is to handle it; raises NotFound."""
    book = IncomingDocuments(session)
    try:
        return book.get(incoming_id, seen(session))
    except NotFound:
        return book.assigned(incoming_id, me())


def keeps(session: Session, entry: IncomingDocument) -> bool:
    """Whether whoever asks keeps the register of the entry."""
    return may(Permission.KEEP_REGISTERS) and entry.unit_id in kept(session)


def kept_entry(session: Session, incoming_id: int) -> IncomingDocument:
    """The entry, for who keeps its register; raises NotFound and NotAllowed."""
    entry = IncomingDocuments(session).get(incoming_id, seen(session))
    if not keeps(session, entry):
        raise NotAllowed(Permission.KEEP_REGISTERS)
    return entry
