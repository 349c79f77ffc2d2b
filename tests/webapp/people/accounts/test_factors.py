"""The code after the password, the page on which it is set up, and roles that must have it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from math import log2

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.factors import Factors, guard_roles, guarded_roles
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System
from webapp.people.accounts.acts import users_remove_second_factor
from webapp.people.accounts.passwords import hash_password

PASSWORD = "mot-mat-khau-dai-2026"
AWAY = {"REMOTE_ADDR": "192.0.2.9"}


@pytest.fixture
def door(app: Flask, database: Database, cast: Cast, stopped_clock: datetime) -> Flask:
    with database.writing() as session:
        for login in ("clerk", "administrator"):
            People(session).get(cast.people[login]).password_hash = hash_password(PASSWORD)
    return app


def enter(client: FlaskClient, login: str = "clerk", password: str = PASSWORD) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, "next": "/account"})


def show(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/sign-in/code", data={"code": code, "next": "/account"})


def later(seconds: int) -> None:
    clock.fix(clock.now() + timedelta(seconds=seconds))


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """Sets an app up; gives its secret, as the app keeps it, and the codes to recover by. A step goes by."""
    page = client.post("/account/second-factor/app", data={"old": PASSWORD}).text
    secret = re.findall(r'<code class="key">(.*?)</code>', page)[0].replace(" ", "")
    assert "<svg" in page
    answer = client.post("/account/second-factor/app/confirm", data={"code": code_of(secret)})
    later(30)
    return secret, re.findall(r"<li><code>(.*?)</code>", answer.text)


def acts(database: Database, count: int) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in AuditTrail(session).page().rows[:count]]


def test_with_an_app_the_password_alone_opens_nothing_and_the_code_does(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, codes = set_up(tablet)
    assert len(set(codes)) == 10
    assert acts(database, 1) == ["app_set_up"]
    other = door.test_client()
    answer = enter(other)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code?next=/account")
    assert other.get("/account").status_code == 302
    assert "Nhập mã xác nhận" in other.get("/sign-in/code").text
    answer = show(other, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert other.get("/account").status_code == 200
    assert acts(database, 1) == ["signed_in"]


def test_a_code_opens_once_and_only_near_its_time(door: Flask) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    code = code_of(secret)
    later(60)
    old = door.test_client()
    enter(old)
    assert show(old, code).status_code == 422
    fresh = code_of(secret)
    assert show(old, fresh).status_code == 303
    again = door.test_client()
    enter(again)
    assert show(again, fresh).status_code == 422


def test_a_telephone_whose_clock_is_half_a_minute_off_still_opens(door: Flask) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    enter(other := door.test_client())
    assert show(other, pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))).status_code == 303


def test_a_code_to_recover_by_opens_once_and_is_recorded(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    _, codes = set_up(tablet)
    enter(other := door.test_client())
    assert all(len(code.replace("-", "")) * log2(31) > 112 for code in codes)  # so a plain hash of it does
    assert show(other, codes[0].upper().replace("-", " ")).status_code == 303
    assert acts(database, 2) == ["signed_in", "recovery_code_used"]
    enter(another := door.test_client())
    assert show(another, codes[0]).status_code == 422
    assert "Còn 9 mã dự phòng" in tablet.get("/account/second-factor").text
    assert 'href="/account/second-factor"' in tablet.get("/account").text


def test_after_a_change_of_what_opens_the_account_the_other_devices_may_be_signed_out(door: Flask, database: Database) -> None:
    tablet, other = door.test_client(), door.test_client()
    enter(tablet)
    alone = tablet.get("/account/second-factor").text
    enter(other)
    page = tablet.post("/account/second-factor/app", data={"old": PASSWORD}).text
    secret = re.findall(r'<code class="key">(.*?)</code>', page)[0].replace(" ", "")
    changed = tablet.post("/account/second-factor/app/confirm", data={"code": code_of(secret)}).text
    for text, offers in ((alone, False), (changed, True), (tablet.get("/account/second-factor").text, True)):
        assert ("/account/sign-out-others" in text) is offers
    assert tablet.post("/account/sign-out-others").location == "/account"
    assert acts(database, 1) == ["signed_out_others"]
    assert tablet.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def test_without_the_password_nobody_is_asked_for_a_code(door: Flask) -> None:
    visitor = door.test_client()
    assert visitor.get("/sign-in/code").location == "/sign-in"
    assert show(visitor, "123456").location == "/sign-in?next=/account"


@pytest.mark.parametrize("what", ["ten minutes", "another password", "closed"])
def test_the_way_from_the_password_to_the_code_is_short(door: Flask, database: Database, cast: Cast, what: str) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    enter(other := door.test_client())
    with database.writing() as session:
        clerk = People(session).get(cast.people["clerk"])
        clerk.is_open = what != "closed"
        clerk.password_hash = hash_password("bốn con cá bơi") if what == "another password" else clerk.password_hash
    if what == "ten minutes":
        later(600)
    assert show(other, code_of(secret)).location == "/sign-in?next=/account"


def test_wrong_codes_are_counted_apart_and_after_ten_none_is_looked_at(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    guesser = door.test_client()
    enter(guesser)
    for _ in range(10):
        assert show(guesser, "000000").status_code == 422
    answer = show(guesser, code_of(secret))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Hãy đợi 15 phút" in answer.text
    assert acts(database, 1) == ["sign_in_failed"]
    enter(tablet)
    assert show(tablet, code_of(secret)).status_code == 303  # others do not use up what a known device may try


def test_only_whoever_knows_the_password_sets_an_app_up(door: Flask, database: Database, cast: Cast) -> None:
    tablet = door.test_client()
    enter(tablet)
    answer = tablet.post("/account/second-factor/app", data={"old": "sai-mat-khau"})
    assert answer.status_code == 422
    assert "chưa có gì thay đổi" in answer.text
    with database.reading() as session:
        assert not Factors(session, cast.people["clerk"]).any()


def test_an_app_that_never_showed_a_code_does_not_bind(door: Flask, database: Database, cast: Cast) -> None:
    tablet = door.test_client()
    enter(tablet)
    tablet.post("/account/second-factor/app", data={"old": PASSWORD})
    assert tablet.post("/account/second-factor/app/confirm", data={"code": "000000"}).status_code == 422
    assert enter(door.test_client()).location == "/account"


def test_the_second_factor_goes_with_a_code_only(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    refused = tablet.post("/account/second-factor/remove", data={"code": "000000"})
    assert refused.status_code == 422
    assert "chưa có gì thay đổi" in refused.text
    assert tablet.post("/account/second-factor/remove", data={"code": code_of(secret)}).status_code == 303
    assert acts(database, 1) == ["second_factor_removed"]
    assert enter(door.test_client()).location == "/account"


def test_new_codes_to_recover_by_replace_the_old_ones(door: Flask) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, codes = set_up(tablet)
    page = tablet.post("/account/second-factor/codes", data={"code": code_of(secret)}).text
    fresh = re.findall(r"<li><code>(.*?)</code>", page)
    assert not set(fresh) & set(codes)
    enter(other := door.test_client())
    assert show(other, codes[0]).status_code == 422
    assert show(other, fresh[0]).status_code == 303


def test_what_lies_in_the_database_opens_nothing(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, codes = set_up(tablet)
    with database.engine.connect() as connection:
        rows = [str(connection.exec_driver_sql(f"SELECT * FROM {name}").all()) for name in ("app_secrets", "recovery_codes")]  # noqa: S608
    assert secret not in rows[0]
    assert codes[0] not in rows[1]


def test_with_another_secret_key_a_code_to_recover_by_still_opens(door: Flask, system: System) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, codes = set_up(tablet)
    door.extensions["khonggiay"] = replace(system, settings=replace(system.settings, secret_key="another-key" * 4))
    enter(other := door.test_client())
    answer = show(other, code_of(secret))
    assert answer.status_code == 409
    assert "Khóa của hệ thống đã đổi" in answer.text
    assert show(other, codes[0]).status_code == 303


def test_what_a_former_secret_key_has_sealed_still_opens(door: Flask, system: System) -> None:
    tablet = door.test_client()
    enter(tablet)
    secret, _ = set_up(tablet)
    former = (system.settings.secret_key,)
    changed = replace(system.settings, secret_key="another-key" * 4, former_secret_keys=former)
    door.extensions["khonggiay"] = replace(system, settings=changed)
    enter(other := door.test_client())
    assert show(other, code_of(secret)).status_code == 303


def test_an_administrator_takes_a_lost_factor_away_and_the_devices_with_it(
    door: Flask, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    tablet = door.test_client()
    enter(tablet)
    set_up(tablet)
    page = f"/admin/people/{cast.people['clerk']}"
    assert "Gỡ bước thứ hai" in client_of("administrator").get(page).text
    assert client_of("administrator").post(f"{page}/second-factor/remove").status_code == 303
    assert acts(database, 1) == ["second_factor_removed"]
    assert tablet.get("/account").status_code == 302
    assert enter(door.test_client()).location == "/account"


def test_so_does_the_command_line(door: Flask, database: Database) -> None:
    tablet = door.test_client()
    enter(tablet)
    set_up(tablet)
    users_remove_second_factor(database, "clerk")
    assert acts(database, 1) == ["second_factor_removed"]
    assert enter(door.test_client()).location == "/account"


def test_a_guarded_role_is_led_to_set_it_up_and_can_do_nothing_else(door: Flask, database: Database) -> None:
    with database.writing() as session:
        guard_roles(session, [Role.CLERK])
    tablet = door.test_client()
    enter(tablet)
    assert tablet.get("/archive/find").location == "/account/second-factor"
    assert "Vai trò của bạn cần bước thứ hai" in tablet.get("/account/second-factor").text
    secret, _ = set_up(tablet)
    assert tablet.get("/archive/find").status_code == 200
    tablet.post("/account/second-factor/remove", data={"code": code_of(secret)})
    assert tablet.get("/archive/find").location == "/account/second-factor"
    other = door.test_client()
    enter(other, "administrator")
    assert other.get("/archive/find").status_code == 200


def test_a_one_time_password_comes_first_and_the_factor_next(door: Flask, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        guard_roles(session, [Role.CLERK])
        People(session).get(cast.people["clerk"]).must_change_password = True
    tablet = door.test_client()
    enter(tablet)
    assert tablet.get("/archive/find").location == "/account/password"
    new = "bốn con cá bơi"
    tablet.post("/account/password", data={"old": PASSWORD, "new": new, "again": new})
    assert tablet.get("/archive/find").location == "/account/second-factor"


def test_administrators_say_which_roles_are_guarded_and_see_who_has_none(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    administrator, signed_in = client_of("administrator"), client_of("clerk")
    assert administrator.post("/admin/sign-in-rules", data={"roles": ["clerk", "no-role"]}).status_code == 303
    with database.reading() as session:
        assert guarded_roles(session) == {Role.CLERK}
        entry = AuditTrail(session).page().rows[:1][0]
        assert (entry.act, entry.facts) == ("guarded_roles_changed", {"roles": ["clerk"], "before": {"roles": []}})
    page = administrator.get("/admin/sign-in-rules").text
    assert page.count(" checked") == 1
    assert "Lê Văn Thư" in page
    assert "Trần Thị Lan" not in page
    assert signed_in.get("/archive/find").status_code == 200
    assert client_of("clerk").get("/admin/sign-in-rules").status_code == 403
