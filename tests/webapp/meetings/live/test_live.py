"""What the room hears: each audience its own parts and nothing else, in order; who may listen, and when a socket is closed."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy.orm import Session

from domain.meetings.meetings import Part, Right
from domain.people.roles import Permission
from storage.ground.database import Database
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent, Meetings, Participant
from storage.people.people import People, SignIn
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from webapp import realtime
from webapp.ground.access import requires
from webapp.ground.sockets import BURST, Socket, socketio
from webapp.ground.words import ACTS
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import Act, acts
from webapp.meetings.live.view import RoomView

bp = Blueprint("bell", __name__)
TITLES = [
    "Khai mạc, thông qua chương trình",
    "Báo cáo kết quả công tác năm 2026",
    "Thông qua Nghị quyết về chuyển đổi số",
]


@bp.post("/meetings/<int:meeting_id>/bell")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.ATTEND)
def ring(act: Act) -> None:
    """An act of no consequence, but for the agenda."""
    act.record("bell_rung", parts="now agenda")


@pytest.fixture(autouse=True)
def bell(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.register_blueprint(bp)
    monkeypatch.setitem(ACTS, "bell_rung", "Rung chuông")


@pytest.fixture
def socket_of(app: Flask, client_of: ClientOf) -> Iterator[Callable[..., SocketIOTestClient]]:
    """A socket of one of the cast; all are closed at the end, and what beats for them stops."""
    sockets = []

    def socket_of(login: str, client: FlaskClient | None = None) -> SocketIOTestClient:
        sockets.append(socketio.test_client(app, flask_test_client=client or client_of(login)))
        return sockets[-1]

    yield socket_of
    for socket in sockets:
        if socket.is_connected():
            socket.disconnect()
    while app.extensions["heart"].is_beating.locked() or app.extensions["rooms"].watching.locked():
        time.sleep(0.01)


@pytest.fixture
def listener(socket_of: Callable[..., SocketIOTestClient], in_session: Gathering) -> Callable[..., SocketIOTestClient]:
    """A socket that follows the meeting."""

    def listener(login: str, kind: str = "meeting", client: FlaskClient | None = None) -> SocketIOTestClient:
        socket = socket_of(login, client)
        assert socket.emit("follow", f"{kind}:{in_session.meeting}", callback=True) is not False
        socket.get_received()
        return socket

    return listener


def heard(socket: SocketIOTestClient, name: str = "changed") -> list[dict[str, Any]]:
    return [message["args"][0] for message in socket.get_received() if message["name"] == name]


def rings(client: FlaskClient, gathering: Gathering, key: str = "", **headers: object) -> None:
    answer = client.post(f"/meetings/{gathering.meeting}/bell", data={"act_id": key}, headers={"X-Live": "1", **headers})
    assert answer.status_code == 204


def happens_elsewhere(database: Database, gathering: Gathering, kind: str = "bell_rung", parts: str = "now") -> None:
    """An event that another process committed, or whose announcement was lost."""
    with database.writing() as session:
        Meetings(session).add_event(session.get_one(Meeting, gathering.meeting), kind, parts=parts)


@pytest.fixture(autouse=True)
def _nobody_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "LOOK_EVERY_S", 60.0)


def beat(app: Flask) -> None:
    with app.app_context():
        live.announcer().beat()


# Following


def test_following_answers_with_the_revision(
    socket_of: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    rings(client_of("chair"), in_session)
    assert socket_of("member").emit("follow", f"meeting:{in_session.meeting}", callback=True) == 1


@pytest.mark.parametrize("login", ["staff", "archivist", "stranger", "administrator"])
def test_whoever_has_no_part_hears_nothing(
    socket_of: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering, login: str
) -> None:
    socket = socket_of(login)
    assert socket.emit("follow", f"meeting:{in_session.meeting}", callback=True) is False
    rings(client_of("chair"), in_session)
    assert socket.get_received() == []


@pytest.mark.parametrize(
    ("login", "may"), [("chair", True), ("secretary", True), ("clerk", True), ("member", False), ("guest", False)]
)
def test_the_big_screen_is_opened_by_who_prepares_or_leads(
    socket_of: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering, login: str, may: bool
) -> None:
    assert (socket_of(login).emit("follow", f"screen:{in_session.meeting}", callback=True) is not False) is may
    assert client_of(login).get(f"/meetings/{in_session.meeting}/screen").status_code == (200 if may else 403)
    assert client_of(login).get(f"/meetings/{in_session.meeting}/parts?on=screen").status_code == (200 if may else 403)


def test_rooms_that_do_not_exist_are_refused(socket_of: Callable[..., SocketIOTestClient], in_session: Gathering) -> None:
    socket = socket_of("chair")
    for room in ("meeting:", "meeting:999", "meeting:x", "meeting:99999999999999999999", "screen:-1", 7, None, ["meeting:1"]):
        assert socket.emit("follow", room, callback=True) is False


# What is said


def test_an_act_tells_the_parts_it_changed_from_revision_to_revision(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    member = listener("member")
    rings(client_of("chair"), in_session)
    rings(client_of("chair"), in_session)
    messages = heard(member)
    assert [(one["after"], one["revision"], sorted(one["parts"])) for one in messages] == [
        (0, 1, ["agenda", "now"]),
        (1, 2, ["agenda", "now"]),
    ]
    assert all(one["meeting"] == in_session.meeting and one["server_ms"] > 1_700_000_000_000 for one in messages)


def test_several_commits_may_be_told_at_once_and_none_twice(
    app: Flask, listener: Callable[..., SocketIOTestClient], database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    for part in ("now", "floor", "agenda"):
        happens_elsewhere(database, in_session, parts=part)
    with app.app_context():
        live.announce(in_session.meeting)
        live.announce(in_session.meeting)
    assert [(one["after"], one["revision"], sorted(one["parts"])) for one in heard(member)] == [
        (0, 3, ["agenda", "floor", "now"])
    ]


def test_the_same_key_acts_once_and_is_told_once(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    member = listener("member")
    for _ in range(3):
        rings(client_of("chair"), in_session, key="a-key")
    assert [one["revision"] for one in heard(member)] == [1]
    with database.reading() as session:
        assert session.query(MeetingEvent).count() == 1


def test_each_audience_is_rendered_for_itself(
    app: Flask,
    listener: Callable[..., SocketIOTestClient],
    client_of: ClientOf,
    in_session: Gathering,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "render", lambda view, parts: {part: f"{part} for {view.audience}" for part in parts})
    sockets = {login: listener(login) for login in ("chair", "secretary", "member", "clerk")}
    screen = listener("deputy", kind="screen")
    rings(client_of("chair"), in_session)
    assert {login: heard(socket)[0]["parts"]["now"] for login, socket in sockets.items()} == {
        "chair": "now for head",
        "secretary": "now for head",
        "member": "now for members",
        "clerk": "now for members",
    }
    assert heard(screen)[0]["parts"]["now"] == "now for screen"


def test_a_guest_of_one_item_is_told_nothing_but_that_there_is_news(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    guest = listener("guest")
    rings(client_of("chair"), in_session)
    messages = heard(guest)
    assert [(one["after"], one["revision"], one["parts"]) for one in messages] == [(-1, 1, None)]
    assert TITLES[0] not in json.dumps(messages, ensure_ascii=False)


def test_a_guest_of_one_item_sees_that_item_only(client_of: ClientOf, in_session: Gathering) -> None:
    for address in ("room", "parts"):
        text = client_of("guest").get(f"/meetings/{in_session.meeting}/{address}").get_data(as_text=True)
        text = text if address == "room" else json.dumps(json.loads(text), ensure_ascii=False)
        assert TITLES[2] in text
        assert TITLES[0] not in text
        assert TITLES[1] not in text


def test_who_reads_english_fetches(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, database: Database, cast: Cast, in_session: Gathering
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["member"]).language = "en"
    member = listener("member")
    rings(client_of("chair"), in_session)
    assert [(one["after"], one["parts"]) for one in heard(member)] == [(-1, None)]


def test_nothing_of_who_pressed_stands_in_what_all_are_sent(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    member = listener("member")
    rings(client_of("chair"), in_session)
    sent = json.dumps(heard(member))
    for secret in ("csrf_token", "act_id", "Đăng xuất"):
        assert secret not in sent


def test_who_acted_is_told_to_look_at_the_own_part(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    chair, member = listener("chair"), listener("member")
    rings(client_of("member"), in_session)
    assert heard(member, "mine") == [{"meeting": in_session.meeting}]
    assert heard(chair, "mine") == []


def test_personal_news_reach_every_device_of_one_person_only(
    app: Flask, listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering, cast: Cast
) -> None:
    first, second, other = listener("member"), listener("member"), listener("delegate")
    with app.app_context():
        live.announcer().tell_person(cast.people["member"], "voted", {"vote": 3})
    assert heard(first, "voted") == heard(second, "voted") == [{"vote": 3}]
    assert heard(other, "voted") == []


def counted(cast_so_far: int) -> Callable[[Session], dict[str, object]]:
    return lambda _session: {"vote": 1, "cast": cast_so_far}


def test_counters_are_gathered(
    app: Flask, listener: Callable[..., SocketIOTestClient], in_session: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "COUNTS_EVERY_S", 0.1)
    member, guest = listener("member"), listener("guest")
    with app.app_context():
        for cast_so_far in range(1, 51):
            live.announcer().count(in_session.meeting, counted(cast_so_far))
    time.sleep(0.4)
    assert heard(member, "counted") == [{"meeting": in_session.meeting, "vote": 1, "cast": 50}]
    assert heard(guest, "counted") == []


def test_people_who_check_in_at_the_same_time_are_told_together(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "COUNTS_EVERY_S", 3)
    member, secretary = listener("member"), client_of("secretary")
    for login in ("chair", "deputy", "delegate"):
        secretary.post(f"/meetings/{in_session.meeting}/attendance", data={"set": f"in_room:{in_session.participants[login]}"})
    while not (messages := heard(member)):
        time.sleep(0.1)
    assert [(one["after"], one["revision"], list(one["parts"])) for one in messages] == [(0, 3, ["quorum"])]
    assert "Có mặt 3/5" in messages[0]["parts"]["quorum"]


def test_a_meeting_to_which_nobody_listens_costs_nothing(
    app: Flask, listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    member = listener("member")
    assert live_followed(app) == [in_session.meeting]
    member.disconnect()
    assert live_followed(app) == []
    rings(client_of("chair"), in_session)


def live_followed(app: Flask) -> list[int]:
    with app.app_context():
        return live.announcer().followed()


# Losing nothing


def test_what_nobody_announced_is_told_at_the_next_beat(
    app: Flask, listener: Callable[..., SocketIOTestClient], database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    happens_elsewhere(database, in_session)
    assert member.get_received() == []
    beat(app)
    messages = member.get_received()
    assert [(one["name"], one["args"][0]["revision"]) for one in messages] == [("changed", 1), ("beat", 1)]


def test_what_another_process_did_is_told_at_the_next_look_and_once(
    app: Flask, listener: Callable[..., SocketIOTestClient], database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    happens_elsewhere(database, in_session)
    with app.app_context():
        live.announcer().look()
        live.announcer().look()
    assert [(one["after"], one["revision"]) for one in heard(member)] == [(0, 1)]


def test_an_announcement_that_fails_undoes_nothing_and_is_made_up_for(
    app: Flask,
    listener: Callable[..., SocketIOTestClient],
    client_of: ClientOf,
    in_session: Gathering,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    member = listener("member")

    def fails(*_args: RoomView | tuple[str, str], **_named: object) -> None:
        raise RuntimeError("the template is broken")

    with monkeypatch.context() as patch:
        patch.setattr(live, "render", fails)
        rings(client_of("chair"), in_session)
        assert member.get_received() == []
    beat(app)
    assert [(one["after"], one["revision"]) for one in heard(member)] == [(0, 1)]


def test_the_heart_beats_while_anybody_is_connected(
    app: Flask, listener: Callable[..., SocketIOTestClient], in_session: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "HEARTBEAT_S", 0.05)
    member = listener("member")
    time.sleep(0.3)
    beats = heard(member, "beat")
    assert len(beats) >= 2
    assert set(beats[0]) == {"meeting", "revision", "server_ms"}


def test_all_parts_can_be_fetched_with_their_revision(client_of: ClientOf, in_session: Gathering) -> None:
    rings(client_of("chair"), in_session)
    news = client_of("member").get(f"/meetings/{in_session.meeting}/parts").get_json()
    assert (news["revision"], sorted(news["parts"])) == (1, ["agenda", "floor", "mine", "now", "quorum", "shown", "vote"])


def test_who_has_the_parts_already_gets_none(client_of: ClientOf, in_session: Gathering) -> None:
    client, address = client_of("member"), f"/meetings/{in_session.meeting}/parts"
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    rings(client_of("chair"), in_session)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_tag_of_one_person_is_not_that_of_another(client_of: ClientOf, in_session: Gathering) -> None:
    address = f"/meetings/{in_session.meeting}/parts"
    tag = client_of("member").get(address).headers["ETag"]
    assert client_of("guest").get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_own_part_can_be_fetched_alone(client_of: ClientOf, in_session: Gathering) -> None:
    assert list(client_of("member").get(f"/meetings/{in_session.meeting}/parts?only=mine").get_json()["parts"]) == ["mine"]


# Who goes on listening


def test_signing_out_closes_the_sockets_of_that_device_at_once(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    here, there = client_of("member"), client_of("member")
    closed, open_ = listener("member", client=here), listener("member", client=there)
    here.post("/sign-out")
    assert (closed.is_connected(), open_.is_connected()) == (False, True)


def test_signing_out_everywhere_closes_all_sockets_of_the_person(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    sockets = [listener("member"), listener("member")]
    other = listener("delegate")
    client_of("member").post("/account/sign-out-everywhere")
    assert [socket.is_connected() for socket in (*sockets, other)] == [False, False, True]


def test_closing_an_account_closes_its_sockets(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, cast: Cast, in_session: Gathering
) -> None:
    member = listener("member")
    client_of("administrator").post(f"/admin/people/{cast.people['member']}/close")
    assert not member.is_connected()


def test_a_sign_in_that_another_process_ended_is_noticed_at_the_beat(
    app: Flask, listener: Callable[..., SocketIOTestClient], database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    with database.writing() as session:
        session.query(SignIn).delete()
    assert member.is_connected()
    beat(app)
    assert not member.is_connected()


def test_who_loses_the_part_hears_not_one_message_more(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    with database.writing() as session:
        session.delete(session.get_one(Participant, in_session.participants["member"]))
    rings(client_of("chair"), in_session)
    assert (heard_of(member), member.is_connected()) == ([], False)


def heard_of(socket: SocketIOTestClient) -> list[str]:
    return [message["name"] for message in vars(socket)["queue"] if message["name"] in ("changed", "beat")]


def test_who_loses_the_part_without_any_act_is_out_at_the_next_beat(
    app: Flask, listener: Callable[..., SocketIOTestClient], database: Database, in_session: Gathering
) -> None:
    member = listener("member")
    with database.writing() as session:
        session.delete(session.get_one(Participant, in_session.participants["member"]))
    beat(app)
    assert not member.is_connected()


def test_who_gets_another_part_moves_to_its_audience(
    app: Flask,
    listener: Callable[..., SocketIOTestClient],
    client_of: ClientOf,
    database: Database,
    in_session: Gathering,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "render", lambda view, parts: dict.fromkeys(parts, view.audience))
    member = listener("member")
    with database.writing() as session:
        session.get_one(Participant, in_session.participants["member"]).part = Part.SECRETARY
    rings(client_of("chair"), in_session)
    assert [one["parts"]["now"] for one in heard(member)] == ["head"]


def test_who_stops_following_hears_no_more(
    listener: Callable[..., SocketIOTestClient], client_of: ClientOf, in_session: Gathering
) -> None:
    member = listener("member")
    member.emit("unfollow", f"meeting:{in_session.meeting}")
    rings(client_of("chair"), in_session)
    assert member.get_received() == []


def test_who_is_connected_is_known_and_changes_no_attendance(
    app: Flask, listener: Callable[..., SocketIOTestClient], cast: Cast, in_session: Gathering, database: Database
) -> None:
    sockets = app.extensions["sockets"]
    member = listener("member")
    assert sockets.connected(in_session.meeting) == {cast.people["member"]}
    member.disconnect()
    assert sockets.connected(in_session.meeting) == set()
    assert set(sockets.last_seen(in_session.meeting)) == {cast.people["member"]}
    with database.reading() as session:
        assert session.get_one(Meeting, in_session.meeting).revision == 0


def test_a_socket_that_talks_too_much_is_not_listened_to(
    monkeypatch: pytest.MonkeyPatch, listener: Callable[..., SocketIOTestClient], in_session: Gathering
) -> None:
    monkeypatch.setattr("webapp.ground.sockets.PER_S", 0.0)  # however long the forty take
    member = listener("member")
    answers = [member.emit("follow", f"meeting:{in_session.meeting}", callback=True) for _ in range(40)]
    assert answers[0] == 0
    assert answers[-1] is False


def test_after_a_while_it_may_speak_again(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: moment)
    socket = Socket("a", 1, 1, _filled_at=moment)
    assert [socket.may_speak() for _ in range(21)] == [True] * 20 + [False]
    moment += 1
    assert [socket.may_speak() for _ in range(6)] == [True] * 5 + [False]
    assert BURST == 20


# The page


def test_the_page_of_the_room_works_without_scripts(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, in_session.items[0])
    page = client_of("member").get(f"/meetings/{in_session.meeting}/room").get_data(as_text=True)
    assert "<noscript>" in page
    assert all(title in page for title in TITLES)


def test_the_page_says_who_looks_and_what_they_may(client_of: ClientOf, in_session: Gathering, cast: Cast) -> None:
    page = client_of("member").get(f"/meetings/{in_session.meeting}/room").get_data(as_text=True)
    assert f'data-person="{cast.people["member"]}"' in page
    assert 'data-rights="attend speak vote"' in page


def test_what_an_act_says_is_answered_to_the_script(client_of: ClientOf, in_session: Gathering) -> None:
    answer = client_of("member").post(
        f"/meetings/{in_session.meeting}/check-in", data={"code": "wrong"}, headers={"X-Live": "1"}
    )
    assert answer.status_code == 422
