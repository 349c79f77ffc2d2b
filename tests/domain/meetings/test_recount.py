"""Votes counted again from a pack alone: ballots and roll, paper counted by two, and what was recorded otherwise."""

import copy
import hashlib
from typing import Any

import pytest

from domain.meetings.recount import minutes_disagree, recount


def line(participant: int, **more: bool) -> dict[str, Any]:
    """A line of the roll: somebody present who voted with a device."""
    return {"participant": participant, "was_present": True, "voted": True, "on_paper": False} | more


def ballot(choice: str, participant: int | None) -> dict[str, Any]:
    return {"choice": [choice] if choice else [], "participant": participant}


NAMED: dict[str, Any] = {
    "id": 7, "question": "Thông qua", "state": "published", "kind": "named", "opened_at": "2026-11-25T03:00:00+00:00", "source": "Quy chế",
    "means": "electronic", "seats": 1, "is_secret": False,
    "options": [], "threshold": {"share": "1/2", "is_more_than": True, "base": "members"},
    "frozen": {"members": 5, "present": 4, "quorum_needed": 3},
    "roll": [line(1), line(2), line(3), line(4, voted=False)],
    "ballots": [ballot("for", 1), ballot("for", 2), ballot("for", 3)],
    "paper_counts": [],
    "tally": {"counts": {"for": 3, "against": 0, "abstain": 0}, "collected": 3, "invalid": 0},
    "verdict": {"decision": "passed", "got": 3, "needed": 3, "of": 5, "chosen": [], "tied": []},
}  # fmt: skip
COUNT = {"counts": {"for": 1, "against": 1, "abstain": 0}, "collected": 2, "invalid": 0}
MIXED: dict[str, Any] = NAMED | {  # a secret vote: two with a device, two on paper
    "id": 8, "kind": "secret", "is_secret": True,
    "roll": [line(1), line(2), line(3, voted=False, on_paper=True), line(4, voted=False, on_paper=True)],
    "ballots": [ballot("for", None), ballot("for", None)],
    "paper_counts": [COUNT | {"by": 11}, COUNT | {"by": 12}],
    "tally": {"counts": {"for": 3, "against": 1, "abstain": 0}, "collected": 4, "invalid": 0},
}  # fmt: skip


def disagreements(vote: dict[str, Any], **changed: Any) -> list[tuple[str, Any, Any]]:
    """Place, recorded and counted of whatever does not agree once this was changed."""
    (counted,) = recount({"votes": [copy.deepcopy(vote) | changed]})
    return [(one.place, one.recorded, one.counted) for one in counted.disagreements]


def test_ballots_by_name_and_ballots_on_paper_agree_with_what_was_recorded() -> None:
    named, mixed = recount({"votes": [NAMED, MIXED]})
    assert (named.vote, named.question, named.disagreements) == (7, "Thông qua", ())
    assert (mixed.vote, mixed.disagreements) == (8, ())
    assert mixed.tally is not None
    assert (mixed.tally.counts["for"], mixed.tally.collected) == (3, 4)


@pytest.mark.parametrize("state", ["draft", "open", "closed", "cancelled"])
def test_a_vote_that_was_not_published_is_not_counted(state: str) -> None:
    (one,) = recount({"votes": [NAMED | {"state": state, "ballots": None, "tally": None}]})
    assert (one.tally, one.verdict, one.disagreements) == (None, None, ())


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [COUNT | {"by": 11}],
        [COUNT | {"by": 11}, COUNT | {"by": 11}],  # one person counted twice
        [COUNT | {"by": 11}, COUNT | {"by": 12, "invalid": 1}],
        [COUNT | {"by": 11}, COUNT | {"by": 12}, COUNT | {"by": 11, "collected": 1}],  # the last two count
    ],
)
def test_paper_counts_only_as_two_people_counted_it_alike(counts: list[dict[str, Any]]) -> None:
    found = disagreements(MIXED, paper_counts=counts)
    assert ("votes[0].paper_counts", None, "two equal counts") in found
    assert ("votes[0].tally.collected", 4, 2) in found


def test_a_third_count_mends_two_that_differed() -> None:
    counts = [COUNT | {"by": 11, "invalid": 1}, COUNT | {"by": 12}, COUNT | {"by": 11}]
    assert disagreements(MIXED, paper_counts=counts) == []


def test_a_ballot_more_than_voters_who_were_marked_is_found_also_in_secret() -> None:
    found = disagreements(MIXED, ballots=[*MIXED["ballots"], ballot("for", None)])
    assert ("votes[0].ballots", 3, 2) in found
    assert ("votes[0].tally.counts.for", 3, 4) in found


def test_a_ballot_of_somebody_else_than_was_marked_is_found_by_name() -> None:
    swapped = [ballot("for", 1), ballot("for", 2), ballot("for", 4)]
    told = "voter and ballot do not meet"
    assert disagreements(NAMED, ballots=swapped) == [("votes[0].roll", 3, told), ("votes[0].roll", 4, told)]


def test_who_came_late_and_voted_counts_among_those_present_and_not_for_the_quorum() -> None:
    present = {"share": "1/2", "is_more_than": True, "base": "present"}
    late = [line(1), line(2), line(3), line(4, was_present=False)]
    ballots = [*NAMED["ballots"], ballot("against", 4)]
    found = disagreements(
        NAMED, threshold=present, roll=late, ballots=ballots, frozen={"members": 5, "present": 3, "quorum_needed": 3},
        tally={"counts": {"for": 3, "against": 1, "abstain": 0}, "collected": 4, "invalid": 0},
        verdict=NAMED["verdict"] | {"needed": 3, "of": 4},
    )  # fmt: skip
    assert found == []
    without = disagreements(NAMED, roll=late, ballots=ballots, frozen={"members": 5, "present": 3, "quorum_needed": 4})
    assert ("votes[0].verdict.decision", "passed", "invalid") in without


def test_a_key_that_one_side_lacks_is_a_disagreement() -> None:
    recorded = {"counts": {"for": 3, "against": 0}, "collected": 3, "invalid": 0, "note": "x"}
    assert disagreements(NAMED, tally=recorded) == [
        ("votes[0].tally.counts.abstain", None, 0), ("votes[0].tally.note", "x", None),
    ]  # fmt: skip


def test_a_vote_whose_result_was_not_recorded_does_not_agree() -> None:
    assert disagreements(NAMED, verdict=None) == [("votes[0].verdict", None, NAMED["verdict"])]


def test_minutes_that_were_locked_have_the_hash_of_their_text() -> None:
    text = "Biên bản.\n"
    locked = {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert minutes_disagree({"minutes": [locked, {"text": "Chưa khóa.", "sha256": None}]}) == []
    (found,) = minutes_disagree({"minutes": [locked, locked | {"text": "Khác.\n"}]})
    assert (found.place, found.recorded) == ("minutes[1].sha256", locked["sha256"])


def test_an_election_is_told_with_names_and_what_is_still_missing() -> None:
    frozen = {"members": 35, "present": 4, "quorum_needed": 3}
    counted = {"counts": {"1": 4, "2": 2}, "collected": 4, "invalid": 0}
    ballots = [{"choice": ["1", "2"]}, {"choice": ["1", "2"]}, {"choice": ["1"]}, {"choice": ["1"]}]
    election = NAMED | {
        "kind": "election", "seats": 2, "is_secret": True, "frozen": frozen, "ballots": ballots, "roll": [line(n) for n in range(1, 5)],
        "options": [{"key": "1", "text": "Lê Văn Thử"}, {"key": "2", "text": "Trần Thị Giả Định"}],
        "threshold": {"share": "1/2", "is_more_than": True, "base": "collected"}, "tally": counted,
        "verdict": {"decision": "rejected", "got": 4, "needed": 3, "of": 4, "chosen": ["1"], "tied": []},
    }  # fmt: skip
    (told,) = recount({"votes": [election]})
    assert told.disagreements == ()
    assert told.in_words == (
        "Bầu cử bằng phiếu kín; "
        "Lê Văn Thử 4, Trần Thị Giả Định 2; thu về 4; TRÚNG CỬ 1/2: Lê Văn Thử (4/4 phiếu, 100,0 %); còn thiếu 1 người; "
        "cần quá 1/2 tổng số phiếu thu về (4), tức ít nhất 3; căn cứ: Quy chế"
    )
