"""How far a file of the registers was looked through for marks of secrecy, and when it may leave. Looking is the work of the worker."""

from collections.abc import Iterable
from enum import StrEnum

from domain.archive.work import LOOKED_THROUGH, Standing
from domain.ground.errors import RuleError


class Look(StrEnum):
    """What is known of a file."""

    TYPED_ONLY = "typed_only"  # no page of it can be looked at, as in a Word file: its text was read when it came
    CLEAR = "clear"  # each page was looked at, and no mark was seen
    UNREADABLE = "unreadable"
    WAITING = "waiting"
    SET_ASIDE = "set_aside"  # it may bear a mark: a person decides


_MAY_LEAVE = frozenset({Look.TYPED_ONLY, Look.CLEAR})
WITHHOLDABLE = frozenset({Look.CLEAR, Look.WAITING, Look.UNREADABLE})  # what a person can still have set aside
_GIVEN_UP = frozenset({Standing.FAILED, Standing.CANCELLED})


class FileNotLookedThrough(RuleError):
    """The file was not looked through to its end, or something was seen."""

    look: Look


def look_of(standings: Iterable[Standing]) -> Look:
    """What is known of bytes by the standings of all documents that have them; one that was read speaks for the others.

    >>> look_of([Standing.READ, Standing.WAITING]), look_of([Standing.READ, Standing.SET_ASIDE]), look_of([])
    (<Look.CLEAR: 'clear'>, <Look.SET_ASIDE: 'set_aside'>, <Look.TYPED_ONLY: 'typed_only'>)
    """
    found = set(standings)
    if Standing.SET_ASIDE in found:
        return Look.SET_ASIDE
    if found & LOOKED_THROUGH:
        return Look.CLEAR
    if found - _GIVEN_UP:
        return Look.WAITING
    return Look.UNREADABLE if found else Look.TYPED_ONLY


def gravest(looks: Iterable[Look]) -> Look:
    """What is known of files that go together.

    >>> gravest([Look.TYPED_ONLY, Look.WAITING, Look.CLEAR])
    <Look.WAITING: 'waiting'>
    """
    return max(looks, key=list(Look).index, default=Look.TYPED_ONLY)


def check_may_leave(look: Look) -> None:
    """Raises FileNotLookedThrough for what may not be sent, or shown to others than those who keep it."""
    if look not in _MAY_LEAVE:
        raise FileNotLookedThrough(look)
