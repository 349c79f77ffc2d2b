"""The meetings of the demo: two bodies with their rules, one meeting that people have been called to, and one that is open now.

All members are invented; those without an account of the demo have an address that no mail reaches.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from domain.ground.calendars import add_working_days
from domain.ground.clock import now
from domain.ground.vietnamese import fold
from domain.meetings.agenda import ItemKind, ItemState
from domain.meetings.meetings import MeetingKind, MeetingState, Part
from domain.meetings.quorum import QuorumBase
from domain.people.roles import Role
from khonggiay.demo.tables import table
from storage.ground.settings import Settings
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.bodies import Body, BodyMember, BodyRules
from storage.meetings.mail.calendar_files import ZONE
from storage.meetings.mail.invitations import invite
from storage.meetings.meetings import AgendaItem, GuestItem, Meeting, Meetings, Participant
from storage.meetings.preparing import Preparation
from storage.people.people import People, Person
from storage.people.units import Units

_SINCE = date(2025, 7, 1)
_HOST = "ldld.example"  # a name that is never given to anybody (RFC 2606)

CHAIR, SECRETARY = "chutich", "canbo"
MEETINGS = table("meetings")
_GUEST, _GUEST_ITEM = "luutru", 4  # the archivist presents the fifth item, and is invited to it alone
_ANSWERED = 26  # how many of the list have answered
_PRESENT = 7  # how many of the eleven are there: one less than the rule asks, until somebody checks in


@dataclass(frozen=True, slots=True)
class _Bodies:
    """The two bodies of the demo."""

    committee: Body
    standing: Body


def add_meetings(session: Session, settings: Settings) -> Body:
    """Bodies and meetings, for an installation that holds the people and units of the demo; the standing committee."""
    bodies = _add_bodies(session)
    _add_convened(session, settings, bodies.committee)
    _add_open(session, bodies.standing)
    return bodies.standing


def _add_bodies(session: Session) -> _Bodies:
    unit = Units(session).find("LDLD-GL")
    heads = [(People(session).named(login), title) for login, title in MEETINGS["heads"]]
    standing = [*heads, *((_invented(session, name), "Ủy viên Ban Thường vụ") for name in MEETINGS["standing"])]
    rest = [People(session).named("tuyphuoc"), *(_invented(session, name) for name in MEETINGS["ordinary"])]
    whole = [*standing, *((person, "Ủy viên Ban Chấp hành") for person in rest)]
    bodies = []
    for name, members in (("Ban Chấp hành LĐLĐ tỉnh khóa XIV", whole), ("Ban Thường vụ LĐLĐ tỉnh khóa XIV", standing)):
        body = Body(unit_id=unit.id if unit else 0, name=name, valid_from=_SINCE)
        body.rules.append(
            BodyRules(valid_from=_SINCE, source=MEETINGS["source"], quorum_base=QuorumBase.CONVENED, allows_delegates=True)
        )
        body.members = [
            BodyMember(person=person, title=title, position=position, valid_from=_SINCE)
            for position, (person, title) in enumerate(members, start=1)
        ]
        session.add(body)
        bodies.append(body)
    session.flush()
    return _Bodies(*bodies)


def _invented(session: Session, name: str) -> Person:
    """Somebody without a password, under an address made of the name."""
    login = fold(name).replace("’", "").replace("'", "").replace(" ", ".")
    return People(session).add(f"{login}@{_HOST}", name, frozenset({Role.MEMBER}))


def _add_convened(session: Session, settings: Settings, body: Body) -> None:
    """A conference four working days ahead, to which most have answered; the demo's member has not."""
    day = add_working_days(now().astimezone(ZONE).date(), 4)
    starts_at = datetime.combine(day, time(8), tzinfo=ZONE)
    meeting = prepare_meeting(
        session,
        body,
        "Hội nghị Ban Chấp hành LĐLĐ tỉnh lần thứ 12",
        starts_at,
        timedelta(hours=3, minutes=30),
        MEETINGS["agenda"],
    )
    meeting.kind, meeting.place, meeting.invitation_number = (
        MeetingKind.CONFERENCE,
        "Hội trường tầng 3, trụ sở LĐLĐ tỉnh",
        "12/GM-LĐLĐ",
    )
    guest = Preparation(session, meeting).add(People(session).named(_GUEST), title="Cán bộ lưu trữ", has_vote=False)
    guest.part, guest.guest_items = Part.GUEST, [GuestItem(item_id=meeting.items[_GUEST_ITEM].id)]
    Preparation(session, meeting).convene()
    Meetings(session).add_event(meeting, "meeting_convened", person_id=meeting.created_by_id, parts="now agenda")
    invite(session, settings, meeting)
    for number, one in enumerate(meeting.participants[:_ANSWERED], start=1):
        if one.person.login != "uyvien":
            _answer(one, MEETINGS["absent"].get(str(number), ""))


def _answer(one: Participant, reason: str) -> None:
    one.coming, one.reason, one.answered_at = not reason, reason, now()


def _add_open(session: Session, body: Body) -> None:
    """A meeting of the standing committee, open for practice: one more check-in, and the quorum is met."""
    starts_at = now() - timedelta(minutes=10)
    meeting = prepare_meeting(
        session, body, "Họp Ban Thường vụ tháng này (để tập dùng)", starts_at, timedelta(hours=2), MEETINGS["practice"]
    )
    meeting.place, meeting.invitation_number = "Phòng họp số 1, trụ sở LĐLĐ tỉnh", "15/GM-LĐLĐ"
    meetings, chair = Meetings(session), People(session).named(CHAIR)
    Preparation(session, meeting).convene()
    meetings.add_event(meeting, "meeting_convened", person_id=meeting.created_by_id, parts="now agenda")
    meeting.state, meeting.opened_at = MeetingState.OPEN, now()
    meeting.presiding_id, meeting.presiding_since = chair.id, now()
    meetings.add_event(meeting, "meeting_opened", person_id=chair.id, parts="quorum now agenda", facts={"name": chair.name})
    _check_in(session, meeting)
    first = meeting.items[0]
    first.state, first.taken_up_at = ItemState.ON_FLOOR, now()
    meetings.add_event(
        meeting, "item_taken_up", person_id=chair.id, item=first, parts="now agenda", facts={"title": first.title}
    )


def _check_in(session: Session, meeting: Meeting) -> None:
    """Most are there; the demo's member is not yet, so that one may check in."""
    attendance, secretary = Attendance(session, meeting), People(session).named(SECRETARY)
    here = [one for one in meeting.participants if one.person.login not in ("uyvien", SECRETARY)][:_PRESENT]
    for one in here:
        attendance.come(one, Presence.IN_ROOM, set_by="secretary", set_by_id=secretary.id)


def prepare_meeting(
    session: Session,
    body: Body,
    title: str,
    starts_at: datetime,
    lasts: timedelta,
    agenda: list[dict[str, Any]],
) -> Meeting:
    """A draft with the body's members, chair, secretary and agenda."""
    clerk, chair, secretary = (People(session).named(login) for login in ("vanthu", CHAIR, SECRETARY))
    meeting = Meeting(body=body, title=title, starts_at=starts_at, ends_at=starts_at + lasts, created_by_id=clerk.id)
    meeting.items = [AgendaItem(position=number, **one | {"kind": ItemKind(one["kind"])}) for number, one in enumerate(agenda)]
    session.add(meeting)
    session.flush()
    preparation = Preparation(session, meeting)
    preparation.seat_members(starts_at.astimezone(ZONE).date())
    preparation.appoint(Part.CHAIR, chair)
    preparation.appoint(Part.SECRETARY, secretary)
    return meeting
