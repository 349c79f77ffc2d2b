"""Following the presenter: whoever presides, records or presents shows a page of a paper to all; members follow or read on."""

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest

from domain.ground.errors import NotAllowed, NotFound
from domain.meetings.meetings import Right
from storage.meetings.meetings import Meetings
from storage.meetings.papers import Papers
from storage.meetings.presenting import Presenting
from webapp.ground.access import me
from webapp.meetings.live.acts import Act, acts
from webapp.meetings.papers.reader import may_present

bp = Blueprint("presenting", __name__)


@bp.post("/meetings/<int:meeting_id>/presenting")
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
        act.record("paper_shown", parts="shown", item=act.item, paper=shown.version.paper_id, version=shown.version.number)


@bp.post("/meetings/<int:meeting_id>/presenting/stop")
@acts(Right.ATTEND)
def stop(act: Act) -> None:
    """Show nothing any more."""
    _check(act)
    if Presenting(act.session, act.meeting).stop():
        act.record("showing_ended", parts="shown", item=act.item)


def _check(act: Act) -> None:
    if not may_present(act.meeting, act.participant):
        raise NotAllowed(Right.PRESIDE)
