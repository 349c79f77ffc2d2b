"""Calling people to a meeting: the number of an invitation, when it is late, when to remind."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.meetings.invitations import is_invitation_number, is_late, is_reminder_due


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("12/GM-LĐLĐ", True),
        ("06b/GM-BCH", True),
        ("12/GM-LĐLĐ-VP", True),
        ("12/KH-LĐLĐ", False),
        ("12/GM", False),
        ("/GM-LĐLĐ", False),
        ("123456/GM-LĐLĐ", False),
        ("12/GM-lđlđ", False),
        ("12/GM-LĐLĐ ", False),
        ("12/GM-LĐLĐ\n", False),
        ("", False),
    ],
)
def test_an_invitation_bears_the_number_and_symbol_of_one(text: str, is_one: bool) -> None:
    assert is_invitation_number(text) is is_one


@pytest.mark.parametrize(
    ("called", "meets", "late"),
    [
        (date(2026, 11, 19), date(2026, 11, 24), False),  # Friday, Monday, Tuesday
        (date(2026, 11, 20), date(2026, 11, 24), True),
        (date(2026, 11, 21), date(2026, 11, 25), False),  # called on a Saturday
        (date(2026, 4, 28), date(2026, 5, 4), True),  # between them lie two holidays and a weekend
        (date(2026, 4, 28), date(2026, 5, 5), False),
        (date(2026, 11, 24), date(2026, 11, 24), True),
    ],
)
def test_a_meeting_is_called_three_working_days_ahead(called: date, meets: date, late: bool) -> None:
    assert is_late(called, meets) is late


STARTS, SECOND = datetime(2026, 11, 25, 1, 0, tzinfo=UTC), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("hours", "at", "is_due"),
    [
        (24, STARTS - timedelta(hours=24) - SECOND, False),
        (24, STARTS - timedelta(hours=24), True),
        (24, STARTS - SECOND, True),
        (1, STARTS - timedelta(hours=1), True),
        (24, STARTS, False),  # it has begun
        (0, STARTS - SECOND, False),  # never by itself
    ],
)
def test_who_has_not_answered_is_reminded_between_that_hour_and_the_beginning(hours: int, at: datetime, is_due: bool) -> None:
    assert is_reminder_due(STARTS, hours, at) is is_due
