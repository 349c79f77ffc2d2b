"""Votes as rows: the question, its options, the roll, ballots, counts of paper. What is done with them stands in votes.py."""

import uuid
from datetime import datetime
from fractions import Fraction

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import now
from domain.meetings.voting import (
    BallotForm,
    MajorityBase,
    Means,
    Tally,
    Threshold,
    VoteKind,
    VoteState,
    ballot_form,
)
from storage.ground.database import Base, Numbered, tells
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.people.people import Person


class Vote(Numbered):
    """A question put to a meeting. What the verdict rests on is copied here when the vote is opened, and never changes."""

    __tablename__ = "votes"
    __table_args__ = (
        Index("uq_votes_open", "meeting_id", unique=True,
              sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    )  # fmt: skip

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    kind: Mapped[VoteKind]
    means: Mapped[Means] = mapped_column(default=Means.ELECTRONIC)
    is_secret: Mapped[bool] = mapped_column(default=False)
    question: Mapped[str]
    seats: Mapped[int] = mapped_column(default=1)  # how many are to be elected, and may stand on one ballot
    state: Mapped[VoteState] = mapped_column(default=VoteState.DRAFT)
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]  # ballots that arrive later are refused; the chair closes by hand, or extends
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    # the rule and the numbers, as they stood when the vote was opened
    majority_parts: Mapped[int] = mapped_column(default=1)
    majority_of: Mapped[int] = mapped_column(default=2)
    majority_is_more_than: Mapped[bool] = mapped_column(default=True)
    majority_base: Mapped[MajorityBase] = mapped_column(default=MajorityBase.MEMBERS)
    source: Mapped[str] = mapped_column(default="")
    has_own_majority: Mapped[bool] = mapped_column(
        default=False
    )  # the four above were set for this vote alone, with their source
    allows_late_voters: Mapped[bool] = mapped_column(default=False)
    members: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    quorum_base: Mapped[int] = mapped_column(default=0)
    quorum_needed: Mapped[int] = mapped_column(default=0)

    meeting: Mapped[Meeting] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    options: Mapped[list["VoteOption"]] = relationship(
        back_populates="vote", cascade="all, delete-orphan", order_by="VoteOption.position, VoteOption.id"
    )

    @property
    def form(self) -> BallotForm:
        """What may stand on its ballots."""
        return ballot_form(self.kind, [option.key for option in self.options], seats=self.seats)

    @property
    def threshold(self) -> Threshold:
        """The majority that it needs."""
        return Threshold(Fraction(self.majority_parts, self.majority_of), self.majority_is_more_than, self.majority_base)

    @property
    def quorum_is_met(self) -> bool:
        """Whether the body could decide when the vote was opened."""
        return self.present >= self.quorum_needed

    def moment(self) -> datetime:
        """The time now, never before the opening: a clock may have been set back."""
        return max(now(), self.opened_at or now())

    def accepts_at(self, moment: datetime) -> bool:
        """Whether a ballot that arrived at that moment is in time."""
        return self.state is VoteState.OPEN and (self.closes_at is None or moment <= self.closes_at)


class VoteOption(Numbered):
    """Something, or somebody, to choose. Its key is what stands on ballots."""

    __tablename__ = "vote_options"

    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[str]

    vote: Mapped[Vote] = relationship(back_populates="options")

    @property
    def key(self) -> str:
        """What stands on a ballot that chooses it."""
        return str(self.id)


class RollEntry(Base):
    """Somebody entitled to vote, and whether a ballot has been cast. A secret vote keeps no time of it."""

    __tablename__ = "roll_entries"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - rows lie in the order of their key, not of writing

    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participants.id"), primary_key=True, info=tells("vote_id", "was_present", "voted", "on_paper")
    )
    position: Mapped[int]  # in the body's list
    was_present: Mapped[bool]  # when the vote was opened
    voted: Mapped[bool] = mapped_column(default=False)
    on_paper: Mapped[bool] = mapped_column(default=False)  # was given a paper ballot instead
    client_ballot_id: Mapped[str | None]  # chosen by the device: the same one again is the same ballot
    voted_at: Mapped[datetime | None]  # of named votes only

    participant: Mapped[Participant] = relationship()

    @property
    def is_late(self) -> bool:
        """Whether the ballot came from somebody who was not there at the opening."""
        return self.voted and not self.was_present


class NamedBallot(Base):
    """A ballot of a vote by name. `entered_by` is whoever noted a raised hand for somebody without a device."""

    __tablename__ = "named_ballots"

    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participants.id"), primary_key=True, info=tells("vote_id", "choice")
    )
    choice: Mapped[list[str]] = mapped_column(JSON)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class SecretBallot(Base):
    """A secret ballot: a random key and what was chosen. Rows lie in the order of their random keys."""

    __tablename__ = "secret_ballots"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - a rowid would be the order of casting

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), index=True)
    choice: Mapped[list[str]] = mapped_column(JSON)


class PaperCount(Numbered):
    """What one person counted on paper. A correction is another row; the last row of each person holds."""

    __tablename__ = "paper_counts"

    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    collected: Mapped[int]
    invalid: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def tally(self) -> Tally:
        """The count as a value."""
        return Tally(self.counts, self.collected, self.invalid)
