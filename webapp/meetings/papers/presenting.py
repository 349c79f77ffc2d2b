"""Following the presenter: whoever presides, records or presents shows a page of a paper to all; members follow or read on."""

import re

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest

from domain.ground.errors import NotAllowed, NotFound
from domain.ground.vietnamese import fold
from domain.meetings.meetings import MeetingState, Right
from domain.people.roles import Permission
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.papers import Papers
from storage.meetings.presenting import Presenting
from webapp.ground.access import me, requires
from webapp.meetings.live.acts import Act, acts

bp = Blueprint("presenting", __name__)


@bp.post("/meetings/<int:meeting_id>/presenting")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.ATTEND)
def show(act: Act) -> None:
    """Show a page to all. Turning a page is news for the room, but no entry of the audit trail: showing a paper is."""
    _check(act)
    version_id, page = request.form.get("version", 0, int), request.form.get("page", 1, int)
    if not version_id:
        raise BadRequest
    presenting = Presenting(act.session, act.meeting)
    before = presenting.shown()
    is_same = before is not None and before.version_id == version_id
    shown = presenting.show(version_id, page, me().id)
    if not Papers(act.session, act.meeting).may_see(shown.version.paper, act.participant, prepares=False):
        raise NotFound("paper_version", version_id)  # a guest presents what a guest may see
    if is_same:
        Meetings(act.session).add_event(
            act.meeting, "page_turned", person_id=me().id, item=act.item, parts="shown", act_id=act.key, facts={"page": page}
        )
    else:
        act.record("paper_shown", parts="shown", item=act.item, paper=shown.version.paper.title, version=shown.version.number)


@bp.post("/meetings/<int:meeting_id>/presenting/stop")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.ATTEND)
def stop(act: Act) -> None:
    """Show nothing any more."""
    _check(act)
    if Presenting(act.session, act.meeting).stop():
        act.record("showing_ended", parts="shown", item=act.item)


def may_present(meeting: Meeting, participant: Participant | None) -> bool:
    """Whether somebody may show pages to all now: who presides or records, and the presenter of the item on the floor."""
    if participant is None or meeting.state is not MeetingState.OPEN:
        return False
    if participant.rights & {Right.PRESIDE, Right.RECORD}:
        return True
    item = meeting.item_on_floor
    return item is not None and is_named(participant.name, item.presenter)


def is_named(name: str, presenter: str) -> bool:
    """Whether somebody of that name is among those whom the agenda names, whole words only.

    >>> is_named("Trần Văn An", "đ/c Trần Văn An, Phó Chủ tịch"), is_named("Trần Văn An", "Trần Văn Anh")
    (True, False)
    """
    said = re.sub(r"\W+", " ", fold(presenter))
    return f" {fold(name)} " in f" {said} "


def _check(act: Act) -> None:
    if not may_present(act.meeting, act.participant):
        raise NotAllowed(Right.PRESIDE)
