import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request

from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings, read_settings
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.app import create_app
from webapp.ground.system import System
from webapp.people.accounts.passwords import hash_password

FORM = "application/x-www-form-urlencoded"
PAGES = [
    "/sign-in",
    "/account",
    "/admin/people",
    "/admin/units",
    "/admin/import/units",
    "/admin/audit",
    "/admin/permissions",
    "/nowhere",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_carries_the_headers_that_protect_its_reader(client_of: ClientOf, page: str) -> None:
    headers = client_of("nobody" if page == "/sign-in" else "administrator").get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_only_over_tls_is_tls_asked_for_from_then_on(client_of: ClientOf) -> None:
    client = client_of("nobody")
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    assert client.get("/sign-in", base_url="https://localhost").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_names_below_the_host_are_bound_to_tls_where_the_office_says_so(app: Flask) -> None:
    system = app.extensions["khonggiay"]
    app.extensions["khonggiay"] = replace(system, settings=replace(system.settings, hsts_subdomains=True))
    headers = app.test_client().get("/sign-in", base_url="https://localhost").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The same program with its check of forged forms switched on, as it runs for people."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def token_of(page: str) -> str:
    return re.findall(r'name="csrf-token" content="(.*?)"', page)[0]


@pytest.mark.parametrize("address", ["/sign-in", "/sign-out", "/language", "/admin/people/new", "/admin/import/units"])
def test_a_form_without_the_token_of_the_page_is_refused_and_explained(
    guarded: Flask, client_of: ClientOf, address: str
) -> None:
    answer = client_of("administrator").post(address, data={})
    assert answer.status_code == 400
    assert "Phiên làm việc của biểu mẫu đã hết hạn" in answer.text


def test_a_form_with_the_token_is_taken(guarded: Flask, client_of: ClientOf) -> None:
    client = client_of("administrator")
    data = {"csrf_token": token_of(client.get("/account").text)}
    assert client.post("/sign-out", data=data).status_code == 303


def test_the_token_may_come_as_a_header_as_htmx_sends_it(guarded: Flask, client_of: ClientOf) -> None:
    client = client_of("administrator")
    headers = {"X-CSRFToken": token_of(client.get("/account").text)}
    assert client.post("/sign-out", headers=headers).status_code == 303


def test_the_token_of_somebody_else_does_not_help(guarded: Flask, client_of: ClientOf) -> None:
    foreign = token_of(client_of("clerk").get("/account").text)
    client = client_of("administrator")
    client.get("/account")
    assert client.post("/sign-out", data={"csrf_token": foreign}).status_code == 400


def test_an_upload_beyond_the_limit_is_refused_and_explained(
    system: System, database: Database, objects: FolderObjects, tmp_path: Path
) -> None:
    settings = Settings(environment="test", data_dir=tmp_path, max_upload_mb=1)
    small = create_app(System(settings, database, objects, system.index))
    small.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    answer = small.test_client().post("/sign-in", data=b"login=" + b"x" * 1_100_000, content_type=FORM)
    assert answer.status_code == 413
    assert "lớn hơn mức cho phép" in answer.text


def test_in_production_the_cookies_travel_over_tls_only(
    system: System, database: Database, objects: FolderObjects, tmp_path: Path
) -> None:
    settings = Settings(environment="production", secret_key="s" * 32, data_dir=tmp_path)
    app = create_app(System(settings, database, objects, system.index))
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-khonggiay_form"
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    app.config["WTF_CSRF_ENABLED"] = False
    chosen = app.test_client().post("/language", data={"language": "en"}, base_url=settings.public_url)
    cookies = chosen.headers.getlist("Set-Cookie")
    assert "; Secure;" in next(cookie for cookie in cookies if cookie.endswith("SameSite=Lax"))
    assert [
        cookie for cookie in cookies if not cookie.startswith("__Host-") or "Path=/" not in cookie or "Domain" in cookie
    ] == []


def test_in_production_one_is_signed_in_by_the_cookie_that_no_other_host_can_set(
    system: System, database: Database, objects: FolderObjects, tmp_path: Path, cast: Cast
) -> None:
    settings = Settings(environment="production", secret_key="s" * 32, data_dir=tmp_path, public_url="https://hop.example.vn")
    app = create_app(System(settings, database, objects, system.index))
    app.config["WTF_CSRF_ENABLED"] = False
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password("mot-mat-khau-dai-2026")
    client, base = app.test_client(), settings.public_url
    answer = client.post("/sign-in", data={"login": "clerk", "password": "mot-mat-khau-dai-2026"}, base_url=base)
    named = sorted(cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
    assert named == ["__Host-khonggiay", "__Host-khonggiay_device"]
    assert client.get("/account", base_url=base).status_code == 200
    token = client.get_cookie("__Host-khonggiay", domain="hop.example.vn")
    assert token
    other = app.test_client()
    other.set_cookie("khonggiay", token.value, domain="hop.example.vn")
    assert other.get("/account", base_url=base).status_code == 302
    assert client.post("/sign-out", base_url=base).status_code == 303
    assert client.get("/account", base_url=base).status_code == 302


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the visitor may write what it likes before it
        ("10.0.0.5", "203.0.113.9, fd00::7", "203.0.113.9"),  # two of ours in a row
        ("10.0.0.5", "10.0.0.5, fd00::7", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("203.0.113.9", "6.6.6.6", "203.0.113.9"),  # whoever is no proxy of ours is not believed
        ("", "6.6.6.6", ""),
    ],
)
def test_only_our_own_proxies_say_who_asks(
    system: System, database: Database, objects: FolderObjects, peer: str, said: str, address: str
) -> None:
    settings = read_settings({"KHONGGIAY_TRUSTED_PROXIES": "10.0.0.5, fd00::/64", "KHONGGIAY_ENVIRONMENT": "test"})
    app = create_app(System(settings, database, objects, system.index))
    seen: list[tuple[str | None, str]] = []
    app.before_request(lambda: seen.append((request.remote_addr, request.scheme)))
    headers = {"X-Forwarded-For": said, "X-Forwarded-Proto": "https"}
    app.test_client().get("/sign-in", headers=headers, environ_base={"REMOTE_ADDR": peer})
    is_believed = bool(said) and peer == "10.0.0.5"
    assert seen == [(address, "https" if is_believed else "http")]
