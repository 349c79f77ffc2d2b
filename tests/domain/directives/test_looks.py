"""How far a file of the registers was looked through, and what may leave."""

from itertools import permutations

import pytest

from domain.archive.work import Standing
from domain.directives.looks import WITHHOLDABLE, FileNotLookedThrough, Look, check_may_leave, gravest, look_of

ALONE = {  # what is known of bytes by the one document that has them
    Standing.ARRIVING: Look.WAITING,
    Standing.WAITING: Look.WAITING,
    Standing.READING: Look.WAITING,
    Standing.READ: Look.CLEAR,
    Standing.UNMEASURED: Look.CLEAR,
    Standing.PARTLY: Look.CLEAR,
    Standing.GAPS: Look.CLEAR,  # each page was looked at, though not each was read
    Standing.FAILED: Look.UNREADABLE,
    Standing.CANCELLED: Look.UNREADABLE,
    Standing.SET_ASIDE: Look.SET_ASIDE,
    Standing.DESTROYED: Look.WAITING,
}
MAY_LEAVE = {
    Look.TYPED_ONLY: True,
    Look.CLEAR: True,
    Look.UNREADABLE: False,
    Look.WAITING: False,
    Look.SET_ASIDE: False,
}


def test_each_standing_says_what_is_known_of_the_file() -> None:
    assert {standing: look_of([standing]) for standing in Standing} == ALONE
    assert look_of([]) is Look.TYPED_ONLY  # nothing of it can be looked at


@pytest.mark.parametrize(
    ("standings", "look"),
    [
        ((Standing.READ, Standing.SET_ASIDE, Standing.WAITING), Look.SET_ASIDE),  # one mark is enough
        ((Standing.GAPS, Standing.FAILED, Standing.WAITING), Look.CLEAR),  # the same bytes were looked at once
        ((Standing.FAILED, Standing.READING), Look.WAITING),
        ((Standing.FAILED, Standing.CANCELLED), Look.UNREADABLE),
    ],
)
def test_of_several_documents_with_the_same_bytes_the_order_does_not_matter(
    standings: tuple[Standing, ...], look: Look
) -> None:
    assert {look_of(some) for some in permutations(standings)} == {look}


def test_files_that_go_together_are_as_doubtful_as_the_worst_of_them() -> None:
    rising = [Look.TYPED_ONLY, Look.CLEAR, Look.UNREADABLE, Look.WAITING, Look.SET_ASIDE]
    assert [gravest(rising[: count + 1][::-1]) for count in range(5)] == rising
    assert rising == list(Look)
    assert gravest([]) is Look.TYPED_ONLY


@pytest.mark.parametrize("look", Look)
def test_only_what_was_looked_through_leaves_and_the_refusal_says_how_it_stands(look: Look) -> None:
    if MAY_LEAVE[look]:
        check_may_leave(look)
    else:
        with pytest.raises(FileNotLookedThrough) as refused:
            check_may_leave(look)
        assert refused.value.look is look


def test_a_person_can_have_set_aside_what_the_worker_knows_and_has_not_set_aside() -> None:
    assert {Look.CLEAR, Look.WAITING, Look.UNREADABLE} == WITHHOLDABLE
