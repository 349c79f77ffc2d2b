"""Meetings before they begin: the list, one meeting's page, making and changing, calling people to it, moving it and calling it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import VIETNAM, day_of, now, today
from domain.ground.errors import StepNotAllowed
from domain.ground.mail import is_address
from domain.meetings.agenda import numbers
from domain.meetings.invitations import ConveningRefused, is_late
from domain.meetings.meetings import MeetingKind, MeetingState, Part, Right
from domain.meetings.series import Repeat, day_of_occurrence
from domain.people.roles import Permission
from storage.ground.lists.paging import falling, paged
from storage.ground.mail import Outbox
from storage.meetings.agenda import Agenda
from storage.meetings.bodies import Bodies
from storage.meetings.mail.calendar_files import slots_of
from storage.meetings.mail.invitations import invite, tell_cancellation, tell_dropped, tell_move, time_in_words
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.preparing import Preparation, Row, templates
from webapp.ground.access import audit, may, me, requires, shows, writes
from webapp.ground.problems import CONVENING_PROBLEMS, HEAD_PROBLEMS
from webapp.ground.system import settings
from webapp.ground.words import PARTS
from webapp.meetings.candidates import candidates
from webapp.meetings.forms import SITTINGS, MeetingForm, ReasonForm
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.live.rights import GUESTS, audience_of, convened, convenes, convening_units, rights_in
from webapp.meetings.words import KINDS, STATES, majority_in_words, quorum_in_words

bp = Blueprint("meetings", __name__)

Answer = tuple[str, int] | str | Response
UNDERWAY = (MeetingState.OPEN, MeetingState.ADJOURNED)
BEFORE = (MeetingState.DRAFT, MeetingState.CONVENED)
PAST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting in a list, the part in it of whoever looks, and the one thing that is theirs to do."""

    meeting: Meeting
    participant: Participant | None
    todo: str
    address: str
    is_urgent: bool


@bp.get("/meetings")
@shows(Permission.ATTEND_MEETINGS)
def meetings(session: Session) -> str:
    """My meetings, the next one first; all of the own unit's bodies for who prepares them (`?all=1`)."""
    is_convener = may(Permission.CONVENE_MEETINGS)
    shows_all = is_convener and request.args.get("all") == "1"
    known = Meetings(session).visible(me(), convened(session, me()))
    mine = known if shows_all else known.where(_is_mine())
    held, order = mine.where(~Meeting.is_rehearsal), falling(Meeting.starts_at, Meeting.id, size=PAST_SHOWN)
    past = paged(session, held.where(~_is_coming()), order, after=request.args.get("after", ""))
    coming = _rows(session, session.scalars(held.where(_is_coming()).order_by(Meeting.starts_at, Meeting.id)).all())
    rehearsals = mine.where(Meeting.is_rehearsal).order_by(Meeting.starts_at.desc()).limit(PAST_SHOWN)
    return render_template(
        "meetings/before/list.html",
        next=_next(coming),
        coming=coming,
        past=past,
        past_rows=_rows(session, past.rows),
        rehearsals=_rows(session, session.scalars(rehearsals).all()),
        shows_all=shows_all,
        convenes=is_convener,
        has_bodies=bool(Bodies(session).of(convening_units(session, me()))),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"states": STATES, "kinds": KINDS, "parts": PARTS, "time_in_words": time_in_words}


def _is_mine() -> ColumnElement[bool]:
    has_part = exists().where(Participant.meeting_id == Meeting.id, Participant.person_id == me().id)
    return or_(has_part, Meeting.created_by_id == me().id)


def _is_coming() -> ColumnElement[bool]:
    return or_(Meeting.state.in_(UNDERWAY), and_(Meeting.state.in_(BEFORE), Meeting.ends_at > now()))


def _next(coming: list[Entry]) -> Entry | None:
    """What is going on, or else the first to come."""
    underway = [row for row in coming if row.meeting.state in UNDERWAY]
    return next(iter([*underway, *coming]), None)


def _rows(session: Session, meetings: Sequence[Meeting]) -> list[Entry]:
    parts = Meetings(session).parts_of(me(), meetings)
    return [_row(one, parts.get(one.id)) for one in meetings]


def _row(meeting: Meeting, participant: Participant | None) -> Entry:
    prepares = Right.PREPARE in rights_in(meeting, participant, me())
    address = url_for("meetings.meeting", meeting_id=meeting.id)
    if meeting.state in UNDERWAY and participant:
        return Entry(meeting, participant, _("Vào phòng họp"), url_for("room.room", meeting_id=meeting.id), True)
    if meeting.state is MeetingState.DRAFT and prepares:
        return Entry(meeting, participant, _("Chuẩn bị tiếp và gửi giấy mời"), address, True)
    if meeting.state is MeetingState.CONVENED and participant and participant.coming is None:
        answer = url_for("invitations.answer", meeting_id=meeting.id)
        return Entry(meeting, participant, _("Trả lời giấy mời"), answer, True)
    return Entry(meeting, participant, _("Xem chương trình và tài liệu"), address, False)


@bp.get("/meetings/<int:meeting_id>")
@shows(Permission.ATTEND_MEETINGS)
def meeting(session: Session, meeting_id: int) -> str:
    """One meeting: when, where, who, its agenda, and the way to everything else of it."""
    one, participant = open_meeting(session, meeting_id, Right.ATTEND)
    rights = rights_in(one, participant, me())
    prepares = Right.PREPARE in rights
    agenda = Agenda(session, one)
    return render_template(
        "meetings/before/meeting.html",
        meeting=one,
        participant=participant,
        prepares=prepares,
        row=_row(one, participant),
        items=[item for item in one.items if participant is None or participant.may_see(item)],
        numbers=numbers(agenda.facts),
        times=agenda.times(),
        lacking=[CONVENING_PROBLEMS[problem] for problem in Preparation(session, one).lacking()] if prepares else [],
        stuck=[mail for mail in Outbox(session).of_meeting(one.id) if mail.is_stuck] if prepares else [],
        cancelled_because=_reason(session, one),
        pages=_pages(one, rights, participant),
        agenda_address=_if_there("agenda.agenda", one),
        **_words(),
    )


def _reason(session: Session, one: Meeting) -> str:
    """Why the meeting was called off."""
    told = [event.facts.get("reason", "") for event in Meetings(session).events(one) if event.kind == "meeting_cancelled"]
    return told[-1] if told else ""


def _if_there(endpoint: str, one: Meeting) -> str:
    return url_for(endpoint, meeting_id=one.id) if endpoint in current_app.view_functions else ""


def _pages(one: Meeting, rights: frozenset[Right], participant: Participant | None) -> list[tuple[str, str]]:
    """The other pages of the meeting that whoever looks may open now: address and name."""
    is_head = bool(rights & {Right.TAKE_SEAT, Right.RECORD})
    live, over = one.state in UNDERWAY, one.state is MeetingState.CLOSED
    has_whole = audience_of(participant) != GUESTS  # a guest of single items reads neither minutes nor conclusions
    pages = [
        ("room.room", _("Phòng họp"), live or (one.state is MeetingState.CONVENED)),
        ("desk.desk", _("Bàn điều hành"), is_head and not over),
        (
            "attendance.attendance",
            _("Điểm danh"),
            is_head and (over or Right.RECORD in rights) and one.state not in (MeetingState.DRAFT, MeetingState.CANCELLED),
        ),
        ("agenda.agenda", _("Chương trình"), True),
        ("papers.papers", _("Tài liệu"), True),
        ("opinions.opinions", _("Ý kiến trước cuộc họp"), True),
        ("votes.votes", _("Biểu quyết"), is_head),
        ("minutes.minutes", _("Biên bản"), has_whole and one.state not in BEFORE and one.state is not MeetingState.CANCELLED),
        ("tasks.conclusions", _("Kết luận và nhiệm vụ"), has_whole and (live or over)),
        ("pack.pack", _("Hồ sơ kiểm chứng"), is_head and over),
        ("invitations.letter", _("Giấy mời"), one.state is not MeetingState.CANCELLED),
        ("participants.participants", _("Người dự họp"), Right.PREPARE in rights),
        ("invitations.answers", _("Trả lời và thư đã gửi"), Right.PREPARE in rights and one.state is not MeetingState.DRAFT),
        ("room.screen", _("Màn hình lớn"), is_head and live),
    ]
    found = [(_if_there(endpoint, one), name) for endpoint, name, shows in pages if shows]
    return [(address, name) for address, name in found if address]


@bp.get("/meetings/new")
@shows(Permission.CONVENE_MEETINGS)
def new(session: Session) -> str:
    """The form for a new meeting; `?from=` names a meeting or a template to begin with."""
    source = _source(session, request.args.get("from", ""))
    form = MeetingForm(formdata=None, kind=MeetingKind.REGULAR.value, reminder_hours=24, repeat="")
    if source:
        _show(form, source)
        form.invitation_number.data, form.copied.data = "", str(source.id)
        for number in range(1, SITTINGS + 1):
            form.sitting_fields(number)[0].data = None
    return _meeting_page(session, form, None, source)


def _source(session: Session, text: str) -> Meeting | None:
    found = Meetings(session).get(int(text)) if text.isdecimal() and len(text) < 10 else None
    return found if found and convenes(found, me()) else None


def _show(form: MeetingForm, one: Meeting) -> None:
    """Fill the form with a meeting."""
    form.body.data, form.kind.data, form.title.data = one.body_id, one.kind.value, one.title
    form.place.data, form.link.data, form.invitation_number.data = one.place, one.link, one.invitation_number
    form.reminder_hours.data = one.reminder_hours
    for field, part in ((form.chair, Part.CHAIR), (form.secretary, Part.SECRETARY)):
        held = next((who for who in one.participants if who.part is part), None)
        field.show(held.person if held else None)
    rows = [(row.starts_at, row.ends_at, row.place) for row in one.sittings] or [(one.starts_at, one.ends_at, "")]
    for number, (starts_at, ends_at, place) in enumerate(rows[:SITTINGS], start=1):
        day, start, end, where = form.sitting_fields(number)
        begins, ends = starts_at.astimezone(VIETNAM), ends_at.astimezone(VIETNAM)
        day.data, start.data, end.data, where.data = begins.date(), begins.time(), ends.time(), place


@bp.post("/meetings/new")
@writes(Permission.CONVENE_MEETINGS)
def create(session: Session) -> Answer:
    """Make a meeting, or all meetings of a series, with the members of the body on their days."""
    form = MeetingForm()
    source = _source(session, form.copied.data or "")
    _offer(session, form)
    if not form.validate():
        return _meeting_page(session, form, None, source), 422
    made = [_make(session, form, rows, source) for rows in _occurrences(form)]
    if len(made) > 1:
        for one in made:
            one.series = f"series-{made[0].id}"
    first = made[0].id
    flash(
        _("Đã lập %(count)s cuộc họp. Mỗi cuộc họp được chuẩn bị và mời riêng.", count=len(made))
        if len(made) > 1
        else _("Đã lập cuộc họp. Tiếp theo: soạn chương trình, xem lại người dự, rồi gửi giấy mời."),
        "success",
    )
    return redirect(url_for("meetings.meeting", meeting_id=first), 303)


def _occurrences(form: MeetingForm) -> list[list[Row]]:
    """The sittings of each meeting that the form asks for."""
    rows = form.sittings()
    if not form.repeat.data:
        return [rows]
    repeat, count = Repeat(form.repeat.data), form.times.data or 2
    first = day_of(rows[0][0])
    return [[_on(row, day_of_occurrence(first, repeat, number)) for row in rows] for number in range(count)]


def _on(row: Row, day: Any) -> Row:
    starts_at, ends_at, place = row
    moved = [datetime.combine(day, moment.astimezone(VIETNAM).time(), tzinfo=VIETNAM) for moment in (starts_at, ends_at)]
    return moved[0], moved[1], place


def _make(session: Session, form: MeetingForm, rows: list[Row], source: Meeting | None) -> Meeting:
    one = Meeting(title="", starts_at=rows[0][0], ends_at=rows[-1][1], created_by_id=me().id)
    session.add(one)
    one.body = Bodies(session).get(form.body.data)
    _write(form, one)
    session.flush()
    preparation = Preparation(session, one)
    preparation.set_time(rows)
    preparation.seat_members(day_of(one.starts_at))
    if source:
        Preparation(session, source).copy_agenda_to(one)
        if source.body_id == one.body_id:
            Preparation(session, source).copy_guests_to(one)
    _appoint(preparation, form)
    audit(session, "meeting_created", subject=("meeting", one.id), facts=_facts(one))
    return one


def _write(form: MeetingForm, one: Meeting) -> None:
    one.kind, one.title, one.place, one.link = MeetingKind(form.kind.data), form.title.data, form.place.data, form.link.data
    one.invitation_number, one.reminder_hours = form.invitation_number.data, form.reminder_hours.data


def _appoint(preparation: Preparation, form: MeetingForm) -> None:
    preparation.appoint(Part.CHAIR, form.chair.found)
    preparation.appoint(Part.SECRETARY, form.secretary.found)


def _facts(one: Meeting) -> dict[str, Any]:
    return {
        "title": one.title,
        "starts_at": one.starts_at.astimezone(VIETNAM).isoformat(timespec="minutes"),
        "ends_at": one.ends_at.astimezone(VIETNAM).isoformat(timespec="minutes"),
        "place": one.place,
    }


def _offer(session: Session, form: MeetingForm, one: Meeting | None = None) -> None:
    """Give the form what it offers: for a new meeting, the bodies of the own unit."""
    known = [] if one else Bodies(session).of(convening_units(session, me()))
    standing = [(body.id, body.name) for body in known if body.valid_to is None or body.valid_to >= today()]
    form.body.choices = [(one.body_id, "")] if one else standing
    for field in (form.chair, form.secretary):
        field.offer(*candidates(session, one))


def _meeting_page(session: Session, form: MeetingForm, one: Meeting | None, source: Meeting | None = None) -> str:
    _offer(session, form, one)
    filled = [number for number in range(2, SITTINGS + 1) if form.sitting_fields(number)[0].data]
    return render_template(
        "meetings/before/meeting_form.html",
        form=form,
        meeting=one,
        source=source,
        templates=templates(session, convened(session, me())),
        later_sittings=range(2, SITTINGS + 1),
        has_sittings=bool(filled),
    )


@bp.get("/meetings/<int:meeting_id>/edit")
@shows(Permission.ATTEND_MEETINGS)
def edit(session: Session, meeting_id: int) -> str:
    """The form for a meeting that has not begun."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    _check_before(one)
    form = MeetingForm(formdata=None, repeat="")
    _show(form, one)
    return _meeting_page(session, form, one)


def _check_before(one: Meeting) -> None:
    if one.state not in BEFORE:
        raise StepNotAllowed(one.state, "change")


@bp.post("/meetings/<int:meeting_id>/edit")
@acts(Right.PREPARE)
def change(act: Act) -> Response:
    """Change a meeting that has not begun; if time or place of one that people were called to change, all are told."""
    one, session = act.meeting, act.session
    _check_before(one)
    form = MeetingForm()
    form.body.data = one.body_id
    form.repeat.data = ""
    _offer(session, form, one)
    if not form.validate() or not _keeps_head(form, one):
        return make_response(_meeting_page(session, form, one), 422)
    where, entries = (one.place, one.link), slots_of(one)
    _write(form, one)
    preparation = Preparation(session, one)
    is_new_time = preparation.set_time(form.sittings())
    _appoint(preparation, form)
    if one.state is MeetingState.CONVENED and (is_new_time or where != (one.place, one.link)):
        preparation.move(is_new_time=is_new_time)
        act.record("meeting_moved", parts="now agenda", **_facts(one))
        count = tell_move(session, settings(), one)
        tell_dropped(session, settings(), one, entries)
        flash(_("Đã lưu thay đổi lịch và chuẩn bị %(count)s thư báo cho người được mời.", count=count), "success")
    else:
        act.record("meeting_changed", parts="now agenda", **_facts(one))
        flash(_("Đã lưu cuộc họp."), "success")
    return _back(one)


def _keeps_head(form: MeetingForm, one: Meeting) -> bool:
    """Whether a meeting that people were called to still has its chair and its secretary."""
    if one.state is MeetingState.CONVENED:
        for field, problem in ((form.chair, "no_chair"), (form.secretary, "no_secretary")):
            if field.found is None:
                field.errors = [HEAD_PROBLEMS[problem]]
    return not form.errors


def _back(one: Meeting) -> Response:
    return redirect(url_for("meetings.meeting", meeting_id=one.id), 303)


@bp.get("/meetings/<int:meeting_id>/convene")
@shows(Permission.ATTEND_MEETINGS)
def ask_to_convene(session: Session, meeting_id: int) -> str:
    """What will happen when the invitation goes out, and what still stands in its way."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    if one.state is not MeetingState.DRAFT:
        raise StepNotAllowed(one.state, "convene")
    reached = [who for who in one.participants if is_address(who.person.login)]
    rules = one.body.rules_on(day_of(one.starts_at)) if one.body else None
    return render_template(
        "meetings/before/convene.html",
        meeting=one,
        lacking=[CONVENING_PROBLEMS[problem] for problem in Preparation(session, one).lacking()],
        is_late=is_late(today(), day_of(one.starts_at)),
        reached=reached,
        unreached=[who for who in one.participants if who not in reached],
        sends_mail=bool(settings().smtp_url),
        rules=rules,
        majority_in_words=majority_in_words,
        quorum_in_words=quorum_in_words,
        **_words(),
    )


@bp.post("/meetings/<int:meeting_id>/convene")
@acts(Right.PREPARE)
def convene(act: Act) -> Response:
    """Let the invitation go out: the rules of that day are fixed, and everybody with an address gets a mail."""
    preparation = Preparation(act.session, act.meeting)
    if lacking := preparation.lacking():
        raise ConveningRefused(lacking[0])
    preparation.convene()
    count = invite(act.session, settings(), act.meeting)
    act.record("meeting_convened", parts="now agenda", mails=count, **_facts(act.meeting))
    flash(_("Đã mời họp. %(count)s thư mời được đưa vào hàng chờ gửi.", count=count), "success")
    return _back(act.meeting)


@bp.get("/meetings/<int:meeting_id>/cancel")
@shows(Permission.ATTEND_MEETINGS)
def ask_to_cancel(session: Session, meeting_id: int) -> str:
    """The form that asks why the meeting is called off."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    _check_before(one)
    return render_template("meetings/before/cancel.html", form=ReasonForm(), meeting=one)


@bp.post("/meetings/<int:meeting_id>/cancel")
@acts(Right.PREPARE)
def cancel(act: Act) -> Response:
    """Call the meeting off, with the reason; whoever was invited is told."""
    form, one = ReasonForm(), act.meeting
    if not form.validate():
        return make_response(render_template("meetings/before/cancel.html", form=form, meeting=one), 422)
    was_convened = one.state is MeetingState.CONVENED
    preparation = Preparation(act.session, one)
    preparation.cancel()
    if was_convened:
        one.ics_sequence += 1
        tell_cancellation(act.session, settings(), one, form.reason.data)
    act.record("meeting_cancelled", parts="now agenda", reason=form.reason.data)
    flash(_("Đã hủy cuộc họp."), "success")
    return _back(one)


@bp.post("/meetings/<int:meeting_id>/template")
@requires(Permission.CONVENE_MEETINGS)  # nobody else is ever offered a pattern
@acts(Right.PREPARE)
def save_template(act: Act) -> Response:
    """Keep a copy of the meeting as a pattern for others."""
    if act.meeting.is_rehearsal:
        raise StepNotAllowed(act.meeting.state, "save_template")
    template = Preparation(act.session, act.meeting).save_template(me(), act.meeting.title)
    audit(act.session, "template_saved", subject=("meeting", template.id), facts={"title": template.title})
    flash(_("Đã lưu mẫu. Khi lập cuộc họp mới, hãy chọn mẫu này."), "success")
    return _back(act.meeting)
