"""What a meeting concluded, as records: conclusions, the notice of them, the tasks that follow, and how these go on."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Select, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, lazyload, mapped_column, relationship, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from domain.ground.calendars import add_working_days
from domain.ground.clock import day_of, now
from domain.ground.errors import NotFound, StepNotAllowed, existing
from domain.meetings.notices import NoticeHead
from storage.archive.documents import Document
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Base, Numbered, Records, tells
from storage.ground.lists.paging import Paged, falling, paged, rising
from storage.meetings.ballots import Vote
from storage.meetings.meetings import AgendaItem, Meeting, MeetingRecords
from storage.people.people import Person
from storage.people.units import Unit

NOTICE_WORKING_DAYS = 5  # QĐ 45/2018/QĐ-TTg: the notice of conclusions follows within five working days


class Conclusion(Numbered):
    """A conclusion of the chair, from an item or a vote."""

    __tablename__ = "conclusions"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"))
    vote_id: Mapped[int | None] = mapped_column(ForeignKey("votes.id"))
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[str]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    meeting: Mapped[Meeting] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    vote: Mapped[Vote | None] = relationship()
    tasks: Mapped[list["Task"]] = relationship(back_populates="conclusion", order_by="Task.due_on, Task.id")


class ConclusionNotice(Base):
    """The notice of a meeting's conclusions (thông báo kết luận), as it was issued; its text never changes again."""

    __tablename__ = "conclusion_notices"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    number: Mapped[str]  # 15/TB-LĐLĐ
    issued_on: Mapped[date]
    locality: Mapped[str] = mapped_column(default="")  # where it was issued: Gia Lai
    capacity: Mapped[str]  # TL. BAN CHẤP HÀNH, and below it CHÁNH VĂN PHÒNG
    signer: Mapped[str]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime] = mapped_column(default=now)
    conclusions: Mapped[str]  # the text that went out
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))  # in the archive

    meeting: Mapped[Meeting] = relationship()
    document: Mapped[Document | None] = relationship()


class Task(Numbered):
    """Something to be done by a person or a unit, until a day."""

    __tablename__ = "tasks"
    __table_args__ = (CheckConstraint("(owner_id IS NULL) <> (unit_id IS NULL)", name="one_owner"),)

    conclusion_id: Mapped[int] = mapped_column(ForeignKey("conclusions.id"), index=True)
    title: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("title", "due_on", "done_at", "created_at")
    )
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    outgoing_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)  # drafted from it
    due_on: Mapped[date] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    conclusion: Mapped[Conclusion] = relationship(back_populates="tasks")
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    unit: Mapped[Unit | None] = relationship()
    outgoing: Mapped[OutgoingDocument | None] = relationship()
    entries: Mapped[list["TaskEntry"]] = relationship(back_populates="task", order_by="TaskEntry.id")

    @property
    def owner_name(self) -> str:
        """Who is to do it."""
        return self.owner.name if self.owner else self.unit.name if self.unit else ""

    @property
    def percent(self) -> int:
        """How far it is, by the latest entry that says so."""
        if self.done_at:
            return 100
        return next((entry.percent for entry in reversed(self.entries) if entry.percent is not None), 0)

    def belongs_to(self, person: Person, day: date) -> bool:
        """Whether the person, or a unit where the person has a seat that day, is to do it."""
        return self.owner_id == person.id or (self.unit_id is not None and self.unit_id in person.units_on(day))


class TaskEntry(Numbered):
    """A report of progress. Entries are only ever added."""

    __tablename__ = "task_entries"

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells("task_id", "at", "text", "percent"))
    at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str]
    percent: Mapped[int | None]

    task: Mapped[Task] = relationship(back_populates="entries")
    person: Mapped[Person] = relationship(lazy="joined")


def notice_due_on(meeting: Meeting) -> date | None:
    """The day until which the notice of conclusions is due; None before the close."""
    return add_working_days(day_of(meeting.closed_at), NOTICE_WORKING_DAYS) if meeting.closed_at else None


class Conclusions(MeetingRecords):
    """The conclusions of one meeting."""

    def all(self) -> list[Conclusion]:
        """All of them in order."""
        mine = select(Conclusion).where(Conclusion.meeting_id == self.meeting.id)
        tasks = selectinload(Conclusion.tasks).options(*_of_a_line())
        return list(self.session.scalars(mine.options(tasks).order_by(Conclusion.position, Conclusion.id)))

    def get(self, conclusion_id: int) -> Conclusion:
        """The conclusion, if it is of this meeting; raises NotFound."""
        conclusion = self.session.get(Conclusion, conclusion_id)
        if conclusion is None or conclusion.meeting_id != self.meeting.id:
            raise NotFound("conclusion", conclusion_id)
        return conclusion

    def add(self, text: str, person: Person, *, item: AgendaItem | None = None, vote: Vote | None = None) -> Conclusion:
        """A further conclusion."""
        last = self.session.scalar(select(func.max(Conclusion.position)).where(Conclusion.meeting_id == self.meeting.id))
        conclusion = Conclusion(
            meeting_id=self.meeting.id,
            item_id=item.id if item else None,
            vote_id=vote.id if vote else None,
            position=(last or 0) + 1,
            text=text,
            recorded_by_id=person.id,
        )
        self.session.add(conclusion)
        self.session.flush()
        return conclusion

    def remove(self, conclusion: Conclusion) -> None:
        """Take a conclusion back; raises StepNotAllowed once the notice is out or tasks follow from it."""
        if self.notice() or conclusion.tasks:
            raise StepNotAllowed("noticed" if self.notice() else "has_tasks", "remove_conclusion")
        self.session.delete(conclusion)

    def notice(self) -> ConclusionNotice | None:
        """The notice that was issued, or None."""
        return self.session.get(ConclusionNotice, self.meeting.id)

    def issue(self, head: NoticeHead, person: Person) -> ConclusionNotice:
        """Issue the notice of what stands here; raises StepNotAllowed if it is out, or if there is nothing to say."""
        said = self.all()
        if self.notice() or not said or self.meeting.closed_at is None:
            raise StepNotAllowed("noticed" if self.notice() else "nothing", "issue_notice")
        text = "\n".join(f"{place}. {one.text}" for place, one in enumerate(said, start=1))
        notice = ConclusionNotice(
            meeting_id=self.meeting.id,
            number=head.number,
            issued_on=head.day,
            locality=head.locality,
            capacity="\n".join(head.capacity),
            signer=head.signer,
            issued_by_id=person.id,
            conclusions=text,
        )
        self.session.add(notice)
        self.session.flush()
        return notice


class Tasks(Records):
    """All tasks."""

    def get(self, task_id: int) -> Task:
        """The task; raises NotFound."""
        return existing(self.session.get(Task, task_id), "task", task_id)

    def add(
        self, conclusion: Conclusion, title: str, due_on: date, person: Person, *, owner: Person | None, unit: Unit | None
    ) -> Task:
        """A task that follows from a conclusion, for a person or for a unit."""
        task = Task(
            conclusion_id=conclusion.id,
            title=title,
            owner_id=owner.id if owner else None,
            unit_id=unit.id if unit and not owner else None,
            due_on=due_on,
            created_by_id=person.id,
        )
        self.session.add(task)
        self.session.flush()
        return task

    def open(self, *which: ColumnElement[bool], after: str = "") -> Paged[Task]:
        """A page of the tasks that are not done, by deadline."""
        return paged(self.session, _listed().where(Task.done_at.is_(None), *which), rising(Task.due_on, Task.id), after=after)

    def open_between(self, first: date, last: date) -> Sequence[Task]:
        """Those that are not done and are due in these days, both included, by deadline."""
        due = _held().where(Task.done_at.is_(None), Task.due_on.between(first, last))
        return self.session.scalars(due.order_by(Task.due_on, Task.id)).all()

    def done(self, *which: ColumnElement[bool], after: str = "") -> Paged[Task]:
        """A page of the tasks that are done, the latest given first."""
        done = _listed().where(Task.done_at.is_not(None), *which)
        return paged(self.session, done, falling(Task.id), after=after)

    def overdue(self, day: date, *which: ColumnElement[bool]) -> int:
        """How many are not done though their day has passed."""
        late = _held().where(Task.done_at.is_(None), Task.due_on < day, *which)
        return self.session.scalar(select(func.count()).select_from(late.with_only_columns(Task.id).subquery())) or 0

    def report(self, task: Task, text: str, percent: int | None, person: Person) -> TaskEntry:
        """Add a report of progress; raises StepNotAllowed for a task that is done."""
        self.session.refresh(task, with_for_update=True)
        if task.done_at:
            raise StepNotAllowed("done", "report")
        entry = TaskEntry(task_id=task.id, person_id=person.id, text=text, percent=percent)
        task.entries.append(entry)
        self.session.flush()
        return entry

    def finish(self, task: Task, text: str, person: Person) -> None:
        """Say that the task is done; raises StepNotAllowed if it was."""
        self.report(task, text, 100, person)
        task.done_at = now()
        self.session.flush()

    def reopen(self, task: Task, text: str, person: Person) -> None:
        """Say that the task is not done after all; raises StepNotAllowed if it is open."""
        if task.done_at is None:
            raise StepNotAllowed("open", "reopen")
        task.done_at = None
        self.session.flush()
        self.report(task, text, None, person)


def tasks_of(person: Person, units: Collection[int]) -> ColumnElement[bool]:
    """Those of the person and of those units."""
    return or_(Task.owner_id == person.id, Task.unit_id.in_(list(units)))


def _listed() -> Select[Task]:
    """With all that a line of a list says of each."""
    return _held().options(joinedload(Task.conclusion).joinedload(Conclusion.meeting), *_of_a_line())


def _of_a_line() -> tuple[_AbstractLoad, ...]:
    entries = selectinload(Task.entries).lazyload(TaskEntry.person)
    owner = joinedload(Task.owner).options(lazyload(Person.role_rows), lazyload(Person.seats))
    return entries, owner, joinedload(Task.unit)


def _held() -> Select[Task]:
    """The tasks of meetings that were held: what is rehearsed is nobody's work."""
    return select(Task).join(Task.conclusion).join(Conclusion.meeting).where(~Meeting.is_rehearsal)
