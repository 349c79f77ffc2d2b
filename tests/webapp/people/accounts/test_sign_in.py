import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.ground import clock
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.people import People, Person
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.access import COOKIE
from webapp.people.accounts.acts import users_password
from webapp.people.accounts.passwords import hash_password

PASSWORD = "mot-mat-khau-dai-2026"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


@pytest.fixture
def visitor(app: Flask, database: Database, cast: Cast) -> FlaskClient:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password(PASSWORD)
    return app.test_client()


def sign_in(client: FlaskClient, login: str = "clerk", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def acts(database: Database) -> list[tuple[str, str, int | None, dict[str, Any]]]:
    with database.reading() as session:
        return [(entry.act, entry.subject_id, entry.person_id, entry.facts) for entry in AuditTrail(session).page().rows[:99]]


def test_the_right_password_opens_the_way_and_is_recorded(visitor: FlaskClient, database: Database, cast: Cast) -> None:
    answer = sign_in(visitor)
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.get("/account").status_code == 200
    clerk = cast.people["clerk"]
    assert acts(database) == [("signed_in", str(clerk), clerk, {"way": "password"})]


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(visitor: FlaskClient) -> None:
    cookie = next(line for line in sign_in(visitor).headers.getlist("Set-Cookie") if line.startswith(COOKIE + "="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=43200" in cookie


def test_the_login_may_be_typed_in_any_case(visitor: FlaskClient) -> None:
    assert sign_in(visitor, login=" Clerk ").status_code == 303


@pytest.mark.parametrize(("login", "subject"), [("clerk", "clerk"), ("unknown", None), ("staff", "staff")])
def test_a_wrong_password_an_unknown_login_and_an_account_without_password_get_the_same_answer(
    visitor: FlaskClient, database: Database, cast: Cast, login: str, subject: str | None
) -> None:
    answer = sign_in(visitor, login=login, password="sai-mat-khau")
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert acts(database) == [("sign_in_failed", str(cast.people[subject]) if subject else "", None, {})]


def test_the_trail_does_not_keep_an_unknown_login_as_it_may_be_a_password(visitor: FlaskClient, database: Database) -> None:
    sign_in(visitor, login="mat-khau-cua-toi")
    with database.reading() as session:
        assert "mat-khau-cua-toi" not in str([vars(entry) for entry in AuditTrail(session).page().rows[:9]])


def test_an_unknown_login_takes_as_many_hashes_as_a_wrong_password(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, *given: Any) -> bool:
        counted.append(1)
        return verify(self, *given)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for login in ("clerk", "unknown", "staff"):
        counted.clear()
        sign_in(visitor, login=login, password="sai-mat-khau")
        # "staff" has "!" for a hash, which is refused before any work is done, and then the hash of nobody is checked
        assert len(counted) == (2 if login == "staff" else 1)


def test_what_was_typed_is_kept_but_not_the_password(visitor: FlaskClient) -> None:
    answer = sign_in(visitor, login="clerk", password="sai-mat-khau")
    assert 'value="clerk"' in answer.text
    assert "sai-mat-khau" not in answer.text


def test_an_empty_form_says_what_is_missing(visitor: FlaskClient, database: Database) -> None:
    answer = visitor.post("/sign-in", data={})
    assert answer.status_code == 422
    assert "Hãy nhập tên đăng nhập." in answer.text
    assert acts(database) == []


def test_a_closed_account_gets_the_same_sentence(visitor: FlaskClient, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).is_open = False
    assert WRONG in sign_in(visitor).text


@pytest.mark.parametrize("wanted", ["/account", "/admin/people?q=Lan&page=2"])
def test_after_signing_in_one_lands_where_one_wanted_to_go(visitor: FlaskClient, wanted: str) -> None:
    assert sign_in(visitor, next=wanted).location == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org",
        "\\\\example.org",
        "javascript:alert(1)",
        "/\t/example.org",
        "",
    ],
)
def test_a_foreign_address_is_never_where_one_lands(visitor: FlaskClient, wanted: str) -> None:
    assert sign_in(visitor, next=wanted).location == "/"


def test_a_page_that_needs_signing_in_is_asked_for_again_afterwards(visitor: FlaskClient) -> None:
    answer = visitor.get("/admin/people?q=Lan")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/admin/people?q%3DLan"
    assert 'name="next" value="/admin/people?q=Lan"' in visitor.get(answer.location).text


def test_a_hash_made_with_weaker_parameters_is_made_anew(
    costly_passwords: None, visitor: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        People(session).get(cast.people["clerk"]).password_hash = weak
    assert sign_in(visitor).status_code == 303
    with database.reading() as session:
        stronger = session.get_one(Person, cast.people["clerk"]).password_hash
    assert "m=65536,t=3,p=4" in stronger
    assert sign_in(visitor).status_code == 303


def test_the_same_word_composed_in_another_way_is_the_same_password(
    visitor: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password(
            unicodedata.normalize("NFD", "đường-sắt-Bắc-Nam")
        )
    assert sign_in(visitor, password="đường-sắt-Bắc-Nam").status_code == 303


def test_a_sign_in_ends_after_the_hours_of_the_settings(app: Flask, visitor: FlaskClient, stopped_clock: datetime) -> None:
    sign_in(visitor)
    for hour in (3, 6, 9, 11.9):
        clock.fix(stopped_clock + timedelta(hours=hour))
        assert visitor.get("/account").status_code == 200
        assert app.extensions["aside"].settled(10)
    clock.fix(stopped_clock + timedelta(hours=12))
    assert visitor.get("/account").status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(239, 200), (240, 302)])
def test_a_device_that_nobody_uses_must_sign_in_again(
    app: Flask, visitor: FlaskClient, stopped_clock: datetime, minutes: int, status: int
) -> None:
    sign_in(visitor)
    clock.fix(stopped_clock + timedelta(hours=2))
    assert visitor.get("/account").status_code == 200
    assert app.extensions["aside"].settled(10)
    clock.fix(stopped_clock + timedelta(hours=2, minutes=minutes))
    assert visitor.get("/account").status_code == status


def test_a_form_sent_after_that_is_not_lost_but_explained(visitor: FlaskClient, stopped_clock: datetime) -> None:
    sign_in(visitor)
    clock.fix(stopped_clock + timedelta(hours=13))
    answer = visitor.post("/account/password", data={"old": "x"})
    assert answer.status_code == 401
    assert "Phiên đăng nhập đã hết hạn" in answer.text


def test_signing_out_ends_the_sign_in_here_only_and_is_recorded(app: Flask, visitor: FlaskClient, database: Database) -> None:
    sign_in(visitor)
    elsewhere = app.test_client()
    sign_in(elsewhere)
    cookie = visitor.get_cookie(COOKIE)
    assert cookie
    token = cookie.value
    assert visitor.post("/sign-out").location == "/sign-in?left=here"
    assert visitor.get_cookie(COOKIE) is None
    visitor.set_cookie(COOKIE, token)
    assert visitor.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == 200
    assert acts(database)[0][0] == "signed_out"


def test_signing_out_everywhere_ends_all_sign_ins_and_is_recorded(app: Flask, visitor: FlaskClient, database: Database) -> None:
    sign_in(visitor)
    elsewhere = app.test_client()
    sign_in(elsewhere)
    assert visitor.post("/account/sign-out-everywhere").status_code == 303
    assert elsewhere.get("/account").status_code == 302
    assert acts(database)[0][0] == "signed_out_everywhere"


@pytest.mark.parametrize("way", ["/sign-out", "/account/sign-out-everywhere"])
def test_at_a_sign_out_the_browser_is_told_to_forget_what_it_keeps(visitor: FlaskClient, way: str) -> None:
    sign_in(visitor)
    assert "Clear-Site-Data" not in visitor.get("/account").headers
    assert visitor.post(way).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_where_another_was_signed_in_before_the_browser_is_told_so_too_and_once(
    visitor: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    sign_in(visitor)
    visitor.get("/account")
    visitor.delete_cookie(COOKIE)  # it ran out, or was ended from elsewhere
    sign_in(visitor, "staff")
    assert visitor.get("/account").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in visitor.get("/account").headers


def test_what_a_page_of_the_one_before_sends_is_not_done_in_the_name_of_the_next(
    visitor: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    sign_in(visitor)
    assert visitor.get("/account", headers={"X-Person": str(cast.people["clerk"])}).status_code == 200
    visitor.delete_cookie(COOKIE)
    sign_in(visitor, "staff")
    as_script = visitor.get("/account", headers={"X-Person": str(cast.people["clerk"])})
    assert as_script.status_code == 401
    assert "một người khác đã đăng nhập" in as_script.text
    as_form = visitor.post("/account/sign-out-everywhere")
    assert (as_form.status_code, acts(database)[0][0]) == (401, "signed_in")
    assert visitor.post("/account/sign-out-everywhere").status_code == 303


def test_signing_in_again_ends_the_sign_in_of_before_on_that_browser_and_no_other(app: Flask, visitor: FlaskClient) -> None:
    sign_in(visitor)
    sign_in(elsewhere := app.test_client())
    before = visitor.get_cookie(COOKIE)
    assert before
    sign_in(visitor)
    assert visitor.get("/account").status_code == 200
    copied = app.test_client()
    copied.set_cookie(COOKIE, before.value)
    assert copied.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == 200


@pytest.mark.parametrize(("days", "opens"), [(6, True), (7, False)])
def test_a_one_time_password_opens_for_a_week(
    app: Flask,
    visitor: FlaskClient,
    database: Database,
    client_of: ClientOf,
    cast: Cast,
    stopped_clock: datetime,
    days: int,
    opens: bool,
) -> None:
    password = users_password(database, "clerk")
    clock.fix(stopped_clock + timedelta(days=days))
    answer = sign_in(visitor, password=password)
    assert (answer.status_code == 303) is opens
    assert opens or "đã quá 7 ngày" in answer.text
    said = "Mật khẩu một lần đã hết hạn" in client_of("administrator").get(f"/admin/people/{cast.people['clerk']}").text
    assert said is not opens


def test_an_own_password_does_not_end(visitor: FlaskClient, database: Database, stopped_clock: datetime) -> None:
    given, new = users_password(database, "clerk"), "bốn con cá bơi"
    sign_in(visitor, password=given)
    visitor.post("/account/password", data={"old": given, "new": new, "again": new})
    visitor.post("/sign-out")
    clock.fix(stopped_clock + timedelta(days=400))
    assert sign_in(visitor, password=new).status_code == 303


def test_whoever_is_signed_in_already_is_led_on(client_of: ClientOf) -> None:
    assert client_of("clerk").get("/sign-in?next=/account").location == "/account"


def test_a_visitor_chooses_the_language_by_cookie_and_an_account_keeps_it(
    visitor: FlaskClient, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    answer = visitor.post("/language", data={"language": "en", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert '<html lang="en">' in visitor.get("/sign-in").text
    client_of("staff").post("/language", data={"language": "en"})
    with database.reading() as session:
        assert session.get_one(Person, cast.people["staff"]).language == "en"


def test_an_unknown_language_changes_nothing(visitor: FlaskClient) -> None:
    visitor.post("/language", data={"language": "xx"})
    assert '<html lang="vi">' in visitor.get("/sign-in").text


def test_the_sign_in_page_names_no_account(visitor: FlaskClient) -> None:
    assert not re.search(r"administrator|archivist|mot-mat-khau", visitor.get("/sign-in").text)
