"""Incoming documents as records: the register of what each unit received (sổ đăng ký văn bản đến), and how it was handled.

What units send each other here is in storage/directives/deliveries.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, UniqueConstraint, and_, event, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

from domain.directives.directives import OutgoingState
from domain.directives.imports.rows import IncomingEntry
from domain.directives.incoming import ArrivalYearFixed, IncomingChanged
from domain.ground.clock import now, today
from domain.ground.errors import NotFound, existing
from domain.ground.vietnamese import fold
from domain.people.units import UnitKind
from storage.archive.documents import Document
from storage.directives.deliveries import Delivery
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Base, Numbered, Records, tells
from storage.ground.lists.paging import Paged, falling, paged, paged_by, rising
from storage.people.people import Person
from storage.people.units import Unit, Units

PAGE = 50


class ArrivalSeries(Base):
    """The last number of arrival that a unit gave in a year; the row is what writers queue for."""

    __tablename__ = "arrival_series"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class IncomingDocument(Numbered):
    """A document that a unit received and entered, with its number of arrival and how it is handled."""

    __tablename__ = "incoming_documents"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "number"),
        UniqueConstraint("unit_id", "form_key"),
        UniqueConstraint("delivery_id"),
        Index("ix_incoming_unit_due", "unit_id", "handled_on", "due_on"),
        Index("ix_incoming_listed", "year", "number", "unit_id"),  # as the list is sorted
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    year: Mapped[int]
    number: Mapped[int]  # số đến, from 1 each year
    arrived_on: Mapped[date]
    author: Mapped[str]
    written_number: Mapped[str] = mapped_column(default="")  # số, ký hiệu, as on the paper
    dated: Mapped[date | None]
    kind: Mapped[str] = mapped_column(default="")
    abstract: Mapped[str]
    urgency: Mapped[str] = mapped_column(default="")  # as domain/directives/incoming.py names it
    assignee: Mapped[str] = mapped_column(default="")  # unit or person who receives it, as written
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("unit_id", "year", "number", "assignee", "due_on", "handled_on")
    )
    assigned_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    transferred_on: Mapped[date | None]
    receipt: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    progress: Mapped[str] = mapped_column(default="")
    handled_on: Mapped[date | None]
    reply_number: Mapped[str] = mapped_column(default="")  # số, ký hiệu văn bản trả lời
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_imports.id"), index=True)
    import_row: Mapped[int | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)
    form_key: Mapped[str | None]  # of the form that entered it: the same form never enters two
    searched: Mapped[str] = mapped_column(default="")  # what it is found by, folded
    revision: Mapped[int] = mapped_column(default=1)  # what was read must be what is changed

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it from the class

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    delivery: Mapped[Delivery | None] = relationship()
    document: Mapped[Document | None] = relationship()
    reply: Mapped[OutgoingDocument | None] = relationship()  # the unit's own document that answers, or is drafted to
    assigned: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])

    def is_overdue(self, day: date) -> bool:
        """Whether its handling should have ended before that day, and has not."""
        return self.handled_on is None and self.due_on is not None and self.due_on < day

    def is_assigned_to(self, person: Person, day: date) -> bool:
        """Whether the person is to handle it on that day: by name, or as one of the office."""
        return self.assignee_id == person.id or self.assigned_unit_id in person.units_on(day)


class IncomingChange(Numbered):
    """One field of an entry that was changed after it was made: from what, to what, by whom."""

    __tablename__ = "incoming_changes"

    incoming_id: Mapped[int] = mapped_column(ForeignKey("incoming_documents.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]

    person: Mapped[Person] = relationship()


def register_of(unit: Unit) -> Unit:
    """The unit in whose register stands what goes to this one: itself, the one above an office, the one that carries on its work."""
    if unit.kind is UnitKind.OFFICE and unit.parent:
        return register_of(unit.parent)
    has_ended = unit.valid_to is not None and unit.valid_to < today()
    return register_of(unit.successor) if has_ended and unit.successor else unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of the register somebody wants to see. `which`: all, open, overdue, mine."""

    unit_id: int | None = None
    year: int | None = None
    words: str = ""
    which: str = "all"


class IncomingDocuments(Records):
    """All incoming documents."""

    def get(self, incoming_id: int, units: frozenset[int]) -> IncomingDocument:
        """The entry, if it is in the register of one of these units; raises NotFound."""
        of_units = select(IncomingDocument).where(IncomingDocument.id == incoming_id, IncomingDocument.unit_id.in_(units))
        return existing(self.session.scalar(of_units), "incoming", incoming_id)

    def assigned(self, incoming_id: int, person: Person) -> IncomingDocument:
        """The entry, if the person is to handle it today; raises NotFound."""
        found = self.session.get(IncomingDocument, incoming_id)
        if found is None or not found.is_assigned_to(person, today()):
            raise NotFound("incoming", incoming_id)
        return found

    def next_number(self, unit_id: int, year: int) -> int:
        """The next number of arrival of the unit in that year; whoever asks has it, and others wait until the transaction ends."""
        insert = postgresql.insert if self.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        begin = insert(ArrivalSeries).values(unit_id=unit_id, year=year, last=0).on_conflict_do_nothing()
        self.session.execute(begin)
        of_year = ArrivalSeries.unit_id == unit_id, ArrivalSeries.year == year
        given = self.session.scalar(select(ArrivalSeries.last).where(*of_year).with_for_update()) or 0
        entered = select(func.max(IncomingDocument.number)).where(
            IncomingDocument.unit_id == unit_id, IncomingDocument.year == year
        )
        number = max(given, self.session.scalar(entered) or 0) + 1  # an import brings numbers of its own
        self.session.execute(update(ArrivalSeries).where(*of_year).values(last=number))
        return number

    def enter(
        self, unit_id: int, arrived_on: date, values: Mapping[str, Any], person: Person, *, form_key: str | None = None
    ) -> IncomingDocument:
        """A new entry with the next number of arrival; the one that this very form has made before, if it comes twice."""
        self.session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
        same = select(IncomingDocument).where(IncomingDocument.unit_id == unit_id, IncomingDocument.form_key == form_key)
        if form_key and (made := self.session.scalar(same)):
            return made
        entry = IncomingDocument(
            unit_id=unit_id, year=arrived_on.year, number=self.next_number(unit_id, arrived_on.year), arrived_on=arrived_on,
            entered_by_id=person.id, form_key=form_key, **values,
        )  # fmt: skip
        self.session.add(entry)
        self.session.flush()
        return entry

    def enter_delivery(self, delivery: Delivery, person: Person) -> tuple[IncomingDocument, bool]:
        """The entry of what arrived here, and whether it is new; a second press finds the one that is there."""
        self.session.execute(select(Delivery.id).where(Delivery.id == delivery.id).with_for_update())
        there = self.session.scalar(select(IncomingDocument).where(IncomingDocument.delivery_id == delivery.id))
        if there is not None:
            return there, False
        outgoing = delivery.outgoing
        values = {
            "author": outgoing.unit.name,
            "written_number": outgoing.written_number,
            "dated": outgoing.dated,
            "kind": outgoing.kind,
            "abstract": outgoing.abstract,
            "urgency": outgoing.urgency,
            "due_on": delivery.answer_due_on,
            "delivery_id": delivery.id,
            **_named(delivery.answer_outgoing),
        }
        unit = existing(register_of(delivery.unit) if delivery.unit else None, "delivery", delivery.id)
        if unit is not delivery.unit and delivery.unit:
            values |= {"assignee": delivery.unit.name, "assigned_unit_id": delivery.unit.id}
        return self.enter(unit.id, today(), values, person), True

    def change(
        self, entry: IncomingDocument, values: Mapping[str, Any], person: Person, *, revision: int
    ) -> Sequence[IncomingChange]:
        """Change an entry as it was read at that revision; returns what changed, each with what it was before.

        Raises IncomingChanged if somebody was faster, ArrivalYearFixed if the day of arrival would fall in another year than its number.
        """
        if entry.revision != revision:
            raise IncomingChanged
        if values.get("arrived_on", entry.arrived_on).year != entry.year:
            raise ArrivalYearFixed(entry.year)
        changed = [(name, getattr(entry, name), value) for name, value in values.items() if getattr(entry, name) != value]
        for name, _before, value in changed:
            setattr(entry, name, value)
        changes = [
            IncomingChange(incoming_id=entry.id, person_id=person.id, field=name, before=_said(before), after=_said(value))
            for name, before, value in changed
        ]
        self.session.add_all(changes)
        try:
            self.session.flush()
        except StaleDataError as error:
            raise IncomingChanged from error
        return changes

    def answer(self, delivery: Delivery, person: Person) -> Sequence[IncomingChange]:
        """Have the entry of a delivery name the document by which the unit has answered; nothing where either is missing."""
        entry = self.of_delivery(delivery)
        if entry is None or delivery.answer_outgoing is None:
            return []
        return self.change(entry, _named(delivery.answer_outgoing), person, revision=entry.revision)

    def replies(self, unit: Unit) -> Sequence[OutgoingDocument]:
        """What the unit has issued lately, the latest first: among these may be the answer to what it received."""
        issued = select(OutgoingDocument).where(
            OutgoingDocument.unit_id == register_of(unit).id, OutgoingDocument.state == OutgoingState.ISSUED
        )
        latest = issued.order_by(OutgoingDocument.dated.desc(), OutgoingDocument.id.desc())
        return self.session.scalars(latest.limit(PAGE)).all()

    def answered_by(self, outgoing: OutgoingDocument, units: frozenset[int]) -> Sequence[IncomingDocument]:
        """What the document answers, of the registers of these units."""
        found = select(IncomingDocument).where(IncomingDocument.reply_id == outgoing.id, IncomingDocument.unit_id.in_(units))
        return self.session.scalars(found.order_by(IncomingDocument.id)).all()

    def changes(self, entry: IncomingDocument) -> Sequence[IncomingChange]:
        """What was changed after it was entered, the latest first."""
        found = select(IncomingChange).where(IncomingChange.incoming_id == entry.id).options(joinedload(IncomingChange.person))
        return self.session.scalars(found.order_by(IncomingChange.id.desc())).all()

    def page(self, units: frozenset[int], wanted: Wanted, person: Person, *, after: str = "") -> Paged[IncomingDocument]:
        """The entries of these units, the latest number first; what is to be handled, the first due first."""
        found = self._wanted(units, wanted, person).options(joinedload(IncomingDocument.unit))
        latest = IncomingDocument.year, IncomingDocument.number, IncomingDocument.unit_id
        if wanted.which == "all":
            return paged(self.session, found, falling(*latest), after=after)
        due = func.coalesce(IncomingDocument.due_on, date.max)  # without a day, at the end
        return paged_by(self.session, found, rising(due, *(-one for one in latest)), after=after)

    def register(self, unit_id: int, year: int) -> Sequence[IncomingDocument]:
        """The whole register of a unit's year, in the order of its numbers."""
        found = select(IncomingDocument).where(IncomingDocument.unit_id == unit_id, IncomingDocument.year == year)
        return self.session.scalars(found.order_by(IncomingDocument.number)).all()

    def years(self, units: frozenset[int]) -> Sequence[int]:
        """The years in which these units entered something, the latest first."""
        found = select(IncomingDocument.year).where(IncomingDocument.unit_id.in_(units)).distinct()
        return self.session.scalars(found.order_by(IncomingDocument.year.desc())).all()

    def overdue(self, units: frozenset[int], person: Person, day: date) -> int:
        """How many entries of these units, or given to the person, are overdue on that day."""
        counted = select(func.count()).select_from(IncomingDocument)
        return self.session.scalar(counted.where(self._known(units, person, day), *_overdue(day))) or 0

    def of_delivery(self, delivery: Delivery) -> IncomingDocument | None:
        """The entry of a delivery, or None."""
        return self.session.scalar(select(IncomingDocument).where(IncomingDocument.delivery_id == delivery.id))

    def doubles(self, entry: IncomingDocument) -> Sequence[IncomingDocument]:
        """Other entries of the unit with the same number, symbol and author: NĐ 30/2020, Phụ lục VI, III.1.h wants a warning."""
        if not entry.written_number:
            return []
        same = IncomingDocument.written_number == entry.written_number, IncomingDocument.author == entry.author
        found = select(IncomingDocument).where(
            IncomingDocument.unit_id == entry.unit_id, IncomingDocument.id != entry.id, *same
        )
        return self.session.scalars(found.where(IncomingDocument.dated == entry.dated).limit(5)).all()

    def _wanted(self, units: frozenset[int], wanted: Wanted, person: Person) -> Select[IncomingDocument]:
        day = today()
        found = select(IncomingDocument).where(self._known(units, person, day))
        if wanted.unit_id is not None:
            found = found.where(IncomingDocument.unit_id == wanted.unit_id)
        if wanted.year is not None:
            found = found.where(IncomingDocument.year == wanted.year)
        for word in fold(wanted.words).split():
            found = found.where(IncomingDocument.searched.contains(word, autoescape=True))
        conditions: dict[str, tuple[ColumnElement[bool], ...]] = {
            "open": (IncomingDocument.handled_on.is_(None),),
            "overdue": _overdue(day),
            "mine": (IncomingDocument.handled_on.is_(None), _given_to(person, day)),
        }
        return found.where(*conditions.get(wanted.which, ()))

    def _known(self, units: frozenset[int], person: Person, day: date) -> ColumnElement[bool]:
        """What the registers of these units hold, and what the person is to handle; where these are all there are, nothing is asked."""
        if units >= Units(self.session).known().keys():
            return true()
        return or_(IncomingDocument.unit_id.in_(units), _given_to(person, day))


def _given_to(person: Person, day: date) -> ColumnElement[bool]:
    return or_(IncomingDocument.assignee_id == person.id, IncomingDocument.assigned_unit_id.in_(person.units_on(day)))


def _overdue(day: date) -> tuple[ColumnElement[bool], ...]:
    return (and_(IncomingDocument.handled_on.is_(None), IncomingDocument.due_on < day),)


@event.listens_for(IncomingDocument, "before_insert")
@event.listens_for(IncomingDocument, "before_update")
def _keep_searched(_mapper: object, _connection: object, entry: IncomingDocument) -> None:
    entry.searched = searched_of(entry)


def searched_of(entry: IncomingDocument | IncomingEntry) -> str:
    """What the entry is found by, accents off. Whoever inserts rows past the session sets `searched` by this."""
    said = (entry.author, entry.written_number, entry.kind, entry.abstract, entry.assignee, entry.note, entry.reply_number)
    return fold(" ".join(filter(None, said)))


def _named(reply: OutgoingDocument | None) -> dict[str, Any]:
    """The values of an entry that say which document answers."""
    return {"reply_id": reply.id, "reply_number": reply.written_number} if reply else {}


def _said(value: object) -> str:
    """A value as the history keeps it."""
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
