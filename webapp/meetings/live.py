"""What a meeting's room hears: after the commit of an act, one message to each audience with the parts that changed, rendered
once for that audience. Writes come by HTTP (acts.py); whoever missed a message fetches all parts by HTTP (room.py).

A message says `{meeting, after, revision, parts: {name: html}}`: whoever stands at `after` or later puts the parts in place and
stands at `revision`; whoever stands before `after` fetches. The parts are those of all events since the last message of this
process, so two processes may tell the same twice and nothing is ever left out.
"""

import threading
import time
from typing import TYPE_CHECKING, Any

from flask import current_app, render_template
from flask_babel import force_locale
from flask_socketio import SocketIO
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.clock import now
from domain.meetings import Part, Right
from storage.meetings import Meeting, MeetingEvent, Meetings, Participant
from webapp.system import reading

if TYPE_CHECKING:
    from flask import Flask

HEAD, MEMBERS, SCREEN, GUESTS = "head", "members", "screen", "guests"  # guests of single items hear revisions, and fetch
AUDIENCES = (HEAD, MEMBERS, SCREEN)
PARTS = ("quorum", "now", "vote", "floor", "agenda")  # each a template in templates/meetings/live/
COUNTS_EVERY_S = 0.2  # counters travel at most five times a second
HEARTBEAT_S = 5.0


def audience_of(participant: Participant | None) -> str:
    """The audience that somebody belongs to; who prepares a meeting without a part in it sees what members see."""
    if participant is None:
        return MEMBERS
    if participant.rights & {Right.TAKE_SEAT, Right.RECORD}:
        return HEAD
    single = participant.part is Part.GUEST and participant.guest_items
    return GUESTS if single else MEMBERS


def room_of(meeting_id: int, audience: str) -> str:
    """The name of the socket room."""
    return f"meeting:{meeting_id}:{audience}"


def render_parts(
    session: Session, meeting: Meeting, audience: str, parts: tuple[str, ...] = PARTS, *, me: Participant | None = None
) -> dict[str, str]:
    """The parts as this audience sees them. `me` is set only for somebody whose audience has nobody else."""
    from webapp.meetings.view import RoomView

    view = RoomView(session, meeting, audience, me)
    return {part: render_template(f"meetings/live/{part}.html", view=view, meeting=meeting) for part in parts}


class Announcer:
    """Tells the rooms of this process's meetings. One for each application, in its extensions as `announcer`."""

    def __init__(self, app: "Flask", socketio: SocketIO) -> None:
        self._app, self._socketio = app, socketio
        self._guard = threading.Lock()
        self._told: dict[int, int] = {}  # the revision up to which each meeting has been told
        self._locks: dict[int, threading.Lock] = {}
        self._counts: dict[int, dict[str, Any]] = {}

    def follow(self, meeting_id: int, revision: int) -> None:
        """Somebody has begun to listen to a meeting that stands at that revision."""
        with self._guard:
            self._told.setdefault(meeting_id, revision)

    def forget(self, meeting_id: int) -> None:
        """Nobody listens any more."""
        with self._guard:
            self._told.pop(meeting_id, None)

    def tell(self, meeting_id: int) -> None:
        """Send what has happened since the last message. Others who call meanwhile find it done."""
        with self._guard:
            if meeting_id not in self._told:
                return
            lock = self._locks.setdefault(meeting_id, threading.Lock())
        with lock, reading() as session:
            after = self._told.get(meeting_id, 0)
            meeting = Meetings(session).get(meeting_id)
            if meeting.revision == after:
                return
            changed = set(" ".join(self._parts_since(session, meeting_id, after)).split())
            parts = tuple(part for part in PARTS if part in changed)
            for audience in AUDIENCES:
                message: dict[str, Any] = {"meeting": meeting_id, "after": after, "revision": meeting.revision, **self._times()}
                with force_locale("vi"):
                    message["parts"] = render_parts(session, meeting, audience, parts)
                self._socketio.emit("changed", message, to=room_of(meeting_id, audience))
            bare = {"meeting": meeting_id, "after": -1, "revision": meeting.revision, "parts": None, **self._times()}
            self._socketio.emit("changed", bare, to=room_of(meeting_id, GUESTS))
            self._told[meeting_id] = meeting.revision

    def tell_person(self, person_id: int, name: str, facts: dict[str, Any]) -> None:
        """Tell every device of one person."""
        self._socketio.emit(name, facts, to=f"person:{person_id}")

    def count(self, meeting_id: int, facts: dict[str, Any]) -> None:
        """Tell everybody in a meeting a counter; of several in a short while only the last travels."""
        with self._guard:
            waiting = meeting_id in self._counts
            self._counts[meeting_id] = facts
        if not waiting:
            self._socketio.start_background_task(self._send_counts, meeting_id)

    def beat(self) -> None:
        """The heartbeat: the time and the revision of each meeting that is listened to; news that nobody told are told."""
        with reading() as session:
            standing = {
                row[0]: row[1]
                for row in session.execute(select(Meeting.id, Meeting.revision).where(Meeting.id.in_(list(self._told))))
            }
        for meeting_id, revision in standing.items():
            if revision != self._told.get(meeting_id):
                self.tell(meeting_id)
            for audience in (*AUDIENCES, GUESTS):
                beat = {"meeting": meeting_id, "revision": revision, **self._times()}
                self._socketio.emit("beat", beat, to=room_of(meeting_id, audience))

    def _send_counts(self, meeting_id: int) -> None:
        time.sleep(COUNTS_EVERY_S)
        with self._guard:
            facts = self._counts.pop(meeting_id)
        for audience in AUDIENCES:
            self._socketio.emit("counted", {"meeting": meeting_id, **facts}, to=room_of(meeting_id, audience))

    @staticmethod
    def _parts_since(session: Session, meeting_id: int, after: int) -> list[str]:
        since = select(MeetingEvent.parts).where(MeetingEvent.meeting_id == meeting_id, MeetingEvent.revision > after)
        return list(session.scalars(since))

    @staticmethod
    def _times() -> dict[str, int]:
        return {"server_ms": round(now().timestamp() * 1000)}


def announcer() -> Announcer:
    """The announcer of the application that is answering."""
    found: Announcer = current_app.extensions["announcer"]
    return found


def announce(meeting_id: int) -> None:
    """Tell the room what has been committed."""
    announcer().tell(meeting_id)
