"""Invitations: the paper, the calendar, the answer, reminders, and what became of the mail."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from domain.ground.clock import fix, now
from domain.ground.mail import MailState
from domain.meetings.meetings import MeetingState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.meetings.mail.invitations import has_reminders_due, invite, remind_due
from storage.meetings.meetings import AgendaItem, GuestItem, Meeting, Participant, Sitting
from storage.people.people import People
from tests.meetings import Gathering
from tests.stored import rows
from tests.webapp.conftest import ClientOf

pytestmark = pytest.mark.usefixtures("stopped_clock")  # Monday 23 November 2026, 8:00


@pytest.fixture(autouse=True)
def addresses(database: Database, convened: Gathering) -> None:
    """Two of the invited have an address."""
    with database.writing() as session:
        for login in ("delegate", "absentee"):
            People(session).named(login).login = f"{login}@ldld.example.vn"


def mails(database: Database) -> list[tuple[str, str, MailState]]:
    return [(mail.kind, mail.recipient.partition("@")[0], mail.state) for mail in rows(database, Mail)]


def participant(database: Database, convened: Gathering, login: str) -> Participant:
    with database.reading() as session:
        return session.get_one(Participant, convened.participants[login])


def test_one_says_that_one_is_coming_and_may_say_otherwise(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    member, address = client_of("member"), f"/meetings/{convened.meeting}/answer"
    assert member.get(address).status_code == 200
    assert member.post(address, data={"coming": "yes"}).status_code == 303
    assert participant(database, convened, "member").coming is True
    assert member.post(address, data={"coming": "no", "reason": "Đi công tác"}).status_code == 303
    one = participant(database, convened, "member")
    assert (one.coming, one.reason, one.answered_at) == (False, "Đi công tác", now())
    entry = rows(database, AuditEntry)[-1]
    assert (entry.act, entry.facts) == ("invitation_answered", {"coming": False})


def test_who_does_not_come_says_why(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    answer = client_of("member").post(f"/meetings/{convened.meeting}/answer", data={"coming": "no"})
    assert answer.status_code == 422
    assert "Hãy ghi lý do vắng" in answer.text
    assert participant(database, convened, "member").coming is None


def test_a_delegate_is_named_only_where_the_rules_allow_it(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    member, address = client_of("member"), f"/meetings/{convened.meeting}/answer"
    assert "Người dự thay" not in member.get(address).text
    member.post(address, data={"coming": "no", "reason": "Ốm", "delegate": "Ông A"})
    assert participant(database, convened, "member").delegate == ""
    with database.writing() as session:
        rules = session.get_one(Meeting, convened.meeting).rules
        assert rules
        rules.allows_delegates = True
    member.post(address, data={"coming": "no", "reason": "Ốm", "delegate": "Ông A"})
    assert participant(database, convened, "member").delegate == "Ông A"


def test_nobody_answers_for_a_meeting_without_a_part_or_after_it_began(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    address = f"/meetings/{convened.meeting}/answer"
    assert client_of("staff").post(address, data={"coming": "yes"}).status_code == 404
    assert client_of("clerk").post(address, data={"coming": "yes"}).status_code == 404
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = MeetingState.OPEN
    assert client_of("member").post(address, data={"coming": "yes"}).status_code == 409


def test_the_calendar_has_an_entry_for_each_sitting_in_local_time(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    with database.writing() as session:
        meeting = session.get_one(Meeting, convened.meeting)
        for day in (0, 1):
            start = meeting.starts_at + timedelta(days=day)
            meeting.sittings.append(Sitting(starts_at=start, ends_at=start + timedelta(hours=3)))
    answer = client_of("member").get(f"/meetings/{convened.meeting}/invitation.ics")
    assert answer.mimetype == "text/calendar"
    calendar = Calendar.from_ical(answer.data)
    first, second = calendar.walk("VEVENT")
    assert first["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert first.decoded("DTSTART").strftime("%d/%m %H:%M") == "25/11 08:00"
    assert second["SUMMARY"] == "Hội nghị Ban Chấp hành lần thứ 12 – phiên 2/2"
    assert first["UID"] != second["UID"]
    assert client_of("staff").get(f"/meetings/{convened.meeting}/invitation.ics").status_code == 404


def test_an_invitation_asks_its_reader_alone_and_keeps_its_name_when_it_moves(
    database: Database, settings: Settings, convened: Gathering
) -> None:
    with database.writing() as session:
        invite(session, settings, session.get_one(Meeting, convened.meeting))
    first, second = rows(database, Mail)
    entry = Calendar.from_ical(first.calendars[0]["text"]).walk("VEVENT")[0]
    assert (entry["SEQUENCE"], str(entry["ORGANIZER"])) == (0, "mailto:khonggiay@localhost")
    assert (str(entry["ATTENDEE"]), entry["ATTENDEE"].params["RSVP"]) == ("mailto:delegate@ldld.example.vn", "TRUE")
    assert "8 giờ 00 – 11 giờ 30, thứ Tư, ngày 25/11/2026" in first.text
    assert f"/meetings/{convened.meeting}" in first.text
    other = Calendar.from_ical(second.calendars[0]["text"]).walk("VEVENT")[0]
    assert entry["UID"] == other["UID"]


def test_the_paper_has_the_parts_of_an_official_invitation(client_of: ClientOf, convened: Gathering) -> None:
    page = client_of("member").get(f"/meetings/{convened.meeting}/invitation").text
    for part in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "GIẤY MỜI", "Chủ trì: đồng chí Hồ Thị Chủ Tọa", "Nơi nhận:"):
        assert part in page
    assert "kính mời đồng chí: Phạm Ủy Viên, Ủy viên" in page
    pdf = client_of("member").get(f"/meetings/{convened.meeting}/invitation.pdf")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert client_of("staff").get(f"/meetings/{convened.meeting}/invitation.pdf").status_code == 404
    assert client_of("staff").get(f"/meetings/{convened.meeting}/invitation").status_code == 404


def test_a_guest_of_one_item_is_invited_to_that_item_alone(client_of: ClientOf, convened: Gathering) -> None:
    page = client_of("guest").get(f"/meetings/{convened.meeting}/invitation").text
    assert "1. Thông qua Nghị quyết về chuyển đổi số." in page
    assert "Báo cáo kết quả công tác" not in page


def test_a_guest_of_a_point_below_another_is_invited_to_that_point(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    with database.writing() as session:
        point = AgendaItem(meeting_id=convened.meeting, parent_id=convened.items[1], title="Ý kiến thẩm tra", position=9)
        session.add(point)
        session.flush()
        session.query(GuestItem).one().item_id = point.id
    text = client_of("guest").get(f"/meetings/{convened.meeting}/invitation").text
    assert "1. Ý kiến thẩm tra." in text
    assert "Báo cáo kết quả công tác" not in text


def test_those_who_have_not_answered_are_reminded_once_before_the_meeting(
    database: Database, settings: Settings, convened: Gathering
) -> None:
    meets = rows(database, Meeting)[0].starts_at
    fix(meets - timedelta(hours=24, minutes=1))
    with database.writing() as session:
        assert not has_reminders_due(session)
        session.get_one(Participant, convened.participants["absentee"]).coming = False
    fix(meets - timedelta(hours=24))
    for _ in range(3):
        with database.writing() as session:
            remind_due(session, settings)
    assert mails(database) == [("reminder", "delegate", MailState.WAITING)]
    with database.reading() as session:
        assert not has_reminders_due(session)


def test_the_reminder_moves_with_the_meeting(database: Database, settings: Settings, convened: Gathering) -> None:
    meets = rows(database, Meeting)[0].starts_at
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).starts_at = meets + timedelta(days=7)
    fix(meets - timedelta(hours=1))
    with database.writing() as session:
        assert remind_due(session, settings) == 0
    fix(meets + timedelta(days=6, hours=1))
    with database.writing() as session:
        assert remind_due(session, settings) == 2


def test_a_reminder_by_hand_goes_out_once_a_day(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    address = f"/meetings/{convened.meeting}/remind"
    assert client_of("member").post(address).status_code == 403
    for _ in range(2):
        assert client_of("secretary").post(address).status_code == 303
    assert len(mails(database)) == 2
    assert [entry.act for entry in rows(database, AuditEntry)].count("reminders_sent") == 1


def test_the_page_says_who_has_answered_and_why_mail_could_not_be_sent(
    client_of: ClientOf, database: Database, settings: Settings, convened: Gathering
) -> None:
    with database.writing() as session:
        invite(session, settings, session.get_one(Meeting, convened.meeting))
        mail = session.query(Mail).first()
        assert mail
        mail.state, mail.problem, mail.tries = MailState.FAILED, "recipient_refused", 1
    address = f"/meetings/{convened.meeting}/answers"
    assert client_of("member").get(address).status_code == 403
    page = client_of("clerk").get(address).text
    assert "Máy chủ thư không nhận địa chỉ này." in page
    assert "Chưa cài đặt máy chủ thư" in page
    assert "không có địa chỉ thư" in page
    assert client_of("clerk").post(f"/meetings/{convened.meeting}/mail/retry").status_code == 303
    assert {state for *_, state in mails(database)} == {MailState.WAITING}
    assert rows(database, AuditEntry)[-1].act == "mail_retried"


def test_mail_that_waits_is_overtaken_when_the_meeting_moves(
    client_of: ClientOf, database: Database, settings: Settings, convened: Gathering
) -> None:
    with database.writing() as session:
        invite(session, settings, session.get_one(Meeting, convened.meeting))
    form = {
        "kind": "regular", "title": "Hội nghị", "place": "Hội trường B", "day_1": "2026-11-25", "starts_1": "08:00",
        "ends_1": "11:30", "chair-words": "chair", "secretary-words": "secretary", "reminder_hours": "24",
    }  # fmt: skip
    assert client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=form).status_code == 303
    assert mails(database) == [
        ("invitation", "delegate", MailState.WITHDRAWN),
        ("invitation", "absentee", MailState.WITHDRAWN),
        ("move", "delegate", MailState.WAITING),
        ("move", "absentee", MailState.WAITING),
    ]
