"""The fields of the forms of this section. No secret document enters the registers: what bears a mark of secrecy is refused, and
nothing of it is kept."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, StopValidation

from domain.archive.secrecy import bears_mark
from webapp.ground.forms import trimmed

_ATTESTED = _l("Tôi đã xem: văn bản này không mang dấu chỉ độ mật và không chứa bí mật nhà nước.")


def not_secret(_form: Any, field: Any) -> None:
    """Refuse what bears a mark of secrecy; what was typed is taken out of the answer."""
    if field.data and bears_mark(field.data):
        field.data = ""
        raise StopValidation(
            _(
                "Mục này có dấu chỉ mức độ mật nên không được nhận và không được lưu. Văn bản mật phải vào sổ giấy riêng theo quy định."
            )
        )


def line(label: Any, missing: Any = None, *, most: int = 200) -> StringField:
    """A line of text that is no secret; `missing` is what is said where it must not be empty."""
    too_long = Length(max=most, message=_l("Dài quá mức cho phép. Hãy viết gọn hơn."))
    return StringField(label, [DataRequired(missing) if missing else Optional(), too_long, not_secret], filters=[trimmed])


def text(label: Any, missing: Any = None, *, most: int = 2000, rows: int = 3, name: str | None = None) -> TextAreaField:
    """Some lines of text that are no secret; `name` where the page has another thing that is called as the field."""
    too_long = Length(max=most, message=_l("Dài quá mức cho phép. Hãy viết gọn hơn."))
    checks = [DataRequired(missing) if missing else Optional(), too_long, not_secret]
    return TextAreaField(label, checks, filters=[trimmed], render_kw={"rows": rows}, name=name)


def attestation() -> BooleanField:
    """The word of whoever writes it down that nothing secret comes in here."""
    return BooleanField(
        _ATTESTED, [InputRequired(_l("Hãy xem lại văn bản rồi đánh dấu. Văn bản mật không được ghi vào hệ thống này."))]
    )


def reason(asked: Any) -> TextAreaField:
    """Why something is done."""
    return text(_l("Lý do"), asked, most=500, rows=2)


def has_file(field: FileField) -> bool:
    """Whether a file was chosen."""
    return isinstance(field.data, FileStorage) and bool(field.data.filename)
