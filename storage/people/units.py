"""Units as records: the dated tree of the union. Its rules are in domain/people/units.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, cast, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.ground.errors import existing
from domain.people.units import UnitFacts, UnitKind, under
from storage.ground.database import Base
from storage.people.searched import Searched, searched_by

_ROW, _COLUMN = "\x1e", "\x1f"


class Unit(Searched, Base):
    """An organisation of the union for as long as it stands; a merger ends it and names its successor."""

    __tablename__ = "units"
    __table_args__ = (Index("ix_units_searched", "searched", "valid_to"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[UnitKind]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    succeeded_by_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))

    parent: Mapped["Unit | None"] = relationship(foreign_keys=[parent_id], remote_side=[id])
    successor: Mapped["Unit | None"] = relationship(foreign_keys=[succeeded_by_id], remote_side=[id])

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """By name, then code."""
        return searched_by(values["name"], values["code"])

    def facts(self) -> UnitFacts:
        """What the rules need to know."""
        return UnitFacts(
            self.code,
            self.parent.code if self.parent else None,
            self.valid_from,
            self.valid_to,
            self.successor.code if self.successor else None,
        )


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """What lists and rules say of a unit, apart from its record."""

    id: int
    name: str
    kind: UnitKind
    parent_id: int | None
    told: UnitFacts

    @property
    def code(self) -> str:
        """By which it is known in files and imports."""
        return self.told.code

    @property
    def valid_from(self) -> date:
        """Its first day."""
        return self.told.valid_from

    @property
    def valid_to(self) -> date | None:
        """Its last day; None while it stands."""
        return self.told.valid_to

    def facts(self) -> UnitFacts:
        """What the rules need to know."""
        return self.told


AnyUnit = Unit | KnownUnit


class Units:
    """All units."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, unit_id: int) -> Unit:
        """The unit; raises NotFound."""
        return existing(self.session.get(Unit, unit_id), "unit", unit_id)

    def find(self, code: str) -> Unit | None:
        """The unit of that code, or None."""
        return self.session.scalar(select(Unit).where(Unit.code == code))

    def all(self) -> list[Unit]:
        """Every unit that ever stood, by code."""
        return list(self.session.scalars(select(Unit).order_by(Unit.code)))

    def on(self, day: date) -> list[KnownUnit]:
        """The units that stand on that day, by name."""
        return sorted((one for one in self.known().values() if one.told.stands_on(day)), key=lambda one: one.name)

    def facts(self) -> Mapping[str, UnitFacts]:
        """The whole tree as the rules see it, by code."""
        return _facts(self._told())

    def known(self) -> Mapping[int, KnownUnit]:
        """Every unit that ever stood, by id, in the order of their codes; no records are made of them."""
        return _known(self._told())

    def under(self, ids: Iterable[int]) -> frozenset[int]:
        """These units, all below them, and those they carry on."""
        return _under(self._told(), frozenset(ids))

    def _told(self) -> str:
        """The whole tree as one text. Nearly every page asks for it, and it changes some times a year: whoever has read the same text
        before need not read it again, and nobody has to be told that it has changed."""
        columns = Unit.code, Unit.name, Unit.kind, Unit.parent_id, Unit.valid_from, Unit.valid_to, Unit.succeeded_by_id
        row: ColumnElement[str] = cast(Unit.id, String)
        for column in columns:
            row = row + _COLUMN + func.coalesce(func.replace(func.replace(cast(column, String), _ROW, " "), _COLUMN, " "), "")
        return self.session.scalar(select(func.aggregate_strings(row, _ROW))) or ""

    def below(self, unit: Unit) -> list[Unit]:
        """The units recorded right under this one, whenever they stood, by name."""
        return list(self.session.scalars(select(Unit).where(Unit.parent_id == unit.id).order_by(Unit.name)))

    def succeeded_by(self, unit: Unit) -> list[Unit]:
        """The units whose work this one carries on, by name."""
        return list(self.session.scalars(select(Unit).where(Unit.succeeded_by_id == unit.id).order_by(Unit.name)))

    def ended_before(self, day: date) -> list[KnownUnit]:
        """The units that stood once and no longer on that day, the last to end first."""
        ended = [one for one in self.known().values() if one.valid_to and one.valid_to < day]
        return sorted(ended, key=lambda one: (-(one.valid_to or day).toordinal(), one.name))


@lru_cache(maxsize=8)
def _known(told: str) -> Mapping[int, KnownUnit]:
    rows = sorted((row.split(_COLUMN) for row in told.split(_ROW) if row), key=lambda row: row[1])
    codes = {row[0]: row[1] for row in rows}
    known = {}
    for number, code, name, kind, parent, first, last, successor in rows:
        until = date.fromisoformat(last) if last else None
        facts = UnitFacts(code, codes.get(parent), date.fromisoformat(first), until, codes.get(successor))
        known[int(number)] = KnownUnit(int(number), name, UnitKind(kind), int(parent) if parent else None, facts)
    return MappingProxyType(known)


@lru_cache(maxsize=8)
def _facts(told: str) -> Mapping[str, UnitFacts]:
    return MappingProxyType({one.code: one.told for one in _known(told).values()})


@lru_cache(maxsize=256)
def _under(told: str, ids: frozenset[int]) -> frozenset[int]:
    known = _known(told)
    numbers = {one.code: one.id for one in known.values()}
    return frozenset(numbers[code] for code in under([known[unit_id].code for unit_id in ids], _facts(told)))
