"""Whose registers somebody keeps and sees: by seat, by office, and after a merger."""

from collections.abc import Callable, Collection
from datetime import date

import pytest
from sqlalchemy import select

from domain.people.units import UnitKind
from storage.ground.database import Database
from storage.people.people import Person, Seat
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


def test_who_keeps_a_register_is_the_same_asked_from_the_unit_as_asked_from_each_person(database: Database, cast: Cast) -> None:
    """After mergers of several kinds: same level, into another level, twice, to come, and offices of what has ended."""
    with database.writing() as session:
        old = session.get_one(Unit, cast.units["LDLD"])
        made: dict[str, Unit] = {}
        for code, kind, above, ended, into in (
            ("P2", UnitKind.PROVINCE, None, None, None),
            ("P1", UnitKind.PROVINCE, None, date(2025, 6, 30), "P2"),
            ("U2", UnitKind.UPPER, "P2", None, None),
            ("U1", UnitKind.UPPER, "P1", date(2025, 6, 30), "U2"),
            ("U0", UnitKind.UPPER, "P1", date(2020, 6, 30), "U1"),
            ("UX", UnitKind.UPPER, "P1", date(2025, 6, 30), "P2"),
            ("UF", UnitKind.UPPER, "P2", date(2026, 6, 30), "U2"),
            ("O1", UnitKind.OFFICE, "P1", None, None),
            ("O2", UnitKind.OFFICE, "P2", date(2025, 6, 30), None),
            ("O0", UnitKind.OFFICE, None, None, None),
        ):
            one = Unit(
                code=code, name=code, kind=kind, valid_from=date(2000, 1, 1), valid_to=ended, parent=made.get(above or "")
            )
            one.successor = made.get(into or "")
            made[code] = one
            session.add(one)
        old.valid_to, old.successor = date(2025, 6, 30), made["P2"]
        session.flush()
        for unit in made.values():
            session.add(Person(login=f"of.{unit.code}", name=unit.code, password_hash="!", seats=[seat(unit, None)]))
            session.add(
                Person(login=f"was.{unit.code}", name=unit.code, password_hash="!", seats=[seat(unit, date(2025, 12, 31))])
            )
    with database.reading() as session:
        scopes, people = Scopes(session), session.scalars(select(Person).order_by(Person.id)).all()
        for day in (DAY, date(2025, 6, 1), date(2027, 1, 1)):
            keeps = {one.login: scopes.kept_by(one, day) for one in people}
            for unit in session.scalars(select(Unit)):
                asked = set(session.scalars(select(Person.login).where(scopes.keepers_of([unit.id], day))))
                assert asked == {login for login, units in keeps.items() if unit.id in units}, (unit.code, day)


def seat(unit: Unit, valid_to: date | None) -> Seat:
    return Seat(unit=unit, title="Cán bộ", valid_from=date(2001, 1, 1), valid_to=valid_to)
