"""Calling people to a meeting as rules: what must stand before the invitation goes out, when it is late, whom a mail can reach,
and when mail is tried again.
"""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.ground.calendars import add_working_days
from domain.ground.errors import RuleError

NOTICE_DAYS = 3  # working days that a regular meeting is called ahead (QĐ 45/2018/QĐ-TTg, art. 10)

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_INVITATION_NUMBER = re.compile(r"\d{1,5}[a-zđ]?/GM-[A-ZĐ]+(-[A-ZĐ]+)*")
_LONGEST_WAIT = timedelta(hours=1)


class ConveningRefused(RuleError):
    """The invitation cannot go out. `problem` is one of: no_rules, no_chair, no_secretary, no_voters, no_place, in_the_past."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class HeadMissing(RuleError):
    """People have been called to the meeting: it keeps a chair and a secretary. `problem` is one of: no_chair, no_secretary."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class RulesInUse(RuleError):
    """Rules by which a meeting has been convened are never changed; new ones are recorded from a later day."""


class MailState(StrEnum):
    """Where a mail of the outbox stands."""

    WAITING = "waiting"
    SENT = "sent"  # the mail server has taken it
    FAILED = "failed"  # and will not be tried again by itself
    WITHDRAWN = "withdrawn"  # overtaken by a later one before it was sent


def is_address(login: str) -> bool:
    """Whether mail can be sent to somebody with this login.

    >>> is_address("lan@ldld.gialai.gov.vn"), is_address("vanthu")
    (True, False)
    """
    return _ADDRESS.fullmatch(login) is not None


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


def wait_after(tries: int) -> timedelta:
    """How long a mail waits after so many tries: a minute, doubled each time, an hour at most.

    >>> [int(wait_after(tries).total_seconds() // 60) for tries in (1, 2, 6, 7, 50)]
    [1, 2, 32, 60, 60]
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), _LONGEST_WAIT)
