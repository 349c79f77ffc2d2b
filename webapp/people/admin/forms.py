"""The forms of the administrator, and the field in which a unit is named."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from domain.ground.vietnamese import fold
from domain.people.roles import Role
from storage.people.units import Unit
from webapp.ground.forms import Boxes, Choice, Day, Form, Term
from webapp.people.admin.rows import CODE, LOGIN
from webapp.people.words import KINDS, ROLES

_BETWEEN = " – "


def unit_words(unit: Unit) -> str:
    """A unit as it is offered in lists: code, then name."""
    return f"{unit.code}{_BETWEEN}{unit.name}"


def unit_named(text: str, units: Iterable[Unit]) -> Unit | None:
    """The unit that somebody means: by code, by what a list offered, or by a name that only one unit bears; else None."""
    code = text.split(_BETWEEN)[0].strip()
    known = list(units)
    for unit in known:
        if unit.code.casefold() == code.casefold():
            return unit
    namesakes = [unit for unit in known if fold(unit.name) == fold(text.strip())]
    return namesakes[0] if len(namesakes) == 1 else None


class UnitField(StringField):  # type: ignore[misc]
    """The name or code of a unit, helped by a list of those there are. `found` is the unit after validation."""

    units: Sequence[Unit] = ()
    found: Unit | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is that of WTForms
        """Find the unit."""
        if self.data and self.data.strip():
            self.found = unit_named(self.data, self.units)
            if self.found is None:
                raise StopValidation(_("Không có đơn vị nào mang mã hoặc tên này. Hãy chọn một đơn vị trong danh sách."))

    def show(self, unit: Unit | None) -> None:
        """Fill the field with a unit."""
        self.data = unit_words(unit) if unit else ""


def unit_field(label: Any, *, is_required: bool) -> UnitField:
    """A field for a unit, with the list of its page (`units`)."""
    check = InputRequired(_l("Hãy chọn đơn vị.")) if is_required else Optional()
    return UnitField(label, [check], render_kw={"list": "units", "autocomplete": "off"})


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

    unit = unit_field(_l("Đơn vị"), is_required=True)
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
    parent = unit_field(_l("Đơn vị cấp trên"), is_required=False)
    valid_from = Day(_l("Bắt đầu từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])


class EndForm(Form):
    """The last day of a unit, and what carries its work on."""

    valid_to = Day(_l("Ngày cuối cùng hoạt động"), [InputRequired(_l("Hãy nhập ngày cuối cùng hoạt động."))])
    succeeded_by = unit_field(_l("Đơn vị kế thừa"), is_required=False)
