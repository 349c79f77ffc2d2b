"""How guessing at passwords is slowed: pure rules over counted failures, which are kept in storage/people/attempts.py.

The guess is slowed and never the person: nothing is locked, each try is looked at in its turn (docs/decisions/0026-signing-in.md).
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from domain.ground.errors import RuleError

WINDOW = timedelta(minutes=15)  # failures older than this are forgotten
FREE_OF_LOGIN = 5  # somebody who has forgotten the password rarely tries more often
FREE_OF_NETWORK = 30  # a whole office may share one address
LONGEST_PAUSE = timedelta(seconds=8)  # people wait for it at an open page
CODES = (
    10  # wrong codes of an app within WINDOW: with these a stranger who has the password needs a year for one chance in three
)
_ONE_HOUSEHOLD = 64  # the bits of an IPv6 address that are given out together (RFC 6177); who has one of them has all


class TooManyTries(RuleError):
    """So many tries wait already that another is not taken; after `wait` it may be."""

    wait: timedelta


class CodesExhausted(RuleError):
    """No more codes are taken for a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of the last WINDOW that concern one try of a device that is not known."""

    of_login: int = 0  # from anywhere
    of_network: int = 0  # whatever the login
    of_both: int = 0


def pause_before(failures: Failures) -> timedelta:
    """How long a try waits before it is looked at: nothing at first, then twice as long after each failure, up to LONGEST_PAUSE.

    >>> [pause_before(Failures(of_login=n)).seconds for n in (4, 5, 6, 7, 8, 500)]
    [0, 1, 2, 4, 8, 8]
    """
    beyond = max(failures.of_login - FREE_OF_LOGIN, failures.of_network - FREE_OF_NETWORK)
    return min(timedelta(seconds=2 ** min(beyond, 9)), LONGEST_PAUSE) if beyond >= 0 else timedelta(0)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 address; what is neither counts as it is.

    >>> network_of("2001:db8:1:2:a:b:c:d"), network_of("::ffff:192.0.2.7"), network_of("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7', '192.0.2.7')
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _ONE_HOUSEHOLD), strict=False))
