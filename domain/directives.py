"""The life of an outgoing document: its states, the steps between them, and whom it is meant for. Its number is domain/numbering.py."""

from enum import StrEnum

from domain.errors import StepNotAllowed


class OutgoingState(StrEnum):
    """Where an outgoing document stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # waits for the one who is to sign it
    APPROVED = "approved"
    NUMBERED = "numbered"
    SIGNED = "signed"
    ISSUED = "issued"
    REVOKED = "revoked"  # was issued, and counts as such
    REPLACED = "replaced"  # another one stands in its place, and counts instead of it
    DROPPED = "dropped"  # a draft that was given up


class OutgoingStep(StrEnum):
    """What can be done with an outgoing document."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    NUMBER = "number"
    SIGN = "sign"
    ISSUE = "issue"
    REVOKE = "revoke"
    REPLACE = "replace"
    DROP = "drop"


_STEPS: dict[OutgoingStep, tuple[frozenset[OutgoingState], OutgoingState]] = {
    OutgoingStep.SUBMIT: (frozenset({OutgoingState.DRAFT}), OutgoingState.SUBMITTED),
    OutgoingStep.RETURN: (frozenset({OutgoingState.SUBMITTED, OutgoingState.APPROVED}), OutgoingState.DRAFT),
    OutgoingStep.APPROVE: (frozenset({OutgoingState.SUBMITTED}), OutgoingState.APPROVED),
    OutgoingStep.NUMBER: (frozenset({OutgoingState.APPROVED}), OutgoingState.NUMBERED),
    OutgoingStep.SIGN: (frozenset({OutgoingState.NUMBERED}), OutgoingState.SIGNED),
    OutgoingStep.ISSUE: (frozenset({OutgoingState.SIGNED}), OutgoingState.ISSUED),
    OutgoingStep.REVOKE: (frozenset({OutgoingState.ISSUED}), OutgoingState.REVOKED),
    OutgoingStep.REPLACE: (frozenset({OutgoingState.ISSUED}), OutgoingState.REPLACED),
    OutgoingStep.DROP: (
        frozenset({OutgoingState.DRAFT, OutgoingState.SUBMITTED, OutgoingState.APPROVED}),
        OutgoingState.DROPPED,
    ),
}

COUNTED = frozenset({OutgoingState.ISSUED, OutgoingState.REVOKED})  # states in which a document is part of a share


def take(state: OutgoingState, step: OutgoingStep) -> OutgoingState:
    """The state after the step; raises StepNotAllowed.

    >>> take(OutgoingState.SIGNED, OutgoingStep.ISSUE).value
    'issued'
    """
    before, after = _STEPS[step]
    if state not in before:
        raise StepNotAllowed(state, step)
    return after


def steps_from(state: OutgoingState) -> frozenset[OutgoingStep]:
    """The steps that lead on from the state."""
    return frozenset(step for step, (before, _after) in _STEPS.items() if state in before)


class Direction(StrEnum):
    """To whom a document is addressed; a letter is a directive only if it goes down."""

    DOWN = "down"
    UP = "up"
    ACROSS = "across"
