"""The forms of what follows from a meeting: a conclusion, the head of the notice, a task, and how far a task is."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from domain.ground.clock import today
from storage.meetings.course import symbol_of
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Votes
from webapp.ground.forms import Choice, Day, Form, trimmed
from webapp.ground.picking import Pick
from webapp.meetings.candidates import candidates, units


def _long(label: Any, message: Any, *, most: int = 2000) -> TextAreaField:
    too_long = Length(max=most, message=_l("Dài quá mức cho phép. Hãy viết gọn hơn."))
    return TextAreaField(label, [DataRequired(message), too_long], filters=[trimmed])


def _offered(nothing: str, those: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    """Nothing, or one of those."""
    return [SelectChoice("", nothing), *(SelectChoice(str(key), words) for key, words in those)]


_PERCENTS = [SelectChoice("", "—"), *(SelectChoice(str(n), f"{n} %") for n in range(0, 100, 10))]


class ConclusionForm(Form):
    """A conclusion, and what it comes from."""

    text = _long(_l("Kết luận"), _l("Hãy ghi nội dung kết luận."))
    item = Choice(_l("Từ nội dung"), [Optional()])
    vote = Choice(_l("Từ biểu quyết"), [Optional()])

    def offer(self, session: Session, meeting: Meeting) -> None:
        """Fill the lists."""
        items = [item for item in meeting.items if not item.is_on_paper_only]
        self.item.choices = _offered(_("Không gắn với nội dung nào"), [(item.id, item.title) for item in items])
        votes = [vote for vote in Votes(session).of(meeting) if vote.published_at]
        self.vote.choices = _offered(_("Không gắn với biểu quyết nào"), [(vote.id, vote.question) for vote in votes])


class NoticeForm(Form):
    """The head of a notice that is about to be issued."""

    number = StringField(
        _l("Số, ký hiệu"),
        [DataRequired(_l("Hãy nhập số, ký hiệu, ví dụ 15/TB-LĐLĐ.")), Length(max=60, message=_l("Số, ký hiệu quá dài."))],
        filters=[trimmed],
    )
    issued_on = Day(_l("Ngày ban hành"), [InputRequired(_l("Hãy nhập ngày ban hành."))])
    locality = StringField(_l("Địa danh"), [Length(max=60, message=_l("Địa danh quá dài."))], filters=[trimmed])
    capacity = _long(_l("Quyền hạn, chức vụ của người ký"), _l("Hãy ghi quyền hạn, chức vụ của người ký."), most=200)
    signer = StringField(
        _l("Người ký"),
        [DataRequired(_l("Hãy nhập họ tên người ký.")), Length(max=100, message=_l("Họ tên quá dài."))],
        filters=[trimmed],
    )


class TaskForm(Form):
    """A task: what, who, until when."""

    title = _long(_l("Việc cần làm"), _l("Hãy ghi việc cần làm."), most=500)
    owner = Pick(_l("Giao cho người"))
    unit = Pick(_l("hoặc giao cho đơn vị"))
    due_on = Day(_l("Hạn hoàn thành"), [InputRequired(_l("Hãy nhập hạn hoàn thành."))])

    def offer(self, session: Session, meeting: Meeting) -> None:
        """Say who may be given a task."""
        self.owner.offer(*candidates(session, meeting))
        self.unit.offer(*units(session, meeting))

    def validate_unit(self, field: Pick) -> None:
        """Exactly one, a person or a unit."""
        if bool(field.found) is bool(self.owner.found) and not self.owner.errors:
            raise ValidationError(_("Hãy chọn một người hoặc một đơn vị, không chọn cả hai."))


class ReportForm(Form):
    """How far a task is."""

    text = _long(_l("Tiến độ"), _l("Hãy ghi việc đã làm được."))
    percent = Choice(_l("Mức hoàn thành"), [Optional()], choices=_PERCENTS)


def notice_form(meeting: Meeting) -> NoticeForm:
    """The head as it is proposed."""
    body = meeting.body.name.upper() if meeting.body else ""
    capacity = f"TL. {body}\n" if body else ""
    return NoticeForm(
        formdata=None, number=f"…/{symbol_of(meeting, 'TB')}", issued_on=today(), capacity=f"{capacity}CHÁNH VĂN PHÒNG"
    )
