"""The places of what is drawn: a bar with its target, a line over periods. Numbers only; the templates write the SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.directives.shares import Share

WIDTH, HEIGHT = 640, 220  # of the trend, in units of its view box
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 44, 16, 58  # room for words of two lines below


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of a period, and where it is drawn; `y` is None where there is no figure."""

    label: str
    x: float
    y: float | None
    share: Share


@dataclass(frozen=True, slots=True)
class Trend:
    """A line over periods, broken where there is no figure."""

    points: tuple[Point, ...]
    lines: tuple[str, ...]  # the attribute `points` of each unbroken piece
    target_y: float | None
    scale: tuple[tuple[float, int], ...]  # y and percent of the lines behind

    @property
    def has_any(self) -> bool:
        """Whether there is anything to be drawn."""
        return any(point.y is not None for point in self.points)


def trend(figures: Sequence[tuple[str, Share]], target: Fraction | None) -> Trend:
    """The shares over their periods, the oldest first."""
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(figures) - 1)
    points = tuple(
        Point(label, round(_LEFT + number * step, 1), _y(share.point), share) for number, (label, share) in enumerate(figures)
    )
    scale = tuple((_y(Fraction(percent, 100)) or 0, percent) for percent in (0, 25, 50, 75, 100))
    return Trend(points, _lines(points), _y(target), scale)


def _y(share: Fraction | None) -> float | None:
    if share is None:
        return None
    return round(HEIGHT - _BOTTOM - float(min(share, Fraction(1))) * (HEIGHT - _TOP - _BOTTOM), 1)


def _lines(points: Sequence[Point]) -> tuple[str, ...]:
    pieces: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{point.x},{point.y}")
    return tuple(" ".join(piece) for piece in pieces if len(piece) > 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a hundred: known for certain, unknown after it, and the mark of the target."""

    sure: float
    unsure: float
    target: float | None


def bar(share: Share, target: Fraction | None) -> Bar | None:
    """The bar of a share, None where there is no figure."""
    if share.low is None or share.high is None:
        return None
    low, high = (float(min(part, Fraction(1))) * 100 for part in (share.low, share.high))
    return Bar(round(low, 2), round(high - low, 2), None if target is None else round(float(min(target, Fraction(1))) * 100, 2))
