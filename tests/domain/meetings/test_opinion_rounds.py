"""What a round of written opinions comes to by the rule of the body that was asked."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.opinion_rounds import result
from domain.meetings.voting import Decision, MajorityBase, Threshold, Verdict

TWO_THIRDS = Fraction(2, 3)
ALL, ANSWERED = Threshold(), Threshold(base=MajorityBase.COLLECTED)


def said(agree: int, disagree: int, other: int, threshold: Threshold = ALL) -> Verdict:
    return result(9, agree=agree, disagree=disagree, other=other, threshold=threshold, quorum_share=TWO_THIRDS)


@pytest.mark.parametrize(
    ("agree", "disagree", "other", "decision"),
    [
        (5, 1, 0, Decision.PASSED),  # more than half of nine
        (4, 2, 0, Decision.REJECTED),  # who is silent does not agree
        (4, 0, 5, Decision.REJECTED),
        (5, 0, 0, Decision.INVALID),  # five answers of nine are no two thirds
        (6, 0, 0, Decision.PASSED),
        (0, 0, 0, Decision.INVALID),
    ],
)
def test_a_majority_of_all_who_were_asked_is_needed_and_two_thirds_of_answers(
    agree: int, disagree: int, other: int, decision: Decision
) -> None:
    assert said(agree, disagree, other).decision is decision


def test_where_the_rule_counts_answers_silence_weighs_nothing() -> None:
    verdict = said(4, 2, 0, ANSWERED)
    assert (verdict.decision, verdict.got, verdict.needed, verdict.of) == (Decision.PASSED, 4, 4, 6)
    assert said(3, 3, 0, ANSWERED).decision is Decision.REJECTED


@given(*[st.integers(0, 3)] * 3)
def test_another_who_agrees_never_turns_a_round_down(agree: int, disagree: int, other: int) -> None:
    for threshold in (ALL, ANSWERED):
        if said(agree, disagree, other, threshold).decision is Decision.PASSED:
            assert said(agree + 1, disagree, other, threshold).decision is Decision.PASSED
