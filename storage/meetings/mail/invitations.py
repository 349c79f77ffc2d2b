"""What people are told of a meeting by mail: invitation, move, cancellation, reminder. Mail is written into the outbox here, in the
transaction of the act; its language is that of official papers, Vietnamese.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.ground.mail import is_address
from domain.meetings.invitations import InvitationMail, is_reminder_due
from domain.meetings.meetings import MeetingState
from storage.ground.mail import CalendarPart, Outbox
from storage.ground.settings import Settings
from storage.meetings.mail.calendar_files import CANCEL, REQUEST, ZONE, Slot, calendar_files, slots_of
from storage.meetings.meetings import Meeting, Participant

_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_LONGEST_AHEAD = timedelta(days=30)  # no reminder is set further ahead


def address_of(meeting: Meeting, settings: Settings) -> str:
    """The meeting's page, as people reach it."""
    return f"{settings.public_url}/meetings/{meeting.id}"


def time_in_words(starts_at: datetime, ends_at: datetime) -> str:
    """When it is, as invitations write it: 8 giờ 00 – 11 giờ 30, thứ Tư, ngày 25/11/2026."""
    start, end = starts_at.astimezone(ZONE), ends_at.astimezone(ZONE)
    hours = f"{start.hour} giờ {start:%M} – {end.hour} giờ {end:%M}"
    return f"{hours}, {_DAYS[start.weekday()]}, ngày {start:%d/%m/%Y}"


def invite(session: Session, settings: Settings, meeting: Meeting) -> int:
    """Invite everybody who can be reached by mail; returns how many mails were written."""
    number = f" số {meeting.invitation_number}" if meeting.invitation_number else ""
    head = f"Trân trọng kính mời đồng chí dự {meeting.title} (giấy mời{number})."
    return _tell(session, settings, meeting, "invitation", f"Giấy mời: {meeting.title}", head, REQUEST)


def tell_move(session: Session, settings: Settings, meeting: Meeting) -> int:
    """Tell everybody that time or place have changed; what had not gone out yet is overtaken."""
    Outbox(session).withdraw(meeting.id)
    head = f"Thời gian hoặc địa điểm của {meeting.title} đã thay đổi. Kính đề nghị đồng chí xem thông tin mới dưới đây."
    return _tell(session, settings, meeting, "move", f"Thay đổi lịch: {meeting.title}", head, REQUEST)


def tell_cancellation(session: Session, settings: Settings, meeting: Meeting, reason: str) -> int:
    """Tell everybody that the meeting will not take place, and why."""
    Outbox(session).withdraw(meeting.id)
    head = f"{meeting.title} sẽ không diễn ra. Lý do: {reason}"
    return _tell(session, settings, meeting, "cancellation", f"Hủy họp: {meeting.title}", head, CANCEL)


def tell_dropped(session: Session, settings: Settings, meeting: Meeting, before: Sequence[Slot]) -> int:
    """Take out of everybody's calendar the entries that the meeting had and has no more."""
    kept = {slot.uid for slot in slots_of(meeting)}
    dropped = [slot for slot in before if slot.uid not in kept]
    if not dropped:
        return 0
    times = "; ".join(time_in_words(slot.starts_at, slot.ends_at) for slot in dropped)
    head = f"Lịch trước đây của {meeting.title} được bỏ: {times}. Lịch hiện nay:"
    return _tell(session, settings, meeting, "dropped", f"Bỏ phiên họp: {meeting.title}", head, CANCEL, slots=dropped)


def uninvite(session: Session, settings: Settings, meeting: Meeting, participant: Participant) -> int:
    """Tell somebody who was invited, and is taken off the list, that the meeting goes on without the person."""
    Outbox(session).withdraw(meeting.id, participant.person_id)
    head = f"Đồng chí không còn trong danh sách người dự {meeting.title}. Lịch họp này được bỏ khỏi lịch của đồng chí."
    subject, occasion = f"Thôi mời họp: {meeting.title}", now().isoformat()
    return _tell(session, settings, meeting, "uninvitation", subject, head, CANCEL, [participant], occasion)


def invite_one(session: Session, settings: Settings, meeting: Meeting, participant: Participant) -> int:
    """Invite somebody who was added after the invitation had gone out."""
    head = f"Trân trọng kính mời đồng chí dự {meeting.title}."
    return _tell(
        session, settings, meeting, "invitation", f"Giấy mời: {meeting.title}", head, REQUEST, [participant], now().isoformat()
    )


def remind(session: Session, settings: Settings, meeting: Meeting, occasion: str) -> int:
    """Remind those who have not answered, once for each occasion."""
    silent = [one for one in meeting.participants if one.coming is None]
    head = f"Đồng chí chưa trả lời giấy mời dự {meeting.title}. Kính đề nghị đồng chí báo có dự được hay không."
    return _tell(session, settings, meeting, "reminder", f"Nhắc trả lời giấy mời: {meeting.title}", head, "", silent, occasion)


def remind_due(session: Session, settings: Settings) -> int:
    """Remind those who have not answered of every meeting that is near; may be called at any time, each is reminded once."""
    return sum(remind(session, settings, meeting, "before") for meeting in _to_remind_of(session))


def has_reminders_due(session: Session) -> bool:
    """Whether any meeting is so near that people are to be reminded, now or a moment ago."""
    return bool(_to_remind_of(session))


def _to_remind_of(session: Session) -> list[Meeting]:
    moment = now()
    near = select(Meeting).where(
        Meeting.state == MeetingState.CONVENED,
        ~Meeting.is_rehearsal,
        Meeting.starts_at > moment,
        Meeting.starts_at < moment + _LONGEST_AHEAD,
    )
    due = [one for one in session.scalars(near) if is_reminder_due(one.starts_at, one.reminder_hours, moment)]
    written = {mail.key for one in due for mail in Outbox(session).of_meeting(one.id)}
    return [one for one in due if any(_key(one, "reminder", "before", silent) not in written for silent in _silent(one))]


def _silent(meeting: Meeting) -> list[Participant]:
    return [one for one in meeting.participants if one.coming is None and is_address(one.person.login)]


def _key(meeting: Meeting, kind: InvitationMail, occasion: str, one: Participant) -> str:
    return f"meeting-{meeting.id}/{meeting.ics_sequence}/{kind}/{occasion}/{one.id}"


def _tell(
    session: Session,
    settings: Settings,
    meeting: Meeting,
    kind: InvitationMail,
    subject: str,
    head: str,
    method: str,
    people: Iterable[Participant] | None = None,
    occasion: str = "",
    slots: Sequence[Slot] | None = None,
) -> int:
    if meeting.is_rehearsal:
        return 0
    address, written = address_of(meeting, settings), 0
    for one in meeting.participants if people is None else people:
        if not is_address(one.person.login):
            continue
        files: list[str] = []
        if method:
            files = calendar_files(meeting, one, method=method, organizer=settings.mail_from, address=address, slots=slots)
        mail = Outbox(session).add(
            _key(meeting, kind, occasion, one),
            kind,
            one.person,
            subject=subject,
            text=_letter(meeting, one, head, address, answers=method != CANCEL),
            sender=meeting.body.unit.name if meeting.body else "",
            meeting_id=meeting.id,
            calendars=[CalendarPart(method=method, text=text) for text in files],
            useless_after=meeting.ends_at,
        )
        written += mail is not None
    return written


def _letter(meeting: Meeting, one: Participant, head: str, address: str, *, answers: bool) -> str:
    lines = [f"Kính gửi đồng chí {one.name},", "", head, "", *when_and_where(meeting)]
    if answers:
        lines += ["", "Chương trình, tài liệu và trả lời giấy mời:", address]
    sender = meeting.body.unit.name if meeting.body else ""
    return "\n".join([*lines, "", *filter(None, ["Trân trọng.", sender]), ""])


def when_and_where(meeting: Meeting) -> list[str]:
    """Time, place and link, as lines of a letter."""
    lines = []
    if meeting.sittings:
        for number, sitting in enumerate(meeting.sittings, start=1):
            place = f" tại {sitting.place}" if sitting.place and sitting.place != meeting.place else ""
            lines.append(f"Phiên {number}: {time_in_words(sitting.starts_at, sitting.ends_at)}{place}")
    else:
        lines.append(f"Thời gian: {time_in_words(meeting.starts_at, meeting.ends_at)}")
    lines += [f"Địa điểm: {meeting.place}"] if meeting.place else []
    return lines + ([f"Họp trực tuyến: {meeting.link}"] if meeting.link else [])
