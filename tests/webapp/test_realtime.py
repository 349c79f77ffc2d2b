import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask_socketio.test_client import SocketIOTestClient

from domain.archive.work import Standing
from domain.people.access import Access
from storage.archive.documents import Document
from storage.archive.intake import Batch
from storage.ground.database import Database
from tests.webapp.conftest import ClientOf
from webapp.archive import news
from webapp.ground.sockets import socketio


def document(database: Database, **facts: object) -> int:
    with database.writing() as session:
        batch = Batch(source="web", attested_by="Trần Thị Lan", attestation="x")
        session.add(batch)
        session.flush()
        row = Document(name="a.pdf", batch_id=batch.id, **facts)
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def socket_of(app: Flask, client_of: ClientOf) -> Iterator[Callable[[str], SocketIOTestClient]]:
    """The socket of one of the cast; all are closed at the end, and the watcher with them."""
    sockets = []

    def socket_of(login: str) -> SocketIOTestClient:
        sockets.append(socketio.test_client(app, flask_test_client=client_of(login)))
        return sockets[-1]

    yield socket_of
    for socket in sockets:
        if socket.is_connected():
            socket.disconnect()
    while app.extensions["rooms"].watching.locked():
        time.sleep(0.01)


def test_whoever_has_not_signed_in_gets_no_socket(socket_of: Callable[[str], SocketIOTestClient]) -> None:
    assert not socket_of("nobody").is_connected()


def test_a_searcher_may_follow_an_open_document(socket_of: Callable[[str], SocketIOTestClient], database: Database) -> None:
    socket = socket_of("staff")
    assert socket.emit("follow", f"document:{document(database)}", callback=True) is True


def test_a_searcher_may_not_follow_a_restricted_document(
    socket_of: Callable[[str], SocketIOTestClient], database: Database
) -> None:
    socket = socket_of("staff")
    hidden = document(database, access=Access.RESTRICTED)
    assert socket.emit("follow", f"document:{hidden}", callback=True) is False


def test_batches_and_the_ledger_are_for_those_who_may_see_them(
    socket_of: Callable[[str], SocketIOTestClient], database: Database
) -> None:
    document(database)
    archivist, staff = socket_of("archivist"), socket_of("staff")
    for room in ("batch:1", "ledger"):
        assert archivist.emit("follow", room, callback=True) is True
        assert staff.emit("follow", room, callback=True) is False


def test_a_room_without_a_meaning_is_refused(socket_of: Callable[[str], SocketIOTestClient]) -> None:
    socket = socket_of("archivist")
    for room in ("", "document:", "document:x", "document:1;drop", "people", "batch:-1"):
        assert socket.emit("follow", room, callback=True) is False


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "9" * 5000, "01", "١", "0"], ids=["64 bits", "5000 digits", "01", "arabic", "0"]
)
def test_a_room_whose_number_no_row_bears_is_refused_and_stops_no_watcher(
    app: Flask, socket_of: Callable[[str], SocketIOTestClient], number: str
) -> None:
    """Or else the one watcher of all rooms would fall over it, and nobody would hear of anything any more."""
    socket = socket_of("archivist")
    for kind in ("batch", "document", "meeting", "screen"):
        assert socket.emit("follow", f"{kind}:{number}", callback=True) is False
        socket.emit("unfollow", f"{kind}:{number}")
    assert app.extensions["rooms"].names() == []


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "LOOK_EVERY_S", 0.05)


def test_followers_hear_of_a_change_and_of_its_room_only(
    socket_of: Callable[[str], SocketIOTestClient], database: Database
) -> None:
    document_id = document(database)
    socket = socket_of("staff")
    socket.emit("follow", f"document:{document_id}", callback=True)
    time.sleep(0.3)
    with database.writing() as session:
        session.get_one(Document, document_id).standing = Standing.READ
    time.sleep(0.3)
    heard = [message for message in socket.get_received() if message["name"] == "changed"]
    assert [message["args"] for message in heard] == [[{"room": f"document:{document_id}"}]]
