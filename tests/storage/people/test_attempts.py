from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from domain.ground import clock
from domain.people.throttle import Failures
from storage.ground.database import Database
from storage.people.attempts import Attempts, SignInAttempt, Try
from storage.people.people import People, SignIns
from tests.cast import Cast, gather

HERE, ELSEWHERE = "10.0.0.5", "10.0.0.6"


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def fail(database: Database, login: str = "clerk", address: str = HERE, device: str = "new", *, times: int = 1) -> None:
    for _ in range(times):
        with database.writing() as session:
            Attempts(session).add(Try(login, address, device))


def before(database: Database, login: str = "clerk", address: str = HERE) -> Failures:
    with database.reading() as session:
        return Attempts(session).before(Try(login, address, "new"))


def knows(database: Database, login: str, device: str) -> bool:
    with database.reading() as session:
        return Attempts(session).knows(Try(login, HERE, device))


def sign_in(database: Database, cast: Cast, login: str, device: str) -> None:
    with database.writing() as session:
        person = People(session).get(cast.people[login])
        token = SignIns(session).start(person, lasting=timedelta(hours=12), address=HERE, device="")
        SignIns(session).remember(token, device)


def test_failures_are_counted_at_the_login_and_at_the_network(database: Database) -> None:
    fail(database, times=2)
    fail(database, login=" CLERK ", address=ELSEWHERE)
    fail(database, login="staff")
    assert before(database) == Failures(of_login=3, of_network=3, of_both=2)


def test_all_addresses_of_one_household_count_as_one(database: Database) -> None:
    fail(database, login="a", address="2001:db8::1")
    fail(database, login="b", address="2001:db8::2")
    assert before(database, "c", "2001:db8::3").of_network == 2


def test_a_failure_is_forgotten_after_fifteen_minutes_and_its_row_goes_with_the_next(
    database: Database, stopped_clock: datetime
) -> None:
    fail(database, login="made-up", times=3)
    clock.fix(stopped_clock + timedelta(minutes=15))
    assert before(database, "made-up") == Failures()
    fail(database, login="another")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 1


def test_success_forgives_what_failed_there_and_not_what_others_do_elsewhere(database: Database) -> None:
    fail(database, times=2)
    fail(database, address=ELSEWHERE, times=3)
    with database.writing() as session:
        Attempts(session).forgive(Try("clerk", HERE, "new"))
    assert before(database) == Failures(of_login=3, of_network=0, of_both=0)


def test_all_failures_of_a_login_can_be_forgotten(database: Database) -> None:
    fail(database, times=2)
    fail(database, address=ELSEWHERE)
    fail(database, login="staff")
    with database.writing() as session:
        assert Attempts(session).of("clerk") == 3
        Attempts(session).forget("clerk")
    assert before(database) == Failures(of_login=0, of_network=1, of_both=0)


def test_a_device_is_known_for_the_person_who_signed_in_on_it_and_for_nobody_else(database: Database, cast: Cast) -> None:
    assert not knows(database, "clerk", "tablet")
    sign_in(database, cast, "clerk", "tablet")
    assert knows(database, " Clerk", "tablet")
    assert not knows(database, "staff", "tablet")
    assert not knows(database, "clerk", "another")
    assert not knows(database, "nobody", "tablet")


def test_a_shared_tablet_knows_everybody_who_has_used_it(database: Database, cast: Cast) -> None:
    sign_in(database, cast, "clerk", "tablet")
    sign_in(database, cast, "staff", "tablet")
    assert knows(database, "clerk", "tablet")
    assert knows(database, "staff", "tablet")


def test_others_cannot_make_a_device_unknown_but_five_failures_on_it_do(database: Database, cast: Cast) -> None:
    sign_in(database, cast, "clerk", "tablet")
    fail(database, times=100)
    assert knows(database, "clerk", "tablet")
    fail(database, device="tablet", times=4)
    assert knows(database, "clerk", "tablet")
    fail(database, device="tablet")
    assert not knows(database, "clerk", "tablet")


def test_neither_the_login_nor_the_device_is_kept_in_clear(database: Database, cast: Cast) -> None:
    fail(database, login="my-password-by-mistake", device="secret-of-device")
    sign_in(database, cast, "clerk", "secret-of-device")
    with database.engine.connect() as connection:
        kept = [str(connection.exec_driver_sql(f"SELECT * FROM {table}").all()) for table in ("sign_in_attempts", "sign_ins")]  # noqa: S608
    assert "my-password" not in kept[0]
    assert "secret-of-device" not in kept[0] + kept[1]
