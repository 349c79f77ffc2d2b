"""What may be typed into the fields of a document: one form each, and the value that is kept."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from domain.archive.documents import KINDS, LETTER, PARTY_RULES, PartialDate, kind_of_title
from domain.archive.reading import FIELD_KINDS, FIELD_NAMES
from domain.archive.secrecy import URGENCIES
from domain.ground.clock import now
from domain.ground.errors import NotFound
from domain.ground.vietnamese import fold
from storage.archive.documents import Document
from webapp.ground.formats import day
from webapp.ground.forms import Choice, Form
from webapp.ground.words import FIELDS

EDITABLE = tuple(name for name in FIELD_NAMES if name != "secrecy")  # a mark of secrecy is decided upon, not typed
_OF_THE_PARTY = {name for rules in PARTY_RULES for name in (*rules.codes.values(), *rules.titles)}
KIND_NAMES = sorted({*KINDS.values(), *_OF_THE_PARTY})

_OLDEST = 1900
_DATE = re.compile(r"(?:(?:(?P<day>\d{1,2})[/.-])?(?P<month>\d{1,2})[/.-])?(?P<year>\d{4})")
_LONGEST = {one.name: one.longest for one in FIELD_KINDS}


class FieldForm(Form):
    """The form of one field; `kept` is the value as it is stored, once the form is valid."""

    value: Any
    kept = ""

    def validate_value(self, field: Any) -> None:
        """Bring what was typed into the form in which it is stored."""
        self.kept = _CLEAN.get(self.name, _clean_text)(field.data or "")

    name = ""


def form_of(document: Document, name: str) -> FieldForm:
    """The form of that field, filled with what is known or what was typed; raises NotFound for a field that is not typed."""
    if name not in EDITABLE:
        raise NotFound("field", name)
    known = document.value(name)
    return _form_class(name)(value=day(known) if name == "date" else known)


def _form_class(name: str) -> type[FieldForm]:
    return type("FieldForm", (FieldForm,), {"name": name, "value": _input(name)})


def _input(name: str) -> Any:
    if name == "urgency":
        urgencies = [SelectChoice(value, value) for value in URGENCIES.values()]
        return Choice(FIELDS[name], choices=[SelectChoice("", _l("Không có")), *urgencies])
    kind = TextAreaField if name == "abstract" else StringField
    longest = _LONGEST[name]
    too_long = _l("Dài quá %(max)d ký tự. Hãy rút gọn.")
    extra = {"rows": 4} if name == "abstract" else {"list": "kinds"} if name == "kind" else {}
    return kind(
        FIELDS[name], [Length(max=longest, message=too_long)], render_kw={"autocomplete": "off", "autofocus": True} | extra
    )


def _clean_text(typed: str) -> str:
    return " ".join(typed.split())


def _clean_kind(typed: str) -> str:
    """The kind by its right name; raises ValidationError for a kind that does not exist."""
    text = _clean_text(typed)
    if not text or fold(text) == fold(LETTER):
        return LETTER if text else ""
    kind = kind_of_title(text.upper())
    if kind is None:
        raise ValidationError(
            _("Không có loại văn bản “%(kind)s”. Hãy chọn một loại trong danh sách, ví dụ Kế hoạch.", kind=text)
        )
    return kind


def _clean_date(typed: str) -> str:
    """The date as ISO 8601 as far as it is known; raises ValidationError for one that does not exist or lies ahead."""
    text = _clean_text(typed)
    if not text:
        return ""
    parsed = _parse_day(text)
    if parsed is None:
        raise ValidationError(
            _("“%(text)s” không phải là ngày. Hãy viết ngày/tháng/năm, ví dụ 05/02/2025; hoặc 02/2025, 2025.", text=text)
        )
    if not _OLDEST <= parsed.year <= now().year + 1:
        raise ValidationError(_("Năm %(year)s nằm ngoài khoảng cho phép. Hãy kiểm tra lại năm trên văn bản.", year=parsed.year))
    return parsed.isoformat()


def _parse_day(text: str) -> PartialDate | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day_ = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
    try:
        date(year or 1, month or 1, day_ or 1)
    except ValueError:
        return None
    return PartialDate(year or 0, month, day_)


_CLEAN = {"kind": _clean_kind, "date": _clean_date}
