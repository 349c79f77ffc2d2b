"""Work taken from the ledger as a worker takes it, for tests of what becomes of it."""

from storage.archive.books import name_of
from storage.archive.work import Claim, Ledger
from storage.ground.database import Database


def claimed(ledger: Ledger, document_id: int, page: int, owner: str = "worker") -> Claim:
    """The claim on a piece of work that waits."""
    claim = ledger.claim(ledger.get(document_id, page).id, owner)
    assert claim
    return claim


def named(database: Database) -> str:
    """The name of the books, as an index that is made from them bears it."""
    with database.reading() as session:
        return name_of(session)
