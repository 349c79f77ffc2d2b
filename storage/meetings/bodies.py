"""Bodies that meet (Ban Chấp hành, Ban Thường vụ, ...) as records: their dated members and the dated rules they decide by."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.errors import existing
from domain.meetings.quorum import QuorumBase
from domain.meetings.voting import MajorityBase
from storage.ground.database import Numbered, Records, tells
from storage.people.people import Person
from storage.people.units import Unit


class Body(Numbered):
    """A body of the union for as long as it stands; each term is a body of its own."""

    __tablename__ = "bodies"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]  # Ban Chấp hành Liên đoàn Lao động tỉnh khóa XIV
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    unit: Mapped[Unit] = relationship()
    members: Mapped[list["BodyMember"]] = relationship(back_populates="body", cascade="all, delete-orphan")
    rules: Mapped[list["BodyRules"]] = relationship(
        back_populates="body", cascade="all, delete-orphan", order_by="BodyRules.valid_from"
    )

    def members_on(self, day: date) -> list["BodyMember"]:
        """Who belongs to the body on that day, in the order of its list."""
        holding = [member for member in self.members if member.holds_on(day)]
        return sorted(holding, key=lambda member: (member.position, member.id))

    def voters_on(self, day: date) -> frozenset[int]:
        """The people with a vote in the body on that day, by their ids."""
        return frozenset(member.person_id for member in self.members if member.has_vote and member.holds_on(day))

    def rules_on(self, day: date) -> "BodyRules | None":
        """The rules in force on that day, or None if none has been recorded for it."""
        in_force = [rules for rules in self.rules if rules.valid_from <= day]
        return in_force[-1] if in_force else None


class BodyMember(Numbered):
    """A person's membership of a body for a time, both days included."""

    __tablename__ = "body_members"
    __table_args__ = (UniqueConstraint("body_id", "person_id", "valid_from"),)

    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("body_id", "title", "has_vote", "valid_from", "valid_to")
    )
    title: Mapped[str] = mapped_column(default="")  # Chủ tịch, Ủy viên
    has_vote: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)  # in the body's list
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    body: Mapped[Body] = relationship(back_populates="members")
    person: Mapped[Person] = relationship(lazy="joined")

    def holds_on(self, day: date) -> bool:
        """Whether the membership holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class BodyRules(Numbered):
    """By what a body decides from a day on, and where that is written. Shares are exact fractions."""

    __tablename__ = "body_rules"
    __table_args__ = (
        UniqueConstraint("body_id", "valid_from"),
        CheckConstraint("quorum_of > 0 AND majority_of > 0", name="shares"),
    )

    body_id: Mapped[int] = mapped_column(ForeignKey("bodies.id"), index=True)
    valid_from: Mapped[date]
    source: Mapped[str]  # the article that says so, shown with every verdict
    quorum_parts: Mapped[int] = mapped_column(default=2)
    quorum_of: Mapped[int] = mapped_column(default=3)  # 2 of 3 parts
    quorum_base: Mapped[QuorumBase] = mapped_column(default=QuorumBase.MEMBERS)
    majority_parts: Mapped[int] = mapped_column(default=1)
    majority_of: Mapped[int] = mapped_column(default=2)
    majority_is_more_than: Mapped[bool] = mapped_column(
        default=True
    )  # more than the share; otherwise the share itself is enough
    majority_base: Mapped[MajorityBase] = mapped_column(default=MajorityBase.MEMBERS)
    allows_secret_ballots: Mapped[bool] = mapped_column(default=True)
    allows_electronic_elections: Mapped[bool] = mapped_column(default=False)  # otherwise recorded from paper counts
    allows_delegates: Mapped[bool] = mapped_column(default=False)
    allows_late_voters: Mapped[bool] = mapped_column(default=False)  # checked in after the vote was opened

    body: Mapped[Body] = relationship(back_populates="rules")

    @property
    def quorum_share(self) -> Fraction:
        """The share that must be present."""
        return Fraction(self.quorum_parts, self.quorum_of)

    @property
    def majority_share(self) -> Fraction:
        """The share that must agree."""
        return Fraction(self.majority_parts, self.majority_of)


class Bodies(Records):
    """All bodies."""

    def get(self, body_id: int) -> Body:
        """The body; raises NotFound."""
        return existing(self.session.get(Body, body_id), "body", body_id)

    def all(self) -> list[Body]:
        """Every body, those that stand first, then by name."""
        bodies = self.session.scalars(select(Body).order_by(Body.name))
        return sorted(bodies, key=lambda body: body.valid_to is not None)

    def of(self, units: Collection[int]) -> list[Body]:
        """The bodies of these units, those that stand first, then by name."""
        return [body for body in self.all() if body.unit_id in units]

    def votes_in(self, body: Body, day: date) -> int:
        """How many members with a vote the body has on that day."""
        voting = select(func.count()).select_from(BodyMember).where(BodyMember.body_id == body.id, BodyMember.has_vote)
        holding = voting.where(BodyMember.valid_from <= day, or_(BodyMember.valid_to.is_(None), BodyMember.valid_to >= day))
        return self.session.scalar(holding) or 0
