"""The forms of the administrator."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from domain.people.roles import Role
from webapp.ground.forms import Boxes, Choice, Day, Form, Term
from webapp.ground.picking import Pick
from webapp.people.admin.rows import CODE, LOGIN
from webapp.people.words import KINDS, ROLES


def _name_checks(limit: int = 200) -> list[Any]:
    return [DataRequired(_l("Hãy nhập tên.")), Length(max=limit, message=_l("Tên dài quá 200 ký tự. Hãy viết gọn hơn."))]


class PersonForm(Form):
    """Who somebody is, and what they may do."""

    name = StringField(_l("Họ và tên"), _name_checks(), render_kw={"autocomplete": "off"})
    login = StringField(
        _l("Tên đăng nhập"),
        [InputRequired(_l("Hãy nhập tên đăng nhập."))],
        filters=[lambda text: (text or "").strip().lower()],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    roles = Boxes(_l("Vai trò"), choices=[SelectChoice(role.value, words) for role, words in ROLES.items()])

    def validate_login(self, field: StringField) -> None:
        """Letters and digits only, since it is typed on any keyboard."""
        if not LOGIN.fullmatch(field.data):
            raise ValidationError(
                _("Tên đăng nhập chỉ gồm chữ không dấu, chữ số và các dấu . _ - @ +, từ 2 đến 120 ký tự. Hãy sửa lại.")
            )

    @property
    def chosen_roles(self) -> frozenset[Role]:
        """The roles that were ticked."""
        return frozenset(Role(value) for value in self.roles.data or [])


class SeatForm(Term):
    """A place in a unit for a time."""

    unit = Pick(_l("Đơn vị"), _l("Hãy chọn đơn vị."))
    title = StringField(
        _l("Chức danh"),
        [DataRequired(_l("Hãy nhập chức danh.")), Length(max=200, message=_l("Chức danh dài quá 200 ký tự."))],
    )
    valid_from = Day(_l("Từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])
    valid_to = Day(_l("Đến hết ngày"), [Optional()])


class UnitForm(Form):
    """What a unit is."""

    name = StringField(_l("Tên đơn vị"), _name_checks())
    code = StringField(
        _l("Mã đơn vị"),
        [
            InputRequired(_l("Hãy nhập mã đơn vị.")),
            Regexp(
                rf"^(?:{CODE.pattern})$",
                message=_l("Mã chỉ gồm chữ, chữ số và các dấu . _ -, không có khoảng trắng, tối đa 32 ký tự."),
            ),
            Length(max=32, message=_l("Mã dài quá 32 ký tự.")),
        ],
        filters=[lambda text: (text or "").strip().upper()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    kind = Choice(_l("Loại"), choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()])
    parent = Pick(_l("Đơn vị cấp trên"))
    valid_from = Day(_l("Bắt đầu từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])


class EndForm(Form):
    """The last day of a unit, and what carries its work on."""

    valid_to = Day(_l("Ngày cuối cùng hoạt động"), [InputRequired(_l("Hãy nhập ngày cuối cùng hoạt động."))])
    succeeded_by = Pick(_l("Đơn vị kế thừa"))
