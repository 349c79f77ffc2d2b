"""The errors that rules raise: small, carrying values, never sentences; those are in webapp/ground/errors.py."""

from typing import TypeVar


class RuleError(Exception):
    """The root of every refusal that comes from a rule."""


class NotFound(RuleError):
    """No such record, or none that this person may know of."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key


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

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class StepNotAllowed(RuleError):
    """The thing is in a state from which this step does not lead."""

    def __init__(self, state: str, step: str) -> None:
        super().__init__(state, step)
        self.state, self.step = state, step


class AlreadyExists(RuleError):
    """Another record bears this key."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key


class FileRefused(RuleError):
    """A file cannot be read. `reason` is one of `domain.archive.intake.Refusal`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail
