"""The live protocol against the web program as users run it: restarts, gaps, news from another process, presses sent twice."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from websocket import (
    WebSocket,
    WebSocketBadStatusException,
    WebSocketConnectionClosedException,
    WebSocketTimeoutException,
    create_connection,
)

from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.meetings.meetings import Meeting, MeetingEvent, Meetings
from storage.people.people import People, SignIns
from storage.tables import migrate
from tests.cast import Cast, gather
from tests.meetings import gather_meeting
from tests.servers import free_ports, listens, wait_until
from webapp.ground.access import COOKIE

pytestmark = pytest.mark.slow
PATIENCE_S = 45  # whoever waits for something that comes goes on at once when it has come; a loaded machine may take its time


class Server:
    """The web program on an installation of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, (self.port,) = folder, free_ports(1)
        self.log = folder / "web.log"

    def start(self) -> None:
        environment = {
            **os.environ, "KHONGGIAY_ENVIRONMENT": "test", "KHONGGIAY_DATA_DIR": str(self.folder), "KHONGGIAY_PORT": str(self.port),
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "khonggiay", "web"], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: listens(self.port), self.process, self.log)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while listens(self.port):  # its workers die a moment later
            assert time.monotonic() < deadline, f"somebody else listens on {self.port}"
            time.sleep(0.05)


class Device:
    """One person's device: pages by HTTP, and a socket that speaks Socket.IO as browsers do."""

    def __init__(self, server: Server, token: str) -> None:
        self.server, self.cookie = server, f"{COOKIE}={token}"
        self.csrf, self.jar = "", self.cookie
        self.socket: WebSocket | None = None

    def request(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, HTTPMessage, str]:
        with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)) as wire:
            return self._ask(wire, method, path, form, headers)

    def _ask(
        self, wire: HTTPConnection, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> tuple[int, HTTPMessage, str]:
        body = urlencode(form or {}) if method == "POST" else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        wire.request(method, path, body, {"Cookie": self.jar, "Accept": "application/json, text/html", **kind, **headers})
        answer = wire.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.jar = f"{self.cookie}; {cookie.split(';')[0]}"
        return answer.status, answer.headers, text

    def press(self, path: str, **form: str) -> int:
        if not self.csrf:
            self.csrf = re.findall(r'name="csrf-token" content="([^"]+)"', self.request("GET", "/account")[2])[0]
        return self.request("POST", path, {"csrf_token": self.csrf, **form}, **{"X-Live": "1"})[0]

    def parts(self) -> dict[str, Any]:
        return json.loads(self.request("GET", "/meetings/1/parts")[2])

    def connects(self) -> bool:
        address = f"ws://127.0.0.1:{self.server.port}/socket.io/?EIO=4&transport=websocket"
        if self.socket:
            self.socket.shutdown()
        self.socket = create_connection(address, cookie=self.cookie, timeout=PATIENCE_S)
        assert self._receives().startswith("0{")
        self.socket.send("40")
        return self._receives().startswith("40")

    def follows(self, room: str = "meeting:1") -> int:
        assert self.connects()
        assert self.socket
        self.socket.send(f'421["follow","{room}"]')
        while not (said := self._receives()).startswith("431"):
            self._pong(said)
        return json.loads(said[3:])[0]

    def hears_news(self, revision: int) -> dict[str, Any]:
        """The message that tells the revision. It comes before the heartbeat that names it: that the room hears late is measured
        by what the server says, and not by how fast this machine is just now."""
        while message := self.hears("changed", "beat"):
            if message["revision"] >= revision:
                assert "parts" in message, "a heartbeat was first"
                return message
        raise AssertionError(f"revision {revision} was never told")

    def hears(self, *names: str) -> dict[str, Any] | None:
        """The next message of those names, or None when patience ends; raises ConnectionError when the server has closed the socket."""
        deadline, names = time.monotonic() + PATIENCE_S, names or ("changed",)
        while (left := deadline - time.monotonic()) > 0:
            assert self.socket
            self.socket.settimeout(left)
            try:
                said = self._receives()
            except WebSocketTimeoutException:
                return None
            except WebSocketConnectionClosedException as error:
                raise ConnectionError from error
            if said.startswith("41") or said == "":
                raise ConnectionError
            self._pong(said)
            if said.startswith("42") and json.loads(said[2:])[0] in names:
                return json.loads(said[2:])[1]
        return None

    def _receives(self) -> str:
        assert self.socket
        return str(self.socket.recv())

    def _pong(self, said: str) -> None:
        if said == "2":
            assert self.socket
            self.socket.send("3")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Database, Cast]]:
    """A server with the meeting in session, and the means to sign in any of its people."""
    folder = tmp_path_factory.mktemp("live")
    database = Database(f"sqlite:///{folder / 'khonggiay.sqlite3'}")
    migrate(database)
    cast = gather(database)
    gather_meeting(database, cast, state=MeetingState.OPEN)
    server = Server(folder)
    server.start()
    yield server, database, cast
    server.kill()
    database.close()


@pytest.fixture
def server(installation: tuple[Server, Database, Cast]) -> Server:
    return installation[0]


@pytest.fixture
def database(installation: tuple[Server, Database, Cast]) -> Database:
    return installation[1]


@pytest.fixture
def device(installation: tuple[Server, Database, Cast]) -> Iterator[Callable[[str], Device]]:
    """A signed-in device of one of the people."""
    server, database, cast = installation
    devices = []

    def device(login: str) -> Device:
        with database.writing() as session:
            person = People(session).get(cast.people[login])
            token = SignIns(session).start(person, lasting=timedelta(hours=1), address="127.0.0.1", device="test")
        devices.append(Device(server, token))
        return devices[-1]

    yield device
    for each in devices:
        if each.socket:
            each.socket.shutdown()


def happens_elsewhere(database: Database, parts: str = "now") -> int:
    with database.writing() as session:
        return Meetings(session).add_event(session.get_one(Meeting, 1), "bell_rung", parts=parts).revision


def test_an_act_by_http_is_heard_by_socket(device: Callable[[str], Device]) -> None:
    chair, member = device("chair"), device("member")
    standing = member.follows()
    assert chair.press("/meetings/1/floor/list", takes="no") == 204
    message = member.hears_news(standing + 1)
    assert (message["after"], message["revision"], list(message["parts"])) == (standing, standing + 1, ["floor"])
    assert chair.press("/meetings/1/floor/list", takes="yes") == 204


def test_presses_of_the_same_key_at_the_same_moment_act_once(device: Callable[[str], Device], database: Database) -> None:
    chair, member = device("chair"), device("member")
    chair.press("/meetings/1/incidents", text="")  # so that every thread has the token
    standing = member.follows()
    presses = [
        threading.Thread(target=chair.press, args=("/meetings/1/incidents",), kwargs={"text": "Mất điện", "act_id": "same"})
        for _ in range(8)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    with database.reading() as session:
        assert session.query(MeetingEvent).filter(MeetingEvent.act_id.endswith(":same")).count() == 1
        assert session.get_one(Meeting, 1).revision == standing + 1


def test_what_another_process_committed_is_told_at_a_beat(device: Callable[[str], Device], database: Database) -> None:
    member = device("member")
    standing = member.follows()
    assert happens_elsewhere(database) == standing + 1
    message = member.hears_news(standing + 1)
    assert (message["after"], message["revision"]) == (standing, standing + 1)


def test_a_sign_in_ended_by_another_process_closes_its_socket(
    device: Callable[[str], Device], database: Database, installation: tuple[Server, Database, Cast]
) -> None:
    member, other = device("delegate"), device("absentee")
    member.follows()
    other.follows()
    with database.writing() as session:
        SignIns(session).end_all(People(session).get(installation[2].people["delegate"]))
    with pytest.raises(ConnectionError):
        member.hears("nothing")
    assert other.hears("beat")
    with pytest.raises(Exception, match=r"."):
        member.follows()


def test_nobody_misses_anything_when_the_server_is_killed(
    device: Callable[[str], Device], database: Database, server: Server
) -> None:
    members = [device("member") for _ in range(5)]
    standing = members[0].follows()
    for member in members[1:]:
        member.follows()
    server.kill()
    after = happens_elsewhere(database, parts="agenda")  # committed, and nobody left to tell it
    server.start()
    for member in members:
        assert member.follows() == after > standing
        assert member.parts()["revision"] == after
    happens_elsewhere(database, parts="floor")
    for member in members:
        message = member.hears_news(after + 1)
        assert (message["after"], message["revision"]) == (after, after + 1)


def test_the_numbers_of_the_messages_leave_no_gap_and_tell_late_comers_where_the_room_stands(
    device: Callable[[str], Device], database: Database
) -> None:
    early, late = device("member"), device("delegate")
    standing = early.follows()
    for _ in range(3):  # the room may be told of them together or one by one, before the late one follows or after it
        happens_elsewhere(database)
    assert late.follows() == standing + 3
    reached = standing
    while reached < standing + 3:
        message = early.hears()
        assert message
        assert message["after"] <= reached < message["revision"]
        reached = message["revision"]
    happens_elsewhere(database)
    assert late.hears_news(standing + 4)["after"] <= standing + 3


def test_whoever_has_not_signed_in_gets_no_socket(server: Server) -> None:
    with pytest.raises(WebSocketBadStatusException) as refused:
        Device(server, "no-such-token").connects()
    assert refused.value.status_code == 401


def test_a_page_of_another_site_gets_no_socket_though_the_browser_sends_the_cookie(device: Callable[[str], Device]) -> None:
    own = device("chair")
    assert own.connects()
    address = f"ws://127.0.0.1:{own.server.port}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(WebSocketBadStatusException) as refused:
        create_connection(address, cookie=own.cookie, origin="https://evil.example", timeout=PATIENCE_S)
    assert refused.value.status_code == 400


def test_what_is_too_long_for_the_name_of_a_room_closes_the_socket(device: Callable[[str], Device]) -> None:
    member = device("member")
    member.follows()
    assert member.socket
    member.socket.send('42["follow","' + "x" * 40_000 + '"]')
    with pytest.raises(ConnectionError):
        member.hears("nothing")
