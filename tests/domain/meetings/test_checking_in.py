"""The code of the room, and when people may check in."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ground.errors import StepNotAllowed
from domain.meetings.checking_in import (
    TooEarly,
    check_attendance_open,
    check_in_code,
    check_self_check_in,
    is_shown,
    still_holds,
)
from domain.meetings.meetings import MeetingState

EIGHT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_a_code_is_taken_for_its_minute_and_one_more() -> None:
    code = check_in_code("secret", 1, EIGHT)
    assert is_shown(code, "secret", 1, EIGHT + timedelta(seconds=59))
    assert is_shown(code, "secret", 1, EIGHT + timedelta(seconds=119))
    assert not is_shown(code, "secret", 1, EIGHT + timedelta(seconds=120))
    assert not is_shown(code, "secret", 1, EIGHT - timedelta(seconds=1))


def test_a_code_opens_one_meeting_of_one_installation_only() -> None:
    code = check_in_code("secret", 1, EIGHT)
    assert not is_shown(code, "secret", 2, EIGHT)
    assert not is_shown(code, "another", 1, EIGHT)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "mã số", "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert not is_shown(typed, "secret", 1, EIGHT)


def test_people_check_themselves_in_from_two_hours_before() -> None:
    check_self_check_in(MeetingState.CONVENED, EIGHT, EIGHT - timedelta(hours=2))
    with pytest.raises(TooEarly) as early:
        check_self_check_in(MeetingState.CONVENED, EIGHT, EIGHT - timedelta(hours=2, seconds=1))
    assert early.value.opens_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def test_in_an_open_meeting_the_hour_does_not_matter() -> None:
    check_self_check_in(MeetingState.OPEN, EIGHT, EIGHT - timedelta(days=3))


@pytest.mark.parametrize("state", [MeetingState.DRAFT, MeetingState.CLOSED, MeetingState.CANCELLED])
def test_nobody_comes_or_goes_before_the_invitation_and_after_the_end(state: MeetingState) -> None:
    with pytest.raises(StepNotAllowed):
        check_attendance_open(state)


ON_ANOTHER_DAY = {  # whether a presence of yesterday that nobody has ended still holds
    MeetingState.DRAFT: False,  # nobody comes
    MeetingState.CONVENED: True,
    MeetingState.OPEN: True,
    MeetingState.ADJOURNED: False,
    MeetingState.CLOSED: True,
    MeetingState.CANCELLED: True,
}


def test_a_presence_ends_with_the_day_on_which_the_sitting_was_interrupted() -> None:
    assert {state: still_holds(state, EIGHT, EIGHT + timedelta(days=1)) for state in MeetingState} == ON_ANOTHER_DAY
    assert all(still_holds(state, EIGHT, EIGHT + timedelta(hours=9)) for state in MeetingState)
