"""Runs of numbers: to which a document belongs, and what a missing number may mean."""

from domain.directives.numbering import EXPLAINS, GapReason


def test_every_reason_of_a_gap_explains_it_but_that_a_document_was_lost() -> None:
    assert sorted([*EXPLAINS, GapReason.LOST]) == sorted(GapReason)
