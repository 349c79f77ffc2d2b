"""Issuing a document as one plan: from what is known before, all that is to be recorded, delivered, replaced and weighed.

Nothing is written here: storage/directives/issuing.py writes the plan, whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.directives.deliveries import PlannedDelivery, Reach, Sending, planned_deliveries
from domain.directives.directives import COUNTED, OutgoingState, OutgoingStep, claim_at_issue, take
from domain.directives.evidence import EvidenceKind, Piece, weighed
from domain.directives.issuance import Channel, Claim, LevelRange


@dataclass(frozen=True, slots=True)
class Signed:
    """What is known of a document that is to be issued: what is claimed of it, the evidence that stands, and whom it is to replace."""

    state: OutgoingState
    claim: Claim
    evidence: Sequence[Piece] = ()
    formers: Mapping[int, OutgoingState] = field(default_factory=dict)  # by id


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """All that an issue changes; `evidence` is what is added, `replaced` the new states of the documents in whose place it stands."""

    at: datetime
    state: OutgoingState
    claim: Claim
    evidence: tuple[Piece, ...]
    deliveries: tuple[PlannedDelivery, ...]
    replaced: Mapping[int, OutgoingState]
    claimed: LevelRange
    evidenced: LevelRange


def issue_plan(signed: Signed, sending: Sending, reach: Reach, *, is_paper_too: bool, at: datetime) -> IssuePlan:
    """What the issue comes to; raises StepNotAllowed, and what `planned_deliveries` raises."""
    state = take(signed.state, OutgoingStep.ISSUE)
    claim = claim_at_issue(signed.claim, sending.channel, is_paper_too=is_paper_too)
    # only of what goes by this system does the act itself prove that it went
    act: Piece = EvidenceKind.ISSUED_HERE, {"is_without_paper": not is_paper_too}
    added = (act,) if sending.channel is Channel.SYSTEM and act not in signed.evidence else ()
    claimed, evidenced = weighed(claim, [*signed.evidence, *added])
    return IssuePlan(
        at=at,
        state=state,
        claim=claim,
        evidence=added,
        deliveries=planned_deliveries(state, sending, reach, at=at),
        replaced={key: take(stood, OutgoingStep.REPLACE) for key, stood in signed.formers.items() if stood in COUNTED},
        claimed=claimed,
        evidenced=evidenced,
    )
