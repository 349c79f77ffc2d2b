"""Jumps of the machine's clock, as the worker noticed them."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.ground.clock import now
from storage.ground.audit import AuditTrail
from storage.ground.database import Numbered, Records

LEAST = timedelta(seconds=30)  # NTP corrects less than this without anybody being misled


class ClockJump(Numbered):
    """The clock was set forward (seconds above 0) or back."""

    __tablename__ = "clock_jumps"

    noticed_at: Mapped[datetime] = mapped_column(default=now)
    seconds: Mapped[int] = mapped_column(BigInteger)


class ClockJumps(Records):
    """All that were noticed."""

    def note(self, by: timedelta) -> None:
        """Write a jump down, in the audit trail too: times before and after it do not compare."""
        self.session.add(ClockJump(seconds=round(by.total_seconds())))
        AuditTrail(self.session).record("clock_jumped", actor="worker", facts={"seconds": round(by.total_seconds())})

    def latest(self, limit: int) -> list[ClockJump]:
        """The last ones, the newest first."""
        return list(self.session.scalars(select(ClockJump).order_by(ClockJump.id.desc()).limit(limit)))
