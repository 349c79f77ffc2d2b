"""The floor: people ask for it; whoever presides calls, pauses, gives a minute more, ends; the secretary asks for people without
a device. Who comes next and how the clock runs are rules in domain/meetings/speaking.py.
"""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, request

from domain.ground.errors import NotAllowed, NotFound
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.speaking import FloorRefused, SpeechKind
from storage.ground.database import among
from storage.meetings.floor import Asking, Floor, Speech
from storage.meetings.meetings import Participant
from webapp.ground.access import me
from webapp.meetings.live.acts import Act, acts

bp = Blueprint("floor", __name__)

LONGEST_S = 60 * 60
_KEY_LENGTH = 64


@bp.post("/meetings/<int:meeting_id>/floor")
@acts(Right.SPEAK)
def ask(act: Act) -> None:
    """I ask for the floor. The device may have kept the request while there was no net; it arrives once."""
    if act.participant is None:
        raise NotAllowed(Right.SPEAK)
    _ask(act, act.participant, recorded_by_id=None)


@bp.post("/meetings/<int:meeting_id>/floor/record")
@acts(Right.RECORD)
def record(act: Act) -> None:
    """The secretary asks for the floor on behalf of somebody without a device."""
    _ask(act, _participant(act, "participant"), recorded_by_id=me().id)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/withdraw")
@acts(Right.ATTEND)
def withdraw(act: Act, speech_id: int) -> None:
    """Take a request back: one's own, or any for who presides or keeps the record."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    rights = act.participant.rights if act.participant else frozenset()
    if speech.participant != act.participant and not rights & {Right.PRESIDE, Right.RECORD}:
        raise NotAllowed(Right.PRESIDE)
    Floor(act.session, act.meeting).withdraw(speech)
    _record(act, "speech_withdrawn", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/move")
@acts(Right.PRESIDE)
def move(act: Act, speech_id: int) -> None:
    """Move a request up or down among those that wait."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    if Floor(act.session, act.meeting).move(speech, is_up=request.form.get("to") == "up"):
        _record(act, "speech_moved", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/call")
@acts(Right.PRESIDE)
def call(act: Act, speech_id: int) -> None:
    """Give the floor. Who speaks meanwhile ends, or is interrupted by a point of order."""
    if act.meeting.state is not MeetingState.OPEN:
        raise FloorRefused("not_in_session")
    floor = Floor(act.session, act.meeting)
    speech = floor.get(speech_id)
    before = floor.call(speech, timedelta(seconds=act.meeting.speech_s))
    if before:
        interrupted = speech.kind is SpeechKind.POINT_OF_ORDER
        _record(act, "speech_paused" if interrupted else "speech_ended", before)
    _record(act, "speech_called", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/pause")
@acts(Right.PRESIDE)
def pause(act: Act, speech_id: int) -> None:
    """Stop the clock of a speech."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    Floor(act.session, act.meeting).pause(speech)
    _record(act, "speech_paused", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/resume")
@acts(Right.PRESIDE)
def resume(act: Act, speech_id: int) -> None:
    """Let the clock run again."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    Floor(act.session, act.meeting).resume(speech)
    _record(act, "speech_resumed", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/extend")
@acts(Right.PRESIDE)
def extend(act: Act, speech_id: int) -> None:
    """Give a minute more."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    Floor(act.session, act.meeting).extend(speech)
    _record(act, "speech_extended", speech)


@bp.post("/meetings/<int:meeting_id>/floor/<int:speech_id>/end")
@acts(Right.ATTEND)
def end(act: Act, speech_id: int) -> None:
    """End a speech: who presides, or the speaker."""
    speech = Floor(act.session, act.meeting).get(speech_id)
    presides = act.participant is not None and Right.PRESIDE in act.participant.rights
    if speech.participant != act.participant and not presides:
        raise NotAllowed(Right.PRESIDE)
    Floor(act.session, act.meeting).end(speech)
    _record(act, "speech_ended", speech)


@bp.post("/meetings/<int:meeting_id>/floor/list")
@acts(Right.PRESIDE)
def close_or_open_list(act: Act) -> None:
    """Close the list of speakers, or open it again. Points of order are always taken."""
    takes = request.form.get("takes") == "yes"
    if takes is not act.meeting.takes_requests:
        act.meeting.takes_requests = takes
        act.record("speakers_opened" if takes else "speakers_closed", parts="floor", item=act.item)


@bp.post("/meetings/<int:meeting_id>/floor/time")
@acts(Right.PRESIDE)
def set_time(act: Act) -> None:
    """How long a speech lasts from now on, in minutes."""
    minutes = _whole(request.form.get("minutes", ""))
    if not 0 < minutes <= LONGEST_S // 60:
        raise NotFound("minutes", minutes)
    act.meeting.speech_s = minutes * 60
    act.record("speech_time_set", parts="floor", minutes=minutes)


def _ask(act: Act, participant: Participant, *, recorded_by_id: int | None) -> None:
    asking = Asking(
        kind=_kind(),
        client_id=request.form.get("client_id", act.key or "")[:_KEY_LENGTH] or None,
        pressed_at=_pressed_at(),
        asked_of_id=_participant(act, "asked_of").id if request.form.get("asked_of") else None,
        recorded_by_id=recorded_by_id,
    )
    floor = Floor(act.session, act.meeting)
    if floor.has_been_asked(participant, asking.client_id):
        return
    _check_open(act, participant, asking.kind)
    speech, is_new = floor.ask(participant, asking)
    if is_new:
        _record(act, "speech_requested", speech)


def _check_open(act: Act, participant: Participant, kind: SpeechKind) -> None:
    """Refuse a request that nobody can answer now; raises FloorRefused, NotAllowed."""
    item, wanted = act.item, request.form.get("item", "")
    if act.meeting.state is not MeetingState.OPEN:
        raise FloorRefused("not_in_session")
    if wanted and kind is SpeechKind.SPEECH and wanted != str(item.id if item else ""):
        raise FloorRefused("item_passed")
    if not act.meeting.takes_requests and kind is not SpeechKind.POINT_OF_ORDER:
        raise FloorRefused("list_closed")
    if item and not participant.may_see(item):
        raise NotAllowed(Right.SPEAK)


def _record(act: Act, kind: str, speech: Speech) -> None:
    act.record(kind, parts="floor", item=speech.item, **speech.as_facts)


def _kind() -> SpeechKind:
    try:
        return SpeechKind(request.form.get("kind", SpeechKind.SPEECH))
    except ValueError as error:
        raise NotFound("kind of speech", request.form["kind"]) from error


def _participant(act: Act, field: str) -> Participant:
    """The participant whom a field of the form names; raises NotFound."""
    return among(act.meeting.participants, _whole(request.form.get(field, "")), "participant")


def _pressed_at() -> datetime | None:
    """When the device says that the button was pressed; its clock may be wrong, so this orders nothing."""
    milliseconds = request.form.get("pressed_ms", "")
    return (
        datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds.isdecimal() and len(milliseconds) < 14 else None
    )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
