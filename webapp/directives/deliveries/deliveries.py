"""The sender's side of deliveries: to whom a document went and what became of it there, reminders, and who is late."""

from collections.abc import Sequence
from datetime import UTC, date
from functools import partial
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, DateTimeLocalField, FileField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from domain.archive.secrecy import BearsMark
from domain.directives.deliveries import DELIVERABLE, Addressee, AddressMissing, Sending
from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel
from domain.directives.looks import FileNotLookedThrough
from domain.ground.clock import VIETNAM, day_of, now, today
from domain.ground.errors import FileRefused, NotAllowed, NotFound, StepNotAllowed
from domain.ground.mail import MailState, is_address
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.addressees import Addressees
from storage.directives.deliveries import Deliveries, Delivery, deliver, stuck_of, units_below
from storage.directives.evidence import record
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.ground.mail import Mail, Outbox
from storage.people.units import Unit
from webapp.directives.access import readable
from webapp.directives.fields import has_file, line, not_secret
from webapp.directives.panels import panel
from webapp.directives.uploads import PAGES, take_file
from webapp.directives.words import CHANNELS, LATENESS, PROGRESS, offered
from webapp.ground.access import audit, may, me, requires, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.formats import day as day_words
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.picking import PickMany, answer
from webapp.ground.scopes import kept, seen
from webapp.ground.system import reading, settings, writing
from webapp.ground.words import MAIL_PROBLEMS, MAIL_STATES

bp = Blueprint("deliveries", __name__, url_prefix="/directives/deliveries")

_IN_PANEL = 12  # rows of deliveries on the page of a document; all of them stand on a page of their own
_SHOWN_STATES = DELIVERABLE | {OutgoingState.REVOKED, OutgoingState.REPLACED}
GROUPS = {
    "all": _l("Tất cả đơn vị trực thuộc"),
    UnitKind.UPPER.value: _l("Các công đoàn cấp trên trực tiếp cơ sở"),
    UnitKind.GRASSROOTS.value: _l("Các công đoàn cơ sở"),
    UnitKind.OFFICE.value: _l("Các ban, văn phòng"),
}


class RecipientsForm(Form):
    """To whom a document goes, how, and until when an answer is asked for. `offer` fills its lists; `addressees` reads it."""

    groups = SelectMultipleField(_l("Gửi cả nhóm"), [Optional()])
    units = PickMany(_l("Tìm rồi thêm từng đơn vị"))
    outsiders = TextAreaField(
        _l("Nơi nhận ngoài hệ thống"),
        [Optional(), Length(max=10_000, message=_l("Danh sách quá dài. Hãy gửi thành nhiều lần.")), not_secret],
        render_kw={"rows": 3},
    )
    channel = Choice(_l("Gửi bằng cách nào"), choices=lambda: offered(CHANNELS))
    sent_at = DateTimeLocalField(_l("Đã gửi lúc"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    answer_due_on = Day(_l("Hạn trả lời"), [Optional()])

    def offer(self, session: Session, outgoing: OutgoingDocument) -> None:
        """Fill the lists: the units that stand today, those below the issuer as groups."""
        below = units_below(session, outgoing.unit, today())
        kinds = {unit.kind.value for unit in below}
        self.groups.choices = [(key, words) for key, words in GROUPS.items() if (below if key == "all" else key in kinds)]
        self.units.offer(Addressees(session, outgoing), url_for("deliveries.units", outgoing_id=outgoing.id))
        self._below = below

    def validate_outsiders(self, field: Any) -> None:
        """Each line a name, and for mail an address; nobody outside has an inbox here."""
        lines = _outsiders(field.data)
        if lines and self.channel.data == Channel.SYSTEM:
            raise ValidationError(
                _(
                    "Nơi nhận ngoài hệ thống không có hộp văn bản đến ở đây. Hãy gửi cho nơi đó thành một lần riêng, bằng cách khác."
                )
            )
        for one in lines:
            if one.address and not is_address(one.address):
                raise ValidationError(
                    _("Địa chỉ “%(address)s” không đúng. Hãy ghi mỗi dòng: Tên nơi nhận; địa chỉ thư.", address=one.address)
                )
            if self.channel.data == Channel.EMAIL and not one.address:
                raise ValidationError(
                    _("“%(name)s” chưa có địa chỉ thư. Hãy ghi mỗi dòng: Tên nơi nhận; địa chỉ thư.", name=one.name)
                )

    def validate_sent_at(self, field: Any) -> None:
        """What was sent was sent before now."""
        if field.data and field.data.replace(tzinfo=VIETNAM) > now():
            raise ValidationError(_("Lúc gửi ở tương lai. Hãy ghi lúc văn bản đã được gửi, hoặc để trống nếu vừa gửi."))

    def validate_answer_due_on(self, field: Any) -> None:
        """Nobody can answer yesterday."""
        if field.data and field.data < today():
            raise ValidationError(_("Hạn trả lời đã qua. Hãy chọn từ hôm nay trở đi, hoặc để trống nếu không cần trả lời."))

    def validate_channel(self, _field: Any) -> None:
        """Somebody must be chosen."""
        if not (self.groups.data or self.units.keys or self.units.errors or _outsiders(self.outsiders.data)):
            raise ValidationError(_("Chưa chọn nơi nhận nào. Hãy chọn một nhóm, một đơn vị, hoặc ghi nơi nhận ngoài hệ thống."))

    @property
    def sending(self) -> Sending:
        """To whom it is to go and how; when it went is the sender's word."""
        wanted, said = set(self.groups.data or []), self.sent_at.data
        in_groups = [unit.id for unit in self._below if "all" in wanted or unit.kind.value in wanted]
        units = dict.fromkeys([*in_groups, *map(int, self.units.keys)])
        to = [*(Addressee(unit_id=unit_id) for unit_id in units), *_outsiders(self.outsiders.data)]
        at = said.replace(tzinfo=VIETNAM).astimezone(UTC) if said else None
        return Sending(Channel(self.channel.data), to, self.answer_due_on.data, at)


def _outsiders(text: str | None) -> list[Addressee]:
    """One line each: Tên; địa chỉ."""
    parts = (line.partition(";") for line in (text or "").splitlines() if line.strip(" ;-"))
    return [Addressee(name=name.strip(" -")[:200], address=address.strip()) for name, _semicolon, address in parts]


def send(session: Session, outgoing: OutgoingDocument, form: RecipientsForm) -> list[Delivery]:
    """Send a document to those whom a form that was accepted names, and say so in the audit trail. Raises AddressMissing."""
    sending = form.sending
    sent = deliver(session, outgoing, sending, by=me(), public_url=settings().public_url)
    if sent:
        audit(
            session,
            "outgoing_delivered",
            subject=("outgoing", outgoing.id),
            facts={"channel": sending.channel, "recipients": len(sent)},
        )
    return sent


class ReceiptForm(Form):
    """That a recipient of whom we do not hear has the paper copy: since when, who says so, and a scan of the receipt if there is one."""

    received_on = Day(_l("Ngày nhận bản giấy"), [InputRequired(_l("Hãy ghi ngày nơi nhận đã nhận bản giấy."))])
    word = line(_l("Ai cho biết"), _l("Hãy ghi ai cho biết nơi nhận đã nhận, ví dụ: nhân viên bưu điện, văn thư nơi nhận."))
    file = FileField(_l("Giấy biên nhận (bản chụp hoặc quét)"))
    attestation = BooleanField(_l("Tôi đã xem: giấy biên nhận này không mang dấu chỉ độ mật và không chứa bí mật nhà nước."))
    sent_on: date | None = None

    def validate_received_on(self, field: Any) -> None:
        """Between its sending and today."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày nhận ở tương lai. Hãy ghi ngày nơi nhận đã nhận."))
        if field.data and self.sent_on and field.data < self.sent_on:
            raise ValidationError(_("Ngày nhận trước ngày gửi (%(day)s). Hãy kiểm tra lại.", day=day_words(self.sent_on)))

    def validate_attestation(self, field: Any) -> None:
        """Whoever brings a file says that nothing secret is in it."""
        if has_file(self.file) and not field.data:
            raise ValidationError(_("Hãy xem lại giấy biên nhận rồi đánh dấu. Giấy tờ mật không được đưa vào hệ thống này."))


def _own(session: Session, outgoing_id: int) -> OutgoingDocument:
    """A document of a unit whose register whoever asks keeps; raises NotFound, or NotAllowed if it is only seen."""
    found = readable(session, outgoing_id)
    if found.unit_id not in kept(session):
        raise NotAllowed(Permission.KEEP_REGISTERS)
    return found


@panel
def deliveries_panel(session: Session, outgoing: OutgoingDocument) -> str:
    """Who received the document, read it, confirmed and answered it."""
    if outgoing.state not in _SHOWN_STATES:
        return ""
    return render_template(
        "directives/deliveries/panel.html",
        **_standing(session, outgoing),
        page=Deliveries(session).of(outgoing, today(), size=_IN_PANEL),
    )


def _standing(session: Session, outgoing: OutgoingDocument) -> dict[str, Any]:
    day, keeps = today(), outgoing.unit_id in kept(session) and may(Permission.KEEP_REGISTERS)
    return {
        "outgoing": outgoing,
        "counts": Deliveries(session).standing(outgoing, day),
        "keeps": keeps,
        "may_send": keeps and outgoing.state in DELIVERABLE,
        "mails": partial(_mails, session),
        "stuck": len(stuck_of(session, outgoing)),
        "today": day,
        "seen_units": seen(session),
        "progress": PROGRESS,
        "lateness": LATENESS,
        "channels": CHANNELS,
        "mail_states": MAIL_STATES,
        "mail_problems": MAIL_PROBLEMS,
    }


def _mails(session: Session, rows: Sequence[Delivery]) -> dict[int, list[Mail]]:
    by_delivery: dict[int, list[Mail]] = {}
    for mail in Outbox(session).of_deliveries([one.id for one in rows if one.channel is Channel.EMAIL]):
        by_delivery.setdefault(mail.delivery_id or 0, []).append(mail)
    return by_delivery


@bp.get("/of/<int:outgoing_id>")
@shows(Permission.READ_REGISTERS)
def deliveries(session: Session, outgoing_id: int) -> str:
    """All to whom a document went, and sending it to more."""
    return _page(session, readable(session, outgoing_id))


def _page(session: Session, outgoing: OutgoingDocument, form: RecipientsForm | None = None, problem: str = "") -> str:
    if form is None:
        form = RecipientsForm(formdata=None, channel=Channel.SYSTEM.value)
        form.offer(session, outgoing)
    return render_template(
        "directives/deliveries/deliveries.html",
        **_standing(session, outgoing),
        page=Deliveries(session).of(outgoing, today(), after=request.args.get("after", "")),
        form=form,
        problem=problem,
    )


@bp.get("/of/<int:outgoing_id>/units")
@shows(Permission.KEEP_REGISTERS)
def units(session: Session, outgoing_id: int) -> dict[str, Any]:
    """The units that a field offers to send a document to."""
    return answer(Addressees(session, _own(session, outgoing_id)))


@bp.post("/of/<int:outgoing_id>/send")
@requires(Permission.KEEP_REGISTERS)
def send_to_more(outgoing_id: int) -> AnyResponse:
    """Send an issued document to those to whom it has not gone yet."""
    with reading() as session:  # what is wrong is said without a change
        outgoing, form = _own(session, outgoing_id), RecipientsForm()
        form.offer(session, outgoing)
        if not form.validate():
            return make_response(_page(session, outgoing, form), 422)
    try:
        with writing() as session:
            sent = len(send(session, _own(session, outgoing_id), form))
    except (AddressMissing, FileNotLookedThrough) as error:
        with reading() as session:
            status, problem = sentence(error)
            return make_response(_page(session, _own(session, outgoing_id), form, problem), status)
    if sent:
        flash(_("Đã gửi đến %(count)s nơi nhận.", count=sent), "success")
    else:
        flash(_("Những nơi này đã được gửi trước đó nên không gửi lại."), "warn")
    return redirect(url_for("deliveries.deliveries", outgoing_id=outgoing_id), 303)


@bp.post("/of/<int:outgoing_id>/remind")
@writes(Permission.KEEP_REGISTERS)
def remind(session: Session, outgoing_id: int) -> AnyResponse:
    """Remind all who have not read a document or not answered it, or only the one that the form names."""
    only = request.form.get("delivery", None, int)
    outgoing, all_deliveries = _own(session, outgoing_id), Deliveries(session)
    wanted = [one for one in all_deliveries.may_remind(outgoing) if only in (None, one.id)]
    reminded = [one.id for one in wanted if all_deliveries.remind(one, settings().public_url)]
    if reminded:
        audit(session, "recipients_reminded", subject=("outgoing", outgoing_id), facts={"recipients": len(reminded)})
    if reminded:
        flash(_("Đã nhắc %(count)s đơn vị.", count=len(reminded)), "success")
    else:
        flash(_("Không có đơn vị nào cần nhắc, hoặc vừa được nhắc trong vòng một giờ qua."), "warn")
    return redirect(_back(outgoing_id), 303)


def _back(outgoing_id: int) -> str:
    """The page on which the button stood."""
    if request.form.get("from") == "late":
        return url_for("deliveries.late", unit=request.form.get("unit", None, int))
    return url_for("deliveries.deliveries", outgoing_id=outgoing_id)


@bp.post("/of/<int:outgoing_id>/mail")
@writes(Permission.KEEP_REGISTERS)
def retry_mail(session: Session, outgoing_id: int) -> AnyResponse:
    """Have the mails that carry a document and could not be sent tried again at once."""
    outgoing = _own(session, outgoing_id)
    stuck = stuck_of(session, outgoing)
    for mail in stuck:
        mail.state, mail.next_try_at = MailState.WAITING, now()
    if stuck:
        audit(session, "mail_retried", subject=("outgoing", outgoing_id), facts={"mails": len(stuck)})
    flash(_("Các thư chưa gửi được sẽ được gửi lại ngay."), "success")
    return redirect(url_for("deliveries.deliveries", outgoing_id=outgoing_id), 303)


@bp.get("/<int:delivery_id>/receipt")
@shows(Permission.KEEP_REGISTERS)
def receipt(session: Session, delivery_id: int) -> str:
    """The form that asks since when a recipient has the paper copy."""
    found = _outside(session, delivery_id)
    return _receipt_page(found, ReceiptForm(formdata=None, received_on=found.received_on, word=found.received_word))


def _outside(session: Session, delivery_id: int) -> Delivery:
    """A delivery that one's unit sent to somebody of whom we do not hear here; raises NotFound and StepNotAllowed."""
    found = Deliveries(session).sent(delivery_id, kept(session))
    if found.is_in_inbox:
        raise StepNotAllowed("in_inbox", "note_receipt")
    return found


def _receipt_page(found: Delivery, form: ReceiptForm) -> str:
    return render_template(
        "directives/deliveries/receipt.html", delivery=found, outgoing=found.outgoing, form=form, channels=CHANNELS
    )


@bp.post("/<int:delivery_id>/receipt")
@requires(Permission.KEEP_REGISTERS)
def note_receipt(delivery_id: int) -> AnyResponse:
    """Note that a recipient has the paper copy, on somebody's word; a scan of the receipt becomes evidence of it."""
    form = ReceiptForm()
    with reading() as session:
        found = _outside(session, delivery_id)
        form.sent_on = day_of(found.sent_at) if found.sent_at else None
        if not form.validate():
            return make_response(_receipt_page(found, form), 422)
    try:
        taken = take_file(form.file.data, PAGES) if has_file(form.file) else None
    except (FileRefused, BearsMark) as refused:
        form.file.errors = [sentence(refused)[1]]
        with reading() as session:
            return make_response(_receipt_page(_outside(session, delivery_id), form), 422)
    with writing() as session:
        found = _outside(session, delivery_id)
        outgoing_id, name = found.outgoing_id, found.name
        is_news = Deliveries(session).note_receipt(found, form.received_on.data, form.word.data)
        if taken:
            outgoing = OutgoingDocuments(session).hold(outgoing_id, kept(session))
            record(
                session,
                outgoing,
                EvidenceKind.PAPER_RECEIPT,
                facts={"delivery": delivery_id},
                sha256=taken[0],
                name=taken[1],
                by=me(),
            )
        if is_news or taken:
            facts = {"delivery": delivery_id, "on": form.received_on.data.isoformat(), "evidence": taken is not None}
            audit(session, "paper_receipt_noted", subject=("outgoing", outgoing_id), facts=facts)
    flash(_("Đã ghi: %(name)s đã nhận bản giấy.", name=name), "success")
    return redirect(url_for("deliveries.deliveries", outgoing_id=outgoing_id), 303)


@bp.get("/late")
@shows(Permission.READ_REGISTERS)
def late(session: Session) -> str:
    """Who is late with what the units whose registers one sees have sent: by unit, by document; and all that one unit is late with."""
    unit_id = request.args.get("unit", None, int)
    found, senders, day = Deliveries(session), seen(session), today()
    show, after = request.args.get("show", ""), request.args.get("after", "")
    values: dict[str, Any] = {"today": day, "lateness": LATENESS, "progress": PROGRESS, "channels": CHANNELS}
    if unit_id is None:
        by_unit = found.late_by_unit(senders, day, after=after) if show != "documents" else None
        by_document = found.late_by_document(senders, day, after=after) if show != "units" else None
        return render_template("directives/deliveries/late.html", by_unit=by_unit, by_document=by_document, **values)
    rows = found.late(senders, day, unit_id, after=after)
    unit = session.get(Unit, unit_id)
    if unit is None or (not rows.count and unit_id not in senders):
        raise NotFound("unit", unit_id)
    may_remind = kept(session) if may(Permission.KEEP_REGISTERS) else frozenset()
    return render_template("directives/deliveries/late_unit.html", unit=unit, rows=rows, kept=may_remind, **values)
