"""The minutes of a meeting: draft, edit together, approve, lock, annexes, and the files of them. Signing is in signing.py."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from domain.ground.errors import NotAllowed, NotFound
from domain.ground.words import Words
from domain.meetings.meetings import MeetingState, Part, Right
from domain.meetings.minutes import LINES, MinutesLocked, SectionChanged, draft
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.course import course_of
from storage.meetings.meetings import Meeting, Participant
from storage.meetings.minutes import Approver, MeetingMinutes, Minutes
from webapp.directives.seal import has_seal
from webapp.ground.access import me, shows
from webapp.ground.files import printed
from webapp.ground.forms import Form
from webapp.meetings.live import rights
from webapp.meetings.live.acts import Act, acts, open_meeting, read_whole
from webapp.meetings.minutes.printing import minutes_foot, minutes_stem

bp = Blueprint("minutes", __name__)

_LONGEST = 20_000  # characters of a section
_WORDS = Words(Approver, {Approver.SECRETARY: _l("Thư ký"), Approver.CHAIR: _l("Chủ tọa")})


class SectionForm(Form):
    """The text of a section, and the revision that it was typed upon."""

    text = TextAreaField(_l("Nội dung"), [Length(max=_LONGEST, message=_l("Phần này dài quá 20.000 ký tự. Hãy tách bớt."))])
    revision = HiddenField(default="0")

    @property
    def upon(self) -> int:
        """The revision, 0 if the form does not say."""
        return int(self.revision.data) if str(self.revision.data).isdecimal() else 0


class WordsForm(Form):
    """A remark."""

    text = TextAreaField(
        _l("Nội dung"),
        [DataRequired(_l("Hãy ghi nội dung.")), Length(max=2000, message=_l("Dài quá 2.000 ký tự. Hãy viết gọn hơn."))],
    )


class HeadingForm(Form):
    """The heading of a further section."""

    heading = StringField(
        _l("Tên mục"),
        [DataRequired(_l("Hãy nhập tên mục.")), Length(max=200, message=_l("Tên dài quá 200 ký tự. Hãy viết gọn hơn."))],
    )


@bp.get("/meetings/<int:meeting_id>/minutes")
@shows(Permission.ATTEND_MEETINGS)
def minutes(session: Session, meeting_id: int) -> str:
    """The minutes and their annexes, with what is still to be done."""
    return _page(session, meeting_id, request.args.get("annex", 0, int))


def _page(session: Session, meeting_id: int, annex: int, **forms: Any) -> str:
    meeting, participant = read_whole(session, meeting_id)
    book = MeetingMinutes(session, meeting)
    shown = book.find(annex)
    if shown is None and annex:
        raise NotFound("minutes", annex)
    prepares = Right.PREPARE in rights.rights_in(meeting, participant, me())
    return render_template(
        "meetings/minutes/minutes.html",
        meeting=meeting,
        minutes=shown,
        all_minutes=book.all(),
        comments=book.comments(shown) if shown else {},
        is_intact=shown is not None and shown.is_locked and book.is_intact(shown),
        may_edit=prepares and shown is not None and not shown.is_locked,
        prepares=prepares,
        takes_pack=rights.takes_pack(meeting, participant, me()),
        may_approve=rights.approver_rights(meeting, participant),
        approvers=_WORDS,
        notes_incidents=participant is not None and Right.TAKE_SEAT in participant.rights,
        lines=LINES,
        can_sign=not meeting.is_rehearsal and has_seal(meeting.body.unit if meeting.body else None),
        possible_secretaries=possible_secretaries(meeting) if prepares and _waits_for_secretary(meeting, shown) else [],
        **{"heading_form": HeadingForm(), **forms},
    )


def _waits_for_secretary(meeting: Meeting, shown: Minutes | None) -> bool:
    """Whether the approval of a secretary is still needed."""
    is_approved = shown is not None and (shown.is_locked or shown.approval(Approver.SECRETARY) is not None)
    return meeting.state is MeetingState.CLOSED and not is_approved


def _back(meeting_id: int, annex: int = 0, anchor: str = "") -> AnyResponse:
    address = url_for("minutes.minutes", meeting_id=meeting_id, annex=annex or None, _anchor=anchor or None)
    return redirect(address, 303)


@bp.post("/meetings/<int:meeting_id>/minutes/draft")
@acts(Right.PREPARE)
def make_draft(act: Act) -> AnyResponse:
    """Write the draft from the events, or write it anew while nobody has worked on it."""
    rights.check_closed(act.meeting)
    sections = draft(course_of(act.session, act.meeting))
    made = MeetingMinutes(act.session, act.meeting).draft(sections, me())
    act.record("minutes_drafted", parts="", revision=made.revision)
    flash(_("Đã lập dự thảo biên bản từ diễn biến cuộc họp. Hãy đọc lại từng mục và bổ sung."), "success")
    return _back(act.meeting.id)


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/sections/<key>")
@shows(Permission.ATTEND_MEETINGS)
def section(session: Session, meeting_id: int, annex: int, key: str) -> str:
    """The form of one section."""
    meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    found = MeetingMinutes(session, meeting).get(annex)
    one = found.section(key)
    form = SectionForm(text=one.text, revision=str(one.revision))
    return _section_page(session, meeting, found, key, form)


def _section_page(session: Session, meeting: Meeting, minutes: Minutes, key: str, form: SectionForm, **more: Any) -> str:
    return render_template(
        "meetings/minutes/section.html",
        meeting=meeting,
        minutes=minutes,
        section=minutes.section(key),
        form=form,
        is_line=key in LINES,
        revisions=MeetingMinutes(session, meeting).revisions(minutes, key),
        **more,
    )


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/sections/<key>")
@acts(Right.PREPARE)
def change_section(act: Act, annex: int, key: str) -> AnyResponse:
    """Keep another text. If somebody was quicker, both texts are shown side by side and nothing is overwritten."""
    book, form = MeetingMinutes(act.session, act.meeting), SectionForm()
    found = book.get(annex)
    if not form.validate():
        return make_response(_section_page(act.session, act.meeting, found, key, form), 422)
    try:
        is_new = book.change(found, key, form.text.data or "", revision=form.upon, person=me())
    except SectionChanged as changed:
        form.revision.data = str(changed.revision)
        return make_response(_section_page(act.session, act.meeting, found, key, form, is_conflict=True), 409)
    if is_new:
        act.record("minutes_changed", parts="", annex=annex, section=key, revision=found.revision)
        flash(_("Đã lưu mục này. Mọi xác nhận trước đó được gỡ bỏ và cần xác nhận lại."), "success")
    return _back(act.meeting.id, annex, f"s-{found.section(key).position}")


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/sections")
@acts(Right.PREPARE)
def add_section(act: Act, annex: int) -> AnyResponse:
    """Add a section of one's own."""
    form = HeadingForm()
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, annex, heading_form=form), 422)
    book = MeetingMinutes(act.session, act.meeting)
    added = book.add_section(book.get(annex), form.heading.data.strip(), me())
    act.record("minutes_section_added", parts="", annex=annex, section=added.key)
    address = url_for(".section", meeting_id=act.meeting.id, annex=annex, key=added.key)
    return redirect(address, 303)


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/approve")
@acts(Right.ATTEND)
def approve(act: Act, annex: int) -> AnyResponse:
    """Approve as the secretary or as the chair; when both have, the text is locked by its hash."""
    wanted = next((one for one in Approver if one == request.form.get("approver")), None)
    if wanted is None or wanted not in rights.approver_rights(act.meeting, act.participant):
        raise NotAllowed("approve_minutes")
    book = MeetingMinutes(act.session, act.meeting)
    found = book.get(annex)
    is_locked = book.approve(found, wanted, me(), revision=request.form.get("revision", 0, int))
    act.record("minutes_approved", parts="", annex=annex, approver=str(wanted), revision=found.revision)
    if is_locked:
        act.record("minutes_locked", parts="", annex=annex, sha256=found.sha256)
    said = _("Đã khóa biên bản. Từ nay chỉ sửa đổi bằng phụ lục.") if is_locked else _("Đã ghi xác nhận của bạn.")
    flash(said, "success")
    return _back(act.meeting.id, annex)


@bp.post("/meetings/<int:meeting_id>/minutes/secretary")
@acts(Right.PREPARE)
def add_secretary(act: Act) -> AnyResponse:
    """Make somebody who was there a further secretary: the one who kept the record cannot approve any more."""
    rights.check_closed(act.meeting)
    if (written := MeetingMinutes(act.session, act.meeting).all()) and written[-1].is_locked:
        raise MinutesLocked(written[-1].locked_at)  # who took part stands in them; an annex that is begun may need another
    who = among(possible_secretaries(act.meeting), request.form.get("participant", 0, int), "participant")
    who.part = Part.SECRETARY
    act.record("secretary_added", parts="quorum", participant=who.id, name=who.name)
    flash(_("Đã cử %(name)s làm thư ký; người này xác nhận biên bản được.", name=who.name), "success")
    return _back(act.meeting.id, request.form.get("annex", 0, int))


def possible_secretaries(meeting: Meeting) -> list[Participant]:
    """Who may become a further secretary after the close: members and deputies who can still sign in."""
    return [one for one in meeting.participants if one.part in (Part.MEMBER, Part.DEPUTY) and one.person.is_open]


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/comments")
@acts(Right.ATTEND)
def comment(act: Act, annex: int) -> AnyResponse:
    """Remark on a section; everybody of the meeting may, until the lock."""
    if rights.audience_of(act.participant) == rights.GUESTS:
        raise NotFound("minutes", act.meeting.id)
    form, key = WordsForm(), request.form.get("key", "")
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, annex, comment_form=form, comment_key=key), 422)
    book = MeetingMinutes(act.session, act.meeting)
    found = book.get(annex)
    book.comment(found, key, form.text.data.strip(), me())
    act.record("minutes_commented", parts="", annex=annex, section=key)
    flash(_("Đã gửi góp ý."), "success")
    return _back(act.meeting.id, annex, f"s-{found.section(key).position}")


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/revisions")
@shows(Permission.ATTEND_MEETINGS)
def revisions(session: Session, meeting_id: int, annex: int) -> str:
    """Every text that ever stood in the minutes, with who wrote it and when."""
    meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    book = MeetingMinutes(session, meeting)
    found = book.get(annex)
    return render_template("meetings/minutes/revisions.html", meeting=meeting, minutes=found, revisions=book.revisions(found))


@bp.post("/meetings/<int:meeting_id>/minutes/annex")
@acts(Right.PREPARE)
def begin_annex(act: Act) -> AnyResponse:
    """Begin an annex to locked minutes."""
    begun = MeetingMinutes(act.session, act.meeting).begin_annex(me())
    act.record("minutes_annex_begun", parts="", annex=begun.annex)
    flash(_("Đã mở phụ lục. Hãy ghi lý do và nội dung sửa đổi, rồi thư ký và chủ tọa xác nhận."), "success")
    return _back(act.meeting.id, begun.annex)


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/minutes.pdf", defaults={"form": "pdf"})
@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/minutes.docx", defaults={"form": "docx"})
@shows(Permission.ATTEND_MEETINGS)
def file(session: Session, meeting_id: int, annex: int, form: str) -> Response:
    """The minutes as PDF or DOCX; the same text always gives the same bytes."""
    meeting, _participant = read_whole(session, meeting_id)
    book = MeetingMinutes(session, meeting)
    found = book.get(annex)
    return printed(book.paper(found), minutes_stem(meeting_id, annex), form, footer=minutes_foot(found))
