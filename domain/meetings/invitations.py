"""Calling people to a meeting as rules: what must stand before the invitation goes out, when it is late, when to remind."""

import re
from datetime import date, datetime, timedelta
from typing import Literal

from domain.ground.calendars import add_working_days
from domain.ground.errors import RuleError

NOTICE_DAYS = 3  # working days that a regular meeting is called ahead (QĐ 45/2018/QĐ-TTg, art. 10)

_INVITATION_NUMBER = re.compile(r"\d{1,5}[a-zđ]?/GM-[A-ZĐ]+(-[A-ZĐ]+)*")


InvitationMail = Literal["invitation", "move", "cancellation", "dropped", "uninvitation", "reminder"]
ConveningProblem = Literal["no_rules", "no_chair", "no_secretary", "no_voters", "no_place", "in_the_past"]


class ConveningRefused(RuleError):
    """The invitation cannot go out."""

    problem: ConveningProblem


HeadProblem = Literal["no_chair", "no_secretary"]


class HeadMissing(RuleError):
    """People have been called to the meeting: it keeps a chair and a secretary."""

    problem: HeadProblem


class RulesInUse(RuleError):
    """Rules by which a meeting has been convened are never changed; new ones are recorded from a later day."""


def is_invitation_number(text: str) -> bool:
    """Whether the text is number and symbol of an invitation (giấy mời).

    >>> is_invitation_number("12/GM-LĐLĐ"), is_invitation_number("12/KH-LĐLĐ")
    (True, False)
    """
    return _INVITATION_NUMBER.fullmatch(text) is not None


def is_late(called: date, meets: date) -> bool:
    """Whether less than NOTICE_DAYS working days lie between the call and the meeting.

    >>> is_late(date(2026, 11, 19), date(2026, 11, 24)), is_late(date(2026, 11, 20), date(2026, 11, 24))
    (False, True)
    """
    return add_working_days(called, NOTICE_DAYS) > meets


def is_reminder_due(starts_at: datetime, hours_before: int, at: datetime) -> bool:
    """Whether those who have not answered are reminded at that moment; 0 hours: never by itself.

    >>> start = datetime(2026, 11, 25, 8)
    >>> is_reminder_due(start, 24, datetime(2026, 11, 24, 8)), is_reminder_due(start, 24, datetime(2026, 11, 24, 7, 59))
    (True, False)
    """
    return hours_before > 0 and starts_at - timedelta(hours=hours_before) <= at < starts_at
