"""Raised hands in votes by name, which a secretary notes for somebody. Until the close each can be corrected or taken back, and the
ballot that the voter casts takes its place (votes.py): a hand never stands in the way of its owner.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select

from domain.meetings.voting import NobodyHere, NoHandNoted, NotOnRoll, VotedAlone, VoteNotOpen, VoteState, check_ballot
from storage.ground.database import Records
from storage.meetings.ballots import NamedBallot, RollEntry, Vote
from storage.meetings.votes import Hand, Votes
from storage.people.people import Person


@dataclass(frozen=True, slots=True)
class NotedHands:
    """Whose hands were noted at once, and who was left out: by a ballot of their own meanwhile, or gone. Ids of participants."""

    noted: tuple[int, ...]
    voted: tuple[int, ...]
    gone: tuple[int, ...]


class Hands(Records):
    """The raised hands of votes. The line on the roll decides between a hand and a ballot that come at the same moment."""

    def note(self, vote: Vote, participant_id: int, choice: str, *, by: int) -> bool:
        """Note the hand of somebody who is here, or put right the one that was noted; whether one had been noted before.

        Raises VoteNotOpen, NotOnRoll, NobodyHere, VotedAlone, BallotRefused.
        """
        vote, entry = self._line(vote, participant_id)
        if not Votes(self.session).is_here(entry):
            raise NobodyHere
        return self._note(vote, entry, choice, by=by)

    def note_for(self, vote: Vote, participant_ids: Collection[int], choice: str, *, by: int) -> NotedHands:
        """Note the same of several people, but of nobody who has voted, has a hand, or has gone meanwhile.

        Raises VoteNotOpen, NotOnRoll, BallotRefused; then nothing is noted.
        """
        found: dict[str, list[int]] = {"noted": [], "voted": [], "gone": []}
        for participant_id in participant_ids:
            vote, entry = self._line(vote, participant_id)
            found[self._note_if_free(vote, entry, choice, by=by)].append(participant_id)
        return NotedHands(**{name: tuple(people) for name, people in found.items()})

    def take_back(self, vote: Vote, participant_id: int) -> None:
        """Let the voter be as if no hand had been noted; raises VoteNotOpen, NotOnRoll, NoHandNoted, VotedAlone."""
        vote, entry = self._line(vote, participant_id)
        if not entry.voted:
            raise NoHandNoted
        self._check_not_own(entry)
        if not Votes(self.session).mark(entry, None, None):
            return self.take_back(vote, participant_id)
        where = NamedBallot.vote_id == vote.id, NamedBallot.participant_id == participant_id
        self.session.execute(delete(NamedBallot).where(*where).execution_options(synchronize_session=False))
        return None

    def of(self, vote: Vote) -> dict[int, Hand]:
        """The hands that stand for somebody, by the participant's id."""
        noted = (
            select(NamedBallot.participant_id, NamedBallot.choice, Person.name, RollEntry.voted_at)
            .join(Person, Person.id == NamedBallot.entered_by_id)
            .join(
                RollEntry,
                (RollEntry.vote_id == NamedBallot.vote_id) & (RollEntry.participant_id == NamedBallot.participant_id),
            )
        )
        rows = self.session.execute(noted.where(NamedBallot.vote_id == vote.id))
        return {row.participant_id: Hand(row.choice[0], row.name, row.voted_at) for row in rows}

    def _line(self, vote: Vote, participant_id: int) -> tuple[Vote, RollEntry]:
        votes = Votes(self.session)
        vote = votes.hold(vote.id, alone=False)
        if vote.state is not VoteState.OPEN:
            raise VoteNotOpen(vote.state)
        entry = self.session.get(RollEntry, (vote.id, participant_id), populate_existing=True)
        if entry is None or vote.is_secret or not votes.may_vote(vote, entry):
            raise NotOnRoll
        return vote, entry

    def _note(self, vote: Vote, entry: RollEntry, choice: str, *, by: int) -> bool:
        check_ballot(vote.form, [choice], may_be_blank=False)
        had_one = entry.voted
        if had_one:
            self._check_not_own(entry)
        votes = Votes(self.session)
        if not votes.mark(entry, f"hand-{uuid.uuid4()}", vote.moment()):
            return self._note(vote, entry, choice, by=by)
        votes.put(vote, entry, [choice], entered_by_id=by)
        return had_one

    def _note_if_free(self, vote: Vote, entry: RollEntry, choice: str, *, by: int) -> str:
        if entry.voted:
            return "voted"
        if not Votes(self.session).is_here(entry):
            return "gone"
        try:
            self._note(vote, entry, choice, by=by)
        except VotedAlone:  # in this very moment
            return "voted"
        return "noted"

    def _check_not_own(self, entry: RollEntry) -> None:
        if Votes(self.session).hand_of(entry) is None:
            raise VotedAlone(entry.voted_at)
