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
        """The units whose register the person keeps on that day: those of the person's seats; for an office, the unit above it."""
        seats = self.session.scalars(select(Unit).where(Unit.id.in_(person.units_on(day)))).all()
        return frozenset(unit.parent_id if unit.kind is UnitKind.OFFICE and unit.parent_id else unit.id for unit in seats)

    def seen_by(self, person: Person, day: date) -> frozenset[int]:
        """The units whose registers the person sees on that day: those kept, all below them, and those they carry on."""
        kept = self.kept_by(person, day)
        units = Units(self.session).all()
        codes = under([unit.code for unit in units if unit.id in kept], {unit.code: unit.facts() for unit in units})
        return frozenset(unit.id for unit in units if unit.code in codes)
