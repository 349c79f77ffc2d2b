"""Signing in by a real identity provider (npm's oidc-provider): it is certified for what our other tests only claim that it says."""

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.people.people import People
from tests.cast import Cast
from tests.providers import CLIENT, SECRET, RealProvider, Visitor, is_installed
from tests.servers import free_ports
from webapp.people.accounts.passwords import hash_password

pytestmark = [
    pytest.mark.provider,
    pytest.mark.skipif(not is_installed(), reason="the provider is not installed: make scripts"),
]

ACCOUNTS = {
    "thu-1": {"email": "clerk", "email_verified": True, "groups": ["van-phong"]},
    "thu-2": {"email": "clerk", "email_verified": True},
    "la": {"email": "la@example.vn", "email_verified": True},
    "chua": {"email": "staff", "email_verified": False},
}


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def provider(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    folder = tmp_path_factory.mktemp("provider")
    with RealProvider(folder, f"http://localhost:{port}", ACCOUNTS).running() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: RealProvider, port: int) -> Settings:
    return replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_login_claim="email",
        oidc_groups_claim="groups", public_url=f"http://localhost:{port}",
    )  # fmt: skip


@pytest.fixture
def served(app: Flask, port: int) -> Iterator[None]:
    """Our application, where the provider itself reaches it."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def onward(page: str) -> str:
    found = re.search(r'content="0;url=([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def sign_in(tablet: FlaskClient, visitor: Visitor, subject: str) -> str:
    """Sign in by the provider; where one lands, or the page that refuses."""
    back = visitor.goes(onward(tablet.post("/sign-in/provider", data={"next": "/account"}).text), subject)
    answer = tablet.get(back)
    return answer.location or answer.text


def test_one_signs_in_and_out_by_the_provider(
    app: Flask, provider: RealProvider, database: Database, cast: Cast, tmp_path: Path
) -> None:
    tablet, visitor = app.test_client(), Visitor(provider)
    assert sign_in(tablet, visitor, "thu-1") == "/account"
    assert "Lê Văn Thư" in tablet.get("/account").text
    with database.reading() as session:
        acts = [entry.act for entry in AuditTrail(session).page().rows[:2]]
    assert acts == ["signed_in", "identity_bound"]
    back = visitor.goes(onward(tablet.post("/sign-out").text), "thu-1")
    assert back.startswith("/sign-in?")
    assert "Bạn đã đăng xuất." in tablet.get(back).text
    assert "chưa được gắn với ai" in sign_in(tablet, visitor, "la")  # signed out there too: it asks who comes


def test_a_code_serves_once_even_where_the_form_session_is_put_back(app: Flask, provider: RealProvider, cast: Cast) -> None:
    tablet, visitor = app.test_client(), Visitor(provider)
    way = onward(tablet.post("/sign-in/provider").text)
    kept = tablet.get_cookie("khonggiay_form")
    assert kept
    back = visitor.goes(way, "thu-1")
    assert tablet.get(back).status_code == 303
    thief = app.test_client()
    thief.set_cookie("khonggiay_form", kept.value)
    refused = thief.get(back)
    assert (refused.status_code, "không chấp nhận yêu cầu" in refused.text) == (422, True)


def test_a_code_that_was_stolen_on_its_way_opens_no_other_browser(app: Flask, provider: RealProvider, cast: Cast) -> None:
    tablet, thief, visitor = app.test_client(), app.test_client(), Visitor(provider)
    stolen = visitor.goes(onward(tablet.post("/sign-in/provider").text), "thu-1")
    own = Visitor(provider).goes(onward(thief.post("/sign-in/provider").text), "la")
    mixed = re.sub(r"code=[^&]+", re.search(r"code=[^&]+", stolen)[0], own)  # type: ignore[index]
    assert "không chấp nhận yêu cầu" in thief.get(mixed).text  # the challenge of the code is another's (PKCE)


def test_who_is_not_known_or_not_verified_or_somebody_else_stays_outside(
    app: Flask, provider: RealProvider, database: Database, cast: Cast
) -> None:
    assert sign_in(app.test_client(), Visitor(provider), "thu-1") == "/account"
    assert "chưa được gắn với ai" in sign_in(app.test_client(), Visitor(provider), "la")
    assert "chưa xác minh địa chỉ thư" in sign_in(app.test_client(), Visitor(provider), "chua")
    assert "đã gắn với" in sign_in(app.test_client(), Visitor(provider), "thu-2")
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).is_open = False
    assert "đã đóng" in sign_in(app.test_client(), Visitor(provider), "thu-1")


def test_whoever_was_not_let_in_may_be_somebody_else_the_next_time(app: Flask, provider: RealProvider, cast: Cast) -> None:
    tablet, visitor = app.test_client(), Visitor(provider)
    assert "chưa được gắn với ai" in sign_in(tablet, visitor, "la")
    assert sign_in(tablet, visitor, "thu-1") == "/account"


def test_whoever_has_bound_an_account_here_signs_out_there_too(
    app: Flask, provider: RealProvider, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).password_hash = hash_password("mot-mat-khau-dai-2026")
    tablet, visitor = app.test_client(), Visitor(provider)
    tablet.post("/sign-in", data={"login": "clerk", "password": "mot-mat-khau-dai-2026"})
    page = tablet.post("/account/provider", data={"old": "mot-mat-khau-dai-2026"}).text
    assert tablet.get(visitor.goes(onward(page), "thu-1")).location == "/account/provider"
    visitor.goes(onward(tablet.post("/sign-out").text), "")
    assert "chưa được gắn với ai" in sign_in(tablet, visitor, "la")  # it asks who comes


def test_signing_out_there_signs_out_here(app: Flask, provider: RealProvider, served: None, cast: Cast) -> None:
    tablet, visitor = app.test_client(), Visitor(provider)
    sign_in(tablet, visitor, "thu-1")
    assert tablet.get("/account").status_code == 200
    ends = requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=10).json()["end_session_endpoint"]
    visitor.goes(
        f"{ends}?client_id={CLIENT}&post_logout_redirect_uri={app.extensions['khonggiay'].settings.public_url}/sign-in", ""
    )
    assert tablet.get("/account").status_code == 302


def test_who_declines_there_is_told_so_here(app: Flask, provider: RealProvider, cast: Cast) -> None:
    tablet, visitor = app.test_client(), Visitor(provider)
    back = visitor.declines(onward(tablet.post("/sign-in/provider").text))
    assert "đã bị hủy hoặc bị từ chối" in tablet.get(back).text
