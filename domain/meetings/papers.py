"""Papers of a meeting as rules: the steps of a version from draft to publication, and which version members see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ground.errors import RuleError, StepNotAllowed


class PaperState(StrEnum):
    """Where a version of a paper stands."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    PUBLISHED = "published"  # frozen: whatever changes is a new version
    WITHDRAWN = "withdrawn"  # published by mistake; nobody but those who prepare sees it any more


class PaperStep(StrEnum):
    """What moves a version from state to state."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_STEPS = {
    (PaperState.DRAFTED, PaperStep.SUBMIT): PaperState.SUBMITTED,
    (PaperState.RETURNED, PaperStep.SUBMIT): PaperState.SUBMITTED,
    (PaperState.SUBMITTED, PaperStep.APPROVE): PaperState.APPROVED,
    (PaperState.SUBMITTED, PaperStep.RETURN): PaperState.RETURNED,
    (PaperState.APPROVED, PaperStep.RETURN): PaperState.RETURNED,
    (PaperState.APPROVED, PaperStep.PUBLISH): PaperState.PUBLISHED,
    (PaperState.PUBLISHED, PaperStep.WITHDRAW): PaperState.WITHDRAWN,
}


class ItemIsOnPaperOnly(RuleError):
    """A matter under secrecy: no paper of it may be kept here."""


class PaperNotChecked(RuleError):
    """The paper has not been read to its end, so nobody knows yet whether it bears a mark of secrecy."""


class ReasonMissing(RuleError):
    """A version is returned or withdrawn without a word why."""


def take(state: PaperState, step: PaperStep) -> PaperState:
    """The state that the step leads to; raises StepNotAllowed.

    >>> take(PaperState.APPROVED, PaperStep.PUBLISH).value
    'published'
    """
    if (state, step) not in _STEPS:
        raise StepNotAllowed(state, step)
    return _STEPS[state, step]


def steps_from(state: PaperState) -> list[PaperStep]:
    """The steps that can be taken now."""
    return [step for (here, step) in _STEPS if here is state]


@dataclass(frozen=True, slots=True)
class Published:
    """A published version and when it became that."""

    number: int
    at: datetime


def shown_version(published: Sequence[Published], taken_up_at: datetime | None) -> int | None:
    """The number of the version that members see: the last one, but once the item was taken up the last one of that moment.

    A paper that came only after that is shown as it is; None while nothing is published.

    >>> from datetime import UTC
    >>> first, late = (Published(n, datetime(2026, 11, 25, hour, tzinfo=UTC)) for n, hour in ((1, 1), (2, 3)))
    >>> shown_version([first, late], None), shown_version([first, late], datetime(2026, 11, 25, 2, tzinfo=UTC))
    (2, 1)
    """
    before = [one for one in published if taken_up_at is None or one.at <= taken_up_at]
    return max((one.number for one in before or published), default=None)
