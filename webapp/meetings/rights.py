"""Who may what in a meeting, and to which audience of its room somebody belongs."""

from sqlalchemy.orm import Session

from domain.errors import NotFound, RuleError
from domain.meetings import Right
from domain.roles import Permission
from storage.meetings import Meeting, Participant
from storage.people import Person

HEAD, MEMBERS, SCREEN = "head", "members", "screen"
GUESTS, FETCHERS = "guests", "fetchers"  # of single items; readers of another language. They hear of news, and fetch them
EVERYBODY = (MEMBERS, SCREEN, HEAD, GUESTS, FETCHERS)
OPENS_SCREEN = frozenset({Right.RECORD, Right.TAKE_SEAT, Right.PREPARE})  # any of them may open the big screen

_OF_CONVENERS = frozenset({Right.ATTEND, Right.PREPARE})  # of who prepares meetings without a part in this one


def rights_in(meeting: Meeting, participant: Participant | None, person: Person) -> frozenset[Right]:
    """All that the person, with that part in the meeting or none, may do there; raises NotFound if it is none of theirs."""
    convenes = person.may(Permission.CONVENE_MEETINGS)
    is_hidden = not meeting.was_announced and meeting.created_by_id != person.id
    if not convenes and (participant is None or (is_hidden and Right.PREPARE not in participant.rights)):
        raise NotFound("meeting", meeting.id)
    return (participant.rights if participant else frozenset()) | (_OF_CONVENERS if convenes else frozenset())


def audience_of(participant: Participant | None) -> str:
    """What somebody is shown; who prepares a meeting without a part in it sees what members see."""
    if participant is None:
        return MEMBERS
    if participant.rights & {Right.TAKE_SEAT, Right.RECORD}:
        return HEAD
    return MEMBERS if participant.sees_whole else GUESTS


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
