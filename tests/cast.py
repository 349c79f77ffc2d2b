"""The cast: people with names and relations, so that tests about rights read as sentences."""

from dataclasses import dataclass
from datetime import date

from domain.people.roles import Role
from domain.people.units import UnitKind
from storage.ground.database import Database
from storage.people.people import Person, Seat
from storage.people.units import Unit
from tests.prepared import prepare

PASSWORD = "mot-mat-khau-dai-2026"

# login, name, roles, the code of the unit where the person has a seat
PEOPLE: dict[str, tuple[str, frozenset[Role], str]] = {
    "administrator": ("Đặng Quản Trị", frozenset({Role.ADMINISTRATOR}), "VP"),
    "archivist": ("Trần Thị Lan", frozenset({Role.ARCHIVIST}), "VP"),
    "clerk": ("Lê Văn Thư", frozenset({Role.CLERK}), "VP"),
    "staff": ("Nguyễn Hữu Tra", frozenset({Role.STAFF}), "VP"),
    "leader": ("Hoàng Thị Chủ Tịch", frozenset({Role.LEADER}), "LDLD"),
    "unit_clerk": ("Đỗ Thị Sổ", frozenset({Role.CLERK}), "CD-PHUCAT"),
    "member": ("Phạm Ủy Viên", frozenset({Role.MEMBER}), "CD-PHUCAT"),
    "stranger": ("Võ Người Lạ", frozenset(), "CD-TUYPHUOC"),  # an account without any role
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The ids of the people by login, and of the units by code."""

    people: dict[str, int]
    units: dict[str, int]


def gather(database: Database, password_hash: str = "!") -> Cast:
    """Put the cast and its units into an empty database."""
    return prepare(database, ("cast", password_hash), lambda empty: _write(empty, password_hash))


def _write(database: Database, password_hash: str) -> Cast:
    with database.writing() as session:
        province = Unit(code="LDLD", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        units = [
            province,
            Unit(code="VP", name="Văn phòng", kind=UnitKind.OFFICE, parent=province, valid_from=date(1989, 7, 1)),
            Unit(
                code="CD-PHUCAT", name="LĐLĐ huyện Phù Cát", kind=UnitKind.UPPER, parent=province, valid_from=date(1989, 7, 1)
            ),
            Unit(
                code="CD-TUYPHUOC",
                name="LĐLĐ huyện Tuy Phước",
                kind=UnitKind.UPPER,
                parent=province,
                valid_from=date(1989, 7, 1),
            ),
        ]
        session.add_all(units)
        session.flush()
        ids = {unit.code: unit.id for unit in units}
        people = [
            Person(
                login=login,
                name=name,
                password_hash=password_hash,
                roles=roles,
                seats=[Seat(unit_id=ids[unit], title="Cán bộ", valid_from=date(2020, 1, 1))],
            )
            for login, (name, roles, unit) in PEOPLE.items()
        ]
        session.add_all(people)
        session.flush()
        return Cast({person.login: person.id for person in people}, ids)
