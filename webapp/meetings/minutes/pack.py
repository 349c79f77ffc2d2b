"""The audit pack of a meeting: JSON and a summary in one ZIP, for the head of the meeting and those who convene, after the close.

`khonggiay recount` counts every vote of it again. The same records always give the same bytes.
"""

import hashlib
import io
import json
import zipfile

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session

from domain.ground.clock import day_of
from domain.ground.errors import NotAllowed
from domain.ground.official_papers import Block, Ending, Header, Heading, OfficialPaper, Paragraph, Signature, Title
from domain.meetings.meetings import Part, Right
from domain.meetings.minutes import correction_in_words, in_words, vote_in_words
from domain.people.roles import Permission
from storage.meetings.course import corrections_of, issuer_of
from storage.meetings.meetings import Meeting, Meetings, Participant
from storage.meetings.minutes import MeetingMinutes
from storage.meetings.packs import pack_of
from storage.meetings.results import result_of
from storage.meetings.votes import Votes
from webapp.ground.access import audit, me, requires, shows
from webapp.ground.files import download
from webapp.ground.printing.pdf import to_pdf
from webapp.ground.system import writing
from webapp.meetings.live.acts import open_meeting
from webapp.meetings.live.rights import check_closed, leads_or_convenes

bp = Blueprint("pack", __name__)

PACK, SUMMARY, SUMS = "goi.json", "tom-tat.pdf", "SHA256SUMS"


def _check(meeting: Meeting, participant: Participant | None) -> None:
    """Raises NotAllowed for who may not take it, StepNotAllowed before the close."""
    if not leads_or_convenes(meeting, participant, me()):
        raise NotAllowed("take_pack")
    check_closed(meeting)


@bp.get("/meetings/<int:meeting_id>/pack")
@shows(Permission.ATTEND_MEETINGS)
def pack(session: Session, meeting_id: int) -> str:
    """What the audit pack holds, and how it is checked."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    _check(meeting, participant)
    return render_template("meetings/minutes/pack.html", meeting=meeting, pack=pack_of(session, meeting), takes_pack=True)


@bp.post("/meetings/<int:meeting_id>/pack.zip")
@requires(Permission.ATTEND_MEETINGS)
def take(meeting_id: int) -> Response:
    """The pack as a ZIP. Taking it stands in the audit trail and is no event of the meeting, so that two packs are the same."""
    with writing() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        _check(meeting, participant)
        content = zipped(session, meeting)
        audit(session, "pack_taken", subject=("meeting", meeting.id), facts={"sha256": hashlib.sha256(content).hexdigest()})
    return download(content, f"ho-so-kiem-chung-{meeting_id}.zip", "application/zip")


def zipped(session: Session, meeting: Meeting) -> bytes:
    """The ZIP with the pack, its summary, and their hashes."""
    values = json.dumps(pack_of(session, meeting), ensure_ascii=False, indent=1, sort_keys=True)
    files = {PACK: values.encode(), SUMMARY: to_pdf(summary(session, meeting))}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in {**files, SUMS: sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def summary(session: Session, meeting: Meeting) -> OfficialPaper:
    """What the pack says, for people: the votes with their verdicts, and the hash of the minutes."""
    superior, issuer = issuer_of(session, meeting)
    votes = Votes(session)
    blocks: list[Block] = [
        Header(superior.upper(), issuer.upper(), ""),
        Title("TÓM TẮT HỒ SƠ KIỂM CHỨNG", meeting.title),
        Paragraph(f"Cuộc họp ngày {in_words(day_of(meeting.opened_at or meeting.starts_at))}. Tệp {PACK} chứa mọi diễn biến, "
                  "danh sách biểu quyết và phiếu; phiếu kín không kèm tên. Lệnh khonggiay recount kiểm lại từng biểu quyết."),
    ]  # fmt: skip
    corrections = corrections_of(Meetings(session).events(meeting))
    blocks += [Heading("Sửa điểm danh sau khi bế mạc")] if corrections else []
    blocks += [Paragraph(f"- {correction_in_words(one)}") for one in corrections]
    for vote in votes.of(meeting):
        if result := result_of(votes, vote):
            blocks += [Heading(f"Biểu quyết {vote.id}"), *(Paragraph(line) for line in vote_in_words(result))]
    for one in MeetingMinutes(session, meeting).all():
        named = f"Phụ lục {one.annex}" if one.annex else "Biên bản"
        blocks.append(Paragraph(f"{named}: {f'đã khóa, mã kiểm tra {one.sha256}' if one.sha256 else 'chưa khóa'}."))
    secretary = next((one.name for one in meeting.participants if one.part is Part.SECRETARY), "")
    blocks.append(Ending(Signature(("THƯ KÝ",), secretary), None, ()))
    return OfficialPaper(f"Tóm tắt hồ sơ kiểm chứng {meeting.title}", tuple(blocks), meeting.is_rehearsal)
