"""No secret document enters the registers: a field that bears a mark of secrecy is refused, and nothing of it is kept."""

from typing import Any

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from domain.archive.secrecy import bears_mark


def not_secret(_form: Any, field: Any) -> None:
    """Refuse what bears a mark of secrecy; what was typed is taken out of the answer."""
    if field.data and bears_mark(field.data):
        field.data = ""
        raise StopValidation(
            _(
                "Mục này có dấu chỉ mức độ mật nên không được nhận và không được lưu. Văn bản mật phải vào sổ giấy riêng theo quy định."
            )
        )
