"""What all forms share: the language of their messages, and how a field is drawn with its hint and errors tied to it."""

from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.ground.picking import Pick


class Form(FlaskForm):  # type: ignore[misc]
    """The base of our forms; what was typed is always kept."""

    @property
    def is_searching(self) -> bool:
        """Whether it came to search for somebody or something to pick, not to be saved."""
        return any(isinstance(one, Pick) and one.is_sought for one in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all was filled in well; a form that came to search shows what was found, and says nothing of its other fields."""
        for one in self:
            if isinstance(one, Pick) and one.is_sought:
                one.look_up()
                return False
        return bool(super().validate(extra_validators))


def trimmed(text: str | None) -> str:
    """What was typed, without the blanks around it."""
    return (text or "").strip()


def on_one_line(text: str | None) -> str:
    """What was typed, its words with one blank between them."""
    return " ".join((text or "").split())


class Typed:
    """What a field asks for that reads more than text: its refusal, in the language of the page, says how that is written."""

    refusal: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; an empty field is None."""
        if any(text.strip() for text in valuelist):
            try:
                super().process_formdata(valuelist)  # type: ignore[misc]
            except ValueError as error:
                raise ValueError(self.refusal) from error


class Day(Typed, DateField):  # type: ignore[misc]
    """A day."""

    refusal = _l("Ngày không đúng. Hãy ghi ngày, tháng, năm, ví dụ 01/07/2025.")


class Boxes(SelectMultipleField):  # type: ignore[misc]
    """Several of several, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Term(Form):
    """A form with a first and a last day, which may be open."""

    def validate_valid_to(self, field: Day) -> None:
        """Not before the first day."""
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(_("Ngày kết thúc trước ngày bắt đầu. Hãy sửa một trong hai ngày."))


class Choice(SelectField):  # type: ignore[misc]
    """One of several, whose refusal speaks the language of the page."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(_("Lựa chọn này không có. Hãy chọn một mục trong danh sách.")) from error


def attributes(field: Any, hint: str = "") -> dict[str, str]:
    """The attributes that tie an input to its hint and its errors, for readers of screens."""
    described = [f"{field.id}-hint"] if hint else []
    described += [f"{field.id}-error"] if field.errors else []
    tied = {"aria-describedby": " ".join(described)} if described else {}
    return tied | ({"aria-invalid": "true"} if field.errors else {})


def init_forms(app: Flask) -> None:
    """Give the templates what they need to draw a field."""
    app.add_template_global(attributes)
