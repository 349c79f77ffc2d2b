"""What evidence proves, as a table: pieces, the level, the range that a claim of the highest level leaves."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.evidence import (
    OF_EXCHANGE,
    OF_FILE,
    OF_PAPER,
    EvidenceKind,
    Reason,
    SignatureWorth,
    facts_of_pdf,
    proof_of,
    reasons_of,
    worth_of,
)
from domain.directives.issuance import UNKNOWN, Channel, Claim, Form, Proof, evidenced
from domain.directives.signatures import Change, Signature

Piece = tuple[EvidenceKind, dict[str, bool | str | None]]

ALL = Claim(Form.ELECTRONIC, True, True, Channel.AXIS).range()
BOTH: Piece = (EvidenceKind.PDF, {"by_person": True, "by_organisation": True})
ORGANISATION: Piece = (EvidenceKind.PDF, {"by_organisation": True})
PERSON: Piece = (EvidenceKind.PDF, {"by_person": True})
UNSIGNED: Piece = (EvidenceKind.PDF, {})
ALTERED: Piece = (EvidenceKind.PDF, {"by_person": True, "by_organisation": True, "is_altered": True})
SENT: Piece = (EvidenceKind.EDXML, {"business": "new", "is_without_paper": True})
SENT_WITH_PAPER: Piece = (EvidenceKind.EDXML, {"business": "new", "is_without_paper": False})
SENT_UNSAID: Piece = (EvidenceKind.EDXML, {"business": "new", "is_without_paper": None})
REVOKED: Piece = (EvidenceKind.EDXML, {"business": "revoke", "is_without_paper": True})
ISSUED: Piece = (EvidenceKind.ISSUED_HERE, {"is_without_paper": True})
RECEIPT: Piece = (EvidenceKind.PAPER_RECEIPT, {})
MAILED: Piece = (EvidenceKind.MAILED, {})


@pytest.mark.parametrize(
    ("pieces", "low", "high"),
    [
        ([], "L0", "L5"),
        ([RECEIPT], "L0", "L4"),
        ([UNSIGNED], "L1", "L5"),
        ([MAILED], "L1", "L5"),
        ([PERSON], "L1", "L5"),
        ([ORGANISATION], "L2", "L5"),
        ([PERSON, ORGANISATION], "L2", "L5"),  # not in one file
        ([BOTH], "L3", "L5"),
        ([BOTH, SENT_UNSAID], "L4", "L5"),
        ([BOTH, SENT_WITH_PAPER], "L4", "L4"),
        ([BOTH, SENT, RECEIPT], "L4", "L4"),
        ([BOTH, SENT], "L5", "L5"),
        ([BOTH, ISSUED], "L5", "L5"),
        ([BOTH, REVOKED], "L3", "L5"),
        ([REVOKED], "L0", "L5"),
        ([SENT], "L1", "L5"),
        ([ALTERED], "L1", "L1"),
        ([BOTH, ALTERED, SENT], "L1", "L1"),
    ],
)
def test_evidence_proves_a_level_and_leaves_a_range(pieces: list[Piece], low: str, high: str) -> None:
    found = evidenced(ALL, proof_of(pieces))
    assert (proof_of(pieces).level().code, found.low.code, found.high.code) == (low, low, high)


PIECES = st.lists(
    st.sampled_from([BOTH, ORGANISATION, PERSON, UNSIGNED, ALTERED, SENT, SENT_WITH_PAPER, REVOKED, ISSUED, RECEIPT, MAILED])
)


@given(PIECES, st.randoms())
def test_order_and_repetition_of_evidence_do_not_matter(pieces: list[Piece], random: Random) -> None:
    shuffled = random.sample(pieces, len(pieces)) + pieces
    assert proof_of(shuffled) == proof_of(pieces)
    assert reasons_of(shuffled) == reasons_of(pieces)


@given(PIECES)
def test_what_is_proven_lies_within_what_is_evidenced_and_has_a_reason(
    pieces: list[Piece],
) -> None:
    found = evidenced(UNKNOWN, proof_of(pieces))
    assert found.low == proof_of(pieces).level() <= found.high
    assert reasons_of(pieces)
    assert (Reason.NO_EVIDENCE in reasons_of(pieces)) <= (found.low.code == "L0")


# What counts is an allow-list


def test_every_kind_of_evidence_says_what_it_proves() -> None:
    assert sorted([*OF_FILE, *OF_EXCHANGE, *OF_PAPER]) == sorted(EvidenceKind)


def test_a_new_kind_of_evidence_proves_nothing() -> None:
    pieces: Any = [("a_kind_of_tomorrow", {"is_without_paper": True})]
    assert proof_of(pieces) == Proof()
    assert reasons_of(pieces) == [Reason.NO_EVIDENCE]


@pytest.mark.parametrize("facts", [{}, {"business": "forward", "is_without_paper": True}])
def test_an_envelope_that_does_something_unheard_of_proves_nothing(facts: dict[str, Any]) -> None:
    assert proof_of([BOTH, (EvidenceKind.EDXML, facts)]) == proof_of([BOTH])


def test_a_revocation_says_nothing_of_paper() -> None:
    revoked = (EvidenceKind.EDXML, {"business": "revoke", "is_without_paper": False})
    assert reasons_of([revoked]) == [Reason.NO_EVIDENCE]
    assert reasons_of([BOTH, SENT_UNSAID, revoked]) == [Reason.BY_BOTH, Reason.EXCHANGED, Reason.PAPER_NOT_SAID]


# What a signature proves

SIGNED = Signature(
    signer="A", issuer="B", at=datetime(2026, 11, 23, tzinfo=UTC), valid_until=datetime(2027, 1, 1, tzinfo=UTC),
    is_intact=True, is_trusted=True, subject={"common_name": "A", "user_id": "CCCD:052080000001"},
)  # fmt: skip
SEALED = replace(SIGNED, subject={"common_name": "LĐLĐ tỉnh", "user_id": "MST:4100000001"})


@pytest.mark.parametrize(
    ("fault", "worth"),
    [
        ({}, SignatureWorth.PROVES),
        ({"is_intact": False, "change": Change.BROKEN, "is_trusted": False}, SignatureWorth.BROKEN),
        ({"is_intact": False, "change": Change.NOT_ALLOWED, "is_trusted": False}, SignatureWorth.CHANGED_AFTER),
        ({"change": Change.SIGNED_AGAIN}, SignatureWorth.PROVES),
        ({"is_trusted": False, "at": None}, SignatureWorth.UNKNOWN_ROOT),
        ({"at": datetime(2027, 1, 2, tzinfo=UTC), "subject": {}}, SignatureWorth.NOT_IN_TIME),
        ({"at": None, "subject": {}}, SignatureWorth.UNDATED),
        ({"subject": {"common_name": "Nguyễn Văn A"}}, SignatureWorth.UNKNOWN_OWNER),
    ],
)
def test_a_signature_proves_unless_something_speaks_against_it_the_gravest_first(
    fault: dict[str, Any], worth: SignatureWorth
) -> None:
    assert worth_of(replace(SIGNED, **fault)) is worth


def test_every_worth_but_the_first_proves_nothing() -> None:
    assert [one.value for one in SignatureWorth] == [
        "proves", "broken", "changed_after", "unknown_root", "not_in_time", "undated", "unknown_owner",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("signatures", "by_person", "by_organisation", "is_altered"),
    [
        ([], False, False, False),
        ([SIGNED], True, False, False),
        ([SIGNED, SEALED], True, True, False),
        ([replace(SIGNED, is_trusted=False), SEALED], False, True, False),
        ([SIGNED, replace(SEALED, is_intact=False, change=Change.BROKEN)], True, False, True),
    ],
)
def test_the_facts_of_a_file_say_who_proves_to_have_signed_it(
    signatures: list[Signature], by_person: bool, by_organisation: bool, is_altered: bool
) -> None:
    facts = facts_of_pdf(signatures)
    assert (facts["by_person"], facts["by_organisation"], facts["is_altered"]) == (by_person, by_organisation, is_altered)
    assert [one["worth"] for one in facts["signatures"]] == [worth_of(one).value for one in signatures]
    assert json.loads(json.dumps(facts)) == facts  # they are kept as JSON
