"""What a page says of writing that was not read: on the desk, in the lists, the ledger and among what is found."""

from collections.abc import Callable

import pytest

from domain.archive.work import Standing
from storage.archive.books import balance
from storage.archive.documents import Document, Page
from storage.archive.work import Ledger
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System

Held = Callable[[float | None, list[list[float]]], int]


@pytest.fixture
def held(database: Database, objects: FolderObjects, system: System) -> Held:
    """A document of two pages that the index holds, its first held to its ink with this result; returns its id."""

    def held(share: float | None, gaps: list[list[float]]) -> int:
        document_id = put(database, objects, "a.pdf", ["Kế hoạch hội thao", "Phụ lục"])
        with database.writing() as session:
            page = session.get_one(Page, (document_id, 1))
            page.unread_share, page.unread_gaps = share, gaps
            Ledger(session).settle(document_id)
        carry_into_index(system)
        return document_id

    return held


def test_writing_that_was_not_read_is_said_with_its_share_and_framed_on_the_scan(client_of: ClientOf, held: Held) -> None:
    document_id = held(0.12, [[0.1, 0.5, 0.3, 0.02]])
    desk = client_of("staff").get(f"/archive/documents/{document_id}").text
    assert "Còn chữ chưa đọc được" in desk
    assert "Chữ chưa đọc được: 12 % trang" in desk.replace("\xa0", " ")
    assert '<rect class="unread" x="0.10000" y="0.50000" width="0.30000" height="0.02000"/>' in desk
    assert 'class="unread"' not in client_of("staff").get(f"/archive/documents/{document_id}?page=2").text
    found = client_of("staff").get("/archive/find?q=hội thao").text.replace("\xa0", " ")
    assert "chữ chưa đọc được: 12 % trang" in found
    assert "1 tài liệu còn chữ chưa đọc được: chữ ấy không tìm ra." in found
    ledger = client_of("archivist").get("/archive/ledger").text
    assert "/archive/ledger/partly" in ledger
    listed = client_of("archivist").get("/archive/ledger/partly").text.replace("\xa0", " ")
    assert "trang 1" in listed
    assert "12 %" in listed
    assert "trang 2" not in listed


def test_a_page_that_is_read_whole_says_nothing_of_it(client_of: ClientOf, held: Held) -> None:
    document_id = held(0.0, [])
    desk = client_of("staff").get(f"/archive/documents/{document_id}").text
    assert "Đã đọc đủ" in desk
    assert "chưa đọc được" not in desk
    assert "chưa đọc được" not in client_of("staff").get("/archive/find?q=hội thao").text


def test_of_a_page_read_earlier_it_is_unknown_until_it_is_read_again(
    client_of: ClientOf, database: Database, system: System, held: Held
) -> None:
    document_id = held(None, [])
    archivist = client_of("archivist")
    desk = archivist.get(f"/archive/documents/{document_id}").text
    assert "Đã đọc, chưa rõ có sót chữ không" in desk
    assert "Đã đọc đủ" not in desk
    assert "1 tài liệu đọc từ trước, chưa rõ có sót chữ không." in archivist.get("/archive/find?q=hội thao").text
    assert "trang 1" in archivist.get("/archive/ledger/unmeasured").text
    assert archivist.post(f"/archive/documents/{document_id}/retry").status_code == 303
    with database.reading() as session:
        assert [line.name for line in balance(session, 2) if line.name in ("read", "index") and not line.balances] == []
        assert session.get_one(Document, document_id).standing is Standing.READING
        assert {page: work.state for page, work in Ledger(session).between(document_id, 1, 2).items()} == {
            1: "waiting",
            2: "done",
        }


def test_all_that_is_unknown_is_read_again_at_once(client_of: ClientOf, database: Database, held: Held) -> None:
    document_id = held(None, [])
    archivist = client_of("archivist")
    assert "Đọc lại các trang đọc hỏng hoặc chưa rõ có sót chữ không" in archivist.get("/archive/ledger").text
    assert archivist.post("/archive/ledger/retry").status_code == 303
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing is Standing.READING
