"""The live protocol: people write by HTTP, the room hears by socket. Whoever is signed in may connect and name the rooms to hear.
`document:7`, `batch:3` and `ledger` are those of archive/news.py, `meeting:7` and its big screen `screen:7` of meetings/live/news.py.
"""

import re
import threading
import time
from collections.abc import Callable

import structlog
from flask import Flask, current_app, request
from flask_socketio import join_room, leave_room
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.meetings.meetings import Meeting
from storage.people.people import Person, SignIns
from webapp.archive.news import may_follow, rooms_of, start_watching
from webapp.ground.access import token_of_request
from webapp.ground.sockets import LOOK_EVERY_S, Socket, socketio, sockets
from webapp.ground.system import reading
from webapp.meetings.live.news import HEARTBEAT_S, announcer

log = structlog.get_logger()

# One room has one name, and a number that a row may bear: the watcher asks the database for every room that is followed.
_ROOM = re.compile(r"ledger|(meeting|screen|document|batch):[1-9][0-9]{0,8}")


class Heart:
    """The one thread that beats while anybody is connected."""

    def __init__(self) -> None:
        self.is_beating = threading.Lock()
        self.nobody_is_here = threading.Event()


def init_realtime(app: Flask) -> None:
    """Let people connect; what watches and beats starts with the first of them."""
    app.extensions["heart"] = Heart()


def _asker(session: Session) -> tuple[int, int] | None:
    return SignIns(session).whose(token_of_request())


@socketio.on("connect")
def on_connect() -> bool:
    """Only people who have signed in may listen."""
    with reading() as session:
        asker = _asker(session)
    if asker is None:  # signed out since the connection was opened
        return False
    sockets().enter(Socket(_listener(), *asker))
    _start_beating(current_app._get_current_object())  # type: ignore[attr-defined]
    return True


@socketio.on("follow")
def on_follow(room: str) -> bool | int:
    """Listen to a room: `document:7`, `batch:3`, `ledger`, `meeting:7` or `screen:7`. Answers whether one may; for a meeting, with
    the revision it stands at."""
    socket = sockets().find(_listener())
    if socket is None or not socket.may_speak() or not _is_room(room):
        return False
    with reading() as session:
        if _asker(session) is None:
            return False
        if (meeting := _meeting(session, room)) is not None:
            return _follow_meeting(session, socket, meeting, on_screen=room.startswith("screen:"))
        if not may_follow(session, session.get_one(Person, socket.person_id), room):
            return False
    join_room(room)
    rooms_of(current_app).enter(room, _listener())
    start_watching(current_app._get_current_object())  # type: ignore[attr-defined]
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
    socket = sockets().find(_listener())
    if socket is None or not socket.may_speak() or not _is_room(room):
        return
    kind, _, number = room.partition(":")
    if kind in ("meeting", "screen"):
        announcer().listeners.leave(socket, int(number))
        announcer().forget_unheard(int(number))
        return
    leave_room(room)
    rooms_of(current_app).leave(_listener(), room)


@socketio.on("disconnect")
def on_disconnect(_reason: object = None) -> None:
    """A dropped socket listens no more; who is present in a meeting is another matter."""
    rooms_of(current_app).leave(_listener())
    socket = sockets().leave(_listener())
    for meeting_id in socket.meetings if socket else ():
        announcer().forget_unheard(meeting_id)
    if not sockets().all():
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
            while sockets().all():
                if heart.nobody_is_here.wait(min(LOOK_EVERY_S, HEARTBEAT_S)):
                    continue
                if time.monotonic() - beaten_at < HEARTBEAT_S:
                    _try(announcer().look)
                else:
                    beaten_at = time.monotonic()
                    _try(announcer().beat)
    finally:
        heart.is_beating.release()
    if app.extensions["sockets"].all():  # somebody came in while the last one left
        _start_beating(app)


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:  # the database is away for a moment; the next beat tells everything
        log.error("heartbeat missed", exc_info=error)
