"""What a meeting's room hears: after the commit of an act, one message to each audience with the parts that changed, rendered
once for that audience. Writes come by HTTP (acts.py); whoever missed a message fetches all parts by HTTP (room.py).

A message says `{meeting, after, revision, parts: {name: html}}`: whoever stands at `after` or later puts the parts in place and
stands at `revision`; whoever stands before `after` fetches. The parts are those of all events since the last message of this
process, so two processes may tell the same twice and nothing is ever left out.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from storage.meetings.meetings import Meeting, MeetingEvent, Meetings, Participant
from webapp.ground.sockets import socketio
from webapp.ground.system import reading
from webapp.meetings.live.listeners import Listeners, person_room
from webapp.meetings.live.parts import PARTS, KeptParts, render
from webapp.meetings.live.rights import EVERYBODY, FETCHERS, GUESTS, HEAD, MEMBERS, SCREEN, room_of
from webapp.meetings.live.view import RoomView

log = structlog.get_logger()

TOLD = ((MEMBERS, SCREEN), (HEAD,))  # who is sent the parts, each audience rendered once; together, first where most listen
COUNTS_EVERY_S = 0.2  # counters travel at most five times a second
COUNTS_PER_LISTENER_S = 0.005  # and more seldom in a full room: to be told costs about a fifth of this for each listener
HEARTBEAT_S = 5.0


@dataclass
class _Told:
    """How far a meeting has been told; whoever tells it holds the lock, so that messages leave in their order."""

    revision: int
    lock: threading.Lock = field(default_factory=threading.Lock)


class Announcer:
    """Tells the rooms of this process's meetings. One for each application, in its extensions as `announcer`."""

    def __init__(self, app: Flask) -> None:
        self._app, self.listeners, self.kept = app, Listeners(app.extensions["sockets"]), KeptParts(app)
        self._guard = threading.Lock()
        self._told: dict[int, _Told] = {}
        self._counts: dict[int, Callable[[Session], dict[str, Any]]] = {}
        self._soon: set[int] = set()  # the meetings that are about to be told what can wait a little

    def follow(self, meeting_id: int, revision: int) -> None:
        """Somebody has begun to listen to a meeting that stands at that revision."""
        with self._guard:
            self._told.setdefault(meeting_id, _Told(revision))

    def forget_unheard(self, meeting_id: int) -> None:
        """Tell a meeting no more if nobody listens to it."""
        with self._guard:
            if not self.listeners.sockets.in_meeting(meeting_id):
                self._told.pop(meeting_id, None)
                self.kept.forget(meeting_id)

    def followed(self) -> list[int]:
        """The meetings that somebody listens to."""
        with self._guard:
            return list(self._told)

    def tell(self, meeting_id: int) -> None:
        """Send what has happened since the last message. Others who call meanwhile find it done."""
        with self._guard:
            told = self._told.get(meeting_id)
        if told is None:
            return
        # rendered as if nobody asked: nothing of who pressed can stand in what everybody gets
        with told.lock, self._app.test_request_context(), reading() as session:
            meeting = Meetings(session).get(meeting_id)
            if meeting.revision <= told.revision:
                return
            self.listeners.settle_if_changed(session, meeting)
            events = Meetings(session).events(meeting, after=told.revision)
            self._send(session, meeting, told.revision, events)
            told.revision = meeting.revision
            concerned = {person for event in events for person in _concerned(session, event)}
        for person_id in concerned:
            self.tell_person(person_id, "mine", {"meeting": meeting_id})

    def _send(self, session: Session, meeting: Meeting, after: int, events: list[MeetingEvent]) -> None:
        changed = {part for event in events for part in event.parts.split()}
        parts = tuple(part for part in PARTS if part in changed)
        message: dict[str, Any] = {"meeting": meeting.id, "after": after, "revision": meeting.revision, **times()}
        view = RoomView(session, meeting, MEMBERS)
        for audiences in TOLD:  # rendered before any is sent, since two hundred who are being sent to leave no time for it
            rendered = {audience: render(view.seen_by(audience), parts) for audience in audiences}
            for audience, theirs in rendered.items():
                socketio.emit("changed", message | {"parts": theirs}, to=room_of(meeting.id, audience))
        for audience in (GUESTS, FETCHERS):
            socketio.emit("changed", message | {"after": -1, "parts": None}, to=room_of(meeting.id, audience))

    def tell_soon(self, meeting_id: int) -> None:
        """Tell what may wait a moment, together with what happens meanwhile: a thousand people check in within minutes."""
        with self._guard:
            is_waiting = meeting_id in self._soon
            self._soon.add(meeting_id)
        if not is_waiting:
            socketio.start_background_task(self._tell_later, meeting_id)

    def _tell_later(self, meeting_id: int) -> None:
        crowd_s = COUNTS_PER_LISTENER_S * len(self.listeners.sockets.in_meeting(meeting_id))
        socketio.sleep(max(COUNTS_EVERY_S, crowd_s))  # type: ignore[arg-type]
        with self._guard:
            self._soon.discard(meeting_id)
        with self._app.app_context():
            self.try_to_tell(meeting_id)

    def tell_person(self, person_id: int, name: str, facts: dict[str, Any]) -> None:
        """Tell every device of one person."""
        socketio.emit(name, facts, to=person_room(person_id))

    def count(self, meeting_id: int, facts: Callable[[Session], dict[str, Any]]) -> None:
        """Tell everybody in a meeting a counter; of several in a short while only the last is asked for, and travels."""
        self.kept.forget(meeting_id)
        with self._guard:
            waiting = meeting_id in self._counts
            self._counts[meeting_id] = facts
        if not waiting:
            socketio.start_background_task(self._send_counts, meeting_id)

    def beat(self) -> None:
        """The heartbeat: the time and the revision of each meeting that is listened to; news that nobody told are told.

        Sockets of whoever has lost a sign-in or a part, through whichever process, are closed here at the latest.
        """
        with reading() as session:
            self.listeners.sockets.close_ended(session)
            standing = {}
            for meeting in session.scalars(select(Meeting).where(Meeting.id.in_(self.followed()))):
                self.listeners.settle_if_changed(session, meeting)
                standing[meeting.id] = meeting.revision
        for meeting_id, revision in standing.items():
            self.try_to_tell(meeting_id)
            beat = {"meeting": meeting_id, "revision": revision, **times()}
            for audience in EVERYBODY:
                socketio.emit("beat", beat, to=room_of(meeting_id, audience))

    def look(self) -> None:
        """Tell what another process, or a press whose telling failed, has left in the database."""
        with self._guard:
            told = {number: one.revision for number, one in self._told.items() if number not in self._soon}
        with reading() as session:
            standing = session.execute(select(Meeting.id, Meeting.revision).where(Meeting.id.in_(told))).all()
        for meeting_id, revision in standing:
            if revision > told[meeting_id]:
                self.try_to_tell(meeting_id)

    def try_to_tell(self, meeting_id: int) -> None:
        """Tell, and let no failure of it undo what was committed: the clients fetch when the next beat names the revision."""
        try:
            self.tell(meeting_id)
        except Exception as error:
            log.error("meeting not told", meeting=meeting_id, exc_info=error)

    def _send_counts(self, meeting_id: int) -> None:
        crowd_s = COUNTS_PER_LISTENER_S * len(self.listeners.sockets.in_meeting(meeting_id))
        socketio.sleep(max(COUNTS_EVERY_S, crowd_s))  # type: ignore[arg-type]
        with self._guard:
            facts = self._counts.pop(meeting_id)
        try:
            with self._app.app_context(), reading() as session:
                counted = {"meeting": meeting_id, **facts(session)}
        except Exception as error:  # the database is away for a moment; the next ballot counts anew
            log.error("counter not told", meeting=meeting_id, exc_info=error)
            return
        for audience in (MEMBERS, SCREEN, HEAD, FETCHERS):
            socketio.emit("counted", counted, to=room_of(meeting_id, audience))


def _concerned(session: Session, event: MeetingEvent) -> set[int]:
    """The people whose own state an event may have changed: who did it, and the `participant` or `participants` its facts name."""
    concerned = [event.facts.get("participant"), *event.facts.get("participants", [])]
    named = [session.get(Participant, one) for one in concerned if isinstance(one, int)]
    people = {event.person_id, *(one.person_id for one in named if one)}
    return {person for person in people if person is not None}


def times() -> dict[str, int]:
    """The time of the server, which the countdowns of all clients run by."""
    return {"server_ms": round(now().timestamp() * 1000)}


def init_news(app: Flask) -> None:
    """Have the rooms of the application's meetings told; each form of an act takes its key from here."""
    app.extensions["announcer"] = Announcer(app)
    app.add_template_global(new_act_id)


def announcer() -> Announcer:
    """The announcer of the application that is answering."""
    found: Announcer = current_app.extensions["announcer"]
    return found


def announce(meeting_id: int, *, parts: str | None = None) -> None:
    """Tell the room what has been committed: at once, but for what changes nothing but the presence (`parts` of all its events)."""
    if parts == "quorum":
        announcer().tell_soon(meeting_id)
    else:
        announcer().try_to_tell(meeting_id)


def new_act_id() -> str:
    """A fresh idempotency key for a form."""
    return str(uuid4())
