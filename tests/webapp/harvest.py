"""What a page offers: its links, and its forms filled in as a person in a hurry would."""

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_LEADS = ("href", "src", "hx-get", "data-src", "data-parts", "data-fetch", "data-address")
_TYPED = {
    "date": "2026-11-25",
    "datetime-local": "2026-11-28T08:00",
    "time": "08:00",
    "number": "1",
    "url": "https://x.example",
}


@dataclass
class Form:
    """A form that is sent, with its fields as they stood (name, value) and the buttons that send it."""

    action: str
    fields: list[tuple[str, Any]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, and where it sends the form instead

    def filled(self, button: tuple[str, str, str]) -> dict[str, Any]:
        """What is sent by that button."""
        data: dict[str, Any] = {}
        for name, value in [*self.fields, *([button[:2]] if button[0] else [])]:
            data.setdefault(name, []).append((io.BytesIO(value), "thu.pdf") if isinstance(value, bytes) else value)
        return data


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, html: str, of: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._of, self._form, self._asked = of, None, ("", "")  # type: str, Form | None, tuple[str, str]
        self._picked: str | None = None
        self._typed: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in _LEADS if given.get(name) and tag != "script"]
        if tag == "form":
            self._form = Form(given.get("action") or self._of)
            if given.get("method", "").lower() == "post":
                self.forms.append(self._form)
        elif self._form is not None:
            self._take(tag, given, self._form)

    def _take(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name", "")
        if tag == "button" and given.get("type") != "button":
            form.buttons.append((name, given.get("value", ""), given.get("formaction", "")))
        elif tag == "input" and name and name != "csrf_token":
            self._take_input(name, given, form)
        elif tag == "select" and name:
            self._asked, self._picked = ("select", name), None
        elif tag == "option" and self._asked[0] == "select" and (self._picked in (None, "") or "selected" in given):
            self._picked = given.get("value", "")
        elif tag == "textarea" and name:
            self._asked, self._typed = ("textarea", name), []

    def _take_input(self, name: str, given: dict[str, str], form: Form) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("checkbox", "radio"):
            is_first = all(name != other for other, _ in form.fields)
            if "checked" in given or "attest" in name or name == "checked" or (kind == "radio" and is_first):
                form.fields = [one for one in form.fields if one[0] != name or kind == "checkbox"]
                form.fields.append((name, value or "y"))
        elif kind == "file":
            form.fields.append((name, b"%PDF-1.4\n% " + name.encode() + b"\n%%EOF\n"))
        elif kind != "submit":
            form.fields.append((name, value if value or kind == "hidden" else _TYPED.get(kind, "Thử")))

    def handle_data(self, data: str) -> None:
        if self._asked[0] == "textarea":
            self._typed.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == self._asked[0] and self._form is not None:
            value = (self._picked or "") if tag == "select" else "".join(self._typed).strip() or "Thử"
            self._form.fields.append((self._asked[1], value))
            self._asked = ("", "")
