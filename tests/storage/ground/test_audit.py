import pytest
from sqlalchemy import text

from storage.ground.audit import AuditEntry, AuditIsAppendOnly, AuditTrail
from storage.ground.database import Database


@pytest.fixture
def trail_of_three(database: Database) -> Database:
    with database.writing() as session:
        for act in ("unit_created", "unit_changed", "unit_ended"):
            AuditTrail(session).record(act, actor="Đặng Quản Trị", subject=("unit", 7), facts={"name": "LĐLĐ huyện Vân Canh"})
    return database


def chain_plainly(database: Database) -> None:
    """Make the entries what version 1.0 wrote: each with the plain hash of itself and of the one before."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET previous_sha256 = '" + "0" * 64 + "'"))
    previous = "0" * 64
    for number in (1, 2, 3):
        with database.reading() as session:
            entry = session.get_one(AuditEntry, number)
            entry.previous_sha256 = previous
            own = entry.digest()
            session.expunge_all()
        with database.engine.begin() as connection:
            said = {"before": previous, "own": own, "id": number}
            connection.execute(text("UPDATE audit_entries SET previous_sha256 = :before, sha256 = :own WHERE id = :id"), said)
        previous = own


def first_break(database: Database) -> int | None:
    with database.reading() as session:
        broken = AuditTrail(session).first_break()
        return broken.id if broken else None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("SELECT 1", None),
        ("UPDATE audit_entries SET actor = 'X' WHERE id = 2", 2),
        ("UPDATE audit_entries SET facts = '{}' WHERE id = 1", 1),
        ("DELETE FROM audit_entries WHERE id = 2", 3),
        ("DELETE FROM audit_entries WHERE id = 1", 2),
    ],
)
def test_a_change_of_entries_of_version_1_shows_at_its_place(
    trail_of_three: Database, statement: str, broken: int | None
) -> None:
    chain_plainly(trail_of_three)
    with trail_of_three.engine.begin() as connection:
        connection.execute(text(statement))
    assert first_break(trail_of_three) == broken


def test_an_entry_of_today_has_no_plain_hash(trail_of_three: Database) -> None:
    assert first_break(trail_of_three) is None
    with trail_of_three.reading() as session:
        entry = session.get_one(AuditEntry, 1)
        assert (entry.sha256, entry.previous_sha256, entry.position, entry.seal) == (None, None, None, None)


def test_entries_are_neither_changed_nor_deleted_through_the_system(trail_of_three: Database) -> None:
    with pytest.raises(AuditIsAppendOnly), trail_of_three.writing() as session:
        session.get_one(AuditEntry, 1).actor = "Người khác"
    with pytest.raises(AuditIsAppendOnly), trail_of_three.writing() as session:
        session.delete(session.get_one(AuditEntry, 1))


def test_pages_of_the_trail_begin_with_the_latest(trail_of_three: Database) -> None:
    with trail_of_three.reading() as session:
        trail = AuditTrail(session)
        assert [entry.id for entry in trail.page().rows] == [3, 2, 1]
        assert [entry.id for entry in trail.page(after="[3]").rows] == [2, 1]
        assert (trail.count(), trail.count([AuditEntry.act == "unit_ended"])) == (3, 1)
        assert trail.acts() == ["unit_changed", "unit_created", "unit_ended"]
