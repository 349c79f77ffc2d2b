"""Mail that is to be sent, as records. A mail is written in the transaction of the act that causes it and waits here until the mail
server has taken it: a dead server delays it, and a killed program loses nothing. How it travels is in storage/ground/smtp.py.

Between the server's word and our note of it a program may die; then the mail goes out again under the same Message-ID.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypedDict
from uuid import uuid4

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, and_, exists, func, literal_column, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from domain.ground.clock import now
from domain.ground.mail import LONGEST_WAIT, MailProblem, MailState, wait_after
from storage.ground.database import Numbered, ObjectKey, Records, tells

_KEPT = 500  # characters of what a server said


class Addressee(Protocol):
    """Who is written to; the login is the address."""

    @property
    def id(self) -> int:
        """Whose mail it is."""

    @property
    def login(self) -> str:
        """Where it goes."""


class CalendarPart(TypedDict):
    """A calendar file that a mail carries: its iTIP method and its text."""

    method: str
    text: str


_UNSENT = text("state <> 'sent'")


class Mail(Numbered):
    """One mail to one address. `key` says what it is for: the same thing is never written twice."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "state", "next_try_at", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
        Index("ix_mails_kind", "kind", "created_at"),
    )

    key: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # invitation, reminder, move, cancellation, dropped, uninvitation, task, and those of other papers
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("kind", "recipient", "subject", "state", "created_at", "sent_at")
    )
    sender: Mapped[str] = mapped_column(default="")  # the name beside the address it comes from
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    calendars: Mapped[list[CalendarPart]] = mapped_column(JSON, default=list)
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliveries.id"), index=True
    )  # which document it carries to whom
    attachment_sha256: Mapped[ObjectKey | None]  # a file among the objects
    attachment_name: Mapped[str] = mapped_column(default="")
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")  # one of MailProblem, or none
    answer: Mapped[str] = mapped_column(default="")  # what the mail server said
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    useless_after: Mapped[datetime | None]  # when nobody is helped by it any more
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]

    @property
    def is_stuck(self) -> bool:
        """Whether somebody should look at it: it failed, or was tried in vain so far."""
        return self.state is MailState.FAILED or (self.state is MailState.WAITING and self.tries > 0)


_IS_UNSENT = Mail.state != literal_column(
    "'sent'"
)  # in these very words, so that SQLite takes the index that holds nothing else
IS_STUCK = _IS_UNSENT & or_(
    Mail.state == MailState.FAILED, and_(Mail.state == MailState.WAITING, Mail.tries > 0)
)  # Mail.is_stuck as a query


class Outbox(Records):
    """All mail."""

    def add(
        self,
        key: str,
        kind: str,
        person: Addressee,
        *,
        subject: str,
        text: str,
        sender: str = "",
        meeting_id: int | None = None,
        calendars: Sequence[CalendarPart] = (),
        useless_after: datetime | None = None,
    ) -> Mail | None:
        """Write a mail to the person, whose login is the address; None if one with this key is there already."""
        if self.session.scalar(select(exists().where(Mail.key == key))):
            return None
        mail = Mail(
            key=key, kind=kind, message_id=f"<{uuid4()}@khonggiay>", meeting_id=meeting_id, person_id=person.id, sender=sender,
            recipient=person.login, subject=" ".join(subject.split()), text=text, calendars=list(calendars),
            useless_after=useless_after,
        )  # fmt: skip
        self.session.add(mail)
        return mail

    def add_document(
        self,
        key: str,
        address: str,
        *,
        delivery_id: int,
        sender: str,
        subject: str,
        text: str,
        attachment: tuple[str, str] | None = None,
    ) -> Mail:
        """Write a mail that carries a document to an address; `attachment` is the key of its file among the objects, and its name."""
        file_key, name = attachment or (None, "")
        mail = Mail(
            key=key, kind="document", message_id=f"<{uuid4()}@khonggiay>", sender=sender, recipient=address,
            subject=" ".join(subject.split()), text=text, delivery_id=delivery_id, attachment_sha256=file_key, attachment_name=name,
        )  # fmt: skip
        self.session.add(mail)
        return mail

    def of_deliveries(self, delivery_ids: Iterable[int]) -> list[Mail]:
        """The mail that carries documents to these, in the order of its writing."""
        return list(self.session.scalars(select(Mail).where(Mail.delivery_id.in_(delivery_ids)).order_by(Mail.id)))

    def of_meeting(self, meeting_id: int) -> list[Mail]:
        """All mail about a meeting, in the order of its writing."""
        return list(self.session.scalars(select(Mail).where(Mail.meeting_id == meeting_id).order_by(Mail.id)))

    def stuck(self) -> list[Mail]:
        """The mail that somebody should look at: failed, or tried in vain so far."""
        return list(self.session.scalars(select(Mail).where(IS_STUCK).order_by(Mail.id)))

    def withdraw(self, meeting_id: int, person_id: int | None = None) -> None:
        """Take back the mail about a meeting, to all or to one, that has not gone out: something newer is to be said."""
        waiting = update(Mail).where(Mail.meeting_id == meeting_id, Mail.state.in_([MailState.WAITING, MailState.FAILED]))
        waiting = waiting if person_id is None else waiting.where(Mail.person_id == person_id)
        self.session.execute(waiting.values(state=MailState.WITHDRAWN))

    def try_again(self, meeting_id: int) -> int:
        """Have the mail about a meeting that failed, or waits for its next try, tried at once; returns how many."""
        stuck = select(Mail).where(Mail.meeting_id == meeting_id, Mail.state.in_([MailState.WAITING, MailState.FAILED]))
        mails = self.session.scalars(stuck).all()
        for mail in mails:
            mail.state, mail.next_try_at = MailState.WAITING, now()
        return len(mails)

    def give_up_useless(self) -> None:
        """Let go what nobody is helped by any more."""
        late = update(Mail).where(_IS_UNSENT, Mail.state == MailState.WAITING, Mail.useless_after <= now())
        self.session.execute(late.values(state=MailState.FAILED, problem="too_late"))

    def has_due(self) -> bool:
        """Whether anything is to be sent now."""
        return bool(self.session.scalar(select(exists().where(*self._due()))))

    def claim(self) -> Mail | None:
        """Take the next mail that is due, or None. Counted as a try at once: whatever happens, nobody tries it before its time."""
        due = select(Mail).where(*self._due()).order_by(Mail.next_try_at, Mail.id).limit(1)
        mail = self.session.scalar(due.with_for_update(skip_locked=True))
        if mail is not None:
            mail.tries += 1
            mail.problem, mail.answer = "unknown", ""  # until we know better
            mail.next_try_at = now() + wait_after(mail.tries)
        return mail

    def postpone_due(self, problem: MailProblem, answer: str) -> None:
        """No mail can be sent now: every mail that is due waits for its next try."""
        for mail in self.session.scalars(select(Mail).where(*self._due()).with_for_update(skip_locked=True)):
            mail.tries += 1
            mail.problem, mail.answer, mail.next_try_at = problem, answer[:_KEPT], now() + wait_after(mail.tries)

    def note_sent(self, mail_id: int) -> None:
        """The mail server has taken the mail."""
        mail = self.session.get_one(Mail, mail_id)
        mail.state, mail.sent_at, mail.problem, mail.answer = MailState.SENT, now(), "", ""

    def note_problem(self, mail_id: int, problem: MailProblem, answer: str, *, is_final: bool) -> None:
        """The mail was not taken; if that is final, it is not tried again by itself."""
        mail = self.session.get_one(Mail, mail_id)
        mail.problem, mail.answer = problem, answer[:_KEPT]
        if is_final:
            mail.state = MailState.FAILED

    def bring_forward(self) -> None:
        """Have nothing wait longer than it ever would: the clock was set back, so the moment of its next try lies far away."""
        far = update(Mail).where(_IS_UNSENT, Mail.state == MailState.WAITING, Mail.next_try_at > now() + LONGEST_WAIT)
        self.session.execute(far.values(next_try_at=now()))

    def backlog(self) -> tuple[int, datetime | None, str]:
        """How many mails wait, since when the first of them does, and what went wrong at the last try of any ("": nothing)."""
        waiting = _IS_UNSENT & (Mail.state == MailState.WAITING)
        count, since = self.session.execute(select(func.count(), func.min(Mail.created_at)).where(waiting)).one()
        tried = select(Mail.problem).where(waiting, Mail.tries > 0).order_by(Mail.next_try_at.desc()).limit(1)
        return count, since, self.session.scalar(tried) or ""

    @staticmethod
    def _due() -> tuple[ColumnElement[bool], ...]:
        return (_IS_UNSENT, Mail.state == MailState.WAITING, Mail.next_try_at <= now())
