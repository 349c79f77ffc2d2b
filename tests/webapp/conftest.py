"""What tests of pages may ask for: the application on empty stores, and a browser-like client for each of the cast."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from domain.meetings.meetings import MeetingState
from search.whoosh_index import WhooshIndex
from storage.archive.texts import books_of, texts_of
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.people.people import People, SignIns
from tests.cast import Cast, gather
from tests.meetings import Gathering, gather_meeting
from tests.once import Route, Routes, hash_cheaply, templates
from webapp.app import create_app
from webapp.ground.access import COOKIE
from webapp.ground.system import System

ClientOf = Callable[[str], FlaskClient]


_REVISED = re.compile(
    r"/directives/(?:drafts/)?(\d+)(?:/(?:submit|withdraw|approve|return|number|sign|issue|cancel|drop|revoke|replace|withhold|correct))?"
)


def as_read(application: Flask, path: object, data: object) -> object:
    """What is sent of a document, with the revision at which its page stands: the form of the page bears it."""
    found = _REVISED.fullmatch(str(path))
    if found is None or not (data is None or isinstance(data, dict)) or "revision" in (data or {}):
        return data
    with application.extensions["khonggiay"].database.reading() as session:
        document = session.get(OutgoingDocument, int(found[1]))
    return {**(data or {}), "revision": document.revision if document else ""}


class CheckedClient(FlaskClient):
    """A client that looks at every page it gets: one h1, a title that begins with it, a language, a skip link."""

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs["data"] = as_read(self.application, args[0] if args else "", kwargs.get("data"))
        return super().post(*args, **kwargs)

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        answer = super().open(*args, **kwargs)  # type: ignore[arg-type]
        if not answer.location and answer.mimetype == "text/html" and "<!doctype html>" in answer.text[:50]:
            headings = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.S)
            assert len(headings) == 1, f"{len(headings)} h1 on {answer.request.path}"
            title = re.search(r"<title>(.*?)</title>", answer.text, re.S)
            heading = re.sub(r"<[^>]+>", "", headings[0]).strip()
            assert title, f"no title on {answer.request.path}"
            assert title[1].strip().startswith(heading), f"title {title[1]!r} does not begin with {heading!r}"
            assert re.search(r'<html lang="(vi|en)">', answer.text)
            assert 'class="skip"' in answer.text
            assert "style=" not in answer.text, "inline styles are refused by the content policy"
        return answer


@pytest.fixture(scope="session", autouse=True)
def english() -> None:
    """The English texts as they stand in their catalogue: compiled here unless `make install` has just done so."""
    catalogue = Path(__file__).parents[2] / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    compiled = catalogue.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
        with catalogue.open("rb") as source, compiled.open("wb") as target:
            write_mo(target, read_po(source, locale="en"))


@pytest.fixture
def costly_passwords() -> None:
    """Passwords are hashed as the product hashes them."""


@pytest.fixture(autouse=True)
def _cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "costly_passwords" not in request.fixturenames:
        hash_cheaply(monkeypatch)


@pytest.fixture
def selects(database: Database) -> Callable[[Callable[[], object]], int]:
    """Counts the questions that an act puts to the database."""

    def count(act: Callable[[], object]) -> int:
        statements: list[str] = []

        def note(*facts: object) -> None:
            statements.append(str(facts[2]))

        event.listen(database.engine, "before_cursor_execute", note)
        act()
        event.remove(database.engine, "before_cursor_execute", note)
        return sum(text.startswith("SELECT") for text in statements)

    return count


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path)


@pytest.fixture
def system(settings: Settings, database: Database, objects: FolderObjects) -> System:
    return System(settings, database, objects, WhooshIndex(settings.index_dir, texts_of(database), books_of(database)))


@pytest.fixture
def app(system: System, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(Flask, "url_rule_class", Route)
    monkeypatch.setattr(Flask, "url_map_class", Routes)
    app = create_app(system)
    app.jinja_env.bytecode_cache = templates
    app.test_client_class = CheckedClient
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def client_of(app: Flask, database: Database, cast: Cast) -> ClientOf:
    """A client who has signed in as one of the cast; "nobody" has not."""

    def client_of(login: str) -> FlaskClient:
        client = app.test_client()
        if login != "nobody":
            with database.writing() as session:
                person = People(session).get(cast.people[login])
                token = SignIns(session).start(person, lasting=timedelta(hours=1), address="127.0.0.1", device="test")
            client.set_cookie(COOKIE, token)
        return client

    return client_of


@pytest.fixture
def convened(database: Database, cast: Cast) -> Gathering:
    """A meeting that has been convened; `client_of` knows its people: chair, deputy, secretary, member, delegate, guest."""
    return gather_meeting(database, cast)


@pytest.fixture
def in_session(database: Database, cast: Cast) -> Gathering:
    """The same meeting, open, the chair presiding."""
    return gather_meeting(database, cast, state=MeetingState.OPEN)
