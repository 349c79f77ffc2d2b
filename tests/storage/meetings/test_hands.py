"""Raised hands as records, on SQLite and PostgreSQL: noted for somebody, put right, taken back, and replaced by the owner's ballot."""

from functools import partial

import pytest

from domain.meetings.minutes import vote_in_words
from domain.meetings.voting import (
    BallotRefused,
    Entered,
    NobodyHere,
    NoHandNoted,
    NotOnRoll,
    VotedAlone,
    VoteKind,
    VoteNotOpen,
)
from storage.ground.database import Database
from storage.meetings.hands import Hands, NotedHands
from storage.meetings.results import result_of
from storage.meetings.votes import Receipt, Votes
from tests.cast import Cast
from tests.meetings import Gathering
from tests.storage.meetings.test_votes import asks, at_once, casts, does, leaves, opened


@pytest.fixture
def vote_id(database: Database, meeting: Gathering) -> int:
    """An open vote by name; four of five are present."""
    return opened(database, meeting, VoteKind.NAMED)


def notes(database: Database, cast: Cast, meeting: Gathering, vote_id: int, login: str, choice: str = "for") -> bool:
    with database.writing() as session:
        vote = Votes(session).get(vote_id)
        return Hands(session).note(vote, meeting.participants[login], choice, by=cast.people["secretary"])


def takes_back(database: Database, meeting: Gathering, vote_id: int, login: str) -> None:
    with database.writing() as session:
        Hands(session).take_back(Votes(session).get(vote_id), meeting.participants[login])


def notes_others(database: Database, cast: Cast, meeting: Gathering, vote_id: int, *logins: str) -> NotedHands:
    with database.writing() as session:
        ids = [meeting.participants[login] for login in logins]
        return Hands(session).note_for(Votes(session).get(vote_id), ids, "for", by=cast.people["secretary"])


def choices(database: Database, meeting: Gathering, vote_id: int) -> dict[str, list[str]]:
    login_of = {number: login for login, number in meeting.participants.items()}
    return {login_of[who]: choice for who, choice in asks(database, vote_id, "choices").items()}


def test_a_noted_hand_can_be_put_right_until_the_close(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    assert notes(database, cast, meeting, vote_id, "chair", "for") is False
    assert notes(database, cast, meeting, vote_id, "chair", "against") is True
    assert choices(database, meeting, vote_id) == {"chair": ["against"]}
    assert asks(database, vote_id, "tally").collected == 1
    does(database, vote_id, "close")
    with pytest.raises(VoteNotOpen):
        notes(database, cast, meeting, vote_id, "chair", "for")
    with pytest.raises(VoteNotOpen):
        takes_back(database, meeting, vote_id, "chair")


def test_who_has_a_noted_hand_taken_back_votes_as_if_there_had_been_none(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    notes(database, cast, meeting, vote_id, "member", "against")
    takes_back(database, meeting, vote_id, "member")
    assert choices(database, meeting, vote_id) == {}
    with pytest.raises(NoHandNoted):
        takes_back(database, meeting, vote_id, "member")
    casts(database, cast, vote_id, "member", "for")
    does(database, vote_id, "close")
    does(database, vote_id, "publish")
    assert asks(database, vote_id, "entered") == Entered(own=1)


def test_the_ballot_of_the_voter_takes_the_place_of_the_hand_and_its_receipt_holds(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    notes(database, cast, meeting, vote_id, "member", "against")
    receipt = casts(database, cast, vote_id, "member", "for", ballot="own")
    assert receipt.ballot_id == "own"
    assert casts(database, cast, vote_id, "member", "for", ballot="own") == receipt
    assert choices(database, meeting, vote_id) == {"member": ["for"]}
    with pytest.raises(VotedAlone) as refused:
        notes(database, cast, meeting, vote_id, "member", "against")
    assert refused.value.at == receipt.at
    with pytest.raises(VotedAlone):
        takes_back(database, meeting, vote_id, "member")
    does(database, vote_id, "close")
    assert casts(database, cast, vote_id, "member", "for", ballot="own") == receipt


def test_after_the_close_the_hand_stands_and_the_ballot_is_refused(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    notes(database, cast, meeting, vote_id, "member", "against")
    does(database, vote_id, "close")
    with pytest.raises(VoteNotOpen):
        casts(database, cast, vote_id, "member", "for")
    assert choices(database, meeting, vote_id) == {"member": ["against"]}


def test_a_hand_needs_somebody_who_is_here_and_on_the_roll_and_an_answer_of_the_ballot(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    leaves(database, cast, meeting, "deputy")
    with pytest.raises(NobodyHere):
        notes(database, cast, meeting, vote_id, "deputy")
    with pytest.raises(NotOnRoll):
        notes(database, cast, meeting, vote_id, "absentee")
    with pytest.raises(BallotRefused):
        notes(database, cast, meeting, vote_id, "chair", "maybe")
    assert choices(database, meeting, vote_id) == {}


def test_a_secret_vote_has_no_hands(database: Database, cast: Cast, meeting: Gathering) -> None:
    with pytest.raises(NotOnRoll):
        notes(database, cast, meeting, opened(database, meeting), "member")


def test_the_others_agree_without_those_who_voted_or_have_gone(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    casts(database, cast, vote_id, "member", "against")
    leaves(database, cast, meeting, "deputy")
    result = notes_others(database, cast, meeting, vote_id, "chair", "deputy", "member", "delegate")
    assert result == NotedHands(
        noted=(meeting.participants["chair"], meeting.participants["delegate"]),
        voted=(meeting.participants["member"],),
        gone=(meeting.participants["deputy"],),
    )
    assert choices(database, meeting, vote_id) == {"member": ["against"], "chair": ["for"], "delegate": ["for"]}


def test_a_hand_and_the_ballot_of_its_owner_at_the_same_moment_are_one_and_the_ballot_stands(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    casting = [partial(casts, database, cast, vote_id, login, "for", ballot=f"own-{login}") for login in ("chair", "member")]
    noting = [
        partial(notes, database, cast, meeting, vote_id, login, "against")
        for login in ("chair", "member")
        for _again in range(2)
    ]
    answers = at_once([*noting[:2], *casting, *casting, *noting[2:]])
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert sorted(receipt.ballot_id for receipt in receipts) == ["own-chair", "own-chair", "own-member", "own-member"]
    assert {type(answer) for answer in answers} <= {Receipt, bool, VotedAlone}
    assert choices(database, meeting, vote_id) == {"chair": ["for"], "member": ["for"]}
    does(database, vote_id, "close")
    does(database, vote_id, "publish")
    assert asks(database, vote_id, "entered") == Entered(own=2)


def test_hands_are_counted_apart_from_ballots_in_the_result_and_the_minutes(
    database: Database, cast: Cast, meeting: Gathering, vote_id: int
) -> None:
    casts(database, cast, vote_id, "member", "for")
    notes_others(database, cast, meeting, vote_id, "chair", "deputy")
    does(database, vote_id, "close")
    does(database, vote_id, "publish")
    assert asks(database, vote_id, "entered") == Entered(own=1, hands=(("Bùi Thị Ghi", 2),))
    with database.reading() as session:
        result = result_of(Votes(session), Votes(session).get(vote_id))
    assert result
    assert "- Trong số thu về: tự bỏ phiếu trên thiết bị 1; giơ tay, do Bùi Thị Ghi ghi 2." in vote_in_words(result)
