"""Units as records: the dated tree of the union. Its rules are in domain/people/units.py."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.ground.errors import existing
from domain.people.units import UnitFacts, UnitKind
from storage.ground.database import Base
from storage.people.searched import Searched, searched_by


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

    def on(self, day: date) -> list[Unit]:
        """The units that stand on that day, by name."""
        standing = select(Unit).where(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))
        return list(self.session.scalars(standing.order_by(Unit.name)))

    def facts(self) -> dict[str, UnitFacts]:
        """The whole tree as the rules see it, by code."""
        return {unit.code: unit.facts() for unit in self.all()}

    def below(self, unit: Unit) -> list[Unit]:
        """The units recorded right under this one, whenever they stood, by name."""
        return list(self.session.scalars(select(Unit).where(Unit.parent_id == unit.id).order_by(Unit.name)))

    def succeeded_by(self, unit: Unit) -> list[Unit]:
        """The units whose work this one carries on, by name."""
        return list(self.session.scalars(select(Unit).where(Unit.succeeded_by_id == unit.id).order_by(Unit.name)))

    def ended_before(self, day: date) -> list[Unit]:
        """The units that stood once and no longer on that day, the last to end first."""
        ended = select(Unit).where(Unit.valid_to < day).order_by(Unit.valid_to.desc(), Unit.name)
        return list(self.session.scalars(ended))
