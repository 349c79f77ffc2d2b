"""What the fields of meetings are answered in which somebody or some unit is picked."""

from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from domain.meetings.meetings import Right
from domain.people.roles import Permission
from webapp.ground.access import shows
from webapp.ground.picking import answer
from webapp.meetings.candidates import candidates, units
from webapp.meetings.live.acts import open_meeting

bp = Blueprint("candidates", __name__)


@bp.get("/meetings/people")
@shows(Permission.CONVENE_MEETINGS)
def people(session: Session) -> dict[str, Any]:
    """The people whom a field of a new meeting or round offers."""
    return answer(candidates(session)[0])


@bp.get("/meetings/<int:meeting_id>/people")
@shows(Permission.ATTEND_MEETINGS)
def of_meeting(session: Session, meeting_id: int) -> dict[str, Any]:
    """The people whom a field of a meeting offers to who prepares it."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    return answer(candidates(session, one)[0])


@bp.get("/meetings/<int:meeting_id>/units")
@shows(Permission.ATTEND_MEETINGS)
def units_of_meeting(session: Session, meeting_id: int) -> dict[str, Any]:
    """The units that a field of a meeting offers to who prepares it."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    return answer(units(session, one)[0])
