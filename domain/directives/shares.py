"""The share of directives that are issued electronically: counts, the share with its interval, and the verdict against a dated target.

Counts are summed and shares never averaged; what is unknown widens the interval instead of being guessed. All numbers are exact: the
published definition is docs/share-definition.md. Which documents are counted, and how each was issued, is
domain/directives/directives.py and domain/directives/issuance.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from domain.directives.issuance import LevelRange, Reading
from domain.ground.errors import RuleError
from domain.ground.periods import Period, half, year_of


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents fall where, under one reading. Secret ones are in no other count."""

    electronic: int = 0
    paper: int = 0  # not electronic, whatever else it was
    unknown: int = 0  # not recorded clearly enough to say, or a number of the register without a document
    excluded_secret: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.electronic + other.electronic,
            self.paper + other.paper,
            self.unknown + other.unknown,
            self.excluded_secret + other.excluded_secret,
        )

    @property
    def due(self) -> int:
        """All that the share is about.

        >>> Counts(3, 2, 1, excluded_secret=9).due
        6
        """
        return self.electronic + self.paper + self.unknown

    @property
    def share(self) -> "Share":
        """The share that follows from the counts."""
        return share_of(self)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of one: among what is known, and the least and most that what is unknown allows. None where there is nothing to divide by."""

    point: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def is_certain(self) -> bool:
        """Whether nothing is unknown, and something is due."""
        return self.low is not None and self.low == self.high


def share_of(counts: Counts) -> Share:
    """The share: point E/(E+N), low E/(E+N+U), high (E+U)/(E+N+U).

    >>> share_of(Counts(electronic=3, paper=2, unknown=5))
    Share(point=Fraction(3, 5), low=Fraction(3, 10), high=Fraction(4, 5))
    >>> share_of(Counts(unknown=2)), share_of(Counts(excluded_secret=4))
    (Share(point=None, low=Fraction(0, 1), high=Fraction(1, 1)), Share(point=None, low=None, high=None))
    """
    known = counts.electronic + counts.paper
    point = Fraction(counts.electronic, known) if known else None
    if not counts.due:
        return Share()
    return Share(point, Fraction(counts.electronic, counts.due), Fraction(counts.electronic + counts.unknown, counts.due))


def total(counts: Iterable[Counts]) -> Counts:
    """The sum."""
    return sum(counts, Counts())


def count(ranges: Iterable[LevelRange], reading: Reading) -> Counts:
    """The counts of documents whose levels are known to lie in these ranges: the rule that storage says in SQL.

    >>> from domain.directives.issuance import UNKNOWN
    >>> count([UNKNOWN, LevelRange(Reading.STRICT.threshold, Reading.STRICT.threshold)], Reading.LEGAL)
    Counts(electronic=1, paper=0, unknown=1, excluded_secret=0)
    """
    said = [levels.counts(reading) for levels in ranges]
    return Counts(said.count(True), said.count(False), said.count(None))


class Basis(StrEnum):
    """On what a document's level rests."""

    CLAIMED = "claimed"  # what the register says
    EVIDENCED = "evidenced"  # what was checked and found true; a claim alone is unknown


class Outcome(StrEnum):
    """Where a document falls, under one reading."""

    ELECTRONIC = "electronic"
    PAPER = "paper"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why something that is due does not count as electronic: what would have to change."""

    NOT_RECORDED = "not_recorded"  # the register does not say clearly enough how it was issued
    NUMBER_MISSING = "number_missing"  # a number of a run that names no document, without a reason
    NO_FILE = "no_file"  # claimed, and nothing here shows that an electronic document was sent
    NOT_SIGNED_BY_ORGANISATION = "not_signed_by_organisation"  # claimed, and no valid signature shows it
    NOT_SIGNED_BY_PERSON = "not_signed_by_person"
    NOT_EXCHANGED = "not_exchanged"  # claimed, and nothing shows the way it went, or that no paper went
    BELOW = "below"  # it was issued below the level that the reading asks for


MISSING_EVIDENCE = (  # what would prove the next level, by the one that is proven
    Cause.NO_FILE,
    Cause.NOT_SIGNED_BY_ORGANISATION,
    Cause.NOT_SIGNED_BY_PERSON,
    Cause.NOT_EXCHANGED,
    Cause.NOT_EXCHANGED,
)


def cause_of(claimed: LevelRange, weighed: LevelRange, reading: Reading) -> Cause | None:
    """Why a document does not count as electronic; None if it does. `weighed` are its levels by the basis of the share.

    >>> full = LevelRange(Reading.FULL.threshold, Reading.FULL.threshold)
    >>> cause_of(full, LevelRange(Reading.LEGAL.threshold, full.high), Reading.FULL).value
    'not_signed_by_person'
    """
    outcome = weighed.counts(reading)
    if outcome is None:
        return MISSING_EVIDENCE[weighed.low] if claimed.counts(reading) else Cause.NOT_RECORDED
    return None if outcome else Cause.BELOW


class Verdict(StrEnum):
    """What a share says of a target."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"  # what is unknown could turn it


@dataclass(frozen=True, slots=True)
class Target:
    """The share that is to be reached by the documents of a term, and who set it."""

    share: Fraction
    term: Period
    source: str

    def binds(self, period: Period) -> bool:
        """Whether the whole period lies in the term."""
        return self.term.first <= period.first and period.last <= self.term.last


def target_of(period: Period, targets: Iterable[Target]) -> Target | None:
    """The target that binds the whole period, None where there is none.

    >>> from domain.ground.periods import parse_period
    >>> sixty = Target(Fraction(3, 5), parse_period("2025"), "Kế hoạch")
    >>> target_of(parse_period("2025-H1"), [sixty]).source, target_of(parse_period("2026"), [sixty])
    ('Kế hoạch', None)
    """
    return next((target for target in targets if target.binds(period)), None)


def verdict(share: Share, target: Fraction | None) -> Verdict | None:
    """Met if even the lowest reaches the target, not met if even the highest does not; None without a target or a figure.

    >>> verdict(share_of(Counts(3, 2)), Fraction(3, 5)).value, verdict(share_of(Counts(3, 2, 1)), Fraction(3, 5)).value
    ('met', 'undecided')
    """
    if target is None or share.low is None or share.high is None:
        return None
    if share.low >= target:
        return Verdict.MET
    return Verdict.NOT_MET if share.high < target else Verdict.UNDECIDED


def lacking(counts: Counts, target: Fraction) -> int:
    """How many more documents must be known as electronic until the target is met for certain, others staying as they are.

    >>> lacking(Counts(5, 5), Fraction(3, 5)), lacking(Counts(6, 3, 1), Fraction(3, 5))
    (1, 0)
    """
    return max(0, ceil(target * counts.due) - counts.electronic)


def tenths(share: Fraction) -> int:
    """The share in tenths of a percent, rounded down: 59.96 % is 599, so that no figure looks as if it reached what it did not.

    >>> tenths(Fraction(5996, 10000)), tenths(Fraction(3, 5))
    (599, 600)
    """
    return floor(share * 1000)


def written(share: Fraction | None) -> str:
    """The share in percent as it is shown, one decimal, rounded down; a dash where there is no figure.

    >>> written(Fraction(5996, 10000)), written(Fraction(1, 3)), written(Fraction(1, 2000)), written(None)
    ('59,9 %', '33,3 %', 'dưới 0,1 %', '–')
    """
    if share is None:
        return "–"
    shown = tenths(share)
    return "dưới 0,1 %" if share > 0 and shown == 0 else f"{shown // 10},{shown % 10} %"


def written_change(earlier: Fraction | None, later: Fraction | None) -> str:
    """By how many percentage points the share has changed, rounded towards nothing; a dash where a figure is missing.

    >>> written_change(Fraction(1, 2), Fraction(5996, 10000)), written_change(Fraction(3, 5), Fraction(1, 2))
    ('+9,9', '−10,0')
    """
    if earlier is None or later is None:
        return "–"
    shown = tenths(abs(later - earlier))
    sign = "" if later == earlier else "+" if later > earlier else "−"
    return f"{sign}{shown // 10},{shown % 10}"


class PeriodNotOver(RuleError):
    """A period whose last day has not passed cannot be closed."""

    period: Period


class NotAReportingPeriod(RuleError):
    """Only half-years and years are reported, and closed."""

    period: Period


class PeriodClosed(RuleError):
    """The period is closed; what changed since then is a correction of the closing."""

    period: Period


class NothingToCorrect(RuleError):
    """The registers say what they said when the period was closed."""


class ClosingCorrected(RuleError):
    """A later closing corrects this one; only the latest can be corrected."""


def check_closable(period: Period, today: date) -> None:
    """Raises NotAReportingPeriod and PeriodNotOver; the plan asks for a report every six months and every year.

    >>> check_closable(half(2025, 1), date(2025, 7, 1))
    """
    if period not in (half(period.first.year, 1), half(period.first.year, 2), year_of(period.first.year)):
        raise NotAReportingPeriod(period)
    if today <= period.last:
        raise PeriodNotOver(period)
