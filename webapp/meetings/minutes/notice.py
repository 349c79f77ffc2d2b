"""The notice of conclusions as it was issued, from its record to its files."""

from sqlalchemy.orm import Session

from domain.ground.clock import day_of
from domain.ground.official_papers import OfficialPaper
from domain.meetings.notices import Met, NoticeHead, notice
from storage.meetings.course import course_of, issuer_of
from storage.meetings.tasks import ConclusionNotice
from webapp.ground.printing.pdf import to_pdf


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
