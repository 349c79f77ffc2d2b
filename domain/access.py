"""Who may know of a document: each bears one audience, each person belongs to some, and every query is filtered by them."""

from collections.abc import Iterable
from enum import StrEnum

from domain.roles import Permission


class Access(StrEnum):
    """The mode of use of a document (TT 05/2025, `mode`). The third mode of that list, secret, never enters this system."""

    OPEN = "open"
    RESTRICTED = "restricted"


def audience_of(access: Access, unit_id: int | None) -> str:
    """The audience that a document bears.

    >>> audience_of(Access.RESTRICTED, 7), audience_of(Access.RESTRICTED, None), audience_of(Access.OPEN, 7)
    ('unit:7', 'restricted', 'open')
    """
    if access is Access.OPEN:
        return "open"
    return "restricted" if unit_id is None else f"unit:{unit_id}"


def audiences_for(permissions: frozenset[Permission], own_units: Iterable[int], all_units: Iterable[int]) -> frozenset[str]:
    """The audiences that a person belongs to: the open one, the own units', and all for those who see restricted documents.

    >>> sorted(audiences_for(frozenset({Permission.FIND}), [3], [3, 4]))
    ['open', 'unit:3']
    """
    if Permission.FIND not in permissions:
        return frozenset()
    if Permission.SEE_RESTRICTED in permissions:
        return frozenset({"open", "restricted", *(f"unit:{unit}" for unit in all_units)})
    return frozenset({"open", *(f"unit:{unit}" for unit in own_units)})
