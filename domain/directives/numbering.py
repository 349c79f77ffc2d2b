"""How a unit numbers its documents: when the count begins anew, which kinds share a run, and what a missing number may mean.

State bodies number by year and keep secret documents apart (NĐ 30/2020, article 15); the Party numbers by kind and term of the committee,
with secret documents in the same run (HD 36-HD/VPTW). Which of them a union follows is a dated setting.
"""

from datetime import date
from enum import StrEnum

from domain.archive.documents import KINDS, LETTER
from domain.ground.errors import RuleError


class Reset(StrEnum):
    """When numbers begin at 1 again."""

    YEAR = "year"
    TERM = "term"


class Series(StrEnum):
    """Which documents share a run of numbers."""

    COMMON = "common"
    PER_KIND = "per_kind"


class SecretSeries(StrEnum):
    """Whether secret documents have a run of their own."""

    SEPARATE = "separate"
    SHARED = "shared"


class GapReason(StrEnum):
    """Why a number names no document in the register."""

    SECRET = "secret"  # noqa: S105 - in a shared series; nothing more is said
    CANCELLED = "cancelled"  # given and not used
    SKIPPED = "skipped"  # never given
    LOST = "lost"  # was issued, and is not to be found
    MINUTES = "minutes"  # of the minutes of a meeting, which stand with the meeting


# Reasons for which no directive is missing; one that was lost stays unknown.
EXPLAINS = frozenset({GapReason.SECRET, GapReason.CANCELLED, GapReason.SKIPPED, GapReason.MINUTES})


def series_key(reset: Reset, series: Series, *, kind: str, dated: date, term_from: date) -> str:
    """The run of numbers that a document belongs to; `term_from` is the first day of the rule in force.

    >>> series_key(Reset.YEAR, Series.PER_KIND, kind="Kế hoạch", dated=date(2025, 3, 1), term_from=date(2020, 1, 1))
    '2025|Kế hoạch'
    >>> series_key(Reset.TERM, Series.COMMON, kind="Kế hoạch", dated=date(2025, 3, 1), term_from=date(2023, 9, 28))
    'term:2023-09-28|'
    """
    run = str(dated.year) if reset is Reset.YEAR else f"term:{term_from.isoformat()}"
    return f"{run}|{kind if series is Series.PER_KIND else ''}"


_CODES = {name: code for code, name in reversed(KINDS.items())}


def symbol_of(kind: str, *, body: str, mark: str) -> str:
    """The symbol that follows the number: with "/" as the State and the unions write it, with "-" as the Party does.

    >>> symbol_of("Kế hoạch", body="LĐLĐ", mark="/"), symbol_of("Công văn", body="LĐLĐ", mark="/")
    ('KH-LĐLĐ', 'LĐLĐ')
    >>> symbol_of("Kế hoạch", body="TU", mark="-"), symbol_of("Công văn", body="TU", mark="-")
    ('KH/TU', 'CV/TU')
    """
    code = "" if kind == LETTER and mark == "/" else _CODES.get(kind, "")
    return ("/" if mark == "-" else "-").join(part for part in (code, body) if part)


class NumberTaken(RuleError):
    """Another document of the unit bears the number in the same run."""

    written: str
    dated: date | None
    abstract: str


class NumberKeptApart(RuleError):
    """The number was taken out of the run for a secret document; nothing more is said of it."""

    number: int


class NumberCancelled(RuleError):
    """The number was given to a document that was given up, and no other bears it."""

    number: int


class RunBeginsInMidYear(RuleError):
    """Under the new rule the numbers of a year would begin at 1 again in its middle."""

    day: date


class NoNumberingRule(RuleError):
    """The unit has no rule of numbering in force on that day, and nobody guesses one."""

    day: date


class SecretsHaveTheirOwnRun(RuleError):
    """The unit's rule numbers secret documents apart, so none takes a number of this run."""


class RuleMakesDoubles(RuleError):
    """Under the new rule two documents that are there would bear one number in one run."""

    written: str


class NotAGap(RuleError):
    """There is nothing to explain: the number names a document, or was never reached."""

    number: int
