"""Quorum: how many must be present for a body to decide, in whole people and exact fractions."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class QuorumBase(StrEnum):
    """Of what the share of the quorum is taken."""

    MEMBERS = "members"  # all members of the body with a vote
    CONVENED = "convened"  # the members with a vote who were convened to this meeting


@dataclass(frozen=True, slots=True)
class Quorum:
    """How a presence stands to what is needed.

    >>> Quorum(present=23, base=35, share=Fraction(2, 3)).missing
    1
    """

    present: int
    base: int
    share: Fraction

    @property
    def needed(self) -> int:
        """The smallest number of people that reaches the share of the base; at least one."""
        return max(1, -(-self.base * self.share.numerator // self.share.denominator))

    @property
    def missing(self) -> int:
        """How many people are still needed, 0 if the quorum is met."""
        return max(0, self.needed - self.present)

    @property
    def spare(self) -> int:
        """How many may leave before the quorum is lost, 0 if it is not met."""
        return max(0, self.present - self.needed)

    @property
    def is_met(self) -> bool:
        """Whether the body may decide."""
        return self.base > 0 and self.missing == 0
