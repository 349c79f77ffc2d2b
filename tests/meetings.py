"""A meeting for tests: a body of five with its rule, a chair, a deputy, a secretary without a vote, two members, and a guest of
one item.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain.meetings.agenda import ItemKind
from domain.meetings.meetings import MeetingState, Part
from domain.meetings.running_order import Doubt
from domain.people.roles import Role
from storage.ground.database import Database
from storage.meetings.bodies import Body, BodyMember, BodyRules
from storage.meetings.meetings import AgendaItem, GuestItem, Meeting, Participant
from storage.people.people import Person
from tests.cast import Cast
from tests.prepared import prepare

STARTS, ENDS = datetime(2026, 11, 25, 1, 0, tzinfo=UTC), datetime(2026, 11, 25, 4, 30, tzinfo=UTC)  # 8:00 to 11:30 there

SURE = [*Doubt]  # what a press sends that answers every question before it is asked

# login, name, title, part, with a vote
PARTICIPANTS = [
    ("chair", "Hồ Thị Chủ Tọa", "Chủ tịch", Part.CHAIR, True),
    ("deputy", "Đinh Văn Phó", "Phó Chủ tịch", Part.DEPUTY, True),
    ("secretary", "Bùi Thị Ghi", "Chánh Văn phòng", Part.SECRETARY, False),
    ("member", "Phạm Ủy Viên", "Ủy viên", Part.MEMBER, True),
    ("delegate", "Mai Thị Đại Biểu", "Ủy viên", Part.MEMBER, True),
    ("absentee", "Trương Văn Vắng", "Ủy viên", Part.MEMBER, True),
    ("guest", "Ngô Khách Mời", "Trưởng phòng Sở Nội vụ", Part.GUEST, False),
]

# title, kind, minutes
AGENDA = [
    ("Khai mạc, thông qua chương trình", ItemKind.INFORMATION, 15),
    ("Báo cáo kết quả công tác năm 2026", ItemKind.DISCUSSION, 60),
    ("Thông qua Nghị quyết về chuyển đổi số", ItemKind.DECISION, 30),  # the guest is invited to this one
]


@dataclass(frozen=True, slots=True)
class Gathering:
    """The ids of a meeting, of its items in their order, and of the participants by login."""

    meeting: int
    items: list[int]
    participants: dict[str, int]


def gather_meeting(
    database: Database,
    cast: Cast,
    *,
    state: MeetingState = MeetingState.CONVENED,
    starts_at: datetime = STARTS,
    password_hash: str = "!",
) -> Gathering:
    """Put the meeting and its people into the database of the cast. If it is open, the chair presides; nobody is checked in."""

    def write(database: Database) -> tuple[Gathering, dict[str, int]]:
        own = deepcopy(cast)
        return _write(database, own, state, starts_at, password_hash), own.people

    gathering, people = prepare(database, ("meeting", state, starts_at, password_hash), write)
    cast.people.update(people)
    return gathering


def _write(database: Database, cast: Cast, state: MeetingState, starts_at: datetime, password_hash: str) -> Gathering:
    with database.writing() as session:
        body = Body(unit_id=cast.units["LDLD"], name="Ban Chấp hành khóa XIV", valid_from=date(2023, 9, 1))
        rules = BodyRules(valid_from=date(2023, 9, 1), source="Quy chế làm việc của Ban Chấp hành, điều 9")
        body.rules.append(rules)
        meeting = Meeting(
            body=body, rules=rules, title="Hội nghị Ban Chấp hành lần thứ 12", place="Hội trường A", starts_at=starts_at,
            ends_at=starts_at + (ENDS - STARTS), state=state, items=[AgendaItem(title=title, kind=kind, minutes=minutes, position=number)
                                              for number, (title, kind, minutes) in enumerate(AGENDA)],
        )  # fmt: skip
        session.add(meeting)
        for position, (login, name, title, part, has_vote) in enumerate(PARTICIPANTS):
            person = session.get(Person, cast.people.get(login, 0))
            if person is None:
                person = Person(login=login, name=name, password_hash=password_hash, roles=frozenset({Role.MEMBER}))
                session.add(person)
                session.flush()
                cast.people[login] = person.id
            if has_vote:
                body.members.append(BodyMember(person=person, title=title, position=position, valid_from=date(2023, 9, 1)))
            meeting.participants.append(
                Participant(person=person, name=person.name, title=title, part=part, has_vote=has_vote, position=position)
            )
        session.flush()
        if state is MeetingState.OPEN:
            meeting.presiding_id, meeting.opened_at = cast.people["chair"], starts_at
        people = {
            cast_login: one.id for cast_login, one in zip([row[0] for row in PARTICIPANTS], meeting.participants, strict=True)
        }
        session.add(GuestItem(participant_id=people["guest"], item_id=meeting.items[2].id))
        return Gathering(meeting.id, [item.id for item in meeting.items], people)
