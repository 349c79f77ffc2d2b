"""What the members of a body are told by mail of a round of written opinions: that they are asked, and that time runs out."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.ground.mail import is_address
from storage.ground.mail import Outbox
from storage.ground.settings import Settings
from storage.meetings.mail.calendar_files import ZONE
from storage.meetings.opinions import OpinionRound, RoundAnswer

REMINDED_BEFORE = timedelta(hours=24)


def ask(session: Session, settings: Settings, asked: OpinionRound) -> int:
    """Tell every member who is asked; returns how many mails were written."""
    head = "Đề nghị đồng chí cho ý kiến bằng văn bản về nội dung sau:"
    return sum(_tell(session, settings, one, f"Lấy ý kiến: {asked.question}", head, "asked") for one in asked.answers)


def remind(session: Session, settings: Settings, asked: OpinionRound) -> int:
    """Remind those who have not answered, each at most once a day; returns how many mails were written."""
    head = "Đồng chí chưa trả lời phiếu lấy ý kiến về nội dung sau:"
    count = 0
    for one in asked.silent:
        if _tell(session, settings, one, f"Nhắc trả lời: {asked.question}", head, f"{now().astimezone(ZONE):%Y%m%d}"):
            one.reminded_at, count = now(), count + 1
    return count


def remind_due(session: Session, settings: Settings) -> int:
    """Remind, in every round that ends within REMINDED_BEFORE, those who were not; returns how many mails were written."""
    return sum(remind(session, settings, asked) for asked in _ending(session))


def has_reminders_due(session: Session) -> bool:
    """Whether `remind_due` would remind anybody."""
    return bool(_ending(session))


def _ending(session: Session) -> list[OpinionRound]:
    """The rounds that end soon and have members who could be reminded and were not."""
    soon = OpinionRound.deadline > now(), OpinionRound.deadline <= now() + REMINDED_BEFORE
    ending = session.scalars(select(OpinionRound).where(OpinionRound.closed_at.is_(None), *soon))
    return [asked for asked in ending if any(one.reminded_at is None and is_address(one.person.login) for one in asked.silent)]


def _tell(session: Session, settings: Settings, one: RoundAnswer, subject: str, head: str, occasion: str) -> bool:
    asked = one.round
    if not is_address(one.person.login):
        return False
    until = f"Hạn trả lời: {asked.deadline.astimezone(ZONE):%H:%M ngày %d/%m/%Y}."
    text = f"{head}\n\n{asked.question}\n\n{until}\n{settings.public_url}/opinion-rounds/{asked.id}\n"
    key = f"opinion_round:{asked.id}:{one.person_id}:{occasion}"
    kind = "asked" if occasion == "asked" else "reminder"
    mail = Outbox(session).add(key, kind, one.person, subject=subject[:200], text=text, useless_after=asked.deadline)
    return mail is not None
