"""Who may know of a document: each bears one audience, each person belongs to some, and every query is filtered by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.people.roles import Permission


class Access(StrEnum):
    """The mode of use of a document (TT 05/2025, `mode`). The third mode of that list, secret, never enters this system."""

    OPEN = "open"
    RESTRICTED = "restricted"


def audience_of(access: Access, unit_id: int | None, circle: str = "") -> str:
    """The audience that a document bears; a paper with a circle of its own (a meeting's) bears that and no other.

    >>> audience_of(Access.RESTRICTED, 7), audience_of(Access.RESTRICTED, None), audience_of(Access.OPEN, 7)
    ('unit:7', 'restricted', 'open')
    """
    if circle:
        return circle
    if access is Access.OPEN:
        return "open"
    return "restricted" if unit_id is None else f"unit:{unit_id}"


@dataclass(frozen=True, slots=True)
class Reach:
    """The units that a person has to do with: where the person has a seat, those it acts for with all that belong to them, and every
    unit there is; and whether the person acts for the province."""

    own: Iterable[int]
    below: Iterable[int] = ()
    every: Iterable[int] = ()
    is_of_province: bool = False


def audiences_for(permissions: frozenset[Permission], reach: Reach) -> frozenset[str]:
    """The audiences that a person belongs to: the open one, the own units', and by the person's permissions those of units below, or
    of all. A restricted paper of no unit is the province's.

    >>> sorted(audiences_for(frozenset({Permission.FIND}), Reach([3], below=[3, 4])))
    ['open', 'unit:3']
    """
    if Permission.FIND not in permissions:
        return frozenset()
    units, sees_unassigned = set(reach.own), Permission.SEE_RESTRICTED in permissions
    if Permission.SEE_RESTRICTED_BELOW in permissions:
        units |= set(reach.below)
        sees_unassigned |= reach.is_of_province
    if Permission.SEE_RESTRICTED in permissions:
        units |= set(reach.every)
    return frozenset({"open", *(["restricted"] if sees_unassigned else []), *(f"unit:{unit}" for unit in units)})


REGISTERS_CIRCLE = "registers"  # the audience of files of the registers: nobody's, so no search finds them


def circle_of(meeting_id: int, item_id: int | None) -> str:
    """The audience of a published paper of a meeting: whoever may see its item, or the whole meeting.

    >>> circle_of(3, 7), circle_of(3, None)
    ('meeting:3:item:7', 'meeting:3')
    """
    return f"meeting:{meeting_id}" if item_id is None else f"meeting:{meeting_id}:item:{item_id}"


def preparing_circle(meeting_id: int) -> str:
    """The audience of a paper that only those who prepare the meeting may see."""
    return f"meeting:{meeting_id}:preparing"


def past_circle(meeting_id: int) -> str:
    """The audience of versions that a newer one has replaced: no search finds them."""
    return f"meeting:{meeting_id}:past"


def circles_for(meeting_id: int, items: Iterable[int], *, sees_whole: bool, prepares: bool) -> frozenset[str]:
    """The audiences of a meeting that somebody belongs to, who may see these items.

    >>> sorted(circles_for(3, [7], sees_whole=False, prepares=False))
    ['meeting:3:item:7']
    """
    whole = {circle_of(meeting_id, None)} if sees_whole else set()
    preparing = {preparing_circle(meeting_id)} if prepares else set()
    return frozenset({circle_of(meeting_id, item) for item in items} | whole | preparing)
