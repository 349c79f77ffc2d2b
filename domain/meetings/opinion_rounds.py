"""The result of a round of written opinions, by the rule of the body that was asked."""

from fractions import Fraction

from domain.meetings.quorum import Quorum
from domain.meetings.voting import Answer, Frozen, Tally, Threshold, Verdict, VoteKind, decide


def result(asked: int, *, agree: int, disagree: int, other: int, threshold: Threshold, quorum_share: Fraction) -> Verdict:
    """What a body of `asked` members with a vote has said. Whoever has not answered is not counted as agreeing; fewer answers
    than the quorum's share make the round invalid.

    >>> half = Fraction(2, 3)
    >>> result(9, agree=5, disagree=1, other=1, threshold=Threshold(), quorum_share=half).decision.value
    'passed'
    >>> result(9, agree=5, disagree=0, other=0, threshold=Threshold(), quorum_share=half).decision.value
    'invalid'
    """
    answered = agree + disagree + other
    counts = {Answer.FOR: agree, Answer.AGAINST: disagree, Answer.ABSTAIN: other}
    tally = Tally({answer.value: count for answer, count in counts.items()}, answered)
    is_met = Quorum(answered, asked, quorum_share).is_met
    return decide(VoteKind.NAMED, tally, threshold, Frozen(asked, answered, is_met))
