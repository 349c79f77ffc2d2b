"""The live protocol: people write by HTTP, the room hears by socket. `changed(room)` says that there is news of a document, a
batch or the ledger; whoever hears it fetches by HTTP, under the rights of that moment. What a meeting's room hears (`meeting:7`,
and `screen:7` for its big screen) stands in meetings/live.py.

News of the worker come through the database, so no broker is needed between the programs: while somebody listens, one thread
looks once a second at what the rooms are about.
"""

import re
import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, cast

import structlog
from flask import Flask, Response, current_app, request
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.ground.errors import RuleError
from domain.people.roles import Permission
from storage.archive.documents import Document, Documents, Page
from storage.archive.intake import Receipt
from storage.archive.work import Work
from storage.meetings.meetings import Meeting
from storage.people.people import People, Person, SignIns
from webapp.ground.access import COOKIE
from webapp.ground.sockets import Socket, Sockets
from webapp.ground.system import reading, system
from webapp.meetings.live.listeners import Listeners
from webapp.meetings.live.news import HEARTBEAT_S, Announcer, announcer, new_act_id

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
# One room has one name, and a number that a row may bear: the watcher asks the database for every room that is followed.
_ROOM = re.compile(r"ledger|(meeting|screen|document|batch):[1-9][0-9]{0,8}")
LONGEST_WORD = 32_000  # bytes of one message from a client; all they ever say is the name of a room
PING_EVERY_S, PING_WAIT_S = 15, 10  # a dead tablet is known as gone after 25 s at most

# Own origin only. What a client says is heard in the thread of its socket, in the order it was said.
socketio = SocketIO(async_mode="threading", async_handlers=False, manage_session=False)


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
    """Open the socket of the application; what watches and beats starts with the first listener."""
    app.extensions["rooms"] = Rooms()
    app.extensions["sockets"] = Sockets()
    app.extensions["announcer"] = Announcer(app, socketio, Listeners(socketio, _sockets(app)))
    app.extensions["heart"] = Heart()
    app.after_request(_close_ended)
    app.add_template_global(new_act_id)
    socketio.init_app(app, max_http_buffer_size=LONGEST_WORD, ping_interval=PING_EVERY_S, ping_timeout=PING_WAIT_S)
    app.wsgi_app = _plain(app.wsgi_app)  # type: ignore[method-assign]


def _plain(inner: Any) -> Any:
    """Sockets without compression. Browsers offer it, and then each message is packed once for each listener: dearer than all
    the rest, and a memory of its own for each."""

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return inner(environ, start_response)

    return outer


class Heart:
    """The one thread that beats while anybody is connected."""

    def __init__(self) -> None:
        self.is_beating = threading.Lock()
        self.nobody_is_here = threading.Event()


def _sockets(app: Flask | None = None) -> Sockets:
    return cast(Sockets, (app or current_app).extensions["sockets"])


def _asker(session: Session) -> tuple[int, int] | None:
    return SignIns(session).whose(request.cookies.get(COOKIE, ""))


@socketio.on("connect")
def on_connect() -> bool:
    """Only people who have signed in may listen."""
    with reading() as session:
        asker = _asker(session)
    if asker is None:
        return False
    _sockets().enter(Socket(_listener(), *asker))
    _start_beating(current_app._get_current_object())  # type: ignore[attr-defined]
    return True


def _close_ended(answer: Response) -> Response:
    """After acts about accounts: the sockets of whoever was signed out by them are closed at once."""
    if request.method == "POST" and request.blueprint in ("accounts", "people") and _sockets().all():
        with reading() as session:
            announcer().listeners.drop_ended(session)
    return answer


@socketio.on("follow")
def on_follow(room: str) -> bool | int:
    """Listen to a room: `document:7`, `batch:3`, `ledger`, `meeting:7` or `screen:7`. Answers whether one may; for a meeting, with
    the revision it stands at."""
    socket = _sockets().find(_listener())
    if socket is None or not socket.may_speak() or not _is_room(room):
        return False
    with reading() as session:
        if _asker(session) is None:
            return False
        if (meeting := _meeting(session, room)) is not None:
            return _follow_meeting(session, socket, meeting, on_screen=room.startswith("screen:"))
        if not _may_follow(session, session.get_one(Person, socket.person_id), room):
            return False
    join_room(room)
    rooms: Rooms = current_app.extensions["rooms"]
    rooms.enter(room, _listener())
    _start_watching(current_app._get_current_object())  # type: ignore[attr-defined]
    return True


def _follow_meeting(session: Session, socket: Socket, meeting: Meeting, *, on_screen: bool) -> bool | int:
    if not announcer().listeners.enter(session, socket, meeting, on_screen=on_screen):
        return False
    with reading() as later:  # from here on the room hears everything; what came before, the client fetches
        revision = later.scalars(select(Meeting.revision).where(Meeting.id == meeting.id)).one()
    announcer().follow(meeting.id, revision)
    return revision


@socketio.on("unfollow")
def on_unfollow(room: str) -> None:
    """Listen no more."""
    socket = _sockets().find(_listener())
    if socket is None or not socket.may_speak() or not _is_room(room):
        return
    kind, _, number = room.partition(":")
    if kind in ("meeting", "screen"):
        announcer().listeners.leave(socket, int(number))
        announcer().forget_unheard(int(number))
        return
    leave_room(room)
    current_app.extensions["rooms"].leave(_listener(), room)


@socketio.on("disconnect")
def on_disconnect(_reason: object = None) -> None:
    """A dropped socket listens no more; who is present in a meeting is another matter."""
    current_app.extensions["rooms"].leave(_listener())
    socket = _sockets().leave(_listener())
    for meeting_id in socket.meetings if socket else ():
        announcer().forget_unheard(meeting_id)
    if not _sockets().all():
        current_app.extensions["heart"].nobody_is_here.set()


def _is_room(room: object) -> bool:
    return isinstance(room, str) and _ROOM.fullmatch(room) is not None


def _meeting(session: Session, room: str) -> Meeting | None:
    kind, _, number = room.partition(":")
    if kind not in ("meeting", "screen"):
        return None
    return session.get(Meeting, int(number))


def _listener() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _may_follow(session: Session, person: Person, room: str) -> bool:
    kind, _, number = room.partition(":")
    if kind == "document":
        try:
            Documents(session).get(int(number), People(session).audiences(person))
        except RuleError:
            return False
        return True
    if kind == "batch":
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
                socketio.sleep(LOOK_EVERY_S)  # type: ignore[arg-type]
    finally:
        rooms.watching.release()
    if rooms.names():  # somebody came in while the last one left
        _start_watching(app)


def _start_beating(app: Flask) -> None:
    heart: Heart = app.extensions["heart"]
    heart.nobody_is_here.clear()
    if heart.is_beating.acquire(blocking=False):
        socketio.start_background_task(_beat, app)


def _beat(app: Flask) -> None:
    """Beat every few seconds, and look between for news of other processes, until nobody is connected."""
    heart: Heart = app.extensions["heart"]
    beaten_at = time.monotonic()
    try:
        with app.app_context():
            while _sockets().all():
                if heart.nobody_is_here.wait(min(LOOK_EVERY_S, HEARTBEAT_S)):
                    continue
                if time.monotonic() - beaten_at < HEARTBEAT_S:
                    _try(announcer().look)
                else:
                    beaten_at = time.monotonic()
                    _try(announcer().beat)
    finally:
        heart.is_beating.release()
    if _sockets(app).all():  # somebody came in while the last one left
        _start_beating(app)


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:  # the database is away for a moment; the next beat tells everything
        log.error("heartbeat missed", exc_info=error)
