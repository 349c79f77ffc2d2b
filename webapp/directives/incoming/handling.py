"""The handling register (sổ theo dõi giải quyết văn bản đến): who handles what until when, how far it is, what was answered."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from domain.directives.incoming import IncomingChanged
from domain.ground.clock import today
from domain.ground.errors import NotAllowed
from domain.people.roles import Permission
from storage.directives.incoming import IncomingDocument, IncomingDocuments
from storage.directives.outgoing import OutgoingDocument
from webapp.directives.fields import not_secret
from webapp.directives.incoming.access import keeps, readable_entry
from webapp.directives.incoming.books import listed, sheet, wanted_of
from webapp.directives.incoming.forms import line, stripped
from webapp.directives.panels import panel
from webapp.directives.register_sheets import Column
from webapp.ground.access import audit, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.formats import day
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.scopes import seen
from webapp.ground.system import reading, writing
from webapp.ground.workbooks import Value

bp = Blueprint("handling", __name__, url_prefix="/directives/handling")

WHICH = {"open": _l("Đang giải quyết"), "overdue": _l("Quá hạn"), "mine": _l("Giao cho tôi"), "all": _l("Tất cả")}
COLUMNS = (
    Column("Số đến", 8, is_centred=True),
    Column("Tên loại, số và ký hiệu, ngày tháng và tác giả văn bản", 52),
    Column("Đơn vị hoặc người nhận", 24),
    Column("Thời hạn giải quyết", 13, is_centred=True),
    Column("Tiến độ giải quyết", 36),
    Column("Số, ký hiệu văn bản trả lời", 20),
    Column("Ghi chú", 18),
)


class HandlingForm(Form):
    """How far the handling of a document is."""

    progress = TextAreaField(
        _l("Tiến độ giải quyết"),
        [Optional(), Length(max=2000, message=_l("Tiến độ dài quá 2.000 chữ. Hãy viết gọn hơn.")), not_secret],
        filters=[stripped],
        render_kw={"rows": 4},
    )
    reply = Choice(_l("Văn bản trả lời, trong sổ văn bản đi"), [Optional()], default="")
    reply_number = line(_l("Số, ký hiệu văn bản trả lời, nếu không có trong sổ"), most=100)
    handled_on = Day(_l("Ngày giải quyết xong"), [Optional()])
    revision = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, documents: Sequence[OutgoingDocument]) -> None:
        """Fill the list of the unit's own documents; the one that is named already stays in it."""
        named = [(str(one.id), f"{one.written_number} – {one.abstract[:80]}") for one in documents]
        self.reply.choices = [("", _("Chưa có, hoặc ghi số bên dưới")), *named]
        self._written = {str(one.id): one.written_number for one in documents}

    def validate_handled_on(self, field: Any) -> None:
        """What is done is done by today."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày giải quyết xong ở tương lai. Hãy ghi ngày đã xong, hoặc để trống nếu chưa xong."))

    def values(self) -> dict[str, Any]:
        """What the record keeps of it."""
        reply = self.reply.data or ""
        return {
            "progress": self.progress.data,
            "handled_on": self.handled_on.data,
            "reply_id": int(reply) if reply else None,
            "reply_number": self._written.get(reply, self.reply_number.data),
        }


@bp.get("")
@shows(Permission.READ_REGISTERS)
def handling(session: Session) -> str:
    """What is being handled, the first due first; overdue, one's own, or all."""
    which = request.args.get("show", "open")
    which = which if which in WHICH else "open"
    values = listed(session, wanted_of(request.args, which))
    return render_template("directives/handling/handling.html", which=which, tabs=WHICH, **values)


@bp.get("/<int:incoming_id>")
@shows(Permission.READ_REGISTERS)
def progress(session: Session, incoming_id: int) -> str:
    """The form in which the progress of one document is noted."""
    found = _handled(session, incoming_id)
    return _page(session, found, HandlingForm(formdata=None, data=_said(found)))


def _handled(session: Session, incoming_id: int) -> IncomingDocument:
    """The entry, for who keeps its register or is to handle it; raises NotFound and NotAllowed."""
    found = readable_entry(session, incoming_id)
    if not keeps(session, found) and not found.is_assigned_to(me(), today()):
        raise NotAllowed(Permission.KEEP_REGISTERS)
    return found


def _said(found: IncomingDocument) -> dict[str, Any]:
    """The entry as the form shows it; a number is typed only where no document of the register has it."""
    written = "" if found.reply_id else found.reply_number
    return {"progress": found.progress, "reply": str(found.reply_id or ""), "reply_number": written,
            "handled_on": found.handled_on, "revision": found.revision}  # fmt: skip


def _page(session: Session, found: IncomingDocument, form: HandlingForm, problem: str = "") -> str:
    form.offer(_replies(session, found))
    changes = IncomingDocuments(session).changes(found)
    return render_template(
        "directives/handling/progress.html", entry=found, form=form, problem=problem, today=today(),
        former=[change for change in changes if change.field == "progress"],
    )  # fmt: skip


def _replies(session: Session, found: IncomingDocument) -> list[OutgoingDocument]:
    latest = list(IncomingDocuments(session).replies(found.unit))
    return [found.reply, *latest] if found.reply and found.reply not in latest else latest


@panel
def answers_panel(session: Session, outgoing: OutgoingDocument) -> str:
    """What arrived and is answered by the document."""
    entries = IncomingDocuments(session).answered_by(outgoing, seen(session))
    return render_template("directives/handling/answers.html", entries=entries) if entries else ""


@bp.post("/<int:incoming_id>")
@requires(Permission.READ_REGISTERS)
def note_progress(incoming_id: int) -> AnyResponse:
    """Note how far the handling of one document is; what was noted before stays in its history."""
    form = HandlingForm()
    try:
        with writing() as session:
            found = _handled(session, incoming_id)
            form.offer(_replies(session, found))
            if not form.validate():
                return make_response(_page(session, found, form), 422)
            changes = IncomingDocuments(session).change(found, form.values(), me(), revision=form.revision.data or 0)
            if changes:
                names = [change.field for change in changes]
                audit(session, "incoming_handled", subject=("incoming", found.id), facts={"fields": names})
    except IncomingChanged as error:
        with reading() as session:
            found = _handled(session, incoming_id)
            status, problem = sentence(error)
            form.revision.data, form.revision.raw_data = found.revision, None
            return make_response(_page(session, found, form, problem), status)
    flash(_("Đã ghi tiến độ giải quyết."), "success")
    return redirect(url_for("incoming.entry", incoming_id=incoming_id), 303)


@bp.get("/register.xlsx", defaults={"form": "xlsx"})
@bp.get("/register.pdf", defaults={"form": "pdf"})
@requires(Permission.READ_REGISTERS)
def export(form: str) -> Response:
    """The handling register of a unit's year in its official form, seven columns."""
    return sheet(form, "SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN", COLUMNS, _row, "so-theo-doi-giai-quyet")


def _row(entry: IncomingDocument) -> tuple[Value, ...]:
    said = f"{entry.kind} {entry.written_number}".strip()
    when = _("ngày %(day)s", day=day(entry.dated)) if entry.dated else ""
    done = _("Xong ngày %(day)s", day=day(entry.handled_on)) if entry.handled_on else ""
    return (
        entry.number,
        ", ".join(filter(None, [said, when, entry.author])),
        entry.assignee,
        day(entry.due_on),
        ". ".join(filter(None, [entry.progress.rstrip("."), done])),
        entry.reply_number,
        entry.note,
    )
