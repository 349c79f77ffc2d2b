"""Links and codes lead to the configured address, never to where a request says it was sent."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient

from search.whoosh_index import WhooshIndex
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from webapp.app import create_app
from webapp.ground.access import COOKIE
from webapp.ground.system import System

EVIL = {"Host": "evil.example"}


def misled(client: FlaskClient) -> FlaskClient:
    """A browser that is signed in where a foreign name leads to this program."""
    held = client.get_cookie(COOKIE)
    assert held
    client.set_cookie(COOKIE, held.value, domain="evil.example")
    return client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path, public_url="https://hop.example.vn")


def test_the_code_on_the_screen_leads_to_the_configured_address(client_of: ClientOf, in_session: Gathering) -> None:
    drawn = misled(client_of("secretary")).get(f"/meetings/{in_session.meeting}/check-in.svg", headers=EVIL).text
    digits = "".join(re.findall(r">(\d{3}) (\d{3})<", drawn)[0])
    own, evil = (
        segno.make(f"{host}/meetings/{in_session.meeting}/check-in?code={digits}", error="m").svg_inline(
            border=2, omitsize=False
        )
        for host in ("https://hop.example.vn", "http://evil.example")
    )
    assert own in drawn
    assert evil not in drawn


def test_no_page_builds_an_address_from_what_a_request_says() -> None:
    said = re.compile(r"_external|request\.(host|url|base_url|root_url|url_root|host_url)\b|HTTP_HOST")
    pages = Path(__file__).parents[3] / "webapp"
    found = [path.name for path in sorted(pages.rglob("*.py")) if said.search(path.read_text("utf-8"))]
    found += [path.name for path in sorted(pages.rglob("*.html")) if said.search(path.read_text("utf-8"))]
    assert found == []


@pytest.fixture
def production(settings: Settings, database: Database, objects: FolderObjects, tmp_path: Path) -> Flask:
    live = replace(settings, environment="production", secret_key="k" * 40)
    return create_app(System(live, database, objects, WhooshIndex(tmp_path / "index", lambda keys: dict.fromkeys(keys, ""))))


@pytest.mark.parametrize(
    ("host", "status"),
    [("hop.example.vn", 200), ("127.0.0.1:8080", 200), ("evil.example", 400), ("hop.example.vn.evil.example", 400)],
)
def test_in_production_only_the_configured_host_is_answered(production: Flask, cast: Cast, host: str, status: int) -> None:
    answer = production.test_client().get("/health", headers={"Host": host})
    assert answer.status_code == status
    page = production.test_client().get("/sign-in", headers={"Host": host, "Accept": "text/html"})
    assert page.status_code == status
