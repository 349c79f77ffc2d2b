"""Who may be picked for a meeting, a round of opinions or a task: people with an open account; and the addresses that find them."""

from flask import url_for
from sqlalchemy.orm import Session

from domain.ground.clock import today
from storage.meetings.meetings import Meeting
from storage.people.candidates import CandidatePeople, CandidateUnits, is_open, stands_on


def candidates(session: Session, meeting: Meeting | None = None) -> tuple[CandidatePeople, str]:
    """The people, and the address that finds them: for a meeting that is there, or for what is about to be made."""
    address = url_for("candidates.of_meeting", meeting_id=meeting.id) if meeting else url_for("candidates.people")
    return CandidatePeople(session, is_open()), address


def units(session: Session, meeting: Meeting) -> tuple[CandidateUnits, str]:
    """The units that a task of the meeting may be given to, and the address that finds them."""
    return CandidateUnits(session, stands_on(today())), url_for("candidates.units_of_meeting", meeting_id=meeting.id)
