"""Rehearsals: a copy of a meeting with invented people, whose parts the maker plays one after another.

Which part one plays stands in a cookie of that meeting's pages alone. It opens nothing by itself: the gate below asks each time
whether the meeting is a rehearsal, whether whoever has signed in made it, and whether the person played is invented and has a
part in it.
"""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from domain.ground.errors import NotAllowed, NotFound, StepNotAllowed
from domain.meetings.meetings import Part, Right
from domain.people.roles import Permission
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.preparing import Preparation
from webapp.ground.access import COOKIE as SIGN_IN_COOKIE
from webapp.ground.access import audit, person, requires
from webapp.ground.system import reading
from webapp.ground.words import PARTS
from webapp.meetings.live.acts import Act, acts

bp = Blueprint("rehearsal", __name__)

COOKIE = f"{SIGN_IN_COOKIE}_plays"


@bp.post("/meetings/<int:meeting_id>/rehearsal")
@requires(Permission.CONVENE_MEETINGS)
@acts(Right.PREPARE)
def rehearse(act: Act) -> Response:
    """Make a rehearsal of the meeting, and begin in the chair's part."""
    maker = person()
    if act.meeting.is_rehearsal or maker is None:
        raise StepNotAllowed(act.meeting.state, "rehearse")
    twin = Preparation(act.session, act.meeting).rehearse(maker)
    audit(act.session, "rehearsal_created", subject=("meeting", twin.id), facts={"title": act.meeting.title})
    chair = next((one for one in twin.participants if one.part is Part.CHAIR), None)
    flash(_("Đã lập buổi diễn tập với người giả định. Không ai khác nhận được thư hay thấy buổi này."), "success")
    answer = redirect(url_for("meetings.meeting", meeting_id=twin.id), 303)
    _play(answer, twin, chair.person_id if chair else None)
    return answer


@bp.post("/meetings/<int:meeting_id>/play")
@requires(Permission.ATTEND_MEETINGS)
def play(meeting_id: int) -> Response:
    """Play another part in one's own rehearsal, or be oneself again."""
    with reading() as session:
        one = Meetings(session).get(meeting_id)
        if not _is_own(one):
            raise NotAllowed(Permission.CONVENE_MEETINGS)
        wanted = request.form.get("person", type=int)
        if wanted and _part(one, wanted) is None:
            raise NotFound("participant", wanted)
        answer = redirect(url_for("meetings.meeting", meeting_id=one.id), 303)
        _play(answer, one, wanted)
    return answer


def _is_own(one: Meeting) -> bool:
    maker = person()
    return one.is_rehearsal and maker is not None and one.created_by_id == maker.id


def _part(one: Meeting, person_id: int) -> Participant | None:
    """The part of one of the invented people; whoever has an account of their own is played by nobody else."""
    found = one.participant(person_id)
    return found if found and not found.person.is_open else None


def _play(answer: Response, one: Meeting, person_id: int | None) -> None:
    path = f"/meetings/{one.id}"
    if person_id:
        answer.set_cookie(COOKIE, str(person_id), path=path, httponly=True, samesite="Lax", secure=request.is_secure)
    else:
        answer.delete_cookie(COOKIE, path=path)


@bp.app_context_processor
def _parts() -> dict[str, object]:
    return {"rehearsal": g.get("rehearsal"), "part_names": PARTS}


@bp.before_app_request
def _take_part() -> None:
    """Let the maker of a rehearsal act in the part that is played, on the pages of that meeting only."""
    meeting_id, maker = (request.view_args or {}).get("meeting_id"), person()
    if meeting_id is None or maker is None or not maker.may(Permission.CONVENE_MEETINGS):
        return  # nobody else ever makes a rehearsal
    with reading() as session:
        one = session.get(Meeting, meeting_id)
        if one is None or not _is_own(one):
            return
        played = _part(one, request.cookies.get(COOKIE, 0, type=int))
        g.rehearsal = {
            "meeting_id": one.id,
            "people": [(who.person_id, who.name, who.part) for who in one.participants if not who.person.is_open],
            "played_id": played.person_id if played else None,
        }
        if played:
            g.playing = played.person
            session.expunge_all()
