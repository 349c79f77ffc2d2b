"""Backups as records of the installation: each try, when, how much, and what kept it from success. The backups themselves lie elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.backups import BackupProblem
from domain.ground.clock import now
from storage.ground.database import Base

_MADE = ("", BackupProblem.LOST)


class BackupRun(Base):
    """One try to make a backup; the problem is INTERRUPTED until it has ended."""

    __tablename__ = "backup_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    place: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default=BackupProblem.INTERRUPTED)  # one of BackupProblem, or none
    objects: Mapped[int] = mapped_column(default=0)
    object_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    copied: Mapped[int] = mapped_column(default=0)  # objects that no earlier backup of that place had
    lost: Mapped[int] = mapped_column(default=0)  # objects that could not be had
    manifest_sha256: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class BackupState:
    """When the last backup was made and how old it is (None: never), and why the last try is not what it should be ("": it is)."""

    last_success_at: datetime | None
    age: timedelta | None
    last_try_at: datetime | None
    problem: str


def latest_backups(session: Session, limit: int) -> list[BackupRun]:
    """The last tries, the newest first."""
    return list(session.scalars(select(BackupRun).order_by(BackupRun.id.desc()).limit(limit)))


def state_of_backups(session: Session) -> BackupState:
    """What is known of the backups of this installation."""
    runs = select(BackupRun).order_by(BackupRun.id.desc()).limit(1)
    made = session.scalar(runs.where(BackupRun.problem.in_(_MADE)))
    last = session.scalar(runs)
    at = made.ended_at if made else None
    return BackupState(at, None if at is None else now() - at, last.begun_at if last else None, last.problem if last else "")
