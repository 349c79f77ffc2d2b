"""Meetings as rules: their states and steps, the parts people take in them, and what each part may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from domain.ground.errors import RuleError, StepNotAllowed


class MeetingKind(StrEnum):
    """What a meeting is called in its invitation."""

    REGULAR = "regular"  # họp thường kỳ
    EXTRAORDINARY = "extraordinary"  # họp bất thường
    CONFERENCE = "conference"  # hội nghị
    WORKING = "working"  # họp công việc


class MeetingState(StrEnum):
    """Where a meeting stands."""

    DRAFT = "draft"
    CONVENED = "convened"  # the invitation has gone out
    OPEN = "open"
    ADJOURNED = "adjourned"  # between two sittings, or in a break
    CLOSED = "closed"
    CANCELLED = "cancelled"


ANNOUNCED = frozenset({MeetingState.CONVENED, MeetingState.OPEN, MeetingState.ADJOURNED, MeetingState.CLOSED})


class Step(StrEnum):
    """What moves a meeting from state to state."""

    CONVENE = "convene"
    OPEN = "open"
    ADJOURN = "adjourn"
    RESUME = "resume"
    CLOSE = "close"
    CANCEL = "cancel"


_STEPS = {
    (MeetingState.DRAFT, Step.CONVENE): MeetingState.CONVENED,
    (MeetingState.DRAFT, Step.CANCEL): MeetingState.CANCELLED,
    (MeetingState.CONVENED, Step.OPEN): MeetingState.OPEN,
    (MeetingState.CONVENED, Step.CANCEL): MeetingState.CANCELLED,
    (MeetingState.OPEN, Step.ADJOURN): MeetingState.ADJOURNED,
    (MeetingState.OPEN, Step.CLOSE): MeetingState.CLOSED,
    (MeetingState.ADJOURNED, Step.RESUME): MeetingState.OPEN,
    (MeetingState.ADJOURNED, Step.CLOSE): MeetingState.CLOSED,
}


def take(state: MeetingState, step: Step) -> MeetingState:
    """The state that the step leads to; raises StepNotAllowed.

    >>> take(MeetingState.CONVENED, Step.OPEN).value
    'open'
    """
    if (state, step) not in _STEPS:
        raise StepNotAllowed(state, step)
    return _STEPS[state, step]


class Part(StrEnum):
    """What somebody is in one meeting. Who sits in the chair's seat at the moment is a fact of the meeting, not a part."""

    CHAIR = "chair"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"
    GUEST = "guest"  # invited to some items, or to the whole


WHOLLY_INVITED = frozenset({Part.CHAIR, Part.DEPUTY, Part.SECRETARY, Part.MEMBER})  # to every item, whatever it is


class Right(StrEnum):
    """Something that a part in a meeting allows."""

    ATTEND = "attend"  # see the meeting, check in, read its published papers
    SPEAK = "speak"
    VOTE = "vote"  # and only with a vote, on the roll of that ballot
    PREPARE = "prepare"  # agenda, papers, invitations
    RECORD = "record"  # attendance of others, paper counts, minutes
    TAKE_SEAT = "take_seat"  # take over the chair's seat
    PRESIDE = "preside"  # only who sits in the chair's seat


_ALL_HERE = frozenset({Right.ATTEND, Right.SPEAK, Right.VOTE})
_RIGHTS = {
    Part.CHAIR: _ALL_HERE | {Right.TAKE_SEAT, Right.PREPARE},
    Part.DEPUTY: _ALL_HERE | {Right.TAKE_SEAT},
    Part.SECRETARY: _ALL_HERE | {Right.TAKE_SEAT, Right.PREPARE, Right.RECORD},
    Part.MEMBER: _ALL_HERE,
    Part.GUEST: frozenset({Right.ATTEND, Right.SPEAK}),
}


def rights_of(part: Part, *, has_vote: bool, presides: bool) -> frozenset[Right]:
    """All that somebody with this part may do in the meeting.

    >>> Right.VOTE in rights_of(Part.SECRETARY, has_vote=False, presides=False)
    False
    """
    rights = _RIGHTS[part] if has_vote else _RIGHTS[part] - {Right.VOTE}
    return rights | {Right.PRESIDE} if presides else rights


UNDER_WAY = frozenset({MeetingState.OPEN, MeetingState.ADJOURNED})
_LEADING = frozenset({Part.CHAIR, Part.DEPUTY, Part.SECRETARY})  # who may sit in the chair's seat, or writes the record

PartProblem = Literal["not_of_body", "vote_fixed", "chair_fixed", "not_presiding"]


class PartRefused(RuleError):
    """Somebody's part in a meeting, or the vote with it, cannot become that."""

    problem: PartProblem


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is in a meeting, and whether with a vote."""

    part: Part
    has_vote: bool


def check_place(state: MeetingState, before: Place | None, after: Place, *, votes_in_body: bool, presides: bool) -> None:
    """Whether somebody's place in a meeting of that state may become another (before None: is not in the list yet); raises PartRefused.

    A vote belongs to whoever has one in the body. Once the meeting is open the list of voters stands, the chair's seat passes by
    sitting down in it, and who else may lead or keep the record is decided by who presides, not by who prepares.

    >>> member, chair = Place(Part.MEMBER, True), Place(Part.CHAIR, True)
    >>> check_place(MeetingState.CONVENED, member, chair, votes_in_body=True, presides=False)
    """
    if after.has_vote and not votes_in_body:
        raise PartRefused("not_of_body")
    if state not in UNDER_WAY:
        return
    former = before.part if before else None
    if former is not after.part:
        if Part.CHAIR in (former, after.part):
            raise PartRefused("chair_fixed")
        if not presides and _LEADING & {former, after.part}:
            raise PartRefused("not_presiding")
    if before and before.has_vote is not after.has_vote:
        raise PartRefused("vote_fixed")
