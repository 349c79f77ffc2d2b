"""Which outgoing documents whoever asks may read; other rooms ask here too. Whose registers one sees is in webapp/ground/scopes.py."""

from sqlalchemy.orm import Session

from domain.directives.directives import REGISTERED
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from webapp.ground.access import may
from webapp.ground.scopes import kept, seen


def readable(session: Session, outgoing_id: int) -> OutgoingDocument:
    """The document; what has no number yet is known only to those who draft in its unit. Raises NotFound."""
    found = OutgoingDocuments(session).get(outgoing_id, seen(session))
    is_own = found.unit_id in kept(session) and may(Permission.DRAFT_DIRECTIVES)
    if found.state not in REGISTERED and not is_own:
        raise NotFound("outgoing", outgoing_id)
    return found
