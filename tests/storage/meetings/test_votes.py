"""Votes as records, on SQLite and PostgreSQL: the roll is frozen, no ballot is lost or counted twice, and none can be traced."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, func, inspect, select

from domain.ground.clock import fix
from domain.ground.errors import StepNotAllowed
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import (
    AlreadyVoted,
    AnotherVoteOpen,
    BallotRefused,
    BallotsDoNotMatch,
    CountsDoNotAgree,
    Decision,
    Means,
    NotOnRoll,
    PaperCountWrong,
    Tally,
    VotedAlone,
    VoteKind,
    VoteNotOpen,
    VotesOnPaper,
    VoteState,
)
from storage.ground.database import Database
from storage.meetings.attendance import Attendance
from storage.meetings.ballots import NamedBallot, RollEntry, SecretBallot, Vote
from storage.meetings.bodies import BodyRules
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Receipt, Votes
from tests.cast import Cast
from tests.meetings import Gathering, gather_meeting
from tests.storage.meetings.conftest import PRESENT, come
from tests.stored import rows


def prepared(database: Database, gathering: Gathering, kind: VoteKind = VoteKind.SECRET, **how: Any) -> int:
    with database.writing() as session:
        meeting = session.get_one(Meeting, gathering.meeting)
        return Votes(session).prepare(meeting, meeting.items[2], kind=kind, question="Thông qua Nghị quyết", **how).id


def does(database: Database, vote_id: int, step: str, *args: object, **how: object) -> None:
    with database.writing() as session:
        votes = Votes(session)
        getattr(votes, step)(votes.get(vote_id), *args, **how)


def opened(
    database: Database, gathering: Gathering, kind: VoteKind = VoteKind.SECRET, *, lasting: timedelta | None = None, **how: Any
) -> int:
    vote_id = prepared(database, gathering, kind, **how)
    does(database, vote_id, "open", lasting=lasting)
    return vote_id


def casts(
    database: Database,
    cast: Cast,
    vote_id: int,
    login: str,
    *chosen: str,
    ballot: str = "a",
    arrived_at: datetime | None = None,
) -> Receipt:
    with database.writing() as session:
        return Votes(session).cast(
            vote_id, person_id=cast.people[login], chosen=chosen, ballot_id=ballot, arrived_at=arrived_at
        )


def asks(database: Database, vote_id: int, step: str) -> Any:
    with database.reading() as session:
        votes = Votes(session)
        return getattr(votes, step)(votes.get(vote_id))


def roll(database: Database, vote_id: int) -> list[tuple[str, bool, bool]]:
    with database.reading() as session:
        votes = Votes(session)
        return [(line.participant.person.login, line.was_present, line.voted) for line in votes.roll(votes.get(vote_id))]


# The roll


def test_the_roll_is_frozen_in_the_order_of_the_list_when_the_vote_opens(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    vote_id = opened(database, meeting)
    assert roll(database, vote_id) == [
        ("chair", True, False),
        ("deputy", True, False),
        ("member", True, False),
        ("delegate", True, False),
        ("absentee", False, False),
    ]
    with database.writing() as session:
        come(session, meeting, "absentee")
    with pytest.raises(NotOnRoll):
        casts(database, cast, vote_id, "absentee", "for")
    assert roll(database, vote_id)[4] == ("absentee", False, False)


def test_the_rule_the_numbers_and_the_quorum_are_frozen_with_it(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    with database.writing() as session:
        rules = session.scalars(select(BodyRules)).one()
        rules.majority_parts, rules.majority_of, rules.source = 9, 10, "Another"
    for login in ("chair", "deputy", "member"):
        casts(database, cast, vote_id, login, "for")
    verdict = asks(database, vote_id, "verdict")
    assert (verdict.decision, verdict.got, verdict.needed, verdict.of) == (Decision.PASSED, 3, 3, 5)
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert (vote.members, vote.present, vote.quorum_base, vote.quorum_needed, vote.quorum_is_met) == (5, 4, 5, 4, True)
        assert vote.source == "Quy chế làm việc của Ban Chấp hành, điều 9"


def test_a_vote_opened_without_a_quorum_decides_nothing(database: Database, cast: Cast, meeting: Gathering) -> None:
    leaves(database, cast, meeting, "member")
    vote_id = opened(database, meeting)
    for login in ("chair", "deputy", "delegate"):
        casts(database, cast, vote_id, login, "for")
    assert asks(database, vote_id, "verdict").decision is Decision.INVALID


def leaves(database: Database, cast: Cast, gathering: Gathering, login: str) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, gathering.meeting)
        one = here.participant(cast.people[login])
        assert one
        Attendance(session, here).leave(one)


def test_who_leaves_while_it_is_open_keeps_the_vote(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    leaves(database, cast, meeting, "member")
    assert casts(database, cast, vote_id, "member", "for") == Receipt(vote_id, "a", None)


def test_who_comes_late_votes_only_if_the_rule_says_so(database: Database, cast: Cast, meeting: Gathering) -> None:
    with database.writing() as session:
        session.scalars(select(BodyRules)).one().allows_late_voters = True
    vote_id = opened(database, meeting)
    with pytest.raises(NotOnRoll):  # not here yet
        casts(database, cast, vote_id, "absentee", "for")
    with database.writing() as session:
        come(session, meeting, "absentee")
    casts(database, cast, vote_id, "absentee", "for")
    assert roll(database, vote_id)[4] == ("absentee", False, True)


def test_guests_and_who_has_no_vote_are_not_on_the_roll(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    for login in ("guest", "secretary", "stranger"):
        with pytest.raises(NotOnRoll):
            casts(database, cast, vote_id, login, "for")


# One person, one ballot


@pytest.mark.parametrize("kind", [VoteKind.NAMED, VoteKind.SECRET])
def test_the_same_ballot_again_gives_the_same_receipt_even_after_the_close(
    database: Database, cast: Cast, meeting: Gathering, kind: VoteKind
) -> None:
    vote_id = opened(database, meeting, kind)
    first = casts(database, cast, vote_id, "member", "for", ballot="b-1")
    assert casts(database, cast, vote_id, "member", "for", ballot="b-1") == first
    does(database, vote_id, "close")
    assert casts(database, cast, vote_id, "member", "for", ballot="b-1") == first
    assert asks(database, vote_id, "tally").collected == 1


def test_another_ballot_of_the_same_voter_is_told_when_the_first_came(
    database: Database, cast: Cast, meeting: Gathering, stopped_clock: datetime
) -> None:
    named = opened(database, meeting, VoteKind.NAMED)
    casts(database, cast, named, "member", "for", ballot="b-1")
    with pytest.raises(AlreadyVoted) as refused:
        casts(database, cast, named, "member", "against", ballot="b-2")
    assert refused.value.at == stopped_clock
    does(database, named, "close")
    assert asks(database, named, "tally").counts == {"for": 1, "against": 0, "abstain": 0}


def test_of_many_devices_of_one_voter_one_is_first(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting, VoteKind.NAMED)
    answers = at_once([partial(casts, database, cast, vote_id, "member", "for", ballot=f"b-{n}") for n in range(8)])
    assert sum(isinstance(answer, Receipt) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyVoted) for answer in answers) == 7
    assert asks(database, vote_id, "tally").collected == 1


def test_the_same_press_sent_many_times_at_once_is_one_ballot(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    answers = at_once([lambda: casts(database, cast, vote_id, "member", "for", ballot="b-1")] * 8)
    assert answers == [Receipt(vote_id, "b-1", None)] * 8
    assert asks(database, vote_id, "tally").collected == 1


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """What the calls give when they all begin together; errors are answers."""
    answers: list[object] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("kind", [VoteKind.NAMED, VoteKind.SECRET])
def test_a_ballot_that_races_the_close_is_either_counted_or_refused(
    database: Database, cast: Cast, meeting: Gathering, kind: VoteKind
) -> None:
    vote_id = opened(database, meeting, kind)
    calls = [lambda login=login: casts(database, cast, vote_id, login, "for", ballot=login) for login in PRESENT]
    answers = at_once([*calls[:2], lambda: does(database, vote_id, "close"), *calls[2:]])
    accepted = [answer for answer in answers if isinstance(answer, Receipt)]
    refused = [answer for answer in answers if isinstance(answer, VoteNotOpen)]
    assert len(accepted) + len(refused) == 4
    assert asks(database, vote_id, "tally").collected == len(accepted)
    does(database, vote_id, "publish")


def test_only_one_of_two_votes_opened_at_once_is_open(database: Database, cast: Cast, meeting: Gathering) -> None:
    votes = [prepared(database, meeting) for _ in range(2)]
    answers = at_once([partial(does, database, vote, "open") for vote in votes])
    assert sum(answer is None for answer in answers) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Vote.state == VoteState.OPEN)) == 1


def test_a_second_vote_waits_for_the_first(database: Database, cast: Cast, meeting: Gathering) -> None:
    opened(database, meeting)
    with pytest.raises(AnotherVoteOpen):
        opened(database, meeting)


# Time


def test_a_ballot_that_arrived_in_time_counts_and_a_later_one_does_not(
    database: Database, cast: Cast, meeting: Gathering, stopped_clock: datetime
) -> None:
    vote_id = opened(database, meeting, lasting=timedelta(seconds=60))
    fix(stopped_clock + timedelta(seconds=61))
    casts(database, cast, vote_id, "member", "for", arrived_at=stopped_clock + timedelta(seconds=60))
    with pytest.raises(VoteNotOpen):
        casts(database, cast, vote_id, "delegate", "for")
    does(database, vote_id, "extend", timedelta(seconds=60))
    casts(database, cast, vote_id, "delegate", "for")


def test_before_the_opening_and_after_the_close_nothing_is_cast(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = prepared(database, meeting)
    for step in ("open", "close", "publish"):
        if step != "close":
            with pytest.raises((VoteNotOpen, NotOnRoll)):
                casts(database, cast, vote_id, "member", "for")
        does(database, vote_id, step)
    with pytest.raises(VoteNotOpen):
        casts(database, cast, vote_id, "member", "for")


def test_a_vote_opens_only_in_a_meeting_that_is_open(database: Database, cast: Cast) -> None:
    gathering = gather_meeting(database, cast, state=MeetingState.CONVENED)
    with pytest.raises(StepNotAllowed):
        opened(database, gathering)


def test_a_cancelled_vote_keeps_its_reason_its_roll_and_its_ballots(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    casts(database, cast, vote_id, "member", "for")
    does(database, vote_id, "cancel", "Sai nội dung")
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert (vote.state, vote.cancel_reason) == (VoteState.CANCELLED, "Sai nội dung")
    assert asks(database, vote_id, "tally").collected == 1
    opened(database, meeting)


# What the secret keeps


def test_a_secret_ballot_has_a_random_key_a_vote_and_a_choice_and_leads_to_nobody(database: Database) -> None:
    columns = {column["name"] for column in inspect(database.engine).get_columns("secret_ballots")}
    assert columns == {"id", "vote_id", "choice"}
    references = inspect(database.engine).get_foreign_keys("secret_ballots")
    assert [key["referred_table"] for key in references] == ["votes"]


def test_a_secret_vote_keeps_no_times(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    assert casts(database, cast, vote_id, "member", "for").at is None
    with database.reading() as session:
        assert set(session.scalars(select(RollEntry.voted_at))) == {None}


def test_the_close_writes_all_secret_ballots_anew_and_changes_none(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    for login, choice in zip(PRESENT, ("for", "against", "abstain", "for"), strict=True):
        casts(database, cast, vote_id, login, choice, ballot=login)
    before = {ballot.id: ballot.choice for ballot in rows(database, SecretBallot)}
    does(database, vote_id, "close")
    after = {ballot.id: ballot.choice for ballot in rows(database, SecretBallot)}
    assert not before.keys() & after.keys()
    assert sorted(before.values()) == sorted(after.values()) == [["abstain"], ["against"], ["for"], ["for"]]
    assert all(key.version == 4 for key in after)
    assert [line[2] for line in roll(database, vote_id)] == [True, True, True, True, False]


def test_on_postgresql_no_transaction_number_leads_from_a_ballot_to_its_voter(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps no number of the transaction with a row")
    vote_id = opened(database, meeting)
    for login in PRESENT:
        casts(database, cast, vote_id, login, "for", ballot=login)
    does(database, vote_id, "close")
    with database.reading() as session:
        writers = session.connection().exec_driver_sql(
            "SELECT xmin::text FROM secret_ballots UNION SELECT xmin::text FROM roll_entries"
        )
        assert len(writers.all()) == 1
        places = session.connection().exec_driver_sql("SELECT position FROM roll_entries ORDER BY ctid")
        assert list(places.scalars()) == [0, 1, 2, 3, 4]


def test_on_sqlite_rows_have_no_number_in_the_order_of_casting(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("of SQLite only")
    with database.reading() as session:
        for table in ("secret_ballots", "roll_entries"):
            made = session.connection().exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
            assert made.rstrip().endswith("WITHOUT ROWID")


# Publishing


def test_a_ballot_that_is_missing_blocks_the_result(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    for login in PRESENT:
        casts(database, cast, vote_id, login, "for", ballot=login)
    does(database, vote_id, "close")
    with database.writing() as session:
        session.execute(delete(SecretBallot).where(SecretBallot.id == session.scalars(select(SecretBallot.id)).first()))
    with pytest.raises(BallotsDoNotMatch) as refused:
        does(database, vote_id, "publish")
    assert (refused.value.ballots, refused.value.voted) == (3, 4)


def test_a_ballot_too_many_blocks_it_too(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting, VoteKind.NAMED)
    casts(database, cast, vote_id, "member", "for")
    does(database, vote_id, "close")
    with database.writing() as session:
        session.add(NamedBallot(vote_id=vote_id, participant_id=meeting.participants["chair"], choice=["for"]))
    with pytest.raises(BallotsDoNotMatch):
        does(database, vote_id, "publish")


# Paper


def test_who_was_given_paper_cannot_vote_on_a_device_too(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    does(database, vote_id, "give_paper", meeting.participants["member"])
    with pytest.raises(VotesOnPaper):
        casts(database, cast, vote_id, "member", "for")
    casts(database, cast, vote_id, "chair", "for")
    with pytest.raises(VotedAlone):
        does(database, vote_id, "give_paper", meeting.participants["chair"])


def counts(database: Database, vote_id: int, by: int, yes: int, no: int = 0, abstained: int = 0, invalid: int = 0) -> None:
    counted = Tally({"for": yes, "against": no, "abstain": abstained}, yes + no + abstained + invalid, invalid)
    does(database, vote_id, "count_paper", counted, by=by)


def test_paper_counts_only_when_two_people_have_counted_alike(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting)
    does(database, vote_id, "give_paper", meeting.participants["member"])
    does(database, vote_id, "give_paper", meeting.participants["delegate"])
    casts(database, cast, vote_id, "chair", "for")
    does(database, vote_id, "close")
    secretary, deputy, chair = (cast.people[login] for login in ("secretary", "deputy", "chair"))

    counts(database, vote_id, secretary, 1, 1)
    counts(database, vote_id, secretary, 1, 1)  # the same person twice is one person
    assert asks(database, vote_id, "tally").collected == 1
    counts(database, vote_id, deputy, 2, 0)
    with pytest.raises(CountsDoNotAgree):
        does(database, vote_id, "publish")
    counts(database, vote_id, deputy, 1, 1)
    assert asks(database, vote_id, "tally") == Tally({"for": 2, "against": 1, "abstain": 0}, 3)

    counts(database, vote_id, chair, 0, 2)  # a third person disagrees with the last one: counted again
    assert asks(database, vote_id, "paper_tally") is None
    counts(database, vote_id, secretary, 0, 2)
    does(database, vote_id, "publish")
    assert asks(database, vote_id, "tally").counts == {"for": 1, "against": 2, "abstain": 0}


def test_a_count_needs_a_closed_vote_and_no_more_ballots_than_were_given(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    vote_id = opened(database, meeting, means=Means.PAPER)
    with pytest.raises(StepNotAllowed):
        counts(database, vote_id, cast.people["secretary"], 4)
    with pytest.raises(VotesOnPaper):
        casts(database, cast, vote_id, "member", "for")
    does(database, vote_id, "close")
    with pytest.raises(PaperCountWrong):
        counts(database, vote_id, cast.people["secretary"], 5)
    for login in ("secretary", "deputy"):
        counts(database, vote_id, cast.people[login], 3, 1)
    does(database, vote_id, "publish")
    assert asks(database, vote_id, "verdict").decision is Decision.PASSED


def test_paper_given_to_a_late_comer_counts_as_given_where_all_vote_on_paper(
    database: Database, cast: Cast, meeting: Gathering
) -> None:
    with database.writing() as session:
        session.scalars(select(BodyRules)).one().allows_late_voters = True
    vote_id = opened(database, meeting, means=Means.PAPER)
    with database.writing() as session:
        come(session, meeting, "absentee")
    does(database, vote_id, "give_paper", meeting.participants["absentee"])
    does(database, vote_id, "close")
    assert asks(database, vote_id, "given") == 5
    counts(database, vote_id, cast.people["secretary"], 5)


def test_an_election_is_decided_by_the_ballots_collected(database: Database, cast: Cast, meeting: Gathering) -> None:
    vote_id = opened(database, meeting, VoteKind.ELECTION, options=["An", "Bình", "Cúc"], seats=2)
    with database.reading() as session:
        an, binh, cuc = (option.key for option in session.get_one(Vote, vote_id).options)
    casts(database, cast, vote_id, "chair", an, binh, ballot="1")
    casts(database, cast, vote_id, "deputy", an, ballot="2")
    casts(database, cast, vote_id, "member", an, cuc, ballot="3")
    with pytest.raises(BallotRefused):
        casts(database, cast, vote_id, "delegate", an, binh, cuc)
    casts(database, cast, vote_id, "delegate")  # blank
    does(database, vote_id, "close")
    verdict = asks(database, vote_id, "verdict")
    assert (verdict.chosen, verdict.needed, verdict.of, verdict.decision) == ((an,), 3, 4, Decision.REJECTED)
