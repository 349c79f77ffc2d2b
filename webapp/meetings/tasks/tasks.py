"""What follows from a meeting: its conclusions, the notice of them, tasks with their progress, and the lists of tasks."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from domain.ground.clock import day_of, now
from domain.ground.errors import NotAllowed, NotFound, StepNotAllowed
from domain.ground.official_papers import lines
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.notices import NoticeHead
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument
from storage.meetings.course import symbol_of
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.tasks import Conclusions, Task, Tasks, notice_due_on
from storage.meetings.votes import Votes
from storage.people.people import People, Person
from storage.people.units import Units
from webapp.directives.access import readable
from webapp.ground.access import may, me, requires
from webapp.ground.files import printed
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.system import reading, writing
from webapp.meetings.live import news as live
from webapp.meetings.live import rights
from webapp.meetings.live.acts import Act, acts, read_whole
from webapp.meetings.minutes.printing import notice_paper

bp = Blueprint("tasks", __name__)

_HELD = (MeetingState.OPEN, MeetingState.ADJOURNED, MeetingState.CLOSED)
_DEFAULT_DAYS = 14


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _long(label: Any, message: Any, *, most: int = 2000) -> TextAreaField:
    too_long = Length(max=most, message=_l("Dài quá mức cho phép. Hãy viết gọn hơn."))
    return TextAreaField(label, [DataRequired(message), too_long], filters=[_stripped])


def _offered(nothing: str, those: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    """Nothing, or one of those."""
    return [SelectChoice("", nothing), *(SelectChoice(str(key), words) for key, words in those)]


_PERCENTS = [SelectChoice("", "—"), *(SelectChoice(str(n), f"{n} %") for n in range(0, 100, 10))]


class ConclusionForm(Form):
    """A conclusion, and what it comes from."""

    text = _long(_l("Kết luận"), _l("Hãy ghi nội dung kết luận."))
    item = Choice(_l("Từ nội dung"), [Optional()])
    vote = Choice(_l("Từ biểu quyết"), [Optional()])

    def offer(self, session: Session, meeting: Meeting) -> None:
        """Fill the lists."""
        items = [item for item in meeting.items if not item.is_on_paper_only]
        self.item.choices = _offered(_("Không gắn với nội dung nào"), [(item.id, item.title) for item in items])
        votes = [vote for vote in Votes(session).of(meeting) if vote.published_at]
        self.vote.choices = _offered(_("Không gắn với biểu quyết nào"), [(vote.id, vote.question) for vote in votes])


class NoticeForm(Form):
    """The head of a notice that is about to be issued."""

    number = StringField(
        _l("Số, ký hiệu"),
        [DataRequired(_l("Hãy nhập số, ký hiệu, ví dụ 15/TB-LĐLĐ.")), Length(max=60, message=_l("Số, ký hiệu quá dài."))],
        filters=[_stripped],
    )
    issued_on = Day(_l("Ngày ban hành"), [InputRequired(_l("Hãy nhập ngày ban hành."))])
    locality = StringField(_l("Địa danh"), [Length(max=60, message=_l("Địa danh quá dài."))], filters=[_stripped])
    capacity = _long(_l("Quyền hạn, chức vụ của người ký"), _l("Hãy ghi quyền hạn, chức vụ của người ký."), most=200)
    signer = StringField(
        _l("Người ký"),
        [DataRequired(_l("Hãy nhập họ tên người ký.")), Length(max=100, message=_l("Họ tên quá dài."))],
        filters=[_stripped],
    )


class TaskForm(Form):
    """A task: what, who, until when."""

    title = _long(_l("Việc cần làm"), _l("Hãy ghi việc cần làm."), most=500)
    owner = Choice(_l("Giao cho người"))
    unit = Choice(_l("hoặc giao cho đơn vị"), [Optional()])
    due_on = Day(_l("Hạn hoàn thành"), [InputRequired(_l("Hãy nhập hạn hoàn thành."))])

    def offer(self, session: Session) -> None:
        """Fill the lists."""
        people = [person for person in People(session).all() if person.is_open]
        self.owner.choices = _offered(_("Chưa chọn"), [(person.id, person.name) for person in people])
        units = Units(session).on(_today())
        self.unit.choices = _offered(_("Chưa chọn"), [(unit.id, unit.name) for unit in units])

    def validate_owner(self, field: Choice) -> None:
        """Exactly one, a person or a unit."""
        if bool(field.data) is bool(self.unit.data):
            raise ValidationError(_("Hãy chọn một người hoặc một đơn vị, không chọn cả hai."))


class ReportForm(Form):
    """How far a task is."""

    text = _long(_l("Tiến độ"), _l("Hãy ghi việc đã làm được."))
    percent = Choice(_l("Mức hoàn thành"), [Optional()], choices=_PERCENTS)


# Conclusions of a meeting


@bp.get("/meetings/<int:meeting_id>/conclusions")
@requires(Permission.ATTEND_MEETINGS)
def conclusions(meeting_id: int) -> str:
    """The conclusions of a meeting with the tasks that follow, and the notice of them."""
    with reading() as session:
        return _page(session, meeting_id)


def _page(session: Session, meeting_id: int, **forms: Any) -> str:
    meeting, participant = read_whole(session, meeting_id)
    book = Conclusions(session, meeting)
    form: ConclusionForm = forms.pop("form", None) or ConclusionForm(formdata=None)
    form.offer(session, meeting)
    task_form: TaskForm = forms.pop("task_form", None) or TaskForm(formdata=None, due_on=_today() + timedelta(_DEFAULT_DAYS))
    task_form.offer(session)
    return render_template(
        "meetings/tasks/conclusions.html",
        meeting=meeting,
        conclusions=book.all(),
        notice=book.notice(),
        due_on=notice_due_on(meeting),
        today=_today(),
        prepares=Right.PREPARE in rights.rights_in(meeting, participant, me()),
        takes_pack=rights.takes_pack(meeting, participant, me()),
        is_held=meeting.state in _HELD,
        is_closed=meeting.closed_at is not None,
        form=form,
        task_form=task_form,
        notice_form=forms.pop("notice_form", None) or _notice_form(meeting),
        **forms,
    )


def _notice_form(meeting: Meeting) -> NoticeForm:
    body = meeting.body.name.upper() if meeting.body else ""
    capacity = f"TL. {body}\n" if body else ""
    return NoticeForm(
        formdata=None, number=f"…/{symbol_of(meeting, 'TB')}", issued_on=_today(), capacity=f"{capacity}CHÁNH VĂN PHÒNG"
    )


def _today() -> Any:
    return day_of(now())


def _back(meeting_id: int) -> AnyResponse:
    return redirect(url_for("tasks.conclusions", meeting_id=meeting_id), 303)


@bp.post("/meetings/<int:meeting_id>/conclusions")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def add_conclusion(act: Act) -> AnyResponse:
    """Record a conclusion of the chair."""
    if act.meeting.state not in _HELD:
        raise StepNotAllowed(act.meeting.state, "add_conclusion")
    form = ConclusionForm()
    form.offer(act.session, act.meeting)
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, form=form), 422)
    item = next((one for one in act.meeting.items if str(one.id) == form.item.data), None)
    vote = Votes(act.session).get(int(form.vote.data), act.meeting.id) if form.vote.data else None
    added = Conclusions(act.session, act.meeting).add(form.text.data, me(), item=item, vote=vote)
    act.record("conclusion_added", parts="", item=item, conclusion=added.id)
    flash(_("Đã ghi kết luận."), "success")
    return _back(act.meeting.id)


@bp.post("/meetings/<int:meeting_id>/conclusions/<int:conclusion_id>/remove")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def remove_conclusion(act: Act, conclusion_id: int) -> AnyResponse:
    """Take a conclusion back that has led to nothing yet."""
    book = Conclusions(act.session, act.meeting)
    conclusion = book.get(conclusion_id)
    book.remove(conclusion)
    act.record("conclusion_removed", parts="", conclusion=conclusion_id, text=conclusion.text)
    flash(_("Đã bỏ kết luận."), "success")
    return _back(act.meeting.id)


@bp.post("/meetings/<int:meeting_id>/notice")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def issue_notice(act: Act) -> AnyResponse:
    """Issue the notice of the conclusions as they stand."""
    form = NoticeForm()
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, notice_form=form), 422)
    capacity = lines(form.capacity.data)
    head = NoticeHead(form.number.data, form.issued_on.data, form.locality.data or "", capacity, form.signer.data)
    Conclusions(act.session, act.meeting).issue(head, me())
    act.record("notice_issued", parts="", number=head.number, issued_on=head.day.isoformat())
    flash(_("Đã ban hành thông báo kết luận."), "success")
    return _back(act.meeting.id)


@bp.get("/meetings/<int:meeting_id>/notice.pdf", defaults={"form": "pdf"})
@bp.get("/meetings/<int:meeting_id>/notice.docx", defaults={"form": "docx"})
@requires(Permission.ATTEND_MEETINGS)
def notice(meeting_id: int, form: str) -> Response:
    """The notice as PDF or DOCX."""
    with reading() as session:
        meeting, _participant = read_whole(session, meeting_id)
        issued = Conclusions(session, meeting).notice()
        if issued is None:
            raise NotFound("notice", meeting_id)
        return printed(notice_paper(session, issued), f"thong-bao-ket-luan-{meeting_id}", form)


@bp.post("/meetings/<int:meeting_id>/conclusions/<int:conclusion_id>/tasks")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PREPARE)
def add_task(act: Act, conclusion_id: int) -> AnyResponse:
    """Give a task that follows from a conclusion."""
    conclusion, form = Conclusions(act.session, act.meeting).get(conclusion_id), TaskForm()
    form.offer(act.session)
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, task_form=form, task_of=conclusion_id), 422)
    owner = People(act.session).get(int(form.owner.data)) if form.owner.data else None
    unit = Units(act.session).get(int(form.unit.data)) if form.unit.data else None
    added = Tasks(act.session).add(conclusion, form.title.data, form.due_on.data, me(), owner=owner, unit=unit)
    act.record("task_added", parts="", item=conclusion.item, task=added.id, due_on=added.due_on.isoformat())
    flash(_("Đã giao nhiệm vụ."), "success")
    return _back(act.meeting.id)


# Tasks


@bp.get("/tasks")
@requires(Permission.ATTEND_MEETINGS)
def tasks() -> str:
    """My tasks and those of my units; for the office also all that are open or overdue of the meetings it convenes."""
    shows_all = may(Permission.CONVENE_MEETINGS)
    show = request.args.get("show", "mine") if shows_all else "mine"
    with reading() as session:
        today = _today()
        left = Tasks(session).open(rights.convened(session, me())) if shows_all else []
        late = [one for one in left if one.due_on < today]
        found = {"overdue": late, "open": left}.get(show)
        if found is None:
            found = Tasks(session).of_person(me(), me().units_on(today))
        return render_template(
            "meetings/tasks/tasks.html", tasks=found, today=today, show=show, shows_all=shows_all, late=len(late)
        )


@bp.get("/tasks/<int:task_id>")
@requires(Permission.ATTEND_MEETINGS)
def task(task_id: int) -> str:
    """A task with its progress, and the meeting it comes from."""
    with reading() as session:
        return _task_page(session, known_task(session, task_id), ReportForm(formdata=None))


def _task_page(session: Session, found: Task, form: ReportForm) -> str:
    conclusion = found.conclusion
    return render_template(
        "meetings/tasks/task.html",
        task=found,
        conclusion=conclusion,
        meeting=conclusion.meeting,
        knows_meeting=_knows(conclusion.meeting),
        may_report=may_report(found),
        may_draft=may_report(found) and may(Permission.DRAFT_DIRECTIVES) and found.outgoing_id is None,
        outgoing=_document_of(session, found),
        today=_today(),
        form=form,
    )


def _document_of(session: Session, found: Task) -> OutgoingDocument | None:
    """The document that was drafted from the task, if whoever asks may read it."""
    if found.outgoing_id is None or not may(Permission.READ_REGISTERS):
        return None
    try:
        return readable(session, found.outgoing_id)
    except NotFound:
        return None


def _participant(meeting: Meeting) -> Participant | None:
    return meeting.participant(me().id)


def _knows(meeting: Meeting) -> bool:
    """Whether the person may know all that was done in the meeting."""
    participant = _participant(meeting)
    has_part = participant is not None and rights.audience_of(participant) != rights.GUESTS
    return has_part or rights.convenes(meeting, me())


def may_report(found: Task) -> bool:
    """Whether whoever asks works on the task, or leads its meeting."""
    meeting = found.conclusion.meeting
    participant = _participant(meeting)
    leads = participant is not None and Right.PREPARE in participant.rights
    return found.belongs_to(me(), _today()) or leads or rights.convenes(meeting, me())


def known_task(session: Session, task_id: int) -> Task:
    """The task for who is to do it, or knows its meeting; raises NotFound."""
    found = Tasks(session).get(task_id)
    if not knows_task(found):
        raise NotFound("task", task_id)
    return found


def knows_task(found: Task) -> bool:
    """Whether whoever asks is to do the task, or knows its meeting."""
    return _knows(found.conclusion.meeting) or found.belongs_to(me(), _today())


@bp.post("/tasks/<int:task_id>/reports")
@requires(Permission.ATTEND_MEETINGS)
def report(task_id: int) -> AnyResponse:
    """Report how far a task is."""
    return _progress(task_id, "task_reported")


@bp.post("/tasks/<int:task_id>/finish")
@requires(Permission.ATTEND_MEETINGS)
def finish(task_id: int) -> AnyResponse:
    """Report that a task is done."""
    return _progress(task_id, "task_finished")


@bp.post("/tasks/<int:task_id>/reopen")
@requires(Permission.ATTEND_MEETINGS)
def reopen(task_id: int) -> AnyResponse:
    """Report that a task is not done after all."""
    return _progress(task_id, "task_reopened")


_SAID = {
    "task_reported": _l("Đã ghi tiến độ."),
    "task_finished": _l("Đã ghi nhiệm vụ hoàn thành."),
    "task_reopened": _l("Đã mở lại nhiệm vụ."),
}


def _progress(task_id: int, kind: str) -> AnyResponse:
    form = ReportForm()
    with writing() as session:
        found = known_task(session, task_id)
        if not may_report(found):
            raise NotAllowed("report_task")
        if not form.validate():
            return make_response(_task_page(session, found, form), 422)
        meeting = found.conclusion.meeting
        act = Act(session, meeting, _participant(meeting), request.form.get("act_id") or None)
        if not (act.key and Meetings(session).has_acted(meeting, act.key)):
            _take(Tasks(session), found, kind, form, me())
            act.record(kind, parts="", item=found.conclusion.item, task=found.id, percent=found.percent)
        meeting_id = meeting.id
    live.announce(meeting_id)
    flash(str(_SAID[kind]), "success")
    return redirect(url_for("tasks.task", task_id=task_id), 303)


def _take(book: Tasks, found: Task, kind: str, form: ReportForm, person: Person) -> None:
    text = form.text.data
    if kind == "task_finished":
        book.finish(found, text, person)
    elif kind == "task_reopened":
        book.reopen(found, text, person)
    else:
        book.report(found, text, int(form.percent.data) if form.percent.data else None, person)
