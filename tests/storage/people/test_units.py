from datetime import date

import pytest

from domain.ground.errors import NotFound
from domain.people.units import UnitKind
from storage.ground.database import Database
from storage.people.units import Unit, Units

LAST, FIRST = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture
def merged(database: Database) -> Database:
    with database.writing() as session:
        new = Unit(code="LDLD-GL", name="LĐLĐ tỉnh Gia Lai", kind=UnitKind.PROVINCE, valid_from=FIRST)
        old = Unit(code="LDLD-BD", name="LĐLĐ tỉnh Bình Định", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        old.valid_to, old.successor = LAST, new
        below = Unit(code="CD-TAYSON", name="LĐLĐ huyện Tây Sơn", kind=UnitKind.UPPER, parent=old, valid_from=date(1989, 7, 1))
        session.add_all([new, old, below])
    return database


def test_the_units_of_a_day_are_those_that_stand_on_it(merged: Database) -> None:
    with merged.reading() as session:
        assert [unit.code for unit in Units(session).on(LAST)] == ["CD-TAYSON", "LDLD-BD"]
        assert [unit.code for unit in Units(session).on(FIRST)] == ["CD-TAYSON", "LDLD-GL"]


def test_what_ended_is_listed_with_what_carries_it_on(merged: Database) -> None:
    with merged.reading() as session:
        ended = Units(session).ended_before(FIRST)
        assert [(unit.code, unit.told.succeeded_by) for unit in ended] == [("LDLD-BD", "LDLD-GL")]
        assert Units(session).ended_before(LAST) == []
        (new,) = [unit for unit in Units(session).all() if unit.code == "LDLD-GL"]
        assert [unit.code for unit in Units(session).succeeded_by(new)] == ["LDLD-BD"]


def test_an_old_unit_keeps_its_name(merged: Database) -> None:
    with merged.reading() as session:
        found = Units(session).find("LDLD-BD")
        assert found
        assert found.name == "LĐLĐ tỉnh Bình Định"


def test_a_unit_that_there_is_not_is_not_found(merged: Database) -> None:
    with merged.reading() as session:
        assert Units(session).find("KHONG-CO") is None
        with pytest.raises(NotFound):
            Units(session).get(999)
