"""Votes as records: the question, the roll frozen at the opening, ballots, counts of paper. The rules stand in domain/meetings/voting.py.

A secret ballot says what was chosen and nothing else: its key is random, it bears no time, and nothing leads from it to a person.
What still could be learnt, and by whom, stands in docs/secret-ballots.md.
"""

import random
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, joinedload

from domain.ground.clock import day_of, now
from domain.ground.errors import NotFound, StepNotAllowed
from domain.meetings.meetings import MeetingState
from domain.meetings.quorum import Quorum, QuorumBase
from domain.meetings.voting import (
    ELECTED_BY,
    ELECTION_THRESHOLD,
    AlreadyVoted,
    AnotherVoteOpen,
    BallotsDoNotMatch,
    CountsDoNotAgree,
    Entered,
    Frozen,
    Means,
    NobodyToVote,
    NotOnRoll,
    OwnMajority,
    ReopeningRefused,
    Tally,
    Threshold,
    Verdict,
    VotedAlone,
    VoteKind,
    VoteNotOpen,
    VotesOnPaper,
    VoteState,
    VoteStep,
    check_ballot,
    check_paper_count,
    decide,
    keeps_secret,
    take,
    tally,
)
from storage.ground import traces
from storage.ground.database import Records
from storage.meetings.attendance import Attendance, Stay
from storage.meetings.ballots import NamedBallot, PaperCount, RollEntry, SecretBallot, Vote, VoteOption
from storage.meetings.bodies import Bodies
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.people.people import Person


@dataclass(frozen=True, slots=True)
class Receipt:
    """That somebody's ballot is kept: never how it was filled in. `at` only in votes by name."""

    vote_id: int
    ballot_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Hand:
    """A raised hand that `by` noted for somebody: a key of the ballot."""

    choice: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many have cast a ballot, of how many who may."""

    voted: int
    roll: int


_AS_STORED = {"synchronize_session": False, "populate_existing": True}


class Votes(Records):
    """All votes. Whoever changes one holds its row until the commit: voters share it, opening and closing hold it alone."""

    def get(self, vote_id: int, meeting_id: int | None = None) -> Vote:
        """The vote, of that meeting if one is named; raises NotFound."""
        vote = self.session.get(Vote, vote_id)
        if vote is None or meeting_id not in (None, vote.meeting_id):
            raise NotFound("vote", vote_id)
        return vote

    def of(self, meeting: Meeting) -> list[Vote]:
        """Every vote of the meeting, in the order they were prepared."""
        return list(self.session.scalars(select(Vote).where(Vote.meeting_id == meeting.id).order_by(Vote.id)))

    def hold(self, vote_id: int, meeting_id: int | None = None, *, alone: bool = True) -> Vote:
        """The vote as it stands, its row held until the commit; raises NotFound.

        SQLite has one writer, who waits at the start of its session.
        """
        wanted = select(Vote).where(Vote.id == vote_id).with_for_update(read=not alone, of=Vote)
        vote = self.session.scalar(wanted.execution_options(populate_existing=True))
        if vote is None or meeting_id not in (None, vote.meeting_id):
            raise NotFound("vote", vote_id)
        return vote

    # The life of a vote

    def prepare(
        self,
        meeting: Meeting,
        item: AgendaItem | None,
        *,
        kind: VoteKind,
        question: str,
        options: Sequence[str] = (),
        seats: int = 1,
        is_secret: bool = False,
        means: Means = Means.ELECTRONIC,
        majority: OwnMajority | None = None,
    ) -> Vote:
        """A new vote, not yet open."""
        vote = Vote(meeting_id=meeting.id, item_id=item.id if item else None)
        self.session.add(vote)
        self.change(
            vote,
            kind=kind,
            question=question,
            options=options,
            seats=seats,
            is_secret=is_secret,
            means=means,
            majority=majority,
        )
        return vote

    def change(
        self,
        vote: Vote,
        *,
        kind: VoteKind,
        question: str,
        options: Sequence[str] = (),
        seats: int = 1,
        is_secret: bool = False,
        means: Means = Means.ELECTRONIC,
        majority: OwnMajority | None = None,
    ) -> None:
        """Put the question otherwise, as long as the vote is not open; raises StepNotAllowed. Without a majority of its own the
        rule of the body decides."""
        vote.state = take(vote.state or VoteState.DRAFT, VoteStep.CHANGE)
        vote.kind, vote.question, vote.means = kind, question, means
        vote.seats = seats if kind is VoteKind.ELECTION else 1
        vote.is_secret = keeps_secret(kind, is_asked=is_secret)
        vote.options = [VoteOption(text=text, position=position) for position, text in enumerate(options)]
        vote.has_own_majority, vote.source = majority is not None, ""
        if majority:
            _set_majority(vote, majority.threshold, majority.source)
        self.session.flush()

    def open(self, vote: Vote, *, lasting: timedelta | None = None) -> None:
        """Freeze the rule, the numbers and the roll, and let ballots in.

        Raises StepNotAllowed, AnotherVoteOpen, NobodyToVote.
        """
        vote = self.hold(vote.id)
        state = self._may_let_in(vote, VoteStep.OPEN)
        self._freeze(vote)
        if not vote.present:
            raise NobodyToVote
        vote.state, vote.opened_at = state, now()
        vote.closes_at = vote.opened_at + lasting if lasting else None
        self.session.flush()

    def extend(self, vote: Vote, by: timedelta) -> None:
        """Let ballots in for so much longer, counted from now if the time is over; raises StepNotAllowed, also for one without an end."""
        vote = self.hold(vote.id)
        take(vote.state, VoteStep.EXTEND)
        if vote.closes_at is None:
            raise StepNotAllowed(vote.state, VoteStep.EXTEND)
        vote.closes_at = max(vote.closes_at, now()) + by

    def close(self, vote: Vote) -> None:
        """Let no more ballots in, once those being cast are in; then put all of them, and the roll, into another order."""
        vote = self.hold(vote.id)
        vote.state = take(vote.state, VoteStep.CLOSE)
        vote.closed_at = now()
        self.session.flush()
        if vote.is_secret:
            self._shuffle(vote)

    def reopen(self, vote: Vote) -> None:
        """Let ballots in again until the chair closes, for the roll as it was frozen.

        Raises StepNotAllowed, AnotherVoteOpen, ReopeningRefused.
        """
        vote = self.hold(vote.id)
        state = self._may_let_in(vote, VoteStep.REOPEN)
        if vote.is_secret:
            raise ReopeningRefused("secret")
        if self.paper_counts(vote):
            raise ReopeningRefused("counted")
        vote.state, vote.closed_at, vote.closes_at = state, None, None
        self.session.flush()

    def publish(self, vote: Vote) -> None:
        """Let everybody see the result; raises BallotsDoNotMatch or CountsDoNotAgree if it cannot be trusted yet."""
        vote = self.hold(vote.id)
        state = take(vote.state, VoteStep.PUBLISH)
        self.check(vote)
        vote.state, vote.published_at = state, now()

    def cancel(self, vote: Vote, reason: str) -> None:
        """Take the vote back, whatever ballots it has; it stays on record with the reason."""
        vote = self.hold(vote.id)
        vote.state = take(vote.state, VoteStep.CANCEL)
        vote.cancel_reason, vote.cancelled_at = reason, now()
        self.session.flush()
        if vote.is_secret:
            self._shuffle(vote)

    # Ballots

    def cast(
        self,
        vote_id: int,
        meeting_id: int | None = None,
        *,
        person_id: int,
        chosen: Collection[str],
        ballot_id: str,
        arrived_at: datetime | None = None,
    ) -> Receipt:
        """Keep a ballot and mark its voter, both or neither. The same `ballot_id` again gives the same receipt, at any time.

        It takes the place of a hand that was noted for the voter. Raises AlreadyVoted for another one, NotOnRoll, VoteNotOpen,
        VotesOnPaper, BallotRefused.
        """
        vote = self.hold(vote_id, meeting_id, alone=False)
        entry = self.entry(vote, person_id)
        while entry and entry.voted and not self.hand_of(entry):
            read = entry.client_ballot_id
            self.session.refresh(entry)  # a hand may have been there when it was read, and gone when it was asked for
            if entry.client_ballot_id == read:
                return _again(entry, ballot_id)
        if not vote.accepts_at(arrived_at or now()):
            raise VoteNotOpen(VoteState.CLOSED if vote.state is VoteState.OPEN else vote.state)
        if entry is None or not self.came(vote, entry):
            raise NotOnRoll
        if vote.means is not Means.ELECTRONIC or entry.on_paper:
            raise VotesOnPaper
        check_ballot(vote.form, chosen, may_be_blank=vote.kind is VoteKind.ELECTION)
        if not self.mark(entry, ballot_id, None if vote.is_secret else vote.moment()):  # another device, or a hand, was quicker
            return self.cast(vote_id, person_id=person_id, chosen=chosen, ballot_id=ballot_id, arrived_at=arrived_at)
        self.put(vote, entry, chosen)
        return Receipt(vote.id, ballot_id, entry.voted_at)

    def hand_of(self, entry: RollEntry) -> Hand | None:
        """The raised hand that stands for a line of the roll; None where its voter has cast a ballot, or nobody noted any."""
        noted = select(NamedBallot.choice, Person.name).join(Person, Person.id == NamedBallot.entered_by_id)
        mine = NamedBallot.vote_id == entry.vote_id, NamedBallot.participant_id == entry.participant_id
        row = self.session.execute(noted.where(*mine)).one_or_none() if entry.voted else None
        return Hand(row.choice[0], row.name, entry.voted_at) if row else None

    def give_paper(self, vote: Vote, participant_id: int) -> None:
        """Note that somebody on the roll votes on paper; raises VoteNotOpen, NotOnRoll, VotedAlone."""
        vote = self.hold(vote.id, alone=False)
        if vote.state is not VoteState.OPEN:
            raise VoteNotOpen(vote.state)
        entry = self.session.get(RollEntry, (vote.id, participant_id))
        if entry is None or not vote.is_secret or not self.came(vote, entry):
            raise NotOnRoll
        free = *_as_read(entry), RollEntry.voted.is_(False)
        given = self.session.execute(
            update(RollEntry).where(*free).values(on_paper=True).execution_options(synchronize_session=False)
        )
        self.session.refresh(entry)
        if not given.rowcount and entry.voted:  # type: ignore[attr-defined]
            raise VotedAlone(None)

    def entry(self, vote: Vote, person_id: int) -> RollEntry | None:
        """That person's line on the roll as it stands, or None."""
        mine = select(RollEntry).join(Participant).where(RollEntry.vote_id == vote.id, Participant.person_id == person_id)
        return self.session.scalar(mine.execution_options(populate_existing=True))

    def may_vote(self, vote: Vote, entry: RollEntry) -> bool:
        """Whether somebody on the roll may cast a ballot on a device now, or could have."""
        return self.came(vote, entry) and not entry.on_paper and vote.means is Means.ELECTRONIC

    def came(self, vote: Vote, entry: RollEntry) -> bool:
        """Whether somebody on the roll was there at the opening, or has come since where the rule lets who is late vote."""
        return entry.was_present or (vote.allows_late_voters and self.is_here(entry))

    def is_here(self, entry: RollEntry) -> bool:
        """Whether somebody on the roll is in the meeting now."""
        here = exists().where(Stay.participant_id == entry.participant_id, Stay.left_at.is_(None))
        return bool(self.session.scalar(select(here)))

    def mark(self, entry: RollEntry, ballot_id: str | None, at: datetime | None) -> bool:
        """Mark the voter with a ballot, or None to take the mark away. False if the line no longer stands as it was read, in which
        case nothing changes: the database decides who was first."""
        values = {"voted": ballot_id is not None, "client_ballot_id": ballot_id, "voted_at": at}
        marking = update(RollEntry).where(*_as_read(entry)).values(values).returning(RollEntry)
        marked = self.session.scalar(marking, execution_options=_AS_STORED)
        if marked is None:
            self.session.refresh(entry)
        return marked is not None

    def put(self, vote: Vote, entry: RollEntry, chosen: Collection[str], *, entered_by_id: int | None = None) -> None:
        """Put a ballot beside the mark that its voter has just been given, in the place of a hand if one stood there."""
        choice = sorted(chosen)
        if vote.is_secret:
            self.session.add(SecretBallot(vote_id=vote.id, choice=choice))
            self.session.flush()
            return
        kept = {"choice": choice, "entered_by_id": entered_by_id}
        where = {"vote_id": vote.id, "participant_id": entry.participant_id}
        changed = self.session.execute(
            update(NamedBallot).filter_by(**where).values(kept).execution_options(synchronize_session=False)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            self.session.execute(insert(NamedBallot), [where | kept])

    # Counting

    def roll(self, vote: Vote) -> list[RollEntry]:
        """The roll in the order of the body's list."""
        entries = select(RollEntry).where(RollEntry.vote_id == vote.id).options(joinedload(RollEntry.participant))
        return list(self.session.scalars(entries.order_by(RollEntry.position, RollEntry.participant_id)))

    def turnout(self, vote_id: int) -> Turnout:
        """How many of those who may have cast a ballot on a device."""
        marked = func.count().filter(RollEntry.voted)
        counting = or_(RollEntry.was_present, RollEntry.voted), RollEntry.on_paper.is_(False)
        row = self.session.execute(select(marked, func.count()).where(RollEntry.vote_id == vote_id, *counting)).one()
        return Turnout(row[0], row[1])

    def given(self, vote: Vote) -> int:
        """How many paper ballots were handed out."""
        which = or_(RollEntry.on_paper, RollEntry.was_present & (vote.means is Means.PAPER))
        return self.session.scalar(select(func.count()).where(RollEntry.vote_id == vote.id, which)) or 0

    def count_paper(self, vote: Vote, counted: Tally, *, by: int) -> PaperCount:
        """Keep what one person counted; raises StepNotAllowed, PaperCountWrong."""
        vote = self.hold(vote.id)
        take(vote.state, VoteStep.COUNT)
        check_paper_count(vote.form, counted, given=self.given(vote))
        count = PaperCount(
            vote_id=vote.id, person_id=by, counts=dict(counted.counts), collected=counted.collected, invalid=counted.invalid
        )
        self.session.add(count)
        self.session.flush()
        return count

    def paper_counts(self, vote: Vote) -> list[PaperCount]:
        """The counts of the last two people who counted, each person's latest, in the order of entry."""
        counts = self.session.scalars(select(PaperCount).where(PaperCount.vote_id == vote.id).order_by(PaperCount.id))
        latest: dict[int, PaperCount] = {}
        for count in counts:
            latest.pop(count.person_id, None)
            latest[count.person_id] = count
        return list(latest.values())[-2:]

    def paper_tally(self, vote: Vote) -> Tally | None:
        """The paper ballots as two people counted them alike, or None."""
        counts = self.paper_counts(vote)
        return counts[0].tally if len(counts) == 2 and counts[0].tally == counts[1].tally else None

    def tally(self, vote: Vote) -> Tally:
        """All ballots: those cast on devices and, once agreed, those on paper."""
        electronic = tally(vote.form, self._ballots(vote))
        on_paper = self.paper_tally(vote) if self.given(vote) else None
        return electronic + on_paper if on_paper else electronic

    def check(self, vote: Vote) -> None:
        """Whether the ballots can be counted for good: raises BallotsDoNotMatch, CountsDoNotAgree."""
        voted = self.session.scalar(select(func.count()).where(RollEntry.vote_id == vote.id, RollEntry.voted)) or 0
        if voted != (ballots := len(self._ballots(vote))):
            raise BallotsDoNotMatch(ballots, voted)
        if self.given(vote) and self.paper_tally(vote) is None:
            raise CountsDoNotAgree

    def verdict(self, vote: Vote) -> Verdict:
        """What the ballots come to by the rule frozen at the opening. Late voters count among those present."""
        late = or_(RollEntry.voted, RollEntry.on_paper), RollEntry.was_present.is_(False)
        came = self.session.scalar(select(func.count()).where(RollEntry.vote_id == vote.id, *late)) or 0
        frozen = Frozen(vote.members, vote.present + came, vote.quorum_is_met)
        return decide(vote.kind, self.tally(vote), vote.threshold, frozen, seats=vote.seats)

    def entered(self, vote: Vote) -> Entered:
        """By whom the ballots came in."""
        on_paper = self.paper_tally(vote) if self.given(vote) else None
        noted = select(Person.name, func.count()).join(NamedBallot, NamedBallot.entered_by_id == Person.id)
        hands = self.session.execute(noted.where(NamedBallot.vote_id == vote.id).group_by(Person.name))
        by = tuple(sorted((name, n) for name, n in hands))
        own = len(self._ballots(vote)) - sum(n for _name, n in by)
        return Entered(own, by, on_paper.collected if on_paper else 0)

    def choices(self, vote: Vote) -> dict[int, list[str]]:
        """Who chose what in a vote by name, by the participant's id; for pages that show it only after the close."""
        ballots = self.session.scalars(select(NamedBallot).where(NamedBallot.vote_id == vote.id))
        return {ballot.participant_id: ballot.choice for ballot in ballots}

    # Inside

    def _may_let_in(self, vote: Vote, step: VoteStep) -> VoteState:
        """The state of a vote that lets ballots in: one at a time, and only while the meeting is open."""
        if vote.meeting.state is not MeetingState.OPEN:
            raise StepNotAllowed(vote.meeting.state, f"{step}_vote")
        state = take(vote.state, step)
        if self.session.scalar(select(exists().where(Vote.meeting_id == vote.meeting_id, Vote.state == VoteState.OPEN))):
            raise AnotherVoteOpen
        return state

    def _freeze(self, vote: Vote) -> None:
        meeting = vote.meeting
        self.session.refresh(meeting, ["participants"])
        voters = meeting.voters
        present = Attendance(self.session, meeting).present()
        vote.members = len(voters)
        if meeting.body:
            vote.members = Bodies(self.session).votes_in(meeting.body, day_of(meeting.starts_at))
        vote.present = sum(one.id in present for one in voters)
        self._freeze_rules(vote, convened=len(voters))
        for position, one in enumerate(voters):
            self.session.add(
                RollEntry(vote_id=vote.id, participant_id=one.id, position=position, was_present=one.id in present)
            )

    @staticmethod
    def _freeze_rules(vote: Vote, *, convened: int) -> None:
        rules = vote.meeting.rules
        vote.quorum_base, vote.quorum_needed = vote.members, 0
        if rules:
            vote.allows_late_voters = rules.allows_late_voters
            vote.quorum_base = convened if rules.quorum_base is QuorumBase.CONVENED else vote.members
            vote.quorum_needed = Quorum(vote.present, vote.quorum_base, rules.quorum_share).needed
        if vote.has_own_majority:
            return
        if vote.kind is VoteKind.ELECTION:
            _set_majority(vote, ELECTION_THRESHOLD, ELECTED_BY)
        elif rules:
            share = Fraction(rules.majority_parts, rules.majority_of)
            _set_majority(vote, Threshold(share, rules.majority_is_more_than, rules.majority_base), rules.source)

    def _ballots(self, vote: Vote) -> list[list[str]]:
        table = SecretBallot if vote.is_secret else NamedBallot
        return list(self.session.scalars(select(table.choice).where(table.vote_id == vote.id)))

    def _shuffle(self, vote: Vote) -> None:
        """Write the secret ballots anew in random order under new keys, and the roll in the order of the list, so that neither
        the place of a row nor the transaction that wrote it tells when it came."""
        choices = self._ballots(vote)
        random.SystemRandom().shuffle(choices)
        self.session.execute(delete(SecretBallot).where(SecretBallot.vote_id == vote.id))
        if choices:
            fresh = [{"id": uuid.uuid4(), "vote_id": vote.id, "choice": choice} for choice in choices]
            self.session.execute(insert(SecretBallot), fresh)
        columns = [column.key for column in RollEntry.__table__.columns]
        lines = [{name: getattr(line, name) for name in columns} for line in self.roll(vote)]
        self.session.execute(delete(RollEntry).where(RollEntry.vote_id == vote.id).execution_options(synchronize_session=False))
        if lines:
            self.session.execute(insert(RollEntry), lines)
        self.session.expire_all()
        traces.erase_after(self.session, ("vote", vote.id), (SecretBallot.__tablename__, RollEntry.__tablename__))


def secret_vote_is_open(session: Session) -> bool:
    """Whether a copy of the database that is taken now would tell in which order secret ballots come."""
    return bool(session.scalar(select(exists().where(Vote.is_secret, Vote.state == VoteState.OPEN))))


def _set_majority(vote: Vote, rule: Threshold, source: str) -> None:
    vote.majority_parts, vote.majority_of = rule.share.numerator, rule.share.denominator
    vote.majority_is_more_than, vote.majority_base, vote.source = rule.is_more_than, rule.base, source


def _as_read(entry: RollEntry) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a line on the roll that still has the ballot, or none, that it had when it was read, and no paper."""
    return (
        RollEntry.vote_id == entry.vote_id,
        RollEntry.participant_id == entry.participant_id,
        RollEntry.client_ballot_id == entry.client_ballot_id,
        RollEntry.on_paper.is_(False),
    )


def _again(entry: RollEntry, ballot_id: str) -> Receipt:
    """The receipt that was given before; raises AlreadyVoted for another ballot."""
    if entry.client_ballot_id != ballot_id:
        raise AlreadyVoted(entry.voted_at)
    return Receipt(entry.vote_id, ballot_id, entry.voted_at)
