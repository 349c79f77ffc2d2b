"""The form of a new batch: the attestation, the place, the mode of use."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, MultipleFileField, RadioField, SelectChoice, ValidationError
from wtforms.validators import InputRequired

from domain.ground.clock import today
from domain.people.access import Access
from storage.archive.places import CandidateRecordFiles, RecordFile
from storage.people.candidates import CandidateUnits, stands_on
from webapp.ground.forms import Form
from webapp.ground.picking import Pick

RESTRICTED_MODE = "02"  # of a record file


class BatchForm(Form):
    """A new batch."""

    attestation = BooleanField(
        _l(
            "Tôi đã kiểm tra: không tài liệu nào trong lô này mang dấu chỉ độ mật (MẬT, TỐI MẬT, TUYỆT MẬT). "
            "Tôi hiểu rằng tài liệu mật không được đưa vào hệ thống này."
        ),
        [InputRequired(_l("Hãy kiểm tra các tài liệu rồi đánh dấu xác nhận. Chưa xác nhận thì chưa nhập được."))],
    )
    record_file = Pick(_l("Hồ sơ"))
    access = RadioField(
        _l("Chế độ sử dụng"),
        choices=[
            SelectChoice(Access.OPEN.value, _l("Công khai: ai có quyền tìm đều xem được")),
            SelectChoice(Access.RESTRICTED.value, _l("Hạn chế: chỉ cán bộ lưu trữ, văn thư và đơn vị được chọn")),
        ],
        default=Access.OPEN.value,
        validate_choice=True,
    )
    unit = Pick(_l("Đơn vị được xem"))
    groups = BooleanField(_l("Gộp các ảnh đánh số (TEN_p1.jpg, TEN_p2.jpg…) thành một tài liệu"), default=True)
    files = MultipleFileField(_l("Tệp"))

    def offer(self, session: Session) -> None:
        """Say which record files and units may be picked."""
        self.record_file.offer(CandidateRecordFiles(session), url_for("intake.record_files"))
        self.unit.offer(standing_units(session), url_for("intake.units"))

    def validate_access(self, field: Any) -> None:
        """What lies in a restricted record file is restricted."""
        record_file: RecordFile | None = self.record_file.found
        if field.data == Access.OPEN and record_file and record_file.mode == RESTRICTED_MODE:
            raise ValidationError(
                _("Hồ sơ đã chọn được ghi là sử dụng có điều kiện. Hãy chọn “Hạn chế”, hoặc chọn hồ sơ khác.")
            )


def standing_units(session: Session) -> CandidateUnits:
    """The units to which a batch may be restricted: those that stand today."""
    return CandidateUnits(session, stands_on(today()))
