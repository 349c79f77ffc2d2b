"""Conclusions, their notice and tasks as records."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.ground.errors import NotFound, StepNotAllowed
from domain.meetings.notices import NoticeHead
from storage.ground.database import Database
from storage.meetings.meetings import Meeting
from storage.meetings.tasks import Conclusions, Task, Tasks, notice_due_on, tasks_of
from storage.people.people import People, Person
from storage.people.units import Unit, Units
from tests.cast import Cast, gather
from tests.held import hold_meeting
from tests.meetings import Gathering

HEAD = NoticeHead("15/TB-LĐLĐ", date(2026, 12, 1), "Gia Lai", ("TL. BAN CHẤP HÀNH", "CHÁNH VĂN PHÒNG"), "Bùi Thị Ghi")


class Desk:
    """One session with a held meeting, its conclusions, and its people."""

    def __init__(self, session: Session, cast: Cast, held: Gathering) -> None:
        self.session, self.meeting = session, session.get_one(Meeting, held.meeting)
        self.book, self.tasks = Conclusions(session, self.meeting), Tasks(session)
        people = People(session)
        self.chair, self.member = people.get(cast.people["chair"]), people.get(cast.people["member"])
        self.unit = Units(session).get(cast.units["VP"])

    def task(self, due_on: date, *, owner: Person | None = None, unit: Unit | None = None) -> Task:
        (conclusion,) = self.book.all()
        return self.tasks.add(conclusion, "Việc", due_on, self.chair, owner=owner, unit=unit)


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    cast = gather(database)
    held = hold_meeting(database, cast)
    with database.writing() as session:
        yield Desk(session, cast, held)


def test_conclusions_stand_in_the_order_they_were_drawn(desk: Desk) -> None:
    desk.book.add("Hai.", desk.chair)
    desk.book.add("Ba.", desk.chair)
    assert [one.text for one in desk.book.all()] == ["Nhất trí thông qua Nghị quyết.", "Hai.", "Ba."]


def test_the_notice_is_due_five_working_days_after_the_close_in_vietnam(desk: Desk) -> None:
    assert notice_due_on(desk.meeting) == date(2026, 12, 2)
    desk.meeting.closed_at = None
    assert notice_due_on(desk.meeting) is None


def test_the_notice_keeps_the_text_that_went_out(desk: Desk) -> None:
    desk.book.add("Hai.", desk.chair)
    notice = desk.book.issue(HEAD, desk.chair)
    assert notice.conclusions == "1. Nhất trí thông qua Nghị quyết.\n2. Hai."
    with pytest.raises(StepNotAllowed):
        desk.book.issue(HEAD, desk.chair)
    with pytest.raises(StepNotAllowed):
        desk.book.remove(desk.book.all()[1])


def test_a_task_belongs_to_its_person_or_to_those_of_its_unit(desk: Desk) -> None:
    of_person, of_unit = desk.task(date(2026, 12, 9), owner=desk.member), desk.task(date(2026, 12, 1), unit=desk.unit)
    day = date(2026, 11, 30)
    assert of_person.belongs_to(desk.member, day)
    assert not of_unit.belongs_to(desk.member, day)
    assert desk.tasks.open(tasks_of(desk.member, desk.member.units_on(day))).rows == [of_person]
    assert desk.tasks.open(tasks_of(desk.member, [desk.unit.id])).rows == [of_unit, of_person]


def test_a_task_without_an_owner_is_refused_by_the_database(desk: Desk) -> None:
    with pytest.raises(IntegrityError):
        desk.task(date(2026, 12, 9))


def test_a_task_is_open_until_it_is_done(desk: Desk) -> None:
    task = desk.task(date(2026, 12, 9), owner=desk.member)
    assert desk.tasks.open().rows == [task]
    assert desk.tasks.open(Meeting.id == task.conclusion.meeting_id).rows == [task]
    assert desk.tasks.open(Meeting.id != task.conclusion.meeting_id).rows == []
    desk.tasks.finish(task, "Xong.", desk.member)
    assert desk.tasks.open().rows == []


def test_progress_is_what_the_latest_report_says(desk: Desk) -> None:
    task = desk.task(date(2026, 12, 9), owner=desk.member)
    assert task.percent == 0
    desk.tasks.report(task, "Một nửa.", 50, desk.member)
    desk.tasks.report(task, "Còn chờ.", None, desk.member)
    assert task.percent == 50
    desk.tasks.finish(task, "Xong.", desk.member)
    assert task.percent == 100
    with pytest.raises(StepNotAllowed):
        desk.tasks.report(task, "Thêm.", 10, desk.member)
    desk.tasks.reopen(task, "Chưa xong.", desk.chair)
    assert task.done_at is None
    with pytest.raises(StepNotAllowed):
        desk.tasks.reopen(task, "Chưa xong.", desk.chair)


def test_a_conclusion_of_another_meeting_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.book.get(999)
