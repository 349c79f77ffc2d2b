"""The states of a meeting, and what each part in it may do."""

import pytest

from domain.ground.errors import StepNotAllowed
from domain.meetings.meetings import (
    ANNOUNCED,
    WHOLLY_INVITED,
    MeetingState,
    Part,
    PartRefused,
    Place,
    Right,
    Step,
    check_place,
    rights_of,
    take,
)


def test_a_meeting_goes_from_draft_to_closed() -> None:
    state = MeetingState.DRAFT
    for step in (Step.CONVENE, Step.OPEN, Step.ADJOURN, Step.RESUME, Step.CLOSE):
        state = take(state, step)
    assert state is MeetingState.CLOSED


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (MeetingState.DRAFT, Step.OPEN),  # nobody was invited
        (MeetingState.CONVENED, Step.CLOSE),
        (MeetingState.OPEN, Step.CANCEL),  # what has begun is closed, not cancelled
        (MeetingState.CLOSED, Step.RESUME),
        (MeetingState.CANCELLED, Step.CONVENE),
    ],
)
def test_other_steps_are_refused(state: MeetingState, step: Step) -> None:
    with pytest.raises(StepNotAllowed):
        take(state, step)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", [MeetingState.CLOSED, MeetingState.CANCELLED])
def test_nothing_leads_out_of_an_end(state: MeetingState, step: Step) -> None:
    with pytest.raises(StepNotAllowed):
        take(state, step)


def test_only_who_sits_in_the_chairs_seat_presides() -> None:
    assert Right.PRESIDE not in rights_of(Part.CHAIR, has_vote=True, presides=False)
    assert Right.PRESIDE in rights_of(Part.SECRETARY, has_vote=False, presides=True)


@pytest.mark.parametrize(
    ("part", "may"), [(Part.CHAIR, True), (Part.DEPUTY, True), (Part.SECRETARY, True), (Part.MEMBER, False)]
)
def test_chair_deputies_and_secretary_may_take_the_seat(part: Part, may: bool) -> None:
    assert (Right.TAKE_SEAT in rights_of(part, has_vote=True, presides=False)) is may


def test_a_guest_never_votes() -> None:
    assert Right.VOTE not in rights_of(Part.GUEST, has_vote=True, presides=False)


def test_without_a_vote_nobody_votes() -> None:
    assert all(Right.VOTE not in rights_of(part, has_vote=False, presides=True) for part in Part)


def test_every_state_is_announced_but_a_draft_and_what_was_called_off() -> None:
    assert sorted([*ANNOUNCED, MeetingState.DRAFT, MeetingState.CANCELLED]) == sorted(MeetingState)


def test_every_part_is_invited_to_the_whole_meeting_but_a_guest() -> None:
    assert sorted([*WHOLLY_INVITED, Part.GUEST]) == sorted(Part)


MEMBER, GUEST = Place(Part.MEMBER, True), Place(Part.GUEST, False)


def test_a_vote_belongs_to_whoever_has_one_in_the_body() -> None:
    for state in MeetingState:
        with pytest.raises(PartRefused, match="not_of_body"):
            check_place(state, None, MEMBER, votes_in_body=False, presides=True)
        check_place(state, None, GUEST, votes_in_body=False, presides=False)


@pytest.mark.parametrize("part", [Part.CHAIR, Part.DEPUTY, Part.SECRETARY])
def test_before_the_meeting_who_prepares_it_appoints_whom_it_needs(part: Part) -> None:
    for state in (MeetingState.DRAFT, MeetingState.CONVENED):
        check_place(state, MEMBER, Place(part, True), votes_in_body=True, presides=False)


@pytest.mark.parametrize("state", [MeetingState.OPEN, MeetingState.ADJOURNED])
@pytest.mark.parametrize(
    ("before", "after", "presides", "problem"),
    [
        (None, Part.CHAIR, True, "chair_fixed"),
        (Part.MEMBER, Part.CHAIR, True, "chair_fixed"),
        (Part.CHAIR, Part.MEMBER, True, "chair_fixed"),
        (None, Part.DEPUTY, False, "not_presiding"),
        (Part.MEMBER, Part.SECRETARY, False, "not_presiding"),
        (Part.DEPUTY, Part.MEMBER, False, "not_presiding"),
        (Part.MEMBER, Part.SECRETARY, True, ""),
        (Part.DEPUTY, Part.MEMBER, True, ""),
        (Part.MEMBER, Part.MEMBER, False, ""),
        (None, Part.MEMBER, False, ""),
    ],
)
def test_once_it_is_open_who_presides_appoints_and_the_seat_makes_the_chair(
    state: MeetingState, before: Part | None, after: Part, presides: bool, problem: str
) -> None:
    former = Place(before, True) if before else None
    if not problem:
        check_place(state, former, Place(after, True), votes_in_body=True, presides=presides)
        return
    with pytest.raises(PartRefused, match=problem):
        check_place(state, former, Place(after, True), votes_in_body=True, presides=presides)


@pytest.mark.parametrize("had", [True, False])
def test_once_it_is_open_no_vote_is_given_or_taken(had: bool) -> None:
    with pytest.raises(PartRefused, match="vote_fixed"):
        check_place(MeetingState.OPEN, Place(Part.MEMBER, had), Place(Part.MEMBER, not had), votes_in_body=True, presides=True)
