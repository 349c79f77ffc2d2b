"""The errors that rules raise: small, carrying values, never sentences; those are in webapp/ground/errors.py."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform


@dataclass_transform(eq_default=False)
class RuleError(Exception):
    """The root of every refusal that comes from a rule; the fields that a refusal names are the values it carries."""

    def __init_subclass__(cls) -> None:
        dataclass(eq=False, repr=False)(cls)

    def __post_init__(self) -> None:
        self.args = tuple(vars(self).values())  # what an exception is printed with, and made again from by pickle


class NotFound(RuleError):
    """No such record, or none that this person may know of."""

    kind: str
    key: object


Found = TypeVar("Found")


def existing(found: Found | None, kind: str, key: object) -> Found:
    """What was found; raises NotFound where that is nothing.

    >>> existing("a row", "unit", 7)
    'a row'
    """
    if found is None:
        raise NotFound(kind, key)
    return found


class NotAllowed(RuleError):
    """The person may not do this."""

    permission: str


class AnotherPerson(RuleError):
    """What was sent is of somebody else than who is signed in on the device."""


class StepNotAllowed(RuleError):
    """The thing is in a state from which this step does not lead."""

    state: str
    step: str


class AlreadyExists(RuleError):
    """Another record bears this key."""

    kind: str
    key: object


class FileRefused(RuleError):
    """A file cannot be read. `reason` is one of `domain.archive.intake.Refusal`."""

    reason: str
    detail: str = ""
