"""An issue as one plan: from what is known before, what is recorded, delivered, replaced and weighed; refused whole or not at all."""

from datetime import UTC, date, datetime

import pytest

from domain.directives.deliveries import Addressee, AddressMissing, PlannedDelivery, Reach, Sending
from domain.directives.directives import OutgoingState, OutgoingStep
from domain.directives.evidence import EvidenceKind, Piece
from domain.directives.issuance import Channel, Claim, Form
from domain.directives.issuing import IssuePlan, Signed, issue_plan
from domain.directives.looks import FileNotLookedThrough, Look
from domain.ground.errors import NotFound, StepNotAllowed

EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PHU_CAT, TUY_PHUOC = 3, 4
BOTH_SIGNED: Piece = (EvidenceKind.PDF, {"by_person": True, "by_organisation": True})
ISSUED: Piece = (EvidenceKind.ISSUED_HERE, {"is_without_paper": True})
SIGNED = Signed(OutgoingState.SIGNED, Claim(Form.ELECTRONIC, True, True), [BOTH_SIGNED])
REACH = Reach(Look.CLEAR, units={PHU_CAT: "Phù Cát", TUY_PHUOC: "Tuy Phước"}, addresses={PHU_CAT: ["sổ@", "so@phucat.vn"]})


def plan(
    channel: Channel, *to: Addressee, signed: Signed = SIGNED, reach: Reach = REACH, is_paper_too: bool = False
) -> IssuePlan:
    return issue_plan(signed, Sending(channel, to, date(2026, 12, 1)), reach, is_paper_too=is_paper_too, at=EIGHT)


def test_the_plan_says_all_that_an_issue_by_this_system_changes() -> None:
    former = Signed(SIGNED.state, SIGNED.claim, SIGNED.evidence, {7: OutgoingState.ISSUED})
    made = plan(Channel.SYSTEM, Addressee(PHU_CAT), signed=former)
    assert (made.at, made.state) == (EIGHT, OutgoingState.ISSUED)
    assert made.claim == Claim(Form.ELECTRONIC, True, True, Channel.SYSTEM)
    assert made.evidence == (ISSUED,)
    assert made.deliveries == (PlannedDelivery(PHU_CAT, "", "", Channel.SYSTEM, EIGHT, date(2026, 12, 1), ()),)
    assert made.replaced == {7: OutgoingState.REPLACED}
    assert (made.claimed.low.code, made.claimed.high.code) == ("L5", "L5")
    assert (made.evidenced.low.code, made.evidenced.high.code) == ("L5", "L5")


@pytest.mark.parametrize(
    ("channel", "is_paper_too", "claimed", "evidenced"),
    [
        (Channel.SYSTEM, False, "L5-L5", "L5-L5"),
        (Channel.SYSTEM, True, "L4-L4", "L4-L4"),
        (Channel.AXIS, False, "L5-L5", "L3-L5"),  # what another system did is claimed until its envelope is here
        (Channel.EMAIL, False, "L3-L3", "L3-L3"),
        (Channel.POST, True, "L0-L0", "L3-L3"),
    ],
)
def test_it_is_weighed_with_what_the_act_itself_proves(
    channel: Channel, is_paper_too: bool, claimed: str, evidenced: str
) -> None:
    made = plan(channel, is_paper_too=is_paper_too)
    levels = [f"{one.low.code}-{one.high.code}" for one in (made.claimed, made.evidenced)]
    assert levels == [claimed, evidenced]


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.SYSTEM])
def test_the_act_proves_nothing_of_what_goes_by_another_way(channel: Channel) -> None:
    assert plan(channel).evidence == ()


def test_evidence_that_stands_is_not_added_again() -> None:
    again = Signed(SIGNED.state, SIGNED.claim, [BOTH_SIGNED, ISSUED])
    assert plan(Channel.SYSTEM, signed=again).evidence == ()
    assert plan(Channel.SYSTEM, signed=again).evidenced.low.code == "L5"
    assert plan(Channel.SYSTEM, signed=again, is_paper_too=True).evidence == (
        (EvidenceKind.ISSUED_HERE, {"is_without_paper": False}),
    )


def test_only_what_stood_until_now_is_replaced() -> None:
    formers = dict(enumerate(OutgoingState))
    made = plan(Channel.POST, signed=Signed(SIGNED.state, SIGNED.claim, (), formers))
    assert {formers[key].value: state.value for key, state in made.replaced.items()} == {
        "issued": "replaced", "revoked": "replaced",
    }  # fmt: skip


@pytest.mark.parametrize("state", [state for state in OutgoingState if state is not OutgoingState.SIGNED])
def test_only_what_is_signed_is_issued(state: OutgoingState) -> None:
    with pytest.raises(StepNotAllowed) as refused:
        plan(Channel.SYSTEM, Addressee(99), signed=Signed(state, SIGNED.claim), reach=Reach())
    assert (refused.value.state, refused.value.step) == (state, OutgoingStep.ISSUE)


def test_what_refuses_a_delivery_refuses_the_issue() -> None:
    for refusal, to, reach in (
        (FileNotLookedThrough, Addressee(PHU_CAT), Reach(Look.WAITING, units=REACH.units)),
        (NotFound, Addressee(99), REACH),
        (AddressMissing, Addressee(TUY_PHUOC), REACH),
    ):
        with pytest.raises(refusal):
            plan(Channel.EMAIL, to, reach=reach)
