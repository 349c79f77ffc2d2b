"""The share: golden cases by hand, and the laws that hold for all of them."""

from datetime import date
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.issuance import UNKNOWN, Level, LevelRange, Reading
from domain.directives.shares import (
    Counts,
    Share,
    Target,
    count,
    lacking,
    share_of,
    target_of,
    tenths,
    total,
    verdict,
    written,
    written_change,
)
from domain.ground.periods import parse_period

SIXTY = Fraction(3, 5)
PLAN = Target(SIXTY, parse_period("2025"), "Kế hoạch")

GOLDEN = [  # electronic, paper, unknown; point, low, high; verdict against 60 %
    (0, 0, 0, None, None, None, None),  # nothing due: no figure
    (0, 0, 7, None, Fraction(0), Fraction(1), "undecided"),  # all unknown: no point, everything possible
    (3, 2, 0, SIXTY, SIXTY, SIXTY, "met"),  # exactly the target is met
    (2, 3, 0, Fraction(2, 5), Fraction(2, 5), Fraction(2, 5), "not_met"),
    (0, 5, 0, Fraction(0), Fraction(0), Fraction(0), "not_met"),  # a real 0 %
    (5, 0, 0, Fraction(1), Fraction(1), Fraction(1), "met"),
    (5996, 4004, 0, Fraction(1499, 2500), Fraction(1499, 2500), Fraction(1499, 2500), "not_met"),  # 59.96 % is not 60 %
    (3, 2, 1, SIXTY, Fraction(1, 2), Fraction(2, 3), "undecided"),  # the point reaches it, the least does not
    (6, 3, 1, Fraction(2, 3), SIXTY, Fraction(7, 10), "met"),  # even the least reaches it
    (5, 4, 1, Fraction(5, 9), Fraction(1, 2), SIXTY, "undecided"),  # the most just reaches it
    (11, 9, 1, Fraction(11, 20), Fraction(11, 21), Fraction(4, 7), "not_met"),  # not even the most reaches it
    (1, 0, 99, Fraction(1), Fraction(1, 100), Fraction(1), "undecided"),  # one known document proves little
]


@pytest.mark.parametrize(("electronic", "paper", "unknown", "point", "low", "high", "expected"), GOLDEN)
def test_share_and_verdict(
    electronic: int,
    paper: int,
    unknown: int,
    point: Fraction | None,
    low: Fraction | None,
    high: Fraction | None,
    expected: str | None,
) -> None:
    share = share_of(Counts(electronic, paper, unknown, excluded_secret=4))
    assert share == Share(point, low, high)
    assert verdict(share, SIXTY) == expected


def test_without_a_target_there_is_no_verdict() -> None:
    assert verdict(share_of(Counts(9, 1)), None) is None


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2025-H1", SIXTY),
        ("2025-H2", SIXTY),
        ("2025", SIXTY),
        ("2025-12", SIXTY),
        ("2024", None),
        ("2026-H1", None),  # no target is set for 2030
        ("2030", None),
        ("2025-07-01..2026-06-30", None),  # half of it lies beyond the term
    ],
)
def test_the_plans_target_binds_the_periods_of_its_term(period: str, expected: Fraction | None) -> None:
    found = target_of(parse_period(period), [PLAN])
    assert (found.share if found else None) == expected


def test_a_new_plan_is_a_new_target() -> None:
    later = Target(Fraction(9, 10), parse_period("2030"), "Kế hoạch mới")
    assert target_of(parse_period("2030-H1"), [PLAN, later]) is later


READ = [  # levels of the documents; broad, legal, strict, full as (electronic, paper, unknown)
    ("00 11 22 33 44 55", (5, 1, 0), (4, 2, 0), (3, 3, 0), (1, 5, 0)),
    ("05 05", (0, 0, 2), (0, 0, 2), (0, 0, 2), (0, 0, 2)),  # nothing recorded
    ("35 13 01", (2, 0, 1), (1, 1, 1), (1, 1, 1), (0, 2, 1)),
    ("", (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)),
]


@pytest.mark.parametrize(("levels", "broad", "legal", "strict", "full"), READ)
def test_the_four_readings(
    levels: str,
    broad: tuple[int, int, int],
    legal: tuple[int, int, int],
    strict: tuple[int, int, int],
    full: tuple[int, int, int],
) -> None:
    ranges = [LevelRange(Level(int(low)), Level(int(high))) for low, high in map(tuple, levels.split())]
    for reading, expected in zip(Reading, (broad, legal, strict, full), strict=True):
        assert count(ranges, reading) == Counts(*expected)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (Fraction(5996, 10000), "59,9 %"),
        (Fraction(59999, 100000), "59,9 %"),
        (SIXTY, "60,0 %"),
        (Fraction(2, 3), "66,6 %"),
        (Fraction(9999, 10000), "99,9 %"),
        (Fraction(1), "100,0 %"),
        (Fraction(1, 10000), "dưới 0,1 %"),
        (Fraction(0), "0,0 %"),
        (None, "–"),
    ],
)
def test_a_figure_is_never_shown_as_more_than_it_is(share: Fraction | None, expected: str) -> None:
    assert written(share) == expected


def test_a_change_is_written_in_points() -> None:
    assert written_change(Fraction(2, 5), SIXTY) == "+20,0"
    assert written_change(SIXTY, Fraction(2, 5)) == "−20,0"
    assert written_change(SIXTY, SIXTY) == "0,0"
    assert written_change(None, SIXTY) == "–"


numbers = st.integers(0, 500)
any_counts = st.builds(Counts, numbers, numbers, numbers, numbers)
targets = st.fractions(0, 1, max_denominator=1000)
ranges = st.tuples(st.sampled_from(Level), st.sampled_from(Level)).map(lambda two: LevelRange(min(two), max(two)))


def interval(share: Share) -> tuple[Fraction, Fraction]:
    assert share.low is not None
    assert share.high is not None
    return share.low, share.high


@given(any_counts)
def test_the_interval_contains_the_point(counts: Counts) -> None:
    share = share_of(counts)
    if share.point is not None:
        low, high = interval(share)
        assert 0 <= low <= share.point <= high <= 1


@given(any_counts, st.integers(0, 500))
def test_whatever_the_unknown_turn_out_to_be_lies_in_the_interval(counts: Counts, turned: int) -> None:
    turned = min(turned, counts.unknown)
    truth = share_of(Counts(counts.electronic + turned, counts.paper + counts.unknown - turned))
    if truth.point is not None:
        low, high = interval(share_of(counts))
        assert low <= truth.point <= high


@given(any_counts, targets, st.integers(0, 500))
def test_a_verdict_stands_whatever_the_unknown_turn_out_to_be(counts: Counts, target: Fraction, turned: int) -> None:
    turned = min(turned, counts.unknown)
    truth = share_of(Counts(counts.electronic + turned, counts.paper + counts.unknown - turned))
    said = verdict(share_of(counts), target)
    if said in ("met", "not_met"):
        assert verdict(truth, target) == said


@given(any_counts, targets)
def test_no_more_and_no_fewer_are_lacking(counts: Counts, target: Fraction) -> None:
    needed = lacking(counts, target)
    if counts.due:
        assert Fraction(counts.electronic + needed, counts.due) >= target
        assert needed == 0 or Fraction(counts.electronic + needed - 1, counts.due) < target


@given(st.lists(any_counts, max_size=8), st.randoms())
def test_a_sum_does_not_depend_on_its_order(parts: list[Counts], dice: Random) -> None:
    mixed = list(parts)
    dice.shuffle(mixed)
    assert total(mixed) == total(parts)
    assert total(parts).due == sum(part.due for part in parts)


@given(st.lists(any_counts, min_size=1, max_size=8))
def test_the_whole_lies_between_its_parts(parts: list[Counts]) -> None:
    points = [part.share.point for part in parts if part.share.point is not None]
    whole = total(parts).share.point
    assert (whole is None) is (not points)
    if whole is not None:
        assert min(points) <= whole <= max(points)


@given(st.lists(ranges, max_size=30), st.integers(0, 30))
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(documents: list[LevelRange], cut: int) -> None:
    for reading in Reading:
        assert count(documents[:cut], reading) + count(documents[cut:], reading) == count(documents, reading)
        assert count(documents, reading).due == len(documents)


@given(st.lists(ranges, max_size=30))
def test_a_narrower_reading_never_counts_more(documents: list[LevelRange]) -> None:
    found = [count(documents, reading) for reading in Reading]
    assert [one.electronic for one in found] == sorted((one.electronic for one in found), reverse=True)


@given(st.lists(ranges, max_size=30))
def test_to_learn_more_narrows_the_interval(documents: list[LevelRange]) -> None:
    learned = [LevelRange(one.low, one.low) for one in documents]
    for reading in Reading:
        if documents:
            low, high = interval(count(documents, reading).share)
            low_after, high_after = interval(count(learned, reading).share)
            assert low <= low_after <= high_after <= high


@given(targets, st.integers(0, 1000))
def test_rounding_never_carries_a_figure_over_a_target_of_one_decimal(share: Fraction, tenth: int) -> None:
    assert (tenths(share) >= tenth) == (share >= Fraction(tenth, 1000))


def test_nothing_recorded_at_all_is_unknown_under_every_reading() -> None:
    assert all(UNKNOWN.counts(reading) is None for reading in Reading)


def test_a_period_of_one_day_has_its_target_too() -> None:
    target = target_of(parse_period("2025-12-31..2025-12-31"), [PLAN])
    assert target
    assert target.term.last == date(2025, 12, 31)
