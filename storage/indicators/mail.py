"""What the keepers of registers are told by mail of reports on indicators: that the due date is near, and that it has passed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now, today
from domain.ground.mail import is_address
from domain.ground.periods import Period, half, year_of
from domain.indicators.indicators import last_ended
from domain.people.roles import Permission
from storage.ground.database import Numbered
from storage.ground.mail import Outbox
from storage.ground.settings import Settings
from storage.indicators.board import Board
from storage.indicators.plans import Plan, Plans
from storage.people.people import Person
from storage.people.scopes import Scopes
from storage.people.units import Units

BEFORE, LATE = "before", "late"
LATE_DAYS = 30  # nobody is reminded of what is older
_SUBJECTS = {
    BEFORE: "Sắp đến hạn báo cáo chỉ tiêu {period}",
    LATE: "Đã quá hạn báo cáo chỉ tiêu {period}",
}


class IndicatorReminder(Numbered):
    """That the units were reminded of a period on one occasion, so that each round goes out once."""

    __tablename__ = "indicator_reminders"
    __table_args__ = (UniqueConstraint("plan_id", "period", "occasion"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    period: Mapped[str]
    occasion: Mapped[str]
    mails: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)


def has_reminders_due(session: Session) -> bool:
    """Whether `remind_due` has a round to send."""
    return any(True for _round in _rounds(session))


def remind_due(session: Session, settings: Settings) -> int:
    """Remind those who have not reported, before the due date and once it has passed; returns how many mails were written."""
    return sum(_remind(session, settings, *one) for one in list(_rounds(session)))


def in_words(period: Period) -> str:
    """The period as it stands in a sentence.

    >>> in_words(half(2025, 1)), in_words(year_of(2025))
    ('6 tháng đầu năm 2025', 'năm 2025')
    """
    year = period.first.year
    if period == year_of(year):
        return f"năm {year}"
    return f"6 tháng {'đầu' if period == half(year, 1) else 'cuối'} năm {year}"


def reported_by(day: date) -> list[Period]:
    """The periods whose reports may be due around that day: the half-year that ended last, and the year if it ended with it."""
    last = last_ended(day)
    return [last, year_of(last.first.year)] if last.first.month > 6 else [last]


def _rounds(session: Session) -> Iterator[tuple[Plan, Period, str]]:
    day = today()
    for plan in Plans(session).all():
        for period in reported_by(day):
            due = plan.deadline(period)
            is_late = due.is_past(day) and day <= due.due_on + timedelta(days=LATE_DAYS)
            occasion = BEFORE if due.is_near(day) else LATE if is_late else ""
            if occasion and plan.covers(period) and not _was_sent(session, plan, period, occasion):
                yield plan, period, occasion


def _was_sent(session: Session, plan: Plan, period: Period, occasion: str) -> bool:
    round_ = (
        IndicatorReminder.plan_id == plan.id,
        IndicatorReminder.period == period.code,
        IndicatorReminder.occasion == occasion,
    )
    return bool(session.scalar(select(exists().where(*round_))))


def _remind(session: Session, settings: Settings, plan: Plan, period: Period, occasion: str) -> int:
    board = Board(session, plan, period, frozenset(Units(session).known()))
    owing = board.not_submitted(board.reporters)
    keepers = _keepers(session)
    mails = sum(_tell(session, settings, person, board, unit, occasion) for unit in owing for person in keepers.get(unit, []))
    session.add(IndicatorReminder(plan_id=plan.id, period=period.code, occasion=occasion, mails=mails))
    return mails


def _keepers(session: Session) -> dict[int, list[Person]]:
    """Who keeps the register of each unit today, and can be written to."""
    found: dict[int, list[Person]] = {}
    for person in session.scalars(select(Person).where(Person.is_open)):
        if person.may(Permission.KEEP_REGISTERS) and is_address(person.login):
            for unit in Scopes(session).kept_by(person, today()):
                found.setdefault(unit, []).append(person)
    return found


def _tell(session: Session, settings: Settings, person: Person, board: Board, unit: int, occasion: str) -> bool:
    due_on, period = board.plan.deadline(board.period).due_on, in_words(board.period)
    name = board.units[unit].name
    is_late = occasion == LATE
    text = (
        f"Đơn vị: {name}\nKế hoạch: {board.plan.name}\nKỳ báo cáo: {period}\nHạn nộp: {due_on:%d/%m/%Y}"
        f"{' (đã quá hạn)' if is_late else ''}\n\nĐơn vị chưa nộp báo cáo chỉ tiêu. Đề nghị đồng chí lập và trình báo cáo tại:\n"
        f"{settings.public_url}/indicators/reports/?period={board.period.code}\n"
    )
    key = f"indicators:{board.plan.id}:{board.period.code}:{unit}:{person.id}:{occasion}"
    mail = Outbox(session).add(key, "indicators", person, subject=_SUBJECTS[occasion].format(period=period), text=text)
    return mail is not None
