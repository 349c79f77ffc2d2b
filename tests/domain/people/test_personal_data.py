from datetime import date

import pytest

from domain.ground.errors import StepNotAllowed
from domain.people.personal_data import Deadlines, RequestState, Wish, check_step, deadlines, is_late

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("wish", "done"),
    [
        (Wish.CORRECT, date(2026, 12, 7)),
        (Wish.PROVIDE, date(2026, 12, 7)),
        (Wish.RESTRICT, date(2026, 12, 12)),
        (Wish.DELETE, date(2026, 12, 17)),
    ],
)
def test_each_wish_has_its_term_and_the_first_answer_takes_two_working_days(wish: Wish, done: date) -> None:
    assert deadlines(wish, FRIDAY) == Deadlines(first_answer=date(2026, 12, 1), done=done)


def test_a_holiday_is_no_working_day() -> None:
    assert deadlines(Wish.CORRECT, date(2026, 4, 29)).first_answer == date(2026, 5, 5)  # 30/4, 1/5 and a weekend lie between


def test_a_term_is_prolonged_by_as_many_days() -> None:
    assert deadlines(Wish.RESTRICT, FRIDAY, is_prolonged=True).done == date(2026, 12, 27)


@pytest.mark.parametrize("step", [RequestState.ACCEPTED, RequestState.DONE, RequestState.REFUSED])
@pytest.mark.parametrize("ended", [RequestState.DONE, RequestState.REFUSED])
def test_what_has_ended_stays_so(ended: RequestState, step: RequestState) -> None:
    with pytest.raises(StepNotAllowed):
        check_step(ended, step)


@pytest.mark.parametrize("state", list(RequestState))
def test_nothing_becomes_new_again(state: RequestState) -> None:
    with pytest.raises(StepNotAllowed):
        check_step(state, RequestState.NEW)


@pytest.mark.parametrize(
    ("state", "day", "late"),
    [
        (RequestState.NEW, date(2026, 12, 1), False),
        (RequestState.NEW, date(2026, 12, 2), True),
        (RequestState.ACCEPTED, date(2026, 12, 7), False),
        (RequestState.ACCEPTED, date(2026, 12, 8), True),
        (RequestState.DONE, date(2027, 1, 1), False),
        (RequestState.REFUSED, date(2027, 1, 1), False),
    ],
)
def test_the_office_is_late_with_what_it_owes_next(state: RequestState, day: date, late: bool) -> None:
    assert is_late(state, deadlines(Wish.CORRECT, FRIDAY), day) is late
