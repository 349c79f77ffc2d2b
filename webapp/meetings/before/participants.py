"""Who is invited to a meeting: the list as those keep it who prepare the meeting."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import day_of
from domain.ground.errors import StepNotAllowed, existing
from domain.ground.mail import is_address
from domain.meetings.meetings import MeetingState, Part, PartRefused, Place, Right
from domain.people.roles import Permission
from storage.meetings.attendance import Attendance, Stay
from storage.meetings.mail.invitations import invite_one, uninvite
from storage.meetings.meetings import GuestItem, Meeting, Participant
from storage.meetings.preparing import Preparation
from webapp.ground.access import requires
from webapp.ground.errors import sentence
from webapp.ground.system import reading, settings
from webapp.ground.words import PARTS
from webapp.meetings.candidates import candidates
from webapp.meetings.forms import ParticipantForm
from webapp.meetings.live.acts import Act, acts, open_meeting

bp = Blueprint("participants", __name__)

_OVER = (MeetingState.CLOSED, MeetingState.CANCELLED)


@bp.get("/meetings/<int:meeting_id>/participants")
@requires(Permission.ATTEND_MEETINGS)
def participants(meeting_id: int) -> str:
    """The list of who is invited, and the form to add somebody."""
    with reading() as session:
        one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        return _page(session, one, ParticipantForm(formdata=None, part=Part.GUEST.value))


def _page(session: Session, one: Meeting, form: ParticipantForm, chosen: Participant | None = None) -> str:
    _offer(session, one, form)
    members = one.body.members_on(day_of(one.starts_at)) if one.body else []
    return render_template(
        "meetings/before/participants.html",
        meeting=one,
        form=form,
        chosen=chosen,
        parts=PARTS,
        reaches=is_address,
        is_over=one.state in _OVER,
        unseated=sum(one.participant(member.person_id) is None for member in members),
    )


def _offer(session: Session, one: Meeting, form: ParticipantForm) -> None:
    form.person.offer(*candidates(session, one))
    form.items.choices = [(item.id, item.title) for item in one.items]


@bp.post("/meetings/<int:meeting_id>/participants")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def add(act: Act) -> Response:
    """Invite somebody; if the invitation has gone out already, the newcomer gets one at once."""
    one, form = act.meeting, ParticipantForm()
    _check_not_over(one)
    _offer(act.session, one, form)
    if not form.validate() or not _is_new(form, one) or not _may_take(act, form, form.person.chosen.id):
        return make_response(_page(act.session, one, form), 422)
    who = Preparation(act.session, one).add(form.person.chosen, title=form.title.data, has_vote=form.has_vote.data)
    _write(act, form, who, None)
    act.record("participant_added", parts="quorum now", name=who.name, part=who.part.value)
    if one.state is not MeetingState.DRAFT:
        invite_one(act.session, settings(), one, who)
    flash(_("Đã thêm %(name)s vào danh sách người dự.", name=who.name), "success")
    return _back(one)


def _check_not_over(one: Meeting) -> None:
    if one.state in _OVER:
        raise StepNotAllowed(one.state, "change_participants")


def _is_new(form: ParticipantForm, one: Meeting) -> bool:
    if one.participant(form.person.chosen.id) is not None:
        form.person.errors = [_("Người này đã có trong danh sách. Hãy bấm “Sửa” ở dòng của người đó.")]
        return False
    return True


def _place(form: ParticipantForm) -> Place:
    return Place(Part(form.part.data), form.has_vote.data)


def _presides(act: Act) -> bool:
    return act.participant is not None and Right.PRESIDE in act.participant.rights


def _may_take(act: Act, form: ParticipantForm, person_id: int, before: Place | None = None) -> bool:
    """Whether the person may take the place that the form says; else the form says why."""
    try:
        Preparation(act.session, act.meeting).check_place(person_id, _place(form), before=before, presides=_presides(act))
    except PartRefused as refused:
        field = form.has_vote if refused.problem in ("not_of_body", "vote_fixed") else form.part
        field.errors = [sentence(refused)[1]]
        return False
    return True


def _write(act: Act, form: ParticipantForm, who: Participant, before: Place | None) -> None:
    Preparation(act.session, act.meeting).place(who, _place(form), before=before, presides=_presides(act))
    who.title = form.title.data or who.title
    who.guest_items = [GuestItem(item_id=item_id) for item_id in form.items.data or []]
    act.session.flush()


@bp.get("/meetings/<int:meeting_id>/participants/<int:participant_id>")
@requires(Permission.ATTEND_MEETINGS)
def edit(meeting_id: int, participant_id: int) -> str:
    """The form for somebody who is invited."""
    with reading() as session:
        one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        who = _of(one, participant_id)
        form = ParticipantForm(
            formdata=None, person=who.person, title=who.title, part=who.part.value, has_vote=who.has_vote,
            items=[row.item_id for row in who.guest_items],
        )  # fmt: skip
        return _page(session, one, form, who)


def _of(one: Meeting, participant_id: int) -> Participant:
    return existing(next((who for who in one.participants if who.id == participant_id), None), "participant", participant_id)


@bp.post("/meetings/<int:meeting_id>/participants/<int:participant_id>")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def change(act: Act, participant_id: int) -> Response:
    """Change somebody's part, title, vote, or single items."""
    one, form = act.meeting, ParticipantForm()
    _check_not_over(one)
    who = _of(one, participant_id)
    _offer(act.session, one, form)
    form.person.required = ""  # who it is does not change
    before = Place(who.part, who.has_vote)
    if not form.validate() or not _may_take(act, form, who.person_id, before):
        return make_response(_page(act.session, one, form, who), 422)
    _write(act, form, who, before)
    Preparation(act.session, one).check_head()
    act.record("participant_changed", parts="quorum now", name=who.name, part=who.part.value, has_vote=who.has_vote)
    flash(_("Đã sửa %(name)s.", name=who.name), "success")
    return _back(one)


@bp.post("/meetings/<int:meeting_id>/participants/<int:participant_id>/remove")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def remove(act: Act, participant_id: int) -> Response:
    """Take somebody off the list of a meeting that has not begun."""
    one, who = act.meeting, _of(act.meeting, participant_id)
    has_been_here = act.session.query(Stay).filter_by(participant_id=who.id).first() is not None
    if one.state not in (MeetingState.DRAFT, MeetingState.CONVENED) or has_been_here:
        raise StepNotAllowed(one.state, "remove_participant")
    Attendance(act.session, one).forget_codes(who)
    act.record("participant_removed", parts="quorum now", name=who.name)
    if one.state is MeetingState.CONVENED:
        uninvite(act.session, settings(), one, who)
    one.participants.remove(who)
    Preparation(act.session, one).check_head()
    flash(_("Đã bỏ %(name)s khỏi danh sách người dự.", name=who.name), "success")
    return _back(one)


@bp.post("/meetings/<int:meeting_id>/participants/seat")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def seat(act: Act) -> Response:
    """Invite the members of the body on that day who are not in the list yet."""
    _check_not_over(act.meeting)
    count = Preparation(act.session, act.meeting).seat_members(day_of(act.meeting.starts_at))
    act.record("participant_added", parts="quorum now", count=count)
    flash(_("Đã thêm %(count)s thành viên theo danh sách ngày họp.", count=count), "success")
    return _back(act.meeting)


def _back(one: Meeting) -> Response:
    return redirect(url_for("participants.participants", meeting_id=one.id), 303)
