"""What all forms share: the language of their messages, and how a field is drawn with its hint and errors tied to it."""

from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.validators import ValidationError


class Form(FlaskForm):  # type: ignore[misc]
    """The base of our forms; what was typed is always kept."""


class Day(DateField):  # type: ignore[misc]
    """A day, whose refusal says how a day is written."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; an empty field is None."""
        if any(text.strip() for text in valuelist):
            try:
                super().process_formdata(valuelist)
            except ValueError as error:
                raise ValueError(_("Ngày không đúng. Hãy ghi ngày, tháng, năm, ví dụ 01/07/2025.")) from error


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
