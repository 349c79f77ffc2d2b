"""Which documents of the archive whoever asks may know of, and which may be read; other rooms ask here too."""

from sqlalchemy.orm import Session

from domain.archive.work import SHOWN
from domain.ground.errors import NotFound
from storage.archive.documents import Document, Documents
from webapp.ground.access import audiences


def visible(session: Session, document_id: int) -> Document:
    """The document, if whoever asks may know of it; raises NotFound."""
    return Documents(session).get(document_id, audiences(session))


def readable(session: Session, document_id: int) -> Document:
    """The document, if whoever asks may read it now; raises NotFound, also for what is set aside or destroyed."""
    document = visible(session, document_id)
    if document.standing not in SHOWN:
        raise NotFound("document", document_id)
    return document
