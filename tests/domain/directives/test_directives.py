"""The life of an outgoing document, whom it is known to in each state, and what is claimed of it when it goes out; which kinds count."""

from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.directives import (
    COUNTED,
    IN_WORK,
    REGISTERED,
    KindCountsAlready,
    KindTerm,
    MonthNotOver,
    OutgoingState,
    OutgoingStep,
    check_month_is_over,
    check_term,
    claim_at_issue,
    is_taken,
    next_step,
    steps_from,
    take,
)
from domain.directives.issuance import Channel, Claim, Form
from domain.ground.errors import StepNotAllowed

S, T = OutgoingState, OutgoingStep

STEPS = {  # all ways that there are
    S.DRAFT: {T.SUBMIT: S.SUBMITTED, T.DROP: S.DROPPED},
    S.SUBMITTED: {T.APPROVE: S.APPROVED, T.RETURN: S.DRAFT, T.DROP: S.DROPPED},
    S.APPROVED: {T.NUMBER: S.NUMBERED, T.RETURN: S.DRAFT, T.DROP: S.DROPPED},
    S.NUMBERED: {T.SIGN: S.SIGNED, T.CANCEL: S.DROPPED},
    S.SIGNED: {T.ISSUE: S.ISSUED, T.CANCEL: S.DROPPED},
    S.ISSUED: {T.REVOKE: S.REVOKED, T.REPLACE: S.REPLACED},
    S.REVOKED: {T.REPLACE: S.REPLACED},
    S.REPLACED: {},
    S.DROPPED: {},
}


# The life of a document


@pytest.mark.parametrize("step", T)
@pytest.mark.parametrize("state", S)
def test_a_document_goes_these_ways_and_no_others(state: OutgoingState, step: OutgoingStep) -> None:
    assert (step in steps_from(state)) is (step in STEPS[state])
    if step in STEPS[state]:
        assert take(state, step) is STEPS[state][step]
    else:
        with pytest.raises(StepNotAllowed) as refused:
            take(state, step)
        assert (refused.value.state, refused.value.step) == (state, step)


def test_one_step_brings_it_nearer_to_its_issue() -> None:
    assert {state: next_step(state) for state in S} == {
        S.DRAFT: T.SUBMIT, S.SUBMITTED: T.APPROVE, S.APPROVED: T.NUMBER, S.NUMBERED: T.SIGN, S.SIGNED: T.ISSUE,
        S.ISSUED: None, S.REVOKED: None, S.REPLACED: None, S.DROPPED: None,
    }  # fmt: skip


def test_what_has_a_number_is_never_dropped_in_silence() -> None:
    numbered = {state for state in S if T.CANCEL in steps_from(state)}
    assert numbered == {S.NUMBERED, S.SIGNED}
    assert all(T.DROP not in steps_from(state) for state in REGISTERED)


def test_a_step_that_was_taken_already_is_known_and_one_that_was_taken_back_is_not() -> None:
    assert is_taken(S.NUMBERED, T.NUMBER)
    assert not is_taken(S.APPROVED, T.NUMBER)
    assert not is_taken(S.SIGNED, T.NUMBER)  # something was done since


def test_every_state_is_in_work_registered_or_given_up() -> None:
    assert sorted([*IN_WORK, *REGISTERED, S.DROPPED]) == sorted(S)
    assert {S.ISSUED, S.REVOKED} == COUNTED


# What is claimed


BOTH, PAPER = Claim(Form.ELECTRONIC, True, True), Claim(Form.PAPER, False, True)


@pytest.mark.parametrize(
    ("signed", "channel", "is_paper_too", "claimed"),
    [
        (BOTH, Channel.SYSTEM, False, Claim(Form.ELECTRONIC, True, True, Channel.SYSTEM)),
        (BOTH, Channel.EMAIL, True, Claim(Form.BOTH, True, True, Channel.EMAIL)),
        (BOTH, Channel.POST, False, Claim(Form.PAPER, False, False, Channel.POST)),  # what is printed bears no signature
        (PAPER, Channel.SYSTEM, False, Claim(Form.PAPER, False, True, Channel.SYSTEM)),  # its scan is a copy
        (PAPER, Channel.AXIS, True, Claim(Form.PAPER, False, True, Channel.AXIS)),
        (Claim(), Channel.SYSTEM, False, Claim(Form.ELECTRONIC, None, None, Channel.SYSTEM)),
        (Claim(Form.BOTH, True), Channel.CHAT, False, Claim(Form.ELECTRONIC, True, None, Channel.CHAT)),
    ],
)
def test_a_document_leaves_as_it_was_signed_and_as_its_way_allows(
    signed: Claim, channel: Channel, is_paper_too: bool, claimed: Claim
) -> None:
    assert claim_at_issue(signed, channel, is_paper_too=is_paper_too) == claimed


def test_what_goes_by_a_new_channel_leaves_as_paper() -> None:
    courier = cast(Any, "courier")
    assert claim_at_issue(BOTH, courier, is_paper_too=False) == Claim(Form.PAPER, False, False, courier)


def test_an_original_of_a_new_form_leaves_as_a_copy() -> None:
    signed = Claim(cast(Any, "microfilm"), True, True)
    assert claim_at_issue(signed, Channel.SYSTEM, is_paper_too=False).form is Form.PAPER


# Which kinds count


PLANS = KindTerm("Kế hoạch", date(2020, 1, 1), date(2020, 12, 31))
TERMS = st.builds(KindTerm, st.sampled_from(["Kế hoạch", "Công văn"]), st.dates(), st.one_of(st.none(), st.dates()))


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (KindTerm("Kế hoạch", date(2020, 12, 31)), True),  # both days are included
        (KindTerm("Kế hoạch", date(2021, 1, 1)), False),
        (KindTerm("Kế hoạch", date(2019, 1, 1), date(2020, 1, 1)), True),
        (KindTerm("Kế hoạch", date(2019, 1, 1), date(2019, 12, 31)), False),
        (KindTerm("Kế hoạch", date(2019, 1, 1)), True),
        (KindTerm("Công văn", date(2020, 6, 1)), False),
    ],
)
def test_a_kind_is_said_once_for_each_day(other: KindTerm, meets: bool) -> None:
    assert (PLANS.meets(other), other.meets(PLANS)) == (meets, meets)
    if meets:
        with pytest.raises(KindCountsAlready) as refused:
            check_term(other, [KindTerm("Quyết định", date(2019, 1, 1)), PLANS])
        assert (refused.value.kind, refused.value.first, refused.value.last) == (PLANS.kind, PLANS.first, PLANS.last)
    else:
        check_term(other, [PLANS])


@given(TERMS, TERMS)
def test_two_terms_meet_each_other_or_neither_does(one: KindTerm, other: KindTerm) -> None:
    assert one.meets(other) is other.meets(one)


@pytest.mark.parametrize(
    ("today", "is_over"),
    [(date(2026, 2, 27), False), (date(2026, 2, 28), False), (date(2026, 3, 1), True)],
)
def test_a_month_is_complete_once_its_last_day_has_passed(today: date, is_over: bool) -> None:
    if is_over:
        check_month_is_over(2026, 2, today)
    else:
        with pytest.raises(MonthNotOver) as refused:
            check_month_is_over(2026, 2, today)
        assert (refused.value.year, refused.value.number) == (2026, 2)
