"""Mail as rules: where one stands, whom it can reach, and when it is tried again."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Literal

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LONGEST_WAIT = timedelta(hours=1)


class MailState(StrEnum):
    """Where a mail of the outbox stands."""

    WAITING = "waiting"
    SENT = "sent"  # the mail server has taken it
    FAILED = "failed"  # and will not be tried again by itself
    WITHDRAWN = "withdrawn"  # overtaken by a later one before it was sent


MailProblem = Literal[  # of the last try
    "server_away", "connection_lost", "sign_in_refused", "recipient_refused", "refused", "too_late", "unknown",
]  # fmt: skip


def is_address(login: str) -> bool:
    """Whether mail can be sent to somebody with this login.

    >>> is_address("lan@ldld.gialai.gov.vn"), is_address("vanthu")
    (True, False)
    """
    return _ADDRESS.fullmatch(login) is not None


def wait_after(tries: int) -> timedelta:
    """How long a mail waits after so many tries: a minute, doubled each time, an hour at most.

    >>> [int(wait_after(tries).total_seconds() // 60) for tries in (1, 2, 6, 7, 50)]
    [1, 2, 32, 60, 60]
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
