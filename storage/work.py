"""The ledger: one row for each document to be opened (page 0) and for each page to be read. It is the truth of all work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.clock import now
from domain.errors import NotFound, StepNotAllowed
from domain.intake import Refusal
from domain.work import MAX_INTERRUPTIONS, UNSETTLED, State, standing, wait_before
from storage.database import Base
from storage.documents import Document

OPENING = 0  # the page number of the row that stands for the document itself
LEASE = timedelta(seconds=60)  # how long a worker may be silent before its work is given to another


class Work(Base):
    """One piece of work. While it runs, `owner` holds it until `lease_until`; a result is taken from the owner only."""

    __tablename__ = "work"
    __table_args__ = (
        UniqueConstraint("document_id", "page"),
        Index("ix_work_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    page: Mapped[int]
    state: Mapped[State] = mapped_column(default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    interruptions: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")  # a Refusal, or the id of the rule that found a mark
    due_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]  # when a message was last sent for it
    owner: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship()


class LeaseLost(Exception):
    """The work has gone to somebody else, or was cancelled; what was done for it must be thrown away."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that `owner` holds."""

    work_id: int
    document_id: int
    page: int
    owner: str


class Ledger:
    """All work. Every act is one conditional change, so a message that comes twice does nothing the second time."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def enrol(self, document: Document, pages: Iterable[int] = (OPENING,)) -> None:
        """Add work that is not there yet."""
        there = set(self.session.scalars(select(Work.page).where(Work.document_id == document.id)))
        self.session.add_all(Work(document_id=document.id, page=page) for page in pages if page not in there)
        self._settle(document)

    def get(self, document_id: int, page: int) -> Work:
        """One row; raises NotFound."""
        row = self.session.scalar(select(Work).where(Work.document_id == document_id, Work.page == page))
        if row is None:
            raise NotFound("work", f"{document_id}/{page}")
        return row

    def of(self, document_id: int) -> list[Work]:
        """All rows of a document: its opening, then its pages."""
        return list(self.session.scalars(select(Work).where(Work.document_id == document_id).order_by(Work.page)))

    def between(self, document_id: int, first: int, last: int) -> dict[int, Work]:
        """The rows of the pages from `first` to `last`, by page."""
        some = select(Work).where(Work.document_id == document_id, Work.page.between(first, last))
        return {work.page: work for work in self.session.scalars(some)}

    def counts(self, document_id: int) -> dict[State, int]:
        """How many pages of the document are in each state."""
        pages = select(Work.state, func.count()).where(Work.document_id == document_id, Work.page != OPENING)
        return {row[0]: row[1] for row in self.session.execute(pages.group_by(Work.state))}

    def due(self, limit: int, *, resend_after: timedelta) -> list[int]:
        """The ids of work that waits and for which no message was sent within `resend_after`; in the order of
        the pages, so that openings come first, then the first pages. They are noted as sent.
        """
        moment = now()
        waiting = and_(Work.state == State.WAITING, Work.due_at <= moment)
        unsent = or_(Work.sent_at.is_(None), Work.sent_at < moment - resend_after)
        ids = list(self.session.scalars(select(Work.id).where(waiting, unsent).order_by(Work.page, Work.id).limit(limit)))
        self.session.execute(update(Work).where(Work.id.in_(ids)).values(sent_at=moment))
        return ids

    def in_flight(self, *, resend_after: timedelta) -> int:
        """How much work is running or has a fresh message on its way."""
        sent = and_(Work.state == State.WAITING, Work.sent_at >= now() - resend_after)
        query = select(func.count()).select_from(Work).where(or_(Work.state == State.RUNNING, sent))
        return self.session.scalar(query) or 0

    def claim(self, work_id: int, owner: str) -> Claim | None:
        """Take a piece of work that waits; None if there is nothing to take."""
        moment = now()
        taken = self.session.execute(
            update(Work)
            .where(Work.id == work_id, Work.state == State.WAITING, Work.due_at <= moment)
            .values(state=State.RUNNING, owner=owner, lease_until=moment + LEASE)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            return None
        work = self.session.get_one(Work, work_id, populate_existing=True)
        self._settle(work.document)
        return Claim(work.id, work.document_id, work.page, owner)

    def hold(self, owner: str) -> None:
        """Say that the owner is alive: its leases run anew."""
        mine = update(Work).where(Work.owner == owner, Work.state == State.RUNNING)
        self.session.execute(mine.values(lease_until=now() + LEASE))

    def finish(self, claim: Claim) -> Work:
        """Mark the work as done; raises LeaseLost if it is no longer the owner's."""
        work = self._owned(claim)
        self._end(work, State.DONE, "")
        return work

    def set_aside(self, claim: Claim, rule: str) -> Work:
        """Leave the document to a person: `rule` found what may be a secrecy mark. Work on all its pages stops."""
        work = self._owned(claim)
        self._end(work, State.SET_ASIDE, rule)
        self._stop_pages(work.document_id, State.SET_ASIDE, rule)
        self._settle(work.document)
        return work

    def fail(self, claim: Claim, reason: Refusal) -> Work:
        """Note a failure: the work is due again later, or failed when no other try is of use."""
        work = self._owned(claim)
        work.tries += 1
        wait = wait_before(work.tries, reason)
        if wait is None:
            self._end(work, State.FAILED, reason)
        else:
            work.state, work.reason, work.due_at, work.sent_at, work.owner = State.WAITING, reason, now() + wait, None, ""
            self._settle(work.document)
        return work

    def postpone(self, claim: Claim, wait: timedelta) -> None:
        """Give the work back for a while: what it stands on (the store, the disk) failed, not the page."""
        work = self._owned(claim)
        work.state, work.owner, work.lease_until, work.sent_at, work.due_at = State.WAITING, "", None, None, now() + wait
        self._settle(work.document)

    def has_due(self, *, resend_after: timedelta) -> bool:
        """Whether `due` would find anything."""
        moment = now()
        unsent = or_(Work.sent_at.is_(None), Work.sent_at < moment - resend_after)
        due = select(Work.id).where(Work.state == State.WAITING, Work.due_at <= moment, unsent).limit(1)
        return self.session.scalar(due) is not None

    def has_lost(self) -> bool:
        """Whether some owner has been silent for longer than its lease."""
        lost = select(Work.id).where(Work.state == State.RUNNING, Work.lease_until < now()).limit(1)
        return self.session.scalar(lost) is not None

    def release_lost(self, gone: Iterable[str] = ()) -> int:
        """Give back the work of owners that are `gone`, or silent for longer than their lease; returns how much it was."""
        lost = select(Work).where(Work.state == State.RUNNING, or_(Work.lease_until < now(), Work.owner.in_(list(gone))))
        rows = list(self.session.scalars(lost))
        for work in rows:
            work.interruptions += 1
            if work.interruptions > MAX_INTERRUPTIONS:
                self._end(work, State.FAILED, Refusal.CRASHED)
            else:
                work.state, work.owner, work.lease_until, work.sent_at = State.WAITING, "", None, None
                self._settle(work.document)
        return len(rows)

    def forget_messages(self) -> None:
        """Have every waiting piece of work sent again: the broker may have lost what it held."""
        self.session.execute(update(Work).where(Work.state == State.WAITING).values(sent_at=None))

    def owners(self) -> set[str]:
        """Who holds work now."""
        return set(self.session.scalars(select(Work.owner).where(Work.state == State.RUNNING).distinct()))

    def cancel(self, document: Document) -> None:
        """Stop all work on the document that is not settled; raises StepNotAllowed if there is none."""
        if not self._stop(document.id, UNSETTLED, State.CANCELLED, ""):
            raise StepNotAllowed(document.standing, "cancel")
        self._settle(document)

    def retry(self, document: Document, page: int | None = None) -> None:
        """Have failed and cancelled work done again, all of it or one page; raises StepNotAllowed if there is none."""
        settled = [State.FAILED, State.CANCELLED]
        rows = [w for w in self.of(document.id) if w.state in settled and page in (None, w.page)]
        if not rows:
            raise StepNotAllowed(document.standing, "retry")
        self._restart(rows)
        self._settle(document)

    def release(self, document: Document) -> None:
        """A person decided that what was found is no mark: go on reading. Raises StepNotAllowed unless it is set aside."""
        rows = [work for work in self.of(document.id) if work.state is State.SET_ASIDE]
        if not rows:
            raise StepNotAllowed(document.standing, "release")
        document.is_released = True
        self._restart(rows)
        self._settle(document)

    def forget(self, document: Document) -> None:
        """Remove all rows of a document that is being destroyed."""
        for work in self.of(document.id):
            self.session.delete(work)

    def _owned(self, claim: Claim) -> Work:
        work = self.session.get_one(Work, claim.work_id, populate_existing=True, with_for_update=True)
        if work.state is not State.RUNNING or work.owner != claim.owner:
            raise LeaseLost(claim)
        return work

    def _end(self, work: Work, state: State, reason: str) -> None:
        work.state, work.reason, work.owner, work.lease_until, work.finished_at = state, reason, "", None, now()
        self._settle(work.document)

    def _restart(self, rows: Iterable[Work]) -> None:
        for work in rows:
            work.state, work.reason, work.tries, work.interruptions = State.WAITING, "", 0, 0
            work.due_at, work.sent_at, work.finished_at = now(), None, None

    def _stop_pages(self, document_id: int, state: State, reason: str) -> None:
        self._stop(document_id, UNSETTLED | {State.DONE, State.FAILED}, state, reason)

    def _stop(self, document_id: int, states: Iterable[State], state: State, reason: str) -> int:
        rows = [
            work
            for work in self.of(document_id)
            if work.state in set(states) and not (work.page == OPENING and work.state is State.DONE)
        ]
        for work in rows:
            work.state, work.reason, work.owner, work.lease_until, work.finished_at = state, reason, "", None, now()
        return len(rows)

    def _settle(self, document: Document) -> None:
        """Bring the document's standing up to its rows."""
        self.session.flush()
        is_opening = Work.page == OPENING
        rows = self.session.execute(
            select(is_opening, Work.state, func.count()).where(Work.document_id == document.id).group_by(is_opening, Work.state)
        ).all()
        opening = next((state for opens, state, _ in rows if opens), None)
        document.standing = standing(opening, {state: count for opens, state, count in rows if not opens})
        document.changed_at = now()
        self.session.flush()
