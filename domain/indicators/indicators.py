"""The plan's indicators as rules: what is counted, who reports, the life of a report, what figures of many units say together, and
what they say of a target. Plans, indicators and targets themselves are data: storage/indicators/plans.py.

Counts are summed and shares never averaged; where nothing was due there is no figure, and a unit that has not reported is named, not
guessed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from domain.directives.shares import Share
from domain.ground.errors import RuleError, StepNotAllowed
from domain.ground.periods import Period, PeriodUnknown, half, parse_period, year_of
from domain.people.units import UnitFacts, UnitKind, tree_on


class Op(StrEnum):
    """How a figure is held against its target."""

    GE = "ge"  # trở lên, phấn đấu
    FULL = "eq100"  # all of them, none left out
    MILESTONE = "milestone"  # done or not, without a share


_BY_SHARE = frozenset({Op.GE, Op.FULL})  # reached from below


class Source(StrEnum):
    """Where the figure of an indicator comes from."""

    REPORTED = "reported"  # by the units
    REGISTER = "register"  # the registers of outgoing documents, by themselves
    SYSTEM = "system"  # the system's own facts


TOLD_WHOLE = frozenset({Source.REPORTED, Source.SYSTEM})  # a figure of these is all there is; a register may lack documents


class Fact(StrEnum):
    """What the system knows of itself, and a milestone may rest on."""

    SHARED_SOFTWARE = "shared_software"
    PAPERLESS_MEETINGS = "paperless_meetings"
    DIGITISED_ARCHIVE = "digitised_archive"


class Reporter(StrEnum):
    """Which units answer for an indicator."""

    PROVINCE = "province"
    UPPER = "upper"
    DIRECT = "direct"  # grassroots unions directly under the province
    GRASSROOTS = "grassroots"  # all other grassroots unions; the units above them then report none of theirs


class Answer(StrEnum):
    """What a unit says of an indicator in a period."""

    FIGURE = "figure"
    NOTHING_DUE = "nothing_due"  # nothing to be counted arose
    UNKNOWN = "unknown"  # there is no figure, for a reason
    DONE = "done"  # of a milestone
    NOT_YET = "not_yet"


FIGURES = (Answer.FIGURE, Answer.NOTHING_DUE, Answer.UNKNOWN)
MILESTONES = (Answer.DONE, Answer.NOT_YET, Answer.UNKNOWN)


class ReportState(StrEnum):
    """Where the report of a unit stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # waits for the unit's leader
    RETURNED = "returned"  # for correction, with a reason
    SIGNED = "signed"  # waits for the level above
    ACCEPTED = "accepted"  # counts


class ReportStep(StrEnum):
    """What can be done with a report."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    SIGN = "sign"
    ACCEPT = "accept"
    CORRECT = "correct"  # a new version is begun; the accepted one stays, and counts until the new one is accepted


_OPEN = frozenset({ReportState.DRAFT, ReportState.RETURNED})
_STEPS: Mapping[ReportStep, Mapping[ReportState, ReportState]] = {
    ReportStep.EDIT: {state: state for state in _OPEN},
    ReportStep.SUBMIT: dict.fromkeys(_OPEN, ReportState.SUBMITTED),
    ReportStep.RETURN: dict.fromkeys((ReportState.SUBMITTED, ReportState.SIGNED), ReportState.RETURNED),
    ReportStep.SIGN: {ReportState.SUBMITTED: ReportState.SIGNED},
    ReportStep.ACCEPT: {ReportState.SIGNED: ReportState.ACCEPTED},
    ReportStep.CORRECT: {ReportState.ACCEPTED: ReportState.DRAFT},
}


def take(state: ReportState, step: ReportStep) -> ReportState:
    """The state after the step; raises StepNotAllowed.

    >>> take(ReportState.SUBMITTED, ReportStep.SIGN).value
    'signed'
    """
    if state not in _STEPS[step]:
        raise StepNotAllowed(state, step)
    return _STEPS[step][state]


FigureProblem = Literal["missing", "negative", "over", "nothing_to_divide", "reason_missing", "proof_missing", "answer"]


class FigureRefused(RuleError):
    """A figure cannot be so."""

    problem: FigureProblem


class ReportIncomplete(RuleError):
    """A report says nothing of some indicators; `codes` names them."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)
        super().__init__(self.codes)


class PlanInUse(RuleError):
    """Reports rest on it, so it is not removed."""


class PeriodNotEnded(RuleError):
    """Nothing is closed before its last day has passed."""

    last: date


class ClosedMeanwhile(RuleError):
    """Somebody else has closed the period since its figures were looked at; `number` is that of the closing."""

    number: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A numerator and a denominator. `unknown` of the denominator may or may not belong to the numerator."""

    numerator: int = 0
    denominator: int = 0
    unknown: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(self.numerator + other.numerator, self.denominator + other.denominator, self.unknown + other.unknown)

    @property
    def share(self) -> Share:
        """The share with its interval; without a figure where nothing was due.

        >>> Figure(3, 10, 5).share
        Share(point=Fraction(3, 5), low=Fraction(3, 10), high=Fraction(4, 5))
        >>> Figure().share
        Share(point=None, low=None, high=None)
        """
        if not self.denominator:
            return Share()
        known = self.denominator - self.unknown
        low, high = (Fraction(part, self.denominator) for part in (self.numerator, self.numerator + self.unknown))
        return Share(Fraction(self.numerator, known) if known else None, low, high)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one unit says of one indicator."""

    answer: Answer
    numerator: int | None = None
    denominator: int | None = None
    reason: str = ""  # why there is no figure
    proof: str = ""  # what shows that a milestone is done

    @property
    def figure(self) -> Figure | None:
        """The figure that it adds: an empty one where nothing was due, none where it is unknown."""
        if self.answer is Answer.NOTHING_DUE:
            return Figure()
        if self.answer is Answer.FIGURE:
            return Figure(self.numerator or 0, self.denominator or 0)
        return None


def check(entry: Entry, *, op: Op, is_bounded: bool = True) -> None:
    """Refuse an entry that cannot be so; raises FigureRefused.

    >>> check(Entry(Answer.FIGURE, 3, 4), op=Op.GE)
    """
    if entry.answer not in (MILESTONES if op is Op.MILESTONE else FIGURES):
        raise FigureRefused("answer")
    if entry.answer is Answer.FIGURE:
        _check_figure(entry.numerator, entry.denominator, is_bounded=is_bounded)
    if entry.answer is Answer.UNKNOWN and not entry.reason.strip():
        raise FigureRefused("reason_missing")
    if entry.answer is Answer.DONE and not entry.proof.strip():
        raise FigureRefused("proof_missing")


def _check_figure(numerator: int | None, denominator: int | None, *, is_bounded: bool) -> None:
    if numerator is None or denominator is None:
        raise FigureRefused("missing")
    if numerator < 0 or denominator < 0:
        raise FigureRefused("negative")
    if denominator == 0:
        raise FigureRefused("nothing_to_divide")
    if is_bounded and numerator > denominator:
        raise FigureRefused("over")


@dataclass(frozen=True, slots=True)
class Total:
    """What the units say together: the sum, and which of them said what. Ids of units, in the order given."""

    figure: Figure = field(default_factory=Figure)
    counted: tuple[int, ...] = ()  # gave a figure
    nothing_due: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
    silent: tuple[int, ...] = ()  # have no accepted report

    @property
    def is_whole(self) -> bool:
        """Whether every unit that should has given its figure."""
        return not (self.silent or self.unknown)

    @property
    def expected(self) -> int:
        """How many units should report."""
        return len(self.counted) + len(self.nothing_due) + len(self.unknown) + len(self.silent)


def total_of(figure: Figure, told: Mapping[Answer, Collection[int]], expected: Iterable[int]) -> Total:
    """The sum over the expected units, which is `figure`; a unit that has given no answer is silent, and a figure comes before all else.

    >>> together = total_of(Figure(1, 2), {Answer.FIGURE: {1}, Answer.NOTHING_DUE: {1, 2}, Answer.UNKNOWN: {3}}, [1, 2, 3, 4])
    >>> together.counted, together.nothing_due, together.unknown, together.silent
    ((1,), (2,), (3,), (4,))
    """
    answers = {unit: answer for answer in reversed(FIGURES) for unit in told.get(answer, ())}
    units = list(dict.fromkeys(expected))
    groups = (tuple(unit for unit in units if answers.get(unit) is answer) for answer in (*FIGURES, None))
    return Total(figure, *groups)


class Verdict(StrEnum):
    """What is known of a target."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"  # who has not reported, or what is unknown, could turn it
    NO_FIGURE = "no_figure"
    NO_TARGET = "no_target"


def judge(op: Op, share: Share, target: Fraction | None, *, is_whole: bool = True) -> Verdict:
    """What the share says of the target. Where all are asked for, one that fails decides, whoever is still silent.

    >>> judge(Op.GE, Figure(5996, 10000).share, Fraction(60, 100)).value, judge(Op.GE, Figure().share, None).value
    ('not_met', 'no_target')
    >>> judge(Op.GE, Figure(9, 10).share, Fraction(60, 100), is_whole=False).value
    'undecided'
    """
    if target is None:
        return Verdict.NO_TARGET
    if share.low is None or share.high is None:
        return Verdict.NO_FIGURE
    if op is Op.FULL and share.high < 1:
        return Verdict.NOT_MET
    if not is_whole or op not in _BY_SHARE:
        return Verdict.UNDECIDED
    if share.low >= target:
        return Verdict.MET
    return Verdict.NOT_MET if share.high < target else Verdict.UNDECIDED


def milestone_verdict(answers: Iterable[Answer | None], *, has_target: bool) -> Verdict:
    """What a milestone's parts say: met once all are done; one that is not yet done is not met.

    >>> milestone_verdict([Answer.DONE, Answer.NOT_YET], has_target=True).value
    'not_met'
    """
    said = list(answers)
    if not has_target:
        return Verdict.NO_TARGET
    if not said or all(answer is None for answer in said):
        return Verdict.NO_FIGURE
    if Answer.NOT_YET in said:
        return Verdict.NOT_MET
    return Verdict.MET if all(answer is Answer.DONE for answer in said) else Verdict.UNDECIDED


_REPORTS_AS = {UnitKind.PROVINCE: Reporter.PROVINCE, UnitKind.UPPER: Reporter.UPPER}


def reporters_on(day: date, units: Mapping[str, UnitFacts], kinds: Mapping[str, UnitKind]) -> dict[str, Reporter]:
    """Every unit that may be asked to report, as it stands on that day, with what it reports as."""
    tree = tree_on(day, units)
    above = {code: superior for superior, below in tree.items() for code in below}
    found = {}
    for code, superior in above.items():
        kind = kinds[code]
        if kind is UnitKind.GRASSROOTS:
            is_direct = superior is not None and kinds[superior] is UnitKind.PROVINCE
            found[code] = Reporter.DIRECT if is_direct else Reporter.GRASSROOTS
        elif kind in _REPORTS_AS:
            found[code] = _REPORTS_AS[kind]
    return found


def reported_period(code: str) -> Period:
    """The half-year or year of that code, which are what units report on; raises PeriodUnknown."""
    period = parse_period(code)
    year = period.first.year
    if period not in (half(year, 1), half(year, 2), year_of(year)):
        raise PeriodUnknown(code)
    return period


def last_ended(day: date) -> Period:
    """The half-year that ended last before that day.

    >>> last_ended(date(2026, 11, 22)).code, last_ended(date(2026, 3, 1)).code
    ('2026-H1', '2025-H2')
    """
    return half(day.year, 1) if day.month > 6 else half(day.year - 1, 2)


def previous(period: Period, count: int) -> list[Period]:
    """The period and those of its kind before it, `count` in all, the oldest first.

    >>> [one.code for one in previous(half(2026, 1), 3)]
    ['2025-H1', '2025-H2', '2026-H1']
    """
    year = period.first.year
    if period == year_of(year):
        return [year_of(year - back) for back in range(count - 1, -1, -1)]
    index = year * 2 + (period.first.month > 6)
    return [half(one // 2, one % 2 + 1) for one in range(index - count + 1, index + 1)]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the reports of a period are due, and from when people are reminded."""

    due_on: date
    remind_from: date

    def is_near(self, day: date) -> bool:
        """Whether the day lies between the first reminder and the due date."""
        return self.remind_from <= day <= self.due_on

    def is_past(self, day: date) -> bool:
        """Whether what is not in by now is late."""
        return day > self.due_on


def deadline(period: Period, *, due_days: int, remind_days: int) -> Deadline:
    """The deadline of a period, counted from its last day; reminders never begin before it has ended.

    >>> deadline(half(2026, 1), due_days=15, remind_days=7).due_on.isoformat()
    '2026-07-15'
    """
    due_on = period.last + timedelta(days=due_days)
    return Deadline(due_on, max(due_on - timedelta(days=remind_days), period.last + timedelta(days=1)))
