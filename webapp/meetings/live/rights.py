"""Who may what in a meeting, and to which audience of its room somebody belongs."""

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import Session, object_session

from domain.ground.clock import today
from domain.ground.errors import NotFound, RuleError, StepNotAllowed
from domain.meetings.meetings import MeetingState, Part, Right
from domain.people.roles import Permission
from storage.meetings.meetings import Meeting, Participant, convened_by
from storage.meetings.minutes import Approver
from storage.people.people import Person
from storage.people.scopes import Scopes

HEAD, MEMBERS, SCREEN = "head", "members", "screen"
GUESTS, FETCHERS = "guests", "fetchers"  # of single items; readers of another language. They hear of news, and fetch them
EVERYBODY = (MEMBERS, SCREEN, HEAD, GUESTS, FETCHERS)
OPENS_SCREEN = frozenset({Right.RECORD, Right.TAKE_SEAT, Right.PREPARE})  # any of them may open the big screen

_OF_CONVENERS = frozenset({Right.ATTEND, Right.PREPARE})  # of who prepares meetings without a part in this one


def rights_in(meeting: Meeting, participant: Participant | None, person: Person) -> frozenset[Right]:
    """All that the person, with that part in the meeting or none, may do there; raises NotFound if it is none of theirs."""
    by_office = convenes(meeting, person)
    is_hidden = not meeting.was_announced and meeting.created_by_id != person.id
    if not by_office and (participant is None or (is_hidden and Right.PREPARE not in participant.rights)):
        raise NotFound("meeting", meeting.id)
    return (participant.rights if participant else frozenset()) | (_OF_CONVENERS if by_office else frozenset())


def convenes(meeting: Meeting, person: Person) -> bool:
    """Whether the person prepares the meeting by office: who called it, and the clerks of the unit whose body meets."""
    if not person.may(Permission.CONVENE_MEETINGS):
        return False
    session = object_session(meeting)
    of_unit = session is not None and meeting.body is not None and meeting.body.unit_id in convening_units(session, person)
    return of_unit or meeting.created_by_id == person.id


def convening_units(session: Session, person: Person) -> frozenset[int]:
    """The units whose bodies the person convenes; asked once in a transaction, since a list asks for each of its meetings."""
    if not person.may(Permission.CONVENE_MEETINGS):
        return frozenset()
    known: dict[int, frozenset[int]] = session.info.setdefault("convening_units", {})
    if person.id not in known:
        known[person.id] = Scopes(session).kept_by(person, today())
    return known[person.id]


def convened(session: Session, person: Person) -> ColumnElement[bool]:
    """The meetings that the person prepares by office, as a condition of queries."""
    return convened_by(person, convening_units(session, person)) if person.may(Permission.CONVENE_MEETINGS) else false()


def audience_of(participant: Participant | None) -> str:
    """What somebody is shown; who prepares a meeting without a part in it sees what members see."""
    if participant is None:
        return MEMBERS
    if participant.rights & {Right.TAKE_SEAT, Right.RECORD}:
        return HEAD
    return MEMBERS if participant.sees_whole else GUESTS


def leads_or_convenes(meeting: Meeting, participant: Participant | None, person: Person) -> bool:
    """Whether the person is of the head of the meeting, or convenes it."""
    leads = participant is not None and audience_of(participant) == HEAD
    return leads or convenes(meeting, person)


def takes_pack(meeting: Meeting, participant: Participant | None, person: Person) -> bool:
    """Whether the person may take the audit pack now."""
    return meeting.state is MeetingState.CLOSED and leads_or_convenes(meeting, participant, person)


def check_closed(meeting: Meeting) -> None:
    """Raises StepNotAllowed before the close."""
    if meeting.state is not MeetingState.CLOSED:
        raise StepNotAllowed(meeting.state, "minutes")


def approver_rights(meeting: Meeting, participant: Participant | None) -> set[Approver]:
    """In what capacities the person may approve the minutes, and correct the attendance until then: a secretary; the chair, or
    who sat in the chair's seat at the close."""
    found = set()
    if participant and Right.RECORD in participant.rights:
        found.add(Approver.SECRETARY)
    if participant and (participant.part is Part.CHAIR or meeting.presiding_id == participant.person_id):
        found.add(Approver.CHAIR)
    return found


def listens_as(
    session: Session, meeting: Meeting, participant: Participant | None, person_id: int, *, on_screen: bool
) -> str | None:
    """The audience in which that person's device hears the meeting, or None if it may not."""
    person = participant.person if participant else session.get_one(Person, person_id)
    try:
        rights = rights_in(meeting, participant, person)
    except RuleError:
        return None
    if not person.is_open or not rights & (OPENS_SCREEN if on_screen else {Right.ATTEND}):
        return None
    if on_screen:
        return SCREEN
    audience = audience_of(participant)
    return FETCHERS if person.language != "vi" and audience != GUESTS else audience


def room_of(meeting_id: int, audience: str) -> str:
    """The name of the socket room."""
    return f"meeting:{meeting_id}:{audience}"
