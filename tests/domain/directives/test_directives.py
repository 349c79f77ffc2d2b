"""The life of an outgoing document, whom it is known to in each state, and what is claimed of it when it goes out."""

from typing import Any, cast

from domain.directives.directives import COUNTED, IN_WORK, REGISTERED, OutgoingState, claim_at_issue
from domain.directives.issuance import Channel, Claim, Form


def test_every_state_is_in_work_registered_or_given_up() -> None:
    assert sorted([*IN_WORK, *REGISTERED, OutgoingState.DROPPED]) == sorted(OutgoingState)
    assert COUNTED < REGISTERED


def test_what_goes_by_a_new_channel_leaves_as_paper() -> None:
    signed = Claim(Form.ELECTRONIC, True, True)
    assert claim_at_issue(signed, cast(Any, "courier"), is_paper_too=False) == Claim(
        Form.PAPER, False, False, cast(Any, "courier")
    )


def test_an_original_of_a_new_form_leaves_as_a_copy() -> None:
    signed = Claim(cast(Any, "microfilm"), True, True)
    assert claim_at_issue(signed, Channel.SYSTEM, is_paper_too=False).form is Form.PAPER
