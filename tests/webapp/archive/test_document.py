import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from domain.archive.work import Standing, State
from domain.ground.files import Mended, Refusal
from domain.people.access import Access
from storage.archive.documents import Document, Documents, Page
from storage.archive.work import Ledger
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.cast import Cast
from tests.stored import rows
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf
from tests.work import claimed

TURNING = {"HX-Request": "true", "HX-Target": "desk"}


@pytest.fixture
def plan(database: Database, objects: FolderObjects, cast: Cast) -> int:
    """A plan of four pages: two read, one failed, one waiting."""
    pages = ["Kế hoạch hòa giải\ntại cơ sở <i>", "Hòa giải viên\nhòa giải", Refusal.TRUNCATED, State.WAITING]
    return put(
        database, objects, "Kế hoạch hòa giải.pdf", pages, kind="Kế hoạch", number="12", symbol="KH-LĐLĐ", date="2024-03-05",
        abstract="Triển khai công tác hòa giải",
    )  # fmt: skip


@pytest.fixture
def secret(database: Database, objects: FolderObjects, cast: Cast) -> int:
    """A document that only its unit and those who see restricted papers may know of."""
    return put(
        database, objects, "nội bộ.pdf", ["Nội bộ"], access=Access.RESTRICTED, unit_id=cast.units["CD-PHUCAT"], kind="Báo cáo"
    )


@pytest.fixture
def aside(database: Database, objects: FolderObjects, cast: Cast) -> int:
    """A document that was set aside after its first page had been read."""
    document_id = put(
        database, objects, "có dấu.pdf", ["Chữ không được hiện", State.WAITING], abstract="Trích yếu không được hiện"
    )
    with database.writing() as session:
        ledger = Ledger(session)
        ledger.set_aside(claimed(ledger, document_id, 2), "mat")
    return document_id


def at(document_id: int, rest: str = "") -> str:
    return f"/archive/documents/{document_id}{rest}"


EVERY_ADDRESS = ("", "?page=1", "/state", "/files/1", "/searchable.pdf", "/text.txt", "/pages/1/image", "/pages/1/thumbnail")
CONTENT = EVERY_ADDRESS[3:]
EVERY_ACT = ("/cancel", "/retry", "/pages/1/retry", "/fields", "/fields/kind")


def make_searchable(database: Database, document_id: int) -> None:
    with database.writing() as session:
        document = Documents(session).get(document_id)
        document.searchable_sha256 = document.files[0].sha256


# Who may


@pytest.mark.parametrize("rest", EVERY_ADDRESS)
def test_outside_its_audience_a_document_does_not_exist(
    client_of: ClientOf, database: Database, secret: int, rest: str
) -> None:
    make_searchable(database, secret)
    assert client_of("staff").get(at(secret, rest), buffered=True).status_code == 404
    assert client_of("administrator").get(at(secret, rest), buffered=True).status_code == 404
    assert client_of("member").get(at(secret, rest), buffered=True).status_code == 200
    assert client_of("clerk").get(at(secret, rest), buffered=True).status_code == 200
    assert client_of("stranger").get(at(secret, rest), buffered=True).status_code == 403


@pytest.mark.parametrize("rest", EVERY_ADDRESS)
def test_a_document_that_was_never_there_is_not_found(client_of: ClientOf, plan: int, rest: str) -> None:
    assert client_of("archivist").get(at(99, rest)).status_code == 404


@pytest.mark.parametrize("rest", EVERY_ACT)
def test_acts_are_refused_to_whoever_may_only_read(client_of: ClientOf, plan: int, rest: str) -> None:
    assert client_of("clerk").post(at(plan, rest), data={"value": "x"}).status_code == 403


@pytest.mark.parametrize("rest", CONTENT)
def test_nothing_of_a_document_that_is_set_aside_goes_out(
    client_of: ClientOf, database: Database, aside: int, rest: str
) -> None:
    make_searchable(database, aside)
    assert client_of("archivist").get(at(aside, rest), buffered=True).status_code == 404


def test_the_page_of_a_document_that_is_set_aside_says_why_and_shows_nothing(client_of: ClientOf, aside: int) -> None:
    text = client_of("archivist").get(at(aside, "?panel=fields&q=chữ")).text
    assert "có thể có dấu chỉ mức độ mật" in text
    for hidden in ("không được hiện", "có dấu.pdf", "/pages/", "/files/"):
        assert hidden not in text


def test_the_page_of_a_destroyed_document_says_so(client_of: ClientOf, database: Database, plan: int) -> None:
    with database.writing() as session:
        Documents(session).get(plan).standing = Standing.DESTROYED
    assert "Tài liệu đã hủy" in client_of("staff").get(at(plan)).text
    assert client_of("staff").get(at(plan, "/files/1"), buffered=True).status_code == 404


# Reading


def test_the_page_shows_the_scan_with_boxes_and_the_text_with_the_same_words(client_of: ClientOf, plan: int) -> None:
    text = client_of("staff").get(at(plan, "?page=1&q=hòa giải")).text
    assert '<svg viewBox="0 0 1 1" preserveAspectRatio="none"' in text
    assert '<rect data-w="2" class="hit current" x="0.26000" y="0.10000" width="0.07000" height="0.03000"/>' in text
    assert '<span data-w="2" class=" hit current">hòa</span>' in text
    assert '<span data-w="7">&lt;i&gt;</span>' in text
    assert "1/3 chỗ" in text


def test_hits_lead_from_page_to_page_and_end(client_of: ClientOf, plan: int) -> None:
    client = client_of("staff")
    first = client.get(at(plan, "?q=hòa giải&hit=1")).text
    assert 'data-page="1"' in first
    assert f'href="{at(plan)}?page=2&amp;q=h%C3%B2a+gi%E1%BA%A3i&amp;hit=2"' in first
    last = client.get(at(plan, "?q=hòa giải&hit=3")).text
    assert 'data-page="2"' in last
    assert "3/3 chỗ" in last
    assert 'data-key="hit-next"' not in last
    assert 'data-key="hit-previous"' in last


def test_words_in_a_row_are_one_hit_and_the_longest_is_looked_at_first(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    document_id = put(database, objects, "a.pdf", ["CỘNG HÒA XÃ HỘI\nLuật hòa giải ở cơ sở"])
    text = client_of("staff").get(at(document_id, "?q=hòa giải")).text
    assert "2/2 chỗ" in text
    assert '<span data-w="5" class=" hit current">hòa</span>' in text
    assert '<span data-w="1" class=" hit">HÒA</span>' in text


def test_a_question_without_a_page_opens_the_first_page_that_answers_it(client_of: ClientOf, plan: int) -> None:
    assert 'data-page="2"' in client_of("staff").get(at(plan, "?q=viên")).text
    assert "không có" in client_of("staff").get(at(plan, "?q=không đâu")).text


def test_doubtful_words_are_underlined(client_of: ClientOf, database: Database, plan: int) -> None:
    from storage.archive.documents import pack_words, unpack_words

    with database.writing() as session:
        page = session.get_one(Page, (plan, 1))
        first, *rest = unpack_words(page.packed_words, page.source)
        page.packed_words = pack_words([type(first)(first.text, first.box, 0.4, 0), *rest])
    assert '<span data-w="0" class="doubtful">Kế</span>' in client_of("staff").get(at(plan)).text


def test_turning_a_page_fetches_the_desk_alone(client_of: ClientOf, plan: int) -> None:
    text = client_of("staff").get(at(plan, "?page=2"), headers=TURNING).text
    assert text.lstrip().startswith('<div id="desk"')
    assert text.strip() in client_of("staff").get(at(plan, "?page=2")).text


def test_a_failed_page_says_why_in_place_of_the_scan_and_may_be_read_again(client_of: ClientOf, plan: int) -> None:
    text = client_of("archivist").get(at(plan, "?page=3")).text
    assert "Trang 3 chưa đọc được" in text
    assert "Tệp bị cụt hoặc hỏng" in text
    assert f'action="{at(plan, "/pages/3/retry")}"' in text
    assert f'action="{at(plan, "/pages/3/retry")}"' not in client_of("staff").get(at(plan, "?page=3")).text


def test_a_page_that_waits_says_so_and_follows_the_room_of_the_document(client_of: ClientOf, plan: int) -> None:
    text = client_of("staff").get(at(plan, "?page=4")).text
    assert "Trang 4 đang chờ đọc" in text
    assert f'data-room="document:{plan}"' in text.split('id="sheet"')[1].split(">")[0]


def test_the_state_tells_progress_and_gaps(client_of: ClientOf, plan: int) -> None:
    text = client_of("archivist").get(at(plan, "/state")).text
    assert "Đã đọc 2 / 4 trang" in text
    assert "1 trang không đọc được" in text
    assert "Dừng đọc" in text
    assert "Dừng đọc" not in client_of("staff").get(at(plan, "/state")).text


def test_a_page_the_document_does_not_have_is_not_found(client_of: ClientOf, plan: int) -> None:
    assert client_of("staff").get(at(plan, "?page=5")).status_code == 404


@pytest.mark.parametrize("rest", ["?page=x", "?page=-1", "?hit=99&q=hòa", "?panel=x", "?field=x&edit=x", "?q=%22"])
def test_addresses_that_make_no_sense_are_answered(client_of: ClientOf, plan: int, rest: str) -> None:
    assert client_of("staff").get(at(plan, rest), buffered=True).status_code == 200


def test_a_document_that_cannot_be_opened_says_why(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    document_id = put(database, objects, "khóa.pdf", [])
    with database.writing() as session:
        ledger, document = Ledger(session), Documents(session).get(document_id)
        document.page_count = None
        work = ledger.get(document_id, 0)
        work.state = State.WAITING
        session.flush()
        ledger.fail(claimed(ledger, document_id, 0), Refusal.ENCRYPTED)
    text = client_of("archivist").get(at(document_id)).text
    assert "Chưa mở được tài liệu" in text
    assert "Tệp PDF có mật khẩu" in text


def test_a_document_of_a_thousand_pages_loads_the_words_of_one(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    document_id = put(database, objects, "dày.pdf", ["Trang đầu", "Trang hai"])
    with database.writing() as session:
        session.get_one(Document, document_id).page_count = 1000
    seen = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    text = client_of("staff").get(at(document_id)).text
    assert sum("packed_words" in statement for statement in seen) == 1
    assert text.count('class="leaf ') == 13


# Files


def test_the_original_goes_out_byte_for_byte_under_its_own_name(client_of: ClientOf, plan: int) -> None:
    answer = client_of("staff").get(at(plan, "/files/1"), buffered=True)
    assert answer.data.startswith(b"%PDF-1.7 ")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"K_ ho_ch h_a gi_i.pdf\"; filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch%20h%C3%B2a%20gi%E1%BA%A3i.pdf"
    )
    assert client_of("staff").get(at(plan, "/files/2"), buffered=True).status_code == 404


def test_a_part_of_the_original_can_be_asked_for(client_of: ClientOf, plan: int) -> None:
    answer = client_of("staff").get(at(plan, "/files/1"), buffered=True, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"%PDF")


def test_the_panel_of_files_says_what_was_mended_and_what_a_file_carries(
    client_of: ClientOf, database: Database, plan: int
) -> None:
    with database.writing() as session:
        (file,) = session.get_one(Document, plan).files
        file.mended, file.beside = Mended.TABLE, ["phụ lục <1>.xlsx", "danh sách.pdf"]
    assert "Còn tệp đính kèm chưa đọc" in client_of("staff").get(at(plan, "/state")).text
    page = client_of("staff").get(at(plan, "?panel=files")).text
    assert "Phần cuối của tệp PDF hỏng hoặc có thêm dữ liệu." in page
    assert "chưa được đọc và không tìm được: phụ lục &lt;1&gt;.xlsx; danh sách.pdf. Hãy mở tệp gốc" in page


def test_the_searchable_pdf_goes_out_once_it_is_made(client_of: ClientOf, database: Database, plan: int) -> None:
    assert client_of("staff").get(at(plan, "/searchable.pdf"), buffered=True).status_code == 404
    assert "đang tạo" in client_of("staff").get(at(plan, "?panel=files")).text
    make_searchable(database, plan)
    assert client_of("staff").get(at(plan, "/searchable.pdf"), buffered=True).mimetype == "application/pdf"
    assert "đang tạo" not in client_of("staff").get(at(plan, "?panel=files")).text


def test_the_text_has_every_page_and_names_the_missing_ones(client_of: ClientOf, plan: int) -> None:
    answer = client_of("staff").get(at(plan, "/text.txt"))
    assert answer.mimetype == "text/plain"
    assert "--- Trang 1 ---\nKế hoạch hòa giải\ntại cơ sở <i>" in answer.text
    assert "--- Trang 3 ---\n[Trang này chưa đọc được]" in answer.text


def test_pictures_of_open_documents_are_asked_for_anew_each_time_and_sent_again_only_if_they_changed(
    client_of: ClientOf, database: Database, plan: int, secret: int
) -> None:
    client = client_of("staff")
    answer = client.get(at(plan, "/pages/1/image"), buffered=True)
    with database.reading() as session:
        key = session.get_one(Page, (plan, 1)).image_sha256
    assert answer.mimetype == "image/webp"
    assert answer.get_etag() == (key, False)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": f'"{key}"'}
    again = client.get(at(plan, "/pages/1/image"), buffered=True, headers=known)
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, no-cache")
    assert client_of("clerk").get(at(secret, "/pages/1/image"), buffered=True).headers["Cache-Control"] == "no-store"
    assert client.get(at(plan, "/pages/3/image"), buffered=True).status_code == 404


@pytest.mark.parametrize("picture", ["image", "thumbnail"])
def test_a_picture_that_a_browser_has_is_refused_once_the_document_is_restricted(
    client_of: ClientOf, database: Database, plan: int, picture: str
) -> None:
    address = at(plan, f"/pages/1/{picture}")
    tag = client_of("staff").get(address, buffered=True).headers["ETag"]
    with database.writing() as session:
        session.get_one(Document, plan).access = Access.RESTRICTED
    answer = client_of("staff").get(address, buffered=True, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_an_original_that_is_gone_says_what_to_do(
    client_of: ClientOf, database: Database, objects: FolderObjects, plan: int
) -> None:
    with database.reading() as session:
        objects.remove(Documents(session).get(plan).files[0].sha256)
    answer = client_of("staff").get(at(plan, "/files/1"), buffered=True)
    assert answer.status_code == 503
    assert "không còn trong kho" in answer.text
    assert client_of("staff").application.extensions["aside"].settled(10)
    assert [entry.act for entry in rows(database, AuditEntry, subject_kind="object")] == ["object_missing"]


@pytest.mark.parametrize("length", [0, 3 << 20], ids=["small", "large"])
def test_an_original_that_has_changed_is_not_served_as_whole_not_even_a_range_of_it_and_the_ledger_counts_it(
    client_of: ClientOf, database: Database, objects: FolderObjects, plan: int, length: int
) -> None:
    key, _ = objects.put(io.BytesIO(b"%PDF-1.7 12/KH" + bytes(length)))
    with database.writing() as session:
        Documents(session).get(plan).files[0].sha256 = key
    staff, archivist = client_of("staff"), client_of("archivist")
    assert staff.get(at(plan, "/files/1"), buffered=True).status_code == 200
    with objects.local_path(key) as path:
        path.chmod(0o640)
        path.write_bytes(b"%PDF-1.7 21/KH" + bytes(length))
    for headers in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=0-3"}):
        answer = staff.get(at(plan, "/files/1"), buffered=True, headers=headers)
        assert answer.status_code == 503
        assert "không còn đúng như lúc nhận" in answer.text
        assert "ETag" not in answer.headers
    assert staff.application.extensions["aside"].settled(10)
    assert [(entry.act, entry.subject_id) for entry in rows(database, AuditEntry, subject_kind="object")] == [
        ("object_damaged", key)
    ]
    assert "1 tệp trong kho bị hỏng hoặc bị mất" in archivist.get("/archive/ledger").text
    objects.put(io.BytesIO(b"%PDF-1.7 12/KH" + bytes(length)))
    assert staff.get(at(plan, "/files/1"), buffered=True).status_code == 200


# Fields


def test_the_fields_are_shown_with_their_confidence_and_lead_to_their_evidence(client_of: ClientOf, plan: int) -> None:
    text = client_of("staff").get(at(plan, "?panel=fields")).text
    assert "05/03/2024" in text
    assert "máy đọc, tin cậy 90 %" in text
    assert "xem trên trang 1" in text
    assert "Sửa" not in text
    assert '<rect class="evidence" x="0.10000"' in client_of("staff").get(at(plan, "?panel=fields&field=date&page=1")).text


def save(client: FlaskClient, document_id: int, name: str, value: str) -> TestResponse:
    return client.post(at(document_id, f"/fields/{name}?panel=fields&edit={name}"), data={"value": value})


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("date", "05/02/2025", "2025-02-05"),
        ("date", "2/2025", "2025-02"),
        ("date", "1998", "1998"),
        ("date", "", ""),
        ("kind", "báo  cáo", "Báo cáo"),
        ("kind", "cong van", "Công văn"),
        ("abstract", "  Về việc\nhọp ", "Về việc họp"),
        ("urgency", "Khẩn", "Khẩn"),
        ("signer", "Hà Duy Trung", "Hà Duy Trung"),
    ],
)
def test_a_field_is_corrected_kept_and_searched_by_its_new_value(
    client_of: ClientOf, cast: Cast, database: Database, plan: int, name: str, typed: str, kept: str
) -> None:
    assert save(client_of("archivist"), plan, name, typed).status_code == 303
    with database.reading() as session:
        field = Documents(session).get(plan).field(name)
        assert field
        assert (field.value, field.confirmed_by_id) == (kept, cast.people["archivist"])
        assert [page.text_revision for page in Documents(session).pages(plan)] == [3, 3]
        entry = AuditTrail(session).of("document", plan)[0]
        assert (entry.act, entry.facts) == ("field_corrected", {"field": name})


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("date", "31/02/2025", "“31/02/2025” không phải là ngày"),
        ("date", "hôm qua", "không phải là ngày"),
        ("date", "05/02/2125", "Năm 2125 nằm ngoài khoảng"),
        ("kind", "Giấy gì đó", "Không có loại văn bản “Giấy gì đó”"),
        ("number", "1" * 12, "Dài quá 11 ký tự"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_what_was_typed_stays(
    client_of: ClientOf, database: Database, plan: int, name: str, typed: str, sentence: str
) -> None:
    answer = save(client_of("archivist"), plan, name, typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed}"' in answer.text
    with database.reading() as session:
        field = Documents(session).get(plan).field(name)
        assert field
        assert field.confirmed_by_id is None


def test_a_field_is_confirmed_as_it_stands(client_of: ClientOf, database: Database, plan: int) -> None:
    save(client_of("archivist"), plan, "kind", "Kế hoạch")
    with database.reading() as session:
        assert AuditTrail(session).of("document", plan)[0].act == "field_confirmed"
        assert [page.text_revision for page in Documents(session).pages(plan)] == [2, 2]
    assert "Trần Thị Lan đã xác nhận" in client_of("staff").get(at(plan, "?panel=fields")).text


def test_all_proposed_fields_are_confirmed_at_once(client_of: ClientOf, database: Database, plan: int) -> None:
    assert client_of("archivist").post(at(plan, "/fields")).status_code == 303
    with database.reading() as session:
        assert all(field.confirmed_by_id for field in Documents(session).get(plan).fields)
        assert len(AuditTrail(session).of("document", plan)) == 5


@pytest.mark.parametrize("name", ["secrecy", "unknown"])
def test_a_field_that_is_not_typed_is_not_found(client_of: ClientOf, plan: int, name: str) -> None:
    assert save(client_of("archivist"), plan, name, "Mật").status_code == 404


# Directing the reading, and its history


def test_reading_is_stopped_and_what_is_read_stays(client_of: ClientOf, database: Database, plan: int) -> None:
    assert client_of("archivist").post(at(plan, "/cancel")).status_code == 303
    with database.reading() as session:
        assert [work.state for work in Ledger(session).of(plan)] == ["done", "done", "done", "failed", "cancelled"]
        assert AuditTrail(session).of("document", plan)[0].act == "reading_cancelled"
    assert client_of("archivist").post(at(plan, "/cancel")).status_code == 409


def test_one_failed_page_is_read_again(client_of: ClientOf, database: Database, plan: int) -> None:
    answer = client_of("archivist").post(at(plan, "/pages/3/retry"))
    assert answer.location == at(plan, "?page=3")
    with database.reading() as session:
        assert Ledger(session).get(plan, 3).state == State.WAITING
        entry = AuditTrail(session).of("document", plan)[0]
        assert (entry.act, entry.facts) == ("page_retried", {"page": 3})
    assert client_of("archivist").post(at(plan, "/pages/1/retry")).status_code == 409


def test_all_that_failed_is_read_again(client_of: ClientOf, database: Database, plan: int) -> None:
    assert client_of("archivist").post(at(plan, "/retry")).status_code == 303
    with database.reading() as session:
        assert Ledger(session).get(plan, 3).state == State.WAITING
        assert AuditTrail(session).of("document", plan)[0].act == "reading_retried"
    assert client_of("archivist").post(at(plan, "/retry")).status_code == 409


def test_the_history_tells_what_was_done_in_words(client_of: ClientOf, plan: int) -> None:
    client = client_of("archivist")
    save(client, plan, "date", "2020")
    client.post(at(plan, "/pages/3/retry"))
    text = client.get(at(plan, "?panel=history")).text
    told = ["Cho đọc lại một trang: trang 3", "Sửa thông tin của văn bản: Ngày ban hành", "Nhập vào kho"]
    assert sorted(told, key=text.index) == told
    assert "Trần Thị Lan" in text


def test_who_takes_the_original_of_a_restricted_document_away_is_written_down_and_of_an_open_one_not(
    client_of: ClientOf, database: Database, secret: int, plan: int
) -> None:
    for document_id in (secret, plan):
        assert client_of("archivist").get(at(document_id, "/files/1"), buffered=True).status_code == 200
    with database.reading() as session:
        (entry,) = AuditTrail(session).of("document", secret)
        assert (entry.act, entry.facts) == ("original_downloaded", {"part": 1})
        assert "original_downloaded" not in [entry.act for entry in AuditTrail(session).of("document", plan)]
