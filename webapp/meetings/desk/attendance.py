"""Attendance: people check themselves in with the code shown in the room, or online; the secretary keeps the list of all."""

from collections.abc import Iterator

import segno
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import now
from domain.ground.errors import NotAllowed, NotFound
from domain.ground.vietnamese import fold
from domain.meetings.checking_in import LASTS, TooManyCodes, check_attendance_open, check_in_code, check_self_check_in, is_shown
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.minutes import correction_in_words
from domain.meetings.voting import VoteState
from domain.people.roles import Permission
from storage.meetings.attendance import Attendance, Presence, Whereabouts
from storage.meetings.course import corrections_of
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.votes import Votes
from webapp.ground.access import audit, me, requires
from webapp.ground.errors import sentence
from webapp.ground.files import download
from webapp.ground.formats import moment
from webapp.ground.links import public_link
from webapp.ground.system import reading, settings, writing
from webapp.ground.workbooks import MEDIA_TYPE
from webapp.meetings.desk.presence import WHEREABOUTS, lines, note_presence, summary, workbook
from webapp.meetings.live.acts import Act, acts, begin_day, open_meeting
from webapp.meetings.live.rights import OPENS_SCREEN, approver_rights, rights_in

bp = Blueprint("attendance", __name__)

REASON_LENGTH = 200


@bp.get("/meetings/<int:meeting_id>/check-in")
@requires(Permission.ATTEND_MEETINGS)
def check_in(meeting_id: int) -> str:
    """My own check-in: the code of the room, or the word that I am there online."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        return _check_in_page(session, meeting, participant, code=request.args.get("code", ""))


@bp.post("/meetings/<int:meeting_id>/check-in")
@acts(Right.ATTEND)
def come(act: Act) -> AnyResponse | None:
    """I am here."""
    participant = _own_part(act)
    check_self_check_in(act.meeting.state, act.meeting.starts_at, now())
    begin_day(act)
    is_online = request.form.get("presence") == Presence.ONLINE and act.meeting.link != ""
    code = "".join(request.form.get("code", "").split())
    if not is_online and (refused := _code_refused(act, participant, code)):
        status, error = refused
        return make_response(_check_in_page(act.session, act.meeting, participant, code=code, error=error), status)
    note_presence(act, participant, Presence.ONLINE if is_online else Presence.IN_ROOM, set_by="self" if is_online else "code")
    flash(_("Đã điểm danh lúc %(time)s.", time=moment(now())), "success")
    for words in _about_open_votes(act, participant):
        flash(words, "warn")
    return None


def _code_refused(act: Act, participant: Participant, code: str) -> tuple[int, str] | None:
    """The status and the sentence that refuse a code, or None for the one that is shown in the room."""
    attendance = Attendance(act.session, act.meeting)
    try:
        attendance.check_may_try(participant)
    except TooManyCodes as refused:
        return sentence(refused)
    if is_shown(code, settings().secret_key, act.meeting.id, now()):
        return None
    attendance.count_wrong_code(participant)
    return 422, _("Mã này không đúng hoặc đã hết hạn, vì mã đổi mỗi phút. Hãy nhìn mã đang chiếu trong phòng và nhập lại.")


@bp.post("/meetings/<int:meeting_id>/leave")
@acts(Right.ATTEND)
def leave(act: Act) -> None:
    """I leave the meeting."""
    participant = _own_part(act)
    check_attendance_open(act.meeting.state)
    begin_day(act)
    _note_leaving(act, participant, by="self")


@bp.get("/meetings/<int:meeting_id>/check-in.svg")
@requires(Permission.ATTEND_MEETINGS)
def code_image(meeting_id: int) -> Response:
    """The QR code to be shown in the room; it leads to the check-in with the code of this minute."""
    with reading() as session:
        _open_for_screen(session, meeting_id)
    return Response(_drawn(meeting_id, _code(meeting_id)), mimetype="image/svg+xml")


@bp.get("/meetings/<int:meeting_id>/check-in/show")
@requires(Permission.ATTEND_MEETINGS)
def show_code(meeting_id: int) -> Response:
    """The code in large, for the screen of the room; the page renews itself before the code changes."""
    with reading() as session:
        meeting = _open_for_screen(session, meeting_id)
        answer = make_response(render_template("meetings/desk/code.html", meeting=meeting, code=_code(meeting_id)))
    answer.headers["Refresh"] = str(LASTS.seconds // 2)
    return answer


@bp.get("/meetings/<int:meeting_id>/attendance")
@requires(Permission.ATTEND_MEETINGS)
def attendance(meeting_id: int) -> str:
    """The list of all who were invited, with where they are."""
    with reading() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
        return _list_page(session, meeting, participant)


@bp.post("/meetings/<int:meeting_id>/attendance")
@acts(Right.RECORD)
def note(act: Act) -> AnyResponse:
    """The secretary notes where one or several people are."""
    check_attendance_open(act.meeting.state)
    chosen, where = _chosen(act.meeting)
    reason = request.form.get("reason", "").strip()[:REASON_LENGTH]
    error = ""
    if not chosen:
        error = _("Chưa chọn ai nên chưa ghi gì. Hãy đánh dấu những người cần ghi rồi bấm lại.")
    elif where is Whereabouts.ABSENT and not reason:
        error = _("Ghi vắng mặt cần có lý do nên chưa ghi gì. Hãy nhập lý do rồi bấm lại.")
    if error:
        return make_response(_list_page(act.session, act.meeting, act.participant, error=error), 422)
    begin_day(act)
    for participant in chosen:
        _put(act, participant, where, reason)
    flash(_("Đã ghi cho %(count)s người: %(words)s.", count=len(chosen), words=WHEREABOUTS[where][0]), "success")
    back = url_for("attendance.attendance", meeting_id=act.meeting.id, show=request.form.get("show") or None)
    return redirect(back, 303)


@bp.post("/meetings/<int:meeting_id>/attendance/export")
@requires(Permission.ATTEND_MEETINGS)
def export(meeting_id: int) -> Response:
    """The list as a workbook."""
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
        content = workbook(session, meeting)
    with writing() as session:
        audit(session, "attendance_exported", subject=("meeting", meeting_id))
    return download(content, "diem-danh.xlsx", MEDIA_TYPE)


def _open_for_screen(session: Session, meeting_id: int) -> Meeting:
    """The meeting, for whoever may run the screen of its room; raises NotFound, NotAllowed."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    if not rights_in(meeting, participant, me()) & OPENS_SCREEN:
        raise NotAllowed(Right.RECORD)
    return meeting


def _code(meeting_id: int) -> str:
    return check_in_code(settings().secret_key, meeting_id, now())


def _drawn(meeting_id: int, code: str) -> str:
    """The QR code with the six digits below it, for who types them."""
    address = public_link("attendance.check_in", meeting_id=meeting_id, code=code)
    square = segno.make(address, error="m")
    side = square.symbol_size(border=2)[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side + 9}"><rect width="100%" height="100%" fill="#fff"/>'
        f"{square.svg_inline(border=2, omitsize=False)}"
        f'<text x="{side / 2}" y="{side + 6.5}" font-family="sans-serif" font-size="7" font-weight="700" text-anchor="middle">'
        f"{code[:3]} {code[3:]}</text></svg>"
    )


def _own_part(act: Act) -> Participant:
    if act.participant is None:  # who prepares the meeting without a part in it
        raise NotAllowed(Right.ATTEND)
    return act.participant


def _note_leaving(act: Act, participant: Participant, *, by: str) -> None:
    if Attendance(act.session, act.meeting).leave(participant):
        act.record("left", parts="quorum", participant=participant.id, name=participant.name, by=by)


def _put(act: Act, participant: Participant, where: Whereabouts, reason: str) -> None:
    if where in (Whereabouts.IN_ROOM, Whereabouts.ONLINE):
        note_presence(act, participant, Presence(where), set_by="secretary")
    elif where is Whereabouts.LEFT:
        _note_leaving(act, participant, by="secretary")
    elif Attendance(act.session, act.meeting).note_absence(participant, reason):
        act.record("absence_noted", parts="quorum", participant=participant.id, name=participant.name, reason=reason)


def _chosen(meeting: Meeting) -> tuple[list[Participant], Whereabouts]:
    """Who is meant, and what is to be noted: the button of one line says both, "in_room:12"."""
    words, _colon, one = request.form.get("set", "").partition(":")
    if words not in set(Whereabouts) - {Whereabouts.UNKNOWN}:
        raise NotFound("whereabouts", words)
    ids = {one} if one else set(request.form.getlist("participant"))
    return [each for each in meeting.participants if str(each.id) in ids], Whereabouts(words)


def _about_open_votes(act: Act, participant: Participant) -> Iterator[str]:
    """What somebody who comes while a vote is open is told about it."""
    votes = Votes(act.session)
    for vote in votes.of(act.meeting):
        if vote.state is not VoteState.OPEN or not participant.has_vote:
            continue
        entry = votes.entry(vote, participant.person_id)
        if entry and votes.may_vote(vote, entry):
            yield _("Đang có biểu quyết: bạn có tên trong danh sách và bỏ phiếu được ngay.")
        else:
            yield _("Đang có biểu quyết mở trước khi bạn điểm danh nên lần này bạn không bỏ phiếu; lần sau bạn có tên.")


def _check_in_page(
    session: Session, meeting: Meeting, participant: Participant | None, *, code: str = "", error: str = ""
) -> str:
    stays = [line.stays for line in lines(session, meeting) if line.participant == participant]
    holds = Attendance(session, meeting).still_holds
    stay = next((stay for stay in (stays[0] if stays else []) if stay.left_at is None and holds(stay.came_at)), None)
    return render_template(
        "meetings/desk/check_in.html", meeting=meeting, participant=participant, stay=stay, code=code, error=error
    )


def _list_page(session: Session, meeting: Meeting, participant: Participant | None, *, error: str = "") -> str:
    values = request.form if request.method == "POST" else request.args
    everybody = lines(session, meeting)
    show, wanted = values.get("show", ""), fold(values.get("q", "").strip())
    shown = [
        line
        for line in everybody
        if show in ("", line.whereabouts) and wanted in fold(f"{line.participant.name} {line.participant.title}")
    ]
    counts = {where: sum(line.whereabouts is where for line in everybody) for where in Whereabouts}
    return render_template(
        "meetings/desk/attendance.html",
        meeting=meeting, lines=shown, counts=counts, everybody=len(everybody), show=show, q=values.get("q", ""), error=error,
        whereabouts=WHEREABOUTS, ticked=set(values.getlist("participant")), reason=values.get("reason", ""),
        may_record=participant is not None and Right.RECORD in participant.rights and meeting.state is not MeetingState.CLOSED,
        may_correct=meeting.state is MeetingState.CLOSED and bool(approver_rights(meeting, participant)),
        corrections=[correction_in_words(one) for one in corrections_of(Meetings(session).events(meeting))],
        summary=summary(everybody),
    )  # fmt: skip
