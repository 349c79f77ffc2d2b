"""Registers that were brought in from Excel or CSV, as records: the file, how its columns were understood, and how far it got."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.clock import now
from domain.register_imports import ImportState
from storage.database import Base
from storage.units import Unit


class RegisterImport(Base):
    """One file with one register of one unit."""

    __tablename__ = "register_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    register: Mapped[str]  # outgoing or incoming
    state: Mapped[ImportState] = mapped_column(default=ImportState.MAPPING)
    name: Mapped[str]
    sha256: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)  # rows looked at so far
    added_count: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
