"""The forms before a meeting."""

import itertools
from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from domain.ground.clock import VIETNAM
from domain.meetings.invitations import is_invitation_number
from domain.meetings.meetings import Part
from webapp.ground.forms import Boxes, Choice, Day, Form, Term, Typed, on_one_line
from webapp.ground.picking import Pick
from webapp.ground.words import PARTS
from webapp.meetings.words import KINDS, MAJORITY_BASES, QUORUM_BASES

NOBODY = _l("Hãy tìm rồi chọn một người.")
SITTINGS = 4  # that a meeting may have in its form


class Clock(Typed, TimeField):  # type: ignore[misc]
    """A time of day."""

    refusal = _l("Giờ không đúng. Hãy ghi giờ và phút, ví dụ 08:00.")


class Whole(Typed, IntegerField):  # type: ignore[misc]
    """A whole number."""

    refusal = _l("Hãy ghi một số nguyên.")


class BodyForm(Term):
    """A body that meets."""

    name = StringField(
        _l("Tên"),
        [DataRequired(_l("Hãy nhập tên.")), Length(max=200, message=_l("Tên dài quá 200 ký tự. Hãy viết gọn hơn."))],
        filters=[on_one_line],
    )
    unit = Pick(_l("Thuộc đơn vị"), _l("Hãy chọn đơn vị."))
    valid_from = Day(_l("Bắt đầu từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])
    valid_to = Day(_l("Đến hết ngày"), [Optional()])


class MemberForm(Term):
    """Somebody's membership of a body."""

    person = Pick(_l("Thành viên"), NOBODY)
    title = StringField(_l("Chức danh"), [Length(max=200, message=_l("Chức danh dài quá 200 ký tự."))], filters=[on_one_line])
    position = Whole(_l("Thứ tự trong danh sách"), [Optional(), NumberRange(1, 999, _l("Hãy ghi số từ 1 đến 999."))])
    has_vote = BooleanField(_l("Có quyền biểu quyết"), default=True)
    valid_from = Day(_l("Từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])
    valid_to = Day(_l("Đến hết ngày"), [Optional()])


def _part_of_share(label: Any) -> Whole:
    checks = [InputRequired(_l("Hãy ghi một số.")), NumberRange(1, 1000, _l("Hãy ghi số từ 1 đến 1000."))]
    return Whole(label, checks, render_kw={"inputmode": "numeric"})


class RulesForm(Form):
    """By what a body decides from a day on."""

    valid_from = Day(_l("Áp dụng từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu áp dụng."))])
    source = TextAreaField(
        _l("Căn cứ"),
        [DataRequired(_l("Hãy ghi điều, khoản của văn bản quy định. Căn cứ được in cùng mỗi kết quả biểu quyết."))],
        filters=[on_one_line],
        render_kw={"rows": 2},
    )
    quorum_parts = _part_of_share(_l("Có mặt ít nhất (tử số)"))
    quorum_of = _part_of_share(_l("trên (mẫu số)"))
    quorum_base = Choice(_l("Tính trên"), choices=[SelectChoice(base.value, words) for base, words in QUORUM_BASES.items()])
    majority_is_more_than = Choice(
        _l("Thông qua khi số tán thành"),
        choices=[SelectChoice("yes", _l("quá (nhiều hơn)")), SelectChoice("no", _l("ít nhất (từ … trở lên)"))],
    )
    majority_parts = _part_of_share(_l("Tử số"))
    majority_of = _part_of_share(_l("trên (mẫu số)"))
    majority_base = Choice(
        _l("Tính trên"), choices=[SelectChoice(base.value, words) for base, (words, *_) in MAJORITY_BASES.items()]
    )
    allows_secret_ballots = BooleanField(_l("Cho phép bỏ phiếu kín trên hệ thống"))
    allows_electronic_elections = BooleanField(_l("Cho phép bầu cử trên hệ thống (nếu không: nhập kết quả từ phiếu giấy)"))
    allows_delegates = BooleanField(_l("Cho phép cử người dự thay (không có quyền biểu quyết)"))
    allows_late_voters = BooleanField(_l("Cho phép người đến sau khi mở biểu quyết được biểu quyết"))

    def validate_quorum_of(self, field: Whole) -> None:
        """A share of at most one."""
        _check_share(self.quorum_parts.data, field.data)

    def validate_majority_of(self, field: Whole) -> None:
        """A share that can be reached."""
        check_majority(self.majority_parts.data, field.data, is_more_than=self.majority_is_more_than.data == "yes")


def check_majority(parts: int | None, whole: int | None, *, is_more_than: bool) -> None:
    """Refuse a share above one; more than the whole can never be."""
    _check_share(parts, whole)
    if is_more_than and parts == whole:
        raise ValidationError(_("Không thể có nhiều hơn toàn bộ. Hãy chọn “ít nhất”, hoặc sửa phân số."))


def _check_share(parts: int | None, whole: int | None) -> None:
    if parts and whole and parts > whole:
        raise ValidationError(_("Mẫu số phải lớn hơn hoặc bằng tử số. Ví dụ: 2 trên 3."))


class MeetingForm(Form):
    """When, where and who, of a meeting and the others of its series."""

    body = Choice(_l("Cơ quan họp"), coerce=int)
    kind = Choice(_l("Hình thức"), choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()])
    title = StringField(
        _l("Tên cuộc họp"),
        [DataRequired(_l("Hãy nhập tên cuộc họp.")), Length(max=300, message=_l("Tên dài quá 300 ký tự. Hãy viết gọn hơn."))],
        filters=[on_one_line],
    )
    place = StringField(_l("Địa điểm"), [Length(max=200, message=_l("Địa điểm dài quá 200 ký tự."))], filters=[on_one_line])
    link = StringField(
        _l("Liên kết họp trực tuyến"),
        [Length(max=500, message=_l("Liên kết dài quá 500 ký tự."))],
        filters=[on_one_line],
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )
    invitation_number = StringField(_l("Số giấy mời"), filters=[on_one_line], render_kw={"autocomplete": "off"})
    chair = Pick(_l("Chủ tọa"))
    secretary = Pick(_l("Thư ký"))
    reminder_hours = Choice(
        _l("Nhắc người chưa trả lời"),
        coerce=int,
        choices=[
            SelectChoice(24, _l("trước 1 ngày")),
            SelectChoice(48, _l("trước 2 ngày")),
            SelectChoice(72, _l("trước 3 ngày")),
            SelectChoice(0, _l("không tự nhắc")),
        ],
    )
    repeat = Choice(
        _l("Lặp lại"),
        choices=[
            SelectChoice("", _l("Không")),
            SelectChoice("weekly", _l("Hằng tuần")),
            SelectChoice("monthly", _l("Hằng tháng")),
        ],
    )
    times = Whole(_l("Số cuộc họp"), [Optional(), NumberRange(2, 24, _l("Hãy ghi số từ 2 đến 24."))])
    copied = HiddenField()  # the meeting or template whose agenda is taken over

    day_1 = Day(_l("Ngày họp"), [InputRequired(_l("Hãy nhập ngày họp."))])
    starts_1 = Clock(_l("Bắt đầu"), [InputRequired(_l("Hãy nhập giờ bắt đầu."))])
    ends_1 = Clock(_l("Kết thúc"), [InputRequired(_l("Hãy nhập giờ kết thúc."))])
    place_1 = StringField(_l("Địa điểm của phiên"), filters=[on_one_line])
    day_2, starts_2, ends_2 = Day(_l("Ngày (phiên 2)")), Clock(_l("Bắt đầu (phiên 2)")), Clock(_l("Kết thúc (phiên 2)"))
    place_2 = StringField(_l("Địa điểm (phiên 2, nếu khác)"), filters=[on_one_line])
    day_3, starts_3, ends_3 = Day(_l("Ngày (phiên 3)")), Clock(_l("Bắt đầu (phiên 3)")), Clock(_l("Kết thúc (phiên 3)"))
    place_3 = StringField(_l("Địa điểm (phiên 3, nếu khác)"), filters=[on_one_line])
    day_4, starts_4, ends_4 = Day(_l("Ngày (phiên 4)")), Clock(_l("Bắt đầu (phiên 4)")), Clock(_l("Kết thúc (phiên 4)"))
    place_4 = StringField(_l("Địa điểm (phiên 4, nếu khác)"), filters=[on_one_line])

    def sitting_fields(self, number: int) -> tuple[Any, Any, Any, Any]:
        """Day, begin, end and place of a sitting, counted from 1."""
        return self[f"day_{number}"], self[f"starts_{number}"], self[f"ends_{number}"], self[f"place_{number}"]

    def sittings(self) -> list[tuple[datetime, datetime, str]]:
        """Begin, end and place of each sitting that was filled in, in their order; for a form that has been accepted."""
        rows = [[field.data for field in self.sitting_fields(number)] for number in range(1, SITTINGS + 1)]
        return sorted((_at(day, start), _at(day, end), place or "") for day, start, end, place in rows if day)

    def validate_link(self, field: StringField) -> None:
        """Only what a browser opens safely."""
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_("Liên kết phải bắt đầu bằng https://. Hãy chép lại từ phần mềm họp trực tuyến."))

    def validate_invitation_number(self, field: StringField) -> None:
        """Number and symbol of an invitation."""
        if field.data and not is_invitation_number(field.data):
            raise ValidationError(_("Số giấy mời viết như 12/GM-LĐLĐ. Hãy sửa lại, hoặc để trống."))

    def validate_repeat(self, field: Choice) -> None:
        """A series repeats meetings of one sitting."""
        if field.data and any(self.sitting_fields(number)[0].data for number in range(2, SITTINGS + 1)):
            raise ValidationError(_("Chỉ lặp lại được cuộc họp có một phiên. Hãy bỏ các phiên sau, hoặc chọn không lặp lại."))

    def validate(self, extra_validators: Any = None) -> bool:
        """All fields, and each sitting as a whole."""
        accepted = super().validate(extra_validators)
        if self.is_searching:
            return False
        fine = [self._check_sitting(number) for number in range(1, SITTINGS + 1)]
        return bool(accepted and all(fine) and self._check_overlaps())

    def _check_sitting(self, number: int) -> bool:
        day, start, end, _place = self.sitting_fields(number)
        given = [field for field in (day, start, end) if field.data is not None]
        if not given and number > 1:
            return not (day.errors or start.errors or end.errors)
        for field in (day, start, end):
            if field.data is None and not field.errors:
                field.errors = [_("Hãy nhập đủ ngày, giờ bắt đầu và giờ kết thúc.")]
        if len(given) == 3 and end.data <= start.data:
            end.errors = [_("Giờ kết thúc phải sau giờ bắt đầu. Hãy sửa một trong hai giờ.")]
        return not (day.errors or start.errors or end.errors)

    def _check_overlaps(self) -> bool:
        rows = self.sittings()
        if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(rows)):
            self.day_2.errors = [_("Hai phiên trùng giờ nhau. Hãy sửa ngày hoặc giờ.")]
            return False
        return True


def _at(day: Any, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=VIETNAM)


class ParticipantForm(Form):
    """Somebody who is to take part."""

    person = Pick(_l("Người dự"), NOBODY)
    title = StringField(_l("Chức danh"), [Length(max=200, message=_l("Chức danh dài quá 200 ký tự."))], filters=[on_one_line])
    part = Choice(_l("Dự họp với tư cách"), choices=[SelectChoice(part.value, words) for part, words in PARTS.items()])
    has_vote = BooleanField(_l("Có quyền biểu quyết"))
    items = Boxes(_l("Chỉ mời dự các nội dung"), coerce=int)

    def validate_has_vote(self, field: BooleanField) -> None:
        """A guest never has a vote."""
        if field.data and self.part.data == Part.GUEST.value:
            raise ValidationError(_("Khách mời không có quyền biểu quyết. Hãy bỏ chọn, hoặc đổi tư cách dự họp."))

    def validate_items(self, field: Boxes) -> None:
        """Only guests are invited to single items."""
        if field.data and self.part.data != Part.GUEST.value:
            raise ValidationError(_("Chỉ khách mời mới dự riêng từng nội dung. Hãy bỏ chọn các nội dung."))


class ReasonForm(Form):
    """Why a meeting is called off."""

    reason = TextAreaField(
        _l("Lý do hủy"),
        [
            DataRequired(_l("Hãy ghi lý do; người được mời sẽ đọc lý do này.")),
            Length(max=500, message=_l("Lý do dài quá 500 ký tự.")),
        ],
        filters=[on_one_line],
        render_kw={"rows": 3},
    )


class AnswerForm(Form):
    """Whether one is coming."""

    coming = Choice(
        _l("Đồng chí có dự họp không?"),
        choices=[SelectChoice("yes", _l("Tôi sẽ dự họp")), SelectChoice("no", _l("Tôi không dự được"))],
    )
    reason = TextAreaField(
        _l("Lý do vắng"),
        [Length(max=500, message=_l("Lý do dài quá 500 ký tự."))],
        filters=[on_one_line],
        render_kw={"rows": 2},
    )
    delegate = StringField(_l("Người dự thay"), [Length(max=200, message=_l("Tên dài quá 200 ký tự."))], filters=[on_one_line])

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever does not come says why."""
        if self.coming.data == "no" and not field.data:
            raise ValidationError(_("Hãy ghi lý do vắng để chủ tọa biết."))
