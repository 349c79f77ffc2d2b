"""Plans with their indicators and targets, as records: a new plan is new data, not new code. What units report is in
storage/indicators/reports.py."""

import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from domain.directives.shares import Target as ShareTarget
from domain.directives.shares import target_of
from domain.ground.clock import now
from domain.ground.errors import AlreadyExists, existing
from domain.ground.periods import Period, year_of
from domain.indicators.indicators import Deadline, Fact, Op, Reporter, Source, deadline
from storage.ground.database import Numbered, Records

WHOLE = 10_000  # hundredths of a percent in the whole
_DEFAULT = Path(__file__).with_name("default_plan.toml")


class Plan(Numbered):
    """A plan that sets indicators, for a time, both days included."""

    __tablename__ = "plans"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    document: Mapped[str] = mapped_column(default="")  # the paper that sets it, with number and date
    issuer: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    due_days: Mapped[int] = mapped_column(default=15)  # after the last day of a period
    remind_days: Mapped[int] = mapped_column(default=7)  # before the due date
    created_at: Mapped[datetime] = mapped_column(default=now)
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it from the class

    indicators: Mapped[list["Indicator"]] = relationship(
        back_populates="plan", order_by="Indicator.code", cascade="all, delete-orphan"
    )

    def deadline(self, period: Period) -> Deadline:
        """When the reports of the period are due."""
        return deadline(period, due_days=self.due_days, remind_days=self.remind_days)

    def covers(self, period: Period) -> bool:
        """Whether the plan holds on any day of the period."""
        return self.valid_from <= period.last and (self.valid_to is None or period.first <= self.valid_to)

    def indicator(self, code: str) -> "Indicator":
        """The indicator of that code; raises NotFound."""
        return existing(next((one for one in self.indicators if one.code == code), None), "indicator", code)

    @property
    def target_years(self) -> list[int]:
        """The years that have targets, in order."""
        return sorted({target.year for one in self.indicators for target in one.targets})


class Indicator(Numbered):
    """What a plan counts. `code` is unique within the plan."""

    __tablename__ = "indicators"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    code: Mapped[str]
    name: Mapped[str]
    counted: Mapped[str] = mapped_column(default="")  # the unit that is counted: người, văn bản
    numerator: Mapped[str] = mapped_column(default="")  # in words
    denominator: Mapped[str] = mapped_column(default="")
    op: Mapped[Op] = mapped_column(default=Op.GE)
    source: Mapped[Source] = mapped_column(default=Source.REPORTED)
    reporter_names: Mapped[list[str]] = mapped_column(JSON, default=list)  # values of Reporter
    is_bounded: Mapped[bool] = mapped_column(default=True)  # the numerator is a part of the denominator
    note: Mapped[str] = mapped_column(default="")

    plan: Mapped[Plan] = relationship(back_populates="indicators")
    targets: Mapped[list["Target"]] = relationship(
        back_populates="indicator", order_by="Target.year", cascade="all, delete-orphan", lazy="selectin"
    )
    milestones: Mapped[list["Milestone"]] = relationship(
        back_populates="indicator", order_by="Milestone.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def reporters(self) -> frozenset[Reporter]:
        """Which units answer for it."""
        return frozenset(map(Reporter, self.reporter_names))

    @reporters.setter
    def reporters(self, reporters: Iterable[Reporter]) -> None:
        self.reporter_names = sorted(reporters)

    @property
    def is_milestone(self) -> bool:
        """Whether it is done or not, without a share."""
        return self.op is Op.MILESTONE

    def target(self, year: int | None) -> "Target | None":
        """The target of that year, or None."""
        return next((target for target in self.targets if target.year == year), None)

    def target_of(self, period: Period) -> "Target | None":
        """What a period is held against by itself: the next target that falls due in its year or later, else the last one."""
        latest = self.targets[-1] if self.targets else None
        return next((target for target in self.targets if target.year >= period.last.year), latest)


class Target(Numbered):
    """What an indicator is to reach by the end of a year: a share, or for a milestone that it is done; with the sentence that says so."""

    __tablename__ = "indicator_targets"
    __table_args__ = (UniqueConstraint("indicator_id", "year"), CheckConstraint("hundredths >= 0", name="not_negative"))

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    year: Mapped[int]
    hundredths: Mapped[int | None]  # of a percent; None for a milestone
    sentence: Mapped[str] = mapped_column(default="")

    indicator: Mapped[Indicator] = relationship(back_populates="targets")

    @property
    def share(self) -> Fraction | None:
        """The share of one to be reached, None for a milestone."""
        return None if self.hundredths is None else Fraction(self.hundredths, WHOLE)


class Milestone(Numbered):
    """One part of an indicator that is done or not; `fact` says which of the system's own facts shows it, if one does."""

    __tablename__ = "indicator_milestones"
    __table_args__ = (UniqueConstraint("indicator_id", "position"),)

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    position: Mapped[int]
    name: Mapped[str]
    fact: Mapped[Fact | None]

    indicator: Mapped[Indicator] = relationship(back_populates="milestones")


class Plans(Records):
    """All plans."""

    def all(self) -> list[Plan]:
        """Every plan, the newest first."""
        return list(self.session.scalars(_whole().order_by(Plan.valid_from.desc(), Plan.code)))

    def get(self, plan_id: int) -> Plan:
        """The plan with its indicators; raises NotFound."""
        return existing(self.session.scalar(_whole().where(Plan.id == plan_id)), "plan", plan_id)

    def hold(self, plan_id: int) -> Plan:
        """The same, to be changed; whoever else would change it waits, and then finds what was done. Raises NotFound."""
        return existing(self.session.scalar(_whole().where(Plan.id == plan_id).with_for_update()), "plan", plan_id)

    def find(self, code: str) -> Plan | None:
        """The plan of that code, or None."""
        return self.session.scalar(_whole().where(Plan.code == code))

    def on(self, day: date) -> Plan | None:
        """The plan that holds on that day, the newest if there are several; else the newest of all, or None."""
        plans = self.all()
        return next((plan for plan in plans if plan.covers(Period(day, day))), plans[0] if plans else None)

    def add(self, plan: Plan) -> Plan:
        """A new plan; raises AlreadyExists."""
        self.check_code(plan.code)
        self.session.add(plan)
        try:
            self.session.flush()
        except IntegrityError as error:  # somebody else took the code at this very moment
            raise AlreadyExists("plan", plan.code) from error
        return plan

    def check_code(self, code: str, *, but: Plan | None = None) -> None:
        """Refuse the code of another plan; raises AlreadyExists."""
        with self.session.no_autoflush:
            found = self.find(code)
        if found is not None and found is not but:
            raise AlreadyExists("plan", code)

    def copy(self, plan: Plan, code: str, name: str) -> Plan:
        """A new plan with the same indicators and targets, which people then change."""
        copied = Plan(
            code=code, name=name, issuer=plan.issuer, valid_from=plan.valid_from, valid_to=plan.valid_to,
            due_days=plan.due_days, remind_days=plan.remind_days,
        )  # fmt: skip
        copied.indicators = [_copy_of(one) for one in plan.indicators]
        return self.add(copied)

    def add_indicator(self, plan: Plan, indicator: Indicator) -> Indicator:
        """A new indicator of a plan; raises AlreadyExists."""
        if any(one.code == indicator.code for one in plan.indicators):
            raise AlreadyExists("indicator", indicator.code)
        plan.indicators.append(indicator)
        self.session.flush()
        return indicator


def _whole() -> Select[Plan]:
    return select(Plan).options(selectinload(Plan.indicators))


def _copy_of(one: Indicator) -> Indicator:
    return Indicator(
        code=one.code, name=one.name, counted=one.counted, numerator=one.numerator, denominator=one.denominator, op=one.op,
        source=one.source, reporter_names=list(one.reporter_names), is_bounded=one.is_bounded, note=one.note,
        targets=[Target(year=target.year, hundredths=target.hundredths) for target in one.targets],
        milestones=[Milestone(position=part.position, name=part.name, fact=part.fact) for part in one.milestones],
    )  # fmt: skip


def seed_plan(session: Session) -> None:
    """Put the federation's plan into a database that has never had one; what people have changed stays as it is."""
    if session.scalar(select(Plan.id).limit(1)) is not None:
        return
    told = tomllib.loads(_DEFAULT.read_text("utf-8"))
    plan = Plan(**told["plan"])
    plan.indicators = [_sown(one) for one in told["indicators"]]
    session.add(plan)


def _sown(told: dict[str, Any]) -> Indicator:
    one = Indicator(
        **{name: told[name] for name in ("code", "name", "counted", "numerator", "denominator", "note") if name in told}
    )
    one.op, one.source = Op(told.get("op", Op.GE)), Source(told.get("source", Source.REPORTED))
    one.reporters = map(Reporter, told["reporters"])
    one.targets = [
        Target(year=row["year"], hundredths=row["percent"] * 100 if "percent" in row else None, sentence=row["sentence"])
        for row in told["targets"]
    ]
    one.milestones = [
        Milestone(position=number, name=row["name"], fact=Fact(row["fact"]) if "fact" in row else None)
        for number, row in enumerate(told.get("milestones", ()), 1)
    ]
    return one


def target_for(session: Session, period: Period) -> ShareTarget | None:
    """The target that a plan sets for the documents of the period; a plan's target of a year binds that year."""
    query = select(Target).join(Indicator).join(Plan)
    query = query.where(Indicator.source == Source.REGISTER, Target.hundredths.is_not(None))
    found = []
    for one in session.scalars(query.order_by(Plan.valid_from.desc(), Target.id.desc())):  # the latest plan has the word
        plan, share = one.indicator.plan, one.share
        if share is not None:
            source = ", ".join(part for part in (plan.name, plan.document) if part)
            found.append(ShareTarget(share, year_of(one.year), f"{source}: “{one.sentence}”" if one.sentence else source))
    return target_of(period, found)
