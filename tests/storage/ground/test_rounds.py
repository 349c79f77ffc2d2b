"""Every object that a record names is read again in rounds, and whoever keeps the installation is told of each loss once."""

import io
from datetime import timedelta

import pytest

from domain.ground import clock
from domain.ground.clock import now
from domain.people.roles import Role
from storage.archive.alarms import has_alarm_due, tell_due
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.fixity import rounds
from storage.ground.fixity.checks import ObjectCheck
from storage.ground.fixity.rounds import CheckRound, check_some
from storage.ground.mail import Mail
from storage.ground.objects import StoreUnavailable
from storage.ground.settings import Settings
from storage.people.people import Person
from tests.cast import gather
from tests.stored import rows
from tests.webapp.archive.papers import put

WEEK = timedelta(days=7)


def go(database: Database, objects: FolderObjects) -> list[int]:
    """Check until nothing is due; returns the sizes that were read."""
    sizes: list[int] = []
    while check_some(database, objects, every=WEEK, pause=sizes.append):
        pass
    return sizes


def state(database: Database) -> list[tuple[int, int, int, bool]]:
    return [(one.objects, one.damaged, one.missing, one.ended_at is not None) for one in rows(database, CheckRound)]


@pytest.fixture
def paper(database: Database, objects: FolderObjects) -> str:
    """The key of the original of a paper of one page; with its two pictures there are three objects."""
    put(database, objects, "a.pdf", ["Một trang"])
    return next(key for key in objects.keys() if b"%PDF" in objects.open(key).read())  # noqa: SIM118


def test_a_round_reads_every_object_once_and_the_next_is_due_after_a_week(
    database: Database, objects: FolderObjects, paper: str
) -> None:
    assert len(go(database, objects)) == 3
    assert state(database) == [(3, 0, 0, True)]
    assert go(database, objects) == []
    with clock.at(now() + WEEK):
        assert len(go(database, objects)) == 3
    assert state(database) == [(3, 0, 0, True), (3, 0, 0, True)]


def test_a_round_that_was_cut_short_goes_on_where_it_was(
    database: Database, objects: FolderObjects, paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "AT_ONCE", 2)
    check_some(database, objects, every=WEEK, pause=lambda _: None)
    assert state(database) == [(2, 0, 0, False)]
    assert len(go(database, objects)) == 1
    assert state(database) == [(3, 0, 0, True)]


def test_what_is_damaged_or_missing_is_counted_noted_and_told_once(
    database: Database, objects: FolderObjects, paper: str
) -> None:
    gather(database)
    with database.writing() as session:
        session.add(
            Person(
                login="giu.kho@liendoan.example",
                name="Giữ Kho",
                password_hash="!",
                roles={Role.ADMINISTRATOR},
            )
        )
    with objects.local_path(paper) as path:
        path.chmod(0o640)
        path.write_bytes(b"another")
    other = next(key for key in objects.keys() if key != paper)  # noqa: SIM118
    objects.remove(other)
    go(database, objects)
    assert state(database) == [(3, 1, 1, True)]
    assert {check.key: check.finding for check in rows(database, ObjectCheck) if check.finding != "whole"} == {
        paper: "damaged",
        other: "missing",
    }
    assert {entry.act for entry in rows(database, AuditEntry, subject_kind="object")} == {"object_damaged", "object_missing"}
    with database.writing() as session:
        assert has_alarm_due(session, Settings())
        assert tell_due(session, Settings()) == 1
        assert not has_alarm_due(session, Settings())
    assert ["2 tệp" in mail.text for mail in rows(database, Mail)] == [True]


def test_what_no_record_names_any_more_is_forgotten_by_the_next_round(
    database: Database, objects: FolderObjects, paper: str
) -> None:
    go(database, objects)
    with database.writing() as session:
        session.add(ObjectCheck(key="0" * 64, finding="missing", since=now() - WEEK, checked_at=now() - WEEK))
    with clock.at(now() + WEEK):
        go(database, objects)
    assert "0" * 64 not in {check.key for check in rows(database, ObjectCheck)}


def test_a_store_that_does_not_answer_is_no_loss(
    database: Database, objects: FolderObjects, paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_key: str) -> io.BytesIO:
        raise StoreUnavailable

    monkeypatch.setattr(objects, "unchecked", away)
    with pytest.raises(StoreUnavailable):
        go(database, objects)
    assert (state(database), rows(database, ObjectCheck)) == ([], [])
