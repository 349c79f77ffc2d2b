"""Whoever keeps the installation is told by mail when backups fail or are overdue: once a day, not more."""

from datetime import timedelta

import pytest

from domain.ground import clock
from domain.ground.clock import now
from domain.people.roles import Role
from storage.archive.alarms import backup_alarm_due, tell_backup
from storage.ground.backup.records import BackupRun
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.people.people import Person
from tests.stored import rows

HOUR = timedelta(hours=1)
OFFICE = Settings()


@pytest.fixture(autouse=True)
def keeper(database: Database) -> None:
    """Somebody who can be written to."""
    with database.writing() as session:
        session.add(Person(login="kho@ldld.example", name="Giữ Kho", password_hash="!", roles={Role.ADMINISTRATOR}))


def tried(database: Database, ago: timedelta, problem: str = "") -> None:
    with database.writing() as session:
        session.add(BackupRun(begun_at=now() - ago, ended_at=now() - ago, problem=problem, place="/backup"))


def told(database: Database, settings: Settings = OFFICE) -> int:
    with database.writing() as session:
        return tell_backup(session, settings)


def test_backups_that_fail_are_told_once_in_a_day_until_one_is_made(database: Database) -> None:
    tried(database, 27 * HOUR)
    tried(database, HOUR, "place")
    assert [told(database), told(database)] == [1, 0]
    with clock.at(now() + 23 * HOUR):
        assert told(database) == 0
    with clock.at(now() + 25 * HOUR):
        assert told(database) == 1
        tried(database, timedelta(0))
    with clock.at(now() + 50 * HOUR):
        assert told(database) == 0
    texts = [mail.text for mail in rows(database, Mail)]
    assert [text.partition(".")[0] for text in texts] == ["Những lần sao lưu gần đây không thành"] * 2
    assert all("/admin/system" in text and "Bản gần nhất được làm xong lúc" in text for text in texts)


def test_one_night_that_failed_is_no_alarm_before_it_has_been_tried_for_two_hours(database: Database) -> None:
    tried(database, 24 * HOUR)
    tried(database, timedelta(0), "place")
    assert told(database) == 0
    with clock.at(now() + 3 * HOUR):
        assert told(database) == 1


def test_a_backup_that_is_overdue_is_told(database: Database) -> None:
    tried(database, 47 * HOUR)
    assert told(database) == 0
    with clock.at(now() + 2 * HOUR):
        assert told(database) == 1
    assert "quá hai ngày" in rows(database, Mail)[0].text


def test_a_backup_of_the_future_is_no_backup(database: Database) -> None:
    tried(database, -900 * 24 * HOUR)
    assert told(database) == 1


def test_that_there_never_was_one_is_told_where_people_rely_on_the_installation(database: Database) -> None:
    assert told(database) == 0
    assert told(database, Settings(environment="production", secret_key="a" * 32)) == 1
    assert "Chưa có bản sao lưu nào." in rows(database, Mail)[0].text


@pytest.mark.parametrize("problem", ["", "lost", "vote_open", "interrupted"])
def test_what_has_an_alarm_of_its_own_or_only_waits_is_no_failure(database: Database, problem: str) -> None:
    tried(database, 30 * HOUR)
    tried(database, HOUR, problem)
    with database.reading() as session:
        assert backup_alarm_due(session, OFFICE) is None
