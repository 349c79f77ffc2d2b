"""Correcting the attendance after the close: by the secretary or the chair, with a reason, and never silently."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Stay
from storage.meetings.meetings import MeetingEvent
from storage.meetings.minutes import Minutes
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

SAID = (
    "Bùi Thị Ghi sửa cho Trương Văn Vắng: từ “vắng mặt” thành “có mặt từ 08 giờ 10 phút đến 09 giờ 00 phút, "
    "trực tuyến từ 09 giờ 30 phút đến khi kết thúc”; lý do: Quên quét mã, đã đối chiếu danh sách ký."
)
FORM = {
    "came_0": "2026-11-25T09:30", "left_0": "", "presence_0": "online",
    "came_1": "2026-11-25T08:10", "left_1": "2026-11-25T09:00", "presence_1": "in_room",
    **{f"presence_{row}": "in_room" for row in range(2, 16)},
    "reason": "Quên quét mã, đã đối chiếu danh sách ký.",
}  # fmt: skip


@pytest.fixture
def held(database: Database, cast: Cast) -> Gathering:
    return hold_meeting(database, cast)


@pytest.fixture
def corrects(client_of: ClientOf, held: Gathering) -> Callable[..., TestResponse]:
    def corrects(login: str, of: str = "absentee", **form: str) -> TestResponse:
        return client_of(login).post(f"/meetings/{held.meeting}/attendance/{held.participants[of]}", data=FORM | form)

    return corrects


def stays(database: Database, held: Gathering, login: str) -> list[tuple[str, str | None, str]]:
    with database.reading() as session:
        mine = session.query(Stay).filter_by(participant_id=held.participants[login]).order_by(Stay.came_at)
        return [(f"{one.came_at:%H:%M}", f"{one.left_at:%H:%M}" if one.left_at else None, one.set_by) for one in mine]


def sections(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {one.key: one.text for one in session.query(Minutes).one().sections}


def test_the_secretary_corrects_and_everything_that_is_kept_says_so(
    client_of: ClientOf, corrects: Callable[..., TestResponse], held: Gathering, database: Database
) -> None:
    answer = corrects("secretary")
    assert (answer.status_code, answer.location) == (303, f"/meetings/{held.meeting}/attendance")
    assert stays(database, held, "absentee") == [("01:10", "02:00", "correction"), ("02:30", None, "correction")]
    with database.reading() as session:
        event = session.query(MeetingEvent).filter_by(kind="attendance_corrected").one()
        assert (event.facts["before"], len(event.facts["after"])) == ([], 2)
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "attendance_corrected"
    assert SAID in client_of("deputy").get(f"/meetings/{held.meeting}/attendance").text
    client_of("secretary").post(f"/meetings/{held.meeting}/minutes/draft")
    assert SAID in sections(database)["attendance"]
    assert (
        "Trương Văn Vắng, Ủy viên (đến lúc 08 giờ 10 phút; vắng từ 09 giờ 00 phút đến 09 giờ 30 phút)"
        in sections(database)["attendance"]
    )
    pack = client_of("secretary").post(f"/meetings/{held.meeting}/pack.zip").data
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        (told,) = json.loads(archive.read("goi.json"))["attendance_corrections"]
    assert (told["by"], told["name"], told["reason"]) == ("Bùi Thị Ghi", "Trương Văn Vắng", FORM["reason"])


def test_the_chair_may_note_somebody_absent(corrects: Callable[..., TestResponse], held: Gathering, database: Database) -> None:
    nothing = {"came_0": "", "came_1": "", "left_1": "", "absent_reason": "bận họp tỉnh"}
    assert corrects("chair", "member", **nothing).status_code == 303
    assert stays(database, held, "member") == []
    with database.reading() as session:
        before = session.query(MeetingEvent).filter_by(kind="attendance_corrected").one().facts["before"]
    assert [(one["presence"], one["left_at"]) for one in before] == [("in_room", None)], "what stood there is kept"


def test_a_draft_that_nobody_touched_is_written_anew(
    client_of: ClientOf, corrects: Callable[..., TestResponse], held: Gathering, database: Database
) -> None:
    client_of("secretary").post(f"/meetings/{held.meeting}/minutes/draft")
    corrects("secretary")
    assert "có mặt 5, vắng 0." in sections(database)["attendance"]
    assert SAID in sections(database)["attendance"]


def test_minutes_that_were_worked_on_keep_their_text_and_lose_their_approvals(
    client_of: ClientOf, corrects: Callable[..., TestResponse], held: Gathering, database: Database
) -> None:
    secretary, at = client_of("secretary"), f"/meetings/{held.meeting}/minutes"
    secretary.post(f"{at}/draft")
    secretary.post(f"{at}/0/sections/attendance", data={"text": "Có mặt đủ.", "revision": 1})
    secretary.post(f"{at}/0/approve", data={"approver": "secretary", "revision": 2})
    corrects("chair")
    text = sections(database)["attendance"]
    assert text.startswith("Có mặt đủ.\n- ")
    assert "Hồ Thị Chủ Tọa sửa cho Trương Văn Vắng" in text
    with database.reading() as session:
        assert session.query(Minutes).one().approvals == []


def test_once_the_minutes_are_locked_only_an_annex_corrects(
    client_of: ClientOf, corrects: Callable[..., TestResponse], held: Gathering, database: Database
) -> None:
    at = f"/meetings/{held.meeting}/minutes"
    client_of("secretary").post(f"{at}/draft")
    client_of("secretary").post(f"{at}/0/approve", data={"approver": "secretary", "revision": 1})
    client_of("chair").post(f"{at}/0/approve", data={"approver": "chair", "revision": 1})
    refused = corrects("secretary")
    assert refused.status_code == 409
    assert "hãy mở một phụ lục" in refused.text
    assert stays(database, held, "absentee") == []


@pytest.mark.parametrize(
    ("login", "status"), [("deputy", 403), ("member", 403), ("guest", 403), ("clerk", 403), ("staff", 404)]
)
def test_others_correct_nothing(
    client_of: ClientOf, corrects: Callable[..., TestResponse], held: Gathering, database: Database, login: str, status: int
) -> None:
    assert corrects(login).status_code == status
    assert client_of(login).get(f"/meetings/{held.meeting}/attendance/{held.participants['member']}").status_code == status
    assert stays(database, held, "absentee") == []


def test_before_the_close_there_is_nothing_to_correct(client_of: ClientOf, in_session: Gathering) -> None:
    address = f"/meetings/{in_session.meeting}/attendance/{in_session.participants['member']}"
    assert client_of("secretary").get(address).status_code == 409
    assert client_of("secretary").post(address, data=FORM).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": " "}, "Hãy ghi lý do sửa"),
        ({"came_1": "2026-11-25T09:10", "left_1": ""}, "chồng lên khoảng trước"),
        ({"left_1": "2026-11-25T08:00"}, "Giờ rời phải sau giờ đến"),
        ({"came_1": "2026-11-26T08:10", "left_1": ""}, "Giờ đến nằm ngoài cuộc họp"),
        ({"came_1": ""}, "Thiếu giờ đến"),
        ({"came_1": "tám giờ"}, "Giờ không đúng"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    corrects: Callable[..., TestResponse], database: Database, held: Gathering, wrong: dict[str, str], says: str
) -> None:
    answer = corrects("secretary", **wrong)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="2026-11-25T09:30"' in answer.text
    assert stays(database, held, "absentee") == []


def test_who_left_and_came_back_many_times_keeps_every_interval_in_the_form(
    client_of: ClientOf, database: Database, held: Gathering
) -> None:
    who = held.participants["absentee"]
    with database.writing() as session:
        for hour in range(1, 7):
            came = datetime(2026, 11, 25, hour, 10, tzinfo=UTC)
            session.add(
                Stay(participant_id=who, presence="in_room", came_at=came, left_at=came + timedelta(minutes=20), set_by="self")
            )
    page = client_of("chair").get(f"/meetings/{held.meeting}/attendance/{who}").text
    assert re.findall(r'name="came_\d+"[^>]*value="2026-11-25T(\d\d:\d\d)"', page) == [f"{hour:02}:10" for hour in range(8, 14)]


def test_the_form_shows_what_was_noted(client_of: ClientOf, held: Gathering) -> None:
    page = client_of("chair").get(f"/meetings/{held.meeting}/attendance/{held.participants['member']}").text
    assert 'value="2026-11-25T08:00"' in page
