from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.release import version
from storage.people.people import People, Person, SignIns
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.access import COOKIE
from webapp.people.accounts.acts import users_add, users_password
from webapp.people.accounts.devices import device_words
from webapp.people.accounts.passwords import hash_password, is_outdated, matches, one_time_password

OLD, NEW = "mat-khau-cu-2026", "bốn con cá bơi"


@pytest.fixture
def clerk(client_of: ClientOf, database: Database, cast: Cast) -> FlaskClient:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password(OLD)
    return client_of("clerk")


def change(client: FlaskClient, *, old: str = OLD, new: str = NEW, again: str | None = None) -> TestResponse:
    return client.post("/account/password", data={"old": old, "new": new, "again": new if again is None else again})


def hash_of_clerk(database: Database, cast: Cast) -> str:
    with database.reading() as session:
        return session.get_one(Person, cast.people["clerk"]).password_hash


def test_the_account_page_says_who_one_is_in_words(client_of: ClientOf) -> None:
    page = client_of("archivist").get("/account").text
    for words in ("Trần Thị Lan", "Cán bộ lưu trữ", "Cán bộ, Văn phòng", "127.0.0.1", "Thiết bị này"):
        assert words in page


def test_the_account_page_says_which_release_this_is_and_the_health_page_tells_no_stranger(client_of: ClientOf) -> None:
    client = client_of("archivist")
    assert f"Không Giấy, phiên bản {version()}" in client.get("/account").text
    assert client.get("/health").get_json() == {"status": "ok", "index": "sound"}


def test_whoever_has_no_role_is_told_so(client_of: ClientOf) -> None:
    assert "Chưa có vai trò nào" in client_of("stranger").get("/account").text


def test_a_new_password_works_ends_other_sign_ins_and_is_recorded(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    elsewhere = client_of("clerk")
    assert change(clerk).location == "/account"
    assert matches(hash_of_clerk(database, cast), NEW)
    assert clerk.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    with database.reading() as session:
        assert AuditTrail(session).page().rows[:1][0].act == "password_changed"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"old": "sai-mat-khau-1"}, "Mật khẩu đang dùng không đúng"),
        ({"new": "ngan-qua1"}, "Hãy dùng ít nhất 10 ký tự"),
        ({"new": "x" * 201}, "Mật khẩu dài quá 200 ký tự."),
        ({"new": OLD}, "trùng với mật khẩu đang dùng"),
        ({"again": "bốn con cá lặn"}, "không giống nhau"),
        ({"new": "0905 123 456"}, "chỉ gồm chữ số"),
        ({"new": "1234567890"}, "chỉ gồm chữ số"),
        ({"new": "password123"}, "đã bị lộ"),
        ({"new": "Mật khẩu 2026"}, "mà nhiều người hay dùng"),
        ({"new": "Văn phòng 2026"}, "mà nhiều người hay dùng"),  # of the unit
        ({"new": "levanthu1990"}, "mà nhiều người hay dùng"),  # of the name
        ({"new": "lolololololo"}, "đơn giản nên dễ bị đoán"),
    ],
)
def test_a_password_that_does_not_do_is_refused_with_the_reason(
    clerk: FlaskClient, database: Database, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = change(clerk, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert matches(hash_of_clerk(database, cast), OLD)


def test_the_password_in_use_is_guessed_as_slowly_as_at_the_sign_in(
    clerk: FlaskClient, database: Database, stopped_clock: datetime
) -> None:
    for _ in range(7):
        assert "Mật khẩu đang dùng không đúng" in change(clerk, old="sai-mat-khau-1").text
    assert clock.now() == stopped_clock + timedelta(seconds=1 + 2)
    with database.reading() as session:
        assert AuditTrail(session).page().rows[:1][0].act == "sign_in_failed"
    assert change(clerk).status_code == 303


def device_of(client: FlaskClient, database: Database) -> int:
    cookie = client.get_cookie(COOKIE)
    assert cookie
    with database.reading() as session:
        held = SignIns(session).whose(cookie.value)
    assert held
    return held[0]


def test_one_signs_out_on_one_device_and_the_others_stay(client_of: ClientOf, database: Database) -> None:
    here, lost, third = client_of("clerk"), client_of("clerk"), client_of("clerk")
    address = f"/account/devices/{device_of(lost, database)}/sign-out"
    assert here.get("/account").text.count(address) == 1
    answer = here.post(address)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert [client.get("/account").status_code for client in (here, lost, third)] == [200, 302, 200]
    with database.reading() as session:
        assert AuditTrail(session).page().rows[:1][0].act == "signed_out_device"
    assert here.post(address).status_code == 404


def test_nobody_ends_the_sign_in_of_another(client_of: ClientOf, database: Database) -> None:
    other = client_of("staff")
    assert client_of("clerk").post(f"/account/devices/{device_of(other, database)}/sign-out").status_code == 404
    assert other.get("/account").status_code == 200


def test_signing_out_on_this_very_device_leads_to_the_door(client_of: ClientOf, database: Database) -> None:
    here = client_of("clerk")
    assert here.post(f"/account/devices/{device_of(here, database)}/sign-out").location == "/sign-in?left=here"
    assert here.get_cookie(COOKIE) is None


def test_the_login_is_no_password(client_of: ClientOf, database: Database, cast: Cast) -> None:
    client = client_of("administrator")
    answer = change(client, new="ADMINISTRATOR")
    assert "trùng với tên đăng nhập" in answer.text


def test_whoever_holds_a_one_time_password_can_only_choose_an_own_one(
    clerk: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).must_change_password = True
    assert clerk.get("/archive/find").location == "/account/password"
    assert clerk.post("/admin/people/new").status_code in (303, 403)
    assert "Bạn đang dùng mật khẩu một lần" in clerk.get("/account/password").text
    fragment = clerk.get("/archive/find", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/account/password")
    change(clerk)
    assert clerk.get("/account/password").text.count("Bạn đang dùng mật khẩu một lần") == 0
    with database.reading() as session:
        assert not session.get_one(Person, cast.people["clerk"]).must_change_password


def test_the_command_line_adds_a_person_with_a_one_time_password(database: Database) -> None:
    password = users_add(database, "Quan.Tri@congdoan.vn", "Đặng Quản Trị", frozenset({Role.ADMINISTRATOR}))
    with database.reading() as session:
        person = People(session).named("quan.tri@congdoan.vn")
        assert matches(person.password_hash, password)
        assert person.must_change_password
        assert person.roles == {Role.ADMINISTRATOR}
        entry = AuditTrail(session).page().rows[:1][0]
        assert (entry.act, entry.actor, entry.person_id) == ("person_created", "command line", None)
        assert password not in str(entry.facts)


def test_the_command_line_helps_an_administrator_who_is_locked_out(database: Database, cast: Cast) -> None:
    password = users_password(database, "administrator")
    with database.reading() as session:
        assert matches(People(session).named("administrator").password_hash, password)
        assert AuditTrail(session).page().rows[:1][0].act == "one_time_password_given"


def test_passwords_are_kept_as_argon2id_and_no_two_alike(costly_passwords: None) -> None:
    first, second = hash_password("một mật khẩu"), hash_password("một mật khẩu")
    assert first.startswith("$argon2id$")
    assert first != second
    assert not is_outdated(first)


@pytest.mark.parametrize("kept", [None, "!", "", "$argon2id$rubbish"])
def test_nobody_gets_in_without_a_hash(kept: str | None) -> None:
    assert not matches(kept, "bat-ky-mat-khau")


def test_a_one_time_password_can_be_read_out_and_differs_each_time() -> None:
    passwords = {one_time_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(len(password) == 14 and not set(password) & set("il1o0") for password in passwords)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 coc_coc_browser/120 Chrome/114 Safari/537.36", "Cốc Cốc, Windows"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604.1", "Safari, iPad"),
        ("curl/8", "Thiết bị không rõ"),
    ],
)
def test_a_device_is_named_in_the_words_of_its_owner(app: Flask, agent: str, words: str) -> None:
    with app.test_request_context():
        assert device_words(agent) == words
