"""The field in which somebody or something is picked out of many: found by some letters of the name, never shown as a list of all. How
it looks is in templates/picker.html, what it does while one types in static/js/picker.js; without that script its button searches."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from domain.ground.errors import NotFound
from storage.people.searched import Candidate, Choosable, Found

BUTTON = "pick"  # the button that searches; its value names the field
_MOST_LETTERS = 200
_MOST_PICKED = 5000

# of each kind: how many were found, how many more there are, that there is none, and what is said of those that are past
_SAYS: dict[str, tuple[Any, Any, Any, Any]] = {
    "people": (
        _l("%(count)s người khớp. Hãy chọn một người."),
        _l("Còn %(count)s người; gõ thêm tên hoặc đơn vị để thu hẹp."),
        _l("Không có ai khớp với “%(words)s”. Hãy kiểm tra cách viết, hoặc gõ ít chữ hơn."),
        _l("tài khoản đã đóng"),
    ),
    "units": (
        _l("%(count)s đơn vị khớp. Hãy chọn một đơn vị."),
        _l("Còn %(count)s đơn vị; gõ thêm tên hoặc mã để thu hẹp."),
        _l("Không có đơn vị nào khớp với “%(words)s”. Hãy kiểm tra cách viết, hoặc gõ ít chữ hơn."),
        _l("đã kết thúc hoạt động"),
    ),
    "addressees": (
        _l("%(count)s đơn vị khớp. Hãy chọn một đơn vị."),
        _l("Còn %(count)s đơn vị; gõ thêm tên hoặc mã để thu hẹp."),
        _l("Không có đơn vị nào khớp với “%(words)s”. Hãy kiểm tra cách viết, hoặc gõ ít chữ hơn."),
        _l("đã gửi"),
    ),
    "receivers": (
        _l("%(count)s nơi nhận khớp. Hãy chọn một."),
        _l("Còn %(count)s người, đơn vị; gõ thêm tên để thu hẹp."),
        _l("Không có người hay đơn vị nào khớp với “%(words)s”. Hãy kiểm tra cách viết, hoặc gõ ít chữ hơn."),
        _l("không còn ở đây"),
    ),
    "record_files": (
        _l("%(count)s hồ sơ khớp. Hãy chọn một hồ sơ."),
        _l("Còn %(count)s hồ sơ; gõ thêm số, tiêu đề, mục lục hoặc phông để thu hẹp."),
        _l("Không có hồ sơ nào khớp với “%(words)s”. Hãy kiểm tra cách viết, hoặc gõ ít chữ hơn."),
        "",
    ),
}


def answer(candidates: Choosable[Any]) -> dict[str, Any]:
    """What a field's script is told: the first of the candidates that hold what was typed (`?q=`), and words about how many there are."""
    words = request.args.get("q", "")[:_MOST_LETTERS]
    found = candidates.matching(words)
    rows = [
        {"key": one.key, "name": one.name, "about": one.about, "past": past_words(candidates.kind, one)} for one in found.rows
    ]
    return {"rows": rows, "said": _count_words(candidates.kind, found, words), "rest": _rest_words(candidates.kind, found)}


def past_words(kind: str, one: Candidate) -> str:
    """What is said of a candidate that is past."""
    return str(_SAYS[kind][3]) if one.is_past else ""


def _count_words(kind: str, found: Found, words: str) -> str:
    if not found.rows:
        return str(_SAYS[kind][2]) % {"words": words.strip()}
    return str(_SAYS[kind][0]) % {"count": found.count}


def _rest_words(kind: str, found: Found) -> str:
    more = found.count - len(found.rows)
    return str(_SAYS[kind][1]) % {"count": more} if more > 0 else ""


class Pick(Field):  # type: ignore[misc]
    """One of many candidates. The view says of which (`offer`); `found` is who or what was picked, once it was accepted."""

    is_many = False

    def __init__(self, label: Any, required: Any = "", **more: Any) -> None:
        super().__init__(label, **more)
        self.required = required  # what is said where nothing is picked; empty where nothing need be
        self.flags.required = bool(required)
        self.candidates: Choosable[Any] | None = None
        self.source, self.words, self.asked = "", "", ""
        self.keys: list[str] = []
        self.rows: list[Any] = []
        self.is_pressed = False
        self.offered: Found | None = None

    def offer(self, candidates: Choosable[Any], source: str) -> None:
        """Say who or what may be picked, and the address that answers the field's script. What another session read is read again."""
        if self.candidates is not None:
            self.rows = []
        elif self.rows:
            self.keys = [candidates.key(row) for row in self.rows]
        self.candidates, self.source = candidates, source

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read what was picked, and what was typed beside it."""
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            self.words = (formdata.get(f"{self.name}-words") or "").strip()[:_MOST_LETTERS]
            self.asked = (formdata.get(f"{self.name}-asked") or "").strip()
            self.is_pressed = formdata.get(BUTTON) == self.name
            if self.words and not self.keys:
                self.raw_data = [self.words]  # something was filled in, so that a form with it is not an empty one

    def process_data(self, value: Any) -> None:
        """What stands there already: a record, several, or None."""
        self.show(value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """The keys of what was picked; a form in which the field stands without one has it emptied."""
        keys = list(dict.fromkeys(key for key in valuelist if key))[: _MOST_PICKED + 1]
        self.keys, self.rows = keys if self.is_many else keys[:1], []
        self.data = self.keys if self.is_many else "".join(self.keys)

    def show(self, value: Any) -> None:
        """Fill the field with a record, or with several; None empties it."""
        self.rows = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
        self.data = value

    @property
    def is_sought(self) -> bool:
        """Whether what was typed is to be searched for, which the button says without a script."""
        return self.is_pressed and bool(self.words) and not (self.keys and self.words == self.asked)

    def look_up(self) -> None:
        """Offer those that hold what was typed."""
        self.rows = self._known(self.keys)
        self.offered = self._of().matching(self.words)
        self.asked = self.words

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is that of WTForms
        """Find what was picked among the candidates. Words that were typed and led to none are not passed over."""
        self.rows = self._known(self.keys) if len(self.keys) <= _MOST_PICKED else []
        if len(self.rows) < len(self.keys):
            raise StopValidation(_("Lựa chọn này không dùng được ở đây. Hãy tìm rồi chọn lại."))
        if self.words and self.words != self.asked:
            self._take_words()
        if self.required and not self.rows:
            raise StopValidation(self.required)

    def _take_words(self) -> None:
        named = self._of().named(self.words)
        if named is None:
            self.look_up()
            raise StopValidation(self.said)
        self.rows = [*self.rows, named] if self.is_many else [named]
        self.keys, self.words = [self._of().key(row) for row in self.rows], ""

    def _known(self, keys: Sequence[str]) -> list[Any]:
        return self._of().chosen(keys) if keys else []

    def _of(self) -> Choosable[Any]:
        if self.candidates is None:
            raise TypeError(f"nobody said who may be picked in {self.name}")
        return self.candidates

    @property
    def found(self) -> Any:
        """What was picked, of a field for one; None where nothing was."""
        return self.rows[0] if self.rows else None

    @property
    def chosen(self) -> Any:
        """What was picked, of a field that must be filled in and has been accepted."""
        if self.found is None:
            raise NotFound(self.name, self.words)
        return self.found

    # What the page shows

    @property
    def picked(self) -> list[Candidate]:
        """What is picked."""
        return self._of().shown(self.rows or self._known(self.keys))

    @property
    def others(self) -> list[Candidate]:
        """What was found and is not picked."""
        keys = {one.key for one in self.picked}
        return [one for one in self.offered.rows if one.key not in keys] if self.offered else []

    @property
    def said(self) -> str:
        """How many were found."""
        return _count_words(self._of().kind, self.offered, self.words) if self.offered else ""

    @property
    def rest(self) -> str:
        """How many more there are than are shown."""
        return _rest_words(self._of().kind, self.offered) if self.offered else ""

    def past(self, one: Candidate) -> str:
        """What is said of a candidate that is past."""
        return past_words(self._of().kind, one)


class PickMany(Pick):
    """Several of many candidates; `rows` are those that were picked."""

    is_many = True


def filter_by(name: str, label: Any, candidates: Choosable[Any], source: str) -> Pick:
    """The field by which a list is filtered, as the address fills it in. Where it bears errors, nothing is meant that there is."""
    form = BaseForm({name: UnboundField(Pick, label)})
    field: Pick = form[name]
    field.offer(candidates, source)
    form.process(request.args)
    if field.is_sought:
        field.look_up()
    else:
        field.validate(form)
    return field
