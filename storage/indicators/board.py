"""What the units say together: every indicator of a plan for a period, summed over the units that somebody sees, with who is silent.

Only accepted reports count. Which units should report follows from the tree on the last day of the period.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from domain.ground.clock import today
from domain.ground.periods import Period
from domain.indicators.indicators import (
    FIGURES,
    TOLD_WHOLE,
    Answer,
    Entry,
    Figure,
    Reporter,
    ReportState,
    Source,
    Total,
    Verdict,
    judge,
    milestone_verdict,
    reporters_on,
    total_of,
)
from domain.people.units import successor_on, under
from storage.indicators.facts import SystemFact, fact, register_figures, registers_complete, registers_together
from storage.indicators.plans import Indicator, Milestone, Plan, Target
from storage.indicators.reports import IndicatorEntry, IndicatorReport, Reports, Sum, asked_of
from storage.people.units import KnownUnit, Unit, Units


@dataclass(frozen=True, slots=True)
class MilestoneResult:
    """A milestone, whether it is done, and what shows it: a fact of the system, or the entry of a report."""

    milestone: Milestone
    answer: Answer | None
    fact: SystemFact | None = None
    entry: IndicatorEntry | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """An indicator for a period, over some units, against a target."""

    indicator: Indicator
    total: Total
    target: Target | None
    verdict: Verdict
    milestones: tuple[MilestoneResult, ...] = ()

    @property
    def so_far(self) -> Verdict:
        """What the figures that are there say of the target, as if nobody were silent."""
        return judge(self.indicator.op, self.total.figure.share, self.target.share if self.target else None)


class Board:
    """A plan in a period, for somebody who sees these units: none other is ever counted."""

    def __init__(self, session: Session, plan: Plan, period: Period, seen: frozenset[int]) -> None:
        self.session, self.plan, self.period, self.seen = session, plan, period, seen
        self.units = Units(session).known()
        self._facts = Units(session).facts()
        kinds = {unit.code: unit.kind for unit in self.units.values()}
        self._ids = ids = {unit.code: unit.id for unit in self.units.values()}
        standing = reporters_on(period.last, self._facts, kinds)
        self.reporters = {ids[code]: reporter for code, reporter in standing.items() if ids[code] in seen}
        self._summed: dict[frozenset[int], Mapping[tuple[int, Answer], Sum]] = {}

    def of(self, period: Period) -> "Board":
        """The same for another period."""
        return Board(self.session, self.plan, period, self.seen)

    def below(self, unit: Unit | KnownUnit) -> frozenset[int]:
        """The reporting units at or below this one, among those that are seen."""
        codes = under([unit.code], self._facts)
        return frozenset(unit_id for unit_id in self.reporters if self.units[unit_id].code in codes)

    def expected(self, indicator: Indicator, within: Iterable[int]) -> list[int]:
        """Which of these units should report the indicator, by name."""
        return self._answering(indicator.reporters, within)

    def asked_to_report(self, within: Iterable[int]) -> list[int]:
        """Which of these units have anything to report by hand, by name."""
        return self._answering({reporter for reporter in Reporter if asked_of(self.plan, reporter)}, within)

    def _answering(self, reporters: Collection[Reporter], within: Iterable[int]) -> list[int]:
        found = [unit for unit in within if self.reporters.get(unit) in reporters]
        return sorted(found, key=lambda unit: (self.reporters[unit] is not Reporter.PROVINCE, self.units[unit].name))

    @cached_property
    def accepted(self) -> frozenset[int]:
        """The units of which a report counts."""
        return self._reports.accepted(self.period) & self.reporters.keys()

    @cached_property
    def states(self) -> Mapping[int, ReportState]:
        """Where the newest version of its report stands, by unit; one that has begun none is not among them."""
        return {
            unit: state for state, units in self._reports.states(self.period).items() for unit in units & self.reporters.keys()
        }

    def latest(self, units: Collection[int]) -> dict[int, IndicatorReport]:
        """The newest version of the report of each of these units, whatever its state."""
        return self._reports.latest(self.period, self.reporters.keys() & units)

    def counted(self, units: Collection[int]) -> dict[int, int]:
        """The id of the report that counts, of each of these units that has one."""
        return self._reports.counted(self.period, self.reporters.keys() & units)

    @property
    def _reports(self) -> Reports:
        return Reports(self.session, self.plan)

    @cached_property
    def _carriers(self) -> dict[int, int]:
        """Reporting units, by what has ended in the period and they carry on since: what that issued counts with theirs."""
        ended = [
            unit for unit in self.units.values() if unit.id in self.seen and unit.valid_to and unit.valid_to < self.period.last
        ]
        return {unit.id: carrier for unit in ended if (carrier := self._carrier(unit)) in self.reporters}

    def _with_carried(self, units: Collection[int]) -> dict[int, int]:
        """These units and those that they carry on, each with the one that it counts with."""
        return {unit: unit for unit in units} | {unit: carrier for unit, carrier in self._carriers.items() if carrier in units}

    def _carrier(self, unit: KnownUnit) -> int:
        """The unit that stands for one that has ended: what succeeds it, else what is above it; 0 if there is none."""
        code: str | None = unit.code
        while code is not None:
            standing = successor_on(code, self.period.last, self._facts)
            if standing is not None:
                return self._ids[standing]
            code = self._facts[code].parent
        return 0

    @cached_property
    def complete_registers(self) -> frozenset[int]:
        """The units whose registers are said to be complete."""
        return registers_complete(self.session, self.reporters.keys(), self.period)

    def said(self, indicator: Indicator, units: Collection[int]) -> dict[int, Entry]:
        """What each of these units has reported; one that is silent is left out."""
        return self._reports.said(self.period, indicator, self.reporters.keys() & units)

    def figures(self, indicator: Indicator, units: Collection[int]) -> dict[int, Figure | None]:
        """The figure of each of these units; a unit that is silent is left out, one that does not know has None."""
        if indicator.source is not Source.REGISTER:
            return {unit: entry.figure for unit, entry in self.said(indicator, units).items()}
        wanted = self._with_carried(self.reporters.keys() & units)
        figures = dict.fromkeys(wanted.values(), Figure())
        for unit, figure in register_figures(self.session, wanted, self.period).items():
            figures[wanted[unit]] += figure
        return {unit: figure for unit, figure in figures.items() if figure.denominator or unit in self.complete_registers}

    def total(self, indicator: Indicator, within: Iterable[int]) -> Total:
        """The sum over these units. An empty register says that nothing was due only where the unit has said that it is complete."""
        expected = self.expected(indicator, within)
        if indicator.source is Source.REGISTER:
            wanted = self._with_carried(expected)
            figure, issuers = registers_together(self.session, wanted, self.period)
            told = {Answer.FIGURE: {wanted[unit] for unit in issuers}, Answer.NOTHING_DUE: self.complete_registers}
            return total_of(figure, told, expected)
        sums = self._sums(frozenset(expected))
        told = {answer: sums[indicator.id, answer].units for answer in FIGURES if (indicator.id, answer) in sums}
        figures = sums.get((indicator.id, Answer.FIGURE))
        return total_of(Figure(figures.numerator, figures.denominator) if figures else Figure(), told, expected)

    def _sums(self, units: frozenset[int]) -> Mapping[tuple[int, Answer], Sum]:
        if units not in self._summed:
            self._summed[units] = self._reports.sums(self.period, units)
        return self._summed[units]

    def result(self, indicator: Indicator, within: Iterable[int], year: int | None) -> Result:
        """The indicator over these units, against the target of that year; without a year, the one that the period is held against."""
        target = indicator.target_of(self.period) if year is None else indicator.target(year)
        if indicator.is_milestone:
            parts = tuple(self._milestone(part, within) for part in indicator.milestones)
            verdict = milestone_verdict([part.answer for part in parts], has_target=target is not None)
            return Result(indicator, Total(), target, verdict, parts)
        summed = self.total(indicator, within)
        is_whole = summed.is_whole and self._registers_whole(indicator, summed)
        share = target.share if target else None
        return Result(indicator, summed, target, judge(indicator.op, summed.figure.share, share, is_whole=is_whole))

    def _registers_whole(self, indicator: Indicator, summed: Total) -> bool:
        return indicator.source in TOLD_WHOLE or set(summed.counted) <= self.complete_registers

    def _milestone(self, part: Milestone, within: Iterable[int]) -> MilestoneResult:
        if part.fact is not None:
            known = fact(self.session, part.fact, self.period)
            return MilestoneResult(part, known.answer, fact=known)
        expected = self.expected(part.indicator, within)
        entry = self._reports.milestone(self.period, part.indicator_id, part.position, expected)
        return MilestoneResult(part, entry.answer, entry=entry) if entry else MilestoneResult(part, None)

    def silent(self, within: Iterable[int]) -> list[int]:
        """The units that should report and have no accepted report, by name."""
        return [unit for unit in self.asked_to_report(within) if unit not in self.accepted]

    def not_submitted(self, within: Iterable[int]) -> list[int]:
        """The units that should report and have handed nothing in, or were given it back; by name."""
        waiting = (ReportState.DRAFT, ReportState.RETURNED)
        return [
            unit for unit in self.asked_to_report(within)
            if unit not in self.accepted and self.states.get(unit, ReportState.DRAFT) in waiting
        ]  # fmt: skip

    def late(self, within: Iterable[int]) -> list[int]:
        """Those of them whose due date has passed."""
        return self.not_submitted(within) if self.plan.deadline(self.period).is_past(today()) else []
