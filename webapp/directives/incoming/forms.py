"""The form of an entry in the incoming register, and those to whom a document may be given."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from domain.ground.clock import today
from storage.directives.incoming import IncomingDocument
from storage.people.candidates import CandidateReceivers
from storage.people.people import Person
from storage.people.units import AnyUnit, Unit
from webapp.directives.fields import not_secret
from webapp.directives.incoming.words import URGENCIES
from webapp.directives.words import offered
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.picking import Pick

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
    given_to = Pick(_l("Giao cho"))
    assignee = line(_l("Đơn vị hoặc người nhận, nếu không có trong danh sách"))
    transferred_on = Day(_l("Ngày chuyển"), [Optional()])
    receipt = line(_l("Ký nhận"), most=100)
    due_on = Day(_l("Thời hạn giải quyết"), [Optional()])
    note = line(_l("Ghi chú"), most=500)
    form_key = HiddenField()
    revision = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, session: Session, units: Sequence[AnyUnit]) -> None:
        """Fill the lists: the registers that are kept, and those to whom a document may be given."""
        self.unit.choices = [(unit.id, unit.name) for unit in units]
        self._offer(session, [unit.id for unit in units])

    def offer_for(self, session: Session, entry: IncomingDocument) -> None:
        """Fill the lists for an entry that is there: the one to whom it was given stays in the list, though he sits there no more."""
        self.unit.choices = [(entry.unit_id, entry.unit.name)]
        self._offer(session, [entry.unit_id], entry)

    def _offer(self, session: Session, unit_ids: Sequence[int], entry: IncomingDocument | None = None) -> None:
        address = url_for("incoming.receivers", entry=entry.id if entry else None)
        given = (entry.assignee_id, entry.assigned_unit_id) if entry else (None, None)
        self.given_to.offer(CandidateReceivers(session, unit_ids, given=given), address)

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
        given: Person | Unit | None = self.given_to.found
        return {
            "assignee": given.name if given else self.assignee.data,
            "assignee_id": given.id if isinstance(given, Person) else None,
            "assigned_unit_id": given.id if isinstance(given, Unit) else None,
        }


def as_typed(session: Session, entry: IncomingDocument) -> dict[str, Any]:
    """The entry as the form shows it."""
    given = entry.assigned or (session.get(Unit, entry.assigned_unit_id) if entry.assigned_unit_id else None)
    told = {"unit": entry.unit_id, "given_to": given, "assignee": "" if given else entry.assignee, "revision": entry.revision}
    return {name: getattr(entry, name) for name in ("arrived_on", *_WRITTEN)} | told
