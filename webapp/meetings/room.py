"""The live room: one page for members and guests that is always right, the big screen, and what a client fetches when it has
missed something.
"""

from typing import Any

from flask import Blueprint, Response, json, render_template, request
from sqlalchemy.orm import Session

from domain.errors import NotAllowed
from domain.meetings import Right
from domain.roles import Permission
from storage.meetings import Meeting, Participant
from webapp.access import me, requires
from webapp.languages import language
from webapp.meetings import live
from webapp.meetings.acts import open_meeting
from webapp.meetings.mine import Mine
from webapp.meetings.rights import GUESTS, OPENS_SCREEN, SCREEN, audience_of, rights_in
from webapp.meetings.view import RoomView
from webapp.meetings.words import STATES
from webapp.system import reading

bp = Blueprint("room", __name__)


@bp.get("/meetings/<int:meeting_id>/room")
@requires(Permission.ATTEND_MEETINGS)
def room(meeting_id: int) -> str:
    """What is happening now and what I can do now."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        return render_template("meetings/room.html", parts=_parts(session, meeting, participant),
                               **_context(session, meeting, participant))  # fmt: skip


@bp.get("/meetings/<int:meeting_id>/screen")
@requires(Permission.ATTEND_MEETINGS)
def screen(meeting_id: int) -> str:
    """The big screen of the room, opened by whoever prepares or leads the meeting."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        if not rights_in(meeting, participant, me()) & OPENS_SCREEN:
            raise NotAllowed(Right.RECORD)
        parts = live.render_parts(session, meeting, SCREEN)
        view = RoomView(session, meeting, SCREEN)
        return render_template("meetings/screen.html", meeting=meeting, parts=parts, view=view, states=STATES)


@bp.get("/meetings/<int:meeting_id>/parts")
@requires(Permission.ATTEND_MEETINGS)
def parts(meeting_id: int) -> Response:
    """All parts as this person may see them, with the revision they stand at; 304 if the client has them.

    `?only=mine` gives only what concerns the person alone, `?only=shown` only the page that is shown to all; `?on=screen` gives
    what the big screen shows.
    """
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        on_screen = request.args.get("on") == "screen"
        if on_screen and not rights_in(meeting, participant, me()) & OPENS_SCREEN:
            raise NotAllowed(Right.RECORD)
        audience = SCREEN if on_screen else f"{audience_of(participant)}-{me().id}-{language()}"
        answer = Response(mimetype="application/json")
        answer.set_etag(f"{meeting.revision}-{audience}")
        answer.cache_control.private = answer.cache_control.no_cache = True
        if "only" not in request.args and request.if_none_match.contains(f"{meeting.revision}-{audience}"):
            answer.status_code = 304
            return answer
        answer.set_data(json.dumps(_news(session, meeting, participant, on_screen=on_screen)))
        return answer


def _news(session: Session, meeting: Meeting, participant: Participant | None, *, on_screen: bool) -> dict[str, Any]:
    if on_screen:
        fetched = live.render_parts(session, meeting, SCREEN)
    elif request.args.get("only") == "mine":
        fetched = {"mine": render_template("meetings/live/mine.html", **_context(session, meeting, participant))}
    elif request.args.get("only") == "shown":
        audience, guest = audience_of(participant), _context(session, meeting, participant)["view"].me
        fetched = live.render_parts(session, meeting, audience, ("shown",), me=guest)
    else:
        fetched = _parts(session, meeting, participant)
    return {"meeting": meeting.id, "revision": meeting.revision, "parts": fetched, **live.times()}


def _parts(session: Session, meeting: Meeting, participant: Participant | None) -> dict[str, str]:
    """All that one person sees: the parts of the audience, and the own one."""
    context = _context(session, meeting, participant)
    shared = live.render_parts(session, meeting, audience_of(participant), me=context["view"].me, viewer=me().id)
    return {"mine": render_template("meetings/live/mine.html", **context), **shared}


def _context(session: Session, meeting: Meeting, participant: Participant | None) -> dict[str, Any]:
    audience = audience_of(participant)
    view = RoomView(session, meeting, audience, participant if audience == GUESTS else None)
    mine = Mine(view, meeting, participant)
    return {"meeting": meeting, "participant": participant, "view": view, "mine": mine,
            "rights": rights_in(meeting, participant, me()), "states": STATES}  # fmt: skip
