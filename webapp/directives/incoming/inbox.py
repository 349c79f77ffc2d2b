"""A unit's inbox: what other units sent it through this system; opening it is reading it. Nobody sees what others answered."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from domain.directives.looks import check_may_leave
from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.directives.deliveries import Deliveries, Delivery, inboxes_of
from storage.directives.files import look_of_document
from storage.directives.incoming import IncomingDocuments
from storage.directives.outgoing import OutgoingDocument
from webapp.directives.fields import not_secret
from webapp.directives.files import file_answer, file_of
from webapp.directives.words import LATENESS, LOOKS, PROGRESS, STATES
from webapp.ground.access import audit, may, me, requires
from webapp.ground.forms import Choice, Form, trimmed
from webapp.ground.scopes import seen
from webapp.ground.system import reading, writing

bp = Blueprint("inbox", __name__, url_prefix="/directives/inbox")

WHICH = {"all": _l("Tất cả"), "unread": _l("Chưa đọc"), "open": _l("Chờ trả lời")}


class AnswerForm(Form):
    """An answer: words, or a document of one's own unit."""

    text = TextAreaField(
        _l("Nội dung trả lời"),
        [
            Length(max=4000, message=_l("Nội dung dài quá 4.000 chữ. Hãy viết gọn hơn, hoặc trả lời bằng văn bản.")),
            not_secret,
        ],
        filters=[trimmed],
        render_kw={"rows": 5},
    )
    outgoing = Choice(_l("Trả lời bằng văn bản đi của đơn vị"), [Optional()])

    def offer(self, documents: Sequence[OutgoingDocument]) -> None:
        """Fill the list."""
        named = [(str(one.id), f"{one.written_number} – {one.abstract[:80]}") for one in documents]
        self.outgoing.choices = [("", _("Không kèm văn bản")), *named]

    def validate_text(self, field: Any) -> None:
        """One of both must be there."""
        if not field.data and not self.outgoing.data:
            raise ValidationError(_("Chưa có nội dung trả lời. Hãy ghi nội dung, hoặc chọn một văn bản đi của đơn vị."))


def my_inboxes(session: Session) -> frozenset[int]:
    """The units whose inbox is that of whoever asks."""
    return inboxes_of(session, me(), today())


@bp.app_template_global()
def unread_count() -> int:
    """How many deliveries wait unread for whoever asks, for the tab."""
    with reading() as session:
        return Deliveries(session).unread(my_inboxes(session))


def _subject(delivery: Delivery) -> tuple[str, int]:
    return "outgoing", delivery.outgoing_id


def _facts(delivery: Delivery, **more: Any) -> dict[str, Any]:
    return {"delivery": delivery.id, "unit": delivery.unit.code if delivery.unit else "", **more}


@bp.get("")
@requires(Permission.READ_REGISTERS)
def inbox() -> str:
    """What lies in the inboxes of one's units, unread first."""
    which = request.args.get("show", "all")
    which = which if which in WHICH else "all"
    with reading() as session:
        inboxes, deliveries = my_inboxes(session), Deliveries(session)
        return render_template(
            "directives/inbox/inbox.html", which=which, tabs=WHICH,
            page=deliveries.inbox(inboxes, which=which, after=request.args.get("after", "")),
            unread=deliveries.unread(inboxes), several=len(inboxes) > 1, today=today(), progress=PROGRESS, lateness=LATENESS,
            address=lambda after: url_for("inbox.inbox", show=which, after=after or None),
        )  # fmt: skip


@bp.get("/<int:delivery_id>")
@requires(Permission.READ_REGISTERS)
def delivery(delivery_id: int) -> str:
    """One document that arrived; the first opening is recorded with its time, as evidence that it was received."""
    with reading() as session:
        is_new = Deliveries(session).received(delivery_id, my_inboxes(session)).read_at is None
    if is_new:
        _note_reading(delivery_id)
    with reading() as session:
        return _page(session, Deliveries(session).received(delivery_id, my_inboxes(session)))


def _note_reading(delivery_id: int) -> None:
    with writing() as session:
        deliveries = Deliveries(session)
        found = deliveries.received(delivery_id, my_inboxes(session))
        if deliveries.read(found, me()):
            audit(session, "delivery_read", subject=_subject(found), facts=_facts(found))


def _page(session: Session, found: Delivery, form: AnswerForm | None = None) -> str:
    if form is None:
        form = AnswerForm(formdata=None)
        form.offer(_own_documents(session, found))
    return render_template(
        "directives/inbox/delivery.html", delivery=found, outgoing=found.outgoing, file=file_of(found.outgoing), form=form,
        may_act=may(Permission.ANSWER_DELIVERIES), entry=IncomingDocuments(session).of_delivery(found),
        late=found.lateness(today()), today=today(),
        seen_units=seen(session), look=look_of_document(session, found.outgoing), look_words=LOOKS,
        progress=PROGRESS, lateness=LATENESS, states=STATES, replacement=Deliveries(session).replacement(found),
    )  # fmt: skip


def _own_documents(session: Session, found: Delivery) -> Sequence[OutgoingDocument]:
    """What the unit has issued, among which the answer may be."""
    return IncomingDocuments(session).replies(found.unit) if found.unit else ()


@bp.get("/<int:delivery_id>/file")
@requires(Permission.READ_REGISTERS)
def file(delivery_id: int) -> Response:
    """The file of a document that arrived, shown in the browser or, with `?save=1`, saved."""
    with reading() as session:
        outgoing = Deliveries(session).received(delivery_id, my_inboxes(session)).outgoing
        check_may_leave(look_of_document(session, outgoing))
        found = file_of(outgoing)
    if found is None:
        raise NotFound("file", delivery_id)
    _note_reading(delivery_id)
    return file_answer(*found, is_saved="save" in request.args)


@bp.post("/<int:delivery_id>/acknowledge")
@requires(Permission.ANSWER_DELIVERIES)
def acknowledge(delivery_id: int) -> AnyResponse:
    """Confirm, for the unit, that the document was received."""
    with writing() as session:
        deliveries = Deliveries(session)
        found = deliveries.received(delivery_id, my_inboxes(session))
        if deliveries.acknowledge(found, me()):
            audit(session, "delivery_acknowledged", subject=_subject(found), facts=_facts(found))
    flash(_("Đã xác nhận đơn vị nhận được văn bản."), "success")
    return redirect(url_for("inbox.delivery", delivery_id=delivery_id), 303)


@bp.post("/<int:delivery_id>/answer")
@requires(Permission.ANSWER_DELIVERIES)
def answer(delivery_id: int) -> AnyResponse:
    """Answer the sender, with words or with a document of one's own unit."""
    with writing() as session:
        deliveries, form = Deliveries(session), AnswerForm()
        found = deliveries.received(delivery_id, my_inboxes(session))
        own = _own_documents(session, found)
        form.offer(own)
        if not form.validate():
            return make_response(_page(session, found, form), 422)
        document = next((one for one in own if str(one.id) == form.outgoing.data), None)
        if deliveries.answer(found, me(), form.text.data, document):
            audit(session, "delivery_answered", subject=_subject(found), facts=_facts(found))
            IncomingDocuments(session).answer(found, me())
    flash(_("Đã gửi trả lời cho nơi ban hành."), "success")
    return redirect(url_for("inbox.delivery", delivery_id=delivery_id), 303)


@bp.post("/<int:delivery_id>/enter")
@requires(Permission.KEEP_REGISTERS)
def enter(delivery_id: int) -> AnyResponse:
    """Enter the document in the incoming register, with the next number of arrival."""
    with writing() as session:
        found = Deliveries(session).received(delivery_id, my_inboxes(session))
        Deliveries(session).read(found, me())
        entry, is_new = IncomingDocuments(session).enter_delivery(found, me())
        if is_new:
            audit(
                session,
                "incoming_entered",
                subject=("incoming", entry.id),
                facts={"number": entry.number, "delivery": found.id},
            )
        number, entry_id = entry.number, entry.id
    flash(_("Văn bản mang số đến %(number)s trong sổ của đơn vị.", number=number), "success")
    return redirect(url_for("incoming.entry", incoming_id=entry_id), 303)
