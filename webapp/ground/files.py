"""Files as they go out: objects as they are kept, papers as they are printed, each to be saved under its name."""

import os
import re
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from domain.ground.errors import NotFound
from domain.ground.files import OFFICE_TYPES, MediaType
from domain.ground.official_papers import OfficialPaper
from storage.ground.objects import CHUNK
from webapp.ground.printing.docx import to_docx
from webapp.ground.printing.pdf import to_pdf
from webapp.ground.system import system


def object_answer(key: str, media_type: str) -> Response:
    """The whole bytes of an object, streamed, with ranges and its key as entity tag; raises NotWhole before anything is sent."""
    stream = system().objects.open(key)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    # not the server's own wrapper: that sends the descriptor from wherever it stands, past what was buffered
    answer = Response(FileWrapper(stream, CHUNK), mimetype=media_type, direct_passthrough=True)
    answer.content_length = size
    answer.set_etag(key)
    answer.make_conditional(request, accept_ranges=True, complete_length=size)
    return answer


def attached(answer: Response, name: str) -> Response:
    """The answer as a file to be saved under that name, whatever its letters (RFC 6266)."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%;]', "_", name)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return answer


def download(content: bytes | str, name: str, media_type: str) -> Response:
    """What was just made, as a file to be saved under that name."""
    return attached(Response(content, mimetype=media_type), name)


def printed(paper: OfficialPaper, stem: str, form: str, *, footer: str = "") -> Response:
    """The paper as PDF, with that line at its foot, or as DOCX; raises NotFound for another form."""
    if form == "pdf":
        return download(to_pdf(paper, footer=footer), f"{stem}.pdf", MediaType.PDF)
    if form == "docx":
        return download(to_docx(paper), f"{stem}.docx", OFFICE_TYPES["docx"])
    raise NotFound("form", form)
