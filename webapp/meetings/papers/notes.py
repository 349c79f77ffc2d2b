"""Personal notes on papers, as scripts keep and fetch them. They are nobody else's: no view gives another's, no trail names them."""

import re
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.ground.faults import Fault, fault_of
from storage.meetings.notes import Note, Notes
from storage.meetings.papers import PaperVersion
from webapp.ground.access import me, requires
from webapp.ground.files import download
from webapp.ground.system import reading, writing
from webapp.meetings.papers.reader import reader_of

bp = Blueprint("notes", __name__)

COLOURS = ("yellow", "green", "pink")
_KEY = re.compile(r"[0-9a-f-]{8,40}")
_MOST_BOXES, _MOST_LETTERS = 200, 5000
_ADDRESS = "/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/notes"


def _version(session: Session, meeting_id: int, paper_id: int, number: int) -> PaperVersion:
    reader = reader_of(session, meeting_id)
    version = reader.version(reader.paper(paper_id), number)
    if version.is_held_back:  # its words stand in the notes too
        raise NotFound("paper_version", number)
    return version


@bp.get(_ADDRESS)
@requires(Permission.ATTEND_MEETINGS)
def notes(meeting_id: int, paper_id: int, number: int) -> dict[str, Any]:
    """One's own notes on a version; those on the version before are carried here first, where their words still stand."""
    with reading() as session:
        may_come = Notes(session, me().id).waiting(_version(session, meeting_id, paper_id, number))
    carried = _carry(meeting_id, paper_id, number) if may_come else 0
    with reading() as session:
        own = Notes(session, me().id).of(_version(session, meeting_id, paper_id, number))
        return {"notes": [note.as_json() for note in own], "carried": carried}


def _carry(meeting_id: int, paper_id: int, number: int) -> int:
    """How many notes came from the version before; none while nothing can be written: they come at another time."""
    try:
        with writing() as session:
            return Notes(session, me().id).carry(_version(session, meeting_id, paper_id, number))
    except SQLAlchemyError as error:
        if fault_of(error) in (None, Fault.UNKNOWN):
            raise
        return 0


@bp.post(f"{_ADDRESS}/<key>")
@requires(Permission.ATTEND_MEETINGS)
def keep(meeting_id: int, paper_id: int, number: int, key: str) -> dict[str, Any]:
    """Keep a note under the key that the device gave it; it may be sent again."""
    values = _values(request.get_json(silent=True))
    if not _KEY.fullmatch(key):
        abort(400)
    with writing() as session:
        version = _version(session, meeting_id, paper_id, number)
        return Notes(session, me().id).keep(version, key, **values).as_json()


@bp.post(f"{_ADDRESS}/<key>/remove")
@requires(Permission.ATTEND_MEETINGS)
def remove(meeting_id: int, paper_id: int, number: int, key: str) -> Response:
    """Forget a note."""
    with writing() as session:
        Notes(session, me().id).remove(_version(session, meeting_id, paper_id, number), key)
    return Response(status=204)


def _values(sent: Any) -> dict[str, Any]:
    """What a device sent, if it makes sense; otherwise 400."""
    if not isinstance(sent, dict) or not _is_page(sent.get("page")) or sent.get("colour") not in COLOURS:
        abort(400)
    boxes = sent.get("boxes")
    if not isinstance(boxes, list) or len(boxes) > _MOST_BOXES or not all(_is_box(box) for box in boxes):
        abort(400)
    texts = {name: sent.get(name, "") for name in ("quote", "before", "after", "text")}
    if not all(isinstance(text, str) and len(text) <= _MOST_LETTERS for text in texts.values()):
        abort(400)
    return {"page": sent["page"], "boxes": boxes, "colour": sent["colour"], **texts}


def _is_page(page: Any) -> bool:
    return isinstance(page, int) and not isinstance(page, bool) and 0 < page < 1_000_000


def _is_box(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(isinstance(edge, int | float) and 0 <= edge <= 1 for edge in box)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/notes.txt")
@requires(Permission.ATTEND_MEETINGS)
def export(meeting_id: int, paper_id: int) -> Response:
    """One's own notes on a paper, to take away."""
    with reading() as session:
        paper = reader_of(session, meeting_id).paper(paper_id)
        lines = [_("Ghi chú của %(name)s – %(title)s", name=me().name, title=paper.title), ""]
        lines += [_line(note) for note in Notes(session, me().id).of_paper(paper) if not note.version.is_held_back]
    return download("\n".join(lines) + "\n", "ghi-chu.txt", "text/plain")


def _line(note: Note) -> str:
    where = _("Bản %(version)s, trang %(page)s", version=note.version.number, page=note.page)
    said = f"\n  {note.text}" if note.text else ""
    return f"{where}: “{note.quote}”{said}"
