"""The forms of the steps in a document's life, and which of them its page offers to whoever looks at it."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, FileField
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from domain.directives.directives import OutgoingState, OutgoingStep, steps_from
from domain.directives.issuance import Channel
from domain.directives.looks import WITHHOLDABLE
from domain.ground.clock import today
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.addressees import Addressees
from storage.directives.deliveries import units_below
from storage.directives.files import files_of, looks
from storage.directives.outgoing import OutgoingDocument
from webapp.directives.fields import has_file, line, reason
from webapp.directives.outgoing.forms import RevisedForm
from webapp.directives.seal import has_seal
from webapp.directives.words import CHANNELS
from webapp.directives.words import offered as choices
from webapp.ground.access import may, me
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.picking import PickMany


class StepForm(RevisedForm):
    """A step that asks for nothing."""


class ReasonForm(RevisedForm):
    """A step that needs a reason."""

    because = reason(_l("Hãy ghi lý do để người khác biết vì sao."))


class MarkSeenForm(RevisedForm):
    """The word of a person who saw a mark that nothing found."""

    checked = BooleanField(
        _l("Tôi thấy tệp hoặc bản giấy có dấu chỉ độ mật, hoặc có thể có."),
        [InputRequired(_l("Hãy xem lại rồi đánh dấu xác nhận. Chưa xác nhận thì chưa giữ lại."))],
    )


class NumberForm(RevisedForm):
    """The date under which the next number is given, and the symbol where it differs from the rule."""

    dated = Day(_l("Ngày văn bản"), [InputRequired(_l("Hãy ghi ngày văn bản."))])
    symbol = line(_l("Ký hiệu khác với quy tắc"), most=60)


MANNERS = {
    "digital": _l("Đã ký số: tải lên tệp PDF đã ký"),
    "key": _l("Ký số ngay bằng khóa của cơ quan"),
    "paper": _l("Đã ký trên giấy"),
    "copy": _l("Đã ký trên giấy, bản quét có chữ ký số của cơ quan (sao y)"),
}


class SignForm(RevisedForm):
    """How the document was signed."""

    manner = Choice(_l("Cách ký"))
    file = FileField(_l("Tệp đã ký hoặc bản quét"))
    by_person = BooleanField(_l("Tệp có chữ ký số của người ký"))
    by_organisation = BooleanField(_l("Tệp có chữ ký số của cơ quan"))

    def offer(self, *, has_key: bool) -> None:
        """The manners that are possible here."""
        self.manner.choices = choices({key: words for key, words in MANNERS.items() if has_key or key != "key"})

    def validate_file(self, field: FileField) -> None:
        """The signed file itself, where signatures are said to be in it."""
        if self.manner.data in ("digital", "copy") and not has_file(field):
            raise ValidationError(_("Chưa có tệp. Hãy chọn tệp PDF đã ký số."))


class IssueFormOf(RevisedForm):
    """How the document goes out, and to whom."""

    channel = Choice(_l("Cách gửi"))
    paper = Choice(_l("Có gửi kèm bản giấy không?"), default="")
    to = PickMany(_l("Gửi đến các đơn vị"))
    all_below = BooleanField(_l("Tất cả đơn vị cấp dưới"))
    due = Day(_l("Hạn trả lời"), [Optional()])
    below: Sequence[int] = ()  # the units that "all below" stands for

    def offer(self, session: Session, document: OutgoingDocument) -> None:
        """The channels, the units that may receive, and which of them belong to the one that issues."""
        self.below = [one.id for one in units_below(session, document.unit, today()) if one.kind is not UnitKind.OFFICE]
        self.to.offer(Addressees(session, document), url_for("deliveries.units", outgoing_id=document.id))
        self.channel.choices = choices(CHANNELS)
        self.paper.choices = choices({"no": _("Không, chỉ gửi bản điện tử"), "yes": _("Có, gửi cả bản giấy")}, _("Hãy chọn"))

    def validate_paper(self, field: Choice) -> None:
        """Plainly said, unless nothing but paper goes."""
        if self.channel.data != Channel.POST and field.data not in ("yes", "no"):
            raise ValidationError(
                _("Hãy nói rõ có gửi kèm bản giấy hay không; câu trả lời quyết định mức điện tử của văn bản.")
            )

    def validate_to(self, field: PickMany) -> None:
        """Somebody, where the system is to bring it there."""
        if self.channel.data == Channel.SYSTEM and not (field.keys or (self.all_below.data and self.below)):
            raise StopValidation(_("Hãy chọn ít nhất một đơn vị nhận, hoặc chọn cách gửi khác."))

    @property
    def receivers(self) -> list[int]:
        """The units that were chosen, each once."""
        return list(dict.fromkeys([*(self.below if self.all_below.data else ()), *map(int, self.to.keys)]))

    @property
    def is_paper_too(self) -> bool:
        """Whether paper goes."""
        return bool(self.channel.data == Channel.POST or self.paper.data == "yes")


def offered(session: Session, document: OutgoingDocument, *, is_kept: bool) -> dict[str, Form]:
    """The forms by the name of their act; none to who does not keep the register of the unit."""
    return dict(_offered(session, document, {"formdata": None, "revision": str(document.revision)})) if is_kept else {}


def _offered(session: Session, document: OutgoingDocument, about: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    is_signer = document.signer_id == me().id and may(Permission.SIGN_DIRECTIVES)
    keeps = may(Permission.KEEP_REGISTERS)
    if may(Permission.DRAFT_DIRECTIVES):
        yield from _of_drafters(document, about)
    if is_signer:
        yield from _of_signer(document, about)
    if (keeps or is_signer) and OutgoingStep.SIGN in steps_from(document.state):
        yield "sign", sign_form(document, is_keeper=keeps, **about)
    if keeps:
        yield from _of_keepers(session, document, about)


def _of_drafters(document: OutgoingDocument, about: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    steps = steps_from(document.state)
    if OutgoingStep.SUBMIT in steps:
        yield "submit", StepForm(**about)
    if OutgoingStep.DROP in steps:
        yield "drop", StepForm(**about)
    if document.state is OutgoingState.SUBMITTED:
        yield "withdraw", StepForm(**about)


def _of_signer(document: OutgoingDocument, about: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    steps = steps_from(document.state)
    if OutgoingStep.APPROVE in steps:
        yield "approve", StepForm(**about)
    if OutgoingStep.RETURN in steps:
        yield "give_back", ReasonForm(**about)


def _of_keepers(session: Session, document: OutgoingDocument, about: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    steps = steps_from(document.state)
    if OutgoingStep.NUMBER in steps:
        yield "number", NumberForm(**about, dated=today())
    if OutgoingStep.CANCEL in steps:
        yield "cancel", ReasonForm(**about)
    if OutgoingStep.ISSUE in steps:
        yield "issue", issue_form(session, document, **about)
    if any(look in WITHHOLDABLE for look in looks(session, files_of(session, document), document.unit_id).values()):
        yield "withhold", MarkSeenForm(**about)
    if OutgoingStep.REVOKE in steps:
        yield "revoke", ReasonForm(**about)
    if OutgoingStep.REPLACE in steps and document.replacement is None:
        yield "replace", StepForm(**about)


def sign_form(document: OutgoingDocument, *, is_keeper: bool, **about: Any) -> SignForm:
    """How the document may be signed here: with the organisation's key only by the keeper of the register, and only a PDF."""
    form = SignForm(**about)
    is_pdf = document.file_name.lower().endswith(".pdf") or bool(document.content)
    form.offer(has_key=is_keeper and has_seal(document.unit) and is_pdf)
    return form


def issue_form(session: Session, document: OutgoingDocument, **about: Any) -> IssueFormOf:
    """To whom the document may go, and how."""
    form = IssueFormOf(**{"channel": Channel.SYSTEM.value, **about})
    form.offer(session, document)
    return form
