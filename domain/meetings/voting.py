"""Votes as rules: kinds, states, ballots, tallies, and the verdict in exact fractions. Records: storage/meetings/votes.py."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Literal, assert_never

from domain.ground.errors import RuleError, StepNotAllowed

SMALL_GROUP = 5  # with fewer voters, a secret tally may tell how somebody voted
ELECTED_BY = "Điều lệ Công đoàn Việt Nam: quá một nửa tổng số phiếu thu về"


class MajorityBase(StrEnum):
    """Of what the share of the majority is taken."""

    MEMBERS = "members"  # all members of the body with a vote
    PRESENT = "present"  # those present with a vote when the vote was opened
    COLLECTED = "collected"  # the ballots collected (tổng số phiếu thu về)
    VALID = "valid"  # the valid ballots


class VoteKind(StrEnum):
    """How a body votes."""

    NAMED = "named"  # biểu quyết giơ tay, ghi theo tên
    SECRET = "secret"  # noqa: S105 - bỏ phiếu kín
    ELECTION = "election"  # bầu cử theo danh sách, luôn kín
    OPTIONS = "options"  # chọn một trong các phương án


_NEVER_SECRET = frozenset({VoteKind.NAMED})
_SECRET_IF_ASKED = frozenset({VoteKind.OPTIONS})


def keeps_secret(kind: VoteKind, *, is_asked: bool) -> bool:
    """Whether a vote of that kind keeps who voted how to itself; of some it `is_asked`.

    >>> keeps_secret(VoteKind.ELECTION, is_asked=False), keeps_secret(VoteKind.NAMED, is_asked=True)
    (True, False)
    """
    return is_asked if kind in _SECRET_IF_ASKED else kind not in _NEVER_SECRET


class Means(StrEnum):
    """By what the ballots are cast."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class Answer(StrEnum):
    """What a ballot says to a question."""

    FOR = "for"  # đồng ý
    AGAINST = "against"  # không đồng ý
    ABSTAIN = "abstain"  # ý kiến khác (trắng)


class VoteState(StrEnum):
    """Where a vote stands. A cancelled vote stays on record."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class VoteStep(StrEnum):
    """What moves a vote, or is done to it in its state."""

    CHANGE = "change"
    OPEN = "open"
    CAST = "cast"
    EXTEND = "extend"
    CLOSE = "close"
    REOPEN = "reopen"  # closed by mistake, and nothing published
    COUNT = "count"  # enter a count of paper ballots
    PUBLISH = "publish"
    CANCEL = "cancel"


_STEPS = {
    (VoteState.DRAFT, VoteStep.CHANGE): VoteState.DRAFT,
    (VoteState.DRAFT, VoteStep.OPEN): VoteState.OPEN,
    (VoteState.DRAFT, VoteStep.CANCEL): VoteState.CANCELLED,
    (VoteState.OPEN, VoteStep.CAST): VoteState.OPEN,
    (VoteState.OPEN, VoteStep.EXTEND): VoteState.OPEN,
    (VoteState.OPEN, VoteStep.CLOSE): VoteState.CLOSED,
    (VoteState.OPEN, VoteStep.CANCEL): VoteState.CANCELLED,
    (VoteState.CLOSED, VoteStep.REOPEN): VoteState.OPEN,
    (VoteState.CLOSED, VoteStep.COUNT): VoteState.CLOSED,
    (VoteState.CLOSED, VoteStep.PUBLISH): VoteState.PUBLISHED,
    (VoteState.CLOSED, VoteStep.CANCEL): VoteState.CANCELLED,
}


def take(state: VoteState, step: VoteStep) -> VoteState:
    """The state that the step leads to; raises StepNotAllowed.

    >>> take(VoteState.OPEN, VoteStep.CLOSE).value
    'closed'
    """
    if (state, step) not in _STEPS:
        raise StepNotAllowed(state, step)
    return _STEPS[state, step]


class VoteNotOpen(RuleError):
    """A ballot came before the vote was opened or after it was closed."""

    state: VoteState


class NotOnRoll(RuleError):
    """The person has no vote here, or was not present when the roll was frozen."""


class AlreadyVoted(RuleError):
    """The person has voted with another ballot; `at` is None in secret votes, which keep no times."""

    at: datetime | None


class VotedAlone(RuleError):
    """Somebody whose hand or paper is to be noted has cast a ballot; `at` is None in secret votes, which keep no times."""

    at: datetime | None


class NobodyHere(RuleError):
    """Whose hand is to be noted is not here, so there is no hand to be seen."""


class NoHandNoted(RuleError):
    """There is no hand of that person to take back."""


class VotesOnPaper(RuleError):
    """The person was given a paper ballot, or the whole vote is on paper."""


BallotProblem = Literal["none", "too_many", "unknown"]


class BallotRefused(RuleError):
    """The ballot could never be counted."""

    problem: BallotProblem


class AnotherVoteOpen(RuleError):
    """The meeting is voting on something else."""


class NobodyToVote(RuleError):
    """Nobody with a vote is present, so there would be nobody on the roll."""


ReopeningProblem = Literal["secret", "counted"]


class ReopeningRefused(RuleError):
    """A closed vote cannot go on: whoever saw its tally would learn from the next ballots how they were cast, or paper was counted."""

    problem: ReopeningProblem


class ItemNotOnFloor(RuleError):
    """The vote belongs to an item that the meeting is not dealing with. `title` is that of the item."""

    title: str


class BallotsDoNotMatch(RuleError):
    """There are not as many ballots as voters who were marked; nothing may be published."""

    ballots: int
    voted: int


class CountsDoNotAgree(RuleError):
    """The paper ballots have not been counted alike by two people."""


PaperCountProblem = Literal["negative", "sum", "too_many", "over_given"]


class PaperCountWrong(RuleError):
    """A paper count cannot be right."""

    problem: PaperCountProblem


@dataclass(frozen=True, slots=True)
class BallotForm:
    """What may stand on a ballot: at most `most` of the keys."""

    keys: tuple[str, ...]
    most: int = 1

    def problem(self, chosen: Collection[str]) -> BallotProblem | None:
        """Why a ballot is not valid: none, too_many, unknown; None if it is valid.

        >>> BallotForm(("a", "b", "c"), most=2).problem({"a", "b", "c"})
        'too_many'
        """
        if not set(chosen) <= set(self.keys):
            return "unknown"
        if len(chosen) > self.most:
            return "too_many"
        return None if chosen else "none"


def ballot_form(kind: VoteKind, options: Sequence[str] = (), *, seats: int = 1) -> BallotForm:
    """The ballot of a vote of that kind; `options` are the keys of its options or candidates.

    >>> ballot_form(VoteKind.OPTIONS, ["7", "8"]).keys
    ('7', '8', 'abstain')
    """
    match kind:
        case VoteKind.ELECTION:
            return BallotForm(tuple(options), seats)
        case VoteKind.OPTIONS:
            return BallotForm((*options, Answer.ABSTAIN.value))
        case VoteKind.NAMED | VoteKind.SECRET:
            return BallotForm(tuple(answer.value for answer in Answer))
    assert_never(kind)


def check_ballot(form: BallotForm, chosen: Collection[str], *, may_be_blank: bool) -> None:
    """Refuse what a device should not have let pass; raises BallotRefused. A blank election ballot is one's right, and not valid."""
    problem = form.problem(chosen)
    if problem and not (problem == "none" and may_be_blank):
        raise BallotRefused(problem)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted: how many ballots name each key, and how many ballots there are."""

    counts: Mapping[str, int]
    collected: int
    invalid: int = 0

    @property
    def valid(self) -> int:
        """The ballots that count."""
        return self.collected - self.invalid

    def of(self, key: str) -> int:
        """How many ballots name the key."""
        return self.counts.get(key, 0)

    def __add__(self, other: "Tally") -> "Tally":
        """Both together: electronic ballots and those on paper."""
        keys = dict.fromkeys((*self.counts, *other.counts))
        return Tally(
            {key: self.of(key) + other.of(key) for key in keys},
            self.collected + other.collected,
            self.invalid + other.invalid,
        )


def tally(form: BallotForm, ballots: Iterable[Collection[str]]) -> Tally:
    """Count the ballots. A ballot that is not valid counts as collected, and for nobody.

    >>> tally(ballot_form(VoteKind.SECRET), [["for"], ["for"], ["against"], []])
    Tally(counts={'for': 2, 'against': 1, 'abstain': 0}, collected=4, invalid=1)
    """
    counts, collected, invalid = Counter[str](), 0, 0
    for chosen in ballots:
        collected += 1
        if form.problem(chosen):
            invalid += 1
        else:
            counts.update(set(chosen))
    return Tally({key: counts[key] for key in form.keys}, collected, invalid)


@dataclass(frozen=True, slots=True)
class Entered:
    """By whom the ballots came in: cast by the voters on their own devices; raised hands, by the name of who noted them; on paper, as
    two people counted it."""

    own: int = 0
    hands: tuple[tuple[str, int], ...] = ()
    paper: int = 0

    @property
    def is_all_own(self) -> bool:
        """Whether nobody but the voters themselves entered anything."""
        return not self.hands and not self.paper


ALL_OWN = Entered()


def check_paper_count(form: BallotForm, counted: Tally, *, given: int) -> None:
    """Refuse a count of paper ballots that no pile of paper can give; raises PaperCountWrong. `given` ballots were handed out."""
    if counted.invalid < 0 or counted.collected < 0 or any(n < 0 for n in counted.counts.values()):
        raise PaperCountWrong("negative")
    if counted.collected > given:
        raise PaperCountWrong("over_given")
    named = sum(counted.counts.values())
    if form.most == 1 and named != counted.valid:
        raise PaperCountWrong("sum")
    if not counted.valid <= named <= counted.valid * form.most or any(n > counted.valid for n in counted.counts.values()):
        raise PaperCountWrong("too_many")


@dataclass(frozen=True, slots=True)
class Threshold:
    """The rule of a majority: more than a share of a base, or at least it."""

    share: Fraction = Fraction(1, 2)
    is_more_than: bool = True
    base: MajorityBase = MajorityBase.MEMBERS

    def needed(self, of: int) -> int:
        """The smallest number that satisfies the rule; at least one.

        >>> Threshold().needed(35), Threshold().needed(34), Threshold(Fraction(2, 3), False).needed(35)
        (18, 18, 24)
        """
        parts = of * self.share.numerator
        if self.is_more_than:
            return parts // self.share.denominator + 1
        return max(1, -(-parts // self.share.denominator))


@dataclass(frozen=True, slots=True)
class OwnMajority:
    """A majority that one vote needs otherwise than the body's rule says, and the article that asks for it."""

    threshold: Threshold
    source: str


ELECTION_THRESHOLD = Threshold(base=MajorityBase.COLLECTED)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was fixed when the vote was opened: how many members there are, how many may vote, whether the quorum was met."""

    members: int
    present: int
    quorum_is_met: bool


class Decision(StrEnum):
    """What a vote comes to."""

    PASSED = "passed"  # thông qua
    REJECTED = "rejected"  # không thông qua
    INVALID = "invalid"  # không hợp lệ: không đủ số người khi mở


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the numbers it rests on: `got` of `of`, where `needed` were needed.

    `chosen` are the option that won or those elected, the highest first. `tied` stood level where only some could be taken;
    a tie is reported, never broken.
    """

    decision: Decision
    got: int
    needed: int
    of: int
    threshold: Threshold
    chosen: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()


class Outcome(StrEnum):
    """What a vote comes to, said by its kind: of somebody who was elected it is never said that a vote did not pass."""

    PASSED = "passed"
    REJECTED = "rejected"
    INVALID = "invalid"
    ELECTED = "elected"  # as many as there are seats
    ELECTED_SOME = "elected_some"
    ELECTED_NONE = "elected_none"


_OF_DECISIONS = {
    Decision.PASSED: Outcome.PASSED,
    Decision.REJECTED: Outcome.REJECTED,
    Decision.INVALID: Outcome.INVALID,
}


def outcome(kind: VoteKind, verdict: Verdict) -> Outcome:
    """The outcome of a verdict.

    >>> outcome(VoteKind.ELECTION, Verdict(Decision.REJECTED, 13, 8, 14, ELECTION_THRESHOLD, chosen=("7",))).value
    'elected_some'
    """
    if kind is not VoteKind.ELECTION or verdict.decision is Decision.INVALID:
        return _OF_DECISIONS[verdict.decision]
    if verdict.decision is Decision.PASSED:
        return Outcome.ELECTED
    return Outcome.ELECTED_SOME if verdict.chosen else Outcome.ELECTED_NONE


def base_number(base: MajorityBase, counted: Tally, frozen: Frozen) -> int:
    """The number that the share is taken of."""
    return {
        MajorityBase.MEMBERS: frozen.members,
        MajorityBase.PRESENT: frozen.present,
        MajorityBase.COLLECTED: counted.collected,
        MajorityBase.VALID: counted.valid,
    }[base]


def decide(kind: VoteKind, counted: Tally, threshold: Threshold, frozen: Frozen, *, seats: int = 1) -> Verdict:
    """The verdict on a tally.

    >>> half = decide(VoteKind.SECRET, Tally({"for": 21}, 33), Threshold(), Frozen(35, 33, True))
    >>> half.decision.value, half.got, half.needed, half.of
    ('passed', 21, 18, 35)
    """
    of = base_number(threshold.base, counted, frozen)
    needed = threshold.needed(of)
    chosen: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    match kind:
        case VoteKind.NAMED | VoteKind.SECRET:
            got = counted.of(Answer.FOR)
            is_passed = got >= needed
        case VoteKind.ELECTION | VoteKind.OPTIONS:
            candidates = {key: n for key, n in counted.counts.items() if key not in frozenset(Answer)}
            chosen, tied = _highest(candidates, needed, seats)
            got = max(candidates.values(), default=0)
            is_passed = len(chosen) == seats
        case _:
            assert_never(kind)
    decision = Decision.PASSED if is_passed else Decision.REJECTED
    if not frozen.quorum_is_met:
        decision, chosen, tied = Decision.INVALID, (), ()
    return Verdict(decision, got, needed, of, threshold, chosen, tied)


def _highest(counts: Mapping[str, int], needed: int, seats: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is taken, the highest first, and who stand level at the last seat, of whom none is taken."""
    reached = sorted((key for key, n in counts.items() if n >= needed), key=lambda key: -counts[key])
    if len(reached) <= seats:
        return tuple(reached), ()
    last = counts[reached[seats - 1]]
    if counts[reached[seats]] < last:
        return tuple(reached[:seats]), ()
    above = tuple(key for key in reached if counts[key] > last)
    return above, tuple(key for key in reached if counts[key] == last)


@dataclass(frozen=True, slots=True)
class NextRound:
    """What is voted on in a further round: the keys that stand again, and how many of them are to be taken."""

    keys: tuple[str, ...]
    seats: int


def next_round(kind: VoteKind, options: Sequence[str], seats: int, verdict: Verdict) -> NextRound | None:
    """A further round after that verdict, or None if nothing is left to decide. Whoever was elected stands no more; of options,
    those stand again that were level at the top, else all. Who steps back, or is nominated anew, people decide.

    >>> half = Verdict(Decision.REJECTED, 20, 16, 31, ELECTION_THRESHOLD, chosen=("1",))
    >>> next_round(VoteKind.ELECTION, ["1", "2", "3"], 2, half)
    NextRound(keys=('2', '3'), seats=1)
    """
    if verdict.decision is Decision.PASSED:
        return None
    if kind is VoteKind.ELECTION:
        return NextRound(tuple(key for key in options if key not in verdict.chosen), seats - len(verdict.chosen))
    return NextRound(verdict.tied or tuple(options), 1)


Giveaway = Literal["few", "unanimous", "few_papers"]  # few voters; few paper ballots beside others


def secrecy_warnings(counted: Tally, *, on_paper: int = 0) -> list[Giveaway]:
    """Why the result of a secret vote may tell how somebody voted.

    >>> secrecy_warnings(Tally({"for": 4, "against": 0}, 4))
    ['few', 'unanimous']
    >>> secrecy_warnings(Tally({"for": 20, "against": 4}, 24), on_paper=1)
    ['few_papers']
    """
    few = 0 < counted.collected < SMALL_GROUP
    is_unanimous = counted.collected > 1 and counted.collected in counted.counts.values()
    few_papers = 0 < on_paper < SMALL_GROUP and on_paper < counted.collected
    found: dict[Giveaway, bool] = {"few": few, "unanimous": is_unanimous, "few_papers": few_papers}
    return [name for name, holds in found.items() if holds]
