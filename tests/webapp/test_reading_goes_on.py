"""Whoever reads is served while nobody can write: every address that is read, on a database that another program holds."""

import inspect
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from domain.people.access import Access
from search.whoosh_index import WhooshIndex
from storage.archive.texts import books_of, texts_of
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.people.people import People, SignIn, SignIns
from storage.tables import migrate
from tests.releases import restore_sqlite, versions
from tests.stored import rows
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf
from webapp.app import create_app
from webapp.ground import aside
from webapp.ground.access import COOKIE
from webapp.ground.system import System

READERS = ["uyvien", "vanthu", "chutich", "luutru", "quantri"]  # who reads papers of meetings comes first: that is noted
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation that was used: as the last release filled it."""
    folder = tmp_path_factory.mktemp("office")
    database = Database(restore_sqlite(versions()[-1], folder / "khonggiay.sqlite3"))
    migrate(database)
    database.close()
    return folder


def opened(folder: Path) -> Flask:
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")

    @event.listens_for(database.engine, "connect")
    def _hasty(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")  # whoever waits for a writer here is told so at once

    index = WhooshIndex(folder / "index", texts_of(database), books_of(database))
    app = create_app(System(Settings(environment="test", data_dir=folder), database, FolderObjects(folder / "objects"), index))
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


def signed_in(app: Flask) -> dict[str, FlaskClient]:
    """A client of each reader, last seen long ago."""
    database: Database = app.extensions["khonggiay"].database
    clients = {}
    for login in READERS:
        with database.writing() as session:
            person = People(session).named(login)
            person.must_change_password = False
            token = SignIns(session).start(person, lasting=timedelta(days=30), address="127.0.0.1", device="test")
            session.execute(text("UPDATE sign_ins SET seen_at = '2026-01-01 00:00:00'"))
        clients[login] = app.test_client()
        clients[login].set_cookie(COOKIE, token)
    return clients


@pytest.fixture
def held(office: Path) -> Iterator[sqlite3.Connection]:
    """Another program that may write, and does not let anybody else."""
    with closing(sqlite3.connect(office / "khonggiay.sqlite3", isolation_level=None)) as other:
        yield other


def addresses(app: Flask) -> list[str]:
    rules = [
        rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.endpoint.endswith("static")
    ]
    return [re.sub(r"<[^>]+>", "1", rule.rule) for rule in rules]


def answers(clients: dict[str, FlaskClient], address: str) -> tuple[str, int, str | None]:
    """Who gets the page, or who is refused last."""
    for login, client in clients.items():
        with client.get(address) as answer:
            told = login, answer.status_code, answer.mimetype
        if told[1] == 200:
            break
    return told


def test_every_address_that_is_read_answers_as_ever_while_nobody_can_write(
    office: Path, held: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "PATIENCE_S", 0.01)
    app = opened(office)
    clients = signed_in(app)
    every = [address for address in addresses(app) if not address.startswith("/sign-out")]
    as_ever = {address: answers(clients, address) for address in every}
    assert sum(status == 200 for _, status, _ in as_ever.values()) > len(every) * 0.6, "too little was really read"
    aside_of = app.extensions["aside"]
    assert aside_of.settled(10)
    again = signed_in(app)
    held.execute("BEGIN IMMEDIATE")
    now_said = {address: answers({as_ever[address][0]: again[as_ever[address][0]]}, address) for address in every}
    assert {address: (said, as_ever[address]) for address, said in now_said.items() if said != as_ever[address]} == {}
    held.execute("ROLLBACK")


def test_when_a_device_was_last_seen_is_written_beside_the_answer(app: Flask, client_of: ClientOf, database: Database) -> None:
    client = client_of("clerk")
    with database.writing() as session:
        session.execute(text("UPDATE sign_ins SET seen_at = '2026-01-01 00:00:00'"))
    assert client.get("/account").status_code == 200
    assert app.extensions["aside"].settled(10)
    with database.reading() as session:
        assert session.scalars(select(SignIn.seen_at)).one() > LONG_AGO + timedelta(days=1)


def test_who_took_a_copy_is_written_down_as_soon_as_somebody_can_write(
    app: Flask, client_of: ClientOf, objects: FolderObjects, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "AGAIN_S", 0.1)
    client = client_of("archivist")
    document_id = put(database, objects, "noi-bo.pdf", ["Nội bộ"], access=Access.RESTRICTED)
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(aside, "PATIENCE_S", 0.01)  # SQLite waits, a reader does not
        with client.get(f"/archive/documents/{document_id}/files/1") as answer:
            assert answer.status_code == 200
            assert answer.data.endswith(b"noi-bo.pdf")
        with database.reading() as session:
            assert AuditTrail(session).of("document", document_id) == []
        other.execute("ROLLBACK")
    assert app.extensions["aside"].settled(60)
    with database.reading() as session:
        assert [entry.act for entry in AuditTrail(session).of("document", document_id)] == ["original_downloaded"]


def test_who_meets_a_lost_file_waits_for_no_writer_and_the_loss_is_written_down_later(
    app: Flask, client_of: ClientOf, objects: FolderObjects, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "AGAIN_S", 0.1)
    client = client_of("staff")
    document_id = put(database, objects, "ke-hoach.pdf", ["Kế hoạch"])
    for key in list(objects.keys()):
        objects.remove(key)
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get(f"/archive/documents/{document_id}/files/1").status_code == 503
        other.execute("ROLLBACK")
    assert app.extensions["aside"].settled(10)
    assert [entry.act for entry in rows(database, AuditEntry, subject_kind="object")] == ["object_missing"]


def test_a_full_disk_is_told_as_one(client_of: ClientOf, database: Database) -> None:
    client = client_of("nobody")
    database.close()

    @event.listens_for(database.engine, "connect")
    def _fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # no page more: SQLite says then what it says on a full disk

    for number in range(300):  # until the free pages of the file are used up
        answer = client.post(
            "/sign-in", data={"login": f"x{number}", "password": "!"}, environ_base={"REMOTE_ADDR": f"10.0.1.{number}"}
        )
        if answer.status_code == 503:
            break
    assert "Ổ đĩa của máy chủ đã đầy nên việc vừa rồi chưa được lưu" in answer.text


def test_no_page_that_is_only_read_asks_for_a_session_that_writes(app: Flask) -> None:
    asking = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" not in (rule.methods or ()) and "writing()" in inspect.getsource(app.view_functions[rule.endpoint])
    }
    assert asking == set()
