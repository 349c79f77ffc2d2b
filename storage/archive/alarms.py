"""Who keeps the installation is told by mail that files of the store were found damaged or missing; each loss once."""

from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.ground.fixity import Finding
from domain.ground.mail import is_address
from domain.people.roles import Permission
from storage.ground.fixity.checks import ObjectCheck, ObjectChecks
from storage.ground.mail import Outbox
from storage.ground.settings import Settings
from storage.people.people import Person

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
    mails = [
        Outbox(session).add(
            f"lost:{now().isoformat()}:{person.id}", "alarm", person, subject="Có tệp trong kho bị hỏng hoặc bị mất", text=text
        )
        for person in session.scalars(select(Person).where(Person.is_open))
        if person.may(Permission.SEE_LEDGER) and is_address(person.login)
    ]
    return len(mails)
