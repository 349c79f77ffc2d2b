"""Votes as rules: what ballots come to, in exact numbers."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ground.errors import StepNotAllowed
from domain.meetings.voting import (
    ELECTION_THRESHOLD,
    BallotForm,
    BallotRefused,
    Decision,
    Frozen,
    MajorityBase,
    NextRound,
    PaperCountWrong,
    Tally,
    Threshold,
    VoteKind,
    VoteState,
    VoteStep,
    ballot_form,
    check_ballot,
    check_paper_count,
    decide,
    keeps_secret,
    next_round,
    secrecy_warnings,
    take,
    tally,
)

QUESTION = ballot_form(VoteKind.SECRET)
LIST = ballot_form(VoteKind.ELECTION, ["a", "b", "c", "d"], seats=2)
FULL = Frozen(members=35, present=30, quorum_is_met=True)

forms = st.builds(
    lambda keys, most: BallotForm(tuple(sorted(keys)), min(most, len(keys))),
    st.sets(st.sampled_from("abcdefgh"), min_size=1),
    st.integers(1, 8),
)
ballots = st.lists(st.sets(st.sampled_from("abcdefghz")), max_size=40)
thresholds = st.builds(
    lambda parts, of, more, base: Threshold(Fraction(min(parts, of), of), more, base),
    st.integers(1, 9), st.integers(1, 9), st.booleans(), st.sampled_from(MajorityBase),
)  # fmt: skip


# The life of a vote


def test_a_vote_is_prepared_opened_closed_and_published() -> None:
    state = VoteState.DRAFT
    for step in (VoteStep.CHANGE, VoteStep.OPEN, VoteStep.CAST, VoteStep.EXTEND, VoteStep.CLOSE, VoteStep.PUBLISH):
        state = take(state, step)
    assert state is VoteState.PUBLISHED


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (VoteState.PUBLISHED, VoteStep.CANCEL),  # what everybody knows cannot be taken back
        (VoteState.CLOSED, VoteStep.OPEN),  # a closed vote is never opened again
        (VoteState.CLOSED, VoteStep.CAST),
        (VoteState.OPEN, VoteStep.CHANGE),
        (VoteState.OPEN, VoteStep.PUBLISH),
        (VoteState.CANCELLED, VoteStep.OPEN),
    ],
)
def test_there_are_no_other_ways(state: VoteState, step: VoteStep) -> None:
    with pytest.raises(StepNotAllowed):
        take(state, step)


# Ballots and tallies


def test_a_ballot_that_names_too_many_counts_as_collected_and_for_nobody() -> None:
    counted = tally(LIST, [["a", "b"], ["a"], ["a", "b", "c"], []])
    assert (counted.counts, counted.collected, counted.valid, counted.invalid) == ({"a": 2, "b": 1, "c": 0, "d": 0}, 4, 2, 2)


def test_a_device_cannot_send_what_is_not_on_the_ballot() -> None:
    for chosen, problem in ((["x"], "unknown"), (["a", "b", "c"], "too_many")):
        with pytest.raises(BallotRefused) as refused:
            check_ballot(LIST, chosen, may_be_blank=True)
        assert refused.value.problem == problem
    check_ballot(LIST, [], may_be_blank=True)
    with pytest.raises(BallotRefused):
        check_ballot(QUESTION, [], may_be_blank=False)


@given(forms, ballots)
def test_a_tally_is_the_sum_of_its_ballots(form: BallotForm, cast: list[set[str]]) -> None:
    counted = tally(form, cast)
    valid = [ballot for ballot in cast if 0 < len(ballot) <= form.most and ballot <= set(form.keys)]
    assert counted.collected == len(cast)
    assert counted.valid == len(valid)
    assert sum(counted.counts.values()) == sum(len(ballot) for ballot in valid)
    if form.most == 1:
        assert sum(counted.counts.values()) == counted.valid


@given(forms, ballots, st.randoms(use_true_random=False))
def test_shuffling_changes_nothing(form: BallotForm, cast: list[set[str]], chance: random.Random) -> None:
    before = tally(form, cast)
    chance.shuffle(cast)
    assert tally(form, cast) == before


@given(forms, ballots, st.integers(0, 40))
def test_counting_in_two_heaps_gives_the_same(form: BallotForm, cast: list[set[str]], cut: int) -> None:
    assert tally(form, cast[:cut]) + tally(form, cast[cut:]) == tally(form, cast)


# The majority in whole people and exact fractions


@pytest.mark.parametrize(
    ("threshold", "of", "needed"),
    [
        (Threshold(), 35, 18),
        (Threshold(), 34, 18),  # half is not more than half
        (Threshold(), 1, 1),
        (Threshold(Fraction(2, 3), is_more_than=False), 35, 24),
        (Threshold(Fraction(2, 3), is_more_than=False), 36, 24),
        (Threshold(Fraction(2, 3), is_more_than=True), 36, 25),
        (Threshold(Fraction(1, 2), is_more_than=False), 0, 1),  # nobody never decides
    ],
)
def test_how_many_are_needed(threshold: Threshold, of: int, needed: int) -> None:
    assert threshold.needed(of) == needed


@given(thresholds, st.integers(0, 5000))
def test_the_number_needed_is_the_smallest_that_satisfies_the_fraction(threshold: Threshold, of: int) -> None:
    def satisfies(n: int) -> bool:
        return n > of * threshold.share if threshold.is_more_than else n >= of * threshold.share

    needed = threshold.needed(of)
    assert satisfies(needed)
    assert needed == 1 or not satisfies(needed - 1)


def counted(yes: int, no: int = 0, abstained: int = 0, invalid: int = 0) -> Tally:
    return Tally({"for": yes, "against": no, "abstain": abstained}, yes + no + abstained + invalid, invalid)


@pytest.mark.parametrize(
    ("base", "of", "needed", "decision"),
    [
        (MajorityBase.MEMBERS, 35, 18, Decision.REJECTED),
        (MajorityBase.PRESENT, 30, 16, Decision.PASSED),
        (MajorityBase.COLLECTED, 28, 15, Decision.PASSED),
        (MajorityBase.VALID, 27, 14, Decision.PASSED),
    ],
)
def test_the_same_ballots_are_judged_by_the_base_of_the_rule(
    base: MajorityBase, of: int, needed: int, decision: Decision
) -> None:
    verdict = decide(VoteKind.SECRET, counted(16, 10, 1, invalid=1), Threshold(base=base), FULL)
    assert (verdict.decision, verdict.got, verdict.of, verdict.needed) == (decision, 16, of, needed)


def test_without_a_quorum_at_the_opening_nothing_is_decided() -> None:
    verdict = decide(VoteKind.NAMED, counted(20), Threshold(), Frozen(members=35, present=20, quorum_is_met=False))
    assert verdict.decision is Decision.INVALID


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), thresholds)
def test_another_vote_in_favour_never_turns_a_decision_against(yes: int, no: int, abstained: int, threshold: Threshold) -> None:
    frozen = Frozen(members=200, present=160, quorum_is_met=True)
    before = decide(VoteKind.NAMED, counted(yes, no, abstained), threshold, frozen)
    after = decide(VoteKind.NAMED, counted(yes + 1, no, abstained), threshold, frozen)
    assert after.got - after.needed >= before.got - before.needed
    assert not (before.decision is Decision.PASSED and after.decision is Decision.REJECTED)


# Elections and options


def elected(
    counts: dict[str, int], *, seats: int = 2, collected: int = 20
) -> tuple[Decision, tuple[str, ...], tuple[str, ...]]:
    verdict = decide(VoteKind.ELECTION, Tally(counts, collected), Threshold(base=MajorityBase.COLLECTED), FULL, seats=seats)
    return verdict.decision, verdict.chosen, verdict.tied


def test_elected_is_who_has_more_than_half_of_the_ballots_collected_the_highest_first() -> None:
    assert elected({"a": 11, "b": 15, "c": 12, "d": 2}) == (Decision.PASSED, ("b", "c"), ())


def test_a_seat_stays_empty_if_nobody_else_has_more_than_half() -> None:
    assert elected({"a": 10, "b": 15, "c": 4, "d": 2}) == (Decision.REJECTED, ("b",), ())


def test_a_tie_at_the_last_seat_is_reported_and_never_broken() -> None:
    assert elected({"a": 12, "b": 15, "c": 12, "d": 2}) == (Decision.REJECTED, ("b",), ("a", "c"))
    assert elected({"a": 12, "b": 12, "c": 12, "d": 2}) == (Decision.REJECTED, (), ("a", "b", "c"))


def test_a_tie_above_the_last_seat_hurts_nobody() -> None:
    assert elected({"a": 12, "b": 12, "c": 11, "d": 2}) == (Decision.PASSED, ("a", "b"), ())


def test_after_a_round_that_left_seats_open_those_stand_again_who_were_not_elected() -> None:
    verdict = decide(VoteKind.ELECTION, Tally({"a": 12, "b": 15, "c": 12, "d": 2}, 20), ELECTION_THRESHOLD, FULL, seats=2)
    assert next_round(VoteKind.ELECTION, "abcd", 2, verdict) == NextRound(("a", "c", "d"), 1)


def test_of_options_those_stand_again_that_were_level_at_the_top() -> None:
    half = Threshold(Fraction(1, 4), base=MajorityBase.COLLECTED)
    verdict = decide(VoteKind.OPTIONS, Tally({"7": 9, "8": 9, "9": 2, "abstain": 0}, 20), half, FULL)
    assert next_round(VoteKind.OPTIONS, "789", 1, verdict) == NextRound(("7", "8"), 1)


def test_without_a_quorum_all_stand_again_and_after_a_decision_nobody() -> None:
    away = replace(FULL, quorum_is_met=False)
    for frozen, again in ((away, NextRound(("a", "b"), 1)), (FULL, None)):
        verdict = decide(VoteKind.ELECTION, Tally({"a": 12, "b": 8}, 20), ELECTION_THRESHOLD, frozen)
        assert next_round(VoteKind.ELECTION, "ab", 1, verdict) == again


def test_of_options_the_one_with_the_majority_wins_and_abstaining_is_none() -> None:
    verdict = decide(VoteKind.OPTIONS, Tally({"7": 18, "8": 9, "abstain": 6}, 33), Threshold(), FULL)
    assert (verdict.decision, verdict.chosen, verdict.got) == (Decision.PASSED, ("7",), 18)
    verdict = decide(VoteKind.OPTIONS, Tally({"7": 5, "8": 4, "abstain": 24}, 33), Threshold(), FULL)
    assert (verdict.decision, verdict.chosen) == (Decision.REJECTED, ())


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20), min_size=1), st.integers(1, 4))
def test_nobody_is_elected_before_somebody_with_more_votes(counts: dict[str, int], seats: int) -> None:
    _, chosen, tied = elected(counts, seats=seats)
    assert len(chosen) <= seats
    left = set(counts) - set(chosen)
    assert all(counts[one] > counts[other] or len(left) == 0 for one in chosen for other in tied)
    assert all(counts[one] >= counts[other] for one in chosen for other in left)


# Paper, and secrecy


@pytest.mark.parametrize(
    ("counted", "problem"),
    [
        (Tally({"for": 6, "against": 2, "abstain": 1}, 10, 0), "sum"),
        (Tally({"for": 6, "against": 2, "abstain": 4}, 12, 0), "over_given"),
        (Tally({"for": -1, "against": 2, "abstain": 1}, 2, 0), "negative"),
    ],
)
def test_a_count_that_no_heap_of_paper_gives_is_refused(counted: Tally, problem: str) -> None:
    with pytest.raises(PaperCountWrong) as refused:
        check_paper_count(QUESTION, counted, given=11)
    assert refused.value.problem == problem


def test_on_a_list_nobody_has_more_than_there_are_valid_ballots() -> None:
    check_paper_count(LIST, Tally({"a": 9, "b": 8, "c": 1, "d": 0}, 10, 1), given=10)
    for counts in ({"a": 10, "b": 3, "c": 0, "d": 0}, {"a": 9, "b": 9, "c": 1, "d": 0}, {"a": 2, "b": 1, "c": 0, "d": 0}):
        with pytest.raises(PaperCountWrong):
            check_paper_count(LIST, Tally(counts, 10, 1), given=10)


@given(forms, st.lists(st.sets(st.sampled_from("abcdefgh")), max_size=20))
def test_whatever_ballots_give_is_a_possible_count(form: BallotForm, cast: list[set[str]]) -> None:
    check_paper_count(form, tally(form, cast), given=len(cast))


def test_few_voters_or_all_of_one_mind_are_warned_of() -> None:
    assert secrecy_warnings(counted(20, 3)) == []
    assert secrecy_warnings(counted(2, 2)) == ["few"]
    assert secrecy_warnings(counted(20)) == ["unanimous"]
    assert secrecy_warnings(counted(0)) == []


# Every kind has its own ballot, decision and secrecy: a new one fails here until it is given them


def test_each_kind_has_its_ballot() -> None:
    assert {kind: ballot_form(kind, ["7", "8"], seats=2) for kind in VoteKind} == {
        VoteKind.NAMED: BallotForm(("for", "against", "abstain")),
        VoteKind.SECRET: BallotForm(("for", "against", "abstain")),
        VoteKind.ELECTION: BallotForm(("7", "8"), 2),
        VoteKind.OPTIONS: BallotForm(("7", "8", "abstain")),
    }


def test_a_question_is_never_won_by_those_against() -> None:
    assert {kind: decide(kind, counted(1, 30), Threshold(), FULL).decision for kind in VoteKind} == dict.fromkeys(
        (VoteKind.NAMED, VoteKind.SECRET, VoteKind.ELECTION, VoteKind.OPTIONS), Decision.REJECTED
    )


def test_each_kind_is_secret_or_named_or_as_it_is_asked() -> None:
    assert {kind: (keeps_secret(kind, is_asked=False), keeps_secret(kind, is_asked=True)) for kind in VoteKind} == {
        VoteKind.NAMED: (False, False),
        VoteKind.SECRET: (True, True),
        VoteKind.ELECTION: (True, True),
        VoteKind.OPTIONS: (False, True),
    }
