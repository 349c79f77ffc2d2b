"""The files of a document as they go out: originals untouched, the searchable PDF, the text, pictures of pages."""

import re

from flask import Blueprint, Response
from flask_babel import gettext as _

from domain.ground.errors import NotFound
from domain.ground.files import MediaType
from domain.people.access import Access
from domain.people.roles import Permission
from storage.archive.documents import Document, Documents
from webapp.archive.access import readable
from webapp.archive.sheets import PICTURE
from webapp.ground.access import audit_reading, requires
from webapp.ground.files import attached, download, object_answer
from webapp.ground.system import reading

bp = Blueprint("downloads", __name__)


@bp.get("/archive/documents/<int:document_id>/files/<int:part>")
@requires(Permission.FIND)
def original(document_id: int, part: int) -> Response:
    """One original file, byte for byte."""
    with reading() as session:
        document = readable(session, document_id)
        file = next((file for file in document.files if file.part == part), None)
        is_open = document.access is Access.OPEN
    if file is None:
        raise NotFound("file", part)
    if not is_open:  # everybody may have an open one; of a restricted one it must be known later who took a copy away
        audit_reading("original_downloaded", subject=("document", document_id), facts={"part": part})
    return attached(object_answer(file.sha256, file.media_type), file.name)


@bp.get("/archive/documents/<int:document_id>/searchable.pdf")
@requires(Permission.FIND)
def searchable(document_id: int) -> Response:
    """The PDF whose text can be searched, once it is made."""
    with reading() as session:
        document = readable(session, document_id)
        key, name = document.searchable_sha256, _stem(document)
    if key is None:
        raise NotFound("file", "searchable")
    return attached(object_answer(key, MediaType.PDF), f"{name}.pdf")


@bp.get("/archive/documents/<int:document_id>/text.txt")
@requires(Permission.FIND)
def text(document_id: int) -> Response:
    """The text of all pages; a page that has not been read says so."""
    with reading() as session:
        document = readable(session, document_id)
        texts = dict(Documents(session).text_of(document_id))
        count, name = document.page_count or 0, _stem(document)
    pages = [_page_text(number, texts.get(number)) for number in range(1, count + 1)]
    return download("\n\n".join(pages) + "\n", f"{name}.txt", "text/plain")


def _page_text(number: int, text: str | None) -> str:
    said = text if text is not None else _("[Trang này chưa đọc được]")
    heading = _("--- Trang %(number)s ---", number=number)
    return f"{heading}\n{said}"


@bp.get("/archive/documents/<int:document_id>/pages/<int:number>/image")
@requires(Permission.FIND)
def image(document_id: int, number: int) -> Response:
    """The picture of a page."""
    return _picture(document_id, number, is_small=False)


@bp.get("/archive/documents/<int:document_id>/pages/<int:number>/thumbnail")
@requires(Permission.FIND)
def thumbnail(document_id: int, number: int) -> Response:
    """The small picture of a page."""
    return _picture(document_id, number, is_small=True)


def _picture(document_id: int, number: int, *, is_small: bool) -> Response:
    with reading() as session:
        document = readable(session, document_id)
        page = Documents(session).page(document_id, number)
        key = None if page is None else page.thumbnail_sha256 if is_small else page.image_sha256
        is_open = document.access is Access.OPEN
    if key is None:
        raise NotFound("page", number)
    answer = object_answer(key, PICTURE)
    if (
        is_open
    ):  # asked for anew each time, for it may be restricted or destroyed by then; a restricted page stays in no cache at all
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _stem(document: Document) -> str:
    return re.sub(r"\.(pdf|tiff?|jpe?g|png)$", "", document.name, flags=re.IGNORECASE)
