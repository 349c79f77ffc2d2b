"""What was set aside because it may bear a secrecy mark, by the worker or by a person: the list without any content, and destruction
with its proof.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from domain.archive.intake import Outcome
from domain.archive.secrecy import Rule
from domain.archive.work import NEVER_SET_ASIDE, Standing, State
from domain.ground.errors import StepNotAllowed
from domain.people.access import Access
from storage.archive.documents import Document, DocumentField, DocumentFile, Documents, Page, Withdrawal
from storage.archive.intake import Receipt
from storage.archive.work import Ledger, Work
from storage.ground import traces
from storage.ground.claims import check_tables_known
from storage.ground.objects import Objects, StoreUnavailable


@dataclass(frozen=True, slots=True)
class SetAside:
    """One document that waits for a decision. `name` may be told only to those who decide."""

    document_id: int
    batch_id: int
    sequence: int
    name: str
    rule: str
    page: int | None  # None: a person set it aside, and nobody asks where on the paper the mark is
    at: datetime | None


def waiting(session: Session) -> list[SetAside]:
    """Every document that waits for a decision, the longest waiting first."""
    return _list(session, select(Document.id).where(Document.standing == Standing.SET_ASIDE))


def one(session: Session, document: Document) -> SetAside:
    """What is known of one document that waits for a decision; raises StepNotAllowed for any other."""
    if document.standing is not Standing.SET_ASIDE:
        raise StepNotAllowed(document.standing, "decide")
    return _list(session, [document.id])[0]


def _list(session: Session, ids: Select[int] | list[int]) -> list[SetAside]:
    arrived = select(func.min(Receipt.sequence)).where(
        Receipt.document_id == Document.id, Receipt.batch_id == Document.batch_id
    )
    stopped = select(Work).where(Work.document_id == Document.id, Work.state == State.SET_ASIDE).correlate(Document)
    first = stopped.order_by(Work.finished_at, Work.page).limit(1)  # the page with the mark stopped before all others
    rule, page, at = (
        first.with_only_columns(column).scalar_subquery() for column in (Work.reason, Work.page, Work.finished_at)
    )
    sequence = func.coalesce(arrived.correlate(Document).scalar_subquery(), 0)
    rows = session.execute(
        select(Document.id, Document.batch_id, sequence, Document.name, rule, page, at).where(Document.id.in_(ids)).order_by(at)
    )
    return [SetAside(row[0], row[1], row[2], row[3], row[4] or "", _page(row[4], row[5]), row[6]) for row in rows]


def _page(rule: str, page: int | None) -> int | None:
    """Where the mark was found. An opening (page 0) looks at the first page."""
    return None if rule == Rule.SEEN_BY_PERSON else page or 1


def withhold(session: Session, objects: Objects, document: Document) -> None:
    """Set a document aside because a person saw a mark on the paper; what was derived from it is forgotten, its original stays.

    Raises StepNotAllowed as `domain.archive.work.check_may_set_aside` says, and StoreUnavailable.
    """
    Ledger(session).withhold(document)
    forget_derived(session, objects, document)


def same_bytes(session: Session, waiting: Sequence[SetAside]) -> dict[int, list[int]]:
    """For each document that waits, the others with the very same bytes that are not set aside, by their ids: whoever decides is
    told of them, for who reported the mark had no say over them."""
    own, other = aliased(DocumentFile), aliased(DocumentFile)
    pairs = (
        select(own.document_id, other.document_id)
        .join(other, own.sha256 == other.sha256)
        .join(Document, Document.id == other.document_id)
    )
    asked = own.document_id.in_([item.document_id for item in waiting])
    found: dict[int, list[int]] = {}
    for document_id, twin_id in session.execute(pairs.where(asked, Document.standing.not_in(NEVER_SET_ASIDE)).distinct()):
        found.setdefault(document_id, []).append(twin_id)
    return {document_id: sorted(twins) for document_id, twins in found.items()}


def is_reported(session: Session, document: Document) -> bool:
    """Whether the document has the bytes of another that is set aside."""
    keys = [file.sha256 for file in document.files]
    reported = select(Document.id).where(
        Document.files.any(DocumentFile.sha256.in_(keys)), Document.standing == Standing.SET_ASIDE
    )
    return session.scalar(reported.limit(1)) is not None


def forget_derived(session: Session, objects: Objects, document: Document) -> None:
    """Remove all that was derived from a document. The objects go before the records are committed: should this be
    interrupted, the records still name them, and it is done again.
    """
    for key in Documents(session).withdraw(document):
        objects.remove(key)
    traces.erase_after(session, ("document", document.id))


Forgetter = Callable[[Session, Document, Collection[str]], set[str]]
_FORGETTERS: list[Forgetter] = []


def forgets(forgetter: Forgetter) -> Forgetter:
    """Have what a room above holds of a document forgotten when that is destroyed.

    It is given the document and the keys of the files that go, and returns the keys of further files that must go too; it is
    asked again about those, so it must bear being repeated.
    """
    _FORGETTERS.append(forgetter)
    return forgetter


def _forget_above(session: Session, document: Document, keys: set[str]) -> set[str]:
    """Have every room above forget the document; returns the keys of all files that go."""
    going = set(keys)
    while further := set().union(*(forget(session, document, going) for forget in _FORGETTERS)) - going:
        going |= further
    return going


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a destruction did: objects removed, and the other documents that hold a file with the very same bytes."""

    objects: int
    shared_with: Sequence[int]


def destroy(session: Session, objects: Objects, document: Document) -> Destroyed:
    """Remove a document that was set aside, and all that came of it; only its number and standing stay.

    The objects go before the records do: should this be interrupted, the document still stands there and is destroyed again.
    Raises StepNotAllowed unless the document is set aside, StoreUnavailable if an object would not go, and TablesUnknown.
    """
    if document.standing is not Standing.SET_ASIDE:
        raise StepNotAllowed(document.standing, "destroy")
    check_tables_known()
    originals = _forget_above(session, document, {file.sha256 for file in document.files})
    derived = Documents(session).withdraw(document)
    Ledger(session).forget(document)
    _wipe(session, document)
    traces.erase_after(session, ("document", document.id))
    shared = _sharers(session, originals)
    removed = derived | {key for key in originals if key not in shared}
    for key in removed:
        objects.remove(key)
    if any(objects.exists(key) for key in removed):
        raise StoreUnavailable
    return Destroyed(len(removed), sorted({document_id for ids in shared.values() for document_id in ids}))


def _wipe(session: Session, document: Document) -> None:
    receipts = update(Receipt).where(Receipt.document_id == document.id)
    session.execute(receipts.values(outcome=Outcome.DESTROYED, name="", sha256="", size=0, reason=""))
    document.files.clear()
    document.standing, document.fingerprint, document.page_count = Standing.DESTROYED, None, None
    document.name, document.group_name, document.parts = "", "", 1
    document.record_file_id, document.access, document.unit_id = None, Access.RESTRICTED, None
    session.flush()


def _sharers(session: Session, keys: set[str]) -> dict[str, set[int]]:
    rows = session.execute(select(DocumentFile.sha256, DocumentFile.document_id).where(DocumentFile.sha256.in_(keys)))
    found: dict[str, set[int]] = {}
    for key, document_id in rows:
        found.setdefault(key, set()).add(document_id)
    return found


@dataclass(frozen=True, slots=True)
class Remains:
    """What the records still hold of a destroyed document, counted anew each time it is asked."""

    files: int
    pages: int
    fields: int
    work: int
    named_receipts: int
    is_in_index: bool


def remains(session: Session, document: Document) -> Remains:
    """What is left of a destroyed document; raises StepNotAllowed for any other."""
    if document.standing is not Standing.DESTROYED:
        raise StepNotAllowed(document.standing, "prove")

    def count(table: type[DocumentFile | Page | DocumentField | Work]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(table.document_id == document.id)) or 0

    named = select(func.count()).select_from(Receipt).where(Receipt.document_id == document.id)
    return Remains(
        files=count(DocumentFile),
        pages=count(Page),
        fields=count(DocumentField),
        work=count(Work),
        named_receipts=session.scalar(named.where((Receipt.name != "") | (Receipt.sha256 != ""))) or 0,
        is_in_index=session.get(Withdrawal, document.id) is not None,
    )
