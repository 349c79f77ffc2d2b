"""Life without network: the service worker of meeting pages, and the pack of papers with which a meeting goes on by hand."""

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import IO, cast

from flask import Blueprint, Response, current_app, request
from flask_babel import force_locale
from sqlalchemy.orm import Session
from werkzeug.wsgi import FileWrapper

from domain.ground.vietnamese import fold
from domain.meetings.agenda import numbers
from domain.meetings.meetings import Right
from domain.meetings.papers import PaperState
from domain.people.roles import Permission
from storage.ground.fixity.checks import finding_of
from storage.ground.objects import CHUNK, NotWhole
from storage.meetings.agenda import Agenda
from storage.meetings.ballots import Vote
from storage.meetings.meetings import Meeting, Participant
from storage.meetings.papers import Papers, PaperVersion
from storage.meetings.votes import Votes
from webapp.ground.access import audit_reading, me, person, requires
from webapp.ground.errors import note_lost_aside
from webapp.ground.files import attached
from webapp.ground.problems import LOST
from webapp.ground.system import reading, system
from webapp.meetings import sheets
from webapp.meetings.live.acts import open_meeting
from webapp.meetings.live.rights import rights_in

bp = Blueprint("offline", __name__)

SEES_DRAFTS = frozenset({Right.PREPARE, Right.TAKE_SEAT, Right.RECORD})  # also votes that have not been opened yet
_IN_MEMORY = 8 << 20  # bytes of a pack kept in memory before it goes to the disk


@bp.get("/service-worker.js")
@requires(Permission.ANYONE)
def service_worker() -> Response:
    """The service worker; it stands at the root so that it may look after the pages of meetings."""
    answer = Response(Path(current_app.root_path, "static/js/service-worker.js").read_text("utf-8"), mimetype="text/javascript")
    answer.cache_control.no_cache = True
    return answer


@bp.after_app_request
def _say_whose(answer: Response) -> Response:
    """Whose page it is, so that a device never keeps it under another name."""
    somebody = person()
    if somebody and request.path.startswith("/meetings/"):
        answer.headers["X-Person"] = str(somebody.id)
    return answer


@bp.get("/meetings/<int:meeting_id>/pack.zip")
@requires(Permission.ATTEND_MEETINGS)
def pack(meeting_id: int) -> Response:
    """Agenda, papers, roll, paper ballots and what to do when power or network fail, as far as this person may have them."""
    with reading() as session:
        open_meeting(session, meeting_id, Right.ATTEND)
    audit_reading("offline_pack_taken", subject=("meeting", meeting_id))
    target = cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed with the answer
    with ExitStack() as unless_done, reading() as session, force_locale("vi"):
        unless_done.callback(target.close)
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _sheets(session, meeting, participant):
                archive.writestr(name, content)
            for name, version in _papers(session, meeting, participant):
                _add(archive, name, version)
        name = f"bo-giay-{_plain(meeting.title)}.zip"
        unless_done.pop_all()
    target.seek(0)
    answer = Response(FileWrapper(target, CHUNK), mimetype="application/zip", direct_passthrough=True)
    answer.call_on_close(target.close)
    return attached(answer, name)


def _sheets(session: Session, meeting: Meeting, participant: Participant | None) -> Iterator[tuple[str, bytes]]:
    is_whole = participant is None or participant.sees_whole
    items = [item for item in meeting.items if participant is None or participant.may_see(item)]
    named = numbers(Agenda(session, meeting).facts)
    yield "0-khi-mat-dien-mat-mang.pdf", sheets.instructions(meeting)
    yield "1-chuong-trinh.pdf", sheets.agenda(meeting, [(named[item.id], item) for item in items])
    if is_whole:
        yield "2-danh-sach-ky.pdf", sheets.roll(meeting)
        votes = _votes(session, meeting, participant)
        voters = sum(one.has_vote for one in meeting.participants)
        if votes and voters:
            yield "3-phieu-bieu-quyet.pdf", sheets.ballots(meeting, votes, voters)


def _votes(session: Session, meeting: Meeting, participant: Participant | None) -> list[Vote]:
    """The votes that a paper ballot may be needed for, as far as the person may know of them."""
    drafts = bool(rights_in(meeting, participant, me()) & SEES_DRAFTS)
    return [vote for vote in Votes(session).of(meeting) if vote.closed_at is None and vote.cancelled_at is None
            and (drafts or vote.opened_at is not None)]  # fmt: skip


def _papers(session: Session, meeting: Meeting, participant: Participant | None) -> Iterator[tuple[str, PaperVersion]]:
    """The published papers that the person may see, each with its name in the pack."""
    named = numbers(Agenda(session, meeting).facts)
    for paper in Papers(session, meeting).visible(participant, prepares=participant is None):
        version = paper.shown
        if version is None or version.state is not PaperState.PUBLISHED or version.is_held_back:
            continue
        number = named[paper.item_id] if paper.item_id else "0"
        ending = PurePath(version.file_name).suffix.lower()
        yield f"tai-lieu/{number}-{_plain(paper.title)}-{paper.id}-ban-{version.number}{ending}", version


def _add(archive: zipfile.ZipFile, name: str, version: PaperVersion) -> None:
    key = version.sha256 or (version.document.files[0].sha256 if version.document else "")
    try:
        with system().objects.open(key) as source, archive.open(name, "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, CHUNK)
    except NotWhole as lost:
        note_lost_aside(lost)
        archive.writestr(f"{name}.thieu.txt", f"{LOST[finding_of(lost)]}\n")


def _plain(title: str) -> str:
    """A title as the name of a file on any system.

    >>> _plain("Báo cáo: kết quả năm 2026")
    'bao-cao-ket-qua-nam-2026'
    """
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60] or "tai-lieu"
