"""Whose registers whoever asks sees and keeps: every view of the section asks here, and passes the ids into its queries."""

from datetime import date

from sqlalchemy.orm import Session

from domain.ground.clock import today
from domain.ground.errors import NotAllowed, NotFound
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.people.scopes import Scopes
from storage.people.units import KnownUnit, Unit, Units
from webapp.ground.access import me


def seen(session: Session) -> frozenset[int]:
    """The units whose registers whoever asks may read."""
    return Scopes(session).seen_by(me(), today())


def kept(session: Session) -> frozenset[int]:
    """The units whose registers whoever asks keeps."""
    return Scopes(session).kept_by(me(), today())


def kept_unit(session: Session, unit_id: int) -> Unit:
    """One of the units whose register whoever asks keeps; raises NotFound."""
    if unit_id not in kept(session):
        raise NotFound("unit", unit_id)
    return session.get_one(Unit, unit_id)


def units_among(session: Session, ids: frozenset[int]) -> list[KnownUnit]:
    """The units of these ids, by level and name; those that have ended come last."""
    kinds, day = list(UnitKind), today()
    known = Units(session).known()
    units = [known[unit_id] for unit_id in ids]
    return sorted(units, key=lambda unit: (_has_ended(unit, day), kinds.index(unit.kind), unit.name, unit.valid_from))


def _has_ended(unit: KnownUnit, day: date) -> bool:
    return unit.valid_to is not None and unit.valid_to < day


def own_unit(session: Session) -> KnownUnit | None:
    """The one unit that stands today and whose register whoever asks keeps; None where there are several, or none."""
    day = today()
    standing = [unit for unit in units_among(session, kept(session)) if not _has_ended(unit, day)]
    return standing[0] if len(standing) == 1 else None


def keeps_province(session: Session) -> bool:
    """Whether whoever asks keeps the register of the province, and so speaks for the federation."""
    return any(unit.kind is UnitKind.PROVINCE for unit in units_among(session, kept(session)))


def check_province(session: Session) -> None:
    """Raises NotAllowed for whoever does not speak for the federation."""
    if not keeps_province(session):
        raise NotAllowed(Permission.MANAGE_PLANS)
