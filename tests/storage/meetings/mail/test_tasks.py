"""Reminders of tasks: before the day and once it has passed, each once, to whoever is to do them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from domain.ground import clock
from domain.ground.clock import VIETNAM
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.meetings.mail.tasks import has_reminders_due, remind_due
from storage.meetings.meetings import Meeting
from storage.meetings.tasks import Conclusions, Task, Tasks
from storage.people.people import People, Seat
from storage.people.units import Units
from tests.cast import gather
from tests.held import hold_meeting
from tests.meetings import Gathering

DUE = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def clock_stands() -> Iterator[None]:
    yield
    clock.fix(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path)


@pytest.fixture
def office(database: Database) -> Gathering:
    """A task of the member, who has an address, and one of a unit where two have a seat and one of them an address."""
    cast = gather(database)
    held = hold_meeting(database, cast)
    with database.writing() as session:
        people, tasks = People(session), Tasks(session)
        member, chair = people.get(cast.people["member"]), people.get(cast.people["chair"])
        member.login, unit = "uyvien@ldld.example.vn", Units(session).get(cast.units["CD-TUYPHUOC"])
        staff = people.get(cast.people["staff"])
        staff.login = "chuyenvien@ldld.example.vn"
        for person in (staff, chair):
            person.seats.append(Seat(unit_id=unit.id, title="Ủy viên", valid_from=date(2025, 1, 1)))
        (conclusion,) = Conclusions(session, session.get_one(Meeting, held.meeting)).all()
        tasks.add(conclusion, "Hoàn thành kế hoạch số hóa", DUE, chair, owner=member, unit=None)
        tasks.add(conclusion, "Tổ chức tập huấn", DUE + timedelta(days=30), chair, owner=None, unit=unit)
    return held


def on(database: Database, settings: Settings, day: date) -> int:
    """What the periodic job writes on that day, twice, since it comes round all the time."""
    clock.fix(datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM))
    with database.writing() as session:
        written = remind_due(session, settings)
        assert remind_due(session, settings) == 0
        assert not has_reminders_due(session)
        return written


def test_each_task_is_reminded_of_once_before_its_day_and_once_after(
    database: Database, office: Gathering, settings: Settings
) -> None:
    assert [on(database, settings, DUE + timedelta(days=n)) for n in (-4, -3, -1, 0, 1, 5)] == [0, 1, 0, 0, 1, 0]
    with database.reading() as session:
        soon, late = session.query(Mail).order_by(Mail.id)
        assert (soon.kind, soon.recipient) == ("task", "uyvien@ldld.example.vn")
        assert soon.subject == "Sắp đến hạn: Hoàn thành kế hoạch số hóa"
        assert "đến hạn ngày 10/12/2026" in soon.text
        assert "/tasks/1" in soon.text
        assert late.subject == "Quá hạn: Hoàn thành kế hoạch số hóa"


def test_a_unit_is_reminded_through_those_who_have_a_seat_and_an_address(
    database: Database, office: Gathering, settings: Settings
) -> None:
    on(database, settings, DUE + timedelta(days=29))
    with database.reading() as session:
        assert [(one.recipient, one.subject) for one in session.query(Mail).order_by(Mail.id)] == [
            ("uyvien@ldld.example.vn", "Quá hạn: Hoàn thành kế hoạch số hóa"),
            ("chuyenvien@ldld.example.vn", "Sắp đến hạn: Tổ chức tập huấn"),
        ]


def test_a_task_that_is_done_or_of_a_rehearsal_reminds_nobody(
    database: Database, office: Gathering, settings: Settings
) -> None:
    with database.writing() as session:
        first, second = session.query(Task).order_by(Task.id)
        assert first.owner
        Tasks(session).finish(first, "Xong.", first.owner)
        second.conclusion.meeting.is_rehearsal = True
    assert on(database, settings, DUE + timedelta(days=31)) == 0
