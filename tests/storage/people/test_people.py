from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.ground import clock
from domain.ground.errors import AlreadyExists, NotFound
from domain.people.roles import Role
from storage.ground.database import Database
from storage.people.people import People, Person, SignIns, matching
from storage.people.scopes import Scopes
from tests.cast import Cast, gather

HERE = "10.0.0.5"
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def token(database: Database, cast: Cast) -> str:
    with database.writing() as session:
        person = People(session).get(cast.people["clerk"])
        return SignIns(session).start(person, lasting=timedelta(hours=12), address=HERE, device="a tablet")


def holds(database: Database, token: str) -> bool:
    with database.reading() as session:
        return SignIns(session).find(token) is not None


def test_a_sign_in_holds_for_its_hours_and_no_longer(database: Database, cast: Cast, stopped_clock: datetime) -> None:
    with database.writing() as session:
        person = People(session).get(cast.people["clerk"])
        token = SignIns(session).start(person, lasting=timedelta(hours=12), address=HERE, device="")
    clock.fix(MORNING + timedelta(hours=12) - timedelta(seconds=1))
    assert holds(database, token)
    clock.fix(MORNING + timedelta(hours=12))
    assert not holds(database, token)


def test_the_sign_in_of_a_closed_account_holds_no_more(database: Database, cast: Cast, token: str) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).is_open = False
    assert not holds(database, token)


def test_signing_out_everywhere_ends_each_sign_in_of_that_person_only(database: Database, cast: Cast, token: str) -> None:
    with database.writing() as session:
        other = People(session).get(cast.people["staff"])
        others_token = SignIns(session).start(other, lasting=timedelta(hours=1), address=HERE, device="")
        SignIns(session).end_all(People(session).get(cast.people["clerk"]))
    assert not holds(database, token)
    assert holds(database, others_token)


def test_the_token_itself_is_not_in_the_database(database: Database, token: str) -> None:
    with database.engine.connect() as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM sign_ins").all())


def test_people_are_listed_by_their_given_names_as_in_vietnam_and_closed_accounts_last(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        People(session).get(cast.people["archivist"]).is_open = False
    with database.reading() as session:
        names = [person.name for person in People(session).all()]
    open_ones = [
        "Võ Người Lạ",
        "Đỗ Thị Sổ",
        "Lê Văn Thư",
        "Hoàng Thị Chủ Tịch",
        "Nguyễn Hữu Tra",
        "Đặng Quản Trị",
        "Phạm Ủy Viên",
    ]
    assert names == [*open_ones, "Trần Thị Lan"]


@pytest.mark.parametrize(
    ("words", "wanted", "logins"),
    [
        ("tran thi", {}, ["archivist"]),
        ("Thị Trần", {}, ["archivist"]),
        ("", {"role": Role.CLERK}, ["unit_clerk", "clerk"]),
        ("", {"unit": "CD-PHUCAT"}, ["unit_clerk", "member"]),
        ("archiv", {}, ["archivist"]),
        ("khong co", {}, []),
    ],
)
def test_people_are_found_by_words_with_or_without_accents_by_role_and_by_unit(
    database: Database, cast: Cast, words: str, wanted: dict[str, Any], logins: list[str]
) -> None:
    with database.reading() as session:
        unit_id = cast.units[wanted["unit"]] if "unit" in wanted else None
        found = People(session).page(*matching(words, role=wanted.get("role"), unit_id=unit_id)).rows
        assert [person.login for person in found] == logins


def test_a_login_belongs_to_one_person_whatever_its_case(database: Database, cast: Cast) -> None:
    with database.writing() as session, pytest.raises(AlreadyExists):
        People(session).add(" CLERK ", "Một Người Khác", frozenset())
    with database.reading() as session, pytest.raises(NotFound):
        People(session).named("nobody")


def test_taking_a_role_away_leaves_the_others(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        person = People(session).get(cast.people["clerk"])
        person.roles = frozenset({Role.CLERK, Role.ARCHIVIST})
        session.flush()
        person.roles = frozenset({Role.ARCHIVIST, Role.STAFF})
    with database.reading() as session:
        assert session.get_one(Person, cast.people["clerk"]).roles == {Role.ARCHIVIST, Role.STAFF}


def test_a_seat_that_has_ended_opens_no_papers_any_more(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        member = People(session).get(cast.people["member"])
        member.seats[0].valid_to = date(2025, 6, 30)
        assert member.units_on(date(2025, 6, 30)) == {cast.units["CD-PHUCAT"]}
        assert Scopes(session).audiences(member) == {"open"}
