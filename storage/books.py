"""The books: what came in against what became of it, counted from the rows themselves, so that a missing paper shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.intake import Outcome
from domain.work import State
from storage.documents import Document, Page
from storage.intake import Receipt
from storage.work import OPENING, Work


@dataclass(frozen=True, slots=True)
class Line:
    """One equation of the books: `whole` must equal the sum of `parts`."""

    name: str
    whole: int
    parts: Mapping[str, int]

    @property
    def balances(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return self.whole == sum(self.parts.values())


def balance(session: Session, indexed_pages: int | None) -> list[Line]:
    """The equations of files, documents, pages and index; `indexed_pages` is what the index counts (None: it cannot say)."""
    lines = [_files(session), _documents(session), _pages(session), _read(session)]
    if indexed_pages is not None:
        lines.append(Line("index", indexed_pages, {"indexed": _indexed(session)}))
    return lines


def _count(session: Session, query: object) -> int:
    return session.scalar(query) or 0  # type: ignore[call-overload]


def _files(session: Session) -> Line:
    rows = session.execute(select(Receipt.outcome, func.count()).group_by(Receipt.outcome)).all()
    counts = dict.fromkeys(Outcome, 0) | {row[0]: row[1] for row in rows}
    whole = _count(session, select(func.count()).select_from(Receipt))
    return Line("files", whole, {outcome.value: count for outcome, count in counts.items()})


def _documents(session: Session) -> Line:
    rows = session.execute(select(Document.standing, func.count()).group_by(Document.standing)).all()
    whole = _count(session, select(func.count(func.distinct(Receipt.document_id))).where(Receipt.outcome != Outcome.REFUSED))
    return Line("documents", whole, {standing.value: count for standing, count in rows})


def _pages(session: Session) -> Line:
    """Pages that the opened documents are said to have, against the rows of the ledger."""
    rows = session.execute(select(Work.state, func.count()).where(Work.page != OPENING).group_by(Work.state)).all()
    counts = dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}
    whole = _count(session, select(func.coalesce(func.sum(Document.page_count), 0)))
    return Line("pages", whole, {state.value: count for state, count in counts.items()})


def _read(session: Session) -> Line:
    """Pages that the ledger calls done, against the texts that are kept: in the index, or on their way to it."""
    whole = _count(session, select(func.count()).where(Work.page != OPENING, Work.state == State.DONE))
    kept = _count(session, select(func.count()).select_from(Page))
    indexed = _indexed(session)
    return Line("read", whole, {"indexed": indexed, "to_index": kept - indexed})


def _indexed(session: Session) -> int:
    return _count(session, select(func.count()).where(Page.indexed_revision > 0))
