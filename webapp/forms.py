"""What all forms share: the language of their messages, and how a field is drawn with its hint and errors tied to it."""

from typing import Any

from flask import Flask
from flask_wtf import FlaskForm


class Form(FlaskForm):  # type: ignore[misc]
    """The base of our forms; what was typed is always kept."""


def attributes(field: Any, hint: str = "") -> dict[str, str]:
    """The attributes that tie an input to its hint and its errors, for readers of screens."""
    described = [f"{field.id}-hint"] if hint else []
    described += [f"{field.id}-error"] if field.errors else []
    tied = {"aria-describedby": " ".join(described)} if described else {}
    return tied | ({"aria-invalid": "true"} if field.errors else {})


def init_forms(app: Flask) -> None:
    """Give the templates what they need to draw a field."""
    app.add_template_global(attributes)
