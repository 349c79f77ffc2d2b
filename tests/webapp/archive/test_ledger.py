import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from domain.ground.files import Refusal
from domain.people.access import Access
from storage.archive.documents import Document
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import OPENING, Ledger, Work
from storage.ground import traces
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.traces import TraceDue
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import ClientOf
from tests.work import claimed
from webapp.ground.system import System


@pytest.fixture
def bring(database: Database, objects: FolderObjects) -> Callable[..., int]:
    def bring(name: str, content: bytes, access: Access = Access.OPEN) -> int:
        with database.writing() as session:
            batch_id = open_batch(session, source="folder", person=None, attested_by="Trần Thị Lan", access=access).id
        receipt_id = receive(database, objects, batch_id, Arrival(name, io.BytesIO(content)), limit=1 << 20)
        with database.reading() as session:
            return session.get_one(Receipt, receipt_id).document_id or 0

    return bring


def fail(database: Database, document_id: int) -> None:
    with database.writing() as session:
        ledger = Ledger(session)
        ledger.fail(claimed(ledger, document_id, OPENING), Refusal.ENCRYPTED)


@pytest.fixture
def archivist(client_of: ClientOf) -> FlaskClient:
    return client_of("archivist")


def test_empty_books_balance_and_say_so(archivist: FlaskClient) -> None:
    page = archivist.get("/archive/ledger").text
    assert "Sổ khớp: không thiếu, không thừa." in page
    assert "Chưa có tệp nào được nhập." in page
    assert 'data-room="ledger"' in page


def test_a_document_that_nobody_would_read_is_shown_as_a_difference(
    archivist: FlaskClient, database: Database, bring: Callable[..., int]
) -> None:
    document_id = bring("a.pdf", b"%PDF-1.7 1")
    with database.writing() as session:
        session.execute(delete(Work).where(Work.document_id == document_id))
    page = archivist.get("/archive/ledger").text
    assert "Sổ bị lệch ở 1 dòng." in page
    assert "Lệch: thiếu 1" in page
    assert "a.pdf" in archivist.get("/archive/ledger/arriving").text


def test_an_index_that_is_made_anew_is_told_beside_the_books(
    archivist: FlaskClient, system: System, database: Database, objects: FolderObjects
) -> None:
    put(database, objects, "a.pdf", ["Một", "Hai"])
    page = archivist.get("/archive/ledger").text
    assert "Chưa có chỉ mục tìm kiếm nên kết quả tìm có thể thiếu hoặc thừa trang." in page
    assert "Hệ thống tự lập lại chỉ mục: đã xong 0 trong 2 trang." in page
    carry_into_index(system)
    assert "lập lại chỉ mục" not in archivist.get("/archive/ledger").text


def test_each_number_leads_to_what_it_counts(archivist: FlaskClient, database: Database, bring: Callable[..., int]) -> None:
    bring("thu.docx", b"PK\x03\x04")
    fail(database, bring("khoa.pdf", b"%PDF-1.7 1"))
    page = archivist.get("/archive/ledger").text
    assert 'href="/archive/ledger/refused"' in page
    assert 'href="/archive/ledger/failed"' in page
    assert "Đây là tệp soạn thảo hoặc bảng tính" in archivist.get("/archive/ledger/refused").text
    assert "Tệp PDF có mật khẩu" in archivist.get("/archive/ledger/failed").text


@pytest.mark.parametrize(
    "kind", ["refused", "duplicate", "failed", "waiting", "cancelled", "set-aside", "arriving", "to-index", "destroyed"]
)
def test_every_list_says_so_when_it_is_empty(archivist: FlaskClient, kind: str) -> None:
    assert "Danh sách trống" in archivist.get(f"/archive/ledger/{kind}").text


def test_a_list_that_does_not_exist_is_not_found(archivist: FlaskClient) -> None:
    assert archivist.get("/archive/ledger/nonsense").status_code == 404


def test_an_administrator_sees_that_something_failed_but_not_the_name_of_a_restricted_paper(
    client_of: ClientOf, database: Database, bring: Callable[..., int]
) -> None:
    fail(database, bring("open.pdf", b"%PDF-1.7 1"))
    fail(database, bring("restricted.pdf", b"%PDF-1.7 2", Access.RESTRICTED))
    bring("restricted.docx", b"PK", Access.RESTRICTED)
    page = client_of("administrator").get("/archive/ledger/failed").text
    assert "open.pdf" in page
    assert "restricted.pdf" not in page
    assert "Tệp thứ 1 của lô 2" in page
    assert "restricted.docx" not in client_of("administrator").get("/archive/ledger/refused").text
    assert "restricted.pdf" in client_of("archivist").get("/archive/ledger/failed").text


def test_all_that_failed_is_read_again_and_the_act_is_audited(
    archivist: FlaskClient, database: Database, bring: Callable[..., int]
) -> None:
    document_id = bring("a.pdf", b"%PDF-1.7 1")
    fail(database, document_id)
    answer = archivist.post("/archive/ledger/retry", follow_redirects=True)
    assert "1 tài liệu đã vào hàng chờ đọc lại" in answer.text
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing == "waiting"
        assert [(entry.act, entry.facts) for entry in AuditTrail(session).of("ledger", "")] == [
            ("all_reading_retried", {"documents": 1})
        ]


def test_nothing_failed_means_nothing_to_read_again(archivist: FlaskClient, bring: Callable[..., int]) -> None:
    bring("a.pdf", b"%PDF-1.7 1")
    assert archivist.post("/archive/ledger/retry").status_code == 409


def test_a_list_takes_as_many_statements_for_thirty_entries_as_for_three(
    archivist: FlaskClient, selects: Callable[[Callable[[], object]], int], bring: Callable[..., int]
) -> None:
    def look_after(count: int) -> int:
        for number in range(count):
            bring(f"{number}.docx", b"PK")
        return selects(lambda: archivist.get("/archive/ledger/refused"))

    assert look_after(3) == look_after(27)


@pytest.mark.parametrize(
    ("login", "reads", "acts"),
    [("archivist", 200, 409), ("administrator", 200, 403), ("clerk", 403, 403), ("staff", 403, 403), ("member", 403, 403)],
)
def test_who_sees_the_ledger_and_who_acts_on_it(client_of: ClientOf, login: str, reads: int, acts: int) -> None:
    client = client_of(login)
    assert client.get("/archive/ledger").status_code == reads
    assert client.get("/archive/ledger/failed").status_code == reads
    assert client.post("/archive/ledger/retry").status_code == acts


def test_that_traces_are_still_due_stands_on_the_page(database: Database, client_of: ClientOf) -> None:
    with database.writing() as session:
        session.add(TraceDue(subject_kind="vote", subject_id="7", tables=[]))
    assert "còn giữ dấu vết lẽ ra đã xóa (của 1 lần" in client_of("archivist").get("/archive/ledger").text
    assert traces.erase(database)
    assert "dấu vết" not in client_of("archivist").get("/archive/ledger").text
