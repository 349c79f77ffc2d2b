"""Whose registers a person keeps, and whose the person sees: own units, with all that belong to them. Every query of registers, shares and
indicators is filtered by these."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from domain.ground.clock import today
from domain.people.access import Reach, audiences_for
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.people.candidates import seated_in
from storage.people.people import Person
from storage.people.units import Unit, Units


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

    def keepers_of(self, ids: Iterable[int], day: date) -> ColumnElement[bool]:
        """Whether somebody keeps the register of one of these units on that day, asked from the units to their seats (see `kept_by`)."""
        units = self._carrying_on(set(ids), day)
        is_office = and_(Unit.kind == UnitKind.OFFICE, Unit.parent_id.is_not(None))
        keeping = or_(and_(Unit.id.in_(units), ~is_office), and_(is_office, Unit.parent_id.in_(units)))
        return seated_in(select(Unit.id).where(keeping), day)

    def _carrying_on(self, ids: set[int], day: date) -> set[int]:
        """These units, those that carry on their work, and those before that ended into one of them at the same level."""
        later = self.session.scalars(select(Unit.succeeded_by_id).where(Unit.id.in_(ids), Unit.succeeded_by_id.is_not(None)))
        if new := {one for one in later if one is not None} - ids:
            return self._carrying_on(ids | new, day)
        former, successor = aliased(Unit), aliased(Unit)
        ended = select(former.id).join(successor, former.succeeded_by_id == successor.id)
        before = set(
            self.session.scalars(ended.where(successor.id.in_(ids), former.kind == successor.kind, former.valid_to < day))
        )
        return self._carrying_on(ids | before, day) if before - ids else ids

    def _with_predecessors(self, ids: set[int]) -> frozenset[int]:
        found = self.session.scalars(select(Unit.id).where(Unit.succeeded_by_id.in_(ids), Unit.id.not_in(ids)))
        before = set(found)
        return self._with_predecessors(ids | before) if before else frozenset(ids)

    def _carried_on(self, unit: Unit, day: date) -> Unit:
        """The unit itself, or the one of its level that carries on its work once it has ended: offices outlive a merger of provinces,
        and the clerk of a union that was dissolved into the province does not become the province's."""
        if unit.valid_to is None or unit.valid_to >= day or unit.successor is None or unit.successor.kind is not unit.kind:
            return unit
        return self._carried_on(unit.successor, day)

    def seen_by(self, person: Person, day: date) -> frozenset[int]:
        """The units whose registers the person sees on that day: those kept, with all that belong to them."""
        return self.under(self.kept_by(person, day))

    def audiences(self, person: Person) -> frozenset[str]:
        """The audiences whose documents the person may know of today."""
        own, permissions = person.units_on(today()), person.permissions
        if Permission.SEE_RESTRICTED in permissions:
            return audiences_for(permissions, Reach(own, every=Units(self.session).known()))
        if Permission.SEE_RESTRICTED_BELOW not in permissions:
            return audiences_for(permissions, Reach(own))
        kept = self.kept_by(person, today())
        of_province = select(Unit.id).where(Unit.id.in_(kept), Unit.kind == UnitKind.PROVINCE).limit(1)
        reach = Reach(own, below=self.under(kept), is_of_province=self.session.scalar(of_province) is not None)
        return audiences_for(permissions, reach)

    def under(self, ids: Iterable[int]) -> frozenset[int]:
        """These units, all below them, and those they carry on."""
        return Units(self.session).under(ids)
