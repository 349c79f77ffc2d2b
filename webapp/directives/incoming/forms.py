"""The form of an entry in the incoming register, and those to whom a document may be given."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from domain.ground.clock import today
from domain.people.units import UnitKind
from storage.directives.incoming import IncomingDocument
from storage.people.people import People
from storage.people.units import Unit, Units
from webapp.directives.fields import not_secret
from webapp.directives.incoming.words import URGENCIES
from webapp.directives.words import offered
from webapp.ground.forms import Choice, Day, Form

_WRITTEN = (
    "author", "written_number", "dated", "kind", "abstract", "urgency", "transferred_on", "receipt", "due_on", "note",
)  # fmt: skip


def stripped(text: str | None) -> str:
    """What was typed, its spaces at both ends and doubled ones taken away, its lines kept."""
    return "\n".join(" ".join(line.split()) for line in (text or "").strip().splitlines())


def line(label: Any, *validators: Any, most: int = 200, **more: Any) -> StringField:
    """A line of text that is no secret."""
    too_long = Length(max=most, message=_l("Dài quá %(max)d chữ. Hãy viết gọn hơn."))
    return StringField(label, [*(validators or (Optional(),)), too_long, not_secret], filters=[stripped], **more)


class IncomingForm(Form):
    """An entry of the register."""

    unit = Choice(_l("Sổ của đơn vị"), coerce=int)
    arrived_on = Day(_l("Ngày đến"), [InputRequired(_l("Hãy nhập ngày đến."))])
    author = line(_l("Tác giả (nơi gửi)"), DataRequired(_l("Hãy nhập cơ quan, đơn vị hoặc người gửi văn bản.")))
    written_number = line(_l("Số, ký hiệu văn bản"), most=100)
    dated = Day(_l("Ngày tháng văn bản"), [Optional()])
    kind = line(_l("Tên loại"), most=60, render_kw={"list": "kinds"})
    abstract = TextAreaField(
        _l("Trích yếu nội dung"),
        [
            DataRequired(_l("Hãy nhập trích yếu nội dung.")),
            Length(max=1000, message=_l("Trích yếu dài quá 1.000 chữ.")),
            not_secret,
        ],
        filters=[stripped],
        render_kw={"rows": 3},
    )
    urgency = Choice(_l("Độ khẩn"), choices=lambda: offered(URGENCIES))
    given_to = Choice(_l("Giao cho"), [Optional()])
    assignee = line(_l("Đơn vị hoặc người nhận, nếu không có trong danh sách"))
    transferred_on = Day(_l("Ngày chuyển"), [Optional()])
    receipt = line(_l("Ký nhận"), most=100)
    due_on = Day(_l("Thời hạn giải quyết"), [Optional()])
    note = line(_l("Ghi chú"), most=500)
    form_key = HiddenField()
    revision = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, session: Session, units: Sequence[Unit]) -> None:
        """Fill the lists: the registers that are kept, and those to whom a document may be given."""
        self.unit.choices = [(unit.id, unit.name) for unit in units]
        self.given_to.choices = receivers(session, units)

    def offer_for(self, session: Session, entry: IncomingDocument) -> None:
        """Fill the lists for an entry that is there: the one to whom it was given stays in the list, though he sits there no more."""
        self.offer(session, [entry.unit])
        given = _given(entry)
        if given and given not in {key for key, _words in self.given_to.choices}:
            self.given_to.choices.append((given, entry.assignee))

    def validate_arrived_on(self, field: Any) -> None:
        """What has arrived has arrived."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày đến ở tương lai. Hãy ghi ngày văn bản đã đến."))

    def validate_dated(self, field: Any) -> None:
        """Nothing arrives before it was written."""
        if field.data and self.arrived_on.data and field.data > self.arrived_on.data:
            raise ValidationError(_("Ngày văn bản sau ngày đến. Hãy kiểm tra lại hai ngày này."))

    def validate_transferred_on(self, field: Any) -> None:
        """Nothing is passed on before it arrives."""
        if field.data and self.arrived_on.data and field.data < self.arrived_on.data:
            raise ValidationError(_("Ngày chuyển trước ngày đến. Hãy kiểm tra lại hai ngày này."))

    def values(self) -> dict[str, Any]:
        """What the record keeps of it."""
        return {name: getattr(self, name).data for name in _WRITTEN} | self._receiver()

    def _receiver(self) -> dict[str, Any]:
        kind, _colon, number = (self.given_to.data or "").partition(":")
        named = next((words for key, words in self.given_to.choices if key == self.given_to.data and key), None)
        return {
            "assignee": named or self.assignee.data,
            "assignee_id": int(number) if kind == "person" else None,
            "assigned_unit_id": int(number) if kind == "unit" else None,
        }


def receivers(session: Session, units: Sequence[Unit]) -> list[tuple[str, str]]:
    """The offices of these units, and the people who sit in either."""
    standing, ids = Units(session).on(today()), {unit.id for unit in units}
    offices = [unit for unit in standing if unit.kind is UnitKind.OFFICE and unit.parent_id in ids]
    within = ids | {unit.id for unit in offices}
    people = [person for person in People(session).all() if person.is_open and person.units_on(today()) & within]
    named = [
        *((f"unit:{unit.id}", unit.name) for unit in offices),
        *((f"person:{person.id}", person.name) for person in people),
    ]
    return [("", _("Chưa giao, hoặc ghi tên bên dưới")), *named]


def as_typed(entry: IncomingDocument) -> dict[str, Any]:
    """The entry as the form shows it."""
    given = _given(entry)
    told = {"unit": entry.unit_id, "given_to": given, "assignee": "" if given else entry.assignee, "revision": entry.revision}
    return {name: getattr(entry, name) for name in ("arrived_on", *_WRITTEN)} | told


def _given(entry: IncomingDocument) -> str:
    if entry.assignee_id:
        return f"person:{entry.assignee_id}"
    return f"unit:{entry.assigned_unit_id}" if entry.assigned_unit_id else ""
