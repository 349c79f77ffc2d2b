"""What an envelope says: which of them send a document, and how numbers, days and kinds are written in them."""

from domain.directives.edxml import CARRIES, SENDS, Business


def test_every_business_sends_a_document_or_changes_one() -> None:
    assert sorted([*SENDS, Business.UPDATE, Business.REVOKE]) == sorted(Business)
    assert sorted([*CARRIES, Business.REVOKE]) == sorted(Business)
