"""Votes as rules: kinds, options, tallies, and the verdict in exact fractions."""

from enum import StrEnum


class MajorityBase(StrEnum):
    """Of what the share of the majority is taken."""

    MEMBERS = "members"  # all members of the body with a vote
    PRESENT = "present"  # those present with a vote when the vote was opened
    COLLECTED = "collected"  # the ballots collected (tổng số phiếu thu về)
    VALID = "valid"  # the valid ballots
