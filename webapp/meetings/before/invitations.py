"""Invitations: the paper itself, the calendar file, the answer to it, who has answered, and what became of the mail."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import now, today
from domain.ground.errors import NotFound, StepNotAllowed
from domain.ground.mail import MailState, is_address
from domain.ground.official_papers import OfficialPaper
from domain.meetings.meetings import MeetingState, Right
from domain.people.roles import Permission
from storage.ground.mail import Outbox
from storage.meetings.mail.calendar_files import whole_calendar
from storage.meetings.mail.invitations import address_of, remind, time_in_words
from storage.meetings.meetings import Meeting, Meetings, Participant
from webapp.ground.access import audit, requires, shows
from webapp.ground.files import download, printed
from webapp.ground.system import reading, settings
from webapp.ground.words import MAIL_PROBLEMS, MAIL_STATES, PARTS
from webapp.meetings.before.letters import invitation_paper
from webapp.meetings.forms import AnswerForm
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.words import MAIL_KINDS

bp = Blueprint("invitations", __name__)

_WORDS = {"time_in_words": time_in_words, "parts": PARTS}


@bp.get("/meetings/<int:meeting_id>/invitation")
@shows(Permission.ATTEND_MEETINGS)
def letter(session: Session, meeting_id: int) -> str:
    """The invitation in the form of official papers."""
    one, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return render_template("meetings/before/letter.html", meeting=one, paper=_paper(session, one, participant))


@bp.get("/meetings/<int:meeting_id>/invitation.pdf")
@shows(Permission.ATTEND_MEETINGS)
def letter_pdf(session: Session, meeting_id: int) -> Response:
    """The same invitation, to print."""
    one, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return printed(_paper(session, one, participant), f"giay-moi-{meeting_id}", "pdf")


def _paper(session: Session, one: Meeting, participant: Participant | None) -> OfficialPaper:
    called = [event.at for event in Meetings(session).events(one) if event.kind == "meeting_convened"]
    items = [item for item in one.items if participant is None or participant.may_see(item)]
    return invitation_paper(one, participant, items, called[0] if called else None)


@bp.get("/meetings/<int:meeting_id>/invitation.ics")
@requires(Permission.ATTEND_MEETINGS)
def calendar(meeting_id: int) -> Response:
    """The meeting for one's own calendar, an entry for each sitting."""
    with reading() as session:
        one, _participant = open_meeting(session, meeting_id, Right.ATTEND)
        content = whole_calendar(one, address=address_of(one, settings()))
    return download(content, f"cuoc-hop-{meeting_id}.ics", "text/calendar")


@bp.get("/meetings/<int:meeting_id>/answer")
@shows(Permission.ATTEND_MEETINGS)
def answer(session: Session, meeting_id: int) -> str:
    """The form with which one answers the invitation."""
    one, participant = open_meeting(session, meeting_id, Right.ATTEND)
    who = _invited(one, participant)
    coming = {True: "yes", False: "no", None: None}[who.coming]
    form = AnswerForm(formdata=None, coming=coming, reason=who.reason, delegate=who.delegate)
    return render_template("meetings/before/answer.html", form=form, meeting=one, participant=who, **_WORDS)


def _invited(one: Meeting, participant: Participant | None) -> Participant:
    if participant is None:
        raise NotFound("invitation", one.id)
    if one.state is not MeetingState.CONVENED:
        raise StepNotAllowed(one.state, "answer")
    return participant


@bp.post("/meetings/<int:meeting_id>/answer")
@acts(Right.ATTEND)
def give_answer(act: Act) -> Response:
    """Say whether one is coming; it may be said anew until the meeting begins."""
    who, form = _invited(act.meeting, act.participant), AnswerForm()
    if not form.validate():
        page = render_template("meetings/before/answer.html", form=form, meeting=act.meeting, participant=who, **_WORDS)
        return make_response(page, 422)
    who.coming = form.coming.data == "yes"
    who.reason = "" if who.coming else form.reason.data
    allows = bool(act.meeting.rules and act.meeting.rules.allows_delegates)
    who.delegate = form.delegate.data if allows and not who.coming else ""
    who.answered_at = now()
    act.record("invitation_answered", parts="", coming=who.coming)
    flash(_("Đã ghi: đồng chí sẽ dự họp.") if who.coming else _("Đã ghi: đồng chí không dự được."), "success")
    return redirect(url_for("meetings.meeting", meeting_id=act.meeting.id), 303)


@bp.get("/meetings/<int:meeting_id>/answers")
@shows(Permission.ATTEND_MEETINGS)
def answers(session: Session, meeting_id: int) -> str:
    """Who has answered how, and what became of the mail to each."""
    one, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    mails = Outbox(session).of_meeting(one.id)
    return render_template(
        "meetings/before/answers.html",
        meeting=one,
        reaches=is_address,
        mails=mails,
        latest={mail.person_id: mail for mail in mails if mail.state is not MailState.WITHDRAWN},
        sends_mail=bool(settings().smtp_url),
        mail_states=MAIL_STATES,
        mail_kinds=MAIL_KINDS,
        mail_problems=MAIL_PROBLEMS,
        **_WORDS,
    )


@bp.post("/meetings/<int:meeting_id>/remind")
@acts(Right.PREPARE)
def send_reminders(act: Act) -> Response:
    """Remind those who have not answered, once a day at most."""
    if act.meeting.state is not MeetingState.CONVENED:
        raise StepNotAllowed(act.meeting.state, "remind")
    count = remind(act.session, settings(), act.meeting, f"asked-{today()}")
    if count:
        act.record("reminders_sent", parts="", mails=count)
        flash(_("Đã chuẩn bị %(count)s thư nhắc.", count=count), "success")
    else:
        flash(_("Không có thư nhắc nào được thêm: mọi người đã trả lời, chưa có địa chỉ thư, hoặc hôm nay đã nhắc."), "warn")
    return _back(act.meeting)


@bp.post("/meetings/<int:meeting_id>/mail/retry")
@acts(Right.PREPARE)
def retry_mail(act: Act) -> Response:
    """Have the mail that could not be sent tried again now."""
    count = Outbox(act.session).try_again(act.meeting.id)
    audit(act.session, "mail_retried", subject=("meeting", act.meeting.id), facts={"mails": count})
    flash(_("%(count)s thư sẽ được gửi lại ngay.", count=count), "success")
    return _back(act.meeting)


def _back(one: Meeting) -> Response:
    return redirect(url_for("invitations.answers", meeting_id=one.id), 303)
