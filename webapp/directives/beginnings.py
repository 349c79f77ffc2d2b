"""What a draft may begin from, when its address says so: whoever knows such a thing adds it here, in its module.

@beginning
def task(session: Session) -> Beginning | None: ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from storage.directives.outgoing import OutgoingDocument


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the form of the draft begins with, and the act that links the draft once it is written."""

    values: dict[str, Any]
    link: Callable[[OutgoingDocument], None]


Find = Callable[[Session], Beginning | None]
BEGINNINGS: list[Find] = []


def beginning(find: Find) -> Find:
    """Have a function say what the address names, None if that is nothing of its kind."""
    BEGINNINGS.append(find)
    return find


def beginning_asked_for(session: Session) -> Beginning | None:
    """What the draft at this address begins from, None for an empty one."""
    return next((found for find in BEGINNINGS if (found := find(session))), None)
