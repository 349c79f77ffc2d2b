"""The one next action of whoever presides, and which steps can be taken back."""

from dataclasses import replace
from typing import Any

import pytest

from domain.meetings.agenda import ItemFacts, ItemState, Move, MoveNotPossible
from domain.meetings.meetings import MeetingState
from domain.meetings.running_order import (
    Action,
    CloseRefused,
    Doubt,
    Happening,
    NextAction,
    NotSure,
    Standing,
    VoteFacts,
    check_nothing_runs,
    check_sure,
    moved_waiting,
    next_action,
    states_shown,
    step_to_undo,
)
from domain.meetings.voting import VoteState

WAITING, ON_FLOOR, DONE, POSTPONED = ItemState.WAITING, ItemState.ON_FLOOR, ItemState.DONE, ItemState.POSTPONED
# 1, 2 with 2.1 and 2.2 below it, 3
ITEMS = [ItemFacts(1, None, 5), ItemFacts(2, None, 0), ItemFacts(21, 2, 5), ItemFacts(22, 2, 5), ItemFacts(3, None, 5)]
AT_FIRST = Standing(MeetingState.OPEN, items=ITEMS, states=tuple((item.id, WAITING) for item in ITEMS))


def standing(states: dict[int, ItemState] | None = None, **changes: Any) -> Standing:
    known = dict(AT_FIRST.states) | (states or {})
    return replace(AT_FIRST, states=tuple(known.items()), **changes)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (MeetingState.DRAFT, Action.NOTHING),
        (MeetingState.CONVENED, Action.OPEN),
        (MeetingState.ADJOURNED, Action.RESUME),
        (MeetingState.CLOSED, Action.NOTHING),
        (MeetingState.CANCELLED, Action.NOTHING),
    ],
)
def test_outside_of_a_running_meeting_its_state_says_what_comes(state: MeetingState, action: Action) -> None:
    assert next_action(standing(state=state)) == NextAction(action)


def test_the_first_item_is_taken_up_when_the_quorum_is_there() -> None:
    assert next_action(standing()) == NextAction(Action.TAKE_UP, 1)


def test_without_a_quorum_the_roll_is_called_before_the_first_item() -> None:
    assert next_action(standing(has_quorum=False)) == NextAction(Action.CALL_ROLL)


def test_a_quorum_that_is_lost_later_does_not_stop_a_discussion() -> None:
    assert next_action(standing({1: ON_FLOOR}, has_quorum=False)) == NextAction(Action.TAKE_UP, 21)


def test_of_an_item_with_others_below_it_only_those_are_taken_up() -> None:
    assert next_action(standing({1: DONE, 21: ON_FLOOR})) == NextAction(Action.TAKE_UP, 22)


def test_postponed_items_are_passed_over() -> None:
    assert next_action(standing({1: ON_FLOOR, 21: POSTPONED, 22: POSTPONED})) == NextAction(Action.TAKE_UP, 3)


def test_the_last_item_is_ended_and_then_the_meeting_is_closed() -> None:
    all_but_last = {1: DONE, 21: DONE, 22: DONE}
    assert next_action(standing({**all_but_last, 2: DONE, 3: ON_FLOOR})) == NextAction(Action.FINISH_ITEM, 3)
    assert next_action(standing({**all_but_last, 2: DONE, 3: DONE})) == NextAction(Action.CLOSE)


def test_a_meeting_without_an_agenda_can_only_be_closed() -> None:
    assert next_action(Standing(MeetingState.OPEN)) == NextAction(Action.CLOSE)


def test_a_vote_of_the_item_is_opened_after_those_who_wait_have_spoken() -> None:
    vote = VoteFacts(7, item=1, state=VoteState.DRAFT)
    assert next_action(standing({1: ON_FLOOR}, votes=[vote], next_speaker=40)) == NextAction(Action.CALL_SPEAKER, 40)
    assert next_action(standing({1: ON_FLOOR}, votes=[vote])) == NextAction(Action.OPEN_VOTE, 7)


def test_without_a_quorum_no_vote_is_opened() -> None:
    vote = VoteFacts(7, item=1, state=VoteState.DRAFT)
    assert next_action(standing({1: ON_FLOOR}, votes=[vote], has_quorum=False)) == NextAction(Action.CALL_ROLL)


def test_a_vote_that_belongs_to_another_item_waits_for_it() -> None:
    vote = VoteFacts(7, item=3, state=VoteState.DRAFT)
    assert next_action(standing({1: ON_FLOOR}, votes=[vote])) == NextAction(Action.TAKE_UP, 21)


def test_an_open_vote_is_closed_first_and_then_published() -> None:
    opened, closed = VoteFacts(7, 1, VoteState.OPEN), VoteFacts(7, 1, VoteState.CLOSED)
    assert next_action(standing({1: ON_FLOOR}, votes=[opened], speech=40, has_quorum=False)) == NextAction(Action.CLOSE_VOTE, 7)
    assert next_action(standing({1: ON_FLOOR}, votes=[closed])) == NextAction(Action.PUBLISH_VOTE, 7)


def test_a_speech_ends_before_the_next_one_and_one_that_was_interrupted_goes_on() -> None:
    assert next_action(standing({1: ON_FLOOR}, speech=40, next_speaker=41)) == NextAction(Action.END_SPEECH, 40)
    assert next_action(standing({1: ON_FLOOR}, paused=40, next_speaker=41)) == NextAction(Action.RESUME_SPEECH, 40)


def test_an_item_with_others_below_it_is_shown_as_they_stand() -> None:
    tree = [(2, None, WAITING), (21, 2, DONE), (22, 2, WAITING)]
    assert states_shown(tree)[2] is WAITING
    assert states_shown([(2, None, WAITING), (21, 2, DONE), (22, 2, ON_FLOOR)])[2] is ON_FLOOR
    assert states_shown([(2, None, WAITING), (21, 2, POSTPONED), (22, 2, POSTPONED)])[2] is POSTPONED


def test_only_what_waits_changes_places() -> None:
    states = dict.fromkeys([1, 2, 21, 22, 3], WAITING)
    assert [item.id for item in moved_waiting(ITEMS, states, 3, Move.UP)] == [1, 3, 2, 21, 22]
    with pytest.raises(MoveNotPossible):
        moved_waiting(ITEMS, states | {1: DONE}, 2, Move.UP)
    with pytest.raises(MoveNotPossible):
        moved_waiting(ITEMS, states | {21: ON_FLOOR}, 3, Move.UP)


@pytest.mark.parametrize(("vote", "speech", "reason"), [(True, True, "vote"), (False, True, "speech")])
def test_nothing_closes_while_a_vote_is_open_or_somebody_speaks(vote: bool, speech: bool, reason: str) -> None:
    with pytest.raises(CloseRefused) as refused:
        check_nothing_runs(has_open_vote=vote, has_speech=speech)
    assert refused.value.reason == reason


def test_a_meeting_in_which_nothing_runs_may_be_closed() -> None:
    check_nothing_runs(has_open_vote=False, has_speech=False)


@pytest.mark.parametrize(
    ("kinds", "revision"),
    [
        (["meeting_opened"], None),
        (["meeting_opened", "item_taken_up"], 2),
        (["item_taken_up", "came", "left", "incident_noted", "seat_taken", "speech_requested"], 1),  # nothing builds upon it
        (["item_taken_up", "speech_called"], None),
        (["item_taken_up", "vote_opened"], None),
        (["item_taken_up", "meeting_adjourned", "meeting_resumed"], None),
        (["item_taken_up", "item_done", "agenda_reordered"], 3),
    ],
)
def test_the_last_step_of_the_agenda_can_be_taken_back_while_nothing_is_built_upon_it(
    kinds: list[str], revision: int | None
) -> None:
    assert step_to_undo([Happening(number, kind) for number, kind in enumerate(kinds, start=1)]) == revision


def test_after_one_undo_the_step_before_it_comes_next() -> None:
    events = [Happening(1, "item_taken_up"), Happening(2, "item_taken_up"), Happening(3, "agenda_step_undone", undoes=2)]
    assert step_to_undo(events) == 1
    assert step_to_undo([*events, Happening(4, "agenda_step_undone", undoes=1)]) is None


def test_after_a_night_the_roll_call_comes_before_what_the_day_before_has_left() -> None:
    left = replace(AT_FIRST, states=((ITEMS[0].id, ItemState.ON_FLOOR),), next_speaker=7, has_quorum=False)
    assert next_action(left).action is Action.CALL_SPEAKER
    assert next_action(replace(left, roll_is_due=True)).action is Action.CALL_ROLL
    assert next_action(replace(left, roll_is_due=True, has_quorum=True)).action is Action.CALL_SPEAKER


def test_a_question_names_only_the_doubts_that_hold_and_is_asked_again_for_a_new_one() -> None:
    check_sure("close_meeting", {Doubt.UNPUBLISHED: 0}, ())
    with pytest.raises(NotSure) as asked:
        check_sure("close_meeting", {Doubt.UNPUBLISHED: 0, Doubt.ITEMS_LEFT: 2, Doubt.FOR_GOOD: 1}, [Doubt.FOR_GOOD])
    assert asked.value.doubts == {Doubt.ITEMS_LEFT: 2, Doubt.FOR_GOOD: 1}
    check_sure("close_meeting", asked.value.doubts, ["items_left", "for_good"])
