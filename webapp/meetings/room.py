"""The live room: one page for members and guests that is always right, and what a client fetches when it has missed something."""

from flask import Blueprint, Response, render_template, request

from domain.meetings import Right
from domain.roles import Permission
from webapp.access import requires
from webapp.meetings import live
from webapp.meetings.acts import open_meeting
from webapp.meetings.view import RoomView
from webapp.system import reading

bp = Blueprint("room", __name__)


@bp.get("/meetings/<int:meeting_id>/room")
@requires(Permission.ATTEND_MEETINGS)
def room(meeting_id: int) -> str:
    """What is happening now and what I can do now."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        audience = live.audience_of(participant)
        me = participant if audience == live.GUESTS else None
        parts = live.render_parts(session, meeting, audience, me=me)
        view = RoomView(session, meeting, audience, me)
        return render_template("meetings/room.html", meeting=meeting, participant=participant, parts=parts, view=view)


@bp.get("/meetings/<int:meeting_id>/parts")
@requires(Permission.ATTEND_MEETINGS)
def parts(meeting_id: int) -> Response:
    """All parts as this person may see them, with the revision they stand at; 304 if the client has them."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        audience = live.audience_of(participant)
        answer = Response(mimetype="application/json")
        answer.set_etag(f"{meeting.revision}-{audience}")
        if request.if_none_match.contains(f"{meeting.revision}-{audience}"):
            answer.status_code = 304
            return answer
        me = participant if audience == live.GUESTS else None
        from flask import json

        answer.set_data(
            json.dumps({"revision": meeting.revision, "parts": live.render_parts(session, meeting, audience, me=me)})
        )
        return answer
