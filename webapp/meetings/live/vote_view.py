"""What pages show of a vote: the rows of its result, the verdict in the words of the rule, who has not voted yet."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.meetings.voting import (
    Decision,
    Entered,
    Means,
    Tally,
    Verdict,
    VoteKind,
    VoteState,
    outcome,
    secrecy_warnings,
)
from storage.ground import traces
from storage.meetings.attendance import Attendance
from storage.meetings.ballots import RollEntry, Vote
from storage.meetings.hands import Hands
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.meetings.votes import Hand, Turnout, Votes
from webapp.ground.sockets import sockets
from webapp.meetings.words import (
    MAJORITY_BASES,
    OUTCOMES,
    TRACES_DUE,
    TRACES_ERASED,
    VOTE_KINDS,
    VOTE_STATES,
    WARNINGS,
    choice_in_words,
    share_in_words,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a result."""

    key: str
    text: str
    count: int
    is_chosen: bool
    is_tied: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may vote and has not: whether a device of theirs is connected, or since when none is."""

    entry: RollEntry
    is_here: bool
    is_connected: bool
    left_at: float | None  # seconds since 1970; None if no device has been seen since the program was started

    @property
    def standing(self) -> tuple[Any, str]:
        """Where the person is, in words, with the look of a badge."""
        if not self.is_here:
            return _("đã rời phòng"), "neutral"
        if self.is_connected:
            return _("đang kết nối"), "good"
        if self.left_at is None:
            return _("không kết nối"), "warn"
        gone_s = max(0, round(now().timestamp() - self.left_at))
        if gone_s < 120:
            return _("mất kết nối %(n)s giây", n=gone_s), "warn"
        return _("mất kết nối %(n)s phút", n=gone_s // 60), "warn"


class ShownVote:
    """One vote as pages show it."""

    def __init__(self, session: Session, vote: Vote) -> None:
        self.vote, self.votes = vote, Votes(session)
        self._session = session

    @property
    def kind(self) -> str:
        """How the body votes, in words."""
        words, secretly = str(VOTE_KINDS[self.vote.kind]), _("phiếu kín")
        hidden = self.vote.kind is VoteKind.OPTIONS and self.vote.is_secret
        return f"{words}, {secretly}" if hidden else words

    @property
    def state(self) -> tuple[Any, str]:
        """Where it stands, in words, with the look of its badge."""
        return VOTE_STATES[self.vote.state]

    @property
    def is_on_devices(self) -> bool:
        """Whether ballots are cast on devices."""
        return self.vote.means is Means.ELECTRONIC

    @property
    def is_late(self) -> bool:
        """Whether its time is over though nobody has closed it."""
        return bool(self.vote.closes_at and now() > self.vote.closes_at)

    @cached_property
    def turnout(self) -> Turnout:
        """How many have voted on devices."""
        return self.votes.turnout(self.vote.id)

    @cached_property
    def roll(self) -> list[RollEntry]:
        """The roll in its order."""
        return self.votes.roll(self.vote)

    @cached_property
    def given(self) -> int:
        """How many paper ballots were handed out."""
        return self.votes.given(self.vote)

    @cached_property
    def tally(self) -> Tally:
        """All ballots that count so far; never shown while the vote is open."""
        return self.votes.tally(self.vote)

    @cached_property
    def verdict(self) -> Verdict:
        """What they come to."""
        return self.votes.verdict(self.vote)

    @cached_property
    def entered(self) -> Entered:
        """By whom the ballots came in."""
        return self.votes.entered(self.vote)

    @cached_property
    def hands(self) -> dict[int, Hand]:
        """The raised hands that were noted for somebody, by the participant's id; what they say is shown to who notes them."""
        return {} if self.vote.is_secret else Hands(self._session).of(self.vote)

    @cached_property
    def choices(self) -> dict[int, list[str]]:
        """Who chose what, by the participant's id; never shown while the vote is open."""
        return {} if self.vote.is_secret else self.votes.choices(self.vote)

    @cached_property
    def awaits_count(self) -> bool:
        """Whether paper ballots must still be counted alike by two people."""
        return self.given > 0 and self.votes.paper_tally(self.vote) is None

    @cached_property
    def counters(self) -> list[str]:
        """Who has counted the paper ballots last."""
        return [count.person.name for count in self.votes.paper_counts(self.vote)]

    @property
    def on_ballot(self) -> list[tuple[str, str]]:
        """What may be chosen: keys with their texts, in order."""
        return [(key, self.text(key)) for key in self.vote.form.keys]

    def text(self, key: str) -> str:
        """What a key of the ballot says."""
        return choice_in_words(self.vote, key)

    @cached_property
    def rows(self) -> list[Row]:
        """The result line by line: elections the highest first, others in the order of the ballot."""
        verdict = self.verdict
        rows = [Row(key, text, self.tally.of(key), key in verdict.chosen, key in verdict.tied) for key, text in self.on_ballot]
        return sorted(rows, key=lambda row: -row.count) if self.vote.kind is VoteKind.ELECTION else rows

    @property
    def decision(self) -> tuple[Any, str]:
        """The verdict in a word or two, with its look."""
        words, look = OUTCOMES[outcome(self.vote.kind, self.verdict)]
        elected, seats = len(self.verdict.chosen), self.vote.seats
        return str(words) % {"n": elected, "seats": seats, "missing": seats - elected}, look

    @property
    def sentence(self) -> str:
        """The verdict in the words of the rule: the decision and what it rests on."""
        return f"{self.decision[0]}: {self.grounds}"

    @property
    def grounds(self) -> str:
        """What the decision rests on: the votes, the base, the threshold and the article that says so."""
        if self.verdict.decision is not Decision.INVALID:
            return f"{self._got}, {self._rule}."
        vote = self.vote
        return str(_(
            "khi mở biểu quyết có mặt %(present)s/%(base)s người, cần %(needed)s (%(source)s).",
            present=vote.present, base=vote.quorum_base, needed=vote.quorum_needed,
            source=vote.meeting.rules.source if vote.meeting.rules else vote.source,
        ))  # fmt: skip

    @property
    def rule(self) -> str:
        """The rule by which the vote is decided, as frozen at the opening."""
        return f"{share_in_words(self.vote)} {MAJORITY_BASES[self.vote.majority_base][1]}"

    @property
    def _got(self) -> str:
        verdict, of = self.verdict, f"{self.verdict.of} {MAJORITY_BASES[self.verdict.threshold.base][2]}"
        if self.vote.kind is VoteKind.ELECTION:
            names = "; ".join(f"{self.text(key)} ({self.tally.of(key)})" for key in verdict.chosen)
            nobody = _("chưa ai đủ số phiếu")
            return f"{names or nobody} / {of}"
        if self.vote.kind is VoteKind.OPTIONS:
            chosen = verdict.chosen[0] if verdict.chosen else ""
            named = f"“{self.text(chosen)}” " if chosen else _("phương án cao nhất được ")
            return str(_("%(named)s%(got)s phiếu / %(of)s", named=named, got=verdict.got, of=of))
        return str(_("%(got)s đồng ý / %(of)s", got=verdict.got, of=of))

    @property
    def _rule(self) -> str:
        own = f"; {_('tỷ lệ riêng của biểu quyết này')}" if self.vote.has_own_majority else ""
        source = f"{own}; {self.vote.source}" if self.vote.source else own
        return str(_("cần từ %(needed)s (%(rule)s%(source)s)", needed=self.verdict.needed, rule=self.rule, source=source))

    @property
    def late_voters(self) -> int:
        """How many voted who were not present at the opening."""
        return sum(entry.is_late for entry in self.roll)

    @property
    def warnings(self) -> list[Any]:
        """What a secret result may give away."""
        if not self.vote.is_secret:
            return []
        return [WARNINGS[name] for name in secrecy_warnings(self.tally, on_paper=self.given)]

    @property
    def secrecy(self) -> tuple[Any, str] | None:
        """What is certain of the secrecy of ballots that are in, with the look of a notice; None for votes that have none."""
        if (
            not self.vote.is_secret
            or not self.is_on_devices
            or self.vote.opened_at is None
            or self.vote.state is VoteState.OPEN
        ):
            return None
        if traces.are_due(self._session, ("vote", self.vote.id)):
            return TRACES_DUE, "warn"
        return TRACES_ERASED[self._session.get_bind().dialect.name], "quiet"

    @cached_property
    def waiting(self) -> list[Waiting]:
        """Who may vote on a device and has not, those first who are here; for the head of the meeting only."""
        here = Attendance(self._session, self.vote.meeting).present()
        connected, left = sockets().connected(self.vote.meeting_id), sockets().last_seen(self.vote.meeting_id)
        missing = [
            entry for entry in self.roll if not entry.voted and not entry.on_paper and self.votes.may_vote(self.vote, entry)
        ]
        people = [(one, one.participant.person_id) for one in missing]
        return [Waiting(one, one.participant_id in here, who in connected, left.get(who)) for one, who in people]


def receipt_code(vote_id: int, ballot_id: str) -> str:
    """What a voter is shown as proof that the ballot is kept: two groups of four.

    >>> receipt_code(7, "b-1")
    '0BBA-B45F'
    """
    code = hashlib.sha256(f"{vote_id}:{ballot_id}".encode()).hexdigest()[:8].upper()
    return f"{code[:4]}-{code[4:]}"


def milliseconds(moment: datetime | None) -> int | None:
    """A moment for scripts."""
    return round(moment.timestamp() * 1000) if moment else None


class VotesOfRoom:
    """The votes that concern the room now."""

    def __init__(self, session: Session, meeting: Meeting, item: AgendaItem | None, me: Participant | None) -> None:
        self._session, self._item = session, item
        votes = Votes(session).of(meeting)
        self._votes = [vote for vote in votes if me is None or me.may_see(vote.item)]

    @cached_property
    def current(self) -> ShownVote | None:
        """The vote that is open, or closed and not published, or else the last one decided on the item on the floor."""
        for state in (VoteState.OPEN, VoteState.CLOSED):
            if found := [vote for vote in self._votes if vote.state is state]:
                return ShownVote(self._session, found[-1])
        done = [vote for vote in self._of_item if vote.state in (VoteState.PUBLISHED, VoteState.CANCELLED) and vote.opened_at]
        return ShownVote(self._session, max(done, key=lambda vote: (vote.opened_at, vote.id))) if done else None

    @cached_property
    def drafts(self) -> list[ShownVote]:
        """The votes prepared for the item on the floor; nothing of them is shown to members."""
        return [ShownVote(self._session, vote) for vote in self._of_item if vote.state is VoteState.DRAFT]

    @property
    def _of_item(self) -> list[Vote]:
        item = self._item
        return [vote for vote in self._votes if item is not None and vote.item_id in (None, item.id)]
