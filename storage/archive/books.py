"""The books: what came in against what became of it, and every exception by name.

Each equation sets rows of one table against rows of another that was written by another act, so that a paper that is lost, or
that is there twice, shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, null, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.archive.intake import RECEIVED, Outcome
from domain.archive.work import UNSETTLED, Standing, State
from domain.people.access import Access, audience_of
from storage.archive.documents import Document, DocumentFile, Page, Withdrawal
from storage.archive.intake import Batch, Receipt
from storage.archive.work import OPENING, Work, unfinished
from storage.ground.audit import AuditEntry
from storage.ground.database import Base


@dataclass(frozen=True, slots=True)
class Line:
    """One equation of the books: `whole` must equal the sum of `parts`."""

    name: str
    whole: int
    parts: Mapping[str, int]

    @property
    def difference(self) -> int:
        """How many are missing from the parts; negative: how many are there too often."""
        return self.whole - sum(self.parts.values())

    @property
    def balances(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return self.difference == 0


def balance(session: Session, indexed_pages: int | None) -> list[Line]:
    """The equations, from the file that came to the page that is found; `indexed_pages` is what the index counts (None: unknown)."""
    lines = [
        _files(session), _originals(session), _documents(session), _openings(session), _pages(session), _read(session)
    ]  # fmt: skip
    if indexed_pages is not None:
        lines.append(_index(session, indexed_pages))
    return lines


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(query) or 0


def _files(session: Session) -> Line:
    """Files that the audit trail says were received, against their receipts."""
    rows = session.execute(select(Receipt.outcome, func.count()).group_by(Receipt.outcome)).all()
    counts = dict.fromkeys(Outcome, 0) | {row[0]: row[1] for row in rows}
    received = [f"file_{outcome}" for outcome in RECEIVED]
    whole = _count(session, select(func.count()).select_from(AuditEntry).where(AuditEntry.act.in_(received)))
    return Line("files", whole, {outcome.value: count for outcome, count in counts.items()})


def _originals(session: Session) -> Line:
    """Receipts of kept files, against the originals that documents have."""
    kept = _count(session, select(func.count()).select_from(Receipt).where(Receipt.outcome == Outcome.KEPT))
    return Line("originals", kept, {"originals": _count(session, select(func.count()).select_from(DocumentFile))})


def _documents(session: Session) -> Line:
    """Documents that receipts lead to, against the documents by standing."""
    rows = session.execute(select(Document.standing, func.count()).group_by(Document.standing)).all()
    counts = dict.fromkeys(Standing, 0) | {row[0]: row[1] for row in rows}
    whole = _count(session, select(func.count(func.distinct(Receipt.document_id))))
    return Line("documents", whole, {standing.value: count for standing, count in counts.items()})


def _openings(session: Session) -> Line:
    """Documents, against the rows of the ledger without which nobody would ever read them."""
    whole = _count(session, select(func.count()).select_from(Document))
    no_work = (Standing.ARRIVING, Standing.DESTROYED)
    parts = {
        "enrolled": _count(session, select(func.count()).select_from(Work).where(Work.page == OPENING)),
        "not_enrolled": _count(session, select(func.count()).select_from(Document).where(Document.standing.in_(no_work))),
    }
    return Line("openings", whole, parts)


def _pages(session: Session) -> Line:
    """Pages that the opened documents have, against the rows of the ledger."""
    rows = session.execute(select(Work.state, func.count()).where(Work.page != OPENING).group_by(Work.state)).all()
    counts = dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}
    whole = _count(session, select(func.coalesce(func.sum(Document.page_count), 0)))
    return Line("pages", whole, {state.value: count for state, count in counts.items()})


def _read(session: Session) -> Line:
    """Pages that the ledger calls done, or of which it keeps a text until somebody has decided or they are read again, against
    the texts that are kept: in the index as they are, or on their way to it."""
    has_text = exists().where(Page.document_id == Work.document_id, Page.number == Work.page)
    is_measured_anew = Work.state.in_(UNSETTLED | {State.FAILED, State.CANCELLED}) & has_text.where(Page.unread_share.is_(None))
    is_kept = has_text & or_(Work.state == State.SET_ASIDE, Document.is_released) | is_measured_anew
    read = Work.page != OPENING, or_(Work.state == State.DONE, is_kept)
    whole = _count(session, select(func.count()).select_from(Work).join(Work.document).where(*read))
    kept = _count(session, select(func.count()).select_from(Page))
    to_index = _count(session, select(func.count()).select_from(Page).where(Page.text_revision > Page.indexed_revision))
    return Line("read", whole, {"indexed": kept - to_index, "to_index": to_index})


def _index(session: Session, indexed_pages: int) -> Line:
    """Pages that the index counts, against those that it should hold and those that are about to leave it."""
    entered = _count(session, select(func.count()).select_from(Page).where(Page.indexed_revision > 0))
    leaving = _count(session, select(func.coalesce(func.sum(Withdrawal.pages), 0)))
    return Line("index", indexed_pages, {"entered": entered, "leaving": leaving})


_ONLY = 1


class Books(Base):
    """The name of these books, by which an index tells whether it was made from them. One row, made with the table."""

    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def name_of(session: Session) -> str:
    """The name of these books."""
    return session.scalar(select(Books.name).where(Books.id == _ONLY)) or ""


def rename(session: Session) -> None:
    """Give the books another name: from here on they go another way than those that bear it."""
    session.merge(Books(id=_ONLY, name=uuid4().hex))


def agree(session: Session, indexed_pages: int | None) -> tuple[bool, int]:
    """Whether an index of so many pages (None: there is none) can be that of these books, and how many it should come to hold.

    It holds what was entered, and beyond that at most what is on its way in or out. Cheap to say when nothing is.
    """
    pages = _count(session, select(func.count()).select_from(Page))
    if indexed_pages is None or indexed_pages == pages:
        return indexed_pages == pages or not pages, pages
    entered = _count(session, select(func.count()).select_from(Page).where(Page.indexed_revision > 0))
    is_any_leaving = session.scalar(select(Withdrawal.document_id).limit(1)) is not None
    return entered <= indexed_pages and (indexed_pages <= pages or is_any_leaving), pages


_Rows = Select[*tuple[Any, ...]]


class Exceptions(StrEnum):
    """What is not simply done: each a list in which every single paper stands."""

    REFUSED = "refused"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    SET_ASIDE = "set_aside"
    ARRIVING = "arriving"
    TO_INDEX = "to_index"
    PARTLY = "partly"
    UNMEASURED = "unmeasured"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One exception: the file `sequence` of `batch_id`, its document and page as far as there are any (page 0: its opening).

    `reason` is a Refusal or the id of a rule; of a page that was read it is the share of its letters that was not.
    """

    batch_id: int
    sequence: int
    name: str
    document_id: int | None
    page: int | None
    reason: str
    at: datetime | None
    access: Access
    unit_id: int | None
    circle: str

    @property
    def audience(self) -> str:
        """Who may know its name."""
        return audience_of(self.access, self.unit_id, self.circle)


def exceptions(session: Session, kind: Exceptions, *, limit: int, offset: int = 0) -> list[Entry]:
    """The exceptions of a kind, in the order in which they came."""
    query = _query(kind)
    return [Entry(*row) for row in session.execute(query.limit(limit).offset(offset))]


def count_exceptions(session: Session, kind: Exceptions) -> int:
    """How many exceptions of a kind there are."""
    return _count(session, select(func.count()).select_from(_query(kind).order_by(None).subquery()))


def _query(kind: Exceptions) -> _Rows:
    if kind in (Exceptions.REFUSED, Exceptions.DUPLICATE, Exceptions.DESTROYED):
        return _receipts(Outcome(kind))
    if kind is Exceptions.TO_INDEX:
        return _pages_where(Page.text_revision > Page.indexed_revision)
    if kind is Exceptions.ARRIVING:
        return _arriving()
    if kind is Exceptions.PARTLY:
        return _pages_where(Page.unread_share > 0, cast(Page.unread_share, String))
    if kind is Exceptions.UNMEASURED:
        return _pages_where(Page.unread_share.is_(None))
    return _work(UNSETTLED if kind is Exceptions.WAITING else {State(kind)})


def _receipts(outcome: Outcome) -> _Rows:
    columns = (
        Receipt.batch_id,
        Receipt.sequence,
        Receipt.name,
        Receipt.document_id,
        null(),
        Receipt.reason,
        Receipt.received_at,
    )
    rows = select(*columns, Batch.access, Batch.unit_id, Batch.circle).join(Batch)
    return rows.where(Receipt.outcome == outcome).order_by(Receipt.id)


_SEQUENCE = (
    select(func.coalesce(func.min(Receipt.sequence), 0))
    .where(Receipt.document_id == Document.id, Receipt.batch_id == Document.batch_id)
    .correlate(Document)
    .scalar_subquery()
)


def _work(states: set[State] | frozenset[State]) -> _Rows:
    columns = (Document.batch_id, _SEQUENCE, Document.name, Work.document_id, Work.page, Work.reason)
    rows = select(
        *columns, func.coalesce(Work.finished_at, Work.due_at), Document.access, Document.unit_id, Document.circle
    ).join(Work.document)
    return rows.where(unfinished(), Work.state.in_(states)).order_by(Work.document_id, Work.page)


_NO_REASON = literal("")


def _pages_where(condition: ColumnElement[bool], reason: ColumnElement[str] = _NO_REASON) -> _Rows:
    columns = (
        Document.batch_id,
        _SEQUENCE,
        Document.name,
        Page.document_id,
        Page.number,
        reason,
        Page.read_at,
    )
    rows = select(*columns, Document.access, Document.unit_id, Document.circle).join(Page.document)
    return rows.where(condition).order_by(Page.document_id, Page.number)


def _arriving() -> _Rows:
    columns = (Document.batch_id, _SEQUENCE, Document.name, Document.id, null(), literal(""), Document.created_at)
    rows = select(*columns, Document.access, Document.unit_id, Document.circle)
    # A document that is enrolled nowhere is an exception too, whatever its standing says.
    enrolled = select(Work.document_id).where(Work.page == OPENING)
    is_lost = Document.id.not_in(enrolled) & (Document.standing != Standing.DESTROYED)
    return rows.where(or_(Document.standing == Standing.ARRIVING, is_lost)).order_by(Document.id)
