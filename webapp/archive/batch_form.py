"""The form of a new batch: the attestation, the place, the mode of use."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, MultipleFileField, RadioField, SelectChoice, ValidationError
from wtforms.validators import InputRequired

from domain.people.access import Access
from storage.archive.places import RecordFile
from storage.people.units import Unit
from webapp.ground.forms import Choice, Form

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
    record_file = Choice(_l("Hồ sơ"))
    access = RadioField(
        _l("Chế độ sử dụng"),
        choices=[
            SelectChoice(Access.OPEN.value, _l("Công khai: ai có quyền tìm đều xem được")),
            SelectChoice(Access.RESTRICTED.value, _l("Hạn chế: chỉ cán bộ lưu trữ, văn thư và đơn vị được chọn")),
        ],
        default=Access.OPEN.value,
        validate_choice=True,
    )
    unit = Choice(_l("Đơn vị được xem"))
    groups = BooleanField(_l("Gộp các ảnh đánh số (TEN_p1.jpg, TEN_p2.jpg…) thành một tài liệu"), default=True)
    files = MultipleFileField(_l("Tệp"))

    def offer(self, record_files: Iterable[RecordFile], units: Iterable[Unit]) -> None:
        """Fill the lists."""
        files = list(record_files)
        self.modes = {str(file.id): file.mode for file in files}
        self.record_file.choices = [SelectChoice("", _("— Chưa xếp vào hồ sơ —")), *map(_offered, files)]
        standing = [SelectChoice(str(unit.id), unit.name) for unit in units]
        self.unit.choices = [SelectChoice("", _("— Không chọn đơn vị —")), *standing]

    def validate_access(self, field: Any) -> None:
        """What lies in a restricted record file is restricted."""
        if field.data == Access.OPEN and self.modes.get(self.record_file.data) == RESTRICTED_MODE:
            raise ValidationError(
                _("Hồ sơ đã chọn được ghi là sử dụng có điều kiện. Hãy chọn “Hạn chế”, hoặc chọn hồ sơ khác.")
            )


def _offered(file: RecordFile) -> SelectChoice:
    catalogue = file.catalogue
    fonds = f"{catalogue.fonds.code} {catalogue.fonds.name}"
    heading = _("%(fonds)s · Mục lục %(number)s", fonds=fonds, number=catalogue.number)
    return SelectChoice(str(file.id), f"{file.number} – {file.title}", optgroup=heading)
