"""What a meeting leaves as papers, from its records to its files: the minutes, and the notice of conclusions as it was issued."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.ground.clock import day_of
from domain.ground.official_papers import OfficialPaper
from domain.meetings.notices import Met, NoticeHead, notice
from storage.meetings.course import course_of, issuer_of
from storage.meetings.minutes import MeetingMinutes, Minutes
from storage.meetings.tasks import ConclusionNotice
from webapp.ground.formats import moment
from webapp.ground.printing.pdf import to_pdf


def minutes_pdf(book: MeetingMinutes, minutes: Minutes) -> bytes:
    """The PDF of the minutes; the same text always gives the same bytes."""
    return to_pdf(book.paper(minutes), footer=minutes_foot(minutes))


def minutes_foot(minutes: Minutes) -> str:
    """What stands at the foot of the PDF: the hash of the minutes once they are locked."""
    if minutes.is_locked:
        return str(_("Đã khóa %(when)s. Mã kiểm tra: %(hash)s", when=moment(minutes.locked_at), hash=minutes.sha256))
    return str(_("Dự thảo, chưa có giá trị"))


def minutes_stem(meeting_id: int, annex: int) -> str:
    """The name under which the minutes are saved, without its ending."""
    return f"bien-ban-{meeting_id}{f'-phu-luc-{annex}' if annex else ''}"


def notice_paper(session: Session, issued: ConclusionNotice) -> OfficialPaper:
    """The notice as a paper."""
    meeting = issued.meeting
    superior, issuer = issuer_of(session, meeting)
    met = Met(meeting.title, day_of(meeting.opened_at or meeting.starts_at), meeting.place, course_of(session, meeting).chair)
    capacity = tuple(line for line in issued.capacity.splitlines() if line)
    head = NoticeHead(issued.number, issued.issued_on, issued.locality, capacity, issued.signer)
    return notice(head, met, issued.conclusions, superior=superior, issuer=issuer, is_rehearsal=meeting.is_rehearsal)


def notice_pdf(session: Session, issued: ConclusionNotice) -> bytes:
    """The notice as a PDF."""
    return to_pdf(notice_paper(session, issued))
