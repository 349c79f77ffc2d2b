"""The chair's desk: the steps of a meeting, the next action, the live agenda with its undo, the seat, incidents."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.papers import PaperState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence, Stay
from storage.meetings.floor import Asking, Floor
from storage.meetings.meetings import Meeting, MeetingEvent, Meetings
from storage.meetings.papers import Paper, Papers, PaperVersion
from tests.cast import Cast
from tests.meetings import SURE, Gathering
from tests.webapp.conftest import ClientOf

OfMeeting = Callable[[Gathering, Callable[[Meeting], Any]], Any]


@pytest.fixture
def press(client_of: ClientOf) -> Callable[..., int]:
    """Press a button of a meeting as somebody; the status of the answer."""

    def press(login: str, gathering: Gathering, path: str, **form: int | str) -> int:
        sent = {"sure": SURE, **form}
        return client_of(login).post(f"/meetings/{gathering.meeting}/{path}", data=sent, headers={"X-Live": "1"}).status_code

    return press


@pytest.fixture
def meeting(database: Database) -> OfMeeting:
    """What a meeting is like now: a function of it."""

    def ask(gathering: Gathering, what: Callable[[Meeting], Any]) -> Any:
        with database.reading() as session:
            return what(Meetings(session).get(gathering.meeting))

    return ask


def states(found: Meeting) -> list[str]:
    return [str(item.state) for item in found.items]


def events(database: Database) -> list[tuple[str, int | None]]:
    with database.reading() as session:
        return [(event.kind, event.item_id) for event in session.query(MeetingEvent).order_by(MeetingEvent.revision)]


def entries(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def page(client: FlaskClient, gathering: Gathering) -> str:
    answer = client.get(f"/meetings/{gathering.meeting}/desk")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def come(database: Database, gathering: Gathering, *logins: str) -> None:
    with database.writing() as session:
        found = Meetings(session).get(gathering.meeting)
        for one in found.participants:
            if one.person.login in logins:
                Attendance(session, found).come(one, Presence.IN_ROOM, set_by="secretary", set_by_id=None)


# The page


@pytest.mark.parametrize("login", ["chair", "deputy", "secretary"])
def test_the_head_sees_the_desk(client_of: ClientOf, in_session: Gathering, login: str) -> None:
    assert client_of(login).get(f"/meetings/{in_session.meeting}/desk").status_code == 200


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("guest", 403), ("clerk", 403), ("staff", 404)])
def test_nobody_else_sees_the_desk(client_of: ClientOf, in_session: Gathering, login: str, status: int) -> None:
    client = client_of(login)
    for path in ("desk", "desk/parts", "desk/readiness", "seat"):
        assert client.get(f"/meetings/{in_session.meeting}/{path}").status_code == status


def test_the_strip_says_how_the_presence_stands_to_the_rule(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    come(database, in_session, "chair", "deputy", "member", "guest")
    assert "Có mặt 3/5, cần 4, thiếu 1" in page(client_of("chair"), in_session)
    come(database, in_session, "delegate")
    said = page(client_of("chair"), in_session)
    assert "Có mặt 4/5, cần 4, đủ" in said
    assert "Thêm 1 người rời là mất" in said
    assert "1 khách mời, giúp việc" in said


def test_who_presides_has_the_next_action_and_the_others_may_take_over(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    come(database, in_session, "chair", "deputy", "member", "delegate")
    mine, theirs = page(client_of("chair"), in_session), page(client_of("deputy"), in_session)
    assert "Chuyển sang nội dung 1" in mine
    assert "Tiếp quản điều hành" not in mine
    assert "Tiếp quản điều hành" in theirs
    assert "Hồ Thị Chủ Tọa đang điều hành." in theirs


def test_the_parts_of_the_desk_are_fetched_once_for_each_revision(
    client_of: ClientOf, in_session: Gathering, press: Callable[..., int]
) -> None:
    client, address = client_of("chair"), f"/meetings/{in_session.meeting}/desk/parts"
    first = client.get(address)
    assert set(first.get_json()["parts"]) == {"quorum", "now", "vote", "floor", "agenda", "next", "course", "shown"}
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    press("chair", in_session, f"items/{in_session.items[0]}/take-up")
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).get_json()["revision"] == 1


def test_readiness_names_who_is_here_without_a_device(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    come(database, in_session, "member")
    said = client_of("chair").get(f"/meetings/{in_session.meeting}/desk/readiness").text
    assert "0/1 người có mặt đã kết nối" in said
    assert "Phạm Ủy Viên" in said
    assert "Trương Văn Vắng" not in said


def test_readiness_says_how_many_of_those_present_have_opened_the_papers_of_the_item(
    client_of: ClientOf, press: Callable[..., int], in_session: Gathering, database: Database, cast: Cast
) -> None:
    come(database, in_session, "member", "delegate")
    press("chair", in_session, f"items/{in_session.items[2]}/take-up")
    with database.writing() as session:
        papers = Papers(session, Meetings(session).get(in_session.meeting))
        version = PaperVersion(number=1, state=PaperState.PUBLISHED, file_name="du-thao.docx", media_type="application/msword")
        session.add(
            Paper(meeting_id=in_session.meeting, item_id=in_session.items[2], title="Dự thảo Nghị quyết", versions=[version])
        )
        session.flush()
        papers.note_opened(version, cast.people["member"], 1)
        papers.note_opened(version, cast.people["absentee"], 1)
    said = client_of("chair").get(f"/meetings/{in_session.meeting}/desk/readiness").text
    assert "“Dự thảo Nghị quyết”: 1/2 người có mặt đã mở" in said


# Steps of the meeting


@pytest.mark.parametrize("login", ["chair", "deputy", "secretary"])
def test_whoever_of_the_head_opens_the_meeting_presides_and_is_here(
    press: Callable[..., int],
    meeting: OfMeeting,
    convened: Gathering,
    database: Database,
    cast: Cast,
    login: str,
) -> None:
    assert press(login, convened, "open") == 204
    assert meeting(convened, lambda found: (found.state, found.presiding_id)) == (MeetingState.OPEN, cast.people[login])
    assert events(database) == [("came", None), ("meeting_opened", None)]
    assert entries(database)[-1] == "meeting_opened"
    with database.reading() as session:
        (stay,) = session.query(Stay)
        assert (stay.participant_id, str(stay.presence), stay.set_by) == (convened.participants[login], "in_room", "opening")


def test_who_opens_it_from_afar_stays_online(press: Callable[..., int], convened: Gathering, database: Database) -> None:
    with database.writing() as session:
        meeting = session.get_one(Meeting, convened.meeting)
        chair = next(one for one in meeting.participants if one.id == convened.participants["chair"])
        Attendance(session, meeting).come(chair, Presence.ONLINE, set_by="self", set_by_id=None)
    assert press("chair", convened, "open") == 204
    assert events(database) == [("meeting_opened", None)]


@pytest.mark.parametrize("login", ["member", "guest"])
def test_members_and_guests_open_nothing(press: Callable[..., int], convened: Gathering, login: str) -> None:
    assert press(login, convened, "open") == 403


def test_an_open_meeting_is_not_opened_again(press: Callable[..., int], in_session: Gathering) -> None:
    assert press("deputy", in_session, "open") == 409


def test_a_meeting_is_interrupted_resumed_and_closed(
    press: Callable[..., int],
    meeting: OfMeeting,
    in_session: Gathering,
    database: Database,
) -> None:
    press("chair", in_session, f"items/{in_session.items[0]}/take-up")
    for path, state in [
        ("adjourn", MeetingState.ADJOURNED), ("resume", MeetingState.OPEN), ("close", MeetingState.CLOSED),
    ]:  # fmt: skip
        assert press("chair", in_session, path) == 204
        assert meeting(in_session, lambda found: found.state) is state
    assert meeting(in_session, lambda found: (found.items[0].state, found.closed_at is not None)) == (ItemState.DONE, True)
    assert [kind for kind, _item in events(database)] == [
        "item_taken_up", "meeting_adjourned", "meeting_resumed", "item_done", "meeting_closed",
    ]  # fmt: skip
    assert entries(database)[-1] == "meeting_closed"


@pytest.mark.parametrize("path", ["adjourn", "close", "undo"])
def test_who_does_not_preside_takes_no_step(press: Callable[..., int], in_session: Gathering, path: str) -> None:
    assert press("deputy", in_session, path) == 403


@pytest.mark.parametrize("path", ["adjourn", "close"])
def test_a_running_speech_blocks_the_end_with_a_clear_word(
    client_of: ClientOf, in_session: Gathering, database: Database, path: str
) -> None:
    with database.writing() as session:
        found = Meetings(session).get(in_session.meeting)
        floor = Floor(session, found)
        floor.call(floor.ask(found.participants[3], Asking())[0], found.ends_at - found.starts_at)
    answer = client_of("chair").post(f"/meetings/{in_session.meeting}/{path}")
    assert answer.status_code == 409
    assert "Đang có người phát biểu" in answer.text


def test_a_closed_meeting_takes_no_step(press: Callable[..., int], in_session: Gathering) -> None:
    press("chair", in_session, "close")
    for path in ("close", "resume", "adjourn", f"items/{in_session.items[0]}/take-up", "seat"):
        assert press("chair", in_session, path) == 409


# The agenda while the meeting runs


def test_taking_up_an_item_ends_the_one_before(
    press: Callable[..., int],
    meeting: OfMeeting,
    in_session: Gathering,
    database: Database,
) -> None:
    first, second, _third = in_session.items
    assert press("chair", in_session, f"items/{first}/take-up") == 204
    assert press("chair", in_session, f"items/{second}/take-up") == 204
    assert meeting(in_session, states) == ["done", "on_floor", "waiting"]
    assert events(database) == [("item_taken_up", first), ("item_taken_up", second)]
    assert entries(database)[-1] == "item_taken_up"


def test_an_item_is_ended_and_another_postponed(press: Callable[..., int], meeting: OfMeeting, in_session: Gathering) -> None:
    first, second, _third = in_session.items
    press("chair", in_session, f"items/{first}/take-up")
    assert press("chair", in_session, f"items/{first}/done") == 204
    assert press("chair", in_session, f"items/{second}/postpone") == 204
    assert meeting(in_session, states) == ["done", "postponed", "waiting"]
    assert press("chair", in_session, f"items/{second}/done") == 409
    assert press("chair", in_session, f"items/{first}/postpone") == 409


def test_items_that_wait_change_their_order_and_others_do_not(
    press: Callable[..., int], meeting: OfMeeting, in_session: Gathering
) -> None:
    first, second, third = in_session.items
    press("chair", in_session, f"items/{first}/take-up")
    assert press("chair", in_session, f"items/{third}/move", to="up") == 204
    assert meeting(in_session, lambda found: [item.id for item in found.items]) == [first, third, second]
    assert press("chair", in_session, f"items/{third}/move", to="up") == 409


@pytest.mark.parametrize("path", ["take-up", "done", "postpone", "move"])
def test_the_agenda_is_of_who_presides_alone(press: Callable[..., int], in_session: Gathering, path: str) -> None:
    assert press("secretary", in_session, f"items/{in_session.items[0]}/{path}") == 403
    assert press("member", in_session, f"items/{in_session.items[0]}/{path}") == 403


def test_an_item_of_another_meeting_is_not_found(press: Callable[..., int], in_session: Gathering) -> None:
    assert press("chair", in_session, "items/999/take-up") == 404


def test_nothing_is_taken_up_in_a_break(press: Callable[..., int], in_session: Gathering) -> None:
    press("chair", in_session, "adjourn")
    assert press("chair", in_session, f"items/{in_session.items[0]}/take-up") == 409


def test_a_speech_that_was_interrupted_ends_with_its_item(
    press: Callable[..., int], in_session: Gathering, database: Database
) -> None:
    press("chair", in_session, f"items/{in_session.items[0]}/take-up")
    press("member", in_session, "floor")
    press("chair", in_session, "floor/1/call")
    press("chair", in_session, "floor/1/pause")
    assert press("chair", in_session, f"items/{in_session.items[1]}/take-up") == 204
    assert [kind for kind, _item in events(database)][-2:] == ["speech_ended", "item_taken_up"]


def test_the_last_step_is_taken_back_and_then_the_one_before_it(
    press: Callable[..., int],
    meeting: OfMeeting,
    in_session: Gathering,
    database: Database,
) -> None:
    first, second, _third = in_session.items
    press("chair", in_session, f"items/{first}/take-up")
    press("chair", in_session, f"items/{second}/take-up")
    assert press("chair", in_session, "undo", revision=2) == 204
    assert meeting(in_session, states) == ["on_floor", "waiting", "waiting"]
    assert meeting(in_session, lambda found: found.items[0].done_at) is None
    assert press("chair", in_session, "undo", revision=1) == 204
    assert meeting(in_session, states) == ["waiting", "waiting", "waiting"]
    assert [kind for kind, _item in events(database)][-2:] == ["agenda_step_undone", "agenda_step_undone"]
    assert entries(database)[-1] == "agenda_step_undone"


def test_an_undo_of_a_step_that_is_no_longer_the_last_is_refused(
    press: Callable[..., int], meeting: OfMeeting, in_session: Gathering
) -> None:
    first, second, _third = in_session.items
    press("chair", in_session, f"items/{first}/take-up")
    press("chair", in_session, f"items/{second}/take-up")
    assert press("chair", in_session, "undo", revision=1) == 409
    assert meeting(in_session, states) == ["done", "on_floor", "waiting"]


# The seat


def test_the_deputy_takes_the_seat_over_in_two_taps(
    client_of: ClientOf,
    meeting: OfMeeting,
    in_session: Gathering,
    database: Database,
    cast: Cast,
) -> None:
    client = client_of("deputy")
    asked = client.get(f"/meetings/{in_session.meeting}/seat").text
    form = dict(re.findall(r'name="(from|act_id)" value="([^"]*)"', asked))
    answer = client.post(f"/meetings/{in_session.meeting}/seat", data=form)
    assert (answer.status_code, answer.location) == (303, f"/meetings/{in_session.meeting}/desk")
    assert meeting(in_session, lambda found: found.presiding_id) == cast.people["deputy"]
    assert entries(database)[-1] == "seat_taken"
    assert "Chuyển sang nội dung 1" in page(client, in_session) or "Điểm danh" in page(client, in_session)
    assert "Tiếp quản điều hành" in page(client_of("chair"), in_session)


def test_of_two_who_take_the_seat_at_the_same_moment_the_second_is_told(
    client_of: ClientOf, meeting: OfMeeting, in_session: Gathering, cast: Cast
) -> None:
    before = str(cast.people["chair"])  # what both have seen
    address = f"/meetings/{in_session.meeting}/seat"
    assert client_of("deputy").post(address, data={"from": before}).status_code == 303
    late = client_of("secretary").post(address, data={"from": before})
    assert late.status_code == 409
    assert "Đinh Văn Phó vừa nhận điều hành cuộc họp" in late.text
    assert meeting(in_session, lambda found: found.presiding_id) == cast.people["deputy"]


def test_after_the_seat_has_moved_the_chair_acts_no_more(press: Callable[..., int], in_session: Gathering, cast: Cast) -> None:
    press("secretary", in_session, "seat", **{"from": cast.people["chair"]})
    assert press("chair", in_session, f"items/{in_session.items[0]}/take-up") == 403
    assert press("secretary", in_session, f"items/{in_session.items[0]}/take-up") == 204


def test_members_cannot_take_the_seat(press: Callable[..., int], in_session: Gathering, cast: Cast) -> None:
    assert press("member", in_session, "seat", **{"from": cast.people["chair"]}) == 403


def test_all_are_told_who_presides(client_of: ClientOf, press: Callable[..., int], in_session: Gathering, cast: Cast) -> None:
    press("deputy", in_session, "seat", **{"from": cast.people["chair"]})
    assert "Điều hành: Đinh Văn Phó" in client_of("member").get(f"/meetings/{in_session.meeting}/room").text


# Incidents


@pytest.mark.parametrize("login", ["chair", "deputy", "secretary"])
def test_an_incident_is_noted_and_shown(
    press: Callable[..., int], client_of: ClientOf, in_session: Gathering, database: Database, login: str
) -> None:
    assert press(login, in_session, "incidents", text="  Mất điện   hội trường 5 phút ") == 204
    with database.reading() as session:
        assert session.query(MeetingEvent).one().facts == {"text": "Mất điện hội trường 5 phút"}
    assert "Mất điện hội trường 5 phút" in page(client_of("secretary"), in_session)
    assert entries(database)[-1] == "incident_noted"


def test_an_empty_incident_is_none_and_members_note_none(
    press: Callable[..., int], in_session: Gathering, database: Database
) -> None:
    assert press("chair", in_session, "incidents", text="  ") == 204
    assert press("member", in_session, "incidents", text="Ồn ào") == 403
    assert events(database) == []
