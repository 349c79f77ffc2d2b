"""Correcting the attendance after the close: by the secretary or the chair, with a reason, and never silently. What stood there
before is kept by the event; the minutes and the audit pack say so. Rolls of votes were frozen when they were opened, and stay.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from domain.ground.clock import VIETNAM
from domain.ground.errors import NotAllowed
from domain.meetings.checking_in import OPENS_BEFORE
from domain.meetings.meetings import Right
from domain.meetings.minutes import DraftTouched, MinutesLocked, correction_in_words, draft
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.attendance import Attendance, Interval, Presence, Stay
from storage.meetings.course import CORRECTED, corrections_of, course_of
from storage.meetings.meetings import Meeting, MeetingEvent, Participant
from storage.meetings.minutes import MeetingMinutes
from webapp.ground.access import me, shows
from webapp.ground.forms import Choice, Form, Typed
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.live.rights import approver_rights, check_closed

bp = Blueprint("corrections", __name__)

ROWS = 16  # intervals that one form holds: four sittings, left and come back to thrice each
_WRITTEN = "%Y-%m-%dT%H:%M"  # as browsers write a day and a time


class Moment(Typed, DateTimeLocalField):  # type: ignore[misc]
    """A day and a time of day in Vietnam."""

    refusal = _l("Giờ không đúng. Hãy ghi ngày và giờ, ví dụ 25/11/2026 08:05.")

    @property
    def moment(self) -> datetime | None:
        """The moment."""
        return self.data.replace(tzinfo=VIETNAM) if self.data else None


class CorrectionForm(Form):
    """When somebody was there, or that the person was absent; and why it is corrected."""

    absent_reason = StringField(_l("Lý do vắng"), [Length(max=200, message=_l("Lý do dài quá 200 ký tự."))])
    reason = StringField(
        _l("Lý do sửa"),
        [
            DataRequired(_l("Hãy ghi lý do sửa; lý do được in trong biên bản.")),
            Length(max=300, message=_l("Lý do dài quá 300 ký tự. Hãy viết gọn hơn.")),
        ],
    )

    def show(self, stays: Sequence[Stay]) -> None:
        """Fill the rows with what was noted."""
        for (came, left, presence), stay in zip(self.rows, stays, strict=False):
            came.data, left.data = (_local(moment) for moment in (stay.came_at, stay.left_at))
            presence.data = stay.presence.value

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each interval: from, until, how."""
        return [(self[f"came_{row}"], self[f"left_{row}"], self[f"presence_{row}"]) for row in range(ROWS)]

    @property
    def used(self) -> int:
        """How many rows say something, counted to the last of them; at least one."""
        said = [number for number, row in enumerate(self.rows, start=1) if any(field.data or field.errors for field in row[:2])]
        return max(said, default=1)

    @property
    def intervals(self) -> list[Interval]:
        """What was entered, in the order of time."""
        filled = [Interval(Presence(how.data), came.moment, left.moment) for came, left, how in self.rows if came.data]
        return sorted(filled, key=lambda one: one.came_at)

    def is_possible(self, meeting: Meeting) -> bool:
        """Whether the intervals lie within the meeting, one after the other; else their fields say what is wrong."""
        before, last = None, None
        for came, left, _how in sorted((row for row in self.rows if row[0].data or row[1].data), key=_begins):
            if came.moment is None:
                came.errors = [_("Thiếu giờ đến. Hãy ghi giờ đến, hoặc xóa cả dòng.")]
            elif not meeting.starts_at - OPENS_BEFORE <= came.moment <= (meeting.closed_at or came.moment):
                came.errors = [_("Giờ đến nằm ngoài cuộc họp. Hãy xem lại ngày và giờ.")]
            elif last is not None and (before is None or came.moment < before):
                came.errors = [
                    _("Khoảng thời gian này chồng lên khoảng trước. Hãy ghi giờ rời của khoảng trước, hoặc sửa giờ đến.")
                ]
            elif left.moment and not came.moment < left.moment <= (meeting.closed_at or left.moment):
                left.errors = [_("Giờ rời phải sau giờ đến và không sau giờ bế mạc. Nếu ở đến hết, hãy để trống.")]
            before, last = left.moment, came
        return not self.errors


def _begins(row: tuple[Any, Any, Any]) -> datetime:
    return row[0].data or row[1].data  # type: ignore[no-any-return]


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(VIETNAM).replace(tzinfo=None) if moment else None


for _row in range(ROWS):
    setattr(CorrectionForm, f"came_{_row}", Moment(_l("Đến lúc"), format=_WRITTEN))
    setattr(CorrectionForm, f"left_{_row}", Moment(_l("Rời lúc"), format=_WRITTEN))
    _ways = [SelectChoice("in_room", _l("Tại phòng họp")), SelectChoice("online", _l("Trực tuyến"))]
    setattr(CorrectionForm, f"presence_{_row}", Choice(_l("Cách dự"), choices=_ways, default="in_room"))


@bp.get("/meetings/<int:meeting_id>/attendance/<int:participant_id>")
@shows(Permission.ATTEND_MEETINGS)
def ask(session: Session, meeting_id: int, participant_id: int) -> str:
    """The form that corrects when somebody was there."""
    meeting, participant = open_meeting(session, meeting_id, Right.TAKE_SEAT)
    who = _checked(session, meeting, participant, participant_id)
    form = CorrectionForm(formdata=None, absent_reason=who.absent_reason)
    form.show(Attendance(session, meeting).of(who))
    return _page(session, meeting, who, form)


@bp.post("/meetings/<int:meeting_id>/attendance/<int:participant_id>")
@acts(Right.TAKE_SEAT)
def correct(act: Act, participant_id: int) -> Response:
    """Correct when somebody was there; the minutes that are being written say so at once."""
    who, form = _checked(act.session, act.meeting, act.participant, participant_id), CorrectionForm()
    if not form.validate() or not form.is_possible(act.meeting):
        return make_response(_page(act.session, act.meeting, who, form), 422)
    attendance = Attendance(act.session, act.meeting)
    before = [Interval(stay.presence, stay.came_at, stay.left_at).as_facts for stay in attendance.of(who)]
    attendance.correct(who, form.intervals, absent_reason=(form.absent_reason.data or "").strip(), set_by_id=me().id)
    event = act.record(
        CORRECTED, parts="quorum", participant=who.id, name=who.name, reason=" ".join(form.reason.data.split()),
        before=before, after=[one.as_facts for one in form.intervals],
    )  # fmt: skip
    _tell_minutes(act, event)
    flash(_("Đã sửa điểm danh của %(name)s; việc sửa được ghi trong diễn biến và biên bản.", name=who.name), "success")
    return redirect(url_for("attendance.attendance", meeting_id=act.meeting.id), 303)


def _checked(session: Session, meeting: Meeting, participant: Participant | None, participant_id: int) -> Participant:
    """Whose attendance it is; raises NotAllowed, StepNotAllowed, MinutesLocked, NotFound."""
    if not approver_rights(meeting, participant):
        raise NotAllowed(Right.RECORD)
    check_closed(meeting)
    minutes = MeetingMinutes(session, meeting).find()
    if minutes and minutes.is_locked:
        raise MinutesLocked(minutes.locked_at)
    return among(meeting.participants, participant_id, "participant")


def _tell_minutes(act: Act, event: MeetingEvent) -> None:
    """Write a draft that nobody has touched anew; to any other add the correction, which takes every approval back."""
    book = MeetingMinutes(act.session, act.meeting)
    minutes = book.find()
    if minutes is None:
        return
    try:
        book.draft(draft(course_of(act.session, act.meeting)), me())
    except DraftTouched:
        section = minutes.section("attendance")
        (correction,) = corrections_of([event])
        text = f"{section.text}\n- {correction_in_words(correction)}"
        book.change(minutes, section.key, text, revision=section.revision, person=me())


def _page(session: Session, meeting: Meeting, who: Participant, form: CorrectionForm) -> str:
    return render_template(
        "meetings/desk/correction.html",
        meeting=meeting,
        who=who,
        form=form,
        has_minutes=MeetingMinutes(session, meeting).find(),
    )
