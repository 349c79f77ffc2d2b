"""The forms of archival places, with the code lists of TT 05/2025 in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectChoice, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from domain.archive.places import earliest_day, may_follow
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from webapp.ground.forms import Choice, Form, Typed, on_one_line, trimmed

RETENTIONS = {
    "01": _l("Vĩnh viễn"),
    "02": _l("70 năm"),
    "03": _l("50 năm"),
    "04": _l("30 năm"),
    "05": _l("20 năm"),
    "06": _l("10 năm"),
    "07": _l("Khác"),
}
MODES = {"01": _l("Công khai"), "02": _l("Sử dụng có điều kiện")}  # 03, secret, never enters this system
LANGUAGES = {"01": _l("Tiếng Việt"), "02": _l("Ngôn ngữ khác")}
CONDITIONS = {"01": _l("Tốt"), "02": _l("Bình thường"), "03": _l("Hỏng")}
RELIABILITIES = {"01": _l("Gốc điện tử"), "02": _l("Số hóa"), "03": _l("Hỗn hợp")}
INSURANCE = {"1": _l("Có"), "0": _l("Không")}

_CODE = Regexp(r"[\w.-]+$", message=_l("Chỉ dùng chữ, số, dấu chấm hoặc gạch nối, không có dấu cách."))


def _up_to(limit: int) -> Length:
    return Length(max=limit, message=_l("Dài quá %(max)d ký tự. Hãy viết gọn hơn."))


def _coded(label: Any, codes: dict[str, Any]) -> Choice:
    offered = [SelectChoice(code, words) for code, words in codes.items()]
    return Choice(label, choices=[SelectChoice("", _l("— Chưa ghi —")), *offered], default="")


def _count(label: Any) -> IntegerField:
    message = _l("Hãy ghi một số từ 0 đến 999.999, hoặc để trống.")
    return _Count(label, [Optional(), NumberRange(0, 999_999, message)], render_kw={"inputmode": "numeric"})


class _Count(Typed, IntegerField):  # type: ignore[misc]
    """A whole number."""

    refusal = _l("Hãy ghi một số, không có chữ, hoặc để trống.")


class FondsForm(Form):
    """A fonds."""

    code = StringField(_l("Mã phông"), [InputRequired(_l("Hãy ghi mã phông.")), _up_to(13), _CODE], filters=[on_one_line])
    name = StringField(_l("Tên phông"), [InputRequired(_l("Hãy ghi tên phông.")), _up_to(200)], filters=[on_one_line])
    years = StringField(_l("Thời gian tài liệu"), [_up_to(30)], filters=[on_one_line])
    history = TextAreaField(_l("Lịch sử đơn vị hình thành phông"), [_up_to(5000)], filters=[trimmed], render_kw={"rows": 4})

    def check_unique(self, places: Places, fonds: Fonds | None) -> bool:
        """Whether no other fonds bears the code; else the field says so."""
        return _free(
            self.code,
            places.has_fonds(self.code.data, but=fonds.id if fonds else None),
            _("Đã có phông mang mã này. Hãy dùng mã khác."),
        )


class CatalogueForm(Form):
    """A catalogue of a fonds."""

    number = StringField(_l("Mục lục số"), [InputRequired(_l("Hãy ghi số mục lục.")), _up_to(10), _CODE], filters=[on_one_line])
    title = StringField(_l("Tên mục lục"), [_up_to(200)], filters=[on_one_line])

    def check_unique(self, places: Places, fonds_id: int, catalogue: Catalogue | None) -> bool:
        """Whether no other catalogue of the fonds bears the number; else the field says so."""
        is_there = places.has_catalogue(fonds_id, self.number.data, but=catalogue.id if catalogue else None)
        return _free(self.number, is_there, _("Phông này đã có mục lục mang số này. Hãy dùng số khác."))


class RecordFileForm(Form):
    """A record file with the fields of TT 05/2025; what nobody knows stays empty."""

    catalogue = Choice(_l("Phông, mục lục"), [InputRequired(_l("Hãy chọn phông và mục lục."))])
    number = StringField(_l("Hồ sơ số"), [InputRequired(_l("Hãy ghi số hồ sơ.")), _up_to(20), _CODE], filters=[on_one_line])
    title = StringField(_l("Tiêu đề hồ sơ"), [InputRequired(_l("Hãy ghi tiêu đề hồ sơ.")), _up_to(1000)], filters=[on_one_line])
    retention = _coded(_l("Thời hạn lưu trữ"), RETENTIONS)
    mode = _coded(_l("Chế độ sử dụng"), MODES)
    language = _coded(_l("Ngôn ngữ"), LANGUAGES)
    start_date = StringField(_l("Ngày bắt đầu"), [_up_to(10)], filters=[on_one_line])
    end_date = StringField(_l("Ngày kết thúc"), [_up_to(10)], filters=[on_one_line])
    keywords = StringField(_l("Từ khóa"), [_up_to(100)], filters=[on_one_line])
    sheets = _count(_l("Số tờ"))
    pages = _count(_l("Số trang"))
    condition = _coded(_l("Tình trạng vật lý"), CONDITIONS)
    reliability = _coded(_l("Mức độ tin cậy"), RELIABILITIES)
    information_sign = StringField(_l("Ký hiệu thông tin"), [_up_to(30)], filters=[on_one_line])
    has_insurance_copy = _coded(_l("Có bản dự phòng"), INSURANCE)
    warehouse = StringField(_l("Kho"), [_up_to(20)], filters=[on_one_line])
    shelf = StringField(_l("Giá"), [_up_to(20)], filters=[on_one_line])
    box = StringField(_l("Hộp"), [_up_to(20)], filters=[on_one_line])
    description = TextAreaField(_l("Ghi chú"), [_up_to(2000)], filters=[trimmed], render_kw={"rows": 3})

    def validate_start_date(self, field: Any) -> None:
        """It is a day, a month or a year."""
        _check_partial(field)

    def validate_end_date(self, field: Any) -> None:
        """It is a day, a month or a year, and not before the start."""
        _check_partial(field)
        start = self.start_date.data
        if field.data and start and earliest_day(start) and not may_follow(start, field.data):
            raise ValidationError(_("Ngày kết thúc ở trước ngày bắt đầu. Hãy sửa một trong hai ngày."))

    def check_unique(self, places: Places, record_file: RecordFile | None) -> bool:
        """Whether no other record file of the catalogue bears the number; else the field says so."""
        is_there = places.has_record_file(
            int(self.catalogue.data), self.number.data, but=record_file.id if record_file else None
        )
        return _free(self.number, is_there, _("Mục lục này đã có hồ sơ mang số này. Hãy dùng số khác."))

    def show(self, record_file: RecordFile) -> None:
        """Fill the form with what is recorded."""
        for field in self:
            if field.name not in _NOT_PLAIN:
                field.data = getattr(record_file, field.name)
        self.catalogue.data = str(record_file.catalogue_id)
        copy = record_file.has_insurance_copy
        self.has_insurance_copy.data = "" if copy is None else str(int(copy))

    def fill(self, record_file: RecordFile) -> None:
        """Write what was typed into the record."""
        for field in self:
            if field.name not in _NOT_PLAIN:
                setattr(record_file, field.name, field.data)
        record_file.catalogue_id = int(self.catalogue.data)
        record_file.has_insurance_copy = {"": None, "0": False, "1": True}[self.has_insurance_copy.data]


_NOT_PLAIN = {"csrf_token", "catalogue", "has_insurance_copy"}


def _check_partial(field: Any) -> None:
    if field.data and earliest_day(field.data) is None:
        raise ValidationError(_("Hãy ghi ngày như 05/02/1998, tháng như 02/1998, hoặc năm như 1998."))


def _free(field: Any, is_there: bool, sentence: str) -> bool:
    if is_there:
        field.errors = [*field.errors, sentence]
    return not is_there
