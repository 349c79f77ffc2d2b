"""Whose registers a person keeps, and whose the person sees: own units, with all that belong to them. Every query of registers, shares and
indicators is filtered by these."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.units import UnitKind, under
from storage.people import Person
from storage.units import Unit, Units


class Scopes:
    """The units that people act for."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def kept_by(self, person: Person, day: date) -> frozenset[int]:
        """The units whose register the person keeps on that day: those of the person's seats; for an office, the unit above it;
        for one that has ended, its successor; and those whose work they carry on, since their registers are theirs now."""
        seats = self.session.scalars(select(Unit).where(Unit.id.in_(person.units_on(day)))).all()
        keepers = [unit.parent if unit.kind is UnitKind.OFFICE and unit.parent else unit for unit in seats]
        return self._with_predecessors({self._carried_on(unit, day).id for unit in keepers})

    def _with_predecessors(self, ids: set[int]) -> frozenset[int]:
        found = self.session.scalars(select(Unit.id).where(Unit.succeeded_by_id.in_(ids), Unit.id.not_in(ids)))
        before = set(found)
        return self._with_predecessors(ids | before) if before else frozenset(ids)

    def _carried_on(self, unit: Unit, day: date) -> Unit:
        """The unit itself, or the one that carries on its work once it has ended: offices outlive a merger of provinces."""
        if unit.valid_to is None or unit.valid_to >= day or unit.successor is None:
            return unit
        return self._carried_on(unit.successor, day)

    def seen_by(self, person: Person, day: date) -> frozenset[int]:
        """The units whose registers the person sees on that day: those kept, all below them, and those they carry on."""
        kept = self.kept_by(person, day)
        units = Units(self.session).all()
        codes = under([unit.code for unit in units if unit.id in kept], {unit.code: unit.facts() for unit in units})
        return frozenset(unit.id for unit in units if unit.code in codes)
