"""What people are told by mail of the tasks that follow from meetings: that the day is near, and that it has passed. Each once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import VIETNAM, now, today
from domain.ground.mail import is_address
from storage.ground.mail import Mail, Outbox
from storage.ground.settings import Settings
from storage.meetings.tasks import Task, Tasks
from storage.people.people import People, Person

SOON, LATE = "soon", "late"
SOON_DAYS = 3  # so long before the day
LATE_DAYS = 30  # nobody is told of what is older
_SUBJECTS = {SOON: "Sắp đến hạn: {title}", LATE: "Quá hạn: {title}"}
_HEADS = {
    SOON: "Nhiệm vụ dưới đây đến hạn ngày {day}.",
    LATE: "Nhiệm vụ dưới đây đã quá hạn từ ngày {day} mà chưa được báo hoàn thành.",
}


def has_reminders_due(session: Session) -> bool:
    """Whether `remind_due` has a mail to write."""
    return any(True for _one in _due(session))


def remind_due(session: Session, settings: Settings) -> int:
    """Remind those who are to do a task, before its day and once it has passed; may be called at any time. Returns how many mails."""
    due = list(_due(session))
    for task, occasion, person in due:
        _remind(session, settings, task, occasion, person)
    return len(due)


def _due(session: Session) -> Iterator[tuple[Task, str, Person]]:
    """The tasks of which somebody is to be reminded who has not been, with the occasion."""
    day = today()
    recent = now() - timedelta(days=SOON_DAYS + LATE_DAYS + 2)
    written = set(session.scalars(select(Mail.key).where(Mail.kind == "task", Mail.created_at > recent)))
    tasks = list(Tasks(session).open_between(day - timedelta(days=LATE_DAYS), day + timedelta(days=SOON_DAYS)))
    doers = _doers(session, tasks)
    for task in tasks:
        occasion = LATE if day > task.due_on else SOON
        for person in doers.get(task.owner_id or -(task.unit_id or 0), []):
            if _key(task, occasion, person) not in written:
                yield task, occasion, person


def _doers(session: Session, tasks: Sequence[Task]) -> dict[int, list[Person]]:
    """Who is to do the tasks and can be reached by mail: their owners, by id, and everybody with a seat in their units, by -id."""
    owners = {task.owner_id for task in tasks if task.owner_id}
    units = {task.unit_id for task in tasks if task.unit_id and not task.owner_id}
    found: dict[int, list[Person]] = {one.id: [one] for one in session.scalars(select(Person).where(Person.id.in_(owners)))}
    for seat in People(session).seated_in(units, today()):
        found.setdefault(-seat.unit_id, []).append(seat.person)
    return {
        key: [person for person in dict.fromkeys(people) if person.is_open and is_address(person.login)]
        for key, people in found.items()
    }


def _key(task: Task, occasion: str, person: Person) -> str:
    return f"task-{task.id}/{task.due_on}/{occasion}/{person.id}"


def _remind(session: Session, settings: Settings, task: Task, occasion: str, person: Person) -> None:
    meeting = task.conclusion.meeting
    sender = meeting.body.unit.name if meeting.body else ""
    lines = [
        f"Kính gửi đồng chí {person.name},", "", _HEADS[occasion].format(day=f"{task.due_on:%d/%m/%Y}"), "",
        f"Nhiệm vụ: {task.title}", f"Theo kết luận của: {meeting.title}", f"Đã thực hiện: {task.percent} %", "",
        "Xem nhiệm vụ và báo tiến độ:", f"{settings.public_url}/tasks/{task.id}", "", "Trân trọng.", *filter(None, [sender]), "",
    ]  # fmt: skip
    Outbox(session).add(
        _key(task, occasion, person),
        "task",
        person,
        subject=_SUBJECTS[occasion].format(title=task.title),
        text="\n".join(lines),
        sender=sender,
        useless_after=datetime.combine(task.due_on, time(), VIETNAM) + timedelta(days=LATE_DAYS + 1),
    )
