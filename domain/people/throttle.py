"""How often one may try to sign in: a pure rule over the times of earlier failures, which are kept in storage/people/people.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.ground.errors import RuleError

WINDOW = timedelta(minutes=15)  # failures older than this are forgotten
FAILURES_OF_LOGIN = 5  # somebody who has forgotten the password rarely tries more often
FAILURES_OF_ADDRESS = 30  # a whole office may share one address


class TooManyTries(RuleError):
    """Signing in must wait."""

    wait: timedelta


def wait_before_trying(of_login: Sequence[datetime], of_address: Sequence[datetime], at: datetime) -> timedelta:
    """How long the next try must wait, zero if it need not; takes the times of the failures of the login and of the address.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    >>> wait_before_trying([noon] * 5, [noon] * 5, noon + timedelta(minutes=5))
    datetime.timedelta(seconds=600)
    """
    return max(_wait(of_login, FAILURES_OF_LOGIN, at), _wait(of_address, FAILURES_OF_ADDRESS, at))


def _wait(failures: Sequence[datetime], limit: int, at: datetime) -> timedelta:
    recent = sorted(moment for moment in failures if moment > at - WINDOW)
    if len(recent) < limit:
        return timedelta(0)
    return recent[-limit] + WINDOW - at
