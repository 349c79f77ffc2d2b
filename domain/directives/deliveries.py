"""What becomes of a document that was sent: how far a recipient is with it, and from when on that is late."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel
from domain.ground.calendars import add_working_days, holidays
from domain.ground.errors import RuleError

IN_INBOX = frozenset({Channel.SYSTEM, Channel.EMAIL})  # what a unit of ours finds in its inbox here
DELIVERABLE = frozenset({OutgoingState.SIGNED, OutgoingState.ISSUED})  # in the act of issuing it, and later
READ_WITHIN = (
    1  # working days: whoever receives a document registers and passes it on at the latest then (NĐ 30/2020, article 22)
)
REMIND_EVERY = timedelta(hours=1)  # a second press, or a second clerk, does not remind anew


class Progress(StrEnum):
    """How far a recipient is."""

    UNREAD = "unread"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"


class Lateness(StrEnum):
    """What a recipient is late with."""

    READING = "reading"
    ANSWERING = "answering"


class AddressMissing(RuleError):
    """A recipient is to get a mail, and nobody there has an address."""

    def __init__(self, recipient: str) -> None:
        super().__init__(recipient)
        self.recipient = recipient


def unread_since(today: date, free: Collection[date] | None = None) -> date:
    """The last day such that what was sent on it, or before, should have been read by yesterday.

    >>> unread_since(date(2026, 11, 24)).isoformat(), unread_since(date(2026, 11, 23)).isoformat()
    ('2026-11-22', '2026-11-19')
    """
    free = holidays(today.year) | holidays(today.year - 1) if free is None else free
    sent = today - timedelta(days=1)
    while add_working_days(sent, READ_WITHIN, free) >= today:
        sent -= timedelta(days=1)
    return sent


def lateness(*, is_read: bool, is_answered: bool, sent_on: date | None, due_on: date | None, today: date) -> Lateness | None:
    """What is late, the answer before the reading; None if nothing is. Nothing is due that was not asked for, or not sent.

    >>> lateness(is_read=True, is_answered=False, sent_on=date(2026, 11, 2), due_on=date(2026, 11, 20), today=date(2026, 11, 21)).value
    'answering'
    """
    if due_on is not None and not is_answered and due_on < today:
        return Lateness.ANSWERING
    if not is_read and sent_on is not None and sent_on <= unread_since(today):
        return Lateness.READING
    return None
