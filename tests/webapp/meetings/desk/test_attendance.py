"""Attendance: people check themselves in with the code of the room or online, the secretary keeps the list of all."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.meetings.meetings import MeetingState
from domain.meetings.minutes import draft
from domain.meetings.voting import VoteKind
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence, Whereabouts
from storage.meetings.course import course_of
from storage.meetings.meetings import MeetingEvent, Meetings, Sitting
from storage.meetings.votes import Votes
from tests.meetings import SURE, Gathering
from tests.webapp.conftest import ClientOf

HALF_PAST_SEVEN = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def half_past_seven(database: Database) -> Iterator[None]:
    clock.fix(HALF_PAST_SEVEN)
    yield
    clock.fix(None)


@pytest.fixture
def where(database: Database) -> Callable[..., Whereabouts]:
    """Where somebody is, as the records say."""

    def ask(gathering: Gathering, login: str = "member") -> Whereabouts:
        with database.reading() as session:
            meeting = Meetings(session).get(gathering.meeting)
            return Attendance(session, meeting).whereabouts()[gathering.participants[login]]

    return ask


def code_of(client_of: Callable[[str], FlaskClient], gathering: Gathering) -> str:
    shown = client_of("secretary").get(f"/meetings/{gathering.meeting}/check-in/show").text
    (halves,) = re.findall(r'code-digits">(\d{3}) (\d{3})<', shown)
    return "".join(halves)


def check_in(client: FlaskClient, gathering: Gathering, **form: str) -> TestResponse:
    return client.post(f"/meetings/{gathering.meeting}/check-in", data=form)


def note(client: FlaskClient, gathering: Gathering, *logins: str, **form: str) -> TestResponse:
    ids = [gathering.participants[login] for login in logins]
    return client.post(f"/meetings/{gathering.meeting}/attendance", data={"participant": ids, **form})


def facts(database: Database) -> list[tuple[str, str | None, str]]:
    with database.reading() as session:
        return [(event.kind, event.facts.get("name"), event.parts) for event in session.query(MeetingEvent)]


def has_link(database: Database, gathering: Gathering) -> None:
    with database.writing() as session:
        Meetings(session).get(gathering.meeting).link = "https://hop.example/12"


# By oneself


@pytest.mark.parametrize("login", ["chair", "secretary", "member", "guest"])
def test_whoever_has_the_code_of_the_room_checks_in(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database, login: str
) -> None:
    answer = check_in(client_of(login), convened, code=code_of(client_of, convened))
    assert (answer.status_code, answer.location) == (303, f"/meetings/{convened.meeting}/room")
    assert where(convened, login) is Whereabouts.IN_ROOM
    assert [(kind, parts) for kind, _name, parts in facts(database)] == [("came", "quorum")]
    with database.reading() as session:
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "came"


def test_the_code_may_be_typed_with_a_space_and_pressed_twice(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    code = code_of(client_of, convened)
    for _ in range(2):
        check_in(client_of("member"), convened, code=f"{code[:3]} {code[3:]}")
    assert where(convened) is Whereabouts.IN_ROOM
    assert len(facts(database)) == 1


def test_an_old_code_is_refused_with_a_word_and_what_was_typed_is_kept(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    code = code_of(client_of, convened)
    clock.fix(HALF_PAST_SEVEN + timedelta(minutes=2))
    answer = check_in(client_of("member"), convened, code=code)
    assert answer.status_code == 422
    assert "Mã này không đúng hoặc đã hết hạn" in answer.text
    assert f'value="{code}"' in answer.text
    assert where(convened) is Whereabouts.UNKNOWN
    assert facts(database) == []


def test_the_code_of_another_meeting_is_refused(client_of: ClientOf, convened: Gathering) -> None:
    assert check_in(client_of("member"), convened, code="000000").status_code == 422


def test_the_qr_code_leads_to_the_check_in_with_the_code_filled_in(client_of: ClientOf, convened: Gathering) -> None:
    code = code_of(client_of, convened)
    image = client_of("secretary").get(f"/meetings/{convened.meeting}/check-in.svg")
    assert image.mimetype == "image/svg+xml"
    assert f"{code[:3]} {code[3:]}" in image.text
    assert f'value="{code}"' in client_of("member").get(f"/meetings/{convened.meeting}/check-in?code={code}").text


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("guest", 403), ("staff", 404)])
@pytest.mark.parametrize("path", ["check-in.svg", "check-in/show"])
def test_the_code_is_shown_by_the_head_only(
    client_of: ClientOf, convened: Gathering, login: str, status: int, path: str
) -> None:
    assert client_of(login).get(f"/meetings/{convened.meeting}/{path}").status_code == status


def test_a_clerk_who_runs_the_big_screen_shows_the_code_on_it(client_of: ClientOf, in_session: Gathering) -> None:
    clerk = client_of("clerk")  # prepares meetings, without a part in this one
    assert "check-in.svg" in clerk.get(f"/meetings/{in_session.meeting}/screen").text
    assert clerk.get(f"/meetings/{in_session.meeting}/check-in.svg").mimetype == "image/svg+xml"
    assert clerk.get(f"/meetings/{in_session.meeting}/check-in/show").status_code == 200


def test_after_five_wrong_codes_one_waits_and_is_told_how_long(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts]
) -> None:
    member, code = client_of("member"), code_of(client_of, convened)
    wrong = "000001" if code != "000001" else "000002"
    for _ in range(5):
        assert check_in(member, convened, code=wrong).status_code == 422
    clock.fix(HALF_PAST_SEVEN + timedelta(seconds=30))
    refused = check_in(member, convened, code=code)
    assert refused.status_code == 429, "the right one too, or the machine that guesses would know"
    assert "Hãy đợi 5 phút rồi nhập mã đang chiếu trong phòng, hoặc nhờ thư ký điểm danh." in refused.text
    assert f'value="{code}"' in refused.text
    assert where(convened) is Whereabouts.UNKNOWN
    assert check_in(client_of("deputy"), convened, code=code).status_code == 303, "others are not kept waiting"
    clock.fix(HALF_PAST_SEVEN + timedelta(minutes=6))
    assert check_in(member, convened, code=code_of(client_of, convened)).status_code == 303


def test_online_one_needs_no_code_if_the_meeting_has_a_link(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    assert check_in(client_of("member"), convened, presence="online").status_code == 422
    has_link(database, convened)
    assert check_in(client_of("member"), convened, presence="online").status_code == 303
    assert where(convened) is Whereabouts.ONLINE


def test_nobody_checks_in_more_than_two_hours_before(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts]
) -> None:
    clock.fix(datetime(2026, 11, 24, 22, 59, tzinfo=UTC))
    answer = check_in(client_of("member"), convened, code=code_of(client_of, convened))
    assert answer.status_code == 409
    assert "điểm danh mở từ 06:00 25/11/2026" in answer.text
    assert where(convened) is Whereabouts.UNKNOWN


@pytest.mark.parametrize("state", [MeetingState.CLOSED, MeetingState.CANCELLED])
def test_nobody_comes_after_the_end(client_of: ClientOf, convened: Gathering, database: Database, state: MeetingState) -> None:
    code = code_of(client_of, convened)
    with database.writing() as session:
        over = Meetings(session).get(convened.meeting)
        over.state, over.ics_sequence = state, 1  # people had been called to it
    assert check_in(client_of("member"), convened, code=code).status_code == 409
    assert note(client_of("secretary"), convened, "member", set="in_room").status_code == 409


def test_who_prepares_a_meeting_without_a_part_does_not_check_in(client_of: ClientOf, convened: Gathering) -> None:
    assert check_in(client_of("clerk"), convened, code=code_of(client_of, convened)).status_code == 403
    assert check_in(client_of("staff"), convened, code="1").status_code == 404


def test_leaving_and_coming_back_are_two_stays(
    client_of: ClientOf, in_session: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    client = client_of("member")
    check_in(client, in_session, code=code_of(client_of, in_session))
    client.post(f"/meetings/{in_session.meeting}/leave")
    assert where(in_session) is Whereabouts.LEFT
    check_in(client, in_session, code=code_of(client_of, in_session))
    assert where(in_session) is Whereabouts.IN_ROOM
    assert [kind for kind, _name, _parts in facts(database)] == ["came", "left", "came"]


@pytest.fixture
def open_vote(database: Database, in_session: Gathering) -> int:
    """A vote that was opened while chair and delegate were here."""
    with database.writing() as session:
        meeting = Meetings(session).get(in_session.meeting)
        here = [one for one in meeting.participants if one.person.login in ("chair", "deputy", "delegate", "absentee")]
        for one in here:
            Attendance(session, meeting).come(one, Presence.IN_ROOM, set_by="secretary", set_by_id=None)
        vote = Votes(session).prepare(meeting, kind=VoteKind.NAMED, question="Thông qua Nghị quyết?", item=meeting.items[2])
        Votes(session).open(vote)
        return vote.id


def test_who_comes_while_a_vote_is_open_is_told_that_it_is_not_theirs(
    client_of: ClientOf, in_session: Gathering, open_vote: int, where: Callable[..., Whereabouts]
) -> None:
    client = client_of("member")
    check_in(client, in_session, code=code_of(client_of, in_session))
    assert where(in_session) is Whereabouts.IN_ROOM
    assert "lần này bạn không bỏ phiếu" in client.get(f"/meetings/{in_session.meeting}/room").text


def test_who_comes_back_while_a_vote_is_open_is_told_to_be_on_its_roll(
    client_of: ClientOf, in_session: Gathering, open_vote: int
) -> None:
    client = client_of("delegate")
    client.post(f"/meetings/{in_session.meeting}/leave")
    check_in(client, in_session, code=code_of(client_of, in_session))
    assert "bạn có tên trong danh sách và bỏ phiếu được ngay" in client.get(f"/meetings/{in_session.meeting}/room").text


# By the secretary


def test_the_secretary_notes_several_at_once(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    answer = note(client_of("secretary"), convened, "chair", "member", "guest", set="in_room")
    assert answer.status_code == 303
    assert [where(convened, login) for login in ("chair", "member", "guest", "delegate")] == [
        Whereabouts.IN_ROOM, Whereabouts.IN_ROOM, Whereabouts.IN_ROOM, Whereabouts.UNKNOWN,
    ]  # fmt: skip
    assert [name for _kind, name, _parts in facts(database)] == ["Hồ Thị Chủ Tọa", "Phạm Ủy Viên", "Ngô Khách Mời"]


def test_the_button_of_a_line_concerns_that_line_alone(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts]
) -> None:
    note(client_of("secretary"), convened, "chair", set=f"online:{convened.participants['member']}")
    assert where(convened, "member") is Whereabouts.ONLINE
    assert where(convened, "chair") is Whereabouts.UNKNOWN


def test_an_absence_needs_its_reason(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    client = client_of("secretary")
    answer = note(client, convened, "absentee", set="absent", reason=" ")
    assert answer.status_code == 422
    assert "Ghi vắng mặt cần có lý do" in answer.text
    assert f'value="{convened.participants["absentee"]}" checked' in answer.text
    assert note(client, convened, "absentee", set="absent", reason="Đi công tác").status_code == 303
    assert where(convened, "absentee") is Whereabouts.ABSENT
    assert facts(database) == [("absence_noted", "Trương Văn Vắng", "quorum")]


def test_nothing_is_noted_for_nobody(client_of: ClientOf, convened: Gathering) -> None:
    answer = note(client_of("secretary"), convened, set="in_room")
    assert answer.status_code == 422
    assert "Chưa chọn ai" in answer.text


def test_what_cannot_be_noted_is_not_found(client_of: ClientOf, convened: Gathering) -> None:
    assert note(client_of("secretary"), convened, "member", set="unknown").status_code == 404


@pytest.mark.parametrize(("login", "status"), [("chair", 403), ("member", 403), ("guest", 403), ("clerk", 403), ("staff", 404)])
def test_only_the_secretary_notes_others(
    client_of: ClientOf, convened: Gathering, where: Callable[..., Whereabouts], login: str, status: int
) -> None:
    assert note(client_of(login), convened, "member", set="in_room").status_code == status
    assert where(convened) is Whereabouts.UNKNOWN


@pytest.mark.parametrize(("login", "status"), [("deputy", 200), ("chair", 200), ("member", 403), ("staff", 404)])
def test_the_list_is_read_by_the_head(client_of: ClientOf, convened: Gathering, login: str, status: int) -> None:
    assert client_of(login).get(f"/meetings/{convened.meeting}/attendance").status_code == status
    assert client_of(login).post(f"/meetings/{convened.meeting}/attendance/export").status_code == status


def test_the_list_counts_guests_apart_and_is_filtered(client_of: ClientOf, convened: Gathering) -> None:
    client = client_of("secretary")
    note(client, convened, "chair", "member", "guest", set="in_room")
    note(client, convened, "delegate", set="online")
    said = client.get(f"/meetings/{convened.meeting}/attendance").text
    assert "Có mặt 3/5 thành viên có quyền biểu quyết" in said
    assert "(1 trực tuyến); khách mời, giúp việc: 1/2" in said
    online = client.get(f"/meetings/{convened.meeting}/attendance?show=online").text
    assert "Mai Thị Đại Biểu" in online
    assert "Hồ Thị Chủ Tọa" not in online
    found = client.get(f"/meetings/{convened.meeting}/attendance?q=uy vien pham").text
    assert "Không có ai trong nhóm này" in found
    assert "Phạm Ủy Viên" in client.get(f"/meetings/{convened.meeting}/attendance?q=pham uy").text


@pytest.fixture
def broken_off(client_of: ClientOf, in_session: Gathering, database: Database) -> Gathering:
    """A meeting whose first sitting ended at 17:00 with the chair and a member present; the clock stands at 7:30 of the next day."""
    with database.writing() as session:
        Meetings(session).get(in_session.meeting).opened_at = HALF_PAST_SEVEN
    note(client_of("secretary"), in_session, "chair", "member", set="in_room")
    clock.fix(HALF_PAST_SEVEN.replace(hour=10, minute=0))
    assert client_of("chair").post(f"/meetings/{in_session.meeting}/adjourn").status_code == 303
    clock.fix(HALF_PAST_SEVEN + timedelta(days=1))
    return in_session


def goes_on(client_of: Callable[[str], FlaskClient], gathering: Gathering) -> TestResponse:
    return client_of("chair").post(f"/meetings/{gathering.meeting}/resume", headers={"X-Live": "1"})


def test_who_was_there_on_the_first_day_is_not_there_on_the_second_until_checked_in_again(
    client_of: ClientOf, broken_off: Gathering, where: Callable[..., Whereabouts], database: Database
) -> None:
    assert where(broken_off) == Whereabouts.LEFT
    check_in(client_of("member"), broken_off, code=code_of(client_of, broken_off))
    assert goes_on(client_of, broken_off).status_code == 204
    assert (where(broken_off), where(broken_off, "chair")) == (Whereabouts.IN_ROOM, Whereabouts.LEFT)
    with database.reading() as session:
        stays = Attendance(session, Meetings(session).get(broken_off.meeting)).stays()
        ended = [(stay.participant_id, stay.left_at) for stay in stays if stay.left_at]
    five = HALF_PAST_SEVEN.replace(hour=10, minute=0)
    assert ended == [(broken_off.participants["chair"], five), (broken_off.participants["member"], five)]
    assert ("day_begun", None, "quorum") in facts(database)


def test_a_roll_of_the_second_day_holds_only_who_came_on_it(
    client_of: ClientOf, broken_off: Gathering, database: Database
) -> None:
    goes_on(client_of, broken_off)
    note(client_of("secretary"), broken_off, "delegate", set="in_room")
    with database.writing() as session:
        meeting = Meetings(session).get(broken_off.meeting)
        vote = Votes(session).prepare(meeting, None, kind=VoteKind.NAMED, question="Thông qua")
        Votes(session).open(vote)
        assert [line.participant.person.login for line in Votes(session).roll(vote) if line.was_present] == ["delegate"]
        assert (vote.present, vote.quorum_is_met) == (1, False)


def test_after_a_break_on_the_same_day_all_are_still_there(
    client_of: ClientOf, broken_off: Gathering, where: Callable[..., Whereabouts]
) -> None:
    clock.fix(HALF_PAST_SEVEN.replace(hour=10, minute=15))
    goes_on(client_of, broken_off)
    assert (where(broken_off), where(broken_off, "chair")) == (Whereabouts.IN_ROOM, Whereabouts.IN_ROOM)


def test_the_page_of_the_second_day_asks_to_check_in_again(client_of: ClientOf, broken_off: Gathering) -> None:
    assert 'name="code"' in client_of("member").get(f"/meetings/{broken_off.meeting}/check-in").text


def test_in_the_break_the_room_hears_of_the_next_sitting_and_the_screen_shows_the_code(
    client_of: ClientOf, broken_off: Gathering, database: Database
) -> None:
    eight = HALF_PAST_SEVEN + timedelta(days=1, minutes=30)
    with database.writing() as session:
        meeting = Meetings(session).get(broken_off.meeting)
        meeting.sittings.append(Sitting(starts_at=eight, ends_at=eight + timedelta(hours=3), place="Hội trường B"))
        session.flush()
        meeting.items[2].sitting_id = meeting.sittings[0].id
    parts = f"/meetings/{broken_off.meeting}/parts"
    told = client_of("member").get(parts).get_json()["parts"]
    assert "Phiên tiếp theo: 08:00 26/11/2026 · Hội trường B" in told["now"]
    assert "dự kiến 08:00 26/11" in told["agenda"]
    assert "check-in.svg" in client_of("secretary").get(f"{parts}?on=screen").get_json()["parts"]["now"]


def test_the_minutes_do_not_count_the_night_as_an_absence(
    client_of: ClientOf, broken_off: Gathering, database: Database
) -> None:
    note(client_of("secretary"), broken_off, "member", set="in_room")
    clock.fix(HALF_PAST_SEVEN + timedelta(days=1, hours=1))
    goes_on(client_of, broken_off)
    clock.fix(HALF_PAST_SEVEN + timedelta(days=1, hours=2))
    note(client_of("secretary"), broken_off, "chair", set="in_room")
    clock.fix(HALF_PAST_SEVEN + timedelta(days=1, hours=3))
    client_of("chair").post(f"/meetings/{broken_off.meeting}/close", data={"sure": SURE})
    with database.reading() as session:
        (said,) = (
            one.text for one in draft(course_of(session, Meetings(session).get(broken_off.meeting))) if one.key == "attendance"
        )
    assert "- Phạm Ủy Viên, Ủy viên." in said
    assert "- Hồ Thị Chủ Tọa, Chủ tịch (vắng từ 08 giờ 30 phút ngày 26/11 đến 09 giờ 30 phút ngày 26/11);" in said


def test_the_list_is_exported_with_its_intervals(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    client = client_of("secretary")
    note(client, in_session, "member", set="in_room")
    clock.fix(HALF_PAST_SEVEN + timedelta(minutes=45))
    note(client, in_session, "member", set="left")
    note(client, in_session, "absentee", set="absent", reason="Ốm")
    answer = client.post(f"/meetings/{in_session.meeting}/attendance/export")
    rows = [list(row) for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].values]
    assert rows[2][:2] == ["Có mặt", "0/5 ủy viên, 0/2 khách mời và người giúp việc"]
    assert [4, "Phạm Ủy Viên", "Ủy viên", "Có", "Đã rời họp", "07:30–08:15", None] in rows
    assert [6, "Trương Văn Vắng", "Ủy viên", "Có", "Vắng, có lý do", None, "Ốm"] in rows
    with database.reading() as session:
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "attendance_exported"
