"""How a unit numbers its documents: when the count begins anew, which kinds share a run, and what a missing number may mean.

State bodies number by year and keep secret documents apart (NĐ 30/2020, article 15); the Party numbers by kind and term of the committee,
with secret documents in the same run (HD 36-HD/VPTW). Which of them a union follows is a dated setting.
"""

from datetime import date
from enum import StrEnum


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


def series_key(reset: Reset, series: Series, *, kind: str, dated: date, term_from: date) -> str:
    """The run of numbers that a document belongs to; `term_from` is the first day of the rule in force.

    >>> series_key(Reset.YEAR, Series.PER_KIND, kind="Kế hoạch", dated=date(2025, 3, 1), term_from=date(2020, 1, 1))
    '2025|Kế hoạch'
    >>> series_key(Reset.TERM, Series.COMMON, kind="Kế hoạch", dated=date(2025, 3, 1), term_from=date(2023, 9, 28))
    'term:2023-09-28|'
    """
    run = str(dated.year) if reset is Reset.YEAR else f"term:{term_from.isoformat()}"
    return f"{run}|{kind if series is Series.PER_KIND else ''}"
