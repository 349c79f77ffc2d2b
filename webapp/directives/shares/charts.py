"""Charts of shares as numbers for SVG: a column of parts for each month, a bar of parts for each row of a table. No text, no colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.directives.shares import Counts, Outcome

STEP, BAR, HEIGHT, LEFT, TOP, FOOT = 64, 40, 180, 46, 26, 44


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar, in the units of the drawing."""

    outcome: Outcome
    at: float
    size: float


@dataclass(frozen=True, slots=True)
class Column:
    """One month: where it stands, what it is made of from the foot up, and its label."""

    x: int
    parts: tuple[Part, ...]
    label: str
    counts: Counts

    @property
    def middle(self) -> int:
        """The middle of the bar."""
        return self.x + BAR // 2


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of equal height, each 100 %, with the target as a line."""

    columns: tuple[Column, ...]
    target_y: float | None
    width: int
    height: int = TOP + HEIGHT + FOOT
    left: int = LEFT
    bar: int = BAR
    foot: int = TOP + HEIGHT

    @property
    def grid(self) -> list[tuple[int, float]]:
        """The percents at the side, and where they stand."""
        return [(percent, TOP + HEIGHT - HEIGHT * percent / 100) for percent in (0, 25, 50, 75, 100)]


def chart(months: Sequence[tuple[str, Counts]], target: Fraction | None) -> Chart:
    """The chart of the months, each with its label."""
    columns = tuple(
        Column(LEFT + 12 + STEP * number, _stacked(counts), label, counts) for number, (label, counts) in enumerate(months)
    )
    return Chart(columns, None if target is None else TOP + HEIGHT * float(1 - target), LEFT + 12 + STEP * len(months))


def _stacked(counts: Counts) -> tuple[Part, ...]:
    foot, parts = float(TOP + HEIGHT), []
    for part in bar(counts, HEIGHT):
        foot -= part.size
        parts.append(Part(part.outcome, round(foot, 2), part.size))
    return tuple(parts)


def bar(counts: Counts, length: int = 100) -> list[Part]:
    """A bar of that length from left to right: electronic, unknown, not electronic; nothing where nothing is due."""
    found, at = [], 0.0
    for outcome in (Outcome.ELECTRONIC, Outcome.UNKNOWN, Outcome.PAPER):
        if number := getattr(counts, outcome.value):
            size = round(length * number / counts.due, 2)
            found.append(Part(outcome, round(at, 2), size))
            at += size
    return found
