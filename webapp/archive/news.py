"""What is heard by those who follow a document, a batch or the ledger: that there is news of it, which they fetch under the rights
of that moment. News of the worker come through the database, so no broker is needed between the programs: while somebody
listens, one thread looks once a second at what the rooms are about.
"""

import threading
from collections.abc import Hashable
from typing import cast

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.ground.errors import RuleError
from domain.people.roles import Permission
from storage.archive.documents import Document, Documents, Page
from storage.archive.intake import Receipt
from storage.archive.work import Work
from storage.people.people import Person
from storage.people.scopes import Scopes
from webapp.ground.sockets import LOOK_EVERY_S, socketio
from webapp.ground.system import system


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


def rooms_of(app: Flask) -> Rooms:
    """The rooms of the application."""
    return cast(Rooms, app.extensions["rooms"])


def may_follow(session: Session, person: Person, room: str) -> bool:
    """Whether the person may hear of what the room is about."""
    kind, _, number = room.partition(":")
    if kind == "document":
        try:
            Documents(session).get(int(number), Scopes(session).audiences(person))
        except RuleError:
            return False
        return True
    if kind == "batch":
        return person.may(Permission.BRING_IN)
    return room == "ledger" and person.may(Permission.SEE_LEDGER)


def state_of(session: Session, room: str) -> Hashable:
    """Something that differs whenever the room has news."""
    kind, _, number = room.partition(":")
    documents = select(
        func.max(Document.changed_at)
    )  # every act on a document changes it, and one that is new has just been changed
    if kind == "document":
        works = select(func.count(), func.max(Work.finished_at)).where(Work.document_id == int(number))
        pages = select(func.sum(Page.indexed_revision)).where(Page.document_id == int(number))
        row = session.execute(documents.where(Document.id == int(number))).one()
        return (*row, *session.execute(works).one(), session.scalar(pages))
    if kind == "batch":
        receipts = select(func.max(Receipt.sequence)).where(Receipt.batch_id == int(number))
        return (session.scalar(receipts), *session.execute(documents.where(Document.batch_id == int(number))).one())
    to_index = select(func.count()).select_from(Page).where(Page.text_revision > Page.indexed_revision)
    return (session.scalar(documents), session.scalar(to_index))


def start_watching(app: Flask) -> None:
    """Have the one thread look at the rooms, if it does not yet."""
    rooms = rooms_of(app)
    if rooms.watching.acquire(blocking=False):
        socketio.start_background_task(_watch, app)


def _watch(app: Flask) -> None:
    """Tell the rooms that have changed, until nobody listens."""
    rooms = rooms_of(app)
    try:
        with app.app_context():
            while names := rooms.names():
                with system().database.reading() as session:
                    changed = [room for room in names if rooms.has_changed(room, state_of(session, room))]
                for room in changed:
                    socketio.emit("changed", {"room": room}, to=room)
                socketio.sleep(LOOK_EVERY_S)  # type: ignore[arg-type]
    finally:
        rooms.watching.release()
    if rooms.names():  # somebody came in while the last one left
        start_watching(app)
