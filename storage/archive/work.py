"""The ledger: one row for each document to be opened (page 0) and for each page to be read. It is the truth of all work."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from domain.archive.secrecy import Rule
from domain.archive.work import MAX_INTERRUPTIONS, UNSETTLED, Standing, State, check_may_set_aside, standing, wait_before
from domain.ground.clock import now
from domain.ground.errors import StepNotAllowed, existing
from domain.ground.files import Refusal
from storage.archive.documents import Document, Page
from storage.ground.database import Numbered, Records

OPENING = 0  # the page number of the row that stands for the document itself
_IDS_AT_ONCE = 500
LONGEST_WAIT = timedelta(minutes=5)  # before work is tried again
LEASE = timedelta(seconds=60)  # how long a worker may be silent before its work is given to another


_OPEN = text("state <> 'done'")


class Work(Numbered):
    """One piece of work. While it runs, `owner` holds it until `lease_until`; a result is taken from the owner only."""

    __tablename__ = "work"
    __table_args__ = (
        UniqueConstraint("document_id", "page"),
        Index("ix_work_due", "state", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

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

    def end(self, state: State, reason: str) -> None:
        """Nobody works on it any more."""
        self.state, self.reason, self.owner, self.lease_until, self.finished_at = state, reason, "", None, now()


def unfinished(work: Any = Work) -> ColumnElement[bool]:
    """What is not done, which is little of the ledger. In these very words, so that SQLite takes the index that holds nothing else."""
    is_open: ColumnElement[bool] = work.state != literal_column("'done'")
    return is_open


class LeaseLost(Exception):
    """The work has gone to somebody else, or was cancelled; what was done for it must be thrown away."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that `owner` holds."""

    work_id: int
    document_id: int
    page: int
    owner: str


class Ledger(Records):
    """All work. Every act is one conditional change, so a message that comes twice does nothing the second time."""

    def enrol(self, document: Document, pages: Iterable[int] = (OPENING,)) -> None:
        """Add work that is not there yet."""
        there = set(self.session.scalars(select(Work.page).where(Work.document_id == document.id)))
        self.session.add_all(Work(document_id=document.id, page=page) for page in pages if page not in there)
        self.settle(document.id)

    def get(self, document_id: int, page: int) -> Work:
        """One row; raises NotFound."""
        of_page = select(Work).where(Work.document_id == document_id, Work.page == page)
        return existing(self.session.scalar(of_page), "work", f"{document_id}/{page}")

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
        waiting = and_(unfinished(), Work.state == State.WAITING, Work.due_at <= moment)
        unsent = or_(Work.sent_at.is_(None), Work.sent_at < moment - resend_after)
        ids = list(self.session.scalars(select(Work.id).where(waiting, unsent).order_by(Work.page, Work.id).limit(limit)))
        self.session.execute(update(Work).where(Work.id.in_(ids)).values(sent_at=moment))
        return ids

    def in_flight(self, *, resend_after: timedelta) -> int:
        """How much work is running or has a fresh message on its way."""
        sent = and_(Work.state == State.WAITING, Work.sent_at >= now() - resend_after)
        query = select(func.count()).select_from(Work).where(unfinished(), or_(Work.state == State.RUNNING, sent))
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
        self.settle(work.document_id)
        return Claim(work.id, work.document_id, work.page, owner)

    def hold(self, owner: str) -> None:
        """Say that the owner is alive: its leases run anew."""
        mine = update(Work).where(unfinished(), Work.owner == owner, Work.state == State.RUNNING)
        self.session.execute(mine.values(lease_until=now() + LEASE))

    def finish(self, claim: Claim) -> Work:
        """Mark the work as done; raises LeaseLost if it is no longer the owner's."""
        work = self._owned(claim)
        self._end(work, State.DONE, "")
        return work

    def set_aside(self, claim: Claim, rule: str) -> Work:
        """Leave the document to a person: `rule` found what may be a secrecy mark. Work on all its pages stops."""
        work = self._owned(claim)
        work.end(State.SET_ASIDE, rule)
        stopped = Work.state.in_(UNSETTLED | {State.DONE, State.FAILED})
        self._stop(*_all_of(work.document_id), stopped, state=State.SET_ASIDE, reason=rule)
        self.settle(work.document_id)
        return work

    def withhold(self, document: Document) -> None:
        """Leave the document to a person because a person saw a mark on the paper. Work on all its pages stops.

        Raises StepNotAllowed as `domain.archive.work.check_may_set_aside` says.
        """
        # Whoever opens it now ends first, so that the pages which that adds are stopped too.
        self.session.execute(select(Work.id).where(Work.document_id == document.id, Work.page == OPENING).with_for_update())
        self.session.refresh(document)
        check_may_set_aside(document.standing)
        self._stop(*_all_of(document.id), state=State.SET_ASIDE, reason=Rule.SEEN_BY_PERSON)
        document.is_released = False
        self.settle(document.id)

    def fail(self, claim: Claim, reason: Refusal) -> Work:
        """Note a failure: the work is due again later, or failed when no other try is of use."""
        work = self._owned(claim)
        work.tries += 1
        wait = wait_before(work.tries, reason)
        if wait is None:
            self._end(work, State.FAILED, reason)
        else:
            work.state, work.reason, work.due_at, work.sent_at = State.WAITING, reason, now() + wait, None
            work.owner, work.lease_until = "", None
            self.settle(work.document_id)
        return work

    def postpone(self, claim: Claim, wait: timedelta) -> None:
        """Give the work back for a while: what it stands on (the store, the disk) failed, not the page."""
        work = self._owned(claim)
        work.state, work.owner, work.lease_until, work.sent_at, work.due_at = State.WAITING, "", None, None, now() + wait
        self.settle(work.document_id)

    def has_due(self, *, resend_after: timedelta) -> bool:
        """Whether `due` would find anything."""
        moment = now()
        unsent = or_(Work.sent_at.is_(None), Work.sent_at < moment - resend_after)
        due = select(Work.id).where(unfinished(), Work.state == State.WAITING, Work.due_at <= moment, unsent).limit(1)
        return self.session.scalar(due) is not None

    def bring_forward(self) -> None:
        """Have nothing wait, and no owner hold anything, longer than it ever would: the clock was set back."""
        moment = now()
        for column, longest, value in (
            (Work.due_at, LONGEST_WAIT, moment), (Work.lease_until, LEASE, moment + LEASE), (Work.sent_at, timedelta(0), None),
        ):  # fmt: skip
            far = update(Work).where(unfinished(), Work.state.in_([State.WAITING, State.RUNNING]), column > moment + longest)
            self.session.execute(far.values({column: value}))

    def has_lost(self) -> bool:
        """Whether some owner has been silent for longer than its lease."""
        lost = select(Work.id).where(unfinished(), Work.state == State.RUNNING, Work.lease_until < now()).limit(1)
        return self.session.scalar(lost) is not None

    def release_lost(self, gone: Iterable[str] = ()) -> int:
        """Give back the work of owners that are `gone`, or silent for longer than their lease; returns how much it was."""
        lost = select(Work).where(
            unfinished(), Work.state == State.RUNNING, or_(Work.lease_until < now(), Work.owner.in_(list(gone)))
        )
        rows = list(self.session.scalars(lost.with_for_update(skip_locked=True)))  # what is locked is being finished
        for work in rows:
            work.interruptions += 1
            if work.interruptions > MAX_INTERRUPTIONS:
                work.end(State.FAILED, Refusal.CRASHED)
            else:
                work.state, work.owner, work.lease_until, work.sent_at = State.WAITING, "", None, None
        self.settle(*{work.document_id for work in rows})
        return len(rows)

    def forget_messages(self) -> None:
        """Have every waiting piece of work sent again: the broker may have lost what it held."""
        self.session.execute(update(Work).where(unfinished(), Work.state == State.WAITING).values(sent_at=None))

    def owners(self) -> set[str]:
        """Who holds work now."""
        return set(self.session.scalars(select(Work.owner).where(unfinished(), Work.state == State.RUNNING).distinct()))

    def cancel(self, document: Document) -> None:
        """Stop all work on the document that is not settled; raises StepNotAllowed if there is none."""
        if not self._stop(Work.document_id == document.id, Work.state.in_(UNSETTLED), state=State.CANCELLED):
            raise StepNotAllowed(document.standing, "cancel")
        self.settle(document.id)

    def cancel_batch(self, batch_id: int) -> int:
        """Stop all work on the documents of a batch that is not settled; returns on how many documents."""
        ids = self._documents_with(unfinished() & Work.state.in_(UNSETTLED), batch_id)
        for some in batched(ids):
            self._stop(Work.document_id.in_(some), Work.state.in_(UNSETTLED), state=State.CANCELLED)
        self.settle(*ids)
        return len(ids)

    def retry(self, document: Document, page: int | None = None) -> None:
        """Have failed and cancelled work done again, all of it or one page, and pages read again that nobody held to their ink.

        Raises StepNotAllowed if there is none, and for a document that was set aside: it must be released first.
        """
        settled = Work.document_id == document.id, or_(Work.state.in_([State.FAILED, State.CANCELLED]), is_unmeasured())
        if not self._restart(*settled, *(() if page is None else (Work.page == page,)), _is_not_set_aside()):
            raise StepNotAllowed(document.standing, "retry")
        self.settle(document.id)

    def retry_failed(self, batch_id: int | None = None) -> int:
        """Have all failed work done again, of one batch or of all; returns on how many documents."""
        return self._again(unfinished() & (Work.state == State.FAILED), batch_id)

    def measure(self, batch_id: int | None = None) -> int:
        """Have the pages read again that nobody held to their ink, of one batch or of all; returns of how many documents."""
        return self._again(is_unmeasured(), batch_id)

    def _again(self, condition: ColumnElement[bool], batch_id: int | None) -> int:
        ids = self._documents_with(condition, batch_id)
        for some in batched(ids):
            self._restart(Work.document_id.in_(some), condition)
        self.settle(*ids)
        return len(ids)

    def release(self, document: Document) -> None:
        """A person decided that what was found is no mark: go on reading. Raises StepNotAllowed unless it is set aside."""
        if not self._restart(Work.document_id == document.id, Work.state == State.SET_ASIDE):
            raise StepNotAllowed(document.standing, "release")
        document.is_released = True
        self.settle(document.id)

    def forget(self, document: Document) -> None:
        """Remove all rows of a document that is being destroyed."""
        self.session.flush()
        self.session.execute(delete(Work).where(Work.document_id == document.id))

    def _documents_with(self, condition: ColumnElement[bool], batch_id: int | None) -> list[int]:
        there = select(Work.document_id).where(condition, _is_not_set_aside()).distinct()
        if batch_id is not None:
            there = there.join(Document).where(Document.batch_id == batch_id)
        return list(self.session.scalars(there.order_by(Work.document_id)))

    def _owned(self, claim: Claim) -> Work:
        work = self.session.get(Work, claim.work_id, populate_existing=True, with_for_update=True)
        if work is None or work.state is not State.RUNNING or work.owner != claim.owner:
            raise LeaseLost(claim)
        return work

    def _end(self, work: Work, state: State, reason: str) -> None:
        work.end(state, reason)
        self.settle(work.document_id)

    def _restart(self, *conditions: ColumnElement[bool]) -> int:
        fresh = {"state": State.WAITING, "reason": "", "tries": 0, "interruptions": 0, "due_at": now(), "sent_at": None}
        return self._change(*conditions, **fresh, finished_at=None)

    def _stop(self, *conditions: ColumnElement[bool], state: State, reason: str = "") -> int:
        return self._change(*conditions, state=state, reason=reason, owner="", lease_until=None, finished_at=now())

    def _change(self, *conditions: ColumnElement[bool], **values: Any) -> int:
        self.session.flush()
        changed = self.session.execute(
            update(Work).where(*conditions).values(**values), execution_options={"synchronize_session": "fetch"}
        )
        return int(changed.rowcount)  # type: ignore[attr-defined]

    def settle(self, *document_ids: int) -> None:
        """Bring the standing of these documents up to their rows. They are locked first, so that of two acts the later one
        counts what the earlier one did.
        """
        self.session.flush()
        for ids in batched(sorted(document_ids)):
            locked = select(Document).where(Document.id.in_(ids)).order_by(Document.id).with_for_update()
            documents = list(self.session.scalars(locked, execution_options={"populate_existing": True}))
            standings = self.standings(ids)
            for document in documents:
                document.standing, document.changed_at = standings[document.id], now()
        self.session.flush()

    def standings(self, document_ids: Sequence[int]) -> dict[int, Standing]:
        """The standing of each of these documents by its rows."""
        opens = case((Work.page == OPENING, 1), else_=0)
        partly = func.count(case((Page.unread_share > 0, 1)))
        unmeasured = func.count(Page.number) - func.count(Page.unread_share)
        rows = self.session.execute(
            select(Work.document_id, opens, Work.state, func.count(), partly, unmeasured)
            .outerjoin(Page, and_(Page.document_id == Work.document_id, Page.number == Work.page))
            .where(Work.document_id.in_(document_ids))
            .group_by(Work.document_id, opens, Work.state)
        ).all()
        openings = {row[0]: row[2] for row in rows if row[1]}
        pages: dict[int, dict[State, int]] = {document_id: {} for document_id in document_ids}
        ink = dict.fromkeys(document_ids, (0, 0))
        for document_id, is_opening, state, count, *held in rows:
            if not is_opening:
                pages[document_id][state] = count
                ink[document_id] = (ink[document_id][0] + held[0], ink[document_id][1] + held[1])
        return {
            one: standing(openings.get(one), pages[one], partly=ink[one][0], unmeasured=ink[one][1]) for one in document_ids
        }


def batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in portions that one query may name."""
    return (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))


def is_unmeasured() -> ColumnElement[bool]:
    """The condition that work is done of which nobody knows whether it read all that is written on its page."""
    of_page = exists().where(Page.document_id == Work.document_id, Page.number == Work.page, Page.unread_share.is_(None))
    return and_(Work.state == State.DONE, of_page)


def _all_of(document_id: int) -> tuple[ColumnElement[bool], ...]:
    """Every page, and the opening unless it is done: the pages stand for it then."""
    return Work.document_id == document_id, or_(Work.page != OPENING, Work.state != State.DONE)


def _is_not_set_aside() -> ColumnElement[bool]:
    other = aliased(Work)
    return Work.document_id.not_in(select(other.document_id).where(unfinished(other), other.state == State.SET_ASIDE))
