"""How a document was issued: what a claim allows, what a proof shows, and what the readings make of both."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.issuance import (
    BY_WIRE,
    ELECTRONIC,
    EXCHANGES,
    UNKNOWN,
    Channel,
    Claim,
    Form,
    Level,
    LevelRange,
    Proof,
    Reading,
    evidenced,
)

P, E, B = Form.PAPER, Form.ELECTRONIC, Form.BOTH

CLAIMS = [  # form, signed by person, by organisation, channel, the range it allows
    (P, False, False, Channel.POST, "L0-L0"),
    (P, None, None, None, "L0-L0"),  # "on paper" says that nothing else was sent
    (P, False, False, Channel.EMAIL, "L1-L1"),
    (P, False, False, Channel.CHAT, "L1-L1"),
    (P, None, True, Channel.EMAIL, "L2-L2"),
    (P, None, None, Channel.EMAIL, "L1-L2"),
    (E, True, True, Channel.EMAIL, "L3-L3"),
    (E, True, True, Channel.AXIS, "L5-L5"),
    (E, True, True, Channel.SYSTEM, "L5-L5"),
    (E, True, True, None, "L3-L5"),
    (E, True, False, Channel.SYSTEM, "L1-L1"),
    (E, False, True, Channel.SYSTEM, "L2-L2"),
    (E, None, None, Channel.EMAIL, "L1-L3"),
    (B, True, True, Channel.OFFICE, "L4-L4"),
    (B, True, True, Channel.POST, "L3-L3"),
    (B, None, None, None, "L1-L4"),
    (None, None, None, None, "L0-L5"),
    (None, True, True, Channel.SYSTEM, "L2-L5"),
]


def written(levels: LevelRange) -> str:
    return f"{levels.low.code}-{levels.high.code}"


@pytest.mark.parametrize(("form", "by_person", "by_organisation", "channel", "expected"), CLAIMS)
def test_a_claim_allows_the_levels_that_its_silence_leaves_open(
    form: Form | None, by_person: bool | None, by_organisation: bool | None, channel: Channel | None, expected: str
) -> None:
    assert written(Claim(form, by_person, by_organisation, channel).range()) == expected


READINGS = [  # level, broad, legal, strict, full
    (Level.PAPER, False, False, False, False),
    (Level.COPY, True, False, False, False),
    (Level.SIGNED_COPY, True, True, False, False),
    (Level.ORIGINAL, True, True, True, False),
    (Level.EXCHANGED, True, True, True, False),
    (Level.WHOLLY, True, True, True, True),
]


@pytest.mark.parametrize(("level", "broad", "legal", "strict", "full"), READINGS)
def test_a_level_counts_from_the_threshold_of_the_reading_on(
    level: Level, broad: bool, legal: bool, strict: bool, full: bool
) -> None:
    assert [LevelRange(level, level).counts(reading) for reading in Reading] == [broad, legal, strict, full]


def test_a_range_across_the_threshold_is_unknown() -> None:
    assert LevelRange(Level.COPY, Level.SIGNED_COPY).counts(Reading.LEGAL) is None
    assert LevelRange(Level.COPY, Level.SIGNED_COPY).counts(Reading.BROAD) is True
    assert LevelRange(Level.COPY, Level.SIGNED_COPY).counts(Reading.STRICT) is False


def test_what_is_claimed_without_proof_is_unknown() -> None:
    assert evidenced(Claim(E, True, True, Channel.SYSTEM).range(), Proof()) == UNKNOWN


def test_paper_needs_no_proof() -> None:
    assert evidenced(Claim(P).range(), Proof()) == LevelRange(Level.PAPER, Level.PAPER)


def test_a_file_that_was_changed_after_signing_proves_no_more_than_a_copy() -> None:
    proof = Proof(is_file_seen=True, is_signed_by_person=True, is_signed_by_organisation=True, is_refuted=True)
    assert evidenced(Claim(E, True, True, Channel.SYSTEM).range(), proof) == LevelRange(Level.COPY, Level.COPY)


def test_proof_may_show_more_than_was_claimed() -> None:
    proof = Proof(is_file_seen=True, is_signed_by_person=True, is_signed_by_organisation=True)
    assert evidenced(Claim(P).range(), proof) == LevelRange(Level.ORIGINAL, Level.ORIGINAL)


maybe = st.sampled_from([None, True, False])
claims = st.builds(Claim, st.sampled_from([None, *Form]), maybe, maybe, st.sampled_from([None, *Channel]))
proofs = st.builds(Proof, *[st.booleans()] * 6)


@given(claims)
def test_to_say_more_never_allows_more(claim: Claim) -> None:
    levels = claim.range()
    assert levels.low <= levels.high
    whole = Claim().range()
    assert whole.low <= levels.low
    assert levels.high <= whole.high


@given(claims, proofs)
def test_what_is_proven_is_the_least_that_holds(claim: Claim, proof: Proof) -> None:
    levels = evidenced(claim.range(), proof)
    assert levels.low == proof.level() <= levels.high


# What counts is an allow-list


def test_every_form_and_every_channel_is_electronic_or_is_paper() -> None:
    assert sorted([*ELECTRONIC, Form.PAPER]) == sorted(Form)
    assert sorted([*BY_WIRE, Channel.POST]) == sorted(Channel)
    assert EXCHANGES < BY_WIRE


def test_a_new_form_by_a_new_channel_counts_as_paper() -> None:
    microfilm, courier = cast(Any, "microfilm"), cast(Any, "courier")
    assert written(Claim(microfilm, False, False, courier).range()) == "L0-L0"
    assert written(Claim(P, False, False, courier).range()) == "L0-L0"
    assert written(Claim(microfilm, True, True, Channel.AXIS).range()) == "L2-L2"  # as the signed scan of a paper
