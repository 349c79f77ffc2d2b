"""The floor: asking for it, being called, the clock, the list, and people without a device."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.speaking import SpeechState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.floor import Floor, Speech
from storage.meetings.meetings import MeetingEvent, Meetings
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from webapp.meetings.live.parts import render_parts
from webapp.meetings.live.rights import MEMBERS


@pytest.fixture
def press(client_of: ClientOf, in_session: Gathering) -> Callable[..., int]:
    """Press a button of the floor as somebody; the status of the answer."""

    def press(login: str, path: str = "floor", **form: str) -> int:
        return client_of(login).post(f"/meetings/{in_session.meeting}/{path}", data=form, headers={"X-Live": "1"}).status_code

    return press


@pytest.fixture
def speeches(database: Database) -> Callable[[], list[tuple[str, str, str]]]:
    """Who has asked, and how far each speech is."""

    def ask() -> list[tuple[str, str, str]]:
        with database.reading() as session:
            return [(one.participant.person.login, str(one.kind), str(one.state)) for one in session.query(Speech)]

    return ask


@pytest.fixture
def order(database: Database, in_session: Gathering) -> Callable[[], list[str]]:
    """Who waits, in the order of calling."""

    def ask() -> list[str]:
        with database.reading() as session:
            floor = Floor(session, Meetings(session).get(in_session.meeting))
            return [one.participant.person.login for one in floor.waiting()]

    return ask


def events(database: Database) -> list[str]:
    with database.reading() as session:
        return [event.kind for event in session.query(MeetingEvent).order_by(MeetingEvent.revision)]


def last_entry(database: Database) -> str:
    with database.reading() as session:
        return session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act


def put_on_floor(database: Database, gathering: Gathering, number: int) -> None:
    with database.writing() as session:
        for item in Meetings(session).get(gathering.meeting).items:
            item.state = ItemState.WAITING
        session.flush()
        Meetings(session).get(gathering.meeting).items[number].state = ItemState.ON_FLOOR


# Asking


@pytest.mark.parametrize("login", ["chair", "secretary", "member", "guest"])
def test_everybody_with_a_part_asks_for_the_floor(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]], database: Database, login: str
) -> None:
    assert press(login) == 204
    assert speeches() == [(login, "speech", "waiting")]
    assert events(database) == ["speech_requested"]
    assert last_entry(database) == "speech_requested"


def test_who_has_no_part_asks_for_nothing(press: Callable[..., int]) -> None:
    assert press("clerk") == 403
    assert press("staff") == 404


def test_a_request_that_is_sent_again_arrives_once(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]]
) -> None:
    for _ in range(3):
        assert press("member", client_id="queued-on-the-device", act_id="a-key", pressed_ms="1795572000000") == 204
    assert press("member", client_id="queued-on-the-device", act_id="another") == 204
    assert speeches() == [("member", "speech", "waiting")]


def test_the_key_of_a_queued_press_is_the_id_of_its_request(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]], database: Database
) -> None:
    press("member", act_id="a-key")
    with database.reading() as session:
        speech = session.query(Speech).one()
        assert speech.client_id == f"{speech.participant.person_id}:a-key", "the key of a press belongs to who made it"


def test_a_request_that_comes_late_is_refused_if_its_item_has_passed(
    client_of: ClientOf, in_session: Gathering, database: Database, speeches: Callable[[], list[tuple[str, str, str]]]
) -> None:
    put_on_floor(database, in_session, 1)
    answer = client_of("member").post(f"/meetings/{in_session.meeting}/floor", data={"item": in_session.items[0]})
    assert answer.status_code == 409
    assert "Nội dung mà bạn đăng ký phát biểu đã kết thúc" in answer.text
    assert speeches() == []


def test_nobody_asks_while_the_meeting_does_not_sit(
    press: Callable[..., int], database: Database, in_session: Gathering
) -> None:
    with database.writing() as session:
        Meetings(session).get(in_session.meeting).state = MeetingState.ADJOURNED
    assert press("member") == 409


def test_a_guest_of_one_item_asks_while_that_item_is_on_the_floor(
    press: Callable[..., int], database: Database, in_session: Gathering
) -> None:
    put_on_floor(database, in_session, 1)
    assert press("guest") == 403
    put_on_floor(database, in_session, 2)
    assert press("guest") == 204


def test_when_the_list_is_closed_only_points_of_order_are_taken(
    press: Callable[..., int], order: Callable[[], list[str]], database: Database
) -> None:
    assert press("chair", "floor/list", takes="no") == 204
    assert press("member") == 409
    assert press("member", kind="point_of_order") == 204
    assert press("chair", "floor/list", takes="yes") == 204
    assert press("delegate") == 204
    assert order() == ["member", "delegate"]
    assert [kind for kind in events(database) if kind.startswith("speakers")] == ["speakers_closed", "speakers_opened"]


def test_a_question_names_who_is_asked(press: Callable[..., int], client_of: ClientOf, in_session: Gathering) -> None:
    assert press("member", kind="question", asked_of=in_session.participants["chair"]) == 204
    assert "chất vấn Hồ Thị Chủ Tọa" in client_of("delegate").get(f"/meetings/{in_session.meeting}/room").text
    assert press("member", kind="question", asked_of="999") == 404


def test_what_is_no_kind_of_speech_is_not_found(press: Callable[..., int]) -> None:
    assert press("member", kind="song") == 404


def test_one_takes_the_own_request_back_and_no_other(
    press: Callable[..., int], order: Callable[[], list[str]], database: Database
) -> None:
    press("member")
    press("delegate")
    assert press("delegate", "floor/1/withdraw") == 403
    assert press("member", "floor/1/withdraw") == 204
    assert order() == ["delegate"]
    assert last_entry(database) == "speech_withdrawn"
    assert press("member", "floor/1/withdraw") == 409


def test_who_presides_and_the_secretary_take_any_request_off_the_list(
    press: Callable[..., int], order: Callable[[], list[str]]
) -> None:
    press("member")
    press("delegate")
    assert press("chair", "floor/1/withdraw") == 204
    assert press("secretary", "floor/2/withdraw") == 204
    assert order() == []


# Calling


def test_a_speech_is_called_paused_resumed_given_a_minute_and_ended(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]], database: Database
) -> None:
    press("member")
    for path in ("call", "pause", "resume", "extend", "end"):
        assert press("chair", f"floor/1/{path}") == 204
    assert speeches() == [("member", "speech", "ended")]
    assert events(database) == [
        "speech_requested", "speech_called", "speech_paused", "speech_resumed", "speech_extended", "speech_ended",
    ]  # fmt: skip
    assert last_entry(database) == "speech_ended"
    with database.reading() as session:
        assert session.query(Speech).one().allotted_ms == 360_000


@pytest.mark.parametrize("path", ["call", "move", "pause", "resume", "extend"])
@pytest.mark.parametrize("login", ["deputy", "secretary", "member", "delegate"])
def test_only_who_presides_gives_the_floor(press: Callable[..., int], login: str, path: str) -> None:
    press("member")
    assert press(login, f"floor/1/{path}") == 403


@pytest.mark.parametrize("path", ["list", "time"])
def test_only_who_presides_rules_the_list(press: Callable[..., int], path: str) -> None:
    assert press("secretary", f"floor/{path}", takes="no", minutes="3") == 403


def test_a_speaker_ends_the_own_speech_and_no_other(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]]
) -> None:
    press("member")
    press("chair", "floor/1/call")
    assert press("delegate", "floor/1/end") == 403
    assert press("member", "floor/1/end") == 204
    assert speeches() == [("member", "speech", "ended")]


def test_nobody_is_called_in_a_break_and_nothing_ends_twice(
    press: Callable[..., int], database: Database, in_session: Gathering
) -> None:
    press("member")
    assert press("chair", "floor/1/end") == 409
    with database.writing() as session:
        Meetings(session).get(in_session.meeting).state = MeetingState.ADJOURNED
    assert press("chair", "floor/1/call") == 409


def test_calling_the_next_ends_the_speech_before_and_says_so(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]], database: Database
) -> None:
    press("member")
    press("delegate")
    press("chair", "floor/1/call")
    assert press("chair", "floor/2/call") == 204
    assert speeches() == [("member", "speech", "ended"), ("delegate", "speech", "speaking")]
    assert events(database)[-2:] == ["speech_ended", "speech_called"]


def test_a_point_of_order_interrupts_the_speech(
    press: Callable[..., int], speeches: Callable[[], list[tuple[str, str, str]]]
) -> None:
    press("member")
    press("chair", "floor/1/call")
    press("delegate", kind="point_of_order")
    press("chair", "floor/2/call")
    assert speeches()[0] == ("member", "speech", SpeechState.PAUSED)


def test_the_chair_changes_the_order(press: Callable[..., int], order: Callable[[], list[str]], database: Database) -> None:
    press("member")
    press("delegate")
    assert press("chair", "floor/2/move", to="up") == 204
    assert order() == ["delegate", "member"]
    assert press("chair", "floor/2/move", to="up") == 204  # it stands first already: nothing happens
    assert events(database).count("speech_moved") == 1


def test_the_time_of_a_speech_is_set_for_those_that_follow(press: Callable[..., int], database: Database) -> None:
    assert press("chair", "floor/time", minutes="3") == 204
    press("member")
    press("chair", "floor/1/call")
    with database.reading() as session:
        assert session.query(Speech).one().allotted_ms == 180_000
    assert press("chair", "floor/time", minutes="0") == 404
    assert press("chair", "floor/time", minutes="61") == 404


# For people without a device


def test_the_secretary_asks_for_somebody_without_a_device(
    press: Callable[..., int], order: Callable[[], list[str]], database: Database, in_session: Gathering, cast: Cast
) -> None:
    assert press("secretary", "floor/record", participant=in_session.participants["delegate"]) == 204
    assert order() == ["delegate"]
    with database.reading() as session:
        assert session.query(Speech).one().recorded_by_id == cast.people["secretary"]


@pytest.mark.parametrize("login", ["chair", "member", "guest"])
def test_nobody_else_asks_for_others(press: Callable[..., int], in_session: Gathering, login: str) -> None:
    assert press(login, "floor/record", participant=in_session.participants["delegate"]) == 403


# What is shown


def test_the_screen_shows_the_speaker_with_an_absolute_end(
    press: Callable[..., int], client_of: ClientOf, in_session: Gathering
) -> None:
    press("member")
    press("delegate")
    press("chair", "floor/1/call")
    shown = client_of("secretary").get(f"/meetings/{in_session.meeting}/screen").text
    assert "Phạm Ủy Viên" in shown
    assert "Tiếp theo: Mai Thị Đại Biểu" in shown
    assert re.search(r'class="countdown" data-ends-at="\d{13}"', shown)
    assert "floor/1/" not in shown  # nothing is pressed on the screen


def test_a_part_for_all_members_carries_no_token_and_hides_what_is_meant_for_one(
    app: Flask, press: Callable[..., int], database: Database, in_session: Gathering, cast: Cast
) -> None:
    press("member")
    with app.test_request_context(), database.reading() as session:
        meeting = Meetings(session).get(in_session.meeting)
        part = render_parts(session, meeting, MEMBERS, ("floor",))["floor"]
    assert "csrf_token" not in part
    assert f'data-only-me="{cast.people["member"]}" hidden' in part
    assert "floor/1/withdraw" in part
    assert "floor/1/call" not in part


def test_the_list_of_everybody_stands_in_the_page_and_is_not_sent_again_with_each_message(
    app: Flask, client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    page = client_of("member").get(f"/meetings/{in_session.meeting}/room").text
    assert '<template id="people">' in page
    with app.test_request_context(), database.reading() as session:
        sent = render_parts(session, Meetings(session).get(in_session.meeting), MEMBERS, ("floor",))["floor"]
    assert "data-people" in sent
    assert "Mai Thị Đại Biểu" not in sent
