"""Who may know of a task, and who works on it."""

from sqlalchemy.orm import Session

from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.meetings.meetings import Right
from storage.meetings.meetings import Meeting
from storage.meetings.tasks import Task, Tasks
from webapp.ground.access import me
from webapp.meetings.live import rights


def knows_meeting(meeting: Meeting) -> bool:
    """Whether the person may know all that was done in the meeting."""
    participant = meeting.participant(me().id)
    has_part = participant is not None and rights.audience_of(participant) != rights.GUESTS
    return has_part or rights.convenes(meeting, me())


def may_report(found: Task) -> bool:
    """Whether whoever asks works on the task, or leads its meeting."""
    meeting = found.conclusion.meeting
    participant = meeting.participant(me().id)
    leads = participant is not None and Right.PREPARE in participant.rights
    return _is_mine(found) or leads or rights.convenes(meeting, me())


def known_task(session: Session, task_id: int) -> Task:
    """The task for who is to do it, or knows its meeting; raises NotFound."""
    found = Tasks(session).get(task_id)
    if not knows_task(found):
        raise NotFound("task", task_id)
    return found


def knows_task(found: Task) -> bool:
    """Whether whoever asks is to do the task, or knows its meeting."""
    return knows_meeting(found.conclusion.meeting) or _is_mine(found)


def _is_mine(found: Task) -> bool:
    """Whether whoever asks is to do the task in earnest: what is rehearsed is nobody's work."""
    return not found.conclusion.meeting.is_rehearsal and found.belongs_to(me(), today())
