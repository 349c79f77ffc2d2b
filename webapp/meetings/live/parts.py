"""The parts of the live room as each audience sees them: rendered, and kept for a moment for those who come together. Who is told
of them is in live.py.
"""

import threading
import time
from dataclasses import dataclass, field

import structlog
from flask import Flask, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.meetings.attendance import Presence
from storage.meetings.floor import FloorNow
from storage.meetings.meetings import Meeting, Participant
from webapp.ground.system import reading
from webapp.meetings.live.rights import HEAD, MEMBERS, SCREEN
from webapp.meetings.live.view import RoomView

log = structlog.get_logger()

PARTS = ("quorum", "now", "vote", "shown", "floor", "agenda")  # each a template in templates/meetings/live/
SCREEN_PARTS = tuple(part for part in PARTS if part != "agenda")  # what the big screen has a place for
KEPT_S = 1.0


def render_parts(
    session: Session,
    meeting: Meeting,
    audience: str,
    parts: tuple[str, ...] = PARTS,
    *,
    me: Participant | None = None,
    viewer: int | None = None,
) -> dict[str, str]:
    """The parts as this audience sees them. `me` is set only for somebody whose audience has nobody else, `viewer` for a page
    that one person asks for: what is meant for that person alone is open in it from the beginning."""
    return render(RoomView(session, meeting, audience, me, viewer=viewer), parts)


def render(view: RoomView, parts: tuple[str, ...] = PARTS) -> dict[str, str]:
    """The parts of a view, as far as its page has a place for them."""
    shown = [part for part in parts if part in (SCREEN_PARTS if view.is_screen else PARTS)]
    return {part: render_template(f"meetings/live/{part}.html", view=view, meeting=view.meeting) for part in shown}


def warm(app: Flask) -> None:
    """Render the room of the latest meeting for nobody. The first rendering takes ten times as long as the others, and should not
    fall upon the room that comes back after a restart."""
    for part in PARTS:
        app.jinja_env.get_template(f"meetings/live/{part}.html")
    try:
        with app.test_request_context(), reading() as session:
            if meeting := session.scalar(select(Meeting).order_by(Meeting.starts_at.desc()).limit(1)):
                for audience in (MEMBERS, SCREEN, HEAD):
                    render_parts(session, meeting, audience)
    except Exception as error:  # whoever comes to that room will hear of it; the program must start
        log.warning("room not warmed", exc_info=error)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an audience saw at a revision, and what each finds its own state in."""

    revision: int
    parts: dict[str, str]
    present: dict[int, Presence]
    floor: FloorNow  # its speeches are detached: their own columns only
    at: float  # monotonic


@dataclass
class _Place:
    kept: Kept | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeptParts:
    """What two hundred clients fetch who come back within a second, rendered once for each audience and revision.

    Rendered as if nobody asked, as what the room is sent: no token and no language of whoever came first stands in it.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._guard = threading.Lock()
        self._places: dict[tuple[int, str], _Place] = {}

    def of(self, session: Session, meeting: Meeting, audience: str) -> Kept:
        """What that audience sees at the revision of this session. Others who ask meanwhile wait for the same."""
        with self._guard:
            place = self._places.setdefault((meeting.id, audience), _Place())
        with place.lock:
            kept = place.kept
            if kept is None or kept.revision != meeting.revision or time.monotonic() - kept.at > KEPT_S:
                kept = place.kept = self._render(session, meeting, audience)
            return kept

    def forget(self, meeting_id: int) -> None:
        """Keep nothing of a meeting: something changed that has no revision, such as how many have voted."""
        with self._guard:
            for key in [key for key in self._places if key[0] == meeting_id]:
                del self._places[key]

    def _render(self, session: Session, meeting: Meeting, audience: str) -> Kept:
        begun = time.monotonic()
        view = RoomView(session, meeting, audience)
        with self._app.test_request_context():
            return Kept(meeting.revision, render(view), view.present, view.floor, begun)
