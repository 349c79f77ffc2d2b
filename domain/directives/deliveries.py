"""A document on its way: to whom it is to go and what refuses that, how far a recipient is with it, and from when on that is late."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel
from domain.directives.looks import Look, check_may_leave
from domain.ground.calendars import add_working_days, holidays
from domain.ground.errors import NotFound, RuleError, StepNotAllowed
from domain.ground.mail import is_address
from domain.ground.vietnamese import fold

IN_INBOX = frozenset({Channel.SYSTEM, Channel.EMAIL})  # what a unit of ours finds in its inbox here
AT_ONCE = frozenset({Channel.SYSTEM, Channel.AXIS, Channel.OFFICE, Channel.CHAT, Channel.POST})  # a mail, once a server took it
DELIVERABLE = frozenset({OutgoingState.SIGNED, OutgoingState.ISSUED})  # in the act of issuing it, and later
READ_WITHIN = (
    1  # working days: whoever receives a document registers and passes it on at the latest then (NĐ 30/2020, article 22)
)
REMIND_EVERY = timedelta(hours=1)  # a second press, or a second clerk, does not remind anew


class Progress(StrEnum):
    """How far a recipient is."""

    UNREAD = "unread"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"


class Lateness(StrEnum):
    """What a recipient is late with."""

    READING = "reading"
    ANSWERING = "answering"


class AddressMissing(RuleError):
    """A recipient is to get a mail, and nobody there has an address."""

    recipient: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """One to whom a document goes: a unit of ours, or somebody outside by name, with a mail address where it goes by mail."""

    unit_id: int | None = None
    name: str = ""
    address: str = ""

    @property
    def key(self) -> tuple[int | None, str]:
        """What is equal for the same recipient, however it is written.

        >>> Addressee(name="Văn phòng Tỉnh ủy").key == Addressee(name="văn phòng  tỉnh uỷ").key
        True
        """
        return self.unit_id, "" if self.unit_id is not None else fold(" ".join(self.name.split()))


@dataclass(frozen=True, slots=True)
class Sending:
    """To whom a document is to go and which way; until when an answer is asked for; when it went, if not now."""

    channel: Channel
    to: Sequence[Addressee]
    due: date | None = None
    sent_at: datetime | None = None

    @property
    def fills_inboxes(self) -> bool:
        """Whether somebody finds the file of the document in an inbox by it."""
        return bool(self.to) and self.channel in IN_INBOX

    def fresh(self, there: Collection[Addressee]) -> list[Addressee]:
        """Those to whom it has not gone yet, each once."""
        gone, wanted = {one.key for one in there}, dict[tuple[int | None, str], Addressee]()
        for one in self.to:
            wanted.setdefault(one.key, one)
        return [one for key, one in wanted.items() if key not in gone]


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known before a document is sent: how far its file was looked through, if that was asked; to whom it has gone; the names of
    the units that stand, and the mail addresses of those that are written to, by their ids."""

    look: Look = Look.WAITING
    there: Collection[Addressee] = ()
    units: Mapping[int, str] = field(default_factory=dict)
    addresses: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery that is to be recorded. `sent_at` is None while a mail server has not taken it; it goes to these addresses."""

    unit_id: int | None
    recipient: str
    address: str
    channel: Channel
    sent_at: datetime | None
    due: date | None
    mailed_to: tuple[str, ...]


def planned_deliveries(state: OutgoingState, sending: Sending, reach: Reach, *, at: datetime) -> tuple[PlannedDelivery, ...]:
    """The deliveries to those to whom the document has not gone yet.

    Raises StepNotAllowed, FileNotLookedThrough, NotFound for a unit that does not stand, AddressMissing.
    """
    if state not in DELIVERABLE:
        raise StepNotAllowed(state, "deliver")
    if sending.fills_inboxes:
        check_may_leave(reach.look)
    fresh = sending.fresh(reach.there)
    for one in fresh:
        if one.unit_id is not None and one.unit_id not in reach.units:
            raise NotFound("unit", one.unit_id)
    return tuple(_planned(one, sending, reach, at) for one in fresh)


def _planned(one: Addressee, sending: Sending, reach: Reach, at: datetime) -> PlannedDelivery:
    recipient, address = " ".join(one.name.split()), one.address.strip()
    mailed_to: Sequence[str] = ()
    if sending.channel is Channel.EMAIL:
        mailed_to = [address] if address else reach.addresses.get(one.unit_id or 0, ())
        if not mailed_to or not all(map(is_address, mailed_to)):
            raise AddressMissing(recipient if one.unit_id is None else reach.units[one.unit_id])
    sent_at = (sending.sent_at or at) if sending.channel in AT_ONCE else None
    return PlannedDelivery(one.unit_id, recipient, address, sending.channel, sent_at, sending.due, tuple(mailed_to))


def unread_since(today: date, free: Collection[date] | None = None) -> date:
    """The last day such that what was sent on it, or before, should have been read by yesterday.

    >>> unread_since(date(2026, 11, 24)).isoformat(), unread_since(date(2026, 11, 23)).isoformat()
    ('2026-11-22', '2026-11-19')
    """
    free = holidays(today.year) | holidays(today.year - 1) if free is None else free
    sent = today - timedelta(days=1)
    while add_working_days(sent, READ_WITHIN, free) >= today:
        sent -= timedelta(days=1)
    return sent


def lateness(*, is_read: bool, is_answered: bool, sent_on: date | None, due_on: date | None, today: date) -> Lateness | None:
    """What is late, the answer before the reading; None if nothing is. Nothing is due that was not asked for, or not sent.

    >>> lateness(is_read=True, is_answered=False, sent_on=date(2026, 11, 2), due_on=date(2026, 11, 20), today=date(2026, 11, 21)).value
    'answering'
    """
    if due_on is not None and not is_answered and due_on < today:
        return Lateness.ANSWERING
    if not is_read and sent_on is not None and sent_on <= unread_since(today):
        return Lateness.READING
    return None
