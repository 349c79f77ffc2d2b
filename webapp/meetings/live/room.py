"""The live room: one page for members and guests that is always right, the big screen, and what a client fetches when it has
missed something.
"""

from typing import Any

from flask import Blueprint, Response, json, render_template, request
from sqlalchemy.orm import Session

from domain.ground.errors import NotAllowed
from domain.meetings.meetings import Right
from domain.people.roles import Permission
from storage.meetings.meetings import Meeting, Participant
from webapp.ground.access import me, shows
from webapp.ground.languages import OWN, language
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import open_meeting
from webapp.meetings.live.mine import Mine
from webapp.meetings.live.parts import render
from webapp.meetings.live.rights import GUESTS, OPENS_SCREEN, SCREEN, audience_of, rights_in
from webapp.meetings.live.view import RoomView
from webapp.meetings.words import STATES

bp = Blueprint("room", __name__)


@bp.get("/meetings/<int:meeting_id>/room")
@shows(Permission.ATTEND_MEETINGS)
def room(session: Session, meeting_id: int) -> str:
    """What is happening now and what I can do now."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return render_template(
        "meetings/live/room.html", meeting=meeting, participant=participant, states=STATES,
        parts=_parts(session, meeting, participant), view=_view(session, meeting, participant),
        rights=rights_in(meeting, participant, me()),
    )  # fmt: skip


@bp.get("/meetings/<int:meeting_id>/screen")
@shows(Permission.ATTEND_MEETINGS)
def screen(session: Session, meeting_id: int) -> str:
    """The big screen of the room, opened by whoever prepares or leads the meeting."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    if not rights_in(meeting, participant, me()) & OPENS_SCREEN:
        raise NotAllowed(Right.RECORD)
    view = RoomView(session, meeting, SCREEN)
    return render_template("meetings/live/screen.html", meeting=meeting, parts=render(view), view=view, states=STATES)


@bp.get("/meetings/<int:meeting_id>/parts")
@shows(Permission.ATTEND_MEETINGS)
def parts(session: Session, meeting_id: int) -> Response:
    """All parts as this person may see them, with the revision they stand at; 304 if the client has them.

    `?only=mine` gives only what concerns the person alone, and so for each part that is named; `?on=screen` gives what the big
    screen shows.
    """
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
    """What the page's script fetches, which knows its reader; whoever is shown what many are is given what is kept for them."""
    audience, only = audience_of(participant), request.args.getlist("only")
    if on_screen:
        fetched = live.announcer().kept.of(session, meeting, SCREEN).parts
    elif language() == OWN and audience != GUESTS:
        kept = live.announcer().kept.of(session, meeting, audience)
        fetched = {"mine": _mine(Mine(meeting, participant, present=kept.present, floor=kept.floor)), **kept.parts}
    else:
        fetched = _parts(session, meeting, participant)
    wanted = {name: html for name, html in fetched.items() if on_screen or not only or name in only}
    return {"meeting": meeting.id, "revision": meeting.revision, "parts": wanted, **live.times()}


def _parts(session: Session, meeting: Meeting, participant: Participant | None) -> dict[str, str]:
    """All that one person sees: the parts of the audience, and the own one."""
    view = _view(session, meeting, participant, viewer=me().id)
    return {"mine": _mine(Mine(meeting, participant, present=view.present, floor=view.floor)), **render(view)}


def _mine(mine: Mine) -> str:
    return render_template("meetings/live/mine.html", mine=mine, meeting=mine.meeting, participant=mine.participant)


def _view(session: Session, meeting: Meeting, participant: Participant | None, *, viewer: int | None = None) -> RoomView:
    audience = audience_of(participant)
    return RoomView(session, meeting, audience, participant if audience == GUESTS else None, viewer=viewer)
