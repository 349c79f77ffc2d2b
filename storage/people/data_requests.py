"""What people ask of the office about the data held on them, with its clock, and the mail by which both sides hear of it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.ground.clock import day_of, now
from domain.ground.errors import StepNotAllowed, existing
from domain.ground.mail import is_address
from domain.people.personal_data import ENDED, Deadlines, RequestState, TooManyRequests, Wish, check_step, deadlines, is_late
from domain.people.roles import PERMISSIONS, Permission, Role
from storage.ground.database import Base, tells
from storage.ground.mail import Outbox
from storage.people.people import Person, PersonRole

OPEN_AT_ONCE = 10  # by one person
_ASKED, _ANSWERED = "Có yêu cầu về dữ liệu cá nhân", "Trả lời yêu cầu về dữ liệu cá nhân của bạn"
_ASKED_TEXT = (
    "{name} gửi yêu cầu về dữ liệu cá nhân, cần trả lời lần đầu chậm nhất ngày {day:%d/%m/%Y}.\n"
    "Nội dung nằm ở Người dùng › Yêu cầu về dữ liệu cá nhân."
)
_ANSWERED_TEXT = "Cơ quan trả lời yêu cầu của bạn:\n\n{text}\n\nXem lại ở Tài khoản của tôi › Dữ liệu của tôi."


class DataRequest(Base):
    """One request of one person."""

    __tablename__ = "data_requests"
    __table_args__ = (Index("ix_data_requests_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("wish", "text", "state", "answer", "made_at", "answered_at", "ended_at")
    )
    wish: Mapped[Wish]
    text: Mapped[str]  # what exactly, in the person's words
    state: Mapped[RequestState] = mapped_column(default=RequestState.NEW)
    answer: Mapped[str] = mapped_column(default="")  # the office's latest, in its words
    is_prolonged: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]  # first
    ended_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # latest

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def due(self) -> Deadlines:
        """By when the office must answer."""
        return deadlines(self.wish, day_of(self.made_at), is_prolonged=self.is_prolonged)

    def is_late_on(self, day: date) -> bool:
        """Whether the office owed an answer before that day."""
        return is_late(self.state, self.due, day)

    @property
    def is_open(self) -> bool:
        """Whether the office still owes something."""
        return self.state not in ENDED


class DataRequests:
    """All requests."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, request_id: int) -> DataRequest:
        """The request; raises NotFound."""
        return existing(self.session.get(DataRequest, request_id), "data_request", request_id)

    def of(self, person_id: int) -> list[DataRequest]:
        """Those of one person, the latest first."""
        return self._latest(DataRequest.person_id == person_id, limit=100)

    def open(self) -> list[DataRequest]:
        """Those that the office still has to answer, the oldest first."""
        return list(reversed(self._latest(DataRequest.state.not_in(ENDED))))

    def ended(self, limit: int) -> list[DataRequest]:
        """Those that were answered, the latest first."""
        return self._latest(DataRequest.state.in_(ENDED), limit=limit)

    def late(self, day: date) -> int:
        """How many the office owed an answer before that day."""
        return sum(one.is_late_on(day) for one in self.open())

    def make(self, person: Person, wish: Wish, text: str) -> DataRequest:
        """Ask; the keepers of accounts hear of it. Raises TooManyRequests."""
        waiting = select(func.count()).where(DataRequest.person_id == person.id, DataRequest.state.not_in(ENDED))
        if (self.session.scalar(waiting) or 0) >= OPEN_AT_ONCE:
            raise TooManyRequests(OPEN_AT_ONCE)
        request = DataRequest(person=person, wish=wish, text=text, state=RequestState.NEW, made_at=now())
        self.session.add(request)
        self.session.flush()
        for keeper in self._keepers():
            self._write(request, keeper, "made", _ASKED, _ASKED_TEXT.format(name=person.name, day=request.due.first_answer))
        return request

    def answer(self, request: DataRequest, step: RequestState, text: str, *, by: int) -> None:
        """Go on to that state with these words; the person hears of it. Raises StepNotAllowed."""
        check_step(request.state, step)
        request.state = step
        request.ended_at = now() if step in ENDED else None
        self._say(request, str(step), text, by)

    def prolong(self, request: DataRequest, text: str, *, by: int) -> None:
        """Take as many days again, once, for the reason given; the person hears of it. Raises StepNotAllowed."""
        if request.is_prolonged or not request.is_open:
            raise StepNotAllowed(request.state, "prolong")
        request.is_prolonged = True
        self._say(request, "prolonged", text, by)

    def _say(self, request: DataRequest, occasion: str, text: str, by: int) -> None:
        request.answer, request.answered_by_id = text, by
        request.answered_at = request.answered_at or now()
        self._write(request, request.person, occasion, _ANSWERED, _ANSWERED_TEXT.format(text=text))

    def _keepers(self) -> Sequence[Person]:
        """Who answers: those with an open account who manage people."""
        roles = [role for role in Role if Permission.MANAGE_PEOPLE in PERMISSIONS[role]]
        bearing = select(PersonRole.person_id).where(PersonRole.role.in_(roles))
        return self.session.scalars(select(Person).where(Person.is_open, Person.id.in_(bearing)).order_by(Person.id)).all()

    def _write(self, request: DataRequest, to: Person, occasion: str, subject: str, text: str) -> None:
        if to.is_open and is_address(to.login):
            key = f"data-request-{request.id}/{occasion}/{to.id}"
            Outbox(self.session).add(key, "data_request", to, subject=subject, text=text)

    def _latest(self, which: ColumnElement[bool], limit: int | None = None) -> list[DataRequest]:
        return list(self.session.scalars(select(DataRequest).where(which).order_by(DataRequest.id.desc()).limit(limit)))
