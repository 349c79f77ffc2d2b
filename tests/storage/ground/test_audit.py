import pytest
from sqlalchemy import text

from storage.ground.audit import AuditEntry, AuditIsAppendOnly, AuditTrail
from storage.ground.database import Database
from tests.cast import gather


@pytest.fixture
def trail_of_three(database: Database) -> Database:
    with database.writing() as session:
        for act in ("unit_created", "unit_changed", "unit_ended"):
            AuditTrail(session).record(act, actor="Đặng Quản Trị", subject=("unit", 7), facts={"name": "LĐLĐ huyện Vân Canh"})
    return database


def first_break(database: Database) -> int | None:
    with database.reading() as session:
        broken = AuditTrail(session).first_break()
        return broken.id if broken else None


def tamper(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(statement))


def test_the_chain_of_untouched_entries_is_whole(trail_of_three: Database) -> None:
    assert first_break(trail_of_three) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entries SET actor = 'X' WHERE id = 2", 2),
        ("UPDATE audit_entries SET facts = '{}' WHERE id = 1", 1),
        ("DELETE FROM audit_entries WHERE id = 2", 3),
        ("DELETE FROM audit_entries WHERE id = 1", 2),
    ],
)
def test_a_change_behind_the_back_of_the_system_shows_at_its_place(
    trail_of_three: Database, statement: str, broken: int
) -> None:
    tamper(trail_of_three, statement)
    assert first_break(trail_of_three) == broken


CHANGED = {  # what somebody might put into a column
    "at": "'2026-01-01 00:00:00'",
    "act": "'unit_removed'",
    "person_id": "(SELECT min(id) FROM people)",
    "actor": "'X'",
    "address": "'10.0.0.1'",
    "subject_kind": "'person'",
    "subject_id": "'8'",
    "facts": "'{}'",
    "previous_sha256": "'0'",
    "sha256": "'0'",
}


@pytest.mark.parametrize("column", CHANGED)
def test_no_column_of_an_entry_can_be_changed_unseen(trail_of_three: Database, column: str) -> None:
    gather(trail_of_three)
    tamper(trail_of_three, f"UPDATE audit_entries SET {column} = {CHANGED[column]} WHERE id = 2")  # noqa: S608 - names of our own
    assert first_break(trail_of_three) == 2


def test_every_column_of_an_entry_is_tried() -> None:
    assert {*CHANGED, "id"} == set(AuditEntry.__table__.columns.keys())


def test_entries_are_neither_changed_nor_deleted_through_the_system(trail_of_three: Database) -> None:
    with pytest.raises(AuditIsAppendOnly), trail_of_three.writing() as session:
        session.get_one(AuditEntry, 1).actor = "Người khác"
    with pytest.raises(AuditIsAppendOnly), trail_of_three.writing() as session:
        session.delete(session.get_one(AuditEntry, 1))


def test_pages_of_the_trail_begin_with_the_latest(trail_of_three: Database) -> None:
    with trail_of_three.reading() as session:
        trail = AuditTrail(session)
        assert [entry.id for entry in trail.page(1, 2)] == [3, 2]
        assert [entry.id for entry in trail.page(2, 2)] == [1]
        assert (trail.count(), trail.count([AuditEntry.act == "unit_ended"])) == (3, 1)
        assert trail.acts() == ["unit_changed", "unit_created", "unit_ended"]
        assert trail.actors() == []
