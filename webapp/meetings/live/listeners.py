"""Which sockets listen to which meeting, and in which audience; nobody goes on hearing what is theirs no more."""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from domain.people.roles import Permission, Role, permissions_of
from storage.meetings.meetings import GuestItem, Meeting, Participant
from storage.people.people import Person, PersonRole, Seat
from webapp.ground.sockets import NAMESPACE, Socket, Sockets, close, server
from webapp.meetings.live.rights import SCREEN, listens_as, room_of

_CONVENERS = [role for role in Role if Permission.CONVENE_MEETINGS in permissions_of(frozenset({role}))]


def person_room(person_id: int) -> str:
    """The socket room of all devices of one person that listen to a meeting."""
    return f"person:{person_id}"


class Listeners:
    """The listeners of this process's meetings."""

    def __init__(self, sockets: Sockets) -> None:
        self.sockets = sockets
        self._parts: dict[int, Hashable] = {}  # who took which part when the listeners of a meeting were last settled

    def enter(self, session: Session, socket: Socket, meeting: Meeting, *, on_screen: bool) -> bool:
        """Let a device listen to the meeting, if it may."""
        participant = meeting.participant(socket.person_id)
        audience = listens_as(session, meeting, participant, socket.person_id, on_screen=on_screen)
        if audience is None:
            return False
        if meeting.id not in self._parts:  # the first of the room; whatever changes from here on is noticed
            self._parts[meeting.id] = _parts(session, meeting)
        return self._join(socket, meeting.id, audience)

    def leave(self, socket: Socket, meeting_id: int) -> None:
        """A device listens to the meeting no more."""
        if audience := socket.meetings.pop(meeting_id, None):
            server().leave_room(socket.sid, room_of(meeting_id, audience), namespace=NAMESPACE)

    def settle(self, session: Session, meeting: Meeting) -> None:
        """Put everybody who listens where they belong now: other audiences for other parts, the door for who has none."""
        self._parts[meeting.id] = _parts(session, meeting)
        participants = {one.person_id: one for one in meeting.participants}
        for socket in self.sockets.in_meeting(meeting.id):
            before = socket.meetings.get(meeting.id)
            theirs = participants.get(socket.person_id)
            audience = listens_as(session, meeting, theirs, socket.person_id, on_screen=before == SCREEN)
            if audience is None:
                close(socket)
            elif audience != before:
                self.leave(socket, meeting.id)
                self._join(socket, meeting.id, audience)

    def settle_if_changed(self, session: Session, meeting: Meeting) -> None:
        """Settle if anybody's part, language, account or right to convene has changed since the last time; cheap, since it
        stands before every message and every heartbeat."""
        if self._parts.get(meeting.id) != _parts(session, meeting):
            self.settle(session, meeting)

    def _join(self, socket: Socket, meeting_id: int, audience: str) -> bool:
        """Let the socket in; False if it has gone meanwhile, which the library says in two ways."""
        socket.meetings[meeting_id] = audience
        try:
            for room in (room_of(meeting_id, audience), person_room(socket.person_id)):
                server().enter_room(socket.sid, room, namespace=NAMESPACE)
        except (KeyError, ValueError):
            return False
        return True


def _parts(session: Session, meeting: Meeting) -> Hashable:
    """Something that differs whenever the audience of somebody may: made by the database of one row, however many take part."""
    return meeting.state, meeting.presiding_id, *session.execute(_PARTS, {"meeting_id": meeting.id}).one()


def _all_parts() -> Select[Any]:
    of_meeting = Participant.meeting_id == bindparam("meeting_id")
    parts = select(_rows(Participant.person_id, Participant.part, Person.is_open, Person.language))
    parts = parts.select_from(Participant).join(Person).where(of_meeting)
    items = select(_rows(GuestItem.participant_id, GuestItem.item_id)).join(Participant).where(of_meeting)
    conveners = select(_rows(PersonRole.person_id)).where(PersonRole.role.in_(_CONVENERS))
    seats = select(_rows(Seat.person_id, Seat.unit_id, Seat.valid_to))
    seats = seats.where(Seat.person_id.in_(select(PersonRole.person_id).where(PersonRole.role.in_(_CONVENERS))))
    return select(*(one.scalar_subquery() for one in (parts, items, conveners, seats)))


def _rows(first: Any, *others: Any) -> Any:
    """The columns of all rows, as one text."""
    row: Any = cast(first, String)
    for column in others:
        row = row + ":" + (type_coerce(column, String) if isinstance(column.type, String) else cast(column, String))
    return func.aggregate_strings(row, ",")


_PARTS = _all_parts()
