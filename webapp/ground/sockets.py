"""Who is connected: the sign-in and the person behind each socket, and the meetings it listens to. What is heard there is unknown here."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from typing import Any, cast

from flask import Flask, Response, current_app, request
from flask_socketio import SocketIO
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.http import parse_cookie

from storage.people.people import Person, SignIn, SignIns, holding
from webapp.ground.access import COOKIE
from webapp.ground.system import reading

NAMESPACE = "/"
LOOK_EVERY_S = 1.0  # how often news are looked for that another process has left in the database
LONGEST_WORD = 32_000  # bytes of one message from a client; all they ever say is the name of a room
LAST_WORD_S = 2.0  # for what is said when a connection ends
MOST_OF_ONE = 40  # connections of one person
PING_EVERY_S, PING_WAIT_S = 15, 10  # a dead tablet is known as gone after 25 s at most
BURST, PER_S = 20.0, 5.0  # what one socket may say at once, and then every second

# Own origin only. What a client says is heard in the thread of its socket, in the order it was said.
socketio = SocketIO(async_mode="threading", async_handlers=False, manage_session=False)


@dataclass
class Socket:
    """One open socket of one device."""

    sid: str
    sign_in_id: int
    person_id: int
    meetings: dict[int, str] = field(default_factory=dict)  # the audience by meeting
    _tokens: float = BURST
    _filled_at: float = field(default_factory=time.monotonic)

    def may_speak(self) -> bool:
        """Whether it has not said too much of late; counts what it is about to say."""
        moment = time.monotonic()
        self._tokens = min(BURST, self._tokens + (moment - self._filled_at) * PER_S)
        self._filled_at = moment
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Connections:
    """What the sockets speak through: who opened each connection. One holds three threads, whatever is said on it."""

    def __init__(self, app: Flask) -> None:
        self._app, self._guard, self._people = app, threading.Lock(), dict[str, int]()
        engine = server().eio
        self._open, self._hear, self._end = (engine.handlers[event] for event in ("connect", "message", "disconnect"))
        for event, handler in (("connect", self.open), ("message", self.hear), ("disconnect", self.end)):
            engine.on(event, handler)

    def open(self, connection: str, environ: dict[str, Any]) -> Any:
        """Somebody wants a connection: False for strangers, and for whoever has enough. They get 401, and no thread waits for them."""
        with self._app.app_context(), reading() as session:
            asker = SignIns(session).whose(parse_cookie(environ).get(COOKIE, ""))
        with self._guard:
            if asker is None or list(self._people.values()).count(asker[1]) >= MOST_OF_ONE:
                return False
            self._people[connection] = asker[1]
        return self._open(connection, environ)

    def hear(self, connection: str, said: str) -> None:
        """Hand on what was said. Where nothing can be heard on a connection after that (it was refused, it left), it ends."""
        try:
            self._hear(connection, said)
        finally:
            if server().manager.sid_from_eio_sid(connection, NAMESPACE) is None:
                hang_up(connection)

    def end(self, connection: str, *reason: str) -> Any:
        """A connection has ended."""
        with self._guard:
            self._people.pop(connection, None)
        return self._end(connection, *reason)


def hang_up(connection: str | None) -> None:
    """End a connection after what is still to be sent on it, and wait for nobody: who does not hang up as well is cut off."""
    if connection is None or (found := server().eio.sockets.get(connection)) is None:
        return
    environ = server().environ.get(connection, {})
    wire = environ.get("gunicorn.socket") if "HTTP_UPGRADE" in environ else None  # that of a request before is another one
    found.close(wait=False)
    if wire is not None:
        cutting = threading.Timer(LAST_WORD_S, _cut, [wire])
        cutting.daemon = True
        cutting.start()


def _cut(wire: Any) -> None:
    with suppress(OSError):  # hung up by itself
        wire.shutdown(SHUT_RDWR)


class Sockets:
    """All sockets of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._sockets: dict[str, Socket] = {}
        self._left_at: dict[tuple[int, int], float] = {}  # meeting and person -> when the last socket went, seconds since 1970

    def enter(self, socket: Socket) -> None:
        """A socket has been opened."""
        with self._guard:
            self._sockets[socket.sid] = socket

    def leave(self, sid: str) -> Socket | None:
        """A socket has gone."""
        with self._guard:
            socket = self._sockets.pop(sid, None)
            for meeting_id in socket.meetings if socket else ():
                self._left_at[meeting_id, socket.person_id] = time.time()  # type: ignore[union-attr]
            return socket

    def find(self, sid: str) -> Socket | None:
        """The socket of that id, or None."""
        return self._sockets.get(sid)

    def all(self) -> list[Socket]:
        """Every socket."""
        with self._guard:
            return list(self._sockets.values())

    def in_meeting(self, meeting_id: int) -> list[Socket]:
        """Those who listen to a meeting."""
        return [socket for socket in self.all() if meeting_id in socket.meetings]

    def connected(self, meeting_id: int) -> set[int]:
        """The people, by id, with at least one device that listens to the meeting now."""
        return {socket.person_id for socket in self.in_meeting(meeting_id)}

    def last_seen(self, meeting_id: int) -> dict[int, float]:
        """When the last device of each person who is not connected any more went away, seconds since 1970."""
        here = self.connected(meeting_id)
        with self._guard:
            return {
                person: at for (meeting, person), at in self._left_at.items() if meeting == meeting_id and person not in here
            }

    def forget(self, meeting_id: int) -> None:
        """A meeting has ended: nobody asks any more who was connected."""
        with self._guard:
            for key in [key for key in self._left_at if key[0] == meeting_id]:
                del self._left_at[key]

    def close_ended(self, session: Session) -> None:
        """Close the sockets of sign-ins that hold no more: signed out, expired, or of closed accounts."""
        every = self.all()
        ours = select(SignIn.id).join(Person).where(SignIn.id.in_({socket.sign_in_id for socket in every}))
        held = set(session.scalars(ours.where(*holding())))
        for socket in every:
            if socket.sign_in_id not in held:
                close(socket)


def close(socket: Socket) -> None:
    """Close a socket; its page asks by HTTP what has become of its rights."""
    with suppress(KeyError):  # the library takes apart what it keeps of a socket that is just closing by itself
        connection = server().manager.eio_sid_from_sid(socket.sid, NAMESPACE)
        server().disconnect(socket.sid, namespace=NAMESPACE)
        hang_up(connection)


def server() -> Any:
    """What sends, made with the application."""
    return socketio.server  # type: ignore[attr-defined]


def sockets() -> Sockets:
    """The sockets of the application that is answering."""
    return cast(Sockets, current_app.extensions["sockets"])


def init_sockets(app: Flask) -> None:
    """Open the socket of the application; who may connect and what is heard is in realtime.py."""
    app.extensions["sockets"] = Sockets()
    app.after_request(_close_ended)
    socketio.init_app(app, max_http_buffer_size=LONGEST_WORD, ping_interval=PING_EVERY_S, ping_timeout=PING_WAIT_S)
    Connections(app)
    app.wsgi_app = _plain(app.wsgi_app)  # type: ignore[method-assign]


def _close_ended(answer: Response) -> Response:
    """After acts about accounts: the sockets of whoever was signed out by them are closed at once."""
    if request.method == "POST" and request.blueprint in ("accounts", "people") and sockets().all():
        with reading() as session:
            sockets().close_ended(session)
    return answer


def _plain(inner: Any) -> Any:
    """Sockets without compression. Browsers offer it, and then each message is packed once for each listener: dearer than all
    the rest, and a memory of its own for each."""

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return inner(environ, start_response)

    return outer
