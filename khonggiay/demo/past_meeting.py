"""A meeting of the demo that is over: held as people hold one, by the clock of its day, up to locked minutes, conclusions and tasks;
and the papers of the conference ahead.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground import clock
from domain.ground.calendars import add_working_days
from domain.ground.clock import VIETNAM, day_of, now
from domain.ground.official_papers import Block, Header, Heading, OfficialPaper, Paragraph, Title
from domain.meetings.agenda import ItemKind, ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.minutes import draft
from domain.meetings.notices import NoticeHead
from domain.meetings.papers import PaperState
from domain.meetings.voting import VoteKind
from domain.people.access import Access, preparing_circle
from khonggiay.demo.meetings import CHAIR, MEETINGS, SECRETARY, prepare_meeting
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.bodies import Body
from storage.meetings.course import course_of
from storage.meetings.floor import Asking, Floor
from storage.meetings.meetings import AgendaItem, Meeting, Meetings, Participant
from storage.meetings.minutes import Approver, MeetingMinutes
from storage.meetings.papers import Papers
from storage.meetings.preparing import Preparation
from storage.meetings.tasks import Conclusion, Conclusions, Task, Tasks
from storage.meetings.votes import Votes
from storage.people.people import People, Person
from storage.people.units import Units
from webapp.ground.printing.pdf import to_pdf

_BEGINS = time(8)
_ABSENT, _ONLINE = 7, 9  # places on the list
_SPEAKERS = ((2, 6), (8, 4))  # places on the list, and minutes
_AGAINST, _ABSTAINED = 6, 10


def add_past_meeting(session: Session, body: Body) -> None:
    """The meeting of the standing committee of four weeks ago."""
    day = _working_day(clock.today() - timedelta(weeks=4))
    starts_at = datetime.combine(day, _BEGINS, tzinfo=VIETNAM)
    meeting = prepare_meeting(
        session, body, f"Họp Ban Thường vụ tháng {day.month}/{day.year}", starts_at, timedelta(hours=2), MEETINGS["past"]
    )
    meeting.place, meeting.invitation_number = "Phòng họp số 1, trụ sở LĐLĐ tỉnh", "14/GM-LĐLĐ"
    with clock.at(starts_at - timedelta(days=5)):
        Preparation(session, meeting).convene()
        Meetings(session).add_event(meeting, "meeting_convened", person_id=meeting.created_by_id, parts="now agenda")
    _Past(session, meeting, starts_at).hold()


def _working_day(day: date) -> date:
    """That day, or the next working day."""
    return add_working_days(day - timedelta(days=1), 1)


@dataclass
class _Past:
    """A meeting that is gone through step by step; `moment` is the time of its clock."""

    session: Session
    meeting: Meeting
    moment: datetime

    def hold(self) -> None:
        """From the opening to the tasks."""
        self._open()
        for item in self.meeting.items:
            self._treat(item)
        said = self._conclude()
        self._event("meeting_closed")
        self.meeting.state, self.meeting.closed_at = MeetingState.CLOSED, self.moment
        self._write_minutes()
        self._give_tasks(said)

    @property
    def _chair(self) -> Person:
        return People(self.session).named(CHAIR)

    @property
    def _secretary(self) -> Person:
        return People(self.session).named(SECRETARY)

    def _voters(self) -> list[Participant]:
        return [one for one in self.meeting.participants if one.has_vote]

    def _here(self) -> list[Participant]:
        return [one for place, one in enumerate(self._voters()) if place != _ABSENT]

    def _event(self, kind: str, item: AgendaItem | None = None, **facts: object) -> None:
        with clock.at(self.moment):
            Meetings(self.session).add_event(self.meeting, kind, person_id=self._chair.id, item=item, facts=facts)

    def _open(self) -> None:
        meeting, attendance = self.meeting, Attendance(self.session, self.meeting)
        with clock.at(self.moment - timedelta(minutes=8)):
            for place, one in enumerate(meeting.participants):
                if place == _ABSENT:
                    one.coming, one.reason, one.answered_at = False, "Đi công tác tại Hà Nội", now()
                    continue
                one.coming, one.answered_at = True, now()
                how = Presence.ONLINE if place == _ONLINE else Presence.IN_ROOM
                attendance.come(one, how, set_by="self", set_by_id=one.person_id)
        meeting.state, meeting.opened_at = MeetingState.OPEN, self.moment
        meeting.presiding_id, meeting.presiding_since = self._chair.id, self.moment
        self._event("meeting_opened", name=self._chair.name)

    def _treat(self, item: AgendaItem) -> None:
        item.state, item.taken_up_at = ItemState.ON_FLOOR, self.moment
        self._event("item_taken_up", item, title=item.title)
        if item.kind is ItemKind.DISCUSSION:
            for place, minutes in _SPEAKERS:
                self._speak(self._voters()[place], timedelta(minutes=minutes))
        if item.kind is ItemKind.DECISION:
            self._vote(item)
        self.moment += timedelta(minutes=10)
        item.state, item.done_at = ItemState.DONE, self.moment
        self._event("item_done", item, title=item.title)

    def _speak(self, one: Participant, lasting: timedelta) -> None:
        floor = Floor(self.session, self.meeting)
        with clock.at(self.moment):
            speech, _ = floor.ask(one, Asking())
            floor.call(speech, timedelta(minutes=5))
        self.moment += lasting
        with clock.at(self.moment):
            floor.end(speech)

    def _vote(self, item: AgendaItem) -> None:
        votes = Votes(self.session)
        vote = votes.prepare(self.meeting, item, kind=VoteKind.NAMED, question=MEETINGS["question"])
        with clock.at(self.moment):
            votes.open(vote)
        self._event(
            "vote_opened", item, vote=vote.id, members=vote.members, present=vote.present, quorum_needed=vote.quorum_needed
        )
        self.moment += timedelta(minutes=1)
        with clock.at(self.moment):
            for one in self._here():
                chosen = {_AGAINST: "against", _ABSTAINED: "abstain"}.get(one.position, "for")
                votes.cast(vote.id, person_id=one.person_id, chosen=[chosen], ballot_id=f"demo-{vote.id}-{one.id}")
            votes.close(vote)
            votes.publish(vote)
        self._event("vote_published", item, vote=vote.id, decision=votes.verdict(vote).decision)

    def _write_minutes(self) -> None:
        """Drafted and approved by both on the day after; the second approval locks them."""
        with clock.at(self.moment + timedelta(days=1)):
            book = MeetingMinutes(self.session, self.meeting)
            minutes = book.draft(draft(course_of(self.session, self.meeting)), self._secretary)
            for approver, person in ((Approver.SECRETARY, self._secretary), (Approver.CHAIR, self._chair)):
                book.approve(minutes, approver, person, revision=minutes.revision)

    def _conclude(self) -> list[Conclusion]:
        book = Conclusions(self.session, self.meeting)
        with clock.at(self.moment):
            return [book.add(text, self._secretary, item=self.meeting.items[-1]) for text in MEETINGS["conclusions"]]

    def _give_tasks(self, said: list[Conclusion]) -> None:
        """The notice of the conclusions, and a task from each: one done, one under way, one overdue."""
        office, member = People(self.session).named("chanhvanphong"), self._secretary
        tasks = Tasks(self.session)
        with clock.at(self.moment + timedelta(days=2)):
            head = NoticeHead("21/TB-LĐLĐ", day_of(now()), "Gia Lai", ("TL. BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG"), office.name)
            Conclusions(self.session, self.meeting).issue(head, self._secretary)
            done = tasks.add(said[0], "Hoàn thiện Đề án số hóa", self._in(14), self._secretary, owner=office, unit=None)
            going = tasks.add(said[1], "Rà soát đối tượng hỗ trợ Tết", self._in(45), self._secretary, owner=member, unit=None)
            unit = Units(self.session).find("CD-QUYNHON")
            tasks.add(said[2], "Báo cáo việc thu kinh phí", self._in(21), self._secretary, owner=None, unit=unit)
        self._report(tasks, done, going)

    def _in(self, days: int) -> date:
        return day_of(self.moment) + timedelta(days=days)

    def _report(self, tasks: Tasks, done: Task, going: Task) -> None:
        with clock.at(self.moment + timedelta(days=12)):
            tasks.finish(done, "Đã trình dự thảo Đề án kèm tài liệu Hội nghị.", People(self.session).named("chanhvanphong"))
            tasks.report(going, "Đã có danh sách của mười đơn vị.", 60, self._secretary)


def add_papers(settings: Settings, database: Database, objects: Objects) -> None:
    """The papers of the conference, published: the worker reads them like any others. What is there already stays."""
    with database.reading() as session:
        wanted = select(Meeting.id).where(Meeting.state == MeetingState.CONVENED).order_by(Meeting.id)
        meeting_id = session.scalars(wanted).first()
        if meeting_id is None or Papers(session, session.get_one(Meeting, meeting_id)).all():
            return
    received = [_receive(settings, database, objects, meeting_id, paper) for paper in MEETINGS["papers"]]
    with database.writing() as session:
        meeting, clerk = session.get_one(Meeting, meeting_id), People(session).named("vanthu")
        papers = Papers(session, meeting)
        for told, receipt_id in zip(MEETINGS["papers"], received, strict=True):
            receipt = session.get_one(Receipt, receipt_id)
            paper = papers.add(meeting.items[told["item"]], told["title"])
            version = papers.add_version(
                paper, file_name=receipt.name, media_type="application/pdf", size=receipt.size, person_id=clerk.id,
                document=receipt.document,
            )  # fmt: skip
            version.state, version.published_at, version.approved_by_id = PaperState.PUBLISHED, now(), clerk.id
            papers.settle_circles(paper)


def _receive(settings: Settings, database: Database, objects: Objects, meeting_id: int, paper: dict[str, Any]) -> int:
    with database.writing() as session:
        clerk = People(session).named("vanthu")
        batch = open_batch(
            session, source="meeting", person=clerk, attested_by=clerk.name, access=Access.RESTRICTED,
            circle=preparing_circle(meeting_id),
        ).id  # fmt: skip
    content = io.BytesIO(to_pdf(_paper(**paper)))
    limit = settings.max_upload_mb * 1024 * 1024
    return receive(database, objects, batch, Arrival(f"{paper['title']}.pdf", content), limit=limit)


def _paper(title: str, kind: str, abstract: str, paragraphs: list[str], **_place: int) -> OfficialPaper:
    head = Header("TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM", "LIÊN ĐOÀN LAO ĐỘNG TỈNH GIA LAI", "Số:      /DT-LĐLĐ")
    body: list[Block] = [Heading("Nội dung chính")]
    body += [Paragraph(f"{place}. {text}") for place, text in enumerate(paragraphs, start=1)]
    return OfficialPaper(title, (head, Title(kind, abstract), *body))
