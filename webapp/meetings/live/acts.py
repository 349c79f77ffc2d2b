"""Acts in a meeting: `@acts(Right.PRESIDE)` turns a function of an Act into a view that checks the right, runs once for each
idempotency key, commits, and tells the room. What others see of it is in live.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import structlog
from flask import Response, flash, get_flashed_messages, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import not_before, now
from domain.ground.errors import NotAllowed, NotFound
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.running_order import AskedStep, Doubt, NotSure, check_sure
from domain.people.roles import Permission
from storage.ground.audit import without_words
from storage.meetings.attendance import Attendance
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent, Meetings, Participant
from webapp.ground.access import audit, me, requires
from webapp.ground.errors import sentence
from webapp.ground.formats import moment
from webapp.ground.security import own_path
from webapp.ground.system import writing
from webapp.meetings.live import news as live
from webapp.meetings.live.rights import GUESTS, audience_of, rights_in
from webapp.meetings.words import STEPS_ASKED

log = structlog.get_logger()

_KEY_LENGTH = 64
_SET_BACK = timedelta(minutes=1)  # less is how clocks are kept right


@dataclass
class Act:
    """One press in one meeting: the session of its transaction, the meeting, and who pressed."""

    session: Session
    meeting: Meeting
    participant: Participant | None
    key: str | None  # the idempotency key, as `pressed` tells it
    events: list[MeetingEvent] = field(default_factory=list)

    @property
    def item(self) -> AgendaItem | None:
        """The item on the floor."""
        return self.meeting.item_on_floor

    def record(self, kind: str, *, parts: str, item: AgendaItem | None = None, **facts: Any) -> MeetingEvent:
        """Leave the event of the act and its entry in the audit trail. `parts` of the live page change by it.

        What is said in a meeting stands in its events, for those who may know it; the trail is read by others. Nothing of how anybody
        voted ever stands in `facts`.
        """
        key = None if self.events else self.key
        event = Meetings(self.session).add_event(
            self.meeting, kind, person_id=me().id, item=item, parts=parts, act_id=key, facts=facts
        )
        audit(self.session, kind, subject=("meeting", self.meeting.id), facts=without_words(facts))
        self.events.append(event)
        return event

    def ask_first(self, step: AskedStep, doubts: Mapping[Doubt, int]) -> None:
        """Raise NotSure, which the page answers with a question, unless whoever presses has been asked about those doubts."""
        check_sure(step, doubts, request.form.getlist("sure"))


def pressed() -> str | None:
    """The idempotency key of the press, from the field `act_id`; with the person in it, since the same key of two is two presses."""
    key = request.form.get("act_id", "")
    if len(key) > _KEY_LENGTH:  # no page of ours sends it, and not every database keeps it
        raise BadRequest
    return f"{me().id}:{key}" if key else None


def open_meeting(session: Session, meeting_id: int, right: Right) -> tuple[Meeting, Participant | None]:
    """The meeting and the part in it of whoever is asking; raises NotFound if it is none of theirs, NotAllowed without the right."""
    meeting = Meetings(session).get(meeting_id)
    participant = meeting.participant(me().id)
    if right not in rights_in(meeting, participant, me()):
        raise NotAllowed(right)
    return meeting, participant


def read_whole(session: Session, meeting_id: int) -> tuple[Meeting, Participant | None]:
    """The meeting for whoever may know all that was done in it; for guests of single items there is nothing here."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    if audience_of(participant) == GUESTS:
        raise NotFound("minutes", meeting_id)
    return meeting, participant


def acts(right: Right) -> Callable[[Callable[..., AnyResponse | None]], Callable[..., AnyResponse]]:
    """Make a view of `function(act, **values of the address)`, for all who attend meetings and have the right in this one.

    It may answer; otherwise the press is answered with 204 (or with what it has to say, as JSON), or with the way back for a
    browser without scripts.
    """

    def make(function: Callable[..., AnyResponse | None]) -> Callable[..., AnyResponse]:
        @wraps(function)
        def view(meeting_id: int, **values: Any) -> AnyResponse:
            try:
                answer, changed = _taken(function, right, meeting_id, values)
            except NotSure as question:  # nothing has been kept
                return _ask(meeting_id, question)
            live.announce(meeting_id, parts=changed)
            return answer or _done(meeting_id)

        view.right = right  # type: ignore[attr-defined]  # the table of rights reads it
        return requires(Permission.ATTEND_MEETINGS)(view)

    return make


def _taken(
    function: Callable[..., AnyResponse | None], right: Right, meeting_id: int, values: dict[str, Any]
) -> tuple[AnyResponse | None, str]:
    """What the function answers once what it did is committed, and the parts of the live page that changed by it."""
    answer = None
    with writing() as session:
        if right is not Right.VOTE:  # ballots hinder nobody; their races are decided on the roll
            Meetings(session).hold(meeting_id)
        meeting, participant = open_meeting(session, meeting_id, right)
        act = Act(session, meeting, participant, pressed())
        if not (act.key and Meetings(session).has_acted(meeting, act.key)):
            with not_before(_last_moment(act, right)):
                answer = function(act, **values)
        return answer, " ".join({event.parts for event in act.events})


def _last_moment(act: Act, right: Right) -> datetime | None:
    """When the meeting was last heard of: nothing happens in it before that. Who presides is told of a clock that was set back."""
    last = Meetings(act.session).last_moment(act.meeting)
    if last and last - now() > _SET_BACK and right is Right.PRESIDE:
        log.warning("clock behind the events of a meeting", meeting=act.meeting.id, seconds=(last - now()).total_seconds())
        flash(
            _(
                "Đồng hồ máy chủ chậm hơn diễn biến đã ghi (lúc %(time)s) nên giờ ghi trong cuộc họp đứng yên đến lúc đó; "
                "biểu quyết có thời hạn không tự hết giờ, hãy khóa bằng tay. Hãy báo quản trị viên chỉnh đồng hồ.",
                time=moment(last),
            ),
            "error",
        )
    return last


def begin_day(act: Act) -> None:
    """On the first act of another day, after a break: who was here on the day before is not here yet, and checks in again."""
    if act.meeting.state is not MeetingState.ADJOURNED:
        return
    broken_off = Meetings(act.session).last_event(act.meeting, "meeting_adjourned")
    if broken_off and (count := Attendance(act.session, act.meeting).begin_day(broken_off.at)):
        act.record("day_begun", parts="quorum", count=count)


def _ask(meeting_id: int, question: NotSure) -> AnyResponse:
    """The question before a step; who says yes sends the same form again, with the doubts that were shown."""
    status, said = sentence(question)
    yes = STEPS_ASKED[question.step]
    if request.headers.get("X-Live"):
        asked = {"yes": str(yes), "no": _("Chưa"), "sure": [*question.doubts]}
        return make_response(jsonify(message=said, ask=asked), status)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "sure")]
    back = own_path(request.form.get("back", ""), url_for("room.room", meeting_id=meeting_id))
    page = render_template("meetings/live/ask.html", said=said, yes=yes, sure=question.doubts, kept=kept, back=back)
    return make_response(page, status)


def _done(meeting_id: int) -> AnyResponse:
    if request.headers.get("X-Live"):
        said = get_flashed_messages(with_categories=True)
        return jsonify(said=said) if said else Response(status=204)
    room = url_for("room.room", meeting_id=meeting_id)
    return redirect(own_path(request.form.get("back", ""), room), 303)
