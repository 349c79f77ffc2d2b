from typing import Any

import pytest
from flask.testing import FlaskClient

from storage.archive.documents import Document
from storage.archive.intake import open_batch
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from tests.webapp.conftest import ClientOf
from webapp.archive.place_forms import MODES

FILE = {"number": "001", "title": "Đại hội lần thứ I"}


@pytest.fixture
def archivist(client_of: ClientOf) -> FlaskClient:
    return client_of("archivist")


@pytest.fixture
def catalogue_id(database: Database) -> int:
    with database.writing() as session:
        catalogue = Catalogue(number="01", title="Nghị quyết")
        session.add(Fonds(code="P12", name="Phông LĐLĐ tỉnh", catalogues=[catalogue]))
        session.flush()
        return catalogue.id


@pytest.fixture
def record_file_id(database: Database, catalogue_id: int) -> int:
    with database.writing() as session:
        file = RecordFile(catalogue_id=catalogue_id, **FILE)
        session.add(file)
        session.flush()
        return file.id


def record_file(database: Database, record_file_id: int) -> RecordFile:
    with database.reading() as session:
        return Places(session).get(record_file_id)


def acts(database: Database, kind: str, key: int) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as session:
        return [(entry.act, entry.facts) for entry in AuditTrail(session).of(kind, key)]


def test_without_a_fonds_the_page_says_in_which_order_to_begin(archivist: FlaskClient) -> None:
    page = archivist.get("/archive/places").text
    assert "Chưa có phông nào" in page
    assert 'href="/archive/places/fonds/new"' in page


def test_a_fonds_is_made_changed_and_audited(archivist: FlaskClient, database: Database) -> None:
    answer = archivist.post("/archive/places/fonds/new", data={"code": "P12", "name": "Phông LĐLĐ tỉnh", "years": "1989–2025"})
    assert (answer.status_code, answer.location) == (303, "/archive/places")
    archivist.post("/archive/places/fonds/1/edit", data={"code": "P13", "name": "Phông LĐLĐ tỉnh Bình Định"})
    assert "Phông LĐLĐ tỉnh Bình Định" in archivist.get("/archive/places").text
    assert acts(database, "fonds", 1) == [("fonds_changed", {"name": "P13"}), ("fonds_created", {"name": "P12"})]


def test_a_catalogue_is_made_and_changed(archivist: FlaskClient, database: Database) -> None:
    archivist.post("/archive/places/fonds/new", data={"code": "P12", "name": "Phông LĐLĐ tỉnh"})
    answer = archivist.post("/archive/places/fonds/1/catalogues/new", data={"number": "01", "title": "Nghị quyết"})
    assert answer.location == "/archive/places/catalogues/1"
    archivist.post("/archive/places/catalogues/1/edit", data={"number": "02", "title": "Công văn"})
    page = archivist.get("/archive/places/catalogues/1").text
    assert "Mục lục 02" in page
    assert "Chưa có hồ sơ nào" in page
    assert [act for act, _ in acts(database, "catalogue", 1)] == ["catalogue_changed", "catalogue_created"]


def test_a_record_file_needs_a_catalogue_first(archivist: FlaskClient) -> None:
    answer = archivist.get("/archive/places/record-files/new", follow_redirects=True)
    assert "Chưa có phông và mục lục nào" in answer.text


def test_a_record_file_with_the_least_that_is_known_keeps_all_else_empty(
    archivist: FlaskClient, database: Database, catalogue_id: int
) -> None:
    answer = archivist.post("/archive/places/record-files/new", data=FILE | {"catalogue": str(catalogue_id)})
    assert (answer.status_code, answer.location) == (303, "/archive/places/record-files/1")
    file = record_file(database, 1)
    assert {file.retention, file.mode, file.language, file.condition, file.reliability, file.start_date} == {""}
    assert (file.sheets, file.pages, file.has_insurance_copy) == (None, None, None)
    assert acts(database, "record_file", 1) == [("record_file_created", {"name": "001"})]


def test_every_field_is_kept_and_shown_in_words(archivist: FlaskClient, database: Database, catalogue_id: int) -> None:
    data = FILE | {
        "catalogue": str(catalogue_id), "retention": "03", "mode": "02", "language": "01", "start_date": "05/02/1989",
        "end_date": "1993", "keywords": "đại hội", "sheets": "120", "pages": "240", "condition": "03", "reliability": "02",
        "information_sign": "VB", "has_insurance_copy": "0", "warehouse": "K1", "shelf": "G2", "box": "H3", "description": "Rách bìa",
    }  # fmt: skip
    archivist.post("/archive/places/record-files/new", data=data)
    file = record_file(database, 1)
    assert (file.retention, file.mode, file.start_date, file.end_date, file.sheets, file.pages, file.has_insurance_copy) == (
        "03", "02", "05/02/1989", "1993", 120, 240, False
    )  # fmt: skip
    page = archivist.get("/archive/places/record-files/1").text
    for text in ("50 năm", "Sử dụng có điều kiện", "Hỏng", "Số hóa", "Rách bìa", "P12.01.001", "05/02/1989 – 1993"):
        assert text in page
    form = archivist.get("/archive/places/record-files/1/edit").text
    for text in ('<option selected value="03">50 năm', '<option selected value="0">Không', 'value="05/02/1989"', 'value="K1"'):
        assert text in form


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Hãy ghi tiêu đề hồ sơ."),
        ({"number": "a b"}, "không có dấu cách"),
        ({"start_date": "30/02/1998"}, "Hãy ghi ngày như 05/02/1998"),
        ({"start_date": "1998-02-05"}, "Hãy ghi ngày như 05/02/1998"),
        ({"start_date": "05/1998", "end_date": "04/1998"}, "Ngày kết thúc ở trước ngày bắt đầu."),
        ({"sheets": "nhiều"}, "Hãy ghi một số"),
        ({"sheets": "-1"}, "Hãy ghi một số từ 0"),
        ({"retention": "99"}, "Lựa chọn này không có."),
        ({"mode": "03"}, "Lựa chọn này không có."),
        ({"catalogue": "99"}, "Lựa chọn này không có."),
        ({"keywords": "x" * 101}, "Dài quá 100 ký tự."),
    ],
)
def test_wrong_values_are_refused_with_a_reason_and_what_was_typed_is_kept(
    archivist: FlaskClient, database: Database, catalogue_id: int, wrong: dict[str, str], sentence: str
) -> None:
    data = FILE | {"catalogue": str(catalogue_id), "description": "điều đã gõ"} | wrong
    answer = archivist.post("/archive/places/record-files/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "điều đã gõ" in answer.text
    assert acts(database, "record_file", 1) == []


def test_numbers_are_unique_in_their_place_but_may_be_kept_when_changing(
    archivist: FlaskClient, database: Database, catalogue_id: int, record_file_id: int
) -> None:
    taken = archivist.post("/archive/places/record-files/new", data=FILE | {"catalogue": str(catalogue_id)})
    assert (taken.status_code, "đã có hồ sơ mang số này" in taken.text) == (422, True)
    same = archivist.post(f"/archive/places/record-files/{record_file_id}/edit", data=FILE | {"catalogue": str(catalogue_id)})
    assert same.status_code == 303
    fonds = archivist.post("/archive/places/fonds/new", data={"code": "P12", "name": "Trùng mã"})
    assert "Đã có phông mang mã này" in fonds.text
    catalogue = archivist.post("/archive/places/fonds/1/catalogues/new", data={"number": "01"})
    assert "đã có mục lục mang số này" in catalogue.text


def test_a_new_record_file_leads_back_to_bringing_papers_into_it(archivist: FlaskClient, catalogue_id: int) -> None:
    data = FILE | {"catalogue": str(catalogue_id)}
    answer = archivist.post("/archive/places/record-files/new?next=intake", data=data)
    assert answer.location == "/archive/batches/new?record_file=1"


def test_documents_are_counted_in_each_place(
    archivist: FlaskClient, database: Database, catalogue_id: int, record_file_id: int
) -> None:
    with database.writing() as session:
        batch = open_batch(session, source="web", person=None, attested_by="Trần Thị Lan")
        session.add_all(Document(name=f"{n}.pdf", batch_id=batch.id, record_file_id=record_file_id) for n in range(3))
    assert '<td class="number" data-label="Tài liệu">3</td>' in archivist.get("/archive/places").text
    assert '<td class="number" data-label="Tài liệu">3</td>' in archivist.get(f"/archive/places/catalogues/{catalogue_id}").text
    assert "<dd>3</dd>" in archivist.get(f"/archive/places/record-files/{record_file_id}").text


@pytest.mark.parametrize(
    "path", ["/fonds/9/edit", "/fonds/9/catalogues/new", "/catalogues/9", "/record-files/9", "/record-files/9/edit"]
)
def test_what_does_not_exist_is_not_found(archivist: FlaskClient, catalogue_id: int, path: str) -> None:
    assert archivist.get(f"/archive/places{path}").status_code == 404


@pytest.mark.parametrize("login", ["administrator", "clerk", "staff", "member", "stranger"])
def test_nobody_but_the_archivist_keeps_places(client_of: ClientOf, record_file_id: int, login: str) -> None:
    client = client_of(login)
    for path in ("", "/fonds/new", "/catalogues/1", "/record-files/new", "/record-files/1", "/record-files/1/edit"):
        assert client.get(f"/archive/places{path}").status_code == 403
    assert client.post("/archive/places/fonds/new", data={"code": "X", "name": "X"}).status_code == 403


def test_no_place_is_of_the_secret_mode() -> None:
    assert list(MODES) == ["01", "02"]
