"""Numbering as records: the dated rule of each unit, the last number of each series, and why a number is missing."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.clock import now
from domain.numbering import GapReason, Reset, SecretSeries, Series
from storage.database import Base


class NumberingRule(Base):
    """How a unit numbers what it issues from a day on. With Reset.TERM, each rule begins a term of the committee."""

    __tablename__ = "numbering_rules"
    __table_args__ = (UniqueConstraint("unit_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    valid_from: Mapped[date]
    reset: Mapped[Reset] = mapped_column(default=Reset.YEAR)
    series: Mapped[Series] = mapped_column(default=Series.PER_KIND)
    secret_series: Mapped[SecretSeries] = mapped_column(default=SecretSeries.SEPARATE)
    body_symbol: Mapped[str] = mapped_column(default="")  # what follows the kind: LĐLĐ
    mark: Mapped[str] = mapped_column(default="/")
    source: Mapped[str] = mapped_column(default="")


class NumberSeries(Base):
    """The last number given in one run of numbers of a unit; the row is what writers queue for."""

    __tablename__ = "number_series"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class NumberGap(Base):
    """Why a number of a series names no document here."""

    __tablename__ = "number_gaps"
    __table_args__ = (UniqueConstraint("unit_id", "series", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    series: Mapped[str]
    number: Mapped[int]
    reason: Mapped[GapReason]
    note: Mapped[str] = mapped_column(default="")  # empty for GapReason.SECRET
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)
