"""The running order of a meeting: from where it stands, the one next action of whoever presides; which steps can be undone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from domain.ground.errors import RuleError
from domain.meetings.agenda import ItemFacts, ItemState, Move, MoveNotPossible, moved
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import VoteState


class Action(StrEnum):
    """The next thing to be done in the chair's seat."""

    OPEN = "open"  # khai mạc
    RESUME = "resume"
    CALL_ROLL = "call_roll"  # too few are present to decide
    TAKE_UP = "take_up"  # an item, which ends the one on the floor
    CALL_SPEAKER = "call_speaker"
    RESUME_SPEECH = "resume_speech"  # which a point of order had interrupted
    END_SPEECH = "end_speech"
    OPEN_VOTE = "open_vote"
    CLOSE_VOTE = "close_vote"
    PUBLISH_VOTE = "publish_vote"
    FINISH_ITEM = "finish_item"  # the last one
    CLOSE = "close"  # bế mạc
    NOTHING = "nothing"  # not convened yet, closed, or cancelled


@dataclass(frozen=True, slots=True)
class VoteFacts:
    """A vote that still asks for something, and the item it belongs to."""

    id: int
    item: int | None
    state: VoteState


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a meeting stands: its items in their order, their states by id, the votes that are not over, and the floor.

    `has_quorum` is true too where no rule asks for one. `speech`, `paused` and `next_speaker` are ids of speeches.
    """

    state: MeetingState
    has_quorum: bool = True
    items: Sequence[ItemFacts] = ()
    states: tuple[tuple[int, ItemState], ...] = ()
    votes: Sequence[VoteFacts] = ()
    speech: int | None = None
    paused: int | None = None
    next_speaker: int | None = None
    roll_is_due: bool = False  # another day has begun, and nothing has been dealt with on it yet


@dataclass(frozen=True, slots=True)
class NextAction:
    """The next action, and the id of the item, vote or speech that it is about."""

    action: Action
    subject: int | None = None


def next_action(standing: Standing) -> NextAction:
    """The single next action. What is running comes to its end first; then the item on the floor; then the next one.

    >>> next_action(Standing(MeetingState.CONVENED)).action.value
    'open'
    """
    match standing.state:
        case MeetingState.CONVENED:
            return NextAction(Action.OPEN)
        case MeetingState.ADJOURNED:
            return NextAction(Action.RESUME)
        case MeetingState.OPEN:
            return _running(standing) or _roll(standing) or _on_floor(standing) or _onwards(standing)
    return NextAction(Action.NOTHING)


def _running(standing: Standing) -> NextAction | None:
    """What has to come to its end before anything else begins."""
    for vote in standing.votes:
        if vote.state is VoteState.OPEN:
            return NextAction(Action.CLOSE_VOTE, vote.id)
    if standing.speech is not None:
        return NextAction(Action.END_SPEECH, standing.speech)
    for vote in standing.votes:
        if vote.state is VoteState.CLOSED:
            return NextAction(Action.PUBLISH_VOTE, vote.id)
    return None


def _roll(standing: Standing) -> NextAction | None:
    """The roll call of another day comes before whatever the day before has left."""
    return NextAction(Action.CALL_ROLL) if standing.roll_is_due and not standing.has_quorum else None


def _on_floor(standing: Standing) -> NextAction | None:
    """What the item on the floor still asks for."""
    item = next((item for item, state in standing.states if state is ItemState.ON_FLOOR), None)
    if item is None:
        return None
    if standing.paused is not None:
        return NextAction(Action.RESUME_SPEECH, standing.paused)
    if standing.next_speaker is not None:
        return NextAction(Action.CALL_SPEAKER, standing.next_speaker)
    for vote in standing.votes:
        if vote.state is VoteState.DRAFT and vote.item == item:
            return NextAction(Action.OPEN_VOTE, vote.id) if standing.has_quorum else NextAction(Action.CALL_ROLL)
    return None


def _onwards(standing: Standing) -> NextAction:
    """The next item, or the end."""
    states = dict(standing.states)
    has_begun = any(state is not ItemState.WAITING for state in states.values())
    if not standing.has_quorum and not has_begun:
        return NextAction(Action.CALL_ROLL)
    waiting = [item for item in leaves(standing.items) if states.get(item.id) is ItemState.WAITING]
    if waiting:
        return NextAction(Action.TAKE_UP, waiting[0].id)
    on_floor = next((item for item, state in states.items() if state is ItemState.ON_FLOOR), None)
    return NextAction(Action.FINISH_ITEM, on_floor) if on_floor is not None else NextAction(Action.CLOSE)


def leaves(items: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The items that are dealt with themselves: those with none below them.

    >>> [item.id for item in leaves([ItemFacts(1, None, 0), ItemFacts(2, 1, 5), ItemFacts(3, None, 5)])]
    [2, 3]
    """
    parents = {item.parent for item in items}
    return [item for item in items if item.id not in parents]


def states_shown(items: Sequence[tuple[int, int | None, ItemState]]) -> dict[int, ItemState]:
    """The state of each item, by id; one with others below it stands as they do. `items` are (id, parent, state), in their order.

    >>> waiting, done = ItemState.WAITING, ItemState.DONE
    >>> states_shown([(1, None, waiting), (2, 1, done), (3, 1, ItemState.POSTPONED)])[1].value
    'done'
    """
    shown = {item: state for item, _parent, state in items}
    for item, _parent, _state in reversed(items):
        below = {shown[each] for each, parent, _of in items if parent == item}
        if below:
            shown[item] = _summed(below)
    return shown


def _summed(states: set[ItemState]) -> ItemState:
    if ItemState.ON_FLOOR in states:
        return ItemState.ON_FLOOR
    if ItemState.WAITING in states:
        return ItemState.WAITING
    return ItemState.DONE if ItemState.DONE in states else ItemState.POSTPONED


def moved_waiting(items: Sequence[ItemFacts], states: Mapping[int, ItemState], item_id: int, move: Move) -> list[ItemFacts]:
    """The items after one that waits has been moved; what has been dealt with stays where it is. Raises MoveNotPossible.

    >>> items = [ItemFacts(1, None, 0), ItemFacts(2, None, 0), ItemFacts(3, 2, 0)]
    >>> waiting = dict.fromkeys([1, 2, 3], ItemState.WAITING)
    >>> [item.id for item in moved_waiting(items, waiting, 1, Move.DOWN)]
    [2, 3, 1]
    """
    after = moved(items, item_id, move)
    for before, now in zip(items, after, strict=True):
        if before.id != now.id and ItemState.WAITING is not states[before.id]:
            raise MoveNotPossible(item_id, move)
    if states[item_id] is not ItemState.WAITING:
        raise MoveNotPossible(item_id, move)
    return after


StillRuns = Literal["vote", "speech"]


class CloseRefused(RuleError):
    """A meeting cannot be closed or adjourned: something still runs."""

    reason: StillRuns


class Doubt(StrEnum):
    """Why whoever presides is asked once before a step is taken."""

    NO_QUORUM = "no_quorum"  # so many are missing: the result will not be valid
    NOT_ALL_VOTED = "not_all_voted"  # so many who are here have not voted
    NO_BALLOTS = "no_ballots"
    UNPUBLISHED = "unpublished"  # so many votes are closed and not published
    ITEMS_LEFT = "items_left"  # so many items have not been dealt with
    FOR_GOOD = "for_good"  # there is no way back
    ON_DEVICE = "on_device"  # so many have a device at hand, and can vote themselves


AskedStep = Literal["open_vote", "close_vote", "publish_vote", "close_meeting", "note_hand"]


class NotSure(RuleError):
    """A step with doubts that whoever takes it has not been shown: of how many people, votes or items each tells."""

    step: AskedStep
    doubts: Mapping[Doubt, int]


def check_sure(step: AskedStep, doubts: Mapping[Doubt, int], shown: Collection[str]) -> None:
    """Raise NotSure for doubts that hold and are not among those `shown` before; then all that hold are told.

    >>> check_sure("close_vote", {Doubt.NOT_ALL_VOTED: 0}, ())
    """
    holding = {doubt: count for doubt, count in doubts.items() if count}
    if not holding.keys() <= set(shown):
        raise NotSure(step, holding)


class SeatMoved(RuleError):
    """Somebody else has taken the chair's seat meanwhile. `name` is who presides now, "" for nobody."""

    name: str


def check_nothing_runs(*, has_open_vote: bool, has_speech: bool) -> None:
    """Raise CloseRefused while a vote is open or somebody speaks."""
    if has_open_vote:
        raise CloseRefused("vote")
    if has_speech:
        raise CloseRefused("speech")


AGENDA_STEPS = frozenset({"item_taken_up", "item_done", "item_postponed", "agenda_reordered"})
UNDONE = "agenda_step_undone"
# With any of these a day's work has begun
AT_WORK = frozenset({*AGENDA_STEPS, "speech_called", "speech_resumed", "vote_opened"})
_NEW_DAY = "day_begun"


def roll_is_due(kinds: Sequence[str]) -> bool:
    """Whether another day has begun, and nothing has been dealt with on it; `kinds` are those of the events, the latest first.

    >>> roll_is_due(["came", "meeting_resumed", "day_begun", "vote_opened"]), roll_is_due(["item_taken_up", "day_begun"])
    (True, False)
    """
    return next((kind for kind in kinds if kind == _NEW_DAY or kind in AT_WORK), "") == _NEW_DAY


# What may have happened since without standing in the way of an undo; anything else has built upon the step.
_HARMLESS = frozenset(
    {"came", "left", "absence_noted", "incident_noted", "seat_taken", "speech_requested", "speech_withdrawn", "speech_moved"}
)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as far as undoing asks: `undoes` is the revision that it took back."""

    revision: int
    kind: str
    undoes: int | None = None


def taken_back(events: Sequence[Happening]) -> frozenset[int]:
    """The revisions of the steps that were taken back, and of the events that say so: nothing of them is told in the minutes.

    >>> sorted(taken_back([Happening(1, "item_taken_up"), Happening(2, "item_taken_up"), Happening(3, UNDONE, undoes=2)]))
    [2, 3]
    """
    return frozenset(revision for event in events if event.undoes for revision in (event.undoes, event.revision))


def step_to_undo(events: Sequence[Happening]) -> int | None:
    """The revision of the last step of the agenda that can be taken back, or None. `events` stand in their order.

    A step can be taken back while nothing has been built upon it: no vote, no speech, no break.

    >>> step_to_undo([Happening(1, "item_taken_up"), Happening(2, "came")])
    1
    """
    undone = {event.undoes for event in events}
    for event in reversed(events):
        if event.kind in AGENDA_STEPS and event.revision not in undone:
            return event.revision
        if event.kind not in _HARMLESS | AGENDA_STEPS | {UNDONE}:
            return None
    return None
