"""Signing in by an identity provider: what it must prove, whom it then is, and which roles its groups give."""

import base64
import hmac
import html
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.people.factors import Factors, Seal, guard_roles
from storage.people.identities import EndedAtProvider, GroupRoles, Identities
from storage.people.people import People
from tests.cast import Cast
from tests.providers import CLIENT, SECRET, LyingProvider
from tests.servers import free_ports
from tests.webapp.conftest import ClientOf
from webapp.people.accounts.acts import users_add
from webapp.people.accounts.passwords import hash_password

PASSWORD = "mot-mat-khau-dai-2026"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(autouse=True)
def _clock_goes_on() -> Iterator[None]:
    """A provider signs by the clock of the machine, so ours is moved from there, and goes on after the test."""
    yield
    clock.fix(None)


@pytest.fixture
def provider() -> Iterator[LyingProvider]:
    with LyingProvider().running() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: LyingProvider) -> Settings:
    return replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_groups_claim="groups",
        oidc_login_claim="email", oidc_strong_amr=("mfa",), public_url="https://hop.example.vn",
    )  # fmt: skip


@pytest.fixture
def bound(database: Database, cast: Cast, provider: LyingProvider) -> None:
    """The clerk is bound to the subject `thu`, and has a password."""
    with database.writing() as session:
        Identities(session, provider.issuer).bind(cast.people["clerk"], "thu")
        People(session).get(cast.people["clerk"]).password_hash = hash_password(PASSWORD)


def goes(client: FlaskClient, path: str = "/sign-in/provider", **fields: Any) -> dict[str, str]:
    """Go to the provider; what its address asks for."""
    page = client.post(path, data={"next": "/account", **fields})
    found = re.search(r'content="0;url=([^"]+)"', page.text)
    assert found, page.text
    return {name: values[0] for name, values in parse_qs(urlsplit(html.unescape(found[1])).query).items()}


def claims_of(provider: LyingProvider, asked: dict[str, str], **changed: Any) -> dict[str, Any]:
    """What an honest provider would say, but for what is changed; None leaves a claim out."""
    at = int(time.time())
    honest = {"iss": provider.issuer, "sub": "thu", "aud": CLIENT, "exp": at + 300, "iat": at, "nonce": asked["nonce"]}
    return {name: value for name, value in {**honest, **changed}.items() if value is not None}


def comes_back(client: FlaskClient, provider: LyingProvider, asked: dict[str, str], token: str) -> TestResponse:
    provider.says = lambda: (200, {"access_token": "any", "token_type": "Bearer", "id_token": token})
    return client.get("/sign-in/provider/back", query_string={"code": "any", "state": asked["state"]})


def enters(client: FlaskClient, provider: LyingProvider, **changed: Any) -> TestResponse:
    asked = goes(client)
    return comes_back(client, provider, asked, provider.token(claims_of(provider, asked, **changed)))


def entries(database: Database, count: int = 1) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as session:
        return [(entry.act, entry.facts) for entry in AuditTrail(session).page().rows[:count]]


def roles_of(database: Database, cast: Cast, login: str) -> set[Role]:
    with database.reading() as session:
        return set(People(session).get(cast.people[login]).roles)


# -- what is asked for, and what opens


def test_the_way_there_asks_for_a_code_bound_to_this_browser(app: Flask, cast: Cast, provider: LyingProvider) -> None:
    first, second = (goes(app.test_client()) for _ in range(2))
    assert first["response_type"] == "code"
    assert first["redirect_uri"] == "https://hop.example.vn/sign-in/provider/back"
    assert (first["scope"], first["code_challenge_method"]) == ("openid profile email", "S256")
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_whoever_is_bound_comes_in_where_they_wanted_to_and_it_is_recorded(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    tablet = app.test_client()
    answer = enters(tablet, provider)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "bằng tài khoản cơ quan" in tablet.get("/account").text
    assert entries(database) == [("signed_in", {"way": "provider"})]


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_led_to_a_foreign_site_by_way_of_the_provider(
    app: Flask, provider: LyingProvider, bound: None, wanted: str
) -> None:
    tablet = app.test_client()
    asked = goes(tablet, next=wanted)
    assert comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked))).location == "/"


def test_an_office_without_a_provider_has_no_such_door(tmp_path: Any, app: Flask, cast: Cast) -> None:
    system = app.extensions["khonggiay"]
    app.extensions["khonggiay"] = replace(system, settings=Settings(environment="test", data_dir=tmp_path))
    client = app.test_client()
    assert "tài khoản cơ quan" not in client.get("/sign-in").text
    for path in ("/sign-in/provider", "/sign-in/provider/ended"):
        assert client.post(path).status_code == 404
    assert client.get("/sign-in/provider/back?state=x&code=x").status_code == 404


# -- what proves nothing


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(_provider: LyingProvider, claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_hmac(claims: dict[str, Any], secret: bytes) -> str:
    said = f"{part({'alg': 'HS256'})}.{part(claims)}"
    seal = hmac.new(secret, said.encode(), "sha256").digest()
    return f"{said}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def by_secret(_provider: LyingProvider, claims: dict[str, Any]) -> str:
    """Signed by what both know, the client's secret."""
    return by_hmac(claims, SECRET.encode())


def by_public_key(provider: LyingProvider, claims: dict[str, Any]) -> str:
    """Signed by what everybody knows, the public key taken for a secret."""
    return by_hmac(claims, provider.key.as_pem(private=False))


def by_somebody_else(provider: LyingProvider, claims: dict[str, Any]) -> str:
    return provider.token(claims, key=RSAKey.generate_key(2048, {"kid": "first"}))


def with_own_key(provider: LyingProvider, claims: dict[str, Any]) -> str:
    """Signed by a key that the token brings along."""
    key = RSAKey.generate_key(2048, {"kid": "first"})
    return provider.token(claims, key=key, header={"alg": "RS256", "kid": "first", "jwk": key.as_dict(private=False)})


def changed_after(provider: LyingProvider, claims: dict[str, Any]) -> str:
    head, _claims, seal = provider.token({**claims, "sub": "ai-do"}).split(".")
    return f"{head}.{part(claims)}.{seal}"


@pytest.mark.parametrize("forge", [unsigned, by_secret, by_public_key, by_somebody_else, with_own_key, changed_after])
def test_what_the_provider_has_not_signed_with_its_own_key_proves_nothing(
    app: Flask, provider: LyingProvider, bound: None, forge: Callable[[LyingProvider, dict[str, Any]], str]
) -> None:
    tablet = app.test_client()
    asked = goes(tablet)
    answer = comes_back(tablet, provider, asked, forge(provider, claims_of(provider, asked)))
    assert answer.status_code == 422
    assert "Câu trả lời không đúng là của hệ thống đăng nhập" in answer.text
    assert tablet.get("/account").status_code == 302


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://localhost:1"}, {"iss": None}, {"aud": "another-client"}, {"aud": None}, {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"]}, {"azp": "another-client"}, {"nonce": None}, {"nonce": "of-another-day"}, {"exp": None},
        {"iat": None}, {"sub": None}, {"at_hash": "of-another-token"},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_said_to_another_or_another_time_proves_nothing(
    app: Flask, provider: LyingProvider, bound: None, changed: dict[str, Any]
) -> None:
    answer = enters(tablet := app.test_client(), provider, **changed)
    assert answer.status_code == 422
    assert "Câu trả lời không đúng là của hệ thống đăng nhập" in answer.text
    assert "Mật khẩu" in answer.text  # the other way remains
    assert tablet.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("seconds", "opens"), [({"exp": -50}, True), ({"exp": -70}, False), ({"iat": 50}, True), ({"iat": 120}, False)], ids=str
)
def test_clocks_may_differ_by_a_minute_and_no_more(
    app: Flask, provider: LyingProvider, bound: None, seconds: dict[str, int], opens: bool
) -> None:
    clock.fix(datetime.now(UTC))
    at = int(clock.now().timestamp())
    answer = enters(app.test_client(), provider, **{name: at + shift for name, shift in seconds.items()})
    assert (answer.status_code == 303) is opens
    assert opens or "đồng hồ của hai máy chủ có thể lệch nhau" in answer.text


def test_a_way_back_serves_once_and_in_the_browser_that_went(app: Flask, provider: LyingProvider, bound: None) -> None:
    tablet, other = app.test_client(), app.test_client()
    asked = goes(tablet)
    token = provider.token(claims_of(provider, asked))
    assert "mở ở trình duyệt khác" in comes_back(other, provider, asked, token).text
    goes(other)
    assert comes_back(other, provider, asked, token).status_code == 422  # somebody else's state, in a browser that went too
    assert comes_back(tablet, provider, asked, token).status_code == 303
    tablet.post("/sign-out")
    asked_then = len(provider.asked)
    assert comes_back(tablet, provider, asked, token).status_code == 422
    assert len(provider.asked) == asked_then  # what is known to be old troubles no provider


def test_a_way_back_waits_ten_minutes(app: Flask, provider: LyingProvider, bound: None) -> None:
    clock.fix(datetime.now(UTC))
    tablet = app.test_client()
    asked = goes(tablet)
    clock.fix(clock.now() + timedelta(minutes=11))
    answer = comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked)))
    assert "đã cũ quá 10 phút" in answer.text


@pytest.mark.parametrize(
    ("said", "sentence"), [("access_denied", "đã bị hủy hoặc bị từ chối"), ("server_error", "không chấp nhận yêu cầu")]
)
def test_what_the_provider_refuses_is_said(app: Flask, provider: LyingProvider, cast: Cast, said: str, sentence: str) -> None:
    tablet = app.test_client()
    asked = goes(tablet)
    answer = tablet.get("/sign-in/provider/back", query_string={"state": asked["state"], "error": said})
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_a_code_that_the_provider_does_not_take_opens_nothing(app: Flask, provider: LyingProvider, bound: None) -> None:
    tablet = app.test_client()
    asked = goes(tablet)
    provider.says = lambda: (400, {"error": "invalid_grant"})
    answer = tablet.get("/sign-in/provider/back", query_string={"state": asked["state"], "code": "used"})
    assert "không chấp nhận yêu cầu" in answer.text


def test_an_answer_that_names_another_issuer_is_not_taken_to_ours(app: Flask, provider: LyingProvider, bound: None) -> None:
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    tablet = app.test_client()
    for named in ({"iss": "https://evil.example"}, {}):
        asked = goes(tablet)
        answer = tablet.get("/sign-in/provider/back", query_string={"state": asked["state"], "code": "x", **named})
        assert "Câu trả lời không đúng là của hệ thống đăng nhập" in answer.text
    assert "/token" not in provider.asked


def test_a_provider_that_does_not_answer_leaves_the_password(app: Flask, cast: Cast, provider: LyingProvider) -> None:
    system = app.extensions["khonggiay"]
    nobody = f"http://localhost:{free_ports(1)[0]}"
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, oidc_issuer=nobody))
    answer = app.test_client().post("/sign-in/provider")
    assert answer.status_code == 422
    assert "không trả lời" in answer.text
    assert "Bạn vẫn đăng nhập được bằng mật khẩu." in answer.text
    assert 'name="password"' in answer.text


def test_a_provider_that_has_just_not_answered_is_not_waited_for_by_everybody(
    app: Flask, cast: Cast, provider: LyingProvider
) -> None:
    clock.fix(datetime.now(UTC))
    provider.status = 503
    for _ in range(5):
        assert "không trả lời" in app.test_client().post("/sign-in/provider").text
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.status = 200
    clock.fix(clock.now() + timedelta(seconds=11))
    assert "state" in goes(app.test_client())


@pytest.mark.parametrize(
    "changed",
    [{"issuer": "http://localhost:1"}, {"token_endpoint": "ftp://localhost/token"}, {"jwks_uri": None}],
    ids=str,
)
def test_a_provider_that_is_another_or_names_no_safe_place_is_not_believed(
    app: Flask, cast: Cast, provider: LyingProvider, changed: dict[str, Any]
) -> None:
    provider.metadata.update(changed)
    assert "Câu trả lời không đúng là của hệ thống đăng nhập" in app.test_client().post("/sign-in/provider").text


def test_when_the_provider_changes_its_key_the_next_sign_in_opens(app: Flask, provider: LyingProvider, bound: None) -> None:
    clock.fix(datetime.now(UTC))
    assert enters(app.test_client(), provider).status_code == 303
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    clock.fix(clock.now() + timedelta(seconds=11))
    answer = enters(app.test_client(), provider)
    assert answer.status_code == 303
    assert provider.asked.count("/keys") == 2


# -- who it is


def test_a_stranger_is_told_their_name_there_and_nobody_is_created(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    answer = enters(app.test_client(), provider, sub="nguoi-la")
    assert answer.status_code == 422
    assert "gắn mã: nguoi-la" in answer.text
    with database.reading() as session:
        assert len(People(session).all()) == len(cast.people)
        entry = AuditTrail(session).page().rows[:1][0]
        assert (entry.act, entry.person_id, entry.subject_id) == ("sign_in_failed", None, "nguoi-la")
    assert "nguoi-la" in client_of("administrator").get("/admin/audit").text


def called_staff(database: Database, cast: Cast, login: str) -> None:
    with database.writing() as session:
        People(session).get(cast.people[login]).login = "tra@example.vn"


@pytest.mark.parametrize("is_verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_binds_nobody(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast, is_verified: object
) -> None:
    called_staff(database, cast, "staff")
    answer = enters(app.test_client(), provider, sub="x", email="tra@example.vn", email_verified=is_verified)
    assert "chưa xác minh địa chỉ thư" in answer.text
    with database.reading() as session:
        assert Identities(session, provider.issuer).find("x") is None


def test_a_verified_address_binds_once_and_from_then_on_the_subject_counts(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast
) -> None:
    called_staff(database, cast, "staff")
    told = {"sub": "tra-1", "email": "Tra@example.vn", "email_verified": True}
    assert enters(app.test_client(), provider, **told).status_code == 303
    assert entries(database, 2) == [
        ("signed_in", {"way": "provider"}),
        ("identity_bound", {"identity": "tra-1", "manner": "claim"}),
    ]
    assert enters(app.test_client(), provider, sub="tra-1", email="khac@example.vn", email_verified=True).status_code == 303
    # the address was given to somebody else there: that is another subject, and not this person
    assert "đã gắn với" in enters(app.test_client(), provider, **{**told, "sub": "tra-2"}).text


def test_without_a_claim_that_the_administrator_allows_nothing_binds(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast
) -> None:
    called_staff(database, cast, "staff")
    system = app.extensions["khonggiay"]
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, oidc_login_claim=""))
    answer = enters(app.test_client(), provider, sub="x", email="tra@example.vn", email_verified=True)
    assert "chưa được gắn với ai ở đây" in answer.text


def test_an_administrator_is_never_bound_by_a_claim(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast
) -> None:
    called_staff(database, cast, "administrator")
    answer = enters(app.test_client(), provider, sub="x", email="tra@example.vn", email_verified=True)
    assert "chưa được gắn với ai ở đây" in answer.text


def test_a_closed_account_stays_closed(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).is_open = False
    tablet = app.test_client()
    assert "Tài khoản của bạn ở đây đã đóng" in enters(tablet, provider).text
    assert tablet.get("/account").status_code == 302


def test_people_bind_their_own_account_with_the_password_and_a_fresh_sign_in_there(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        Identities(session, provider.issuer).unbind(cast.people["clerk"])
    tablet = app.test_client()
    tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    assert tablet.post("/account/provider", data={"old": "sai-mat-khau"}).status_code == 422
    asked = goes(tablet, "/account/provider", old=PASSWORD)
    assert asked["prompt"] == "login"
    answer = comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked, sub="thu-moi")))
    assert answer.location == "/account/provider"
    assert entries(database) == [("identity_bound", {"identity": "thu-moi", "manner": "self"})]
    assert enters(app.test_client(), provider, sub="thu-moi").status_code == 303
    assert tablet.post("/account/provider/remove", data={"old": PASSWORD}).status_code == 303
    assert "chưa được gắn" in enters(app.test_client(), provider, sub="thu-moi").text


def test_nobody_binds_who_is_bound_to_somebody_else(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    staff = client_of("staff")
    asked = goes(staff, "/account/provider", old=PASSWORD)
    comes_back(staff, provider, asked, provider.token(claims_of(provider, asked, sub="thu")))
    assert "đã gắn với người khác" in staff.get("/account").text
    administrator = client_of("administrator")
    refused = administrator.post(f"/admin/people/{cast.people['staff']}/identity", data={"subject": "thu"})
    assert refused.status_code == 422
    with database.reading() as session:
        found = Identities(session, provider.issuer).find("thu")
        assert found
        assert found.person_id == cast.people["clerk"]


def test_what_was_begun_to_bind_one_account_does_not_bind_another(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["staff"]).password_hash = hash_password(PASSWORD)
    tablet = app.test_client()
    tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    asked = goes(tablet, "/account/provider", old=PASSWORD)
    tablet.post("/sign-in", data={"login": "staff", "password": PASSWORD})
    comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked, sub="moi")))
    with database.reading() as session:
        assert Identities(session, provider.issuer).find("moi") is None


def test_an_administrator_binds_and_takes_away_and_the_devices_with_it(
    app: Flask, provider: LyingProvider, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    administrator, page = client_of("administrator"), f"/admin/people/{cast.people['staff']}"
    assert administrator.post(f"{page}/identity", data={"subject": " tra-9 "}).location == page
    assert entries(database) == [("identity_bound", {"identity": "tra-9", "manner": "administrator"})]
    tablet = app.test_client()
    assert enters(tablet, provider, sub="tra-9").status_code == 303
    assert "tra-9" in administrator.get(page).text
    assert administrator.post(f"{page}/identity/remove").location == page
    assert tablet.get("/account").status_code == 302
    assert client_of("clerk").post(f"{page}/identity", data={"subject": "x"}).status_code == 403


# -- the second step


def test_with_an_app_the_provider_alone_opens_nothing_unless_its_word_is_believed(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    seal = Seal(app.extensions["khonggiay"].settings.secret_key)
    with database.writing() as session:
        own = Factors(session, cast.people["clerk"])
        secret = own.begin_app(seal)
    with database.writing() as session:
        Factors(session, cast.people["clerk"]).take_code(pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30)), seal)
    tablet = app.test_client()
    assert enters(tablet, provider, amr=["pwd"]).location == "/sign-in/code?next=/account"
    assert tablet.get("/account").status_code == 302
    assert tablet.post("/sign-in/code", data={"code": pyotp.TOTP(secret).at(clock.now())}).status_code == 303
    assert entries(database) == [("signed_in", {"way": "provider_app"})]
    assert enters(app.test_client(), provider, amr=["pwd", "mfa"]).location == "/account"
    assert entries(database) == [("signed_in", {"way": "provider_strong"})]


@pytest.mark.parametrize(
    ("amr", "leads"), [(["pwd"], "/account/second-factor"), (["mfa"], None), (["MFA"], "/account/second-factor")]
)
def test_a_guarded_role_needs_a_second_step_here_or_there(
    app: Flask, provider: LyingProvider, bound: None, database: Database, amr: list[str], leads: str | None
) -> None:
    with database.writing() as session:
        guard_roles(session, [Role.CLERK])
    tablet = app.test_client()
    enters(tablet, provider, amr=amr)
    assert tablet.get("/archive/find").location == leads


# -- roles


def test_groups_give_roles_and_take_them_again_and_what_was_given_by_hand_stays(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    administrator = client_of("administrator")
    for group, role in (("van-phong", "staff"), ("van-phong", "clerk"), ("luu-tru", "archivist")):
        administrator.post("/admin/sign-in-rules/groups", data={"group": group, "role": role})
    assert entries(database)[0] == ("group_role_added", {"roles": ["archivist"]})
    enters(app.test_client(), provider, groups=["van-phong", "khac"])
    assert roles_of(database, cast, "clerk") == {Role.CLERK, Role.STAFF}
    assert entries(database, 2)[1] == ("roles_by_groups", {"new": ["staff"], "removed": []})
    enters(app.test_client(), provider, groups=["luu-tru"])
    assert roles_of(database, cast, "clerk") == {Role.CLERK, Role.ARCHIVIST}
    enters(app.test_client(), provider)  # a claim that is missing: no group
    assert roles_of(database, cast, "clerk") == {Role.CLERK}


def test_groups_that_are_too_many_to_tell_change_nothing(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        GroupRoles(session).add("luu-tru", Role.ARCHIVIST)
    enters(app.test_client(), provider, groups=["luu-tru"])
    enters(app.test_client(), provider, _claim_names={"groups": "src1"})
    assert roles_of(database, cast, "clerk") == {Role.CLERK, Role.ARCHIVIST}


def test_the_last_administrator_stays_one_when_the_group_goes(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        GroupRoles(session).add("quan-tri", Role.ADMINISTRATOR)
    enters(app.test_client(), provider, groups=["quan-tri"])
    with database.writing() as session:
        People(session).get(cast.people["administrator"]).is_open = False
    enters(app.test_client(), provider, groups=[])
    assert Role.ADMINISTRATOR in roles_of(database, cast, "clerk")
    with database.writing() as session:
        People(session).get(cast.people["administrator"]).is_open = True
    enters(app.test_client(), provider, groups=[])
    assert roles_of(database, cast, "clerk") == {Role.CLERK}


def test_a_line_that_makes_no_sense_is_not_added(client_of: ClientOf, database: Database) -> None:
    administrator = client_of("administrator")
    for fields in ({"group": " ", "role": "clerk"}, {"group": "x", "role": "no-role"}, {"group": "x", "role": ""}):
        administrator.post("/admin/sign-in-rules/groups", data=fields)
    assert "Chưa thêm" in administrator.get("/admin/sign-in-rules").text
    with database.reading() as session:
        assert GroupRoles(session).all() == []
    assert (
        client_of("clerk").post("/admin/sign-in-rules/groups", data={"group": "x", "role": "administrator"}).status_code == 403
    )


# -- only by the provider


@pytest.fixture
def only(app: Flask) -> None:
    system = app.extensions["khonggiay"]
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, oidc_only=True))


def test_where_only_the_provider_opens_the_password_does_not_but_for_administrators(
    app: Flask, provider: LyingProvider, bound: None, only: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["administrator"]).password_hash = hash_password(PASSWORD)
    tablet = app.test_client()
    answer = tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    assert "Cơ quan chỉ cho đăng nhập bằng tài khoản cơ quan" in answer.text
    stranger = enters(app.test_client(), provider, sub="la").text
    assert "chưa được gắn với ai" in stranger
    assert "bằng mật khẩu rồi tự gắn" not in stranger  # where passwords open nothing none is offered
    assert tablet.get("/account").status_code == 302
    assert app.test_client().post("/sign-in", data={"login": "administrator", "password": PASSWORD}).status_code == 303
    assert enters(tablet, provider).status_code == 303


def test_whoever_never_used_a_one_time_password_comes_in_by_the_provider_and_is_not_asked_for_it(
    app: Flask, provider: LyingProvider, only: None, database: Database
) -> None:
    users_add(database, "moi@example.vn", "Người Mới", frozenset({Role.STAFF}))
    tablet = app.test_client()
    enters(tablet, provider, sub="moi", email="moi@example.vn", email_verified=True)
    assert tablet.get("/archive/find").status_code == 200
    page = tablet.get("/account/second-factor").text
    assert "không có mật khẩu ở đây" in page
    assert tablet.post("/account/second-factor/app").status_code == 200
    clock.fix(clock.now() + timedelta(minutes=11))
    refused = tablet.post("/account/second-factor/app")
    assert (refused.status_code, "10 phút sau khi đăng nhập" in refused.text) == (403, True)


# -- the end


def test_signing_out_leads_to_the_provider_where_it_offers_that(
    app: Flask, provider: LyingProvider, bound: None, cast: Cast
) -> None:
    provider.metadata["end_session_endpoint"] = f"{provider.issuer}/end"
    tablet = app.test_client()
    enters(tablet, provider)
    page = tablet.post("/sign-out").text
    found = re.search(r'content="0;url=([^"]+)"', page)
    assert found
    asked = parse_qs(urlsplit(html.unescape(found[1])).query)
    assert asked["post_logout_redirect_uri"] == ["https://hop.example.vn/sign-in"]
    assert asked["client_id"] == [CLIENT]
    assert asked["id_token_hint"][0].count(".") == 2
    assert tablet.get("/account").status_code == 302
    tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    assert tablet.post("/sign-out").location == "/sign-in?left=here"  # who came by password leaves here only


def logout_claims(provider: LyingProvider, **changed: Any) -> dict[str, Any]:
    at = int(time.time())
    honest = {
        "iss": provider.issuer,
        "aud": CLIENT,
        "iat": at,
        "exp": at + 60,
        "jti": "1",
        "sub": "thu",
        "events": {LOGOUT: {}},
    }
    return {name: value for name, value in {**honest, **changed}.items() if value is not None}


def test_what_the_provider_ends_ends_here_by_session_or_by_subject(
    app: Flask, provider: LyingProvider, bound: None, database: Database
) -> None:
    first, second, by_password = (app.test_client() for _ in range(3))
    enters(first, provider, sid="s1")
    enters(second, provider, sid="s2")
    by_password.post("/sign-in", data={"login": "clerk", "password": PASSWORD})

    def end(**changed: Any) -> int:
        token = provider.token(logout_claims(provider, **changed))
        return app.test_client().post("/sign-in/provider/ended", data={"logout_token": token}).status_code

    assert end(sid="s1") == 200
    assert [client.get("/account").status_code for client in (first, second, by_password)] == [302, 200, 200]
    assert entries(database)[0][0] == "signed_out_by_provider"
    assert end() == 200
    assert [client.get("/account").status_code for client in (second, by_password)] == [302, 200]


def test_a_session_that_was_never_told_here_ends_by_the_subject_and_no_other_does(
    app: Flask, provider: LyingProvider, bound: None
) -> None:
    untold, told = app.test_client(), app.test_client()
    enters(untold, provider)
    enters(told, provider, sid="s2")
    token = provider.token(logout_claims(provider, sid="s1"))
    assert app.test_client().post("/sign-in/provider/ended", data={"logout_token": token}).status_code == 200
    assert [client.get("/account").status_code for client in (untold, told)] == [302, 200]


# -- what is under way when it is ended


@pytest.fixture
def app_code(app: Flask, database: Database, cast: Cast, bound: None) -> Callable[[], str]:
    """The clerk has an app; the code that it shows now."""
    seal = Seal(app.extensions["khonggiay"].settings.secret_key)
    with database.writing() as session:
        secret = Factors(session, cast.people["clerk"]).begin_app(seal)
    with database.writing() as session:
        Factors(session, cast.people["clerk"]).take_code(pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30)), seal)
    return lambda: pyotp.TOTP(secret).at(clock.now())


def ends(app: Flask, provider: LyingProvider, **changed: Any) -> None:
    token = provider.token(logout_claims(provider, **changed))
    assert app.test_client().post("/sign-in/provider/ended", data={"logout_token": token}).status_code == 200


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        ({"sid": "s1"}, {"sid": "s1", "sub": None}),
        ({"sid": "s1"}, {"sid": "s1"}),
        ({"sid": "s1"}, {}),
        ({}, {}),
        ({}, {"sid": "s1"}),
    ],
    ids=str,
)
def test_whoever_is_half_way_when_the_provider_ends_it_comes_no_further(
    app: Flask, provider: LyingProvider, app_code: Callable[[], str], said: dict[str, Any], ended: dict[str, Any]
) -> None:
    tablet = app.test_client()
    assert enters(tablet, provider, **said).location == "/sign-in/code?next=/account"
    ends(app, provider, **ended)
    assert tablet.get("/sign-in/code").location == "/sign-in"
    assert tablet.post("/sign-in/code", data={"code": app_code()}).location == "/sign-in"
    assert tablet.get("/account").status_code == 302
    assert enters(tablet, provider, **(said and {"sid": "s3"})).location == "/sign-in/code?next=/account"  # anew it opens
    assert tablet.post("/sign-in/code", data={"code": app_code(), "next": "/account"}).location == "/account"


@pytest.mark.parametrize(("said", "ended"), [({"sid": "s1"}, {"sid": "s2"}), ({"sid": "s1"}, {"sub": "another"})], ids=str)
def test_the_end_of_another_session_stops_nobody_half_way(
    app: Flask, provider: LyingProvider, app_code: Callable[[], str], said: dict[str, Any], ended: dict[str, Any]
) -> None:
    tablet = app.test_client()
    enters(tablet, provider, **said)
    ends(app, provider, **ended)
    assert tablet.post("/sign-in/code", data={"code": app_code(), "next": "/account"}).location == "/account"


def test_half_way_by_the_password_is_nothing_that_a_provider_ends(
    app: Flask, provider: LyingProvider, app_code: Callable[[], str]
) -> None:
    tablet = app.test_client()
    tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    ends(app, provider)
    assert tablet.post("/sign-in/code", data={"code": app_code(), "next": "/account"}).location == "/account"


@pytest.mark.parametrize("anew", [None, "thu", "thu-2"])
def test_whoever_is_half_way_when_the_identity_is_taken_away_comes_no_further(
    app: Flask, provider: LyingProvider, app_code: Callable[[], str], database: Database, cast: Cast, anew: str | None
) -> None:
    tablet = app.test_client()
    enters(tablet, provider, sid="s1")
    with database.writing() as session:
        Identities(session, provider.issuer).unbind(cast.people["clerk"])
    if anew:  # bound again in the meantime, as a row that may bear the same number
        with database.writing() as session:
            Identities(session, provider.issuer).bind(cast.people["clerk"], anew)
    assert tablet.post("/sign-in/code", data={"code": app_code()}).location == "/sign-in"
    assert tablet.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("said", "ended"),
    [({"sid": "s1"}, {"sid": "s1", "sub": None}), ({"sid": "s1"}, {}), ({}, {}), ({}, {"sid": "s1"})],
    ids=str,
)
def test_a_sign_in_that_the_provider_ends_before_it_is_back_opens_nothing(
    app: Flask, provider: LyingProvider, bound: None, said: dict[str, Any], ended: dict[str, Any]
) -> None:
    tablet = app.test_client()
    asked = goes(tablet)
    ends(app, provider, **ended)
    refused = comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked, **said)))
    assert refused.status_code == 422
    assert "đã kết thúc phiên này trước khi xong" in refused.text
    assert tablet.get("/account").status_code == 302
    assert enters(tablet, provider, **(said and {"sid": "s3"})).location == "/account"


def test_a_proof_that_the_provider_ends_before_it_is_back_binds_nobody(
    app: Flask, provider: LyingProvider, bound: None, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        Identities(session, provider.issuer).unbind(cast.people["clerk"])
    tablet = app.test_client()
    tablet.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    asked = goes(tablet, "/account/provider", old=PASSWORD)
    ends(app, provider, sub="new", sid="s1")
    comes_back(tablet, provider, asked, provider.token(claims_of(provider, asked, sub="new", sid="s1")))
    with database.reading() as session:
        assert Identities(session, provider.issuer).of(cast.people["clerk"]) is None


def test_what_was_ended_is_forgotten_after_half_an_hour(
    app: Flask, provider: LyingProvider, bound: None, database: Database
) -> None:
    ends(app, provider, sid="s1")
    clock.fix(clock.now() + timedelta(minutes=31))
    with database.writing() as session:
        Identities(session, provider.issuer).end("another", "s9")
        assert list(session.scalars(select(EndedAtProvider.sid))) == ["s9"]


@pytest.mark.parametrize(
    "changed",
    [
        {"events": None},
        {"events": {"other": {}}},
        {"nonce": "x"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"sub": None},
        {"exp": None},
        {"iat": None},
    ],
    ids=str,
)
def test_a_token_that_is_no_logout_of_the_provider_ends_nothing(
    app: Flask, provider: LyingProvider, bound: None, changed: dict[str, Any]
) -> None:
    tablet = app.test_client()
    enters(tablet, provider)
    token = provider.token(logout_claims(provider, **changed))
    assert app.test_client().post("/sign-in/provider/ended", data={"logout_token": token}).status_code == 400
    as_access = provider.token(logout_claims(provider), header={"alg": "RS256", "kid": "first", "typ": "at+jwt"})
    assert app.test_client().post("/sign-in/provider/ended", data={"logout_token": as_access}).status_code == 400
    forged = provider.token(logout_claims(provider), key=RSAKey.generate_key(2048, {"kid": "first"}))
    assert app.test_client().post("/sign-in/provider/ended", data={"logout_token": forged}).status_code == 400
    assert tablet.get("/account").status_code == 200


def test_tokens_that_name_unknown_keys_do_not_make_us_trouble_the_provider(
    app: Flask, provider: LyingProvider, bound: None
) -> None:
    enters(app.test_client(), provider)
    stranger = RSAKey.generate_key(2048, {"kid": "unknown"})
    for _ in range(5):
        token = provider.token(logout_claims(provider), key=stranger, header={"alg": "RS256", "kid": "unknown"})
        app.test_client().post("/sign-in/provider/ended", data={"logout_token": token})
    assert provider.asked.count("/keys") == 1
