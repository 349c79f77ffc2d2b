"""The forms of what an outgoing document says: a draft, and an entry of what was issued already. Its steps are in step_forms.py."""

import re
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import FileField, HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from domain.archive.documents import parse_number
from domain.directives.directives import Direction
from domain.directives.issuance import Channel
from domain.directives.issuance import Form as IssueForm
from domain.ground.clock import today
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument
from storage.people.candidates import CandidatePeople, able_to, is_open
from storage.people.people import Person
from storage.people.scopes import Scopes
from webapp.directives.fields import attestation, line, reason, text
from webapp.directives.words import CHANNELS, DIRECTIONS, FORMS, URGENCIES, YES_NO, kinds, offered
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.picking import Pick
from webapp.ground.scopes import kept, units_among

_NUMBER = re.compile(r"0*(?P<number>[1-9]\d{0,5})(?P<suffix>[a-zđ]?)", re.IGNORECASE)


class RevisedForm(Form):
    """A form that knows which state of the record it was filled in on."""

    revision = HiddenField()

    def is_about(self, record: Any) -> bool:
        """Whether the record is still as it was read; a form that does not say what was read is about nothing."""
        return str(self.revision.data or "") == str(record.revision)


class SubjectForm(RevisedForm):
    """What a document is, drafted or entered."""

    unit = Choice(_l("Đơn vị ban hành"))
    kind = Choice(_l("Loại văn bản"), [DataRequired(_l("Hãy chọn loại văn bản."))], default="")
    abstract = text(_l("Trích yếu"), _l("Hãy ghi trích yếu: văn bản nói về việc gì."), most=1000, rows=3)
    signer_title = line(_l("Quyền hạn, chức vụ người ký"))
    recipients = text(_l("Nơi nhận, mỗi nơi một dòng"), most=4000, rows=4)
    direction = Choice(_l("Gửi đến"), [Optional()], default="")
    urgency = Choice(_l("Độ khẩn"), [Optional()], default="")

    def offer(self, session: Session) -> None:
        """Fill the lists for whoever asks."""
        self.unit.choices = offered({unit.id: unit.name for unit in units_among(session, kept(session))})
        known = kinds()
        others = [] if self.kind.data in (None, "", *known) else [self.kind.data]  # as an imported register has it
        self.kind.choices = offered({kind: kind for kind in [*others, *known]}, _("Hãy chọn"))
        self.direction.choices = offered(DIRECTIONS, _("Chưa ghi"))
        self.urgency.choices = offered({one: one for one in URGENCIES}, _("Thường"))

    def write_subject(self, outgoing: OutgoingDocument) -> None:
        """Write what both have into the document."""
        outgoing.unit_id, outgoing.kind, outgoing.abstract = int(self.unit.data), self.kind.data, self.abstract.data
        outgoing.signer_title, outgoing.recipients = self.signer_title.data or "", self.recipients.data or ""
        outgoing.direction = Direction(self.direction.data) if self.direction.data else None
        outgoing.urgency = self.urgency.data or ""

    def read_subject(self, outgoing: OutgoingDocument) -> None:
        """Show the document."""
        self.unit.data, self.kind.data, self.abstract.data = str(outgoing.unit_id), outgoing.kind, outgoing.abstract
        self.signer_title.data, self.recipients.data = outgoing.signer_title, outgoing.recipients
        self.direction.data, self.urgency.data = outgoing.direction or "", outgoing.urgency
        self.revision.data = str(outgoing.revision)


class DraftForm(SubjectForm):
    """A draft: what it says, or the file that says it, and who is to sign it."""

    signer = Pick(_l("Người ký"))
    content = text(_l("Nội dung"), most=200_000, rows=10, name="body")  # "content" is the main part of each page
    file = FileField(_l("Tệp dự thảo"))
    attestation = attestation()

    def offer(self, session: Session) -> None:
        """The lists, and those who may sign for the units."""
        super().offer(session)
        self.signer.offer(signers_of(session, kept(session)), url_for("drafts.signers"))

    def signer_among(self, session: Session) -> Person | None:
        """Who is chosen to sign; raises ValueError with a sentence if that person does not sign for the unit."""
        if not self.signer.keys:
            return None
        found = signers_of(session, frozenset({int(self.unit.data)})).chosen(self.signer.keys)
        if not found:
            raise ValueError(_("Người này không ký văn bản của đơn vị đã chọn. Hãy chọn người ký của đơn vị đó."))
        return found[0]

    def write(self, outgoing: OutgoingDocument, signer: Person | None) -> None:
        """Write the form into the document."""
        self.write_subject(outgoing)
        outgoing.content = self.content.data or ""
        outgoing.signer_id, outgoing.signer = (signer.id, signer.name) if signer else (None, "")

    def read(self, outgoing: OutgoingDocument) -> None:
        """Show the document."""
        self.read_subject(outgoing)
        self.content.data = outgoing.content
        self.signer.show(outgoing.signer_person)
        self.attestation.data = True


def signers_of(session: Session, unit_ids: frozenset[int]) -> CandidatePeople:
    """The people with open accounts who approve and sign for one of the units today."""
    keep = Scopes(session).keepers_of(unit_ids, today())
    return CandidatePeople(session, is_open(), able_to(Permission.SIGN_DIRECTIVES), keep)


class EntryForm(SubjectForm):
    """A document that was issued already, with its number and how it went out; also the correction of one that stands here."""

    number = line(_l("Số"), most=60)
    symbol = line(_l("Ký hiệu"), most=60)
    dated = Day(_l("Ngày văn bản"), [InputRequired(_l("Hãy ghi ngày văn bản."))])
    signer = line(_l("Người ký"))
    copy_keeper = line(_l("Đơn vị, người nhận bản lưu"))
    copies = IntegerField(
        _l("Số lượng bản"), [Optional(), NumberRange(0, 100_000, message=_l("Số lượng bản là số từ 0 đến 100.000."))]
    )
    transferred_on = Day(_l("Ngày chuyển"), [Optional()])
    receipt = line(_l("Ký nhận"))
    note = text(_l("Ghi chú"), most=1000, rows=2)
    form = Choice(_l("Hình thức"), [Optional()], default="")
    by_person = Choice(_l("Chữ ký số của người ký"), [Optional()], default="")
    by_organisation = Choice(_l("Chữ ký số của cơ quan"), [Optional()], default="")
    channel = Choice(_l("Đã gửi"), [Optional()], default="")
    file = FileField(_l("Tệp văn bản"))
    attestation = attestation()

    def offer(self, session: Session) -> None:
        """Fill the lists."""
        super().offer(session)
        self.form.choices = offered(FORMS, _("Chưa ghi"))
        self.channel.choices = offered(CHANNELS, _("Chưa ghi"))
        self.by_person.choices = self.by_organisation.choices = offered(YES_NO)

    def validate_number(self, field: StringField) -> None:
        """A whole number, with a letter after it perhaps; the symbol may be typed along."""
        if field.data and self.parsed() is None:
            raise ValidationError(_("Số là chữ số, có thể thêm một chữ cái, ví dụ 05 hoặc 06b."))

    def validate_dated(self, field: Day) -> None:
        """No date to come."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày văn bản chưa đến. Hãy kiểm tra lại ngày."))

    def parsed(self) -> tuple[int, str, str] | None:
        """Number, letter after it, and symbol; None for what is no number, and (0, "", symbol) where none is typed."""
        typed, symbol = self.number.data or "", self.symbol.data or ""
        if not typed:
            return 0, "", symbol
        if not (found := _NUMBER.fullmatch(typed)) and (whole := parse_number(f"Số {typed}")):
            found, symbol = _NUMBER.fullmatch(whole.number), symbol or whole.symbol
        return (int(found["number"]), found["suffix"].lower(), symbol) if found else None

    def write(self, outgoing: OutgoingDocument) -> None:
        """Write everything but number, symbol and date into the document."""
        self.write_subject(outgoing)
        outgoing.signer, outgoing.copy_keeper = self.signer.data or "", self.copy_keeper.data or ""
        outgoing.copies, outgoing.transferred_on = self.copies.data, self.transferred_on.data
        outgoing.receipt, outgoing.note = self.receipt.data or "", self.note.data or ""
        outgoing.form = IssueForm(self.form.data) if self.form.data else None
        outgoing.channel = Channel(self.channel.data) if self.channel.data else None
        outgoing.is_signed_by_person = _said(self.by_person.data)
        outgoing.is_signed_by_organisation = _said(self.by_organisation.data)

    def read(self, outgoing: OutgoingDocument) -> None:
        """Show the document."""
        self.read_subject(outgoing)
        self.number.data = "" if outgoing.number is None else f"{outgoing.number:02}{outgoing.suffix}"
        self.symbol.data, self.dated.data, self.signer.data = outgoing.symbol, outgoing.dated, outgoing.signer
        self.copy_keeper.data, self.copies.data = outgoing.copy_keeper, outgoing.copies
        self.transferred_on.data, self.receipt.data, self.note.data = outgoing.transferred_on, outgoing.receipt, outgoing.note
        self.form.data, self.channel.data = outgoing.form or "", outgoing.channel or ""
        self.by_person.data = _as_word(outgoing.is_signed_by_person)
        self.by_organisation.data = _as_word(outgoing.is_signed_by_organisation)


class CorrectionForm(EntryForm):
    """A correction says why."""

    because = reason(_l("Hãy ghi vì sao sửa; giá trị cũ được giữ trong lịch sử."))


def _said(word: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(word or "")


def _as_word(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
