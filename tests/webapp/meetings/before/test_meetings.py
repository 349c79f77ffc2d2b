"""Meetings before they begin: made, changed, called, moved, called off, copied, rehearsed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from domain.ground.clock import now
from domain.ground.mail import MailState
from domain.meetings.meetings import MeetingState, Part
from domain.meetings.voting import VoteKind
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.meetings.attendance import Attendance, Presence, WrongCode
from storage.meetings.bodies import Body
from storage.meetings.mail.invitations import invite
from storage.meetings.meetings import Meeting, MeetingEvent, Participant
from storage.meetings.votes import Votes
from storage.people.people import NO_PASSWORD, People, Person
from tests.cast import Cast
from tests.meetings import Gathering
from tests.stored import rows
from tests.webapp.conftest import ClientOf

pytestmark = pytest.mark.usefixtures("stopped_clock")  # Monday 23 November 2026, 8:00

FORM = {
    "kind": "regular", "title": "Họp Ban Chấp hành  quý IV", "place": "Phòng họp 1", "day_1": "2026-12-02", "starts_1": "08:00",
    "ends_1": "11:30", "chair-words": "chair", "secretary-words": "secretary", "reminder_hours": "24", "repeat": "",
    "invitation_number": "31/GM-LĐLĐ",
}  # fmt: skip


@pytest.fixture
def form(database: Database, convened: Gathering) -> dict[str, str]:
    with database.reading() as session:
        return FORM | {"body": str(session.query(Body.id).scalar())}


def acts(database: Database) -> list[str]:
    return [entry.act for entry in rows(database, AuditEntry)]


def reach(database: Database, *logins: str) -> None:
    """Give people an address that mail reaches."""
    with database.writing() as session:
        for login in logins:
            People(session).named(login).login = f"{login}@ldld.example.vn"


def last(database: Database) -> Meeting:
    with database.reading() as session:
        meeting = session.query(Meeting).order_by(Meeting.id.desc()).first()
        assert meeting
        _ = [(one.person.login, one.guest_items) for one in meeting.participants], meeting.items, meeting.sittings
        session.expunge_all()
        return meeting


# The list


def test_the_next_meeting_stands_on_top_with_the_one_thing_to_do(client_of: ClientOf, convened: Gathering) -> None:
    page = client_of("member").get("/meetings").text
    assert "Cuộc họp sắp tới" in page
    assert "8 giờ 00 – 11 giờ 30, thứ Tư, ngày 25/11/2026" in page
    assert f'href="/meetings/{convened.meeting}/answer">Trả lời giấy mời</a>' in page


def test_a_meeting_that_is_open_leads_into_the_room(client_of: ClientOf, in_session: Gathering) -> None:
    page = client_of("member").get("/meetings").text
    assert f'href="/meetings/{in_session.meeting}/room">Vào phòng họp</a>' in page


def test_who_is_invited_to_nothing_reads_so(client_of: ClientOf, convened: Gathering) -> None:
    assert "Bạn chưa được mời họp" in client_of("staff").get("/meetings").text


def test_members_land_on_their_meetings(client_of: ClientOf) -> None:
    assert client_of("member").get("/").location == "/meetings"
    assert client_of("staff").get("/").location == "/archive/find"


def test_a_clerk_sees_all_meetings_and_others_their_own(client_of: ClientOf, convened: Gathering) -> None:
    assert "Hội nghị Ban Chấp hành lần thứ 12" in client_of("clerk").get("/meetings?all=1").text
    assert "Hội nghị Ban Chấp hành lần thứ 12" not in client_of("staff").get("/meetings?all=1").text


# One meeting


@pytest.mark.parametrize("login", ["staff", "administrator", "archivist"])
def test_a_meeting_is_unknown_to_who_has_no_part_in_it(client_of: ClientOf, convened: Gathering, login: str) -> None:
    assert client_of(login).get(f"/meetings/{convened.meeting}").status_code == 404


def test_a_guest_of_one_item_reads_that_item_alone(client_of: ClientOf, convened: Gathering) -> None:
    page = client_of("guest").get(f"/meetings/{convened.meeting}").text
    assert "Thông qua Nghị quyết về chuyển đổi số" in page
    assert "Báo cáo kết quả công tác năm 2026" not in page


@pytest.mark.parametrize("login", ["chair", "secretary", "member", "clerk", "guest"])
@pytest.mark.parametrize("state", MeetingState)
def test_every_page_that_a_meeting_leads_to_opens(
    client_of: ClientOf, database: Database, convened: Gathering, login: str, state: MeetingState
) -> None:
    with database.writing() as session:
        one = session.get_one(Meeting, convened.meeting)
        one.state, one.ics_sequence = state, int(state is MeetingState.CANCELLED)  # calling off what people were called to
    client = client_of(login)
    page = client.get(f"/meetings/{convened.meeting}")
    if page.status_code == 404:
        assert (state, login in ("member", "guest")) == (MeetingState.DRAFT, True)
        return
    links = set(re.findall(rf'href="(/meetings/{convened.meeting}/[^"]*)"', page.text))
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code >= 400} == {}


def test_only_who_prepares_sees_how_to(client_of: ClientOf, convened: Gathering) -> None:
    for login, prepares in (("clerk", True), ("secretary", True), ("chair", True), ("deputy", False), ("member", False)):
        assert ("Sửa, đổi lịch" in client_of(login).get(f"/meetings/{convened.meeting}").text) is prepares


# Making


def test_a_meeting_is_made_with_the_members_of_its_day(client_of: ClientOf, database: Database, form: dict[str, str]) -> None:
    answer = client_of("clerk").post("/meetings/new", data=form)
    assert answer.status_code == 303
    meeting = last(database)
    assert (meeting.title, meeting.state) == ("Họp Ban Chấp hành quý IV", MeetingState.DRAFT)
    assert meeting.starts_at == datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
    parts = {one.person.login: (one.part, one.has_vote) for one in meeting.participants}
    assert parts == {
        "chair": (Part.CHAIR, True), "deputy": (Part.DEPUTY, True), "member": (Part.MEMBER, True),
        "delegate": (Part.MEMBER, True), "absentee": (Part.MEMBER, True), "secretary": (Part.SECRETARY, False),
    }  # fmt: skip
    assert acts(database)[-1] == "meeting_created"


@pytest.mark.parametrize("login", ["chair", "secretary", "member", "administrator", "archivist"])
def test_only_clerks_make_meetings(client_of: ClientOf, form: dict[str, str], login: str) -> None:
    assert client_of(login).get("/meetings/new").status_code == 403
    assert client_of(login).post("/meetings/new", data=form).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Hãy nhập tên cuộc họp"),
        ({"link": "http://hop.vn"}, "Liên kết phải bắt đầu bằng https://"),
        ({"link": "javascript:alert(1)"}, "Liên kết phải bắt đầu bằng https://"),
        ({"ends_1": "07:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"day_1": ""}, "Hãy nhập ngày họp"),
        ({"starts_1": "tám giờ"}, "Giờ không đúng"),
        ({"invitation_number": "31/KH-LĐLĐ"}, "Số giấy mời viết như 12/GM-LĐLĐ"),
        ({"chair-words": "Không Có Ai"}, "Không có ai khớp với"),
        ({"day_2": "2026-12-02", "starts_2": "09:00", "ends_2": "10:00"}, "Hai phiên trùng giờ nhau"),
        ({"day_2": "2026-12-03"}, "Hãy nhập đủ ngày, giờ bắt đầu và giờ kết thúc"),
        ({"repeat": "weekly", "times": "99"}, "Hãy ghi số từ 2 đến 24"),
        ({"body": "999"}, "Lựa chọn này không có"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_and_what_was_typed_stays(
    client_of: ClientOf, database: Database, form: dict[str, str], wrong: dict[str, str], words: str
) -> None:
    answer = client_of("clerk").post("/meetings/new", data=form | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Phòng họp 1"' in answer.text
    assert len(rows(database, Meeting)) == 1


def test_a_meeting_of_two_sittings_lasts_from_the_first_to_the_last(
    client_of: ClientOf, database: Database, form: dict[str, str]
) -> None:
    sittings = {"day_2": "2026-12-01", "starts_2": "14:00", "ends_2": "17:00", "place_2": "Hội trường B"}
    client_of("clerk").post("/meetings/new", data=form | sittings)
    meeting = last(database)
    assert [(sitting.starts_at.isoformat(), sitting.place) for sitting in meeting.sittings] == [
        ("2026-12-01T07:00:00+00:00", "Hội trường B"),
        ("2026-12-02T01:00:00+00:00", ""),
    ]
    assert (meeting.starts_at.day, meeting.ends_at.isoformat()) == (1, "2026-12-02T04:30:00+00:00")


def test_a_series_is_as_many_meetings_each_on_its_own(client_of: ClientOf, database: Database, form: dict[str, str]) -> None:
    client_of("clerk").post("/meetings/new", data=form | {"day_1": "2026-12-31", "repeat": "monthly", "times": "3"})
    made = rows(database, Meeting)[1:]
    assert [meeting.starts_at.strftime("%Y-%m-%d %H:%M") for meeting in made] == [
        "2026-12-31 01:00", "2027-01-31 01:00", "2027-02-28 01:00",
    ]  # fmt: skip
    assert len({meeting.series for meeting in made}) == 1
    assert made[0].series
    assert {meeting.state for meeting in made} == {MeetingState.DRAFT}


def test_a_clone_takes_agenda_and_guests_along_and_nothing_that_happened(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering
) -> None:
    clerk = client_of("clerk")
    assert "được chép theo" in clerk.get(f"/meetings/new?from={convened.meeting}").text
    clerk.post("/meetings/new", data=form | {"copied": str(convened.meeting)})
    twin = last(database)
    assert [item.title for item in twin.items] == [
        "Khai mạc, thông qua chương trình",
        "Báo cáo kết quả công tác năm 2026",
        "Thông qua Nghị quyết về chuyển đổi số",
    ]
    guest = next(one for one in twin.participants if one.part is Part.GUEST)
    assert [row.item_id for row in guest.guest_items] == [twin.items[2].id]
    assert guest.coming is None


def test_a_template_is_kept_apart_and_offered_for_new_meetings(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    clerk = client_of("clerk")
    assert clerk.post(f"/meetings/{convened.meeting}/template").status_code == 303
    template = last(database)
    assert template.is_template
    assert f'<option value="{template.id}"' in clerk.get("/meetings/new").text
    assert clerk.get("/meetings?all=1").text.count("Hội nghị Ban Chấp hành lần thứ 12") == 1
    assert acts(database)[-1] == "template_saved"


def test_who_convenes_no_meetings_keeps_no_template_and_nobody_keeps_one_of_a_rehearsal(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    before = last(database).id
    for login in ("chair", "secretary"):
        assert client_of(login).post(f"/meetings/{convened.meeting}/template").status_code == 403
    client_of("clerk").post(f"/meetings/{convened.meeting}/rehearsal")
    rehearsal = last(database).id
    assert rehearsal > before
    assert client_of("clerk").post(f"/meetings/{rehearsal}/template").status_code == 409
    assert last(database).id == rehearsal


# Calling


@pytest.fixture
def draft(database: Database, convened: Gathering) -> Gathering:
    with database.writing() as session:
        meeting = session.get_one(Meeting, convened.meeting)
        meeting.state, meeting.rules_id, meeting.starts_at = MeetingState.DRAFT, None, now() + timedelta(days=8)
        meeting.ends_at = meeting.starts_at + timedelta(hours=3)
    return convened


def test_the_invitation_goes_out_and_fixes_the_rules(client_of: ClientOf, database: Database, draft: Gathering) -> None:
    reach(database, "chair", "delegate")
    answer = client_of("secretary").post(f"/meetings/{draft.meeting}/convene")
    assert answer.status_code == 303
    (meeting,) = rows(database, Meeting)
    assert (meeting.state, meeting.rules_id is not None) == (MeetingState.CONVENED, True)
    assert [mail.recipient for mail in rows(database, Mail)] == ["chair@ldld.example.vn", "delegate@ldld.example.vn"]
    assert acts(database)[-1] == "meeting_convened"
    assert rows(database, MeetingEvent)[-1].kind == "meeting_convened"


@pytest.mark.parametrize(("login", "status"), [("deputy", 404), ("member", 404), ("staff", 404), ("guest", 404)])
def test_who_does_not_prepare_knows_of_no_draft(client_of: ClientOf, draft: Gathering, login: str, status: int) -> None:
    assert client_of(login).post(f"/meetings/{draft.meeting}/convene").status_code == status


def test_without_rules_no_invitation_goes_out(client_of: ClientOf, database: Database, draft: Gathering) -> None:
    with database.writing() as session:
        body = session.query(Body).one()
        body.rules.clear()
    assert "chưa có quy định biểu quyết" in client_of("clerk").get(f"/meetings/{draft.meeting}/convene").text
    answer = client_of("clerk").post(f"/meetings/{draft.meeting}/convene")
    assert answer.status_code == 409
    assert "Hãy ghi quy định ở trang của cơ quan đó trước" in answer.text
    assert rows(database, Meeting)[0].state is MeetingState.DRAFT


def test_a_call_less_than_three_working_days_ahead_is_warned_of(
    client_of: ClientOf, database: Database, draft: Gathering
) -> None:
    address = f"/meetings/{draft.meeting}/convene"
    assert "chưa đủ 3 ngày làm việc" not in client_of("clerk").get(address).text
    with database.writing() as session:
        session.get_one(Meeting, draft.meeting).starts_at = now() + timedelta(days=2)
    assert "chưa đủ 3 ngày làm việc" in client_of("clerk").get(address).text


def test_who_has_no_address_is_named_before_the_invitation_goes_out(
    client_of: ClientOf, database: Database, draft: Gathering
) -> None:
    reach(database, "chair", "deputy", "secretary", "member", "delegate", "absentee")
    page = client_of("clerk").get(f"/meetings/{draft.meeting}/convene").text
    assert "6 người có địa chỉ thư." in page
    assert "<li>Ngô Khách Mời</li>" in page


def test_a_meeting_is_called_once(client_of: ClientOf, convened: Gathering, database: Database) -> None:
    assert client_of("clerk").post(f"/meetings/{convened.meeting}/convene").status_code == 409
    assert rows(database, Mail) == []


# Moving and calling off


def moved(form: dict[str, str], **changes: str) -> dict[str, str]:
    keep = {"day_1": "2026-11-25", "starts_1": "08:00", "ends_1": "11:30", "place": "Hội trường A", "title": "Hội nghị"}
    return form | keep | changes


def test_another_time_moves_calendars_and_asks_everybody_anew(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering
) -> None:
    reach(database, "delegate")
    with database.writing() as session:
        for one in session.query(Participant):
            one.coming = True
    answer = client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=moved(form, day_1="2026-11-26"))
    assert answer.status_code == 303
    (meeting,) = rows(database, Meeting)
    assert (meeting.ics_sequence, meeting.starts_at.day) == (1, 26)
    assert {one.coming for one in rows(database, Participant)} == {None}
    (mail,) = rows(database, Mail)
    assert (mail.kind, mail.subject) == ("move", "Thay đổi lịch: Hội nghị")
    assert "SEQUENCE:1" in mail.calendars[0]["text"]
    assert acts(database)[-1] == "meeting_moved"


def test_a_sitting_that_is_dropped_leaves_every_calendar(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering
) -> None:
    reach(database, "delegate")
    two = moved(form, day_2="2026-11-26", starts_2="08:00", ends_2="11:00")
    client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=two)
    first = Calendar.from_ical(rows(database, Mail)[0].calendars[0]["text"]).walk("VEVENT")[0]
    single = Calendar.from_ical(rows(database, Mail, kind="dropped")[0].calendars[0]["text"])
    assert single.walk("VEVENT")[0]["UID"] != first["UID"], "the one entry gives way to one for each sitting"
    client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=moved(form))
    mail = rows(database, Mail, kind="dropped")[-1]
    entries = [Calendar.from_ical(part["text"]) for part in mail.calendars]
    assert [str(one["METHOD"]) for one in entries] == ["CANCEL", "CANCEL"]
    cancelled = entries[0].walk("VEVENT")[0]
    assert (cancelled["UID"], cancelled["SEQUENCE"], str(cancelled["STATUS"])) == (first["UID"], 2, "CANCELLED")
    assert "8 giờ 00 – 11 giờ 00, thứ Năm, ngày 26/11/2026" in mail.text
    last_word = rows(database, Mail, kind="move")[-1]
    assert "SEQUENCE:2" in last_word.calendars[0]["text"]


def test_another_place_moves_calendars_and_answers_stay(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering
) -> None:
    with database.writing() as session:
        session.query(Participant).update({"coming": True})
    client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=moved(form, place="Hội trường C"))
    assert rows(database, Meeting)[0].ics_sequence == 1
    assert {one.coming for one in rows(database, Participant)} == {True}


def test_another_title_moves_nothing(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering
) -> None:
    client_of("clerk").post(f"/meetings/{convened.meeting}/edit", data=moved(form, title="Hội nghị lần 12"))
    assert (rows(database, Meeting)[0].ics_sequence, acts(database)[-1]) == (0, "meeting_changed")


@pytest.mark.parametrize("login", ["member", "deputy", "guest"])
def test_who_does_not_prepare_changes_nothing(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering, login: str
) -> None:
    assert client_of(login).get(f"/meetings/{convened.meeting}/edit").status_code == 403
    assert client_of(login).post(f"/meetings/{convened.meeting}/edit", data=moved(form)).status_code == 403
    assert rows(database, Meeting)[0].title == "Hội nghị Ban Chấp hành lần thứ 12"


def test_a_meeting_that_has_begun_is_neither_moved_nor_called_off(client_of: ClientOf, in_session: Gathering) -> None:
    clerk = client_of("clerk")
    assert clerk.get(f"/meetings/{in_session.meeting}/edit").status_code == 409
    assert clerk.post(f"/meetings/{in_session.meeting}/edit", data=FORM).status_code == 409
    assert clerk.post(f"/meetings/{in_session.meeting}/cancel", data={"reason": "Bão"}).status_code == 409


def test_a_meeting_is_called_off_with_its_reason_and_people_are_told(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    reach(database, "delegate")
    clerk = client_of("clerk")
    answer = clerk.post(f"/meetings/{convened.meeting}/cancel", data={"reason": "Bão số 13"})
    assert answer.status_code == 303
    assert "Cuộc họp đã bị hủy.</strong> Bão số 13" in clerk.get(f"/meetings/{convened.meeting}").text
    (mail,) = rows(database, Mail)
    assert (mail.kind, mail.calendars[0]["method"]) == ("cancellation", "CANCEL")
    assert "STATUS:CANCELLED" in mail.calendars[0]["text"]
    assert "Lý do: Bão số 13" in mail.text
    assert acts(database)[-1] == "meeting_cancelled"


def test_a_draft_that_is_called_off_stays_unknown_to_those_who_were_never_called(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = MeetingState.DRAFT
    assert client_of("clerk").post(f"/meetings/{convened.meeting}/cancel", data={"reason": "Bão"}).status_code == 303
    assert client_of("member").get(f"/meetings/{convened.meeting}").status_code == 404
    assert "Hội nghị Ban Chấp hành" not in client_of("member").get("/meetings").text
    assert client_of("secretary").get(f"/meetings/{convened.meeting}").status_code == 200


def test_a_meeting_that_is_called_off_stays_known_to_those_who_were_called(client_of: ClientOf, convened: Gathering) -> None:
    client_of("clerk").post(f"/meetings/{convened.meeting}/cancel", data={"reason": "Bão"})
    assert client_of("member").get(f"/meetings/{convened.meeting}").status_code == 200
    assert "Hội nghị Ban Chấp hành" in client_of("member").get("/meetings").text


def test_no_meeting_is_called_off_without_a_reason(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    answer = client_of("clerk").post(f"/meetings/{convened.meeting}/cancel", data={"reason": " "})
    assert answer.status_code == 422
    assert rows(database, Meeting)[0].state is MeetingState.CONVENED


# Who is invited


def test_a_guest_is_added_to_single_items_and_invited_at_once(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    reach(database, "staff")
    data = {"person-words": "Nguyễn Hữu Tra", "part": "guest", "title": "Chuyên viên", "items": [str(convened.items[1])]}
    answer = client_of("secretary").post(f"/meetings/{convened.meeting}/participants", data=data)
    assert answer.status_code == 303
    who = last(database).participants[-1]
    assert (who.name, who.part, [row.item_id for row in who.guest_items]) == ("Nguyễn Hữu Tra", Part.GUEST, [convened.items[1]])
    assert [mail.recipient for mail in rows(database, Mail)] == ["staff@ldld.example.vn"]
    assert acts(database)[-1] == "participant_added"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"person-words": "member", "part": "member"}, "đã có trong danh sách"),
        ({"person-words": "staff", "part": "guest", "has_vote": "y"}, "Khách mời không có quyền biểu quyết"),
        ({"person-words": "", "part": "guest"}, "Hãy tìm rồi chọn một người."),
    ],
)
def test_who_cannot_be_added_is_refused_with_the_reason(
    client_of: ClientOf, database: Database, convened: Gathering, data: dict[str, str], words: str
) -> None:
    answer = client_of("clerk").post(f"/meetings/{convened.meeting}/participants", data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(rows(database, Participant)) == 7


def test_a_new_chair_takes_the_place_of_the_one_before(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    address = f"/meetings/{convened.meeting}/participants/{convened.participants['deputy']}"
    assert client_of("clerk").get(address).status_code == 200
    assert client_of("clerk").post(address, data={"part": "chair", "title": "Phó Chủ tịch", "has_vote": "y"}).status_code == 303
    parts = {one.name: one.part for one in rows(database, Participant)}
    assert parts["Đinh Văn Phó"] is Part.CHAIR
    assert parts["Hồ Thị Chủ Tọa"] is Part.MEMBER
    assert acts(database)[-1] == "participant_changed"


def test_somebody_is_taken_off_the_list_before_it_begins_and_not_after(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    address = f"/meetings/{convened.meeting}/participants/{convened.participants['absentee']}/remove"
    assert client_of("member").post(address).status_code == 403
    assert client_of("clerk").post(address).status_code == 303
    assert "Trương Văn Vắng" not in [one.name for one in rows(database, Participant)]
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = MeetingState.OPEN
    address = f"/meetings/{convened.meeting}/participants/{convened.participants['member']}/remove"
    assert client_of("clerk").post(address).status_code == 409


def test_who_has_typed_a_wrong_code_can_be_taken_off_the_list(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    with database.writing() as session:
        session.add(WrongCode(participant_id=convened.participants["absentee"]))
    address = f"/meetings/{convened.meeting}/participants/{convened.participants['absentee']}/remove"
    assert client_of("clerk").post(address).status_code == 303
    assert "Trương Văn Vắng" not in [one.name for one in rows(database, Participant)]


@pytest.mark.parametrize(("login", "word"), [("chair", "chủ tọa"), ("secretary", "thư ký")])
def test_a_meeting_that_people_were_called_to_keeps_its_chair_and_its_secretary(
    client_of: ClientOf, database: Database, form: dict[str, str], convened: Gathering, login: str, word: str
) -> None:
    clerk, one = client_of("clerk"), f"/meetings/{convened.meeting}/participants/{convened.participants[login]}"
    refused = [
        clerk.post(f"{one}/remove"),
        clerk.post(one, data={"part": "member"}),
        clerk.post(f"/meetings/{convened.meeting}/edit", data=moved(form, **{f"{login}-words": "", "title": "Một tên khác"})),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 422]
    assert all(f"phải luôn có {word}" in answer.text for answer in refused)
    assert "Một tên khác" in refused[2].text
    assert {one.part for one in rows(database, Participant)} >= {Part.CHAIR, Part.SECRETARY}


def test_who_is_taken_off_the_list_is_told_and_the_calendar_too(
    client_of: ClientOf, database: Database, settings: Settings, convened: Gathering
) -> None:
    reach(database, "absentee")
    with database.writing() as session:
        invite(session, settings, session.get_one(Meeting, convened.meeting))
    client_of("clerk").post(f"/meetings/{convened.meeting}/participants/{convened.participants['absentee']}/remove")
    invitation, mail = rows(database, Mail)
    assert invitation.state is MailState.WITHDRAWN, "it had not gone out yet"
    assert (mail.kind, mail.subject) == ("uninvitation", "Thôi mời họp: Hội nghị Ban Chấp hành lần thứ 12")
    assert "Đồng chí không còn trong danh sách người dự" in mail.text
    (entry,) = Calendar.from_ical(mail.calendars[0]["text"]).walk("VEVENT")
    asked = Calendar.from_ical(invitation.calendars[0]["text"]).walk("VEVENT")[0]
    assert (mail.calendars[0]["method"], str(entry["STATUS"]), entry["UID"]) == ("CANCEL", "CANCELLED", asked["UID"])
    assert str(entry["ATTENDEE"]) == "mailto:absentee@ldld.example.vn"


def test_who_is_taken_off_a_draft_was_never_invited_and_hears_nothing(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    reach(database, "absentee")
    with database.writing() as session:
        session.get_one(Meeting, convened.meeting).state = MeetingState.DRAFT
    client_of("secretary").post(f"/meetings/{convened.meeting}/participants/{convened.participants['absentee']}/remove")
    assert rows(database, Mail) == []


def test_members_who_joined_the_body_since_are_added_in_one_go(
    client_of: ClientOf, database: Database, convened: Gathering
) -> None:
    with database.writing() as session:
        session.delete(session.get_one(Participant, convened.participants["delegate"]))
    clerk = client_of("clerk")
    assert (
        "1 thành viên của cơ quan họp chưa có trong danh sách" in clerk.get(f"/meetings/{convened.meeting}/participants").text
    )
    assert clerk.post(f"/meetings/{convened.meeting}/participants/seat").status_code == 303
    assert len(rows(database, Participant)) == 7


# Rehearsals


@pytest.fixture
def rehearsal(client_of: ClientOf, database: Database, convened: Gathering) -> tuple[FlaskClient, Meeting]:
    clerk = client_of("clerk")
    answer = clerk.post(f"/meetings/{convened.meeting}/rehearsal")
    assert answer.status_code == 303
    return clerk, last(database)


def test_a_rehearsal_has_invented_people_who_cannot_sign_in_and_sends_no_mail(
    database: Database, rehearsal: tuple[FlaskClient, Meeting]
) -> None:
    _clerk, twin = rehearsal
    assert (twin.is_rehearsal, twin.title) == (True, "DIỄN TẬP: Hội nghị Ban Chấp hành lần thứ 12")
    assert [one.name for one in twin.participants][:2] == ["Hồ Thị Chủ Tọa (diễn tập)", "Đinh Văn Phó (diễn tập)"]
    for one in rows(database, Person):
        if one.login.startswith("dien-tap-"):
            assert (one.password_hash, one.is_open) == (NO_PASSWORD, False)
    assert rows(database, Mail) == []
    assert acts(database)[-1] == "rehearsal_created"


def test_a_rehearsal_has_the_votes_that_are_prepared(client_of: ClientOf, database: Database, convened: Gathering) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, convened.meeting)
        options = ["An", "Bình", "Cúc"]
        Votes(session).prepare(
            here, here.items[2], kind=VoteKind.ELECTION, question="Bầu Ban Thường vụ", options=options, seats=2
        )
    client_of("clerk").post(f"/meetings/{convened.meeting}/rehearsal")
    twin = last(database)
    with database.reading() as session:
        (vote,) = Votes(session).of(session.get_one(Meeting, twin.id))
        assert vote.item
        assert (vote.question, vote.seats, vote.state, vote.item.meeting_id) == ("Bầu Ban Thường vụ", 2, "draft", twin.id)
        assert [option.text for option in vote.options] == ["An", "Bình", "Cúc"]


def test_the_maker_plays_every_part_of_a_rehearsal(rehearsal: tuple[FlaskClient, Meeting]) -> None:
    clerk, twin = rehearsal
    page = clerk.get(f"/meetings/{twin.id}").text
    assert "DIỄN TẬP" in page
    assert "bạn là chủ tọa" in page
    guest = next(one for one in twin.participants if one.part is Part.GUEST)
    assert clerk.post(f"/meetings/{twin.id}/play", data={"person": guest.person_id}).status_code == 303
    page = clerk.get(f"/meetings/{twin.id}").text
    assert "bạn là khách mời" in page
    assert "Sửa, đổi lịch" not in page
    assert clerk.post(f"/meetings/{twin.id}/play", data={"person": ""}).status_code == 303
    assert "Sửa, đổi lịch" in clerk.get(f"/meetings/{twin.id}").text


def test_the_other_windows_of_who_plays_are_told_that_a_ballot_was_cast(
    app: Flask, client_of: ClientOf, cast: Cast, database: Database, rehearsal: tuple[FlaskClient, Meeting]
) -> None:
    clerk, twin = rehearsal
    member = next(one for one in twin.participants if one.part is Part.MEMBER)
    with database.writing() as session:
        here = session.get_one(Meeting, twin.id)
        here.state = MeetingState.OPEN
        one = here.participant(member.person_id)
        assert one
        Attendance(session, here).come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
        vote = Votes(session).prepare(here, None, kind=VoteKind.SECRET, question="Thông qua")
        Votes(session).open(vote)
        address = f"/meetings/{twin.id}/votes/{vote.id}/ballot"
    clerk.post(f"/meetings/{twin.id}/play", data={"person": member.person_id})
    told = []
    app.extensions["announcer"].tell_person = lambda *said: told.append(said)
    assert clerk.post(address, data={"choice": "for", "ballot_id": "b-1"}, headers={"X-Live": "1"}).status_code == 200
    assert [(person_id, name) for person_id, name, _facts in told] == [
        (member.person_id, "voted"),
        (cast.people["clerk"], "mine"),
    ]
    assert told[-1][2] == {"meeting": twin.id}


def test_nobody_plays_in_a_real_meeting_or_in_the_rehearsal_of_another(
    client_of: ClientOf, cast: Cast, convened: Gathering, rehearsal: tuple[FlaskClient, Meeting]
) -> None:
    _clerk, twin = rehearsal
    assert (
        client_of("clerk").post(f"/meetings/{convened.meeting}/play", data={"person": cast.people["chair"]}).status_code == 403
    )
    assert (
        client_of("member").post(f"/meetings/{twin.id}/play", data={"person": twin.participants[0].person_id}).status_code
        == 403
    )


def test_a_forged_cookie_plays_nobody_in_a_real_meeting(client_of: ClientOf, cast: Cast, convened: Gathering) -> None:
    clerk = client_of("clerk")
    clerk.set_cookie("khonggiay_plays", str(cast.people["chair"]), path=f"/meetings/{convened.meeting}")
    assert "bạn là chủ tọa" not in clerk.get(f"/meetings/{convened.meeting}").text


def test_nobody_plays_somebody_who_has_an_account(
    client_of: ClientOf, cast: Cast, database: Database, rehearsal: tuple[FlaskClient, Meeting]
) -> None:
    """Or else the maker of a rehearsal would search the archive, and write, as whoever was added to it."""
    clerk, twin = rehearsal
    with database.writing() as session:
        here = session.get_one(Meeting, twin.id)
        real = session.get_one(Person, cast.people["archivist"])
        here.participants.append(
            Participant(person=real, name=real.name, part=Part.MEMBER, has_vote=True, position=99, title="")
        )
    played = {"person": cast.people["archivist"]}
    assert clerk.post(f"/meetings/{twin.id}/play", data=played).status_code == 404
    clerk.set_cookie("khonggiay_plays", str(cast.people["archivist"]), path=f"/meetings/{twin.id}")
    page = clerk.get(f"/meetings/{twin.id}").text
    assert "Sửa, đổi lịch" in page
    assert f'<option value="{cast.people["archivist"]}"' not in page


def test_the_audit_trail_names_who_really_did_it(database: Database, rehearsal: tuple[FlaskClient, Meeting]) -> None:
    clerk, twin = rehearsal
    clerk.post(f"/meetings/{twin.id}/answer", data={"coming": "yes"})
    assert rows(database, AuditEntry)[-1].actor == "Lê Văn Thư"


def test_a_rehearsal_is_known_to_nobody_else(client_of: ClientOf, rehearsal: tuple[FlaskClient, Meeting]) -> None:
    _clerk, twin = rehearsal
    assert client_of("chair").get(f"/meetings/{twin.id}").status_code == 404
    assert "DIỄN TẬP" not in client_of("chair").get("/meetings").text
