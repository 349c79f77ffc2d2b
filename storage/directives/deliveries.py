"""Deliveries as records: an outgoing document on its way to each recipient, what became of it there, and who is late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    Subquery,
    UniqueConstraint,
    and_,
    case,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from domain.directives.deliveries import (
    IN_INBOX,
    REMIND_EVERY,
    Addressee,
    Lateness,
    PlannedDelivery,
    Progress,
    Reach,
    Sending,
    lateness,
    planned_deliveries,
    unread_since,
)
from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel
from domain.directives.looks import Look
from domain.ground.clock import VIETNAM, day_of, now, today
from domain.ground.errors import StepNotAllowed, existing
from domain.ground.mail import is_address
from domain.people.roles import Permission
from domain.people.units import under
from storage.directives.evidence import record
from storage.directives.files import look_of_document
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Numbered, Records
from storage.ground.lists.paging import Paged, falling, paged, paged_by, rising
from storage.ground.mail import IS_STUCK, Mail, Outbox
from storage.people.people import People, Person
from storage.people.scopes import Scopes
from storage.people.units import AnyUnit, KnownUnit, Unit, Units

PAGE = 50


_OPEN = text("read_at IS NULL OR (answered_at IS NULL AND answer_due_on IS NOT NULL)")  # what may be late; said in these words


class Delivery(Numbered):
    """An outgoing document on its way to one recipient: when it was sent, arrived, read, acknowledged and answered.

    A recipient is a unit of ours (`unit_id`) or somebody outside (`recipient`). What stands here was done in this system, or is recorded
    as said by whoever sent it (`recorded_by_id`).
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("outgoing_id", "unit_id"),
        Index("ix_deliveries_unit_read", "unit_id", "read_at"),
        Index("ix_deliveries_open", "outgoing_id", "unit_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    recipient: Mapped[str] = mapped_column(default="")  # somebody outside, by name
    address: Mapped[str] = mapped_column(default="")  # e-mail address, for Channel.EMAIL
    channel: Mapped[Channel]
    sent_at: Mapped[datetime | None]  # by mail: once the mail server has taken it
    read_at: Mapped[datetime | None]  # first opened by somebody of the unit
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer_due_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer_outgoing_id: Mapped[int | None] = mapped_column(
        ForeignKey("outgoing_documents.id"), index=True
    )  # the unit's own document that answers
    received_on: Mapped[date | None]  # the paper copy, at somebody of whom we do not hear here
    received_word: Mapped[str] = mapped_column(default="")  # who says so
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    outgoing: Mapped[OutgoingDocument] = relationship(foreign_keys=[outgoing_id])
    unit: Mapped[Unit | None] = relationship()
    answer_outgoing: Mapped[OutgoingDocument | None] = relationship(foreign_keys=[answer_outgoing_id])
    read_by: Mapped[Person | None] = relationship(foreign_keys=[read_by_id])
    acknowledged_by: Mapped[Person | None] = relationship(foreign_keys=[acknowledged_by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def name(self) -> str:
        """Whom it went to."""
        return self.unit.name if self.unit else self.recipient

    @property
    def is_in_inbox(self) -> bool:
        """Whether a unit of ours finds it in its inbox; of every other recipient we do not hear."""
        return self.unit_id is not None and self.channel in IN_INBOX

    @property
    def progress(self) -> Progress:
        """How far the recipient is."""
        if self.answered_at:
            return Progress.ANSWERED
        if self.acknowledged_at:
            return Progress.ACKNOWLEDGED
        return Progress.READ if self.read_at else Progress.UNREAD

    def lateness(self, day: date) -> Lateness | None:
        """What the recipient is late with on that day; None if nothing, or if we do not hear of it."""
        if not self.is_in_inbox or self.outgoing.state is not OutgoingState.ISSUED:
            return None
        return lateness(
            is_read=self.read_at is not None,
            is_answered=self.answered_at is not None,
            sent_on=day_of(self.sent_at) if self.sent_at else None,
            due_on=self.answer_due_on,
            today=day,
        )


@dataclass(frozen=True, slots=True)
class LateCount:
    """How many deliveries are late, of one unit or of one document."""

    of: Unit | OutgoingDocument
    reading: int
    answering: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the deliveries of a document: how many there are, lie in an inbox here, were read, confirmed, answered, received on paper, are
    late, and would be told something by a reminder."""

    all: int
    inbox: int
    read: int
    acknowledged: int
    answered: int
    received: int
    late: int
    remindable: int


def reach_of(session: Session, outgoing: OutgoingDocument, sending: Sending) -> Reach:
    """What is known before a document is sent, while nobody else sends it until the commit."""
    session.flush()
    session.execute(select(OutgoingDocument.id).where(OutgoingDocument.id == outgoing.id).with_for_update())
    gone = select(Delivery.unit_id, Delivery.recipient).where(Delivery.outgoing_id == outgoing.id)
    there = [Addressee(unit_id, name) for unit_id, name in session.execute(gone)]
    units = {unit.id: unit for unit in Units(session).on(today())}
    written_to = sending.fresh(there) if sending.channel is Channel.EMAIL else []
    return Reach(
        look=look_of_document(session, outgoing) if sending.fills_inboxes else Look.WAITING,
        there=there,
        units={key: unit.name for key, unit in units.items()},
        addresses={
            one.unit_id: [person.login for person in addresses_of(session, units[one.unit_id])]
            for one in written_to
            if one.unit_id in units and not one.address.strip()
        },
    )


def deliver(
    session: Session, outgoing: OutgoingDocument, sending: Sending, *, by: Person, public_url: str = ""
) -> list[Delivery]:
    """Send a signed or issued document to those to whom it has not gone yet, in the transaction of the caller; returns the new deliveries.

    By this system it lies in the inbox of a unit at once; by mail it waits in the outbox, and counts as sent when the mail server has
    taken it; by every other channel it is recorded as sent on the word of `by`. May be repeated. The caller records how it was issued
    (EvidenceKind.ISSUED_HERE), since only the caller knows of paper. Raises what `planned_deliveries` raises.
    """
    planned = planned_deliveries(outgoing.state, sending, reach_of(session, outgoing, sending), at=now())
    return write_deliveries(session, outgoing, planned, by=by, public_url=public_url)


def write_deliveries(
    session: Session, outgoing: OutgoingDocument, planned: Sequence[PlannedDelivery], *, by: Person, public_url: str
) -> list[Delivery]:
    """Record the deliveries, and write the mails that carry the document; returns them."""
    sent = [
        Delivery(
            outgoing=outgoing, unit_id=one.unit_id, recipient=one.recipient, address=one.address, channel=one.channel,
            sent_at=one.sent_at, answer_due_on=one.due, recorded_by_id=by.id,
        )
        for one in planned
    ]  # fmt: skip
    session.add_all(sent)
    session.flush()
    for delivery, one in zip(sent, planned, strict=True):
        for address in one.mailed_to:
            _mail(session, delivery, address, public_url)
    return sent


def note_mailed(session: Session, mail: Mail) -> None:
    """The mail server has taken a mail: if it carries a document, that is sent, and there is evidence of it."""
    if mail.delivery_id is None:
        return
    delivery = session.get_one(Delivery, mail.delivery_id)
    if delivery.sent_at is None:
        delivery.sent_at = now()
    held = session.get_one(OutgoingDocument, delivery.outgoing_id, with_for_update=True, populate_existing=True)
    record(session, held, EvidenceKind.MAILED, facts={})


def addresses_of(session: Session, unit: AnyUnit) -> list[Person]:
    """The people with a mail address who keep the unit's registers today; where nobody keeps any, as in an office, all who sit there."""
    seated = [seat.person for seat in People(session).seated_in([unit.id], today())]
    reached = [person for person in dict.fromkeys(seated) if person.is_open and is_address(person.login)]
    return [person for person in reached if person.may(Permission.KEEP_REGISTERS)] or reached


def _mail(session: Session, delivery: Delivery, address: str, public_url: str) -> None:
    """Write a mail that carries the document."""
    outgoing = delivery.outgoing
    Outbox(session).add_document(
        f"delivery:{delivery.id}:{address}",
        address,
        delivery_id=delivery.id,
        sender=outgoing.unit.name,
        subject=f"{outgoing.kind} {outgoing.written_number}: {outgoing.abstract}"[:200],
        text=_letter(delivery, public_url),
        attachment=(outgoing.file_sha256, outgoing.file_name) if outgoing.file_sha256 else None,
    )


def _letter(delivery: Delivery, public_url: str, head: str = "Kính gửi quý đơn vị văn bản sau:") -> str:
    outgoing = delivery.outgoing
    lines = [
        head, "", outgoing.abstract,
        f"Số, ký hiệu: {outgoing.written_number}. Ngày văn bản: {outgoing.dated:%d/%m/%Y}." if outgoing.dated else "",
        f"Nơi ban hành: {outgoing.unit.name}.",
        f"Đề nghị trả lời trước hết ngày {delivery.answer_due_on:%d/%m/%Y}." if delivery.answer_due_on else "",
        f"Mở văn bản, xác nhận đã nhận và trả lời tại: {public_url}/directives/inbox/{delivery.id}" if delivery.unit_id else "",
        "Tệp văn bản kèm theo thư này nếu không quá 5 MB." if outgoing.file_sha256 else "",
    ]  # fmt: skip
    return "\n".join(line for number, line in enumerate(lines) if line or number == 1) + "\n"


def stuck_of(session: Session, outgoing: OutgoingDocument) -> Sequence[Mail]:
    """The mails that carry a document and that somebody should look at, in the order of their writing."""
    of_document = (
        select(Mail).join(Delivery, Delivery.id == Mail.delivery_id).where(Delivery.outgoing_id == outgoing.id, IS_STUCK)
    )
    return session.scalars(of_document.order_by(Mail.id)).all()


def inboxes_of(session: Session, person: Person, day: date) -> frozenset[int]:
    """The units whose inbox is the person's on that day: those kept, those with a seat, and those that these carry on."""
    own = Scopes(session).kept_by(person, day) | person.units_on(day)
    ended = session.execute(
        select(Unit.id, Unit.succeeded_by_id).where(Unit.valid_to < day, Unit.succeeded_by_id.is_not(None))
    ).all()
    while carried := frozenset(unit for unit, heir in ended if heir in own) - own:
        own |= carried
    return own


def units_below(session: Session, unit: Unit, day: date) -> list[KnownUnit]:
    """All units that belong to the unit and stand on that day, by name, itself left out."""
    codes = under([unit.code], Units(session).facts())
    return [one for one in Units(session).on(day) if one.code in codes and one.id != unit.id]


class Deliveries(Records):
    """All deliveries."""

    def of(self, outgoing: OutgoingDocument, day: date, *, after: str = "", size: int = PAGE) -> Paged[Delivery]:
        """A page of those of a document: who is late first, then who has not read it, by name; last of whom we do not hear."""
        is_late, name = _is_late_of(outgoing, day), func.coalesce(Unit.name, Delivery.recipient)
        ranks = case((is_late, 0), else_=1), case((_HEARD_OF, 0), else_=1), case((Delivery.read_at.is_(None), 0), else_=1)
        found = select(Delivery).outerjoin(Delivery.unit).where(Delivery.outgoing_id == outgoing.id)
        whole = found.options(contains_eager(Delivery.unit), *_BY_WHOM, joinedload(Delivery.answer_outgoing))
        return paged_by(self.session, whole, rising(*ranks, name, Delivery.id, size=size), after=after)

    def standing(self, outgoing: OutgoingDocument, day: date) -> Standing:
        """How far those are to whom a document went."""
        done = (
            one.is_not(None) for one in (Delivery.read_at, Delivery.acknowledged_at, Delivery.answered_at, Delivery.received_on)
        )
        counted = _HEARD_OF, *done, _is_late_of(outgoing, day), _MAY_BE_REMINDED
        sums = (func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in counted)
        row = self.session.execute(select(func.count(), *sums).where(Delivery.outgoing_id == outgoing.id)).one()
        return Standing(*map(int, row))

    def received(self, delivery_id: int, inboxes: frozenset[int]) -> Delivery:
        """The delivery, if it lies in one of these inboxes; raises NotFound."""
        return existing(self.session.scalar(self._in(inboxes).where(Delivery.id == delivery_id)), "delivery", delivery_id)

    def sent(self, delivery_id: int, kept: frozenset[int]) -> Delivery:
        """The delivery, if a unit among these sent it; raises NotFound."""
        of_kept = select(Delivery).join(Delivery.outgoing).where(OutgoingDocument.unit_id.in_(kept), Delivery.id == delivery_id)
        return existing(self.session.scalar(of_kept), "delivery", delivery_id)

    def inbox(self, inboxes: frozenset[int], *, which: str = "all", after: str = "") -> Paged[Delivery]:
        """What lies in the inboxes, unread first, then the latest. `which`: all, unread, open."""
        found = self._in(inboxes).where(*_WHICH.get(which, ()))
        order = falling(case((Delivery.read_at.is_(None), 1), else_=0), Delivery.recorded_at, Delivery.id)
        shown = found.options(joinedload(Delivery.outgoing).joinedload(OutgoingDocument.unit), joinedload(Delivery.unit))
        return paged_by(self.session, shown, order, after=after)

    def unread(self, inboxes: frozenset[int]) -> int:
        """How many in these inboxes nobody has opened."""
        counted = select(func.count()).select_from(Delivery)
        return self.session.scalar(counted.where(_lies_in(inboxes), Delivery.read_at.is_(None))) or 0

    @staticmethod
    def _in(inboxes: frozenset[int]) -> Select[Delivery]:
        return select(Delivery).where(_lies_in(inboxes))

    def read(self, delivery: Delivery, person: Person) -> bool:
        """Somebody of the unit opens it; returns whether that was the first time, which is evidence that it arrived."""
        held = self._held(delivery)
        if held.read_at is not None:
            return False
        held.read_at, held.read_by_id = now(), person.id
        outgoing = self.session.get_one(OutgoingDocument, held.outgoing_id, with_for_update=True, populate_existing=True)
        record(self.session, outgoing, EvidenceKind.RECEIVED, facts={})
        return True

    def acknowledge(self, delivery: Delivery, person: Person) -> bool:
        """The unit confirms that it has received the document; returns False if it had done so before."""
        self.read(delivery, person)
        if delivery.acknowledged_at is not None:
            return False
        delivery.acknowledged_at, delivery.acknowledged_by_id = now(), person.id
        return True

    def answer(self, delivery: Delivery, person: Person, text: str, outgoing: OutgoingDocument | None) -> bool:
        """The unit answers, with words or with a document of its own; returns False if it is the same answer again.

        Raises StepNotAllowed if another answer was given before: the sender has it, and it stays.
        """
        self.acknowledge(delivery, person)
        if delivery.answered_at is not None:
            if (delivery.answer, delivery.answer_outgoing_id) == (text, outgoing.id if outgoing else None):
                return False
            raise StepNotAllowed("answered", "answer")
        delivery.answer, delivery.answer_outgoing = text, outgoing
        delivery.answered_at, delivery.answered_by_id = now(), person.id
        return True

    def replacement(self, delivery: Delivery) -> "Delivery | None":
        """The delivery, to the same unit, of the document that replaces this one; None if there is none, or it did not come here."""
        found = select(Delivery).where(Delivery.outgoing_id == delivery.outgoing.replaced_by_id)
        return self.session.scalar(found.where(Delivery.unit_id == delivery.unit_id, Delivery.channel.in_(IN_INBOX)))

    def _held(self, delivery: Delivery) -> Delivery:
        """The delivery as it stands now, held for us where many write at once."""
        return self.session.get_one(Delivery, delivery.id, with_for_update=True, populate_existing=True)

    def remind(self, delivery: Delivery, public_url: str) -> bool:
        """Remind the unit in its inbox, and by mail those who keep its registers; returns False if that was done a moment ago."""
        held = self._held(delivery)
        if not held.is_in_inbox or held.answered_at or (held.reminded_at and now() - held.reminded_at < REMIND_EVERY):
            return False
        held.reminders, held.reminded_at = held.reminders + 1, now()
        for person in addresses_of(self.session, held.unit) if held.unit else []:
            Outbox(self.session).add(
                f"delivery-reminder:{held.id}:{held.reminders}:{person.id}", "reminder", person, sender=held.outgoing.unit.name,
                subject=f"Nhắc: {held.outgoing.written_number} {held.outgoing.abstract}"[:200],
                text=_letter(held, public_url, "Đề nghị đơn vị xử lý văn bản sau, đến nay chưa xong:"),
            )  # fmt: skip
        return True

    def note_receipt(self, delivery: Delivery, on: date, word: str) -> bool:
        """Somebody of whom we do not hear here has the paper copy since that day, on that word; returns False if it is said so already.

        Raises StepNotAllowed for who has an inbox here: the opening of the document says it.
        """
        if delivery.is_in_inbox:
            raise StepNotAllowed("in_inbox", "note_receipt")
        if (delivery.received_on, delivery.received_word) == (on, word):
            return False
        delivery.received_on, delivery.received_word = on, word
        return True

    def may_remind(self, outgoing: OutgoingDocument) -> Sequence[Delivery]:
        """Those of a document whom a reminder would tell something: not read yet, or asked for an answer that has not come."""
        found = select(Delivery).where(Delivery.outgoing_id == outgoing.id, _MAY_BE_REMINDED).options(joinedload(Delivery.unit))
        return self.session.scalars(found.order_by(Delivery.id)).all()

    def late_by_unit(self, senders: frozenset[int], day: date, *, after: str = "") -> Paged[LateCount]:
        """A page of the units that are late with what these units sent, the latest first."""
        counts = _late_counts(Delivery.unit_id, senders, day)
        return self._most_late(select(Unit, *counts.c).join(counts, counts.c.late_id == Unit.id), counts, after)

    def late_by_document(self, senders: frozenset[int], day: date, *, after: str = "") -> Paged[LateCount]:
        """A page of the documents of these units with which somebody is late, the one with most first."""
        counts = _late_counts(Delivery.outgoing_id, senders, day)
        found = select(OutgoingDocument, *counts.c).join(counts, counts.c.late_id == OutgoingDocument.id)
        return self._most_late(found.options(joinedload(OutgoingDocument.unit)), counts, after)

    def _most_late(self, found: Select[Any], counts: Subquery, after: str) -> Paged[LateCount]:
        page = paged(self.session, found, falling(counts.c.late_count, counts.c.late_id), after=after)
        rows = [LateCount(row[0], row.late_count - row.answering, row.answering) for row in page.rows]
        return replace(page, rows=rows)

    def late(self, senders: frozenset[int], day: date, unit_id: int, *, after: str = "") -> Paged[Delivery]:
        """A page of what one unit is late with, of what these units sent, the first that was sent first."""
        found = select(Delivery).join(Delivery.outgoing).where(*_late(senders, day), Delivery.unit_id == unit_id)
        whole = contains_eager(Delivery.outgoing).joinedload(OutgoingDocument.unit)
        return paged(
            self.session, found.options(whole, joinedload(Delivery.unit)), rising(Delivery.sent_at, Delivery.id), after=after
        )


_WHICH: dict[str, tuple[ColumnElement[bool], ...]] = {
    "unread": (Delivery.read_at.is_(None),),
    "open": (Delivery.answered_at.is_(None), Delivery.answer_due_on.is_not(None)),
}


_BY_WHOM = [  # of whom only the name is said
    joinedload(one).lazyload("*") for one in (Delivery.read_by, Delivery.acknowledged_by, Delivery.answered_by)
]
_HEARD_OF = and_(Delivery.unit_id.is_not(None), Delivery.channel.in_(IN_INBOX))
_MAY_BE_REMINDED = and_(
    _HEARD_OF, Delivery.answered_at.is_(None), or_(Delivery.read_at.is_(None), Delivery.answer_due_on.is_not(None))
)


def _lies_in(inboxes: Collection[int]) -> ColumnElement[bool]:
    return and_(Delivery.unit_id.in_(inboxes), Delivery.channel.in_(IN_INBOX))


def _is_late(day: date) -> ColumnElement[bool]:
    """What Delivery.lateness says of what was issued, as a query."""
    sent_before = datetime.combine(unread_since(day) + timedelta(days=1), time(), VIETNAM)
    is_overdue = or_(
        and_(Delivery.answer_due_on < day, Delivery.answered_at.is_(None)),
        and_(Delivery.read_at.is_(None), Delivery.sent_at < sent_before),
    )
    is_open = or_(Delivery.read_at.is_(None), and_(Delivery.answered_at.is_(None), Delivery.answer_due_on.is_not(None)))
    return and_(_HEARD_OF, is_open, is_overdue)


def _is_late_of(outgoing: OutgoingDocument, day: date) -> ColumnElement[bool]:
    return _is_late(day) if outgoing.state is OutgoingState.ISSUED else false()


def _late(senders: frozenset[int], day: date) -> tuple[ColumnElement[bool], ...]:
    return OutgoingDocument.unit_id.in_(senders), OutgoingDocument.state == OutgoingState.ISSUED, _is_late(day)


def _late_counts(key: InstrumentedAttribute[Any], senders: frozenset[int], day: date) -> Subquery:
    """Of each unit or document: how many deliveries are late, and how many of them wait for an answer that was due."""
    is_answer = and_(Delivery.answer_due_on < day, Delivery.answered_at.is_(None))
    columns = key.label("late_id"), func.count().label("late_count"), func.sum(case((is_answer, 1), else_=0)).label("answering")
    return select(*columns).join(Delivery.outgoing).where(*_late(senders, day)).group_by(key).subquery()
