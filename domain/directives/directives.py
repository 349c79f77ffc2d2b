"""The life of an outgoing document: its states, the steps between them, and whom it is meant for; which kinds count as directives; and
a unit's word that a month of its register is complete. Its number is domain/directives/numbering.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.archive.documents import LETTER
from domain.directives.issuance import BY_WIRE, ELECTRONIC, Channel, Claim, Form
from domain.ground.errors import RuleError, StepNotAllowed
from domain.ground.periods import month


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
    DROPPED = "dropped"  # given up before it was issued; a number that it had stays as a gap


class OutgoingStep(StrEnum):
    """What can be done with an outgoing document."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    NUMBER = "number"
    SIGN = "sign"
    ISSUE = "issue"
    REVOKE = "revoke"
    REPLACE = "replace"  # taken for it by the issue of the one that replaces it
    DROP = "drop"
    CANCEL = "cancel"  # give up what has a number: the number is not used again


_STEPS: dict[OutgoingStep, tuple[frozenset[OutgoingState], OutgoingState]] = {
    OutgoingStep.SUBMIT: (frozenset({OutgoingState.DRAFT}), OutgoingState.SUBMITTED),
    OutgoingStep.RETURN: (frozenset({OutgoingState.SUBMITTED, OutgoingState.APPROVED}), OutgoingState.DRAFT),
    OutgoingStep.APPROVE: (frozenset({OutgoingState.SUBMITTED}), OutgoingState.APPROVED),
    OutgoingStep.NUMBER: (frozenset({OutgoingState.APPROVED}), OutgoingState.NUMBERED),
    OutgoingStep.SIGN: (frozenset({OutgoingState.NUMBERED}), OutgoingState.SIGNED),
    OutgoingStep.ISSUE: (frozenset({OutgoingState.SIGNED}), OutgoingState.ISSUED),
    OutgoingStep.REVOKE: (frozenset({OutgoingState.ISSUED}), OutgoingState.REVOKED),
    OutgoingStep.REPLACE: (frozenset({OutgoingState.ISSUED, OutgoingState.REVOKED}), OutgoingState.REPLACED),
    OutgoingStep.DROP: (
        frozenset({OutgoingState.DRAFT, OutgoingState.SUBMITTED, OutgoingState.APPROVED}),
        OutgoingState.DROPPED,
    ),
    OutgoingStep.CANCEL: (frozenset({OutgoingState.NUMBERED, OutgoingState.SIGNED}), OutgoingState.DROPPED),
}

COUNTED = frozenset({OutgoingState.ISSUED, OutgoingState.REVOKED})  # states in which a document is part of a share
IN_WORK = frozenset({OutgoingState.DRAFT, OutgoingState.SUBMITTED, OutgoingState.APPROVED})  # known to its own unit only
REGISTERED = frozenset(  # those that stand in the register
    {OutgoingState.NUMBERED, OutgoingState.SIGNED, OutgoingState.ISSUED, OutgoingState.REVOKED, OutgoingState.REPLACED}
)
NEXT_STEPS = (OutgoingStep.SUBMIT, OutgoingStep.APPROVE, OutgoingStep.NUMBER, OutgoingStep.SIGN, OutgoingStep.ISSUE)


def take(state: OutgoingState, step: OutgoingStep) -> OutgoingState:
    """The state after the step; raises StepNotAllowed.

    >>> take(OutgoingState.SIGNED, OutgoingStep.ISSUE).value
    'issued'
    """
    before, after = _STEPS[step]
    if state not in before:
        raise StepNotAllowed(state, step)
    return after


def next_step(state: OutgoingState) -> OutgoingStep | None:
    """The one step that brings a document nearer to its issue; None once it is issued, or given up.

    >>> next_step(OutgoingState.APPROVED).value, next_step(OutgoingState.ISSUED)
    ('number', None)
    """
    return next((step for step in NEXT_STEPS if state in _STEPS[step][0]), None)


def is_taken(state: OutgoingState, step: OutgoingStep) -> bool:
    """Whether the step was taken already and nothing since: to take it again would say the same thing twice.

    >>> is_taken(OutgoingState.NUMBERED, OutgoingStep.NUMBER)
    True
    """
    return state is _STEPS[step][1]


def steps_from(state: OutgoingState) -> frozenset[OutgoingStep]:
    """The steps that lead on from the state."""
    return frozenset(step for step, (before, _after) in _STEPS.items() if state in before)


class Direction(StrEnum):
    """To whom a document is addressed; a letter is a directive only if it goes down."""

    DOWN = "down"
    UP = "up"
    ACROSS = "across"


def claim_at_issue(signed: Claim, channel: Channel, *, is_paper_too: bool) -> Claim:
    """What the register claims of a document that was signed so and goes out that way.

    A paper original that goes by wire leaves as a copy; an electronic one that goes by post leaves as paper (NĐ 30, article 18.5).

    >>> both = Claim(is_signed_by_person=True, is_signed_by_organisation=True)
    >>> [claim_at_issue(both, Channel.SYSTEM, is_paper_too=paper).range().low.code for paper in (False, True)]
    ['L5', 'L4']
    >>> claim_at_issue(both, Channel.POST, is_paper_too=True).range().high.code
    'L0'
    """
    if channel not in BY_WIRE:
        return Claim(Form.PAPER, False, False, channel)
    original = Form.BOTH if is_paper_too else Form.ELECTRONIC
    form = original if signed.form is None or signed.form in ELECTRONIC else Form.PAPER
    return Claim(form, signed.is_signed_by_person, signed.is_signed_by_organisation, channel)


# What the federation counts unless it says otherwise (no law defines it); True: only if addressed to subordinate units.
DEFAULT_KINDS: dict[str, bool] = {
    "Nghị quyết": False,
    "Quyết định": False,
    "Chỉ thị": False,
    "Kết luận": False,
    "Quy chế": False,
    "Quy định": False,
    "Hướng dẫn": False,
    "Chương trình": False,
    "Kế hoạch": False,
    "Thông báo": False,
    "Công điện": False,
    LETTER: True,
}
FOUNDED_ON = date(1929, 7, 28)  # of the Vietnamese unions: the default list holds for whatever they issued


@dataclass(frozen=True, slots=True)
class KindTerm:
    """That a kind counts from one day to another, both included; no last day means still."""

    kind: str
    first: date
    last: date | None = None

    def meets(self, other: "KindTerm") -> bool:
        """Whether both say something of the same kind on the same day.

        >>> KindTerm("Kế hoạch", date(2020, 1, 1)).meets(KindTerm("Kế hoạch", date(2019, 1, 1), date(2019, 12, 31)))
        False
        """
        begins_in_time = other.last is None or self.first <= other.last
        return self.kind == other.kind and begins_in_time and (self.last is None or other.first <= self.last)


class KindCountsAlready(RuleError):
    """The list says already, for some of those days, that the kind counts."""

    kind: str
    first: date
    last: date | None


def check_term(new: KindTerm, others: Iterable[KindTerm]) -> None:
    """Refuse what the list says already; raises KindCountsAlready."""
    for other in others:
        if new.meets(other):
            raise KindCountsAlready(other.kind, other.first, other.last)


class MonthNotOver(RuleError):
    """A month whose last day has not passed cannot be complete."""

    year: int
    number: int


def check_month_is_over(year: int, number: int, today: date) -> None:
    """Raises MonthNotOver while documents of that month can still be issued."""
    if today <= month(year, number).last:
        raise MonthNotOver(year, number)


class SignerMissing(RuleError):
    """Nobody is named who could approve the document."""


class NotTheSigner(RuleError):
    """Only the one who is to sign the document may approve or return it."""

    signer: str


class ChangedMeanwhile(RuleError):
    """Somebody changed the record after the page was read; nothing was overwritten."""


class RegisterTooLong(RuleError):
    """More rows were asked for than are written out at once; none is left out in silence."""

    most: int
