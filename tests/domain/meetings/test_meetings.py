"""The states of a meeting, and what each part in it may do."""

import pytest

from domain.ground.errors import StepNotAllowed
from domain.meetings.meetings import ANNOUNCED, WHOLLY_INVITED, MeetingState, Part, Right, Step, rights_of, take


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
