"""Who is connected: the sign-in and the person behind each socket, and the meetings it listens to. What is sent there is not known here."""

import threading
import time
from dataclasses import dataclass, field

BURST, PER_S = 20.0, 5.0  # what one socket may say at once, and then every second


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
