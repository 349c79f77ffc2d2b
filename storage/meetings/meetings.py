"""Meetings as records: sittings, participants, the agenda, and the events that a meeting consists of.

Every act in a meeting that others see takes the next revision of the meeting and leaves one event, in its own transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    and_,
    exists,
    func,
    inspect,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, object_session, relationship

from domain.ground.clock import day_of, now
from domain.ground.errors import existing
from domain.meetings.agenda import ItemKind, ItemState
from domain.meetings.invitations import RulesInUse
from domain.meetings.meetings import ANNOUNCED, WHOLLY_INVITED, MeetingKind, MeetingState, Part, Right, rights_of
from storage.ground.database import Base, Numbered, Records, tells
from storage.meetings.bodies import Body, BodyRules
from storage.people.people import Person


class Meeting(Numbered):
    """A meeting, from its draft to its minutes. `revision` counts what has happened in it."""

    __tablename__ = "meetings"

    body_id: Mapped[int | None] = mapped_column(ForeignKey("bodies.id"), index=True)
    rules_id: Mapped[int | None] = mapped_column(ForeignKey("body_rules.id"))  # fixed when the meeting is convened
    kind: Mapped[MeetingKind] = mapped_column(default=MeetingKind.REGULAR)
    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")  # of the video conference
    invitation_number: Mapped[str] = mapped_column(default="")  # 12/GM-LĐLĐ
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.DRAFT, index=True)
    revision: Mapped[int] = mapped_column(default=0)
    ics_sequence: Mapped[int] = mapped_column(default=0)  # rises whenever time or place move
    reminder_hours: Mapped[int] = mapped_column(default=24)  # before the start, to who has not answered; 0: none by itself
    presiding_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), info=tells())  # who sits in the chair's seat now
    presiding_since: Mapped[datetime | None]
    takes_requests: Mapped[bool] = mapped_column(default=True)  # the list of speakers is open
    speech_s: Mapped[int] = mapped_column(default=300)  # how long a speech lasts unless the chair says otherwise
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    is_template: Mapped[bool] = mapped_column(default=False)
    is_rehearsal: Mapped[bool] = mapped_column(default=False)
    series: Mapped[str] = mapped_column(default="", index=True)  # shared by the meetings of a series
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    body: Mapped[Body | None] = relationship()
    rules: Mapped[BodyRules | None] = relationship()
    presiding: Mapped[Person | None] = relationship(foreign_keys=[presiding_id])
    sittings: Mapped[list["Sitting"]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", order_by="Sitting.starts_at"
    )
    participants: Mapped[list["Participant"]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", order_by="Participant.position, Participant.id"
    )
    items: Mapped[list["AgendaItem"]] = relationship(
        back_populates="meeting", cascade="all, delete-orphan", order_by="AgendaItem.position, AgendaItem.id"
    )

    @property
    def was_announced(self) -> bool:
        """Whether people were ever called to it. A draft that was called off is still known to those alone who prepared it;
        of a meeting that people were called to, the calling off raised the number of its calendar entries."""
        return self.state in ANNOUNCED or (self.state is MeetingState.CANCELLED and self.ics_sequence > 0)

    @property
    def item_on_floor(self) -> "AgendaItem | None":
        """What is being dealt with now."""
        return next((item for item in self.items if item.state is ItemState.ON_FLOOR), None)

    def gives_vote_to(self, person_id: int) -> bool:
        """Whether the body that meets gives the person a vote on that day; where none meets, and in a rehearsal among invented
        people, the list of participants alone says who votes."""
        return self.body is None or self.is_rehearsal or person_id in self.body.voters_on(day_of(self.starts_at))

    @property
    def voters(self) -> list["Participant"]:
        """Who votes, in the order of the list: those marked so whom the body gives a vote."""
        marked = [one for one in self.participants if one.has_vote]
        if self.body is None or self.is_rehearsal:
            return marked
        entitled = self.body.voters_on(day_of(self.starts_at))
        return [one for one in marked if one.person_id in entitled]

    def participant(self, person_id: int) -> "Participant | None":
        """That person's part in the meeting, or None. Asked at every press, so a thousand others are not read for it."""
        session = object_session(self)
        if session is None or "participants" not in inspect(self).unloaded:
            return next((one for one in self.participants if one.person_id == person_id), None)
        person = joinedload(Participant.person)
        whole = (person.joinedload(Person.role_rows), person.joinedload(Person.seats), joinedload(Participant.guest_items))
        mine = select(Participant).where(Participant.meeting_id == self.id, Participant.person_id == person_id)
        return session.scalars(mine.options(*whole)).unique().one_or_none()


class Sitting(Numbered):
    """One sitting of a meeting that has several; a meeting of one sitting has no rows here."""

    __tablename__ = "sittings"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(default="")

    meeting: Mapped[Meeting] = relationship(back_populates="sittings")


class Participant(Numbered):
    """Somebody's part in a meeting: what the person is there, whether with a vote, and the answer to the invitation."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"),
        index=True,
        info=tells(
            "meeting_id", "name", "title", "part", "has_vote", "coming", "reason", "delegate", "answered_at", "absent_reason"
        ),
    )
    name: Mapped[str]  # as it was when invited
    title: Mapped[str] = mapped_column(default="")
    part: Mapped[Part] = mapped_column(default=Part.MEMBER)
    has_vote: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)  # in the body's list
    coming: Mapped[bool | None]  # None: has not answered
    reason: Mapped[str] = mapped_column(default="")  # why not
    delegate: Mapped[str] = mapped_column(default="")  # who comes instead, without a vote
    answered_at: Mapped[datetime | None]
    absent_reason: Mapped[str] = mapped_column(default="")  # noted by the secretary; "" if nobody noted an absence

    meeting: Mapped[Meeting] = relationship(back_populates="participants")
    person: Mapped[Person] = relationship(lazy="joined")
    guest_items: Mapped[list["GuestItem"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def rights(self) -> frozenset[Right]:
        """All that the person may do in this meeting now."""
        presides = self.meeting.presiding_id == self.person_id
        return rights_of(self.part, has_vote=self.has_vote, presides=presides)

    @property
    def sees_whole(self) -> bool:
        """Whether the person is invited to the whole meeting, not to single items only."""
        return self.part in WHOLLY_INVITED or (self.part is Part.GUEST and not self.guest_items)

    def may_see(self, item: "AgendaItem | None") -> bool:
        """Whether the item concerns the person: to a guest of single items only those and what lies below them. What belongs to
        no item (None) belongs to the whole meeting."""
        if self.sees_whole or item is None:
            return self.sees_whole
        return not item.lineage.isdisjoint(row.item_id for row in self.guest_items)


class GuestItem(Base):
    """An item to which a guest is invited. A guest without any is invited to the whole meeting."""

    __tablename__ = "guest_items"

    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"), primary_key=True, info=tells("item_id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), primary_key=True)


class AgendaItem(Numbered):
    """A point of the agenda; points may have points below them. At most one is on the floor."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        Index("uq_agenda_items_on_floor", "meeting_id", unique=True,
              sqlite_where=text("state = 'on_floor'"), postgresql_where=text("state = 'on_floor'")),
    )  # fmt: skip

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)  # among all items of the meeting, depth first
    title: Mapped[str]
    kind: Mapped[ItemKind] = mapped_column(default=ItemKind.DISCUSSION)
    minutes: Mapped[int] = mapped_column(default=0)  # planned duration
    presenter: Mapped[str] = mapped_column(default="")
    is_on_paper_only: Mapped[bool] = mapped_column(default=False)  # a matter under secrecy: nothing of it is kept here
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sittings.id"))
    state: Mapped[ItemState] = mapped_column(default=ItemState.WAITING)
    taken_up_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="items")

    @property
    def lineage(self) -> frozenset[int]:
        """The ids of the item and of all above it."""
        parents, found, here = {item.id: item.parent_id for item in self.meeting.items}, {self.id}, self.parent_id
        while here is not None:
            found.add(here)
            here = parents.get(here)
        return frozenset(found)


_TITLES = frozenset({"title", "before", "paper"})  # facts that were titles; undoing needs `before` where it is a list


class MeetingEvent(Numbered):
    """Something that happened in a meeting. Events are only ever added; minutes and the audit pack are written from them. They name
    items and papers by id, since a title may become secret; what earlier versions wrote there, `forget_titles` takes away.

    `act_id` is the idempotency key of the press that caused it: the same key never acts twice.
    """

    __tablename__ = "meeting_events"
    __table_args__ = (UniqueConstraint("meeting_id", "revision"), UniqueConstraint("meeting_id", "act_id"))

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    revision: Mapped[int]
    kind: Mapped[str]  # past tense: item_taken_up
    parts: Mapped[str] = mapped_column(default="")  # which parts of the live page it changed, with spaces between
    act_id: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), info=tells())  # who did it
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person | None] = relationship()


def convened_by(person: Person, units: Collection[int]) -> ColumnElement[bool]:
    """The meetings that somebody prepares by office: those of bodies of these units, and those the person called."""
    return or_(Meeting.created_by_id == person.id, Meeting.body_id.in_(select(Body.id).where(Body.unit_id.in_(units))))


class MeetingRecords(Records):
    """Records of a kind that belong to one meeting."""

    def __init__(self, session: Session, meeting: Meeting) -> None:
        super().__init__(session)
        self.meeting = meeting


class Meetings(Records):
    """All meetings."""

    def get(self, meeting_id: int) -> Meeting:
        """The meeting; raises NotFound. Who may know of it is asked by `visible` or by the part of the person."""
        return existing(self.session.get(Meeting, meeting_id), "meeting", meeting_id)

    def convened_by(self, rules: BodyRules) -> int:
        """How many meetings have been convened under these rules, and hold them fixed."""
        return self.session.scalar(select(func.count()).select_from(Meeting).where(Meeting.rules_id == rules.id)) or 0

    def change_rules(self, rules: BodyRules, values: Mapping[str, Any]) -> None:
        """Correct rules that no meeting has been convened under; raises RulesInUse. A change in fact is a new record."""
        if self.convened_by(rules):
            raise RulesInUse
        for name, value in values.items():
            setattr(rules, name, value)
        self.session.flush()

    def hold(self, meeting_id: int) -> None:
        """Keep the meeting to oneself until the commit, so that of two acts the second finds what the first has done."""
        self.session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update())

    def visible(self, person: Person, convened: ColumnElement[bool]) -> Select[Meeting]:
        """The meetings that the person knows of: those convened with a part in them, and those of its office.

        Chair and secretary know of a draft too, since they prepare it.
        """
        mine = exists().where(Participant.meeting_id == Meeting.id, Participant.person_id == person.id)
        heads = mine.where(Participant.part.in_([Part.CHAIR, Part.SECRETARY]))
        called_off = Meeting.state == MeetingState.CANCELLED
        announced = or_(Meeting.state.in_(ANNOUNCED), called_off & (Meeting.ics_sequence > 0))
        hers = or_(announced, Meeting.created_by_id == person.id, heads)
        seen = select(Meeting).where(or_(convened, and_(mine, hers)), ~Meeting.is_template)
        return seen.options(joinedload(Meeting.body))

    def parts_of(self, person: Person, meetings: Iterable[Meeting]) -> dict[int, Participant]:
        """The person's part in each of these meetings that it has one in, by the meeting."""
        ids = [one.id for one in meetings]
        mine = select(Participant).where(Participant.meeting_id.in_(ids), Participant.person_id == person.id)
        return {one.meeting_id: one for one in self.session.scalars(mine).unique()}

    def names(self, meeting: Meeting) -> list[tuple[int, str, str]]:
        """The id, the name and the title of each participant, in the order of the list."""
        listed = select(Participant.id, Participant.name, Participant.title).where(Participant.meeting_id == meeting.id)
        return [(row[0], row[1], row[2]) for row in self.session.execute(listed.order_by(Participant.position, Participant.id))]

    def voters(self, meeting: Meeting) -> frozenset[int]:
        """Who votes in the meeting, by the ids of the participants."""
        marked = select(Participant.id).where(Participant.meeting_id == meeting.id, Participant.has_vote)
        if meeting.body and not meeting.is_rehearsal:
            marked = marked.where(Participant.person_id.in_(meeting.body.voters_on(day_of(meeting.starts_at))))
        return frozenset(self.session.scalars(marked))

    def forget_titles(self, meeting: Meeting, item_id: int) -> None:
        """Take the titles of an item out of the events of the meeting, where earlier versions kept them."""
        for event in self.events(meeting):
            if item_id in (event.item_id, event.facts.get("item_id")):
                kept = {name: value for name, value in event.facts.items() if not (name in _TITLES and isinstance(value, str))}
                event.facts = kept
        self.session.flush()

    def add_event(
        self,
        meeting: Meeting,
        kind: str,
        *,
        person_id: int | None = None,
        item: AgendaItem | None = None,
        parts: str = "",
        act_id: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> MeetingEvent:
        """Take the next revision of the meeting, whose row stays locked until the commit, and leave the event; its time is never
        before that of the event before it."""
        step = update(Meeting).where(Meeting.id == meeting.id).values(revision=Meeting.revision + 1)
        revision = self.session.scalars(step.returning(Meeting.revision)).one()
        event = MeetingEvent(
            meeting_id=meeting.id,
            revision=revision,
            kind=kind,
            parts=parts,
            act_id=act_id,
            person_id=person_id,
            item_id=item.id if item else None,
            facts=facts or {},
            at=max(now(), self.last_moment(meeting) or now()),
        )
        self.session.add(event)
        self.session.flush()
        self.session.refresh(meeting, ["revision"])
        return event

    def events(self, meeting: Meeting, *, after: int = 0) -> list[MeetingEvent]:
        """What has happened since that revision, in order."""
        since = select(MeetingEvent).where(MeetingEvent.meeting_id == meeting.id, MeetingEvent.revision > after)
        return list(self.session.scalars(since.order_by(MeetingEvent.revision)))

    def last_event(self, meeting: Meeting, kind: str) -> MeetingEvent | None:
        """The last event of that kind, or None."""
        those = select(MeetingEvent).where(MeetingEvent.meeting_id == meeting.id, MeetingEvent.kind == kind)
        return self.session.scalars(those.order_by(MeetingEvent.revision.desc()).limit(1)).first()

    def last_moment(self, meeting: Meeting) -> datetime | None:
        """When the last event of the meeting happened; None if nothing has."""
        return self.session.scalar(select(func.max(MeetingEvent.at)).where(MeetingEvent.meeting_id == meeting.id))

    def has_acted(self, meeting: Meeting, act_id: str) -> bool:
        """Whether a press with that key has already done its work here. The meeting's row stays locked, so that the same key
        sent twice at once waits for its twin."""
        self.session.refresh(meeting, ["revision"], with_for_update=True)
        known = exists().where(MeetingEvent.meeting_id == meeting.id, MeetingEvent.act_id == act_id)
        return bool(self.session.scalar(select(known)))
