"""Work taken from the ledger as a worker takes it, for tests of what becomes of it."""

from storage.archive.work import Claim, Ledger


def claimed(ledger: Ledger, document_id: int, page: int, owner: str = "worker") -> Claim:
    """The claim on a piece of work that waits."""
    claim = ledger.claim(ledger.get(document_id, page).id, owner)
    assert claim
    return claim
