"""Quorum in whole people and exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.quorum import Quorum

TWO_THIRDS = Fraction(2, 3)


@pytest.mark.parametrize(
    ("base", "share", "needed"),
    [
        (35, TWO_THIRDS, 24),  # Ban Chấp hành of 35
        (11, TWO_THIRDS, 8),  # Ban Thường vụ of 11
        (9, TWO_THIRDS, 6),
        (36, Fraction(1, 2), 18),
        (1, TWO_THIRDS, 1),
    ],
)
def test_the_smallest_number_that_reaches_the_share_is_needed(base: int, share: Fraction, needed: int) -> None:
    assert Quorum(0, base, share).needed == needed


def test_the_strip_says_how_many_are_missing_or_may_leave() -> None:
    assert Quorum(23, 35, TWO_THIRDS).missing == 1
    assert Quorum(24, 35, TWO_THIRDS).missing == 0
    assert Quorum(26, 35, TWO_THIRDS).spare == 2


def test_a_body_without_members_never_decides() -> None:
    assert not Quorum(0, 0, TWO_THIRDS).is_met


@given(st.integers(0, 500), st.integers(1, 500), st.fractions(0, 1, max_denominator=12))
def test_it_is_met_exactly_when_the_share_is_reached(present: int, base: int, share: Fraction) -> None:
    quorum = Quorum(present, base, share)
    assert quorum.is_met == (present >= 1 and present * share.denominator >= share.numerator * base)
