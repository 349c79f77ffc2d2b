"""Fixity of objects as records: what was found of each when it was last compared. A finding that changes stands in the audit trail too."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.ground.fixity import Finding
from storage.ground.audit import AuditTrail
from storage.ground.claims import unneeded
from storage.ground.database import Base, Database
from storage.ground.objects import NotWhole, ObjectMissing

log = structlog.get_logger()


class ObjectCheck(Base):
    """The last look at one object. Its key is plain text here: that something was looked at keeps nothing from being removed."""

    __tablename__ = "object_checks"

    key: Mapped[str] = mapped_column(primary_key=True)
    finding: Mapped[Finding] = mapped_column(index=True)
    since: Mapped[datetime]  # when it was first found so
    checked_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]  # when whoever keeps the installation was written to
    mended_at: Mapped[datetime | None] = mapped_column(index=True)  # when it last came back from the second store


class ObjectChecks:
    """What is known of the health of all objects."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def note(self, key: str, finding: Finding, *, actor: str) -> None:
        """Write down what was found of an object; news of it goes into the audit trail. May be repeated."""
        self.note_all({key: finding}, actor=actor)

    def note_all(self, findings: Mapping[str, Finding], *, actor: str) -> None:
        """Write down what was found of each of some objects."""
        known = {check.key: check for check in self.session.scalars(select(ObjectCheck).where(ObjectCheck.key.in_(findings)))}
        for key, finding in findings.items():
            self._note(key, known.get(key), finding, actor)

    def _note(self, key: str, check: ObjectCheck | None, finding: Finding, actor: str) -> None:
        was = check.finding if check else Finding.WHOLE
        if check is None:
            check = ObjectCheck(key=key, finding=finding, since=now(), checked_at=now())
            self.session.add(check)
        if was is not finding:
            check.finding, check.since, check.told_at = finding, now(), None
            is_gone = finding is Finding.MISSING
            act = "object_whole_again" if finding is Finding.WHOLE else "object_missing" if is_gone else "object_damaged"
            AuditTrail(self.session).record(act, actor=actor, subject=("object", key))
        check.checked_at = now()

    def note_mended(self, key: str, *, actor: str) -> None:
        """Write down that an object that was lost came back from the second store."""
        check = self.session.get_one(ObjectCheck, key)
        check.finding, check.since, check.told_at, check.checked_at, check.mended_at = Finding.WHOLE, now(), None, now(), now()
        AuditTrail(self.session).record("object_mended", actor=actor, subject=("object", key))

    def mended(self, limit: int) -> list[ObjectCheck]:
        """The objects that last came back from the second store, the newest first."""
        came_back = select(ObjectCheck).where(ObjectCheck.mended_at.is_not(None)).order_by(ObjectCheck.mended_at.desc())
        return list(self.session.scalars(came_back.limit(limit)))

    def known(self, key: str) -> Finding:
        """What was last found of an object; WHOLE where nobody has looked yet, for nothing else is known of it."""
        check = self.session.get(ObjectCheck, key)
        return check.finding if check else Finding.WHOLE

    def lost(self) -> list[ObjectCheck]:
        """The objects that were last found damaged or missing and that a record still names, the longest known first."""
        found = self.session.scalars(
            select(ObjectCheck).where(ObjectCheck.finding != Finding.WHOLE).order_by(ObjectCheck.since, ObjectCheck.key)
        ).all()
        nobodys = unneeded(self.session, [check.key for check in found])
        return [check for check in found if check.key not in nobodys]

    def counts(self) -> dict[Finding, int]:
        """How many objects were last found so, of those that were ever looked at."""
        rows = self.session.execute(select(ObjectCheck.finding, func.count()).group_by(ObjectCheck.finding))
        return dict.fromkeys(Finding, 0) | {row[0]: row[1] for row in rows}


def note_lost(database: Database, error: NotWhole, *, actor: str) -> None:
    """Write down, apart from all else, that an object could not be given out. That cannot fail: the reader is told in any case."""
    finding = finding_of(error)
    log.error("object not whole", key=error.key, finding=finding.value)
    try:
        with database.writing() as session:
            ObjectChecks(session).note(error.key, finding, actor=actor)
    except SQLAlchemyError as refused:  # no room on the disk, or somebody has just written the same
        log.warning("finding not written down", key=error.key, error=type(refused).__name__)


def finding_of(error: NotWhole) -> Finding:
    """What a store that would not give an object out has found."""
    return Finding.MISSING if isinstance(error, ObjectMissing) else Finding.DAMAGED
