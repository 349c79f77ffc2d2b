"""A room that signs in at once, an outsider with wrong passwords, and what each of them waits for."""

import threading
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.people.roles import Role
from domain.people.throttle import TooManyTries
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.people import People, Person
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.people.accounts.acts import users_password, users_unlock
from webapp.people.accounts.door import COOKIE, Lanes, lanes
from webapp.people.accounts.passwords import hash_password

PASSWORD = "mot-mat-khau-dai-2026"
OFFICE, OUTSIDE, AWAY = "203.0.113.5", "198.51.100.7", "192.0.2.9"


@pytest.fixture
def door(app: Flask, database: Database, cast: Cast) -> Flask:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password(PASSWORD)
    return app


def enter(client: FlaskClient, address: str, password: str = PASSWORD, login: str = "clerk") -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password}, environ_base={"REMOTE_ADDR": address})


def guess(app: Flask, times: int, *, address: str = OUTSIDE, login: str = "clerk") -> TestResponse:
    for n in range(times):
        answer = enter(app.test_client(), address, f"sai-mat-khau-{n}", login)
        assert answer.status_code == 422
    return answer


def seconds_to_enter(client: FlaskClient, address: str, password: str = PASSWORD) -> float:
    """How long the right password waits; the stopped clock moves by the pause."""
    before = clock.now()
    assert enter(client, address, password).status_code == 303
    return (clock.now() - before).total_seconds()


def test_forty_five_people_behind_one_address_who_sign_in_at_once_all_get_in(door: Flask, database: Database) -> None:
    with database.writing() as session:
        for n in range(45):
            People(session).add(f"db{n}", f"Đại biểu {n}", frozenset({Role.MEMBER})).password_hash = hash_password(PASSWORD)
    seen: list[int] = []
    gate = threading.Barrier(45)

    def come(n: int) -> None:
        client = door.test_client()
        gate.wait()
        seen.append(enter(client, OFFICE, login=f"db{n}").status_code)

    room = [threading.Thread(target=come, args=(n,)) for n in range(45)]
    for one in room:
        one.start()
    for one in room:
        one.join()
    assert Counter(seen) == {303: 45}
    assert len(lanes) == 0


def test_an_outsider_makes_the_right_password_wait_and_never_locks_it_out(door: Flask, stopped_clock: datetime) -> None:
    guess(door, 5)
    assert seconds_to_enter(door.test_client(), OFFICE) == 1
    guess(door, 50)
    assert seconds_to_enter(door.test_client(), AWAY) == 8


def test_a_device_that_has_signed_in_before_waits_for_nobody_elses_guesses(door: Flask, stopped_clock: datetime) -> None:
    tablet = door.test_client()
    assert seconds_to_enter(tablet, OFFICE) == 0
    tablet.post("/sign-out")
    guess(door, 40, address=OFFICE)
    assert seconds_to_enter(tablet, OFFICE) == 0


def test_whoever_finds_such_a_device_guesses_as_slowly_as_any_other(door: Flask, stopped_clock: datetime) -> None:
    tablet = door.test_client()
    enter(tablet, OFFICE)
    tablet.post("/sign-out")
    for _ in range(6):
        enter(tablet, OFFICE, "sai-mat-khau")
    assert seconds_to_enter(tablet, OFFICE) == 2


def test_guesses_at_one_login_from_many_addresses_become_slow(door: Flask, stopped_clock: datetime) -> None:
    moments = [clock.now()]
    for n in range(10):
        guess(door, 1, address=f"198.51.100.{n}")
        moments.append(clock.now())
    assert [(later - earlier).seconds for earlier, later in pairwise(moments)] == [0, 0, 0, 0, 0, 1, 2, 4, 8, 8]


def test_guesses_at_many_logins_from_one_network_become_slow(door: Flask, stopped_clock: datetime) -> None:
    for n in range(30):
        guess(door, 1, login=f"made-up-{n}", address=f"2001:db8::{n:x}")
    assert clock.now() == stopped_clock
    guess(door, 1, login="made-up", address="2001:db8::ffff")
    assert clock.now() == stopped_clock + timedelta(seconds=1)
    assert seconds_to_enter(door.test_client(), "2001:db8:0:1::1") == 0


def test_the_sentence_says_what_will_happen(door: Flask, stopped_clock: datetime) -> None:
    assert "giây" not in guess(door, 4).text
    answer = guess(door, 1)
    assert "lần thử tiếp theo được xem sau 1 giây; tài khoản không bị khóa" in answer.text
    assert "lần thử tiếp theo được xem sau 2 giây" in guess(door, 1).text


@pytest.mark.parametrize("login", ["clerk", "staff", "unknown"])
def test_a_login_that_there_is_not_is_slowed_with_the_same_words(door: Flask, stopped_clock: datetime, login: str) -> None:
    assert "lần thử tiếp theo được xem sau 1 giây" in guess(door, 5, login=login).text


def test_a_new_one_time_password_opens_the_door_at_once(door: Flask, database: Database, stopped_clock: datetime) -> None:
    own = door.test_client()
    for _ in range(9):
        enter(own, OFFICE, "sai-mat-khau")
    assert seconds_to_enter(own, OFFICE, users_password(database, "clerk")) == 0


def test_an_administrator_forgets_the_failures_and_it_is_recorded(
    door: Flask, client_of: ClientOf, database: Database, cast: Cast, stopped_clock: datetime
) -> None:
    guess(door, 7)
    administrator, page = client_of("administrator"), f"/admin/people/{cast.people['clerk']}"
    shown = administrator.get(page).text
    assert "7 lần" in shown
    assert "tài khoản không bị khóa" in shown
    assert administrator.post(f"{page}/unlock").status_code == 303
    with database.reading() as session:
        entry = AuditTrail(session).page().rows[:1][0]
        assert (entry.act, entry.subject_id) == ("failures_forgotten", str(cast.people["clerk"]))
    assert "7 lần" not in administrator.get(page).text
    assert seconds_to_enter(door.test_client(), AWAY) == 0


def test_nobody_else_forgets_failures(door: Flask, client_of: ClientOf, cast: Cast) -> None:
    assert client_of("clerk").post(f"/admin/people/{cast.people['clerk']}/unlock").status_code == 403


def test_so_does_the_command_line(door: Flask, database: Database, stopped_clock: datetime) -> None:
    guess(door, 6)
    assert users_unlock(database, " Clerk") == 6
    assert seconds_to_enter(door.test_client(), AWAY) == 0
    with database.reading() as session:
        assert [entry.act for entry in AuditTrail(session).page().rows[:2]] == ["signed_in", "failures_forgotten"]


def test_made_up_logins_do_not_fill_the_audit_trail(
    door: Flask, database: Database, cast: Cast, stopped_clock: datetime
) -> None:
    for n in range(35):
        guess(door, 1, login=f"made-up-{n}")
    with database.reading() as session:
        assert len(AuditTrail(session).page().rows[:99]) == 30
    guess(door, 1)
    with database.reading() as session:
        assert AuditTrail(session).page().rows[:1][0].subject_id == str(cast.people["clerk"])


def test_a_queue_that_is_full_asks_to_come_again_and_says_when(door: Flask, stopped_clock: datetime) -> None:
    guess(door, 5)
    entered = [lanes.take(f"network {OUTSIDE}", 3, timedelta(0))]
    with entered[0]:
        waiting = [threading.Thread(target=_wait_in, args=(lanes, f"network {OUTSIDE}")) for _ in range(3)]
        for one in waiting:
            one.start()
        while lanes.inside(f"network {OUTSIDE}") < 4:
            threading.Event().wait(0.001)
        answer = enter(door.test_client(), OUTSIDE)
    for one in waiting:
        one.join()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "24")
    assert "Tài khoản không bị khóa. Hãy đợi 24 giây rồi gửi lại." in answer.text
    assert 'value="clerk"' in answer.text
    assert enter(door.test_client(), AWAY).status_code == 303


def _wait_in(queues: Lanes, name: str) -> None:
    with queues.take(name, 3, timedelta(0)):
        pass


def test_a_lane_that_nobody_is_in_is_gone_whatever_happened_in_it() -> None:
    queues, soon = Lanes(), timedelta(seconds=3)
    with queues.take("a", 0, soon):
        with pytest.raises(TooManyTries) as refusal:
            queues.take("a", 0, soon).__enter__()
        assert refusal.value.wait == soon
    with suppress(RuntimeError), queues.take("a", 0, soon):
        raise RuntimeError
    assert len(queues) == 0


def test_the_device_keeps_its_mark_beyond_signing_out_and_two_people_share_it(
    door: Flask, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    tablet = door.test_client()
    line = next(line for line in enter(tablet, OFFICE).headers.getlist("Set-Cookie") if line.startswith(COOKIE + "="))
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    kept = tablet.get_cookie(COOKIE)
    tablet.post("/sign-out")
    enter(tablet, OFFICE, login="staff")
    again = tablet.get_cookie(COOKIE)
    assert kept
    assert again
    assert kept.value == again.value


def test_a_closed_account_is_not_opened_by_a_known_device(door: Flask, database: Database, cast: Cast) -> None:
    tablet = door.test_client()
    enter(tablet, OFFICE)
    with database.writing() as session:
        session.get_one(Person, cast.people["clerk"]).is_open = False
    assert enter(tablet, OFFICE).status_code == 422
