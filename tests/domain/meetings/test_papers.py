"""A version of a paper from draft to publication, and which version members see."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from domain.ground.errors import StepNotAllowed
from domain.meetings.papers import PaperState, PaperStep, Published, shown_version, steps_from, take

S, T = PaperState, PaperStep
STEPS = {  # all ways that there are
    S.DRAFTED: {T.SUBMIT: S.SUBMITTED},
    S.SUBMITTED: {T.APPROVE: S.APPROVED, T.RETURN: S.RETURNED},
    S.APPROVED: {T.RETURN: S.RETURNED, T.PUBLISH: S.PUBLISHED},
    S.RETURNED: {T.SUBMIT: S.SUBMITTED},
    S.PUBLISHED: {T.WITHDRAW: S.WITHDRAWN},  # frozen: whatever changes is a new version
    S.WITHDRAWN: {},
}


@pytest.mark.parametrize("step", T)
@pytest.mark.parametrize("state", S)
def test_a_version_goes_these_ways_and_no_others(state: PaperState, step: PaperStep) -> None:
    assert steps_from(state) == list(STEPS[state])
    if step in STEPS[state]:
        assert take(state, step) is STEPS[state][step]
    else:
        with pytest.raises(StepNotAllowed) as refused:
            take(state, step)
        assert (refused.value.state, refused.value.step) == (state, step)


EIGHT, NINE, TEN = (datetime(2026, 11, 25, hour, tzinfo=UTC) for hour in (1, 2, 3))


@pytest.mark.parametrize(
    ("published", "taken_up_at", "shown"),
    [
        ([], None, None),
        ([], NINE, None),
        ([(1, EIGHT), (2, TEN)], None, 2),
        ([(1, EIGHT), (2, TEN)], NINE, 1),  # nobody's paper changes under the discussion
        ([(1, EIGHT), (2, NINE)], NINE, 2),
        ([(1, TEN)], NINE, 1),  # it came only then: better than nothing
        ([(1, TEN), (2, TEN)], NINE, 2),
        ([(2, EIGHT), (3, NINE)], NINE, 3),  # the first was withdrawn
    ],
)
def test_members_see_the_last_version_of_the_moment_at_which_the_item_was_taken_up(
    published: list[tuple[int, datetime]], taken_up_at: datetime | None, shown: int | None
) -> None:
    for some in permutations(Published(number, at) for number, at in published):
        assert shown_version(some, taken_up_at) == shown
