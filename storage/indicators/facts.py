"""Figures that nobody has to report: what the registers of outgoing documents say, and what the system knows of itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from domain.archive.work import IN_THE_ARCHIVE, WHOLE
from domain.directives.issuance import Reading
from domain.directives.shares import Basis, Counts
from domain.ground.clock import VIETNAM, now
from domain.ground.periods import Period
from domain.indicators.indicators import Answer, Fact, Figure
from domain.meetings.meetings import MeetingState
from domain.meetings.papers import PaperState
from domain.meetings.voting import Means
from storage.archive.documents import Document, Page
from storage.archive.places import RecordFile
from storage.directives.outgoing import OutgoingDocument, RegisterReport
from storage.directives.shares import NOTHING, Selection, Shares
from storage.ground.database import ids_as_text, ids_in
from storage.meetings.ballots import Vote
from storage.meetings.meetings import AgendaItem, Meeting
from storage.meetings.papers import Paper, PaperVersion

READING = Reading.LEGAL  # the headline of the share, by what the registers claim: docs/share-definition.md


def registers_together(session: Session, units: Collection[int], period: Period) -> tuple[Figure, frozenset[int]]:
    """What the registers say of these units together, and of which of them they hold anything that is due."""
    found = Shares(session, Selection(period, frozenset(units)))
    return _figure(found.whole().of(Basis.CLAIMED, READING)), found.issuers()


def register_figures(session: Session, units: Collection[int], period: Period) -> dict[int, Figure]:
    """What the registers say of each of these units: directives issued electronically, of all, with those of which it is unknown."""
    found = Shares(session, Selection(period, frozenset(units))).by_unit()
    return {unit: _figure(found.get(unit, NOTHING).of(Basis.CLAIMED, READING)) for unit in units}


def _figure(counts: Counts) -> Figure:
    return Figure(counts.electronic, counts.due, counts.unknown)


def registers_complete(session: Session, units: Collection[int], period: Period) -> frozenset[int]:
    """Those of these units that have said of every month of the period that their register is complete."""
    months = [(one.first.year, one.first.month) for one in period.months()]
    place = RegisterReport.year * 12 + RegisterReport.month
    first, last = (year * 12 + month for year, month in (months[0], months[-1]))
    complete = (
        select(RegisterReport.unit_id)
        .where(RegisterReport.year.between(months[0][0], months[-1][0]), place.between(first, last))
        .group_by(RegisterReport.unit_id)
        .having(func.count() == len(months))  # a month is reported once
    )
    ids = complete.subquery().c.unit_id
    return ids_in(session.scalar(select(ids_as_text(ids)))) & frozenset(units)


@dataclass(frozen=True, slots=True)
class SystemFact:
    """What the system knows of a milestone: whether it is done, and two counts, which webapp/indicators/words.py explains."""

    answer: Answer
    done: int
    whole: int


def fact(session: Session, wanted: Fact, period: Period) -> SystemFact:
    """The fact, as of the end of the period."""
    return {
        Fact.SHARED_SOFTWARE: _shared_software,
        Fact.PAPERLESS_MEETINGS: _paperless_meetings,
        Fact.DIGITISED_ARCHIVE: _digitised_archive,
    }[wanted](session, period)


def _span(period: Period) -> tuple[datetime, datetime]:
    """From the first moment of the period in Vietnam to the last, or to now."""
    first, after = (datetime.combine(day, time(), VIETNAM) for day in (period.first, period.last + timedelta(days=1)))
    return first, min(after, now())


def _shared_software(session: Session, period: Period) -> SystemFact:
    """Documents that can be found here, and outgoing documents registered here: the software is in use once there are any."""
    until = _span(period)[1]
    documents = select(func.count()).where(Document.standing.in_(WHOLE), Document.created_at < until)
    registered = select(func.count()).where(OutgoingDocument.created_at < until)
    done, whole = session.scalar(documents) or 0, session.scalar(registered) or 0
    return SystemFact(Answer.DONE if done or whole else Answer.NOT_YET, done, whole)


def _paperless_meetings(session: Session, period: Period) -> SystemFact:
    """Meetings held in the period, and those of them without paper: a published paper, no item and no vote on paper only."""
    first, after = _span(period)
    held = select(func.count()).where(
        Meeting.opened_at >= first, Meeting.opened_at < after, Meeting.state == MeetingState.CLOSED,
        Meeting.is_rehearsal.is_(False), Meeting.is_template.is_(False),
    )  # fmt: skip
    published = exists().where(
        Paper.meeting_id == Meeting.id, PaperVersion.paper_id == Paper.id, PaperVersion.state == PaperState.PUBLISHED
    )
    on_paper = exists().where(AgendaItem.meeting_id == Meeting.id, AgendaItem.is_on_paper_only)
    by_paper = exists().where(Vote.meeting_id == Meeting.id, Vote.means != Means.ELECTRONIC, Vote.opened_at.is_not(None))
    done, whole = session.scalar(held.where(published, ~on_paper, ~by_paper)) or 0, session.scalar(held) or 0
    answer = Answer.DONE if done else Answer.NOT_YET if whole else Answer.UNKNOWN
    return SystemFact(answer, done, whole)


def _digitised_archive(session: Session, period: Period) -> SystemFact:
    """Pages that are read and searchable, of the pages that the record files declare; unknown where none declares any.

    Only record files that declare their pages are compared: of others nobody knows how much paper there is.
    """
    until = _span(period)[1]
    declared = session.scalar(select(func.sum(RecordFile.pages)))
    read = select(RecordFile.pages.label("declared"), func.count(Page.number).label("read")).join(
        Document, Document.record_file_id == RecordFile.id
    ).join(Page, Page.document_id == Document.id).where(
        RecordFile.pages.is_not(None), Document.standing.in_(IN_THE_ARCHIVE), Document.created_at < until
    ).group_by(RecordFile.id, RecordFile.pages).subquery()  # fmt: skip
    least = case((read.c.read < read.c.declared, read.c.read), else_=read.c.declared)
    done = session.scalar(select(func.coalesce(func.sum(least), 0))) or 0
    if not declared:
        return SystemFact(Answer.UNKNOWN, 0, 0)
    return SystemFact(Answer.DONE if done >= declared else Answer.NOT_YET, int(done), int(declared))


def searchable_documents(session: Session, period: Period) -> Figure:
    """Documents of the archive of which every page is read and can be found, of all brought in by the end of
    the period; not papers of meetings."""
    until = _span(period)[1]
    brought = select(func.count()).where(
        Document.standing.in_(IN_THE_ARCHIVE), Document.circle == "", Document.created_at < until
    )
    done = session.scalar(brought.where(Document.standing.in_(WHOLE))) or 0
    return Figure(done, session.scalar(brought) or 0)
