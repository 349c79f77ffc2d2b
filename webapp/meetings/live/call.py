"""What is being voted on, on top of every page of a meeting in session that is not its room: the same part, with the same script."""

from flask import Flask, render_template, request

from domain.meetings.meetings import MeetingState
from storage.meetings.meetings import Meeting
from webapp.ground.access import me, person
from webapp.ground.system import reading
from webapp.meetings.live.parts import render
from webapp.meetings.live.rights import GUESTS, audience_of
from webapp.meetings.live.view import RoomView

_SITS = (MeetingState.OPEN, MeetingState.ADJOURNED)


def init_call(app: Flask) -> None:
    """Let the frame of every page ask."""
    app.add_template_global(meeting_call)


def meeting_call() -> str:
    """The part `vote` of the meeting of this page, which the page keeps up to date; nothing on pages of no meeting in session, and
    for whoever has no part in it."""
    meeting_id = (request.view_args or {}).get("meeting_id")
    if meeting_id is None or person() is None:
        return ""
    with reading() as session:
        meeting = session.get(Meeting, meeting_id)
        participant = meeting.participant(me().id) if meeting and meeting.state in _SITS else None
        if meeting is None or participant is None:
            return ""
        audience = audience_of(participant)
        view = RoomView(session, meeting, audience, participant if audience == GUESTS else None, viewer=me().id)
        parts = render(view, ("now", "vote"))
        return render_template("meetings/live/call.html", meeting=meeting, participant=participant, parts=parts)
