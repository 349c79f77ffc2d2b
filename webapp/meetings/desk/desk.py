"""The chair's desk: the steps of a meeting, its agenda while it runs, the chair's seat, incidents; and the page that offers the one
next action of the running order. Whoever sits in the seat acts; the others of the head see the same, and may take the seat over.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, json, redirect, render_template, request, url_for
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import now
from domain.ground.errors import StepNotAllowed
from domain.meetings.agenda import ItemFacts, ItemState, Move
from domain.meetings.meetings import MeetingState, Right, Step, take
from domain.meetings.running_order import UNDONE, Doubt, SeatMoved, check_nothing_runs, leaves, moved_waiting
from domain.meetings.voting import VoteState
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.floor import Floor
from storage.meetings.meetings import AgendaItem, Meeting
from storage.meetings.votes import Votes
from webapp.ground.access import me, shows
from webapp.meetings.desk.presence import note_presence
from webapp.meetings.desk.view import DeskView, last_step
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import Act, acts, begin_day, open_meeting
from webapp.meetings.live.parts import render_parts
from webapp.meetings.live.rights import HEAD

bp = Blueprint("desk", __name__)

ALL_PARTS = "quorum now vote shown floor agenda"  # after a step of the whole meeting, and after the seat has changed
INCIDENT_LENGTH = 1000


@bp.get("/meetings/<int:meeting_id>/desk")
@shows(Permission.ATTEND_MEETINGS)
def desk(session: Session, meeting_id: int) -> str:
    """The desk: the next action, and everything that whoever presides keeps in sight."""
    meeting, participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
    view = DeskView(session, meeting, me().id)
    return render_template(
        "meetings/desk/desk.html", meeting=meeting, participant=participant, desk=view, parts=_parts(session, meeting, view)
    )


@bp.get("/meetings/<int:meeting_id>/desk/parts")
@shows(Permission.ATTEND_MEETINGS)
def parts(session: Session, meeting_id: int) -> Response:
    """All parts of the desk with the revision they stand at; 304 if the client has them."""
    meeting, _participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
    answer = Response(mimetype="application/json")
    answer.set_etag(f"{meeting.revision}-desk-{me().id}")
    answer.cache_control.private = answer.cache_control.no_cache = True
    if request.if_none_match.contains(f"{meeting.revision}-desk-{me().id}"):
        answer.status_code = 304
        return answer
    shown = _parts(session, meeting, DeskView(session, meeting, me().id))
    answer.set_data(json.dumps({"meeting": meeting.id, "revision": meeting.revision, "parts": shown, **live.times()}))
    return answer


@bp.get("/meetings/<int:meeting_id>/desk/readiness")
@shows(Permission.ATTEND_MEETINGS)
def readiness(session: Session, meeting_id: int) -> str:
    """Who is present and connected, before a vote; asked for every few seconds, since sockets leave no events."""
    meeting, _participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
    return render_template("meetings/desk/readiness.html", meeting=meeting, desk=DeskView(session, meeting, me().id))


@bp.get("/meetings/<int:meeting_id>/seat")
@shows(Permission.ATTEND_MEETINGS)
def ask_for_seat(session: Session, meeting_id: int) -> str | AnyResponse:
    """The question before the chair's seat is taken over: the second of the two taps."""
    meeting, participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
    if meeting.presiding_id == me().id:
        return redirect(url_for("desk.desk", meeting_id=meeting_id), 303)
    return render_template("meetings/desk/seat.html", meeting=meeting, participant=participant)


@bp.post("/meetings/<int:meeting_id>/seat")
@acts(Right.TAKE_SEAT)
def take_seat(act: Act) -> AnyResponse | None:
    """Take over the chair's seat from whoever held it when the question was asked."""
    before = act.meeting.presiding.name if act.meeting.presiding else ""
    seen = request.form.get("from", "")
    if act.meeting.state not in (MeetingState.CONVENED, MeetingState.OPEN, MeetingState.ADJOURNED):
        raise StepNotAllowed(act.meeting.state, "take_seat")
    if act.meeting.presiding_id != me().id:
        _move_seat(act, int(seen) if seen.isdecimal() and len(seen) < 10 else None)
        act.record("seat_taken", parts=ALL_PARTS, item=act.item, name=me().name, before=before)
    return _back_to_desk(act)


@bp.post("/meetings/<int:meeting_id>/open")
@acts(Right.TAKE_SEAT)
def open_(act: Act) -> AnyResponse | None:
    """Open the meeting; whoever opens it presides, and is here."""
    _step(act, Step.OPEN)
    if act.participant and act.participant.id not in Attendance(act.session, act.meeting).present():
        note_presence(act, act.participant, Presence.IN_ROOM, set_by="opening")
    act.meeting.opened_at = now()
    act.meeting.presiding_id, act.meeting.presiding_since = me().id, now()
    act.record("meeting_opened", parts=ALL_PARTS, name=me().name)
    return _back_to_desk(act)


@bp.post("/meetings/<int:meeting_id>/adjourn")
@acts(Right.PRESIDE)
def adjourn(act: Act) -> None:
    """Interrupt the meeting: a break, or the end of a sitting."""
    _check_nothing_runs(act)
    _step(act, Step.ADJOURN)
    act.record("meeting_adjourned", parts=ALL_PARTS, item=act.item)


@bp.post("/meetings/<int:meeting_id>/resume")
@acts(Right.PRESIDE)
def resume(act: Act) -> None:
    """Go on after a break; on another day with those only who have checked in again."""
    begin_day(act)
    _step(act, Step.RESUME)
    act.record("meeting_resumed", parts=ALL_PARTS, item=act.item)


@bp.post("/meetings/<int:meeting_id>/close")
@acts(Right.PRESIDE)
def close(act: Act) -> AnyResponse | None:
    """Close the meeting, with the item on the floor."""
    _check_nothing_runs(act)
    _step(act, Step.CLOSE)
    act.ask_first("close_meeting", _left(act) | {Doubt.FOR_GOOD: 1})
    _end_interrupted(act)
    item = act.item
    if item:
        item.state, item.done_at = ItemState.DONE, now()
        act.session.flush()
        act.record("item_done", parts="now agenda", item=item)
    act.meeting.closed_at = now()
    act.record("meeting_closed", parts=ALL_PARTS)
    return _back_to_desk(act)


@bp.post("/meetings/<int:meeting_id>/items/<int:item_id>/take-up")
@acts(Right.PRESIDE)
def take_up(act: Act, item_id: int) -> None:
    """Put an item on the floor; the one that was there is done."""
    item = _item(act, item_id)
    _check_in_session(act)
    if item.state is ItemState.ON_FLOOR:
        return
    _check_nothing_runs(act)
    _change(act, "item_taken_up", {item: ItemState.ON_FLOOR} | ({act.item: ItemState.DONE} if act.item else {}), item)
    act.meeting.takes_requests = True


@bp.post("/meetings/<int:meeting_id>/items/<int:item_id>/done")
@acts(Right.PRESIDE)
def finish(act: Act, item_id: int) -> None:
    """End the item on the floor."""
    item = _item(act, item_id)
    if item.state is not ItemState.ON_FLOOR:
        raise StepNotAllowed(item.state, "finish")
    _check_nothing_runs(act)
    _change(act, "item_done", {item: ItemState.DONE}, item)


@bp.post("/meetings/<int:meeting_id>/items/<int:item_id>/postpone")
@acts(Right.PRESIDE)
def postpone(act: Act, item_id: int) -> None:
    """Leave an item for later, or for another meeting."""
    item = _item(act, item_id)
    _check_in_session(act)
    if item.state not in (ItemState.WAITING, ItemState.ON_FLOOR):
        raise StepNotAllowed(item.state, "postpone")
    if item.state is ItemState.ON_FLOOR:
        _check_nothing_runs(act)
    _change(act, "item_postponed", {item: ItemState.POSTPONED}, item)


@bp.post("/meetings/<int:meeting_id>/items/<int:item_id>/move")
@acts(Right.PRESIDE)
def move(act: Act, item_id: int) -> None:
    """Change the order of the items that wait. Raises MoveNotPossible."""
    item, items = _item(act, item_id), act.meeting.items
    states = {one.id: one.state for one in items}
    facts = [ItemFacts(one.id, one.parent_id, one.minutes) for one in items]
    after = moved_waiting(facts, states, item.id, Move.UP if request.form.get("to") == "up" else Move.DOWN)
    before = [_snapshot(one) for one in items]
    places = {one.id: place for place, one in enumerate(after)}
    for one in items:
        one.position = places[one.id]
    act.record("agenda_reordered", parts="agenda", item=item, before=before)


@bp.post("/meetings/<int:meeting_id>/undo")
@acts(Right.PRESIDE)
def undo(act: Act) -> None:
    """Take back the last step of the agenda, while nothing has been built upon it."""
    event = last_step(act.session, act.meeting)
    if event is None or request.form.get("revision", "") != str(event.revision):
        raise StepNotAllowed(act.meeting.state, "undo")
    _restore(act, event.facts["before"])
    item = next((item for item in act.meeting.items if item.id == event.item_id), None)
    act.record(UNDONE, parts=ALL_PARTS, item=item, undoes=event.revision, step=event.kind)


@bp.post("/meetings/<int:meeting_id>/incidents")
@acts(Right.TAKE_SEAT)
def note_incident(act: Act) -> None:
    """Write down an incident; it stands in the minutes."""
    text = " ".join(request.form.get("text", "").split())[:INCIDENT_LENGTH]
    if act.meeting.state in (MeetingState.DRAFT, MeetingState.CANCELLED):
        raise StepNotAllowed(act.meeting.state, "note_incident")
    if text:
        act.record("incident_noted", parts="", item=act.item, text=text)


def _parts(session: Session, meeting: Meeting, view: DeskView) -> dict[str, str]:
    """The parts of the room as the head sees them, and those of the desk alone."""
    own = {part: render_template(f"meetings/desk/{part}.html", meeting=meeting, desk=view) for part in ("next", "course")}
    return render_parts(session, meeting, HEAD, viewer=view.viewer) | own


def _item(act: Act, item_id: int) -> AgendaItem:
    return among(act.meeting.items, item_id, "item")


def _step(act: Act, step: Step) -> None:
    act.meeting.state = take(act.meeting.state, step)


def _check_in_session(act: Act) -> None:
    if act.meeting.state is not MeetingState.OPEN:
        raise StepNotAllowed(act.meeting.state, "change the agenda")


def _check_nothing_runs(act: Act) -> None:
    """Raise CloseRefused while a vote is open or somebody speaks."""
    has_open_vote = any(vote.state is VoteState.OPEN for vote in Votes(act.session).of(act.meeting))
    check_nothing_runs(has_open_vote=has_open_vote, has_speech=Floor(act.session, act.meeting).speaking() is not None)


def _left(act: Act) -> dict[Doubt, int]:
    """What the meeting leaves undone when it is closed now."""
    unpublished = sum(vote.state is VoteState.CLOSED for vote in Votes(act.session).of(act.meeting))
    states = {item.id: item.state for item in act.meeting.items}
    facts = [ItemFacts(one.id, one.parent_id, one.minutes) for one in act.meeting.items]
    waiting = sum(states[item.id] is ItemState.WAITING for item in leaves(facts))
    return {Doubt.UNPUBLISHED: unpublished, Doubt.ITEMS_LEFT: waiting}


def _end_interrupted(act: Act) -> None:
    """A speech that a point of order interrupted does not outlive its item."""
    floor = Floor(act.session, act.meeting)
    while speech := floor.paused():
        floor.end(speech)
        act.record("speech_ended", parts="floor", item=speech.item, **speech.as_facts)


def _move_seat(act: Act, expected: int | None) -> None:
    """Only from the hand it was in when the question was asked: of two who take it at the same moment, the second is asked again."""
    taken = update(Meeting).where(Meeting.id == act.meeting.id, Meeting.presiding_id.is_not_distinct_from(expected))
    moved = act.session.scalar(taken.values(presiding_id=me().id, presiding_since=now()).returning(Meeting.id))
    act.session.refresh(act.meeting, ["presiding_id", "presiding_since", "presiding"])
    if moved is None:
        raise SeatMoved(act.meeting.presiding.name if act.meeting.presiding else "")


def _change(act: Act, kind: str, states: dict[AgendaItem, ItemState], item: AgendaItem) -> None:
    """Change the states of items, those that leave the floor first, and keep what they were for an undo."""
    _end_interrupted(act)
    before = [_snapshot(one) for one in states]
    for one, state in sorted(states.items(), key=lambda pair: pair[1] is ItemState.ON_FLOOR):
        one.state = state
        one.taken_up_at = now() if state is ItemState.ON_FLOOR else one.taken_up_at
        one.done_at = now() if state is ItemState.DONE else None
        act.session.flush()
    act.record(kind, parts="now vote floor agenda", item=item, before=before)


def _snapshot(item: AgendaItem) -> dict[str, Any]:
    """An item as it is, to be put back by `_restore`."""
    return {
        "item": item.id,
        "state": str(item.state),
        "position": item.position,
        "taken_up_at": item.taken_up_at.isoformat() if item.taken_up_at else None,
        "done_at": item.done_at.isoformat() if item.done_at else None,
    }


def _restore(act: Act, snapshots: list[dict[str, Any]]) -> None:
    for snapshot in sorted(snapshots, key=lambda one: one["state"] == ItemState.ON_FLOOR):
        item = _item(act, snapshot["item"])
        item.state, item.position = ItemState(snapshot["state"]), snapshot["position"]
        item.taken_up_at, item.done_at = (_moment(snapshot[name]) for name in ("taken_up_at", "done_at"))
        act.session.flush()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _back_to_desk(act: Act) -> AnyResponse | None:
    """The desk, for a browser that was not sent by a script."""
    if request.headers.get("X-Live"):
        return None
    return redirect(url_for("desk.desk", meeting_id=act.meeting.id), 303)
