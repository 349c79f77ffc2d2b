"""What a meeting leaves goes into the archive in one step: locked minutes, and the notice of conclusions."""

import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from domain.ground.errors import StepNotAllowed, existing
from domain.meetings.meetings import Right
from domain.people.access import Access
from domain.people.roles import Permission
from storage.archive.intake import Receipt, open_batch
from storage.archive.places import CandidateRecordFiles, Places
from storage.archive.reception import Arrival, receive
from storage.meetings.meetings import Meeting
from storage.meetings.minutes import MeetingMinutes, Minutes
from storage.meetings.tasks import ConclusionNotice, Conclusions
from webapp.ground.access import me, requires, shows
from webapp.ground.forms import Choice, Form
from webapp.ground.picking import Pick, answer
from webapp.ground.system import reading, settings, system, writing
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import Act, open_meeting
from webapp.meetings.minutes.printing import minutes_pdf, minutes_stem, notice_pdf

bp = Blueprint("archiving", __name__)

_MIB = 1024 * 1024
Answer = tuple[str, int] | str | AnyResponse
Subject = Minutes | ConclusionNotice


class ArchiveForm(Form):
    """Where the paper goes, and the word that it bears no mark of secrecy."""

    record_file = Pick(_l("Hồ sơ"))
    access = Choice(
        _l("Ai được xem"),
        choices=[
            SelectChoice(Access.OPEN.value, _l("Mọi người trong cơ quan")),
            SelectChoice(Access.RESTRICTED.value, _l("Chỉ người được phép")),
        ],
        default=Access.RESTRICTED.value,
    )
    attested = BooleanField(
        _l("Tôi đã kiểm tra: văn bản này không mang dấu chỉ độ mật."),
        [InputRequired(_l("Hãy xác nhận văn bản không mang dấu chỉ độ mật."))],
    )


def _form(session: Session, meeting_id: int, form: ArchiveForm | None = None) -> ArchiveForm:
    form = form or ArchiveForm()
    form.record_file.offer(CandidateRecordFiles(session), url_for("archiving.record_files", meeting_id=meeting_id))
    return form


@bp.get("/meetings/<int:meeting_id>/record-files")
@shows(Permission.ATTEND_MEETINGS)
def record_files(session: Session, meeting_id: int) -> dict[str, Any]:
    """The record files that a field offers to who prepares the meeting."""
    open_meeting(session, meeting_id, Right.PREPARE)
    return answer(CandidateRecordFiles(session))


def _minutes(session: Session, meeting: Meeting, annex: int) -> tuple[Subject, str, Callable[[], bytes]]:
    """Locked minutes that are not in the archive yet; the signed file where there is one."""
    book = MeetingMinutes(session, meeting)
    found = book.get(annex)
    _check(meeting, found, is_ready=found.is_locked and book.is_intact(found))
    name = f"{minutes_stem(meeting.id, annex)}.pdf"
    return found, name, lambda: _kept(found.signed_sha256) or minutes_pdf(book, found)


def _notice(session: Session, meeting: Meeting, _annex: int) -> tuple[Subject, str, Callable[[], bytes]]:
    """The notice that was issued and is not in the archive yet."""
    notice = existing(Conclusions(session, meeting).notice(), "notice", meeting.id)
    _check(meeting, notice, is_ready=True)
    return notice, f"thong-bao-ket-luan-{meeting.id}.pdf", lambda: notice_pdf(session, notice)


def _check(meeting: Meeting, subject: Subject, *, is_ready: bool) -> None:
    if meeting.is_rehearsal or subject.document_id or not is_ready:
        raise StepNotAllowed("archived" if subject.document_id else "unlocked", "archive")


def _kept(key: str | None) -> bytes | None:
    if key is None:
        return None
    with system().objects.open(key) as stream:
        return stream.read()


_Read = Callable[[Session, Meeting, int], tuple[Subject, str, Callable[[], bytes]]]
_KINDS: dict[str, _Read] = {"minutes": _minutes, "notice": _notice}


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/archive", defaults={"kind": "minutes"})
@bp.get("/meetings/<int:meeting_id>/notice/archive", defaults={"kind": "notice", "annex": 0})
@requires(Permission.ATTEND_MEETINGS)
def ask(meeting_id: int, kind: str, annex: int) -> str:
    """The form that puts locked minutes, or the notice of conclusions, into the archive."""
    return _page(meeting_id, kind, annex)


def _page(meeting_id: int, kind: str, annex: int, form: ArchiveForm | None = None) -> str:
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        _subject, name, _content = _KINDS[kind](session, meeting, annex)
        return render_template(
            "meetings/minutes/archive.html",
            meeting=meeting,
            form=_form(session, meeting_id, form),
            kind=kind,
            name=name,
            annex=annex,
        )


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/archive", defaults={"kind": "minutes"})
@bp.post("/meetings/<int:meeting_id>/notice/archive", defaults={"kind": "notice", "annex": 0})
@requires(Permission.ATTEND_MEETINGS)
def put(meeting_id: int, kind: str, annex: int) -> Answer:
    """Put locked minutes, or the notice of conclusions, into the archive."""
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        _subject, name, content = _KINDS[kind](session, meeting, annex)
        form = _form(session, meeting_id)
        if not form.validate():
            return _page(meeting_id, kind, annex, form), 422
        pdf = content()
    document_id = _receive(name, pdf, form)
    with writing() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.PREPARE)
        subject, _name, _content = _KINDS[kind](session, meeting, annex)
        subject.document_id = document_id
        act = Act(session, meeting, participant, None)
        act.record(f"{kind}_archived", parts="", annex=annex, document=document_id)
    live.announce(meeting_id)
    flash(_("Đã đưa vào kho lưu trữ; văn bản đang được đọc để tìm được theo nội dung."), "success")
    back = url_for("minutes.minutes", meeting_id=meeting_id, annex=annex or None)
    return redirect(back if kind == "minutes" else url_for("tasks.conclusions", meeting_id=meeting_id), 303)


def _receive(name: str, content: bytes, form: ArchiveForm) -> int:
    """Take the file in as any other; it may be repeated, since the same bytes are linked and not kept twice."""
    with writing() as session:
        batch_id = open_batch(
            session,
            source="meeting",
            person=me(),
            attested_by=me().name,
            record_file=Places(session).get(int(form.record_file.keys[0])) if form.record_file.keys else None,
            access=Access(form.access.data),
            address=request.remote_addr or "",
        ).id
    arrival = Arrival(name, io.BytesIO(content))
    receipt_id = receive(system().database, system().objects, batch_id, arrival, limit=settings().max_upload_mb * _MIB)
    with reading() as session:
        document_id = session.get_one(Receipt, receipt_id).document_id
    if document_id is None:
        raise StepNotAllowed("refused", "archive")
    return document_id
