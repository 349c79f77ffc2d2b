"""What evidence proves, as a table: pieces, the level, the range that a claim of the highest level leaves."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.evidence import OF_EXCHANGE, OF_FILE, OF_PAPER, EvidenceKind, Reason, proof_of, reasons_of
from domain.directives.issuance import UNKNOWN, Channel, Claim, Form, Proof, evidenced

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
