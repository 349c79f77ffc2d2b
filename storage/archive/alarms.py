"""Who keeps the installation is told by mail that files were found damaged or missing, each loss once, and that backups fail, daily."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import VIETNAM, now
from domain.ground.fixity import Finding
from domain.ground.keeping import BackupAlarm, backup_alarm
from domain.ground.mail import is_address
from domain.ground.words import Words
from domain.people.roles import Permission
from storage.ground.backup.records import state_of_backups
from storage.ground.database import Base
from storage.ground.fixity.checks import ObjectCheck, ObjectChecks
from storage.ground.mail import Outbox
from storage.ground.settings import Settings
from storage.people.people import Person

ONCE_IN = timedelta(hours=24)  # an alarm that goes on is told again
_BACKUP = "backup"
_BACKUP_WORDS = Words(BackupAlarm, {
    BackupAlarm.FAILING: "Những lần sao lưu gần đây không thành.",
    BackupAlarm.OVERDUE: "Đã quá hai ngày chưa có bản sao lưu mới.",
    BackupAlarm.NONE: "Hệ thống chưa được sao lưu lần nào.",
})  # fmt: skip
MENDED_WITHIN = timedelta(minutes=2)  # what the second store brings back by then needs nobody's help


def has_alarm_due(session: Session, settings: Settings) -> bool:
    """Whether a loss was found that nobody has been told of."""
    return bool(session.scalar(select(exists().where(*_untold(settings)))))


def _untold(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    patience = MENDED_WITHIN if settings.second_objects_url else timedelta(0)
    return ObjectCheck.finding != Finding.WHOLE, ObjectCheck.told_at.is_(None), ObjectCheck.since <= now() - patience


def tell_due(session: Session, settings: Settings) -> int:
    """Write to everybody who sees the ledger and can be written to; returns how many mails there are."""
    untold = session.scalars(select(ObjectCheck).where(*_untold(settings))).all()
    lost = {check.key for check in ObjectChecks(session).lost()} & {check.key for check in untold}
    for check in untold:
        check.told_at = now()
    if not lost:
        return 0
    text = (
        f"Hệ thống vừa thấy {len(lost)} tệp trong kho bị hỏng hoặc bị mất. Không tệp nào trong số đó được gửi đi.\n\n"
        "Đề nghị đồng chí kiểm tra ổ đĩa, khôi phục các tệp từ bản sao lưu, rồi chạy khonggiay verify. "
        "Số tệp có ở trang sổ đối chiếu, danh sách có ở lệnh khonggiay status:\n"
        f"{settings.public_url}/archive/ledger\n"
    )
    return _mail(session, f"lost:{now().isoformat()}", "Có tệp trong kho bị hỏng hoặc bị mất", text)


class AlarmTold(Base):
    """When an alarm that goes on was last told."""

    __tablename__ = "alarms_told"

    kind: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


def backup_alarm_due(session: Session, settings: Settings) -> BackupAlarm | None:
    """What is wrong with the backups, if somebody must be told of it now: once in 24 hours. That there never was one is told
    where people rely on the installation, or the worker is to make them.
    """
    told = session.get(AlarmTold, _BACKUP)
    if told is not None and now() - ONCE_IN < told.told_at <= now():
        return None
    state = state_of_backups(session)
    alarm = backup_alarm(now(), state.last_success_at, state.last_try_at, state.problem)
    return None if alarm is BackupAlarm.NONE and not settings.is_production else alarm


def tell_backup(session: Session, settings: Settings) -> int:
    """Write to everybody who keeps the installation if a backup failed or is overdue; returns how many mails there are."""
    alarm = backup_alarm_due(session, settings)
    if alarm is None:
        return 0
    session.merge(AlarmTold(kind=_BACKUP, told_at=now()))
    last = state_of_backups(session).last_success_at
    text = (
        f"{_BACKUP_WORDS[alarm]} {_last_in_words(last)}\n\n"
        "Nếu máy hỏng lúc này, những gì làm sau bản đó sẽ mất. Đề nghị đồng chí xem lý do và sao lưu lại ở trang tình trạng hệ thống:\n"
        f"{settings.public_url}/admin/system\n"
    )
    return _mail(session, f"backup:{now().isoformat()}", "Sao lưu của hệ thống có vấn đề", text)


def _last_in_words(last: datetime | None) -> str:
    if last is None:
        return "Chưa có bản sao lưu nào."
    return f"Bản gần nhất được làm xong lúc {last.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}."


def _mail(session: Session, key: str, subject: str, text: str) -> int:
    mails = [
        Outbox(session).add(f"{key}:{person.id}", "alarm", person, subject=subject, text=text)
        for person in session.scalars(select(Person).where(Person.is_open))
        if person.may(Permission.SEE_LEDGER) and is_address(person.login)
    ]
    return len(mails)
