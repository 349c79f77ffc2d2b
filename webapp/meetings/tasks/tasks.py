"""What follows from a meeting: its conclusions, the notice of them, tasks with their progress, and the lists of tasks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import today
from domain.ground.errors import NotAllowed, NotFound, StepNotAllowed, existing
from domain.ground.official_papers import lines
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.notices import NoticeHead
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument
from storage.ground.lists.paging import Paged
from storage.meetings.meetings import Meetings
from storage.meetings.tasks import Conclusions, Task, Tasks, notice_due_on, tasks_of
from storage.meetings.votes import Votes
from storage.people.people import Person
from webapp.directives.access import readable
from webapp.ground.access import may, me, requires, shows
from webapp.ground.files import printed
from webapp.ground.system import writing
from webapp.meetings.live import news as live
from webapp.meetings.live import rights
from webapp.meetings.live.acts import Act, acts, pressed, read_whole
from webapp.meetings.minutes.printing import notice_paper
from webapp.meetings.tasks.access import known_task, knows_meeting, may_report
from webapp.meetings.tasks.forms import ConclusionForm, NoticeForm, ReportForm, TaskForm, notice_form

bp = Blueprint("tasks", __name__)

_DEFAULT_DAYS = 14
_HELD = (MeetingState.OPEN, MeetingState.ADJOURNED, MeetingState.CLOSED)


# Conclusions of a meeting


@bp.get("/meetings/<int:meeting_id>/conclusions")
@shows(Permission.ATTEND_MEETINGS)
def conclusions(session: Session, meeting_id: int) -> str:
    """The conclusions of a meeting with the tasks that follow, and the notice of them."""
    return _page(session, meeting_id)


def _page(session: Session, meeting_id: int, **forms: Any) -> str:
    meeting, participant = read_whole(session, meeting_id)
    book = Conclusions(session, meeting)
    form: ConclusionForm = forms.pop("form", None) or ConclusionForm(formdata=None)
    form.offer(session, meeting)
    task_form: TaskForm = forms.pop("task_form", None) or TaskForm(formdata=None, due_on=today() + timedelta(_DEFAULT_DAYS))
    empty_task = TaskForm(formdata=None, due_on=task_form.due_on.data)
    for one in (task_form, empty_task):
        one.offer(session, meeting)
    return render_template(
        "meetings/tasks/conclusions.html",
        meeting=meeting,
        conclusions=book.all(),
        notice=book.notice(),
        due_on=notice_due_on(meeting),
        today=today(),
        prepares=Right.PREPARE in rights.rights_in(meeting, participant, me()),
        takes_pack=rights.takes_pack(meeting, participant, me()),
        is_held=meeting.state in _HELD,
        is_closed=meeting.closed_at is not None,
        form=form,
        task_form=task_form,
        empty_task=empty_task,
        notice_form=forms.pop("notice_form", None) or notice_form(meeting),
        **forms,
    )


def _back(meeting_id: int) -> AnyResponse:
    return redirect(url_for("tasks.conclusions", meeting_id=meeting_id), 303)


@bp.post("/meetings/<int:meeting_id>/conclusions")
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
@shows(Permission.ATTEND_MEETINGS)
def notice(session: Session, meeting_id: int, form: str) -> Response:
    """The notice as PDF or DOCX."""
    meeting, _participant = read_whole(session, meeting_id)
    issued = existing(Conclusions(session, meeting).notice(), "notice", meeting_id)
    return printed(notice_paper(session, issued), f"thong-bao-ket-luan-{meeting_id}", form)


@bp.post("/meetings/<int:meeting_id>/conclusions/<int:conclusion_id>/tasks")
@acts(Right.PREPARE)
def add_task(act: Act, conclusion_id: int) -> AnyResponse:
    """Give a task that follows from a conclusion."""
    conclusion, form = Conclusions(act.session, act.meeting).get(conclusion_id), TaskForm()
    form.offer(act.session, act.meeting)
    if not form.validate():
        return make_response(_page(act.session, act.meeting.id, task_form=form, task_of=conclusion_id), 422)
    to = {"owner": form.owner.found, "unit": form.unit.found}
    added = Tasks(act.session).add(conclusion, form.title.data, form.due_on.data, me(), **to)
    act.record("task_added", parts="", item=conclusion.item, task=added.id, due_on=added.due_on.isoformat())
    flash(_("Đã giao nhiệm vụ."), "success")
    return _back(act.meeting.id)


# Tasks


@bp.get("/tasks")
@shows(Permission.ATTEND_MEETINGS)
def tasks(session: Session) -> str:
    """My tasks and those of my units; for the office also all that are open or overdue of the meetings it convenes."""
    shows_all = may(Permission.CONVENE_MEETINGS)
    day, book, after = today(), Tasks(session), request.args.get("after", "")
    mine, convened = tasks_of(me(), me().units_on(day)), rights.convened(session, me())
    lists: dict[str, Callable[[], Paged[Task]]] = {
        "mine": lambda: book.open(mine, after=after), "done": lambda: book.done(mine, after=after),
    }  # fmt: skip
    if shows_all:
        lists |= {
            "overdue": lambda: book.open(convened, Task.due_on < day, after=after),
            "open": lambda: book.open(convened, after=after),
        }
    show = request.args.get("show", "mine")
    show = show if show in lists else "mine"
    late = book.overdue(day, convened) if shows_all else 0
    return render_template(
        "meetings/tasks/tasks.html", page=lists[show](), today=day, show=show, shows_all=shows_all, late=late
    )


@bp.get("/tasks/<int:task_id>")
@shows(Permission.ATTEND_MEETINGS)
def task(session: Session, task_id: int) -> str:
    """A task with its progress, and the meeting it comes from."""
    return _task_page(session, known_task(session, task_id), ReportForm(formdata=None))


def _task_page(session: Session, found: Task, form: ReportForm) -> str:
    conclusion = found.conclusion
    return render_template(
        "meetings/tasks/task.html",
        task=found,
        conclusion=conclusion,
        meeting=conclusion.meeting,
        knows_meeting=knows_meeting(conclusion.meeting),
        may_report=may_report(found),
        may_draft=may_report(found) and may(Permission.DRAFT_DIRECTIVES) and found.outgoing_id is None,
        outgoing=_document_of(session, found),
        today=today(),
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


_SAID = {
    "task_reported": _l("Đã ghi tiến độ."),
    "task_finished": _l("Đã ghi nhiệm vụ hoàn thành."),
    "task_reopened": _l("Đã mở lại nhiệm vụ."),
}


@bp.post("/tasks/<int:task_id>/reports", defaults={"kind": "task_reported"})
@bp.post("/tasks/<int:task_id>/finish", defaults={"kind": "task_finished"})
@bp.post("/tasks/<int:task_id>/reopen", defaults={"kind": "task_reopened"})
@requires(Permission.ATTEND_MEETINGS)
def report(task_id: int, kind: str) -> AnyResponse:
    """Report how far a task is, that it is done, or that it is not after all."""
    form = ReportForm()
    with writing() as session:
        found = known_task(session, task_id)
        if not may_report(found):
            raise NotAllowed("report_task")
        if not form.validate():
            return make_response(_task_page(session, found, form), 422)
        meeting = found.conclusion.meeting
        act = Act(session, meeting, meeting.participant(me().id), pressed())
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
