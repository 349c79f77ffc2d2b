"""Attendance as records: intervals of presence, who set them and how. A socket that drops never changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import now
from domain.meetings.checking_in import WRONG_FOR, check_may_try, lasts_until_break, still_holds
from storage.ground.database import Numbered, tells
from storage.meetings.meetings import MeetingRecords, Participant


class Presence(StrEnum):
    """How somebody is present."""

    IN_ROOM = "in_room"
    ONLINE = "online"


class Whereabouts(StrEnum):
    """Where somebody who was invited is now, as far as has been noted."""

    IN_ROOM = "in_room"
    ONLINE = "online"
    LEFT = "left"
    ABSENT = "absent"  # with a reason
    UNKNOWN = "unknown"  # nobody has noted anything


class Stay(Numbered):
    """One interval in which a participant is present. At most one is open for each."""

    __tablename__ = "stays"
    __table_args__ = (
        Index("uq_stays_open", "participant_id", unique=True,
              sqlite_where=text("left_at IS NULL"), postgresql_where=text("left_at IS NULL")),
    )  # fmt: skip

    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participants.id"), index=True, info=tells("presence", "came_at", "left_at", "set_by")
    )
    presence: Mapped[Presence]
    came_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]
    set_by: Mapped[str]  # self, code, secretary, opening, correction
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    participant: Mapped[Participant] = relationship()


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval of presence as a correction says it; `left_at` is None for who stayed to the end."""

    presence: Presence
    came_at: datetime
    left_at: datetime | None

    @property
    def as_facts(self) -> dict[str, str | None]:
        """The interval as an event keeps it."""
        left_at = self.left_at.isoformat() if self.left_at else None
        return {"presence": str(self.presence), "came_at": self.came_at.isoformat(), "left_at": left_at}


class WrongCode(Numbered):
    """Somebody typed a code that is not shown in the room: kept for some minutes, so that nobody tries all of them."""

    __tablename__ = "wrong_codes"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), index=True, info=tells("at"))
    at: Mapped[datetime] = mapped_column(default=now)


class Attendance(MeetingRecords):
    """Who is and was present in one meeting."""

    def present(self) -> dict[int, Presence]:
        """How each participant who is here now is present, by the participant's id."""
        here = select(Stay.participant_id, Stay.presence, Stay.came_at).join(Participant)
        here = here.where(Participant.meeting_id == self.meeting.id, Stay.left_at.is_(None))
        return {who: how for who, how, came_at in self.session.execute(here) if self.still_holds(came_at)}

    def still_holds(self, came_at: datetime) -> bool:
        """Whether a presence that nobody has ended holds: not in the days after a sitting that has been interrupted."""
        return still_holds(self.meeting.state, came_at, now())

    def stays(self) -> list[Stay]:
        """Every interval of the meeting, in the order of coming."""
        all_stays = select(Stay).join(Participant).where(Participant.meeting_id == self.meeting.id)
        return list(self.session.scalars(all_stays.order_by(Stay.came_at, Stay.id)))

    def whereabouts(self) -> dict[int, Whereabouts]:
        """Where each participant is now, by the participant's id."""
        present = self.present()
        came = {stay.participant_id for stay in self.stays()}
        return {
            one.id: Whereabouts(present[one.id]) if one.id in present else _away(one, came) for one in self.meeting.participants
        }

    def come(self, participant: Participant, presence: Presence, *, set_by: str, set_by_id: int | None) -> bool:
        """Note that somebody is here; False if that was so already in the same way."""
        stay = self._open(participant)
        participant.absent_reason = ""
        if stay and stay.presence is presence:
            return False
        if stay:
            stay.left_at = now()
            self.session.flush()
        self.session.add(Stay(participant_id=participant.id, presence=presence, set_by=set_by, set_by_id=set_by_id))
        self.session.flush()
        return True

    def check_may_try(self, participant: Participant) -> None:
        """Raise TooManyCodes for who has typed too many wrong codes. What is too old to matter is forgotten here."""
        self.session.execute(delete(WrongCode).where(WrongCode.at <= now() - WRONG_FOR))
        mine = select(WrongCode.at).where(WrongCode.participant_id == participant.id)
        check_may_try(self.session.scalars(mine).all(), now())

    def count_wrong_code(self, participant: Participant) -> None:
        """Remember that somebody typed a wrong code."""
        self.session.add(WrongCode(participant_id=participant.id))
        self.session.flush()

    def leave(self, participant: Participant) -> bool:
        """Note that somebody has left; False if the person was not here."""
        stay = self._open(participant)
        if stay is None:
            return False
        stay.left_at = now()
        return True

    def begin_day(self, interrupted_at: datetime) -> int:
        """End, with the break that began then, whatever presence was left open on an earlier day; returns how many."""
        here = select(Stay).join(Participant).where(Participant.meeting_id == self.meeting.id, Stay.left_at.is_(None))
        ended = [(stay, until) for stay in self.session.scalars(here)
                 if (until := lasts_until_break(stay.came_at, interrupted_at, now()))]  # fmt: skip
        for stay, until in ended:
            stay.left_at = until
        self.session.flush()
        return len(ended)

    def forget_codes(self, participant: Participant) -> None:
        """Forget the wrong codes of somebody who is taken off the list."""
        self.session.execute(delete(WrongCode).where(WrongCode.participant_id == participant.id))

    def note_absence(self, participant: Participant, reason: str) -> bool:
        """Note why somebody is not here, which ends a presence; False if that was noted already."""
        is_new = self.leave(participant) or participant.absent_reason != reason
        participant.absent_reason = reason
        return is_new

    def of(self, participant: Participant) -> list[Stay]:
        """The intervals of one participant, in the order of coming."""
        return [stay for stay in self.stays() if stay.participant_id == participant.id]

    def correct(self, participant: Participant, intervals: Sequence[Interval], *, absent_reason: str, set_by_id: int) -> None:
        """Put other intervals in the place of those that were noted. What stood there is kept by the event of the correction."""
        self.session.execute(delete(Stay).where(Stay.participant_id == participant.id))
        participant.absent_reason = "" if intervals else absent_reason
        for one in intervals:
            self.session.add(
                Stay(participant_id=participant.id, presence=one.presence, came_at=one.came_at, left_at=one.left_at,
                     set_by="correction", set_by_id=set_by_id)
            )  # fmt: skip
        self.session.flush()

    def _open(self, participant: Participant) -> Stay | None:
        return self.session.scalar(select(Stay).where(Stay.participant_id == participant.id, Stay.left_at.is_(None)))


def _away(participant: Participant, came: set[int]) -> Whereabouts:
    """Where somebody is who is not present."""
    if participant.absent_reason:
        return Whereabouts.ABSENT
    if participant.id in came:
        return Whereabouts.LEFT
    return Whereabouts.ABSENT if participant.coming is False else Whereabouts.UNKNOWN
