"""Votes as values that the minutes are written from: the numbers, the verdict, and of a vote by name who said what."""

from collections.abc import Mapping

from domain.meetings.minutes import ANSWERS, VoteResult, manner_in_words
from domain.meetings.voting import Means, VoteState, outcome
from storage.meetings.ballots import Vote
from storage.meetings.hands import Hands
from storage.meetings.votes import Votes


def result_of(votes: Votes, vote: Vote) -> VoteResult | None:
    """A vote as a value: one that was published, or cancelled after it had been opened; None for any other."""
    if vote.opened_at is None or vote.state not in (VoteState.PUBLISHED, VoteState.CANCELLED):
        return None
    counted, verdict = votes.tally(vote), votes.verdict(vote)
    words = {**{key.value: said for key, said in ANSWERS.items()}, **{option.key: option.text for option in vote.options}}
    is_cancelled = vote.state is VoteState.CANCELLED
    return VoteResult(
        at=vote.opened_at,
        closed_at=vote.closed_at,
        title=vote.question,
        manner=manner_in_words(vote.kind, vote.means, is_secret=vote.is_secret),
        members=vote.members,
        present=vote.present,
        collected=counted.collected,
        invalid=counted.invalid,
        counts=() if is_cancelled else tuple((words.get(key, key), n) for key, n in counted.counts.items()),
        outcome=None if is_cancelled else outcome(vote.kind, verdict),
        got=verdict.got,
        needed=verdict.needed,
        of=verdict.of,
        share=verdict.threshold.share,
        is_more_than=verdict.threshold.is_more_than,
        base=verdict.threshold.base,
        source=vote.source,
        chosen=tuple((words.get(key, key), counted.of(key)) for key in verdict.chosen),
        tied=tuple((words.get(key, key), counted.of(key)) for key in verdict.tied),
        seats=vote.seats,
        entered=votes.entered(vote),
        by_name=() if is_cancelled or vote.is_secret or vote.means is not Means.ELECTRONIC else _by_name(votes, vote, words),
        cancelled_because=vote.cancel_reason,
    )


def _by_name(votes: Votes, vote: Vote, words: Mapping[str, str]) -> tuple[str, ...]:
    """Everybody on the roll with what that person said; a hand says who noted it."""
    choices, hands = votes.choices(vote), Hands(votes.session).of(vote)
    said = []
    for line in votes.roll(vote):
        one = line.participant
        answer = ", ".join(words[key] for key in choices.get(one.id, []))
        answer = answer or ("không bỏ phiếu" if line.was_present else "vắng mặt khi mở biểu quyết")
        noted = f" (giơ tay, do {hands[one.id].by} ghi)" if one.id in hands else ""
        said.append(f"{one.name}{f', {one.title}' if one.title else ''}: {answer}{noted}")
    return tuple(said)
