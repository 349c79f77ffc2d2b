"""Bodies as records: who belongs to one on a day, which rules are in force, and rules that a meeting holds fixed."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from domain.meetings.invitations import RulesInUse
from domain.people.roles import Role
from domain.people.units import UnitKind
from storage.ground.database import Database
from storage.meetings.bodies import Bodies, Body, BodyMember, BodyRules
from storage.meetings.meetings import Meeting, Meetings
from storage.people.people import People
from storage.people.units import Unit


@pytest.fixture
def body_id(database: Database) -> int:
    with database.writing() as session:
        unit = Unit(code="LDLD", name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=date(1989, 7, 1))
        body = Body(unit=unit, name="Ban Thường vụ khóa XIV", valid_from=date(2023, 9, 1))
        session.add(body)
        people = People(session)
        for position, (login, first, last) in enumerate(
            [("hai", date(2023, 9, 1), None), ("mot", date(2023, 9, 1), date(2025, 6, 30)), ("ba", date(2025, 7, 1), None)]
        ):
            person = people.add(login, login.title(), frozenset({Role.MEMBER}))
            body.members.append(BodyMember(person=person, position=-position, valid_from=first, valid_to=last))
        body.rules = [
            BodyRules(valid_from=date(2025, 1, 1), source="Quy chế mới", quorum_parts=3, quorum_of=4),
            BodyRules(valid_from=date(2023, 9, 1), source="Quy chế cũ"),
        ]
        session.flush()
        return body.id


@pytest.mark.parametrize(
    ("day", "logins"),
    [
        (date(2023, 8, 31), []),
        (date(2025, 6, 30), ["mot", "hai"]),
        (date(2025, 7, 1), ["ba", "hai"]),
    ],
)
def test_who_belongs_on_a_day_stands_in_the_order_of_the_list(
    database: Database, body_id: int, day: date, logins: list[str]
) -> None:
    with database.reading() as session:
        assert [member.person.login for member in Bodies(session).get(body_id).members_on(day)] == logins


@pytest.mark.parametrize(
    ("day", "share"),
    [(date(2023, 8, 31), None), (date(2024, 12, 31), Fraction(2, 3)), (date(2025, 1, 1), Fraction(3, 4))],
)
def test_the_rules_in_force_are_the_last_that_have_begun(
    database: Database, body_id: int, day: date, share: Fraction | None
) -> None:
    with database.reading() as session:
        rules = Bodies(session).get(body_id).rules_on(day)
        assert (rules.quorum_share if rules else None) == share


def test_rules_that_a_meeting_holds_are_not_changed_and_others_are(database: Database, body_id: int) -> None:
    with database.writing() as session:
        old, new = Bodies(session).get(body_id).rules
        moment = datetime(2024, 5, 1, tzinfo=UTC)
        session.add(Meeting(body_id=body_id, rules_id=old.id, title="Họp", starts_at=moment, ends_at=moment))
    with database.writing() as session:
        old, new = Bodies(session).get(body_id).rules
        assert [Meetings(session).convened_by(rules) for rules in (old, new)] == [1, 0]
        Meetings(session).change_rules(new, {"quorum_parts": 4, "quorum_of": 5})
        with pytest.raises(RulesInUse):
            Meetings(session).change_rules(old, {"quorum_parts": 1})
    with database.reading() as session:
        assert [rules.quorum_share for rules in Bodies(session).get(body_id).rules] == [Fraction(2, 3), Fraction(4, 5)]
