"""Rounds over the audit trail: every sealed entry is followed from the first one on, some at a time, and what comes later from where the
round stands. How far it has come, and what it found, stands in its row, so a worker that was killed, or another, goes on.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from storage.ground.audit import FIRST, AuditTrail
from storage.ground.database import Numbered
from storage.ground.sealing import Break, Head, breaks_after
from storage.ground.witness import Witness

AT_ONCE = 2000  # entries between two transactions
WHOLE_EVERY = timedelta(days=7)  # from the first entry again: what was followed once may have been rewritten since
REST = timedelta(hours=1)  # once a round stands at the end of the trail
AGAIN_AFTER = timedelta(days=1)  # a round that found something: somebody may have put it right
_MOST_KEPT = 50  # breaks; who finds more needs no list of them


class TrailCheck(Numbered):
    """One round: up to which sealed entry it has come, when it last stood at the end of the trail, and what is wrong."""

    __tablename__ = "trail_checks"

    begun_at: Mapped[datetime] = mapped_column(default=now)
    position: Mapped[int] = mapped_column(default=0)
    seal: Mapped[str] = mapped_column(default=FIRST)  # of the entry there
    checked_at: Mapped[datetime | None]  # None until the end was reached for the first time
    followed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # breaks of the chain so far
    compared: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # with what was witnessed, at the end of the trail

    def is_over(self, moment: datetime) -> bool:
        """Whether it is time for another one."""
        lasting = AGAIN_AFTER if self.followed or self.compared else WHOLE_EVERY
        return self.checked_at is not None and self.begun_at + lasting <= moment

    @property
    def breaks(self) -> list[Break]:
        """All that it found."""
        return [Break(**one) for one in (*self.followed, *self.compared)]


def latest_check(session: Session) -> TrailCheck | None:
    """The last round that has come to the end of the trail, or found something on its way; None before there is any."""
    rounds = session.scalars(select(TrailCheck).order_by(TrailCheck.id.desc()).limit(2))
    return next((one for one in rounds if one.checked_at or one.followed), None)


def check_some(witness: Witness) -> bool:
    """Follow the next entries of the round under way; returns whether more are left. May be killed at any moment.

    A round begins when the last one began a week ago; what comes in between is followed from where it stands, hour by hour.
    """
    with witness.database.reading() as session:
        last = _last(session)
        if last is not None and last.checked_at is not None and last.checked_at + REST > now():
            return False
        is_new = last is None or last.is_over(now())
        place = Head(0, FIRST, now()) if last is None or is_new else Head(last.position, last.seal, now())
        found = [Break("ChainBroken", broken.id)] if is_new and (broken := AuditTrail(session).first_break()) else []
        more, reached = breaks_after(session, witness.keys, place, AT_ONCE)
        is_left = reached.position - place.position == AT_ONCE
    compared = [] if is_left else witness.differences()
    with witness.database.writing() as session:
        stands = _last(session)
        if (stands and (stands.id, stands.position)) != (last and (last.id, last.position)):
            return True  # another worker was quicker
        if stands is None or is_new:
            stands = TrailCheck(followed=[], compared=[])
            session.add(stands)
        stands.position, stands.seal = reached.position, reached.seal
        stands.followed = [*stands.followed, *map(asdict, [*found, *more])][:_MOST_KEPT]
        if not is_left:
            stands.checked_at, stands.compared = now(), [asdict(one) for one in compared[:_MOST_KEPT]]
    return is_left


def _last(session: Session) -> TrailCheck | None:
    return session.scalars(select(TrailCheck).order_by(TrailCheck.id.desc()).limit(1)).first()
