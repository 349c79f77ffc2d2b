import io
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ocr_worker.keeping import Replica
from ocr_worker.system import System as WorkerSystem
from storage.archive.documents import Document, Withdrawal
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import OPENING, Ledger
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.ground.stores import objects_of
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from tests.work import claimed
from webapp.ground.system import System


@pytest.fixture
def document_id(database: Database, objects: FolderObjects, cast: Cast) -> int:
    with database.writing() as session:
        person = People(session).get(cast.people["archivist"])
        batch_id = open_batch(session, source="web", person=person, attested_by=person.name).id
    receipt_id = receive(database, objects, batch_id, Arrival("ten-tep.pdf", io.BytesIO(b"%PDF-1.7 1")), limit=1 << 20)
    with database.writing() as session:
        found = session.get_one(Receipt, receipt_id).document_id or 0
        ledger = Ledger(session)
        ledger.set_aside(claimed(ledger, found, OPENING), "toi_mat")
    return found


@pytest.fixture
def archivist(client_of: ClientOf) -> FlaskClient:
    return client_of("archivist")


def standing(database: Database, document_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Document, document_id).standing.value


def entries(database: Database, document_id: int) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as session:
        return [(entry.act, entry.facts) for entry in AuditTrail(session).of("document", document_id)]


def test_an_empty_list_says_what_would_come_here(archivist: FlaskClient) -> None:
    assert "Không có tài liệu nào chờ quyết định" in archivist.get("/archive/set-aside").text


def test_who_decides_sees_the_name_and_the_rule_in_words(archivist: FlaskClient, document_id: int) -> None:
    page = archivist.get("/archive/set-aside").text
    for text in ("Tệp thứ 1 của lô 1", "ten-tep.pdf", "Có dòng như dấu “TỐI MẬT”, trang 1"):
        assert text in page


def test_who_only_keeps_the_ledger_sees_neither_name_nor_decision(client_of: ClientOf, document_id: int) -> None:
    page = client_of("administrator").get("/archive/set-aside").text
    assert "Tệp thứ 1 của lô 1" in page
    assert "ten-tep.pdf" not in page
    assert "Quyết định</th>" not in page


def test_the_batch_and_the_lists_do_not_link_to_what_is_set_aside(archivist: FlaskClient, document_id: int) -> None:
    for address in ("/archive/batches/1", "/archive/ledger/set-aside"):
        assert f'href="/archive/documents/{document_id}"' not in archivist.get(address).text


@pytest.mark.parametrize("act", ["release", "destroy"])
def test_a_decision_needs_a_word_that_the_paper_was_seen(
    archivist: FlaskClient, database: Database, document_id: int, act: str
) -> None:
    page = archivist.get(f"/archive/set-aside/{document_id}/{act}").text
    assert "Điều sẽ xảy ra" in page
    answer = archivist.post(f"/archive/set-aside/{document_id}/{act}", data={})
    assert answer.status_code == 422
    assert "Hãy xem bản giấy rồi đánh dấu xác nhận" in answer.text
    assert standing(database, document_id) == "set_aside"
    assert entries(database, document_id) == []


def test_what_bears_no_mark_is_read_on(archivist: FlaskClient, database: Database, document_id: int) -> None:
    answer = archivist.post(f"/archive/set-aside/{document_id}/release", data={"checked": "y"})
    assert (answer.status_code, answer.location) == (303, "/archive/set-aside")
    assert standing(database, document_id) == "waiting"
    assert entries(database, document_id) == [("document_released", {"rule": "toi_mat", "batch": 1})]


def test_what_bears_a_mark_is_destroyed_proved_and_audited_without_content(
    archivist: FlaskClient, database: Database, objects: FolderObjects, document_id: int
) -> None:
    answer = archivist.post(f"/archive/set-aside/{document_id}/destroy", data={"checked": "y"})
    assert answer.location == f"/archive/set-aside/{document_id}/proof"
    assert list(objects.keys()) == []
    page = archivist.get(answer.location).text
    assert "Đang rút" in page
    with database.writing() as session:
        session.delete(session.get_one(Withdrawal, document_id))
    page = archivist.get(answer.location).text
    assert page.count("Không còn") == 7
    assert "Việc phải làm ngoài hệ thống" in page
    assert "ten-tep" not in page
    facts = {"rule": "toi_mat", "batch": 1, "sequence": 1, "objects": 1, "shared_with": []}
    assert entries(database, document_id) == [("document_destroyed", facts)]


def test_the_proof_says_that_the_second_store_still_holds_it_until_it_does_not(
    app: Flask, archivist: FlaskClient, system: System, tmp_path: Path, document_id: int
) -> None:
    (tmp_path / "second").mkdir()
    settings = Settings(environment="test", data_dir=tmp_path, second_objects_url=f"file:{tmp_path}/second")
    objects = objects_of(settings)
    app.extensions["khonggiay"] = System(settings, system.database, objects, system.index)
    copies = WorkerSystem(settings, system.database, objects)
    Replica(copies, threading.Event()).catch_up()
    assert list((tmp_path / "second").glob("??/??/*"))
    proof = archivist.post(f"/archive/set-aside/{document_id}/destroy", data={"checked": "y"}).location
    assert "Chờ xóa" in archivist.get(proof).text
    Replica(copies, threading.Event()).catch_up()
    assert list((tmp_path / "second").glob("??/??/*")) == []
    assert "Chờ xóa" not in archivist.get(proof).text


def test_after_destruction_no_page_knows_the_name(archivist: FlaskClient, document_id: int) -> None:
    archivist.post(f"/archive/set-aside/{document_id}/destroy", data={"checked": "y"})
    for address in (
        "/archive/batches/1",
        "/archive/ledger/destroyed",
        f"/archive/documents/{document_id}",
        "/archive/set-aside",
    ):
        page = archivist.get(address)
        assert page.status_code == 200
        assert "ten-tep" not in page.text


def test_a_decision_is_made_once(archivist: FlaskClient, database: Database, document_id: int) -> None:
    archivist.post(f"/archive/set-aside/{document_id}/release", data={"checked": "y"})
    for act in ("release", "destroy"):
        assert archivist.get(f"/archive/set-aside/{document_id}/{act}").status_code == 409
        assert archivist.post(f"/archive/set-aside/{document_id}/{act}", data={"checked": "y"}).status_code == 409
    assert archivist.get(f"/archive/set-aside/{document_id}/proof").status_code == 404
    assert len(entries(database, document_id)) == 1


@pytest.fixture
def missed(database: Database, objects: FolderObjects, cast: Cast) -> int:
    """A document whose mark nothing found, still waiting to be read."""
    with database.writing() as session:
        person = People(session).get(cast.people["archivist"])
        batch_id = open_batch(session, source="web", person=person, attested_by=person.name).id
    receipt_id = receive(database, objects, batch_id, Arrival("bi-sot.pdf", io.BytesIO(b"%PDF-1.7 2")), limit=1 << 20)
    with database.reading() as session:
        return session.get_one(Receipt, receipt_id).document_id or 0


def test_whoever_sees_a_mark_that_nothing_found_sets_the_document_aside_at_once(
    archivist: FlaskClient, database: Database, missed: int
) -> None:
    assert f'href="/archive/set-aside/{missed}/withhold"' in archivist.get(f"/archive/documents/{missed}").text
    assert "Điều sẽ xảy ra" in archivist.get(f"/archive/set-aside/{missed}/withhold").text
    answer = archivist.post(f"/archive/set-aside/{missed}/withhold", data={"checked": "y"})
    assert (answer.status_code, answer.location) == (303, "/archive/set-aside")
    assert standing(database, missed) == "set_aside"
    assert entries(database, missed) == [("document_set_aside", {"rule": "seen_by_person", "batch": 1})]
    page = archivist.get("/archive/set-aside").text
    assert "Cán bộ báo có dấu chỉ độ mật</td>" in page
    assert "bi-sot" not in archivist.get(f"/archive/documents/{missed}").text
    assert archivist.get(f"/archive/documents/{missed}/files/1").status_code == 404


def test_what_was_set_aside_by_hand_is_destroyed_with_its_proof(
    archivist: FlaskClient, objects: FolderObjects, missed: int
) -> None:
    archivist.post(f"/archive/set-aside/{missed}/withhold", data={"checked": "y"})
    answer = archivist.post(f"/archive/set-aside/{missed}/destroy", data={"checked": "y"})
    assert answer.location == f"/archive/set-aside/{missed}/proof"
    assert list(objects.keys()) == []


def test_setting_aside_needs_a_word_that_the_paper_was_seen(archivist: FlaskClient, database: Database, missed: int) -> None:
    answer = archivist.post(f"/archive/set-aside/{missed}/withhold", data={})
    assert answer.status_code == 422
    assert "Chưa xác nhận thì chưa giữ lại" in answer.text
    assert standing(database, missed) == "waiting"
    assert entries(database, missed) == []


def test_what_is_set_aside_already_is_not_set_aside_again(archivist: FlaskClient, database: Database, document_id: int) -> None:
    assert archivist.get(f"/archive/set-aside/{document_id}/withhold").status_code == 409
    assert archivist.post(f"/archive/set-aside/{document_id}/withhold", data={"checked": "y"}).status_code == 409
    assert entries(database, document_id) == []


@pytest.mark.parametrize("login", ["administrator", "clerk", "staff", "member"])
def test_nobody_but_the_archivist_sets_aside_by_hand(client_of: ClientOf, database: Database, missed: int, login: str) -> None:
    client = client_of(login)
    assert "/withhold" not in client.get(f"/archive/documents/{missed}").text
    assert client.get(f"/archive/set-aside/{missed}/withhold").status_code == 403
    assert client.post(f"/archive/set-aside/{missed}/withhold", data={"checked": "y"}).status_code == 403
    assert standing(database, missed) == "waiting"


@pytest.mark.parametrize("login", ["administrator", "clerk", "staff", "member"])
def test_nobody_but_the_archivist_decides(client_of: ClientOf, database: Database, document_id: int, login: str) -> None:
    client = client_of(login)
    for act in ("release", "destroy"):
        assert client.get(f"/archive/set-aside/{document_id}/{act}").status_code == 403
        assert client.post(f"/archive/set-aside/{document_id}/{act}", data={"checked": "y"}).status_code == 403
    assert client.get(f"/archive/set-aside/{document_id}/proof").status_code == 403
    assert standing(database, document_id) == "set_aside"
