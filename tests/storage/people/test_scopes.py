"""Whose registers somebody keeps and sees: by seat, by office, and after a merger."""

from collections.abc import Callable, Collection
from datetime import date

import pytest

from domain.people.units import UnitKind
from storage.ground.database import Database
from storage.people.people import Person
from storage.people.scopes import Scopes
from storage.people.units import Unit
from tests.cast import Cast, gather

DAY = date(2026, 1, 5)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def codes(
    database: Database, cast: Cast, login: str, what: Callable[[Scopes, Person, date], Collection[int]], day: date = DAY
) -> list[str]:
    with database.reading() as session:
        ids = what(Scopes(session), session.get_one(Person, cast.people[login]), day)
        return sorted(code for code, unit_id in cast.units.items() if unit_id in ids)


def test_an_office_keeps_the_register_of_the_unit_above_it(database: Database, cast: Cast) -> None:
    assert codes(database, cast, "clerk", Scopes.kept_by) == ["LDLD"]
    assert codes(database, cast, "clerk", Scopes.seen_by) == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "VP"]


def test_a_unit_keeps_and_sees_its_own(database: Database, cast: Cast) -> None:
    assert codes(database, cast, "unit_clerk", Scopes.kept_by) == ["CD-PHUCAT"]
    assert codes(database, cast, "unit_clerk", Scopes.seen_by) == ["CD-PHUCAT"]


def test_after_a_merger_the_successor_keeps_the_registers_that_it_carries_on(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        new = Unit(code="LDLD-MOI", name="Liên đoàn Lao động tỉnh mới", kind=UnitKind.PROVINCE, valid_from=date(2025, 7, 1))
        old = session.get_one(Unit, cast.units["LDLD"])
        old.valid_to, old.successor = date(2025, 6, 30), new
        session.add(new)
        session.flush()
        cast.units["LDLD-MOI"] = new.id
    assert codes(database, cast, "clerk", Scopes.kept_by) == ["LDLD", "LDLD-MOI"]
    assert codes(database, cast, "clerk", Scopes.kept_by, date(2025, 6, 30)) == ["LDLD"]
    assert codes(database, cast, "clerk", Scopes.seen_by) == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "LDLD-MOI", "VP"]


def test_who_sat_in_a_union_that_was_dissolved_into_the_province_does_not_keep_the_provinces_register(
    database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        old = session.get_one(Unit, cast.units["CD-PHUCAT"])
        old.valid_to, old.successor = date(2025, 6, 30), session.get_one(Unit, cast.units["LDLD"])
    assert codes(database, cast, "unit_clerk", Scopes.kept_by) == ["CD-PHUCAT"]
    assert codes(database, cast, "unit_clerk", Scopes.seen_by) == ["CD-PHUCAT"]
    assert codes(database, cast, "clerk", Scopes.kept_by) == ["CD-PHUCAT", "LDLD"]


def restricted(database: Database, cast: Cast, login: str) -> list[str]:
    """The codes of the units whose restricted papers the person may know of; "-" for those of no unit."""
    with database.reading() as session:
        mine = Scopes(session).audiences(session.get_one(Person, cast.people[login]))
    units = [code for code, unit_id in cast.units.items() if f"unit:{unit_id}" in mine]
    return sorted(units) + (["-"] if "restricted" in mine else [])


def test_the_clerk_of_a_union_knows_of_no_restricted_paper_of_the_province(database: Database, cast: Cast) -> None:
    assert restricted(database, cast, "unit_clerk") == ["CD-PHUCAT"]
    assert restricted(database, cast, "clerk") == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "VP", "-"]
    assert restricted(database, cast, "archivist") == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "VP", "-"]
    assert restricted(database, cast, "leader") == ["LDLD"]
    assert restricted(database, cast, "administrator") == ["VP"]
    assert restricted(database, cast, "stranger") == []


def test_who_keeps_the_archive_without_a_seat_knows_of_all(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        for login in ("archivist", "clerk"):
            session.get_one(Person, cast.people[login]).seats[0].valid_to = date(2025, 12, 31)
    assert restricted(database, cast, "archivist") == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "VP", "-"]
    assert restricted(database, cast, "clerk") == []
