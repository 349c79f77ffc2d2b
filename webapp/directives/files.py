"""The file of a document that was sent, for those to whom it went: shown in the browser if that is safe, or saved."""

from flask import Response

from domain.archive.work import SHOWN
from domain.ground.files import HEAD_BYTES, MediaType, media_type_of
from storage.directives.outgoing import OutgoingDocument
from webapp.ground.files import attached, object_answer
from webapp.ground.system import system

_SHOWN = frozenset({MediaType.PDF, MediaType.JPEG, MediaType.PNG})  # a browser runs nothing of ours in these


def file_of(outgoing: OutgoingDocument) -> tuple[str, str] | None:
    """The key and the name of the document's file: its own, else that of its paper in the archive; None if there is none to be had."""
    if outgoing.file_sha256:
        return outgoing.file_sha256, outgoing.file_name or f"van-ban-{outgoing.id}"
    paper = outgoing.document
    if paper is None or paper.standing not in SHOWN:
        return None
    if paper.searchable_sha256:
        return paper.searchable_sha256, f"{paper.name.removesuffix('.pdf')}.pdf"
    return (paper.files[0].sha256, paper.files[0].name) if paper.files else None


def file_answer(key: str, name: str, *, is_saved: bool) -> Response:
    """The bytes, to be saved or, if they are of a kind that only shows itself, to be shown."""
    with system().objects.open(key) as stream:
        media_type = media_type_of(stream.read(HEAD_BYTES))
    answer = attached(object_answer(key, media_type or "application/octet-stream"), name)
    if media_type in _SHOWN and not is_saved:
        answer.headers["Content-Disposition"] = answer.headers["Content-Disposition"].replace("attachment", "inline", 1)
    return answer
