"""Rounds over the audit trail, in the worker."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from domain.ground import clock
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.fixity import trail
from storage.ground.fixity.trail import TrailCheck, check_some, latest_check
from storage.ground.sealing import Key
from storage.ground.witness import Witness
from tests.prepared import MONDAY


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


@pytest.fixture
def witness(database: Database, tmp_path: Path) -> Witness:
    """Of a trail of five sealed entries."""
    write(database, 5)
    found = Witness(database, tmp_path / "audit", Key.of("secret"))
    found.seal()
    return found


def write(database: Database, count: int) -> None:
    with database.writing() as session:
        for _ in range(count):
            AuditTrail(session).record("signed_in", actor="Lê Văn Thư")


def told(database: Database) -> tuple[int, bool, list[str]]:
    """Up to where the last check has come, whether it stood at the end, and what it found."""
    with database.reading() as session:
        check = latest_check(session)
        return (
            (check.position, check.checked_at is not None, [one.problem for one in check.breaks]) if check else (0, False, [])
        )


def test_a_round_goes_on_where_it_stands(database: Database, witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "AT_ONCE", 2)
    assert [check_some(witness), told(database)] == [True, (0, False, [])]
    assert [check_some(witness), check_some(witness), told(database)] == [True, False, (5, True, [])]
    write(database, 1)
    witness.seal()
    assert [check_some(witness), told(database)] == [False, (5, True, [])]  # it rests for an hour
    with clock.at(MONDAY + timedelta(hours=1)):
        assert [check_some(witness), told(database)] == [False, (6, True, [])]
    with database.reading() as session:
        assert len(session.scalars(select(TrailCheck)).all()) == 1


def test_an_entry_that_is_rewritten_is_found_by_the_round_that_comes_to_it(database: Database, witness: Witness) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor = 'X' WHERE position = 4"))
    check_some(witness)
    assert told(database) == (5, True, ["EntryRewritten"])


def test_what_was_followed_before_is_followed_again_after_a_week(database: Database, witness: Witness) -> None:
    check_some(witness)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor = 'X' WHERE position = 2"))
    for passed, found in ((timedelta(days=6), []), (timedelta(days=7), ["EntryRewritten"])):
        with clock.at(MONDAY + passed):
            check_some(witness)
        assert told(database)[2] == found


def test_a_tail_that_is_cut_off_is_found_within_the_hour(database: Database, witness: Witness) -> None:
    check_some(witness)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE position = 5"))
    with clock.at(MONDAY + timedelta(hours=1)):
        check_some(witness)
    assert "TailCut" in told(database)[2]


def test_what_was_put_right_is_seen_the_next_day(database: Database, witness: Witness) -> None:
    for actor, found in (("X", ["EntryRewritten"]), ("Lê Văn Thư", [])):
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE audit_entries SET actor = :actor WHERE position = 3"), {"actor": actor})
        with clock.at(MONDAY + timedelta(days=2 * (not found))):
            check_some(witness)
        assert told(database)[2] == found
