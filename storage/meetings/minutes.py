"""The minutes of a meeting as records: sections with their revisions, approvals, the lock by hash, and annexes.

Whatever is locked is refused every change here, whoever asks: MinutesLocked.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, ForeignKey, UniqueConstraint, event, exists, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.ground.clock import day_of, now, today
from domain.ground.errors import AlreadyExists, StepNotAllowed, existing
from domain.ground.official_papers import OfficialPaper, digest
from domain.meetings.minutes import (
    NO_NUMBER,
    DraftTouched,
    MinutesChanged,
    MinutesLocked,
    ResultNotPublished,
    SamePersonApproves,
    Section,
    SectionChanged,
    annex,
    compose,
    draft_of_annex,
)
from domain.meetings.voting import VoteState
from storage.archive.documents import Document
from storage.archive.set_aside import forgets
from storage.directives.numbering import Numbering
from storage.ground.database import Numbered, ObjectKey, tells
from storage.meetings.ballots import Vote
from storage.meetings.course import unit_of
from storage.meetings.meetings import Meeting, MeetingRecords
from storage.people.people import Person


class Approver(StrEnum):
    """In what capacity the minutes are approved; both are needed."""

    SECRETARY = "secretary"
    CHAIR = "chair"


@forgets
def forget_signed(session: Session, document: Document, keys: Collection[str]) -> set[str]:  # noqa: ARG001 - it goes by its bytes
    """Have no minutes name a signed PDF that is being destroyed in the archive."""
    session.execute(update(Minutes).where(Minutes.signed_sha256.in_(keys)).values(signed_sha256=None, signed_at=None))
    return set()


class Minutes(Numbered):
    """The minutes of a meeting (annex 0) or an annex to them. `revision` counts every change of any section."""

    __tablename__ = "minutes"
    __table_args__ = (UniqueConstraint("meeting_id", "annex"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    annex: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    drafted_at: Mapped[datetime] = mapped_column(default=now)
    locked_at: Mapped[datetime | None]
    sha256: Mapped[str | None]  # of the canonical text, once locked
    signed_sha256: Mapped[ObjectKey | None] = mapped_column(index=True)  # the object with the signed PDF
    signed_at: Mapped[datetime | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))  # in the archive

    meeting: Mapped[Meeting] = relationship()
    document: Mapped[Document | None] = relationship()
    sections: Mapped[list["MinutesSection"]] = relationship(
        back_populates="minutes", cascade="all, delete-orphan", order_by="MinutesSection.position"
    )
    approvals: Mapped[list["MinutesApproval"]] = relationship(back_populates="minutes", cascade="all, delete-orphan")

    @property
    def is_locked(self) -> bool:
        """Whether both have approved."""
        return self.locked_at is not None

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has changed the draft."""
        return all(section.revision == 1 for section in self.sections)

    def section(self, key: str) -> "MinutesSection":
        """The section of that key; raises NotFound."""
        return existing(next((one for one in self.sections if one.key == key), None), "minutes_section", key)

    def approval(self, approver: Approver) -> "MinutesApproval | None":
        """The approval in that capacity, or None."""
        return next((one for one in self.approvals if one.approver is approver), None)


class MinutesSection(Numbered):
    """A section as it stands, changed `revision` - 1 times since the draft."""

    __tablename__ = "minutes_sections"
    __table_args__ = (UniqueConstraint("minutes_id", "key"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    key: Mapped[str]
    heading: Mapped[str]
    text: Mapped[str]
    position: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)

    minutes: Mapped[Minutes] = relationship(back_populates="sections")

    @property
    def value(self) -> Section:
        """The section as the rules see it."""
        return Section(self.key, self.heading, self.text)


class MinutesRevision(Numbered):
    """A section as somebody left it. Rows are only ever added: nobody's text is ever lost."""

    __tablename__ = "minutes_revisions"
    __table_args__ = (UniqueConstraint("minutes_id", "number", "key"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    number: Mapped[int]  # the revision of the minutes
    key: Mapped[str]
    heading: Mapped[str]
    text: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship(lazy="joined")


class MinutesApproval(Numbered):
    """The word of the secretary or of the chair that the minutes of that revision are right. Any change removes it."""

    __tablename__ = "minutes_approvals"
    __table_args__ = (UniqueConstraint("minutes_id", "approver"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    approver: Mapped[Approver]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    at: Mapped[datetime] = mapped_column(default=now)

    minutes: Mapped[Minutes] = relationship(back_populates="approvals")
    person: Mapped[Person] = relationship(lazy="joined")


class MinutesComment(Numbered):
    """What somebody who was there remarks on a section, before the minutes are locked."""

    __tablename__ = "minutes_comments"

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"), index=True)
    key: Mapped[str]
    text: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells("minutes_id", "text", "at"))
    at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship(lazy="joined")


class MeetingMinutes(MeetingRecords):
    """The minutes of one meeting and their annexes."""

    def all(self) -> list[Minutes]:
        """The minutes, then their annexes in order."""
        mine = select(Minutes).where(Minutes.meeting_id == self.meeting.id)
        return list(self.session.scalars(mine.order_by(Minutes.annex)))

    def find(self, number: int = 0) -> Minutes | None:
        """The minutes, or the annex of that number; None if there are none yet."""
        return self.session.scalar(select(Minutes).where(Minutes.meeting_id == self.meeting.id, Minutes.annex == number))

    def get(self, number: int = 0) -> Minutes:
        """The minutes, or the annex of that number; raises NotFound."""
        return existing(self.find(number), "minutes", number)

    def draft(self, sections: Sequence[Section], person: Person) -> Minutes:
        """The minutes from a draft, once; a later draft takes its place as long as nobody has worked on it, else DraftTouched."""
        minutes = self.find()
        if minutes is None:
            return self._put(Minutes(meeting_id=self.meeting.id), sections, person)
        self._hold(minutes)
        if not minutes.is_untouched or minutes.approvals:
            raise DraftTouched
        minutes.sections.clear()
        self.session.flush()
        minutes.drafted_at = now()
        return self._put(minutes, sections, person)

    def begin_annex(self, person: Person) -> Minutes:
        """A new annex; raises StepNotAllowed while the minutes or an annex before it are not locked."""
        before = self.all()
        if not before or not before[-1].is_locked:
            raise StepNotAllowed("unlocked", "begin_annex")
        sections = draft_of_annex([section.value for section in before[0].sections])
        return self._put(Minutes(meeting_id=self.meeting.id, annex=len(before)), sections, person)

    def change(self, minutes: Minutes, key: str, text: str, *, revision: int, person: Person) -> bool:
        """Put another text, if the section still stands at `revision`; every approval is taken back. False if it is the same text.

        Raises SectionChanged, MinutesLocked.
        """
        self._hold(minutes)
        section = minutes.section(key)
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        if section.text == text:
            return False
        if section.revision != revision:
            raise SectionChanged(key, section.revision)
        section.text, section.revision = text, section.revision + 1
        minutes.revision += 1
        minutes.approvals.clear()
        self._keep(minutes, section, person)
        return True

    def add_section(self, minutes: Minutes, heading: str, person: Person) -> MinutesSection:
        """A section of one's own before the ending; raises AlreadyExists for a heading that is there, MinutesLocked."""
        self._hold(minutes)
        if any(one.heading == heading for one in minutes.sections):
            raise AlreadyExists("minutes_section", heading)
        place = next((at for at, one in enumerate(minutes.sections) if one.key in ("ending", "chair")), 0)
        section = MinutesSection(key=f"own:{minutes.revision + 1}", heading=heading, text="", position=0)
        minutes.sections.insert(place, section)
        for position, one in enumerate(minutes.sections):
            one.position = position
        minutes.revision += 1
        minutes.approvals.clear()
        self._keep(minutes, section, person)
        return section

    def approve(self, minutes: Minutes, approver: Approver, person: Person, *, revision: int) -> bool:
        """Approve what stands at `revision`; the second approval locks the minutes, then True.

        Raises MinutesChanged, MinutesLocked, SamePersonApproves, ResultNotPublished; StepNotAllowed if that approval is there.
        """
        self._hold(minutes)
        counted = exists().where(Vote.meeting_id == self.meeting.id, Vote.state == VoteState.CLOSED)
        if self.session.scalar(select(counted)):
            raise ResultNotPublished
        if minutes.revision != revision:
            raise MinutesChanged(minutes.revision)
        if minutes.approval(approver):
            raise StepNotAllowed("approved", "approve")
        if any(one.person_id == person.id for one in minutes.approvals):
            raise SamePersonApproves
        minutes.approvals.append(MinutesApproval(approver=approver, person_id=person.id))
        self.session.flush()
        if len(minutes.approvals) == len(Approver):
            self._number(minutes, person)
            minutes.sha256, minutes.locked_at = digest(self.paper(minutes)), now()
        self.session.flush()
        return minutes.is_locked

    def comment(self, minutes: Minutes, key: str, text: str, person: Person) -> MinutesComment:
        """Remark on a section; raises MinutesLocked, NotFound."""
        self._hold(minutes)
        comment = MinutesComment(minutes_id=minutes.id, key=minutes.section(key).key, text=text, person_id=person.id)
        self.session.add(comment)
        self.session.flush()
        return comment

    def comments(self, minutes: Minutes) -> dict[str, list[MinutesComment]]:
        """The remarks by the key of their section, the oldest first."""
        found: dict[str, list[MinutesComment]] = {}
        mine = select(MinutesComment).where(MinutesComment.minutes_id == minutes.id).order_by(MinutesComment.id)
        for comment in self.session.scalars(mine):
            found.setdefault(comment.key, []).append(comment)
        return found

    def revisions(self, minutes: Minutes, key: str = "") -> list[MinutesRevision]:
        """Every text that ever stood there, the latest first; of one section, or of all."""
        mine = select(MinutesRevision).where(MinutesRevision.minutes_id == minutes.id)
        mine = mine.where(MinutesRevision.key == key) if key else mine
        return list(self.session.scalars(mine.order_by(MinutesRevision.number.desc(), MinutesRevision.id)))

    def paper(self, minutes: Minutes) -> OfficialPaper:
        """The minutes, or the annex, as a paper."""
        sections = [section.value for section in minutes.sections]
        if not minutes.annex:
            return compose(sections, is_rehearsal=self.meeting.is_rehearsal)
        main = self.get()
        if main.locked_at is None or main.sha256 is None:
            raise StepNotAllowed("unlocked", "annex")
        return annex(
            sections,
            number=minutes.annex,
            locked_on=day_of(main.locked_at),
            sha256=main.sha256,
            is_rehearsal=self.meeting.is_rehearsal,
        )

    def is_intact(self, minutes: Minutes) -> bool:
        """Whether the text of locked minutes still has the hash that they were locked by."""
        return minutes.sha256 is not None and digest(self.paper(minutes)) == minutes.sha256

    def _put(self, minutes: Minutes, sections: Sequence[Section], person: Person) -> Minutes:
        self.session.add(minutes)
        minutes.revision = (minutes.revision or 0) + 1
        minutes.sections.extend(
            MinutesSection(key=one.key, heading=one.heading, text=one.text, position=position, revision=1)
            for position, one in enumerate(sections)
        )
        self.session.flush()
        for section in minutes.sections:
            self._keep(minutes, section, person)
        return minutes

    def _keep(self, minutes: Minutes, section: MinutesSection, person: Person) -> None:
        kept = MinutesRevision(
            minutes_id=minutes.id,
            number=minutes.revision,
            key=section.key,
            heading=section.heading,
            text=section.text,
            person_id=person.id,
        )
        self.session.add(kept)
        self.session.flush()

    def _number(self, minutes: Minutes, person: Person) -> None:
        """Give minutes that are about to be locked the next number of their unit, unless one was typed. A rehearsal takes none."""
        section = next((one for one in minutes.sections if one.key == "number" and NO_NUMBER in one.text), None)
        unit = unit_of(self.session, self.meeting)
        if section is None or unit is None or self.meeting.is_rehearsal:
            return
        number = Numbering(self.session, unit.id).take_for_minutes(today(), f"cuộc họp {self.meeting.id}", person)
        section.text = section.text.replace(NO_NUMBER, f"{number:02}")
        section.revision += 1
        minutes.revision += 1
        self._keep(minutes, section, person)

    def _hold(self, minutes: Minutes) -> None:
        """Keep others from changing the minutes until the commit; raises MinutesLocked."""
        self.session.refresh(minutes, with_for_update=True)
        if minutes.locked_at is not None:
            raise MinutesLocked(minutes.locked_at)


_FROZEN = ("sha256", "locked_at", "revision", "annex", "meeting_id")  # of minutes that are locked


@event.listens_for(MinutesSection, "before_insert")
@event.listens_for(MinutesSection, "before_update")
@event.listens_for(MinutesSection, "before_delete")
@event.listens_for(MinutesApproval, "before_update")
@event.listens_for(MinutesApproval, "before_delete")
def _refuse_locked(_mapper: object, connection: Connection, part: MinutesSection | MinutesApproval) -> None:
    """Asked of the database, since a part that was taken out of its minutes no longer knows them."""
    locked_at = connection.scalar(select(Minutes.locked_at).where(Minutes.id == part.minutes_id))
    if locked_at is not None:
        raise MinutesLocked(locked_at)


@event.listens_for(MinutesRevision, "before_update")
@event.listens_for(MinutesRevision, "before_delete")
def _refuse_rewriting(_mapper: object, _connection: object, _revision: MinutesRevision) -> None:
    raise MinutesLocked(None)


@event.listens_for(Minutes, "before_delete")
@event.listens_for(Minutes, "before_update")
def _refuse_unlocking(_mapper: object, _connection: object, minutes: Minutes) -> None:
    state = inspect(minutes)
    was_locked = state.attrs.locked_at.history
    if (was_locked.deleted and was_locked.deleted[0] is not None) or (
        minutes.locked_at is not None
        and not was_locked.added
        and (state.deleted or any(state.attrs[name].history.has_changes() for name in _FROZEN))
    ):
        raise MinutesLocked(minutes.locked_at)
