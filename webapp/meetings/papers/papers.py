"""The papers of a meeting: the list with its steps from draft to publication, the viewer, who has read what, what changed."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.errors import FileRefused, NotAllowed, NotFound
from domain.meetings.agenda import numbers
from domain.meetings.changes import changes as changes_between
from domain.meetings.meetings import Right
from domain.meetings.papers import PaperState, PaperStep, steps_from
from domain.people.roles import Permission
from storage.archive.documents import Documents
from storage.meetings.agenda import Agenda
from storage.meetings.meetings import Meeting, Meetings
from storage.meetings.papers import Paper, Papers, PaperVersion, approves
from webapp.archive.answers import answer_or_problem
from webapp.archive.questions import Question
from webapp.archive.sheets import PICTURE
from webapp.ground.access import audiences, may, me, requires
from webapp.ground.aside import aside
from webapp.ground.errors import sentence
from webapp.ground.files import attached, object_answer
from webapp.ground.system import reading, system, writing
from webapp.meetings import words
from webapp.meetings.live.acts import Act, acts, open_meeting, pressed
from webapp.meetings.papers.forms import PaperForm, VersionForm, take_in
from webapp.meetings.papers.reader import Reader, reader_of
from webapp.meetings.papers.viewer import PaperPlace, paper_page

bp = Blueprint("papers", __name__)

_RECORDED = {
    PaperStep.SUBMIT: "paper_submitted",
    PaperStep.APPROVE: "paper_approved",
    PaperStep.RETURN: "paper_returned",
    PaperStep.PUBLISH: "paper_published",
    PaperStep.WITHDRAW: "paper_withdrawn",
}
_PARTS = "agenda now"  # of the live page: what names papers
_SEEN_BY_ALL = frozenset({PaperStep.PUBLISH, PaperStep.WITHDRAW})


@bp.get("/meetings/<int:meeting_id>/papers")
@requires(Permission.ATTEND_MEETINGS)
def papers(meeting_id: int) -> str:
    """The papers by item; who prepares the meeting also sees drafts, with the steps that they admit."""
    with reading() as session:
        return _list(session, reader_of(session, meeting_id), None)


def _list(session: Session, reader: Reader, form: PaperForm | None) -> str:
    meeting = reader.meeting
    named = numbers(Agenda(session, meeting).facts)
    if form is None and reader.prepares:
        form = PaperForm(formdata=None, data={"item": request.args.get("item", "")})
        form.offer(meeting.items, named)
    by_item: dict[int | None, list[Paper]] = {}
    for paper in reader.papers.visible(reader.participant, prepares=reader.prepares):
        by_item.setdefault(paper.item_id, []).append(paper)
    return render_template(
        "meetings/papers/papers.html",
        meeting=meeting,
        reader=reader,
        items=[item for item in meeting.items if reader.participant is None or reader.participant.may_see(item)],
        numbers=named,
        by_item=by_item,
        opened=reader.papers.opened(me().id),
        form=form,
        states=words.PAPER_STATES,
        steps=words.PAPER_STEPS,
        steps_of=lambda version: _steps_of(reader, version),
    )


def _steps_of(reader: Reader, version: PaperVersion) -> list[PaperStep]:
    """The steps that whoever asks may take with the version now."""
    steps = steps_from(version.state) if reader.prepares else []
    judges = approves(reader.participant)
    return [step for step in steps if judges or step not in (PaperStep.APPROVE, PaperStep.RETURN)]


@bp.post("/meetings/<int:meeting_id>/papers")
@requires(Permission.ATTEND_MEETINGS)
def add(meeting_id: int) -> Response:
    """A new paper with its first version."""
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        form = PaperForm()
        form.offer(meeting.items, numbers(Agenda(session, meeting).facts))
        if not form.validate():
            return _refused(session, meeting_id, form)
        if _has_come(session, meeting):
            return _back_to_list(meeting_id)
    try:
        taken = take_in(meeting_id, form.file.data)
    except FileRefused as refused:
        form.file.errors = [sentence(refused)[1]]
        with reading() as session:
            return _refused(session, meeting_id, form)
    with writing() as session:
        act = _act(session, meeting_id)
        if _has_come(session, act.meeting):
            return _back_to_list(meeting_id)
        item = Agenda(session, act.meeting).item(int(form.item.data)) if form.item.data else None
        paper = Papers(session, act.meeting).add(item, form.title.data.strip())
        taken.become_version(session, act.meeting, paper)
        act.record("paper_drafted", parts="", paper=paper.id, version=1)
        paper_id = paper.id
    flash(_("Đã nhận dự thảo. Chỉ người chuẩn bị cuộc họp thấy nó cho đến khi công bố."), "success")
    return _back_to_list(meeting_id, paper_id)


def _act(session: Session, meeting_id: int) -> Act:
    meeting, participant = open_meeting(session, meeting_id, Right.PREPARE)
    return Act(session, meeting, participant, pressed())


def _has_come(session: Session, meeting: Meeting) -> bool:
    """Whether the same form has been sent before: a large file takes its time, and people press twice."""
    key = pressed()
    return key is not None and Meetings(session).has_acted(meeting, key)


def _back_to_list(meeting_id: int, paper_id: int | None = None) -> Response:
    return redirect(url_for(".papers", meeting_id=meeting_id, _anchor=f"paper-{paper_id}" if paper_id else None), 303)


def _refused(session: Session, meeting_id: int, form: PaperForm) -> Response:
    return make_response(_list(session, reader_of(session, meeting_id), form), 422)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/new")
@requires(Permission.ATTEND_MEETINGS)
def new_version(meeting_id: int, paper_id: int) -> str:
    """The form of a new version."""
    with reading() as session:
        return _version_form(session, meeting_id, paper_id, VersionForm())


def _version_form(session: Session, meeting_id: int, paper_id: int, form: VersionForm) -> str:
    meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    paper = Papers(session, meeting).get(paper_id)
    return render_template("meetings/papers/version.html", meeting=meeting, paper=paper, form=form)


@bp.post("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions")
@requires(Permission.ATTEND_MEETINGS)
def add_version(meeting_id: int, paper_id: int) -> Response:
    """A new version of a paper, as a draft; members go on seeing the one that is published."""
    form = VersionForm()
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        Papers(session, meeting).get(paper_id)  # asked before a byte is taken in
        if not form.validate():
            return make_response(_version_form(session, meeting_id, paper_id, form), 422)
        if _has_come(session, meeting):
            return _back_to_list(meeting_id, paper_id)
    try:
        taken = take_in(meeting_id, form.file.data)
    except FileRefused as refused:
        form.file.errors = [sentence(refused)[1]]
        with reading() as session:
            return make_response(_version_form(session, meeting_id, paper_id, form), 422)
    with writing() as session:
        act = _act(session, meeting_id)
        paper = Papers(session, act.meeting).get(paper_id)
        if _has_come(session, act.meeting):
            return _back_to_list(meeting_id, paper_id)
        version = taken.become_version(session, act.meeting, paper)
        act.record("paper_drafted", parts="", paper=paper.id, version=version.number)
    flash(_("Đã nhận bản mới dưới dạng dự thảo. Đại biểu vẫn thấy bản đã công bố."), "success")
    return _back_to_list(meeting_id, paper_id)


@bp.post("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/step")
@acts(Right.PREPARE)
def step(act: Act, paper_id: int, number: int) -> Response | None:
    """Submit, approve, return, publish or withdraw a version."""
    papers_here = Papers(act.session, act.meeting)
    version = papers_here.get(paper_id).version(number)
    named = request.form.get("step", "")
    if named not in set(PaperStep):
        raise NotFound("paper_step", named)
    taken, reason = PaperStep(named), request.form.get("reason", "").strip()
    if taken in (PaperStep.APPROVE, PaperStep.RETURN) and not approves(act.participant):
        raise NotAllowed(Right.TAKE_SEAT)
    papers_here.step(version, taken, person_id=me().id, reason=reason)
    facts: dict[str, Any] = {"paper": paper_id, "title": version.paper.title, "version": number}
    facts |= {"reason": reason} if reason else {}
    act.record(_RECORDED[taken], parts=_PARTS if taken in _SEEN_BY_ALL else "", **facts)
    if request.headers.get("X-Live"):
        return None
    flash(_("Đã ghi: %(step)s.", step=words.PAPER_STEPS[taken]), "success")
    return _back_to_list(act.meeting.id, paper_id)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>")
@requires(Permission.ATTEND_MEETINGS)
def paper(meeting_id: int, paper_id: int) -> str:
    """A paper at the page that the address names; that it was opened is noted."""
    with reading() as session:
        reader = reader_of(session, meeting_id)
        shown = reader.paper(paper_id)
        version = reader.version(shown, request.args.get("version", type=int))
        place = PaperPlace.of_paper(meeting_id, paper_id)
        page, number = paper_page(session, reader, shown, version, place)
        is_noted = reader.participant is not None and version.state is PaperState.PUBLISHED and not version.is_held_back
        version_id = version.id
    if is_noted:
        _note_opened(meeting_id, version_id, number)
    return page


def _note_opened(meeting_id: int, version_id: int, page: int) -> None:
    """Note how far somebody has read, whether or not anything can be written just now."""
    person_id, is_led = me().id, "led" in request.args

    def note(session: Session) -> None:
        papers_here = Papers(session, Meetings(session).get(meeting_id))
        papers_here.note_opened(session.get_one(PaperVersion, version_id), person_id, page, is_led=is_led)

    aside().keep(note, version=version_id, person_id=person_id)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/pages/<int:page>/image")
@requires(Permission.ATTEND_MEETINGS)
def image(meeting_id: int, paper_id: int, number: int, page: int) -> Response:
    """The picture of a page."""
    return _picture(meeting_id, paper_id, number, page, is_small=False)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/pages/<int:page>/thumbnail")
@requires(Permission.ATTEND_MEETINGS)
def thumbnail(meeting_id: int, paper_id: int, number: int, page: int) -> Response:
    """The small picture of a page."""
    return _picture(meeting_id, paper_id, number, page, is_small=True)


def _picture(meeting_id: int, paper_id: int, number: int, page: int, *, is_small: bool) -> Response:
    with reading() as session:
        version = _readable(session, meeting_id, paper_id, number)
        found = Documents(session).page(version.document_id, page) if version.document_id else None
        key = None if found is None else found.thumbnail_sha256 if is_small else found.image_sha256
    if key is None:
        raise NotFound("page", page)
    answered = object_answer(key, PICTURE)
    answered.headers["Cache-Control"] = "private, no-cache"  # asked for anew each time: a right can be lost in mid meeting
    return answered


def _readable(session: Session, meeting_id: int, paper_id: int, number: int) -> PaperVersion:
    reader = reader_of(session, meeting_id)
    version = reader.version(reader.paper(paper_id), number)
    if version.is_held_back:
        raise NotFound("paper_version", number)
    return version


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/versions/<int:number>/file")
@requires(Permission.ATTEND_MEETINGS)
def file(meeting_id: int, paper_id: int, number: int) -> Response:
    """The file as it was sent in."""
    with reading() as session:
        version = _readable(session, meeting_id, paper_id, number)
        key = version.sha256 or (version.document.files[0].sha256 if version.document else "")
        media_type, name = version.media_type, version.file_name
    return attached(object_answer(key, media_type), name)


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/readers")
@requires(Permission.ATTEND_MEETINGS)
def readers(meeting_id: int, paper_id: int) -> str:
    """Who has opened which version, when, and how far."""
    with reading() as session:
        reader = reader_of(session, meeting_id)
        if not reader.is_head:
            raise NotAllowed(Right.PREPARE)
        shown = reader.paper(paper_id)
        concerned = [one for one in reader.meeting.participants if reader.papers.may_see(shown, one, prepares=False)]
        readings = reader.papers.readings(shown)
        return render_template(
            "meetings/papers/readers.html",
            meeting=reader.meeting,
            paper=shown,
            participants=concerned,
            readings=readings,
            count=sum(one.person_id in readings for one in concerned),
        )


@bp.get("/meetings/<int:meeting_id>/papers/<int:paper_id>/changes")
@requires(Permission.ATTEND_MEETINGS)
def changes(meeting_id: int, paper_id: int) -> str:
    """What changed from one version to another, page by page; from the one last read unless others are named."""
    with reading() as session:
        reader = reader_of(session, meeting_id)
        shown = reader.paper(paper_id)
        after = reader.version(shown, request.args.get("to", type=int))
        before = _compared(reader, shown, after)
        texts = [Documents(session).text_of(one.document_id or 0) if one else [] for one in (before, after)]
        return render_template(
            "meetings/papers/changes.html",
            meeting=reader.meeting,
            paper=shown,
            before=before,
            after=after,
            pages=changes_between(*texts) if before else [],
        )


def _compared(reader: Reader, shown: Paper, after: PaperVersion) -> PaperVersion | None:
    named = request.args.get("from", type=int)
    if named is not None:
        before: PaperVersion | None = reader.version(shown, named)
    else:
        earlier = [one for one in shown.published if one.number < after.number]
        before = reader.read_before(shown, after) or (earlier[-1] if earlier else None)
    return None if before is None or before.is_held_back or after.is_held_back else before


@bp.get("/meetings/<int:meeting_id>/find")
@requires(Permission.ATTEND_MEETINGS)
def find(meeting_id: int) -> tuple[str, int]:
    """Find in the papers of a meeting, and then in the archive."""
    question = Question(text=request.args.get("q", "").strip())
    with reading() as session:
        reader = reader_of(session, meeting_id)
        here = there = None
        status, problem, problem_there = 200, "", ""
        if question.text:
            circles = reader.papers.circles(reader.participant, prepares=reader.prepares)
            here, status, problem = answer_or_problem(session, system().index, question, circles)
            if may(Permission.FIND):
                there, _status, problem_there = answer_or_problem(session, system().index, question, audiences(session))
        page = render_template(
            "meetings/papers/find.html",
            meeting=reader.meeting,
            question=question,
            here=here,
            problem=problem,
            there=there,
            problem_there=problem_there,
            versions=reader.papers.of_documents([found.document.id for found in here.papers] if here else []),
        )
        return page, status
