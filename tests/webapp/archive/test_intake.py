import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.archive.intake import ATTESTATION, Outcome
from domain.archive.work import Standing, State
from domain.ground import clock
from domain.ground.clock import now
from domain.ground.files import Refusal
from domain.people.access import Access
from storage.archive.documents import Document
from storage.archive.intake import Batch, Receipt, open_batch
from storage.archive.places import Catalogue, Fonds, RecordFile
from storage.archive.reception import Arrival, _Rewound, receive
from storage.archive.work import OPENING, Ledger
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import StoreUnavailable
from storage.ground.settings import Settings
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from tests.work import claimed

PDF = b"%PDF-1.7 one"
JPEG = b"\xff\xd8\xff\xe0"
JSON = {"Accept": "application/json"}


@pytest.fixture
def archivist(client_of: ClientOf) -> FlaskClient:
    return client_of("archivist")


@pytest.fixture
def batch_id(database: Database, cast: Cast) -> int:
    with database.writing() as session:
        person = People(session).get(cast.people["archivist"])
        return open_batch(session, source="web", person=person, attested_by=person.name).id


@pytest.fixture
def bring(database: Database, objects: FolderObjects, batch_id: int) -> Callable[..., int]:
    def bring(name: str, content: bytes, group: str = "", part: int = 1, parts: int = 1) -> int:
        arrival = Arrival(name, io.BytesIO(content), group, part, parts)
        receipt_id = receive(database, objects, batch_id, arrival, limit=1 << 20)
        with database.reading() as session:
            return session.get_one(Receipt, receipt_id).document_id or 0

    return bring


@pytest.fixture
def record_file_id(database: Database) -> int:
    with database.writing() as session:
        file = RecordFile(number="001", title="Đại hội lần thứ I", mode="02")
        session.add(Fonds(code="P12", name="Phông LĐLĐ tỉnh", catalogues=[Catalogue(number="01", record_files=[file])]))
        session.flush()
        return file.id


def receipts(database: Database) -> list[tuple[int, str, Outcome, str]]:
    with database.reading() as session:
        rows = session.scalars(select(Receipt).order_by(Receipt.id))
        return [(row.sequence, row.name, row.outcome, row.reason) for row in rows]


def acts(database: Database, kind: str, subject: int) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in AuditTrail(session).of(kind, subject)]


def upload(
    client: FlaskClient,
    batch_id: int,
    name: str,
    content: bytes,
    group: str = "",
    part: int = 1,
    parts: int = 1,
    size: int | None = None,
) -> TestResponse:
    headers = JSON | {"X-File-Name": quote(name), "X-File-Size": str(len(content) if size is None else size)}
    headers |= {"X-File-Group": quote(group), "X-File-Part": str(part), "X-File-Parts": str(parts)}
    return client.post(f"/archive/batches/{batch_id}/files", data=content, headers=headers)


def fail(database: Database, document_id: int, reason: Refusal = Refusal.ENCRYPTED) -> None:
    with database.writing() as session:
        ledger = Ledger(session)
        ledger.fail(claimed(ledger, document_id, OPENING), reason)


# The list and the form


def test_without_a_batch_the_page_says_what_to_do_first(archivist: FlaskClient) -> None:
    page = archivist.get("/archive/batches").text
    assert "Chưa có lô tài liệu nào" in page
    assert 'href="/archive/batches/new"' in page


def test_batches_come_newest_first_with_their_counts(
    archivist: FlaskClient, database: Database, cast: Cast, bring: Callable[..., int]
) -> None:
    bring("a.pdf", PDF)
    bring("b.pdf", b"")
    with database.writing() as session:
        open_batch(session, source="folder", person=None, attested_by="Nguyễn Thị Hồng")
    page = archivist.get("/archive/batches").text
    assert page.index("Lô 2") < page.index("Lô 1")
    assert "Nguyễn Thị Hồng" in page
    assert "1 không nhận" in page


def test_a_batch_is_not_opened_without_the_attestation_and_what_was_typed_is_kept(
    archivist: FlaskClient, database: Database, record_file_id: int
) -> None:
    answer = archivist.post("/archive/batches", data={"record_file": str(record_file_id), "access": "restricted"})
    assert answer.status_code == 422
    assert "Hãy kiểm tra các tài liệu rồi đánh dấu xác nhận" in answer.text
    assert f'name="record_file" value="{record_file_id}" checked' in answer.text
    with database.reading() as session:
        assert session.scalars(select(Batch)).all() == []


def test_a_plain_form_brings_its_files_in_and_leads_to_the_batch(archivist: FlaskClient, database: Database) -> None:
    files = [(io.BytesIO(PDF), "thư mục/a.pdf"), (io.BytesIO(b"PK\x03\x04"), "b.docx"), (io.BytesIO(PDF + b"2"), "a.pdf")]
    data = {"attestation": "y", "access": "open", "record_file": "", "unit": "", "groups": "y", "files": files}
    answer = archivist.post("/archive/batches", data=data)
    assert (answer.status_code, answer.location) == (303, "/archive/batches/1")
    assert {(name, outcome) for _, name, outcome, _ in receipts(database)} == {
        ("thư mục/a.pdf", "kept"),
        ("b.docx", "refused"),
        ("a.pdf", "kept"),
    }
    assert "batch_opened" in acts(database, "batch", 1)


@pytest.mark.parametrize(("groups", "documents"), [("y", 1), ("", 2)])
def test_numbered_images_become_one_document_unless_the_person_says_no(
    archivist: FlaskClient, database: Database, groups: str, documents: int
) -> None:
    files = [(io.BytesIO(JPEG + b"2"), "to_p2.jpg"), (io.BytesIO(JPEG + b"1"), "to_p1.jpg")]
    data = {"attestation": "y", "access": "open", "record_file": "", "unit": "", "files": files}
    archivist.post("/archive/batches", data=data | ({"groups": groups} if groups else {}))
    with database.reading() as session:
        assert len(session.scalars(select(Document)).all()) == documents


def test_two_files_of_one_name_in_a_plain_form_are_both_kept(archivist: FlaskClient, database: Database) -> None:
    files = [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF + b"2"), "a.pdf")]
    data = {"attestation": "y", "access": "open", "record_file": "", "unit": "", "groups": "y", "files": files}
    archivist.post("/archive/batches", data=data)
    assert [outcome for _, _, outcome, _ in receipts(database)] == ["kept", "kept"]


def test_a_plain_form_without_a_file_is_refused_and_keeps_the_attestation(archivist: FlaskClient) -> None:
    data = {"attestation": "y", "access": "open", "record_file": "", "unit": ""}
    answer = archivist.post("/archive/batches", data=data)
    assert answer.status_code == 422
    assert "Chưa có tệp nào" in answer.text
    assert "checked" in answer.text[answer.text.index('id="attestation"') - 120 :][:260]


def test_files_that_the_store_did_not_take_are_named(
    archivist: FlaskClient, objects: FolderObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: FolderObjects | _Rewound, **_kwargs: int) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(type(objects), "put", full)
    data = {"attestation": "y", "access": "open", "record_file": "", "unit": "", "files": [(io.BytesIO(PDF), "a.pdf")]}
    answer = archivist.post("/archive/batches", data=data, follow_redirects=True)
    assert "Kho tệp không ghi được nên chưa nhận: a.pdf" in answer.text


def test_a_script_opens_a_batch_and_learns_where_to_send_the_files(
    client_of: ClientOf, database: Database, cast: Cast, stopped_clock: datetime
) -> None:
    data = {"attestation": "y", "access": "restricted", "record_file": "", "unit": str(cast.units["VP"])}
    answer = client_of("archivist").post("/archive/batches", data=data, headers=JSON)
    assert answer.status_code == 201
    assert answer.json == {"page": "/archive/batches/1", "files": "/archive/batches/1/files"}
    with database.reading() as session:
        batch = session.get_one(Batch, 1)
        assert (batch.attested_by, batch.attested_at, batch.attestation) == ("Trần Thị Lan", stopped_clock, ATTESTATION)
        assert (batch.access, batch.unit_id, batch.person_id) == (
            Access.RESTRICTED, cast.units["VP"], cast.people["archivist"]
        )  # fmt: skip


def test_a_script_is_told_which_field_is_wrong(archivist: FlaskClient) -> None:
    answer = archivist.post("/archive/batches", data={"access": "open", "record_file": "", "unit": ""}, headers=JSON)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["attestation"]


def test_what_lies_in_a_restricted_record_file_cannot_be_open(archivist: FlaskClient, record_file_id: int) -> None:
    data = {"attestation": "y", "access": "open", "record_file": str(record_file_id), "unit": ""}
    answer = archivist.post("/archive/batches", data=data, headers=JSON)
    assert list(answer.get_json()["errors"]) == ["access"]
    assert archivist.post("/archive/batches", data=data | {"access": "restricted"}, headers=JSON).status_code == 201


def test_the_form_begins_at_the_record_file_that_was_just_made(archivist: FlaskClient, record_file_id: int) -> None:
    page = archivist.get(f"/archive/batches/new?record_file={record_file_id}").text
    assert f'name="record_file" value="{record_file_id}" checked' in page
    assert "001 – Đại hội lần thứ I" in page


# One file after the other


def test_a_file_is_kept_and_its_receipt_answered(archivist: FlaskClient, database: Database, batch_id: int) -> None:
    answer = upload(archivist, batch_id, "Tờ trình số 5.pdf", PDF)
    assert answer.status_code == 200
    assert (answer.get_json()["outcome"], answer.get_json()["word"]) == ("kept", "Đã nhận")
    assert receipts(database) == [(1, "Tờ trình số 5.pdf", "kept", "")]


def test_a_file_sent_again_gets_the_same_answer_and_no_second_receipt(
    archivist: FlaskClient, database: Database, batch_id: int
) -> None:
    first, second = (upload(archivist, batch_id, "a.pdf", PDF) for _ in range(2))
    assert first.json == second.json
    assert len(receipts(database)) == 1


def test_a_duplicate_is_told_with_the_way_to_what_is_there(archivist: FlaskClient, batch_id: int) -> None:
    document = upload(archivist, batch_id, "a.pdf", PDF).get_json()["document"]
    answer = upload(archivist, batch_id, "b.pdf", PDF)
    assert (answer.get_json()["word"], answer.get_json()["document"]) == ("Đã có", document)


@pytest.mark.parametrize(
    ("content", "size", "reason"),
    [
        (b"", 0, "Tệp rỗng"),
        (b"PK\x03\x04", 4, "Đây là tệp nén"),
        (b"MZ", 2, "Đây không phải tệp PDF"),
        (b"", 600 * 1024 * 1024, "Tệp lớn hơn mức cho phép"),
    ],
)
def test_a_file_that_is_refused_is_told_why_and_leaves_a_receipt(
    archivist: FlaskClient, database: Database, batch_id: int, content: bytes, size: int, reason: str
) -> None:
    answer = upload(archivist, batch_id, "x.pdf", content, size=size)
    assert (answer.status_code, answer.get_json()["outcome"]) == (200, "refused")
    assert answer.get_json()["reason"].startswith(reason)
    assert len(receipts(database)) == 1


def test_a_file_that_came_only_in_part_leaves_nothing(archivist: FlaskClient, database: Database, batch_id: int) -> None:
    assert upload(archivist, batch_id, "x.pdf", PDF, size=len(PDF) + 1).status_code == 400
    assert receipts(database) == []


def test_pages_sent_one_by_one_make_one_document(archivist: FlaskClient, database: Database, batch_id: int) -> None:
    for part in (2, 1):
        upload(archivist, batch_id, f"to_p{part}.jpg", JPEG + bytes([part]), "to_p1.jpg", part, 2)
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert (document.standing, [file.name for file in document.files]) == (Standing.WAITING, ["to_p1.jpg", "to_p2.jpg"])


def test_a_page_that_comes_twice_with_other_bytes_stands_alone_and_is_not_lost(
    archivist: FlaskClient, database: Database, batch_id: int
) -> None:
    for content in (b"1", b"other", b"2"):
        upload(archivist, batch_id, "to_p1.jpg", JPEG + content, "to_p1.jpg", 2 if content == b"2" else 1, 2)
    upload(archivist, batch_id, "to_p1.jpg", JPEG + b"late", "to_p1.jpg", 1, 2)
    with database.reading() as session:
        found = session.scalars(select(Document).order_by(Document.id)).all()
        assert [(document.parts, document.standing) for document in found] == [(2, "waiting"), (1, "waiting"), (1, "waiting")]


def test_a_name_is_cleaned_of_what_cannot_be_printed(archivist: FlaskClient, database: Database, batch_id: int) -> None:
    upload(archivist, batch_id, "/..\\thư mục\x00/a\u0300.pdf", PDF)
    assert receipts(database)[0][1] == "../thư mục/à.pdf"


def test_only_who_attested_brings_in_and_only_for_a_day(
    client_of: ClientOf, database: Database, batch_id: int, stopped_clock: datetime
) -> None:
    with database.writing() as session:
        other = session.get_one(Batch, open_batch(session, source="web", person=None, attested_by="Người khác").id).id
    archivist = client_of("archivist")
    assert upload(archivist, other, "a.pdf", PDF).status_code == 403
    assert upload(archivist, batch_id, "a.pdf", PDF).status_code == 200
    clock.fix(now() + timedelta(hours=25))
    client = client_of("archivist")
    assert upload(client, batch_id, "b.pdf", PDF + b"2").status_code == 409


def test_a_file_is_streamed_past_the_form_limit_of_the_application(app: Flask, archivist: FlaskClient, batch_id: int) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10
    assert upload(archivist, batch_id, "a.pdf", PDF).status_code == 200


def test_a_forged_upload_is_refused(app: Flask, archivist: FlaskClient, database: Database, batch_id: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert upload(archivist, batch_id, "a.pdf", PDF).status_code == 400
    assert receipts(database) == []


def test_names_are_grouped_for_the_script(archivist: FlaskClient) -> None:
    answer = archivist.post("/archive/batches/groups", json={"names": ["to_p2.jpg", "a.pdf", "to_p1.jpg"]}, headers=JSON)
    assert answer.json == {"groups": [["to_p1.jpg", "to_p2.jpg"], ["a.pdf"]]}
    assert archivist.post("/archive/batches/groups", json={"names": [1]}, headers=JSON).status_code == 400


# The batch


def test_the_batch_shows_the_attestation_the_files_and_what_became_of_them(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    bring("tốt.pdf", PDF)
    bring("lại.pdf", PDF)
    bring("thư.docx", b"PK\x03\x04")
    fail(database, bring("khóa.pdf", b"%PDF-1.7 locked"))
    page = archivist.get(f"/archive/batches/{batch_id}").text
    for text in ("Trần Thị Lan", "tốt.pdf", "Đang chờ đọc", "Đã có", "Không nhận", "Tệp PDF có mật khẩu"):
        assert text in page
    assert f'data-room="batch:{batch_id}"' in page


def test_progress_is_told_by_pages(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    document_id = bring("a.pdf", PDF)
    with database.writing() as session:
        ledger, document = Ledger(session), session.get_one(Document, document_id)
        ledger.finish(claimed(ledger, document_id, OPENING))
        document.page_count = 40
        ledger.enrol(document, range(1, 41))
        for page in range(1, 13):
            ledger.finish(claimed(ledger, document_id, page))
    assert "12/40 trang" in archivist.get(f"/archive/batches/{batch_id}").text


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("", {"a.pdf", "b.pdf", "c.docx", "d.pdf"}),
        ("file:refused", {"c.docx"}),
        ("file:duplicate", {"b.pdf"}),
        ("document:failed", {"d.pdf"}),
        ("document:read", set()),
        ("nonsense", {"a.pdf", "b.pdf", "c.docx", "d.pdf"}),
    ],
)
def test_the_list_is_filtered_by_outcome_and_standing(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int], show: str, expected: set[str]
) -> None:
    for name, content in (("a.pdf", PDF), ("b.pdf", PDF), ("c.docx", b"PK")):
        bring(name, content)
    fail(database, bring("d.pdf", b"%PDF-1.7 locked"))
    page = archivist.get(f"/archive/batches/{batch_id}?show={show}").text
    assert {name for name in ("a.pdf", "b.pdf", "c.docx", "d.pdf") if name in page} == expected


def test_a_big_batch_is_paged_and_a_document_of_many_files_is_one_line(
    archivist: FlaskClient, batch_id: int, bring: Callable[..., int]
) -> None:
    for number in range(1, 61):
        bring(f"to_p{number}.jpg", JPEG + bytes([number]), "to_p1.jpg", number, 60)
    for number in range(50):
        bring(f"van-ban-{number:02}.pdf", PDF + bytes([number]))
    first = archivist.get(f"/archive/batches/{batch_id}").text
    assert "cùng 59 tệp khác" in first
    assert "to_p2.jpg" not in first
    assert "Trang 1 / 2" in first
    assert "van-ban-49.pdf" in archivist.get(f"/archive/batches/{batch_id}?page=2").text


def test_the_batch_page_takes_as_many_statements_for_fifty_documents_as_for_five(
    archivist: FlaskClient,
    database: Database,
    selects: Callable[[Callable[[], object]], int],
    batch_id: int,
    bring: Callable[..., int],
) -> None:
    def look_after(numbers: range) -> int:
        for number in numbers:
            fail(database, bring(f"{number}.pdf", PDF + bytes([number])))
        return selects(lambda: archivist.get(f"/archive/batches/{batch_id}"))

    assert look_after(range(5)) == look_after(range(5, 50))


def test_the_list_of_batches_takes_as_many_statements_for_twenty_as_for_three(
    archivist: FlaskClient, database: Database, selects: Callable[[Callable[[], object]], int]
) -> None:
    def look_after(count: int) -> int:
        with database.writing() as session:
            for _ in range(count):
                open_batch(session, source="folder", person=None, attested_by="Nguyễn Thị Hồng")
        return selects(lambda: archivist.get("/archive/batches"))

    assert look_after(3) == look_after(17)


# Acts


def test_one_document_is_stopped_and_read_again(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    document_id = bring("a.pdf", PDF)
    answer = archivist.post(f"/archive/batches/{batch_id}/documents/{document_id}/cancel?show=document:waiting&page=2")
    assert (answer.status_code, answer.location) == (303, f"/archive/batches/{batch_id}?show=document:waiting&page=2")
    archivist.post(f"/archive/batches/{batch_id}/documents/{document_id}/retry")
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing is Standing.WAITING
    assert acts(database, "document", document_id) == ["reading_retried", "reading_cancelled"]


def test_steps_that_the_state_does_not_allow_are_refused(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    document_id = bring("a.pdf", PDF)
    for act in (f"documents/{document_id}/retry", f"documents/{document_id}/complete", "retry"):
        assert archivist.post(f"/archive/batches/{batch_id}/{act}").status_code == 409
    archivist.post(f"/archive/batches/{batch_id}/cancel")
    assert archivist.post(f"/archive/batches/{batch_id}/cancel").status_code == 409
    assert acts(database, "document", document_id) == []


def test_a_document_of_another_batch_is_not_found(
    archivist: FlaskClient, database: Database, bring: Callable[..., int], batch_id: int
) -> None:
    document_id = bring("a.pdf", PDF)
    with database.writing() as session:
        other = open_batch(session, source="folder", person=None, attested_by="Nguyễn Thị Hồng").id
    assert archivist.post(f"/archive/batches/{other}/documents/{document_id}/cancel").status_code == 404
    assert archivist.get("/archive/batches/99").status_code == 404


def test_the_whole_batch_is_stopped_and_what_failed_is_read_again(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    first, second = bring("a.pdf", PDF), bring("b.pdf", PDF + b"2")
    fail(database, first)
    archivist.post(f"/archive/batches/{batch_id}/cancel")
    archivist.post(f"/archive/batches/{batch_id}/retry")
    with database.reading() as session:
        assert [session.get_one(Document, key).standing for key in (first, second)] == ["waiting", "cancelled"]
    assert acts(database, "batch", batch_id)[:2] == ["batch_reading_retried", "batch_reading_cancelled"]


def test_a_document_whose_other_files_never_come_is_accepted_as_it_is(
    archivist: FlaskClient, database: Database, batch_id: int, bring: Callable[..., int]
) -> None:
    for part in (1, 3):
        bring(f"to_p{part}.jpg", JPEG + bytes([part]), "to_p1.jpg", part, 3)
    assert "Mới nhận 2 trong 3 tệp ảnh" in archivist.get(f"/archive/batches/{batch_id}").text
    archivist.post(f"/archive/batches/{batch_id}/documents/1/complete")
    with database.reading() as session:
        document = session.get_one(Document, 1)
        assert [(file.part, file.name) for file in document.files] == [(1, "to_p1.jpg"), (2, "to_p3.jpg")]
        assert (document.parts, document.standing) == (2, Standing.WAITING)
        assert Ledger(session).get(1, OPENING).state is State.WAITING
    assert acts(database, "document", 1) == ["document_completed_as_is"]


GETS = ["/archive/batches", "/archive/batches/new", "/archive/batches/1"]
POSTS = [
    "",
    "/groups",
    "/1/files",
    "/1/cancel",
    "/1/retry",
    "/1/documents/1/cancel",
    "/1/documents/1/retry",
    "/1/documents/1/complete",
]


@pytest.mark.parametrize("login", ["administrator", "clerk", "staff", "member", "stranger"])
def test_nobody_but_the_archivist_brings_in(client_of: ClientOf, batch_id: int, bring: Callable[..., int], login: str) -> None:
    bring("a.pdf", PDF)
    client = client_of(login)
    assert {client.get(path).status_code for path in GETS} == {403}
    assert {client.post(f"/archive/batches{path}").status_code for path in POSTS} == {403}


def test_a_lot_of_the_watched_folder_without_its_slip_is_named_until_somebody_attests(
    app: Flask, client_of: ClientOf, settings: Settings, tmp_path: Path
) -> None:
    object.__setattr__(settings, "watched_dir", tmp_path / "watched")
    lot = tmp_path / "watched" / "lô tháng 11"
    lot.mkdir(parents=True)
    (lot / "a.pdf").write_bytes(b"%PDF-1.7")
    assert "lô tháng 11" in client_of("archivist").get("/archive/batches").text
    (lot / "XAC-NHAN.txt").write_text("Trần Thị Lan", encoding="utf-8")
    assert "lô tháng 11" not in client_of("archivist").get("/archive/batches").text


def test_record_files_are_found_by_number_title_catalogue_and_fonds(archivist: FlaskClient, record_file_id: int) -> None:
    row = {"key": str(record_file_id), "name": "001 – Đại hội lần thứ I", "about": "P12.01.001, Phông LĐLĐ tỉnh", "past": ""}
    for words in ("dai hoi", "p12 001", "phông+tỉnh+đại", "01"):
        assert archivist.get(f"/archive/batches/record-files?q={words}").get_json()["rows"] == [row], words
    assert archivist.get("/archive/batches/record-files?q=p13").get_json()["rows"] == []


def test_only_who_brings_papers_in_searches_record_files_and_units(client_of: ClientOf) -> None:
    for address in ("/archive/batches/record-files", "/archive/batches/units"):
        assert [client_of(login).get(address).status_code for login in ("archivist", "staff", "member")] == [200, 403, 403]
