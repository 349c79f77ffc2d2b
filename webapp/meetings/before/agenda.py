"""The agenda being made: items are added, changed, moved by buttons or by dragging, and removed; and the agenda to be printed."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from domain.ground.errors import StepNotAllowed
from domain.meetings.agenda import ItemKind, Move, numbers, possible_moves
from domain.meetings.meetings import MeetingState, Right
from domain.people.roles import Permission
from storage.meetings.agenda import Agenda, ItemValues
from storage.meetings.meetings import AgendaItem, Meeting, Meetings, Participant
from storage.meetings.papers import Papers
from webapp.ground.access import me, shows
from webapp.ground.formats import moment
from webapp.ground.forms import Choice, Form
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.live.rights import rights_in
from webapp.meetings.words import ITEM_KINDS as KINDS

bp = Blueprint("agenda", __name__)

OVER = (MeetingState.CLOSED, MeetingState.CANCELLED)  # its agenda is a record now
PARTS = "agenda now"  # of the live page: what an agenda stands in
ON_PAPER_ONLY = "Nội dung theo chế độ mật – tài liệu giấy"  # kept as the title: nothing else of the matter is


class ItemForm(Form):
    """What is written of an item."""

    title = StringField(_l("Nội dung"), [Length(max=500, message=_l("Nội dung dài quá 500 chữ. Hãy viết gọn lại."))])
    kind = Choice(_l("Hình thức"), [InputRequired()], choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()])
    minutes = IntegerField(
        _l("Số phút"),
        [
            InputRequired(_l("Hãy ghi số phút, ví dụ 15; nếu chưa biết, ghi 0.")),
            NumberRange(0, 600, _l("Số phút phải từ 0 đến 600. Hãy sửa lại.")),
        ],
        default=15,
    )
    presenter = StringField(_l("Người trình bày"), [Length(max=200, message=_l("Tên dài quá 200 chữ. Hãy viết gọn lại."))])
    sitting = Choice(_l("Phiên họp"), choices=[])
    is_on_paper_only = BooleanField(_l("Nội dung theo chế độ mật – chỉ phát tài liệu giấy"))

    def validate(self, extra_validators: Any = None) -> bool:
        """A title, unless the matter is one that only paper may hold; whole minutes, said in our words."""
        is_valid: bool = super().validate(extra_validators)
        if not self.is_on_paper_only.data and not (self.title.data or "").strip():
            self.title.errors = [_("Chưa có nội dung. Hãy ghi tên mục, ví dụ: Báo cáo kết quả công tác năm 2026.")]
            return False
        if self.minutes.data is None and self.minutes.raw_data and self.minutes.raw_data[0].strip():
            self.minutes.errors = [_("Số phút phải là một số, ví dụ 15. Hãy sửa lại.")]
        return is_valid

    def values(self) -> ItemValues:
        """What was written; of a matter under secrecy only that sentence."""
        is_secret = bool(self.is_on_paper_only.data)
        return ItemValues(
            title=ON_PAPER_ONLY if is_secret else self.title.data.strip(),
            kind=ItemKind(self.kind.data),
            minutes=self.minutes.data,
            presenter=(self.presenter.data or "").strip(),
            sitting_id=int(self.sitting.data) if self.sitting.data else None,
            is_on_paper_only=is_secret,
        )


def item_form(meeting: Meeting, item: AgendaItem | None = None) -> ItemForm:
    """The form of an item, with what is known of it."""
    known: dict[str, Any] = {}
    if item is not None:
        known = {
            "title": "" if item.is_on_paper_only else item.title,
            "kind": item.kind.value,
            "minutes": item.minutes,
            "presenter": item.presenter,
            "sitting": str(item.sitting_id or ""),
            "is_on_paper_only": item.is_on_paper_only,
        }
    form = ItemForm(data={"kind": ItemKind.DISCUSSION.value, "sitting": "", **known})
    form.title.flags.required = True  # but for a matter under secrecy, which a hint says
    form.sitting.choices = [SelectChoice("", _("Không ghi"))] + [
        SelectChoice(str(sitting.id), f"{moment(sitting.starts_at)} {sitting.place}".strip()) for sitting in meeting.sittings
    ]
    return form


@bp.get("/meetings/<int:meeting_id>/agenda")
@shows(Permission.ATTEND_MEETINGS)
def agenda(session: Session, meeting_id: int) -> str:
    """The agenda being made; the address may name an item that is changed, or one under which another is added."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    if Right.PREPARE not in rights_in(meeting, participant, me()) or meeting.state in OVER:
        return _sheet(session, meeting, participant)
    made = Agenda(session, meeting)
    edited = request.args.get("edit", type=int)
    under = request.args.get("under", type=int)
    form = item_form(meeting, made.item(edited) if edited else None)
    return show(session, meeting, form, edited=edited, under=under)


def show(session: Session, meeting: Meeting, form: ItemForm, *, edited: int | None = None, under: int | None = None) -> str:
    """The page, or only the list when a script fetches it."""
    made = Agenda(session, meeting)
    times, last = made.times(), meeting.items[-1] if meeting.items else None
    is_fragment = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "agenda"
    return render_template(
        "meetings/before/agenda_list.html" if is_fragment else "meetings/before/agenda.html",
        meeting=meeting,
        form=form,
        edited=edited,
        under=under,
        numbers=numbers(made.facts),
        times=times,
        ends_at=times[last.id] + timedelta(minutes=last.minutes) if last else None,
        moves={item.id: possible_moves(made.facts, item.id) for item in meeting.items},
        parents={item.parent_id for item in meeting.items},
        minutes=_whole_minutes(meeting),
        kinds=KINDS,
        paper_counts=_paper_counts(session, meeting),
    )


def _whole_minutes(meeting: Meeting) -> int:
    parents = {item.parent_id for item in meeting.items}
    return sum(item.minutes for item in meeting.items if item.id not in parents)


def _paper_counts(session: Session, meeting: Meeting) -> dict[int | None, int]:
    counts: dict[int | None, int] = {}
    for paper in Papers(session, meeting).all():
        counts[paper.item_id] = counts.get(paper.item_id, 0) + 1
    return counts


@bp.post("/meetings/<int:meeting_id>/agenda/items")
@acts(Right.PREPARE)
def add(act: Act) -> Response | None:
    """Add an item, last of all or last under another."""
    _check_not_over(act.meeting)
    form, under = item_form(act.meeting), request.form.get("under", type=int)
    if not form.validate():
        return _refused(act, form, under=under)
    item = Agenda(act.session, act.meeting).add(form.values(), under=under)
    act.record("agenda_item_added", parts=PARTS, item_id=item.id)
    return _back(act, item)


@bp.post("/meetings/<int:meeting_id>/agenda/items/<int:item_id>")
@acts(Right.PREPARE)
def change(act: Act, item_id: int) -> Response | None:
    """Change what is said of an item."""
    _check_not_over(act.meeting)
    made, form = Agenda(act.session, act.meeting), item_form(act.meeting)
    item = made.item(item_id)
    if not form.validate():
        return _refused(act, form, edited=item_id)
    made.change(item, form.values())
    if item.is_on_paper_only:
        Meetings(act.session).forget_titles(act.meeting, item.id)  # of a matter under secrecy nothing is kept, here neither
    act.record("agenda_item_changed", parts=PARTS, item_id=item.id)
    return _back(act, item)


@bp.post("/meetings/<int:meeting_id>/agenda/items/<int:item_id>/remove")
@acts(Right.PREPARE)
def remove(act: Act, item_id: int) -> Response | None:
    """Take an item off the agenda from which nothing has come yet."""
    _check_not_over(act.meeting)
    made = Agenda(act.session, act.meeting)
    item = made.item(item_id)
    made.remove(item)
    act.record("agenda_item_removed", parts=PARTS, item_id=item_id)
    return _back(act)


@bp.post("/meetings/<int:meeting_id>/agenda/items/<int:item_id>/move")
@acts(Right.PREPARE)
def move(act: Act, item_id: int) -> Response | None:
    """Move an item one step: up, down, in or out."""
    _check_not_over(act.meeting)
    made, step = Agenda(act.session, act.meeting), request.form.get("move", "")
    item = made.item(item_id)
    made.move(item, Move(step) if step in set(Move) else Move.UP)
    act.record("agenda_item_moved", parts=PARTS, item_id=item.id, move=step)
    return _back(act, item)


@bp.post("/meetings/<int:meeting_id>/agenda/items/<int:item_id>/place")
@acts(Right.PREPARE)
def place(act: Act, item_id: int) -> Response | None:
    """Put an item where it was dragged."""
    _check_not_over(act.meeting)
    made = Agenda(act.session, act.meeting)
    item = made.item(item_id)
    parent, before = request.form.get("parent", type=int), request.form.get("before", type=int)
    made.place(item, parent=parent, before=before)
    act.record("agenda_item_moved", parts=PARTS, item_id=item.id)
    return _back(act, item)


def _check_not_over(meeting: Meeting) -> None:
    if meeting.state in OVER:
        raise StepNotAllowed(meeting.state, "change_agenda")


def _refused(act: Act, form: ItemForm, **where: int | None) -> Response:
    return make_response(show(act.session, act.meeting, form, **where), 422)


def _back(act: Act, item: AgendaItem | None = None) -> Response | None:
    """Back to the agenda at the item; nothing for a script, which fetches the list itself."""
    if request.headers.get("X-Live"):
        return None
    anchor = f"item-{item.id}" if item else None
    return redirect(url_for(".agenda", meeting_id=act.meeting.id, _anchor=anchor), 303)


@bp.get("/meetings/<int:meeting_id>/agenda/print")
@shows(Permission.ATTEND_MEETINGS)
def printed(session: Session, meeting_id: int) -> str:
    """The agenda as a sheet of paper, as far as it concerns whoever asks."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return _sheet(session, meeting, participant)


def _sheet(session: Session, meeting: Meeting, participant: Participant | None) -> str:
    made = Agenda(session, meeting)
    return render_template(
        "meetings/before/agenda_print.html",
        meeting=meeting,
        items=[item for item in meeting.items if participant is None or participant.may_see(item)],
        numbers=numbers(made.facts),
        times=made.times(),
        kinds=KINDS,
    )


@bp.app_template_global()
def pages_of_meeting() -> list[tuple[str, str]]:
    """Endpoint and name of the pages that are open while a meeting is prepared and read."""
    pages = [
        ("meetings.meeting", _("Cuộc họp")),
        ("agenda.agenda", _("Chương trình")),
        ("papers.papers", _("Tài liệu")),
        ("opinions.opinions", _("Ý kiến")),
        ("papers.find", _("Tìm")),
        ("room.room", _("Phòng họp")),
    ]
    return [(endpoint, name) for endpoint, name in pages if endpoint in current_app.view_functions]
