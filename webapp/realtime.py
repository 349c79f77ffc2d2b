"""The live protocol: people write by HTTP, the room hears by socket. `changed(room)` says that there is news; whoever hears it
fetches by HTTP, under the rights of that moment. Nothing but the name of the room ever travels by socket.

News of the worker come through the database, so no broker is needed between the programs: while somebody listens, one thread
looks once a second at what the rooms are about.
"""

import threading
import time
from collections.abc import Hashable

from flask import Flask, current_app, request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import RuleError
from domain.roles import Permission
from storage.documents import Document, Documents, Page
from storage.intake import Receipt
from storage.people import People, Person, SignIns
from storage.work import Work
from webapp.access import COOKIE
from webapp.meetings.live import Announcer
from webapp.system import reading, system

LOOK_EVERY_S = 1.0

socketio = SocketIO(async_mode="threading")  # own origin only


class Rooms:
    """Who listens to what, and what each room was like when it was last looked at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, set[str]] = {}
        self._seen: dict[str, Hashable] = {}
        self.watching = threading.Lock()  # held by the one thread that looks at the rooms

    def enter(self, room: str, listener: str) -> None:
        """Somebody listens to a room."""
        with self._lock:
            self._listeners.setdefault(room, set()).add(listener)

    def leave(self, listener: str, room: str | None = None) -> None:
        """Somebody listens no more to a room, or to any (None)."""
        with self._lock:
            for name in [room] if room else list(self._listeners):
                listeners = self._listeners.get(name, set())
                listeners.discard(listener)
                if not listeners:
                    self._listeners.pop(name, None)
                    self._seen.pop(name, None)

    def names(self) -> list[str]:
        """The rooms that somebody listens to."""
        with self._lock:
            return list(self._listeners)

    def has_changed(self, room: str, state: Hashable) -> bool:
        """Whether the room differs from the last look; the first look is no change."""
        with self._lock:
            before = self._seen.get(room, state)
            self._seen[room] = state
            return before != state


def init_realtime(app: Flask) -> None:
    """Open the socket of the application; the watcher starts with the first listener."""
    app.extensions["rooms"] = Rooms()
    app.extensions["announcer"] = Announcer(app, socketio)
    socketio.init_app(app)


def _asker(session: Session) -> Person | None:
    sign_in = SignIns(session).find(request.cookies.get(COOKIE, ""))
    return sign_in.person if sign_in else None


@socketio.on("connect")
def on_connect() -> bool:
    """Only people who have signed in may listen."""
    with reading() as session:
        return _asker(session) is not None


@socketio.on("follow")
def on_follow(room: str) -> bool:
    """Listen to a room: `document:7`, `batch:3` or `ledger`. Answers whether one may."""
    with reading() as session:
        person = _asker(session)
        if person is None or not _may_follow(session, person, room):
            return False
    join_room(room)
    rooms: Rooms = current_app.extensions["rooms"]
    rooms.enter(room, _listener())
    _start_watching(current_app._get_current_object())  # type: ignore[attr-defined]
    return True


@socketio.on("unfollow")
def on_unfollow(room: str) -> None:
    """Listen no more."""
    leave_room(room)
    current_app.extensions["rooms"].leave(_listener(), room)


@socketio.on("disconnect")
def on_disconnect(_reason: object = None) -> None:
    """A dropped socket listens no more."""
    current_app.extensions["rooms"].leave(_listener())


def _listener() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _may_follow(session: Session, person: Person, room: str) -> bool:
    kind, _, number = room.partition(":")
    if kind == "document" and number.isdecimal():
        try:
            Documents(session).get(int(number), People(session).audiences(person))
        except RuleError:
            return False
        return True
    if kind == "batch" and number.isdecimal():
        return person.may(Permission.BRING_IN)
    return room == "ledger" and person.may(Permission.SEE_LEDGER)


def _state(session: Session, room: str) -> Hashable:
    """Something that differs whenever the room has news."""
    kind, _, number = room.partition(":")
    documents = select(func.count(), func.max(Document.changed_at))
    if kind == "document":
        works = select(func.count(), func.max(Work.finished_at)).where(Work.document_id == int(number))
        pages = select(func.sum(Page.indexed_revision)).where(Page.document_id == int(number))
        row = session.execute(documents.where(Document.id == int(number))).one()
        return (*row, *session.execute(works).one(), session.scalar(pages))
    if kind == "batch":
        receipts = select(func.count()).select_from(Receipt).where(Receipt.batch_id == int(number))
        return (session.scalar(receipts), *session.execute(documents.where(Document.batch_id == int(number))).one())
    return (*session.execute(documents).one(), session.scalar(select(func.sum(Page.indexed_revision))))


def _start_watching(app: Flask) -> None:
    rooms: Rooms = app.extensions["rooms"]
    if rooms.watching.acquire(blocking=False):
        socketio.start_background_task(_watch, app)


def _watch(app: Flask) -> None:
    """Tell the rooms that have changed, until nobody listens."""
    rooms: Rooms = app.extensions["rooms"]
    try:
        with app.app_context():
            while names := rooms.names():
                with system().database.reading() as session:
                    changed = [room for room in names if rooms.has_changed(room, _state(session, room))]
                for room in changed:
                    socketio.emit("changed", {"room": room}, to=room)
                time.sleep(LOOK_EVERY_S)
    finally:
        rooms.watching.release()
    if rooms.names():  # somebody came in while the last one left
        _start_watching(app)
