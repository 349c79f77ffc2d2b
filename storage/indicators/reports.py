"""What units report of a plan's indicators, as records: one report for each unit and period, in versions, with its files and history;
and the closing of a period. How figures are summed is in domain/indicators/indicators.py, whose figures count in
storage/indicators/board.py.
"""

import hashlib
import json
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from domain.ground.clock import day_of, now, today
from domain.ground.errors import FileRefused, NotFound, existing
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, media_type_of
from domain.ground.periods import Period, parse_period
from domain.indicators.indicators import (
    Answer,
    ClosedMeanwhile,
    Entry,
    PeriodNotEnded,
    PlanInUse,
    Reporter,
    ReportIncomplete,
    ReportState,
    ReportStep,
    Source,
    check,
    take,
)
from storage.archive.documents import Document
from storage.archive.set_aside import forgets
from storage.ground.database import Base, Numbered, ObjectKey, ids_as_text, ids_in, storable, tells
from storage.ground.objects import Objects, ObjectTooLarge
from storage.indicators.plans import Indicator, Plan
from storage.people.people import Person
from storage.people.units import Unit

LARGEST_FILE = 20 * 1024 * 1024  # bytes
MOST_FILES = 30  # of one report
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TAKEN = frozenset({MediaType.PDF, MediaType.JPEG, MediaType.PNG})


class IndicatorReport(Numbered):
    """What a unit reports for a period. A correction after acceptance is another version; no accepted one is ever written over."""

    __tablename__ = "indicator_reports"
    __table_args__ = (
        UniqueConstraint("plan_id", "unit_id", "period", "version"),
        Index("ix_indicator_reports_period", "plan_id", "period", "state"),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    period: Mapped[str]  # the code of a half-year or year: 2025-H1
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    reason: Mapped[str] = mapped_column(default="")  # why it was returned, or why this version corrects the one before
    submitted_at: Mapped[datetime | None]  # for the first time
    accepted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    revision: Mapped[int] = mapped_column(default=1)  # what was read must be what is changed

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it from the class

    plan: Mapped[Plan] = relationship()
    unit: Mapped[Unit] = relationship(lazy="joined")
    entries: Mapped[list["IndicatorEntry"]] = relationship(cascade="all, delete-orphan")
    files: Mapped[list["IndicatorFile"]] = relationship(order_by="IndicatorFile.id", cascade="all, delete-orphan")
    steps: Mapped[list["IndicatorStep"]] = relationship(order_by="IndicatorStep.id", cascade="all, delete-orphan")

    @property
    def reported_period(self) -> Period:
        """Its period."""
        return parse_period(self.period)

    @property
    def is_open(self) -> bool:
        """Whether it can still be written in."""
        return self.state in (ReportState.DRAFT, ReportState.RETURNED)

    @property
    def is_correction(self) -> bool:
        """Whether it corrects what was accepted before."""
        return self.version > 1

    @property
    def was_late(self) -> bool:
        """Whether it was submitted after the due date, by the day in Vietnam."""
        due_on = self.plan.deadline(self.reported_period).due_on
        return self.submitted_at is not None and day_of(self.submitted_at) > due_on

    def entry(self, indicator_id: int, part: int = 0) -> "IndicatorEntry | None":
        """What it says of an indicator, or of one milestone of it; None while it says nothing."""
        return next((one for one in self.entries if (one.indicator_id, one.part) == (indicator_id, part)), None)


class IndicatorEntry(Base):
    """What a report says of one indicator; `part` is the position of a milestone, 0 for a figure."""

    __tablename__ = "indicator_entries"
    __table_args__ = (
        CheckConstraint("numerator >= 0 AND denominator >= 0", name="not_negative"),
        Index("ix_indicator_entries_indicator", "indicator_id"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("indicator_reports.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, default=0)
    answer: Mapped[Answer]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    proof: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")

    @property
    def value(self) -> Entry:
        """The entry as the rules see it."""
        return Entry(self.answer, self.numerator, self.denominator, self.reason, self.proof)


class IndicatorFile(Numbered):
    """A file that shows where a figure comes from; its bytes are the object `sha256`."""

    __tablename__ = "indicator_files"

    report_id: Mapped[int] = mapped_column(ForeignKey("indicator_reports.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"))
    name: Mapped[str]
    sha256: Mapped[ObjectKey] = mapped_column(index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime] = mapped_column(default=now)

    added_by: Mapped[Person] = relationship()


class IndicatorStep(Numbered):
    """What was done with a report, by whom; never changed."""

    __tablename__ = "indicator_steps"

    report_id: Mapped[int] = mapped_column(ForeignKey("indicator_reports.id"), index=True)
    step: Mapped[ReportStep]
    reason: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship()


class IndicatorClosing(Numbered):
    """A period's consolidated report as it was closed, under the hash of its text. A later closing stands beside it."""

    __tablename__ = "indicator_closings"
    __table_args__ = (UniqueConstraint("plan_id", "period", "number"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    period: Mapped[str]
    number: Mapped[int]  # from 1
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    sha256: Mapped[str]
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime] = mapped_column(default=now)

    plan: Mapped[Plan] = relationship()
    closed_by: Mapped[Person] = relationship()


@forgets
def forget_file(session: Session, document: Document, keys: Collection[str]) -> set[str]:  # noqa: ARG001 - it goes by its bytes
    """Take a file that is being destroyed from the reports that it was to prove."""
    session.execute(delete(IndicatorFile).where(IndicatorFile.sha256.in_(keys)))
    return set()


def remove_indicator(session: Session, indicator: Indicator) -> None:
    """Take an indicator out of its plan that no report speaks of; raises PlanInUse."""
    if session.scalar(select(exists().where(IndicatorEntry.indicator_id == indicator.id))):
        raise PlanInUse
    indicator.plan.indicators.remove(indicator)
    session.flush()


@dataclass(frozen=True, slots=True)
class Sum:
    """What some units said of an indicator with the same answer: their figures together, and which they are."""

    numerator: int
    denominator: int
    units: frozenset[int]


_UNITS = ids_as_text(IndicatorReport.unit_id)


class Reports:
    """The reports on one plan."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session, self.plan = session, plan

    def of(self, unit_id: int, period: Period) -> list[IndicatorReport]:
        """The versions of a unit's report, the newest first."""
        mine = self._mine().where(IndicatorReport.unit_id == unit_id, IndicatorReport.period == period.code)
        return list(self.session.scalars(mine.order_by(IndicatorReport.version.desc())))

    def latest(self, period: Period, units: Collection[int]) -> dict[int, IndicatorReport]:
        """The newest version of each of these units."""
        rows = self._mine().where(IndicatorReport.unit_id.in_(units), *self._newest(period))
        return {one.unit_id: one for one in self.session.scalars(rows)}

    def counted(self, period: Period, units: Collection[int]) -> dict[int, int]:
        """The id of the newest accepted version of each of these units that has one: what is summed."""
        rows = select(IndicatorReport.unit_id, IndicatorReport.id).where(
            IndicatorReport.unit_id.in_(units), *self._newest(period, ReportState.ACCEPTED)
        )
        return {row[0]: row[1] for row in self.session.execute(rows)}

    def accepted(self, period: Period) -> frozenset[int]:
        """The units of which a report counts."""
        return ids_in(self.session.scalar(select(_UNITS).where(*self._newest(period, ReportState.ACCEPTED))))

    def states(self, period: Period) -> dict[ReportState, frozenset[int]]:
        """The units by where the newest version of their report stands."""
        rows = select(IndicatorReport.state, _UNITS).where(*self._newest(period)).group_by(IndicatorReport.state)
        return {state: ids_in(units) for state, units in self.session.execute(rows)}

    def sums(self, period: Period, units: Collection[int]) -> dict[tuple[int, Answer], Sum]:
        """What the counted reports of these units say together of each indicator, by its id and their answer."""
        entry = IndicatorEntry
        numerator, denominator = (func.sum(func.coalesce(one, 0)) for one in (entry.numerator, entry.denominator))
        rows = self._entries(select(entry.indicator_id, entry.answer, numerator, denominator, _UNITS), period).where(
            IndicatorReport.unit_id.in_(units), entry.part == 0
        )
        found = self.session.execute(rows.group_by(entry.indicator_id, entry.answer))
        return {(row[0], row[1]): Sum(int(row[2]), int(row[3]), ids_in(row[4])) for row in found}

    def said(self, period: Period, indicator: Indicator, units: Collection[int]) -> dict[int, Entry]:
        """What the counted reports of these units say of an indicator, by unit."""
        entry = IndicatorEntry
        columns = select(IndicatorReport.unit_id, entry.answer, entry.numerator, entry.denominator, entry.reason)
        rows = self._entries(columns, period).where(entry.indicator_id == indicator.id, entry.part == 0)
        return {row[0]: Entry(*row[1:]) for row in self.session.execute(rows.where(IndicatorReport.unit_id.in_(units)))}

    def milestone(self, period: Period, indicator_id: int, part: int, units: Sequence[int]) -> IndicatorEntry | None:
        """What the first of these units that says anything of a milestone says; None if none does."""
        of_part = IndicatorEntry.indicator_id == indicator_id, IndicatorEntry.part == part
        said = ids_in(self.session.scalar(self._entries(select(_UNITS), period).where(*of_part)))
        unit = next((one for one in units if one in said), None)
        rows = self._entries(select(IndicatorEntry), period).where(*of_part, IndicatorReport.unit_id == unit)
        return self.session.scalar(rows) if unit is not None else None

    def _entries(self, rows: Any, period: Period) -> Any:
        counted = rows.select_from(IndicatorEntry).join(IndicatorReport, IndicatorReport.id == IndicatorEntry.report_id)
        return counted.where(*self._newest(period, ReportState.ACCEPTED))

    def _newest(self, period: Period, *states: ReportState) -> list[ColumnElement[bool]]:
        """The newest version of each unit, of those that stand there."""
        later = aliased(IndicatorReport)
        beside = [later.plan_id == self.plan.id, later.period == period.code, later.unit_id == IndicatorReport.unit_id]
        mine = [IndicatorReport.plan_id == self.plan.id, IndicatorReport.period == period.code]
        if states:
            beside.append(later.state.in_(states))
            mine.append(IndicatorReport.state.in_(states))
        return [*mine, ~exists().where(*beside, later.version > IndicatorReport.version)]

    def _mine(self) -> Any:
        return select(IndicatorReport).where(IndicatorReport.plan_id == self.plan.id)

    def begin(self, unit: Unit, period: Period) -> IndicatorReport:
        """The unit's first report for the period; raises IntegrityError where there is one."""
        report = IndicatorReport(plan=self.plan, unit=unit, period=period.code)
        self.session.add(report)
        self.session.flush()
        return report

    def correct(self, report: IndicatorReport, person: Person, reason: str) -> IndicatorReport:
        """A new version that corrects an accepted report; raises StepNotAllowed, also where one is begun already."""
        newest = self.of(report.unit_id, report.reported_period)[0]
        state = take(newest.state, ReportStep.CORRECT)
        version = IndicatorReport(
            plan=report.plan, unit=report.unit, period=report.period, version=newest.version + 1, state=state,
            reason=reason, entries=[_copied_entry(one) for one in newest.entries], files=[_copied_file(one) for one in newest.files],
        )  # fmt: skip
        version.steps.append(IndicatorStep(step=ReportStep.CORRECT, reason=reason, person_id=person.id))
        self.session.add(version)
        self.session.flush()
        return version


def _copied_entry(one: IndicatorEntry) -> IndicatorEntry:
    return IndicatorEntry(
        indicator_id=one.indicator_id, part=one.part, answer=one.answer, numerator=one.numerator, denominator=one.denominator,
        reason=one.reason, proof=one.proof, note=one.note,
    )  # fmt: skip


def _copied_file(one: IndicatorFile) -> IndicatorFile:
    return IndicatorFile(
        indicator_id=one.indicator_id, name=one.name, sha256=one.sha256, size=one.size, media_type=one.media_type,
        added_by_id=one.added_by_id, added_at=one.added_at,
    )  # fmt: skip


def get_report(session: Session, report_id: int, seen: frozenset[int]) -> IndicatorReport:
    """The report, if its unit is among those that the asker sees (storage/people/scopes.py); raises NotFound."""
    found = session.get(IndicatorReport, report_id)
    if found is None or found.unit_id not in seen:
        raise NotFound("indicator_report", report_id)
    return found


def hold_report(session: Session, report_id: int, seen: frozenset[int]) -> IndicatorReport:
    """The report, to be changed; whoever else would change it waits, and then finds what was done. Raises NotFound."""
    wanted = select(IndicatorReport).where(IndicatorReport.id == report_id, IndicatorReport.unit_id.in_(seen))
    return existing(session.scalar(wanted.with_for_update(of=IndicatorReport)), "indicator_report", report_id)


def write(report: IndicatorReport, indicator: Indicator, entry: Entry | None, *, part: int = 0, note: str = "") -> bool:
    """Have the report say this of an indicator, or nothing (None); returns whether that changes it. Raises FigureRefused."""
    take(report.state, ReportStep.EDIT)
    there = report.entry(indicator.id, part)
    if entry is None:
        if there:
            report.entries.remove(there)
        return there is not None
    check(entry, op=indicator.op, is_bounded=indicator.is_bounded)
    if there is not None and (there.value, there.note) == (entry, note):
        return False
    if there is None:
        there = IndicatorEntry(indicator_id=indicator.id, part=part)
        report.entries.append(there)
    there.answer, there.numerator, there.denominator = entry.answer, entry.numerator, entry.denominator
    there.reason, there.proof, there.note = entry.reason, entry.proof, note
    return True


def advance(report: IndicatorReport, step: ReportStep, person: Person, *, asked: Iterable[Indicator], reason: str = "") -> None:
    """Take a step with the report and write it down; raises StepNotAllowed, and ReportIncomplete for one that is submitted half full."""
    state = take(report.state, step)
    if step is ReportStep.SUBMIT:
        _check_complete(report, asked)
        report.submitted_at = report.submitted_at or now()
    if step is ReportStep.RETURN:
        report.reason = reason
    if step is ReportStep.ACCEPT:
        report.accepted_at = now()
    report.state = state
    report.steps.append(IndicatorStep(step=step, reason=reason, person_id=person.id))


def parts_of(indicator: Indicator) -> list[int]:
    """What a report says of an indicator is said of these parts: of each milestone, or of the one figure."""
    return [part.position for part in indicator.milestones] if indicator.is_milestone else [0]


def _check_complete(report: IndicatorReport, asked: Iterable[Indicator]) -> None:
    missing = [one.code for one in asked if any(report.entry(one.id, part) is None for part in parts_of(one))]
    if missing:
        raise ReportIncomplete(missing)


def asked_of(plan: Plan, reporter: Reporter) -> list[Indicator]:
    """The indicators that a unit of that sort reports by hand."""
    return [one for one in plan.indicators if one.source is Source.REPORTED and reporter in one.reporters]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was kept, before a record names it."""

    name: str
    sha256: str
    size: int
    media_type: str


def keep_file(objects: Objects, name: str, stream: BinaryIO) -> Attached:
    """Keep a file that shows where a figure comes from: PDF, picture or Excel workbook; raises FileRefused and StoreUnavailable."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise FileRefused(Refusal.EMPTY)
    media_type = media_type_of(head)
    kind = str(media_type) if media_type in _TAKEN else XLSX if _is_workbook(head, stream) else ""
    if not kind:
        raise FileRefused(Refusal.NOT_A_DOCUMENT)
    try:
        key, size = objects.put(stream, limit=LARGEST_FILE)
    except ObjectTooLarge as error:
        raise FileRefused(Refusal.TOO_LARGE) from error
    return Attached(storable(name)[-200:] or "tep", key, size, kind)


def attach(report: IndicatorReport, indicator_id: int, file: Attached, person: Person) -> None:
    """Have a kept file show where the report's figure comes from; raises StepNotAllowed."""
    take(report.state, ReportStep.EDIT)
    report.files.append(
        IndicatorFile(
            indicator_id=indicator_id, name=file.name, sha256=file.sha256, size=file.size, media_type=file.media_type,
            added_by_id=person.id,
        )
    )  # fmt: skip


def _is_workbook(head: bytes, stream: BinaryIO) -> bool:
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(stream) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    finally:
        stream.seek(0)


class Closings:
    """The closings of a plan's periods."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session, self.plan = session, plan

    def all(self) -> list[IndicatorClosing]:
        """Every closing, the newest first."""
        mine = select(IndicatorClosing).where(IndicatorClosing.plan_id == self.plan.id)
        return list(self.session.scalars(mine.order_by(IndicatorClosing.id.desc())))

    def of(self, period: Period) -> list[IndicatorClosing]:
        """The closings of a period, the newest first."""
        return [one for one in self.all() if one.period == period.code]

    def get(self, closing_id: int) -> IndicatorClosing:
        """The closing; raises NotFound."""
        found = self.session.get(IndicatorClosing, closing_id)
        if found is None or found.plan_id != self.plan.id:
            raise NotFound("indicator_closing", closing_id)
        return found

    def last_number(self, period: Period) -> int:
        """The number of the period's last closing, 0 while there is none."""
        mine = IndicatorClosing.plan_id == self.plan.id, IndicatorClosing.period == period.code
        return self.session.scalar(select(func.max(IndicatorClosing.number)).where(*mine)) or 0

    def close(self, period: Period, content: dict[str, Any], person: Person, *, after: int) -> IndicatorClosing:
        """Keep the consolidated report of a period as it stands; raises PeriodNotEnded.

        `after` is the number of the closing that was the last when the figures were looked at; raises ClosedMeanwhile if there is
        another one since.
        """
        if today() <= period.last:
            raise PeriodNotEnded(period.last)
        self.session.execute(select(Plan.id).where(Plan.id == self.plan.id).with_for_update())  # one at a time
        last = self.last_number(period)
        if last != after:
            raise ClosedMeanwhile(last)
        closing = IndicatorClosing(
            plan=self.plan,
            period=period.code,
            number=last + 1,
            content=content,
            sha256=digest(content),
            closed_by_id=person.id,
        )
        self.session.add(closing)
        self.session.flush()
        return closing


def digest(content: dict[str, Any]) -> str:
    """The SHA-256 of the content in its one canonical form: what a closing is locked by."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
