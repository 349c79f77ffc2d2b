"""Opinions as records: what members say of an item before the meeting, and rounds in which a body answers in writing."""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import day_of, now
from domain.ground.errors import StepNotAllowed, existing
from domain.meetings.meetings import MeetingState
from storage.archive.documents import Document
from storage.ground.database import Base, Numbered, Records, storable, tells
from storage.meetings.bodies import Body, BodyRules
from storage.meetings.meetings import AgendaItem, MeetingRecords
from storage.people.people import Person

BEFORE_OPENING = frozenset({MeetingState.DRAFT, MeetingState.CONVENED})


class Opinion(Numbered):
    """What somebody says of an item before the meeting."""

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("item_id", "person_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True, info=tells("item_id", "text", "changed_at"))
    text: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship(lazy="joined")


class OpinionSetting(Base):
    """Whether the members of a meeting see each other's opinions; without a row they do not."""

    __tablename__ = "opinion_settings"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    are_shared: Mapped[bool] = mapped_column(default=False)


class Opinions(MeetingRecords):
    """The opinions on the items of one meeting."""

    @property
    def are_shared(self) -> bool:
        """Whether members see each other's."""
        setting = self.session.get(OpinionSetting, self.meeting.id)
        return setting is not None and setting.are_shared

    def share(self, are_shared: bool) -> None:
        """Have members see each other's, or no longer."""
        self.session.merge(OpinionSetting(meeting_id=self.meeting.id, are_shared=are_shared))

    @property
    def is_open(self) -> bool:
        """Whether opinions are still taken: until the meeting opens."""
        return self.meeting.state in BEFORE_OPENING

    def give(self, item: AgendaItem, person_id: int, text: str) -> None:
        """Have this opinion of somebody, or none if it is empty; raises StepNotAllowed once the meeting has opened."""
        if not self.is_open:
            raise StepNotAllowed(self.meeting.state, "give_opinion")
        row = self.session.scalar(select(Opinion).where(Opinion.item_id == item.id, Opinion.person_id == person_id))
        if row is None and text:
            self.session.add(Opinion(item_id=item.id, person_id=person_id, text=storable(text)))
        elif row is not None and text:
            row.text, row.changed_at = storable(text), now()
        elif row is not None:
            self.session.delete(row)

    def by_item(self, items: Iterable[AgendaItem], *, only_of: int | None = None) -> dict[int, list[Opinion]]:
        """The opinions on these items by item, in the order in which they came; those of one person only if named."""
        wanted = select(Opinion).where(Opinion.item_id.in_([item.id for item in items])).order_by(Opinion.id)
        found: dict[int, list[Opinion]] = {}
        for row in self.session.scalars(wanted if only_of is None else wanted.where(Opinion.person_id == only_of)):
            found.setdefault(row.item_id, []).append(row)
        return found


class Answer(StrEnum):
    """What a member answers to a round."""

    AGREE = "agree"
    DISAGREE = "disagree"
    OTHER = "other"  # with words


class OpinionRound(Numbered):
    """A question that a body answers in writing, without a meeting, until a deadline."""

    __tablename__ = "opinion_rounds"

    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    rules_id: Mapped[int | None] = mapped_column(ForeignKey("body_rules.id"))  # those in force when it began
    question: Mapped[str]
    explanation: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    created_at: Mapped[datetime] = mapped_column(default=now)
    deadline: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]  # ended before or at the deadline by the officer

    body: Mapped[Body] = relationship()
    rules: Mapped[BodyRules | None] = relationship()
    document: Mapped[Document | None] = relationship()
    officer: Mapped[Person] = relationship()
    answers: Mapped[list["RoundAnswer"]] = relationship(
        back_populates="round", cascade="all, delete-orphan", order_by="RoundAnswer.position, RoundAnswer.id"
    )

    @property
    def is_open(self) -> bool:
        """Whether answers are still taken."""
        return self.closed_at is None and now() <= self.deadline

    @property
    def silent(self) -> list["RoundAnswer"]:
        """Those who have not answered."""
        return [one for one in self.answers if one.answer is None]

    def count(self, answer: Answer) -> int:
        """How many answered so."""
        return sum(one.answer is answer for one in self.answers)

    def of(self, person_id: int) -> "RoundAnswer | None":
        """The row of one member, or None."""
        return next((one for one in self.answers if one.person_id == person_id), None)


class RoundAnswer(Numbered):
    """A member who is asked, and the answer."""

    __tablename__ = "round_answers"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("opinion_rounds.id"), index=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("round_id", "name", "position", "answer", "words", "answered_at")
    )
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    answer: Mapped[Answer | None]
    words: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    round: Mapped[OpinionRound] = relationship(back_populates="answers")
    person: Mapped[Person] = relationship()


class OpinionRounds(Records):
    """All rounds."""

    def get(self, round_id: int) -> OpinionRound:
        """The round; raises NotFound."""
        return existing(self.session.get(OpinionRound, round_id), "opinion_round", round_id)

    def visible(self, person_id: int, units: Collection[int]) -> list[OpinionRound]:
        """The rounds that somebody is asked in or in charge of, and those of bodies of these units; the latest deadline first."""
        mine = select(RoundAnswer.round_id).where(RoundAnswer.person_id == person_id)
        theirs = OpinionRound.body_id.in_(select(Body.id).where(Body.unit_id.in_(units)))
        known = select(OpinionRound).where(OpinionRound.id.in_(mine) | (OpinionRound.officer_id == person_id) | theirs)
        return list(self.session.scalars(known.order_by(OpinionRound.deadline.desc())))

    def begin(self, body: Body, question: str, *, explanation: str, deadline: datetime, officer_id: int) -> OpinionRound:
        """Ask every member with a vote, by the rules of today."""
        today = day_of(now())
        asked = [member for member in body.members_on(today) if member.has_vote]
        begun = OpinionRound(
            body=body, rules=body.rules_on(today), question=storable(question), explanation=storable(explanation),
            deadline=deadline, officer_id=officer_id,
            answers=[RoundAnswer(person_id=one.person_id, name=one.person.name, position=one.position) for one in asked],
        )  # fmt: skip
        self.session.add(begun)
        self.session.flush()
        return begun

    def answer(self, asked: OpinionRound, person_id: int, answer: Answer, words: str) -> RoundAnswer:
        """Have a member's answer, over an earlier one; raises NotFound for others, StepNotAllowed after the end."""
        row = existing(asked.of(person_id), "opinion_round", asked.id)
        if not asked.is_open:
            raise StepNotAllowed("closed", "answer")
        row.answer, row.words, row.answered_at = answer, storable(words), now()
        return row

    def close(self, asked: OpinionRound) -> None:
        """End the round now; raises StepNotAllowed if it has been ended."""
        if asked.closed_at is not None:
            raise StepNotAllowed("closed", "close")
        asked.closed_at = now()
