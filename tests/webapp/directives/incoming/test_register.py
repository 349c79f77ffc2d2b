import html
import io
import re
from collections.abc import Callable
from datetime import date, datetime

import pdfplumber
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.ground import clock
from storage.directives.incoming import ArrivalSeries, IncomingChange, IncomingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.people.people import Person
from storage.people.units import Unit
from tests.cast import Cast
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import ClientOf
from webapp.directives.register_sheets import MOST
from webapp.ground.system import System

pytestmark = pytest.mark.usefixtures("stopped_clock")
LETTER = {
    "arrived_on": "2026-11-23",
    "author": "Ban Dân vận Tỉnh ủy",
    "written_number": "123-CV/BDVTU",
    "dated": "2026-11-20",
    "kind": "Công văn",
    "abstract": "V/v phối hợp tổ chức Tháng Công nhân",
    "urgency": "",
    "given_to": "",
    "assignee": "",
    "transferred_on": "",
    "receipt": "",
    "due_on": "2026-11-30",
    "note": "",
    "form_key": "a1",
    "revision": "0",
}


@pytest.fixture
def enter(client_of: ClientOf, cast: Cast) -> Callable[..., TestResponse]:
    """Have the clerk of a unit enter a letter; returns the answer."""

    def enter(login: str = "clerk", unit: str = "LDLD", **changes: str) -> TestResponse:
        return client_of(login).post("/directives/incoming/new", data=LETTER | {"unit": str(cast.units[unit])} | changes)

    return enter


def entries(database: Database) -> list[IncomingDocument]:
    with database.reading() as session:
        return list(session.scalars(select(IncomingDocument).order_by(IncomingDocument.unit_id, IncomingDocument.number)))


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_numbers_of_arrival_run_on_for_each_unit_and_begin_anew_each_year(
    database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    enter(form_key="a", arrived_on="2025-12-31", dated="2025-12-30")
    enter(form_key="b", arrived_on="2026-01-02", dated="2025-12-30")
    enter(form_key="c")
    enter("unit_clerk", "CD-PHUCAT")
    assert [(one.unit_id, one.year, one.number) for one in entries(database)] == [
        (cast.units["LDLD"], 2025, 1),
        (cast.units["LDLD"], 2026, 1),
        (cast.units["LDLD"], 2026, 2),
        (cast.units["CD-PHUCAT"], 2026, 1),
    ]
    assert acts(database) == ["incoming_entered"] * 4


def test_a_number_follows_those_that_an_import_brought(
    database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    with database.writing() as session:
        session.add(
            IncomingDocument(
                unit_id=cast.units["LDLD"], year=2026, number=41, arrived_on=date(2026, 3, 1), author="A", abstract="B"
            )
        )
    enter()
    assert [one.number for one in entries(database)] == [41, 42]
    with database.reading() as session:
        assert session.scalars(select(ArrivalSeries)).one().last == 42


def test_the_same_form_sent_twice_enters_one(database: Database, enter: Callable[..., TestResponse]) -> None:
    first, second = enter(), enter()
    assert first.location == second.location
    assert len(entries(database)) == 1


def test_the_next_form_bears_another_key(client_of: ClientOf) -> None:
    client = client_of("clerk")
    keys = {client.get("/directives/incoming/new").text.partition('name="form_key"')[2][:80] for _time in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"author": ""}, "Hãy nhập cơ quan, đơn vị hoặc người gửi văn bản."),
        ({"abstract": " "}, "Hãy nhập trích yếu nội dung."),
        ({"arrived_on": "2026-11-24"}, "Ngày đến ở tương lai"),
        ({"arrived_on": "hôm qua"}, "Ngày không đúng"),
        ({"dated": "2026-11-24"}, "Ngày văn bản sau ngày đến"),
        ({"transferred_on": "2026-11-20"}, "Ngày chuyển trước ngày đến"),
        ({"urgency": "Gấp"}, "Lựa chọn này không có"),
        ({"abstract": "x" * 1001}, "Trích yếu dài quá 1.000 chữ"),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_keeps_what_was_typed(
    database: Database, enter: Callable[..., TestResponse], changes: dict[str, str], sentence: str
) -> None:
    answer = enter(**({"note": "bản chính"} | changes))
    assert (answer.status_code, sentence in answer.text, "bản chính" in answer.text) == (422, True, True)
    assert entries(database) == []


@pytest.mark.parametrize("field", ["author", "written_number", "kind", "abstract", "assignee", "receipt", "note"])
@pytest.mark.parametrize("mark", ["MẬT", "Tối mật", "Độ mật: Tuyệt mật", "Kế hoạch (MẬT)"])
def test_a_field_that_bears_a_mark_of_secrecy_is_refused_and_not_sent_back(
    database: Database, enter: Callable[..., TestResponse], field: str, mark: str
) -> None:
    answer = enter(**{field: mark})
    assert answer.status_code == 422
    assert "Văn bản mật phải vào sổ giấy riêng" in answer.text
    assert mark not in answer.text
    assert entries(database) == []


def test_words_that_only_resemble_a_mark_are_taken(database: Database, enter: Callable[..., TestResponse]) -> None:
    assert enter(author="Ủy ban Mặt trận Tổ quốc", abstract="Phổ biến Luật Bảo vệ bí mật nhà nước").status_code == 303
    assert len(entries(database)) == 1


def test_the_form_says_that_no_secret_document_is_entered(client_of: ClientOf) -> None:
    assert "Không ghi văn bản mật vào đây" in client_of("clerk").get("/directives/incoming/new").text


def test_nobody_enters_into_a_register_that_he_does_not_keep(database: Database, enter: Callable[..., TestResponse]) -> None:
    assert enter("unit_clerk", "LDLD").status_code == 422
    assert enter("member", "CD-PHUCAT").status_code == 403
    assert enter("leader", "LDLD").status_code == 403
    assert enter("nobody").status_code == 401
    assert entries(database) == []


def test_a_register_is_seen_from_above_and_not_from_below_or_beside(
    client_of: ClientOf, enter: Callable[..., TestResponse]
) -> None:
    own = enter("unit_clerk", "CD-PHUCAT", abstract="Việc riêng của Phù Cát").location
    upper = enter(abstract="Việc của tỉnh").location
    assert "Việc riêng của Phù Cát" in client_of("clerk").get("/directives/incoming").text
    assert client_of("clerk").get(own).status_code == 200
    assert "Việc của tỉnh" not in client_of("unit_clerk").get("/directives/incoming").text
    assert client_of("unit_clerk").get(upper).status_code == 404
    assert client_of("clerk").get(f"{own}/edit").status_code == 403  # seen, and kept by others


def test_a_correction_keeps_what_was_there_before(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    address = enter().location
    client = client_of("clerk")
    assert 'value="123-CV/BDVTU"' in client.get(f"{address}/edit").text
    changed = LETTER | {"unit": str(cast.units["LDLD"]), "author": "Văn phòng Tỉnh ủy", "revision": "1"}
    assert client.post(f"{address}/edit", data=changed).status_code == 303
    page = client.get(address).text
    assert "<del>Ban Dân vận Tỉnh ủy</del> → Văn phòng Tỉnh ủy" in page
    with database.reading() as session:
        changes = [(one.field, one.before, one.after, one.person_id) for one in session.scalars(select(IncomingChange))]
    assert changes == [("author", "Ban Dân vận Tỉnh ủy", "Văn phòng Tỉnh ủy", cast.people["clerk"])]
    assert acts(database) == ["incoming_entered", "incoming_changed"]


def test_who_is_slower_loses_nothing_and_overwrites_nothing(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    address, client = enter().location, client_of("clerk")
    data = LETTER | {"unit": str(cast.units["LDLD"]), "revision": "1"}
    client.post(f"{address}/edit", data=data | {"note": "của người thứ nhất"})
    answer = client.post(f"{address}/edit", data=data | {"receipt": "của người thứ hai"})
    assert answer.status_code == 409
    assert "Người khác vừa sửa mục này" in answer.text
    assert "của người thứ hai" in answer.text
    assert [(one.note, one.receipt) for one in entries(database)] == [("của người thứ nhất", "")]


def test_the_day_of_arrival_stays_in_the_year_of_its_number(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    address = enter().location
    data = LETTER | {"unit": str(cast.units["LDLD"]), "revision": "1", "arrived_on": "2025-12-31", "dated": "2025-12-30"}
    answer = client_of("clerk").post(f"{address}/edit", data=data)
    assert (answer.status_code, "Số đến đã cấp trong năm 2026" in answer.text) == (422, True)
    assert entries(database)[0].arrived_on == date(2026, 11, 23)


def test_a_document_is_given_to_a_person_or_an_office_who_then_handles_it(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    person = enter(given_to=f"person:{cast.people['staff']}").location
    office = enter(form_key="b", given_to=f"unit:{cast.units['VP']}").location
    assert [(one.assignee, one.assignee_id, one.assigned_unit_id) for one in entries(database)] == [
        ("Nguyễn Hữu Tra", cast.people["staff"], None),
        ("Văn phòng", None, cast.units["VP"]),
    ]
    staff = client_of("staff")
    assert "Ghi tiến độ giải quyết" in staff.get(person).text
    handling = office.replace("incoming", "handling")
    noted = {"progress": "Đã dự thảo văn bản trả lời", "reply_number": "", "handled_on": "", "revision": "1"}
    assert staff.post(handling, data=noted).status_code == 303
    assert entries(database)[1].progress == "Đã dự thảo văn bản trả lời"
    assert acts(database)[-1] == "incoming_handled"
    assert client_of("leader").post(handling, data=noted | {"revision": "2"}).status_code == 403
    assert "Giao cho tôi" in staff.get("/directives/handling?show=mine").text
    assert "V/v phối hợp" in staff.get("/directives/handling?show=mine").text


def test_what_is_handled_leaves_the_open_list_and_what_is_due_is_overdue(
    client_of: ClientOf, database: Database, enter: Callable[..., TestResponse], stopped_clock: datetime
) -> None:
    address = enter(due_on="2026-11-20").location
    client = client_of("clerk")
    assert "Quá hạn 20/11/2026" in client.get("/directives/handling?show=overdue").text
    done = {"progress": "Đã trả lời", "reply_number": "45/LĐLĐ-VP", "handled_on": "2026-11-23", "revision": "1"}
    assert client.post(address.replace("incoming", "handling"), data=done).status_code == 303
    assert "Không có văn bản quá hạn" in client.get("/directives/handling?show=overdue").text
    assert "45/LĐLĐ-VP" in client.get("/directives/handling?show=all").text


def test_progress_in_the_future_or_of_an_old_page_is_refused(
    client_of: ClientOf, database: Database, enter: Callable[..., TestResponse]
) -> None:
    address = enter().location.replace("incoming", "handling")
    client, noted = client_of("clerk"), {"progress": "Đang làm", "reply_number": "", "handled_on": "", "revision": "1"}
    assert "ở tương lai" in client.post(address, data=noted | {"handled_on": "2027-01-01"}).text
    assert client.post(address, data=noted).status_code == 303
    answer = client.post(address, data=noted | {"progress": "Bản cũ"})
    assert (answer.status_code, "Bản cũ" in answer.text) == (409, True)
    assert entries(database)[0].progress == "Đang làm"


def test_the_register_is_searched_without_accents(client_of: ClientOf, enter: Callable[..., TestResponse]) -> None:
    enter(abstract="Tháng Công nhân năm 2027")
    enter(form_key="b", abstract="Đại hội Công đoàn tỉnh")
    page = client_of("clerk").get("/directives/incoming?q=dai hoi").text
    assert "Đại hội Công đoàn tỉnh" in page
    assert "Tháng Công nhân năm 2027" not in page
    assert client_of("clerk").get("/directives/incoming?q=%25&unit=x&year=99999&page=-1").status_code == 200


def test_two_entries_of_the_same_paper_are_pointed_out(client_of: ClientOf, enter: Callable[..., TestResponse]) -> None:
    enter()
    second = enter(form_key="b").location
    assert "Có thể vào sổ hai lần" in client_of("clerk").get(second).text


HEADINGS = ["Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản",
            "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú"]  # fmt: skip


def test_the_register_is_given_out_in_its_official_form_of_ten_columns(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    enter(abstract="=1+1", note="bản chính", urgency="Khẩn")
    answer = client_of("clerk").get(f"/directives/incoming/register.xlsx?unit={cast.units['LDLD']}&year=2026")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [rows[number][0] for number in range(4)] == [
        "TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM", "LIÊN ĐOÀN LAO ĐỘNG TỈNH", "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", "Năm 2026",
    ]  # fmt: skip
    assert list(rows[5]) == HEADINGS
    assert list(rows[7]) == ["23/11/2026", 1, "Ban Dân vận Tỉnh ủy", "123-CV/BDVTU", "20/11/2026", "Công văn: =1+1", None, None, None,
                             "(Khẩn) bản chính"]  # fmt: skip
    assert sheet["F8"].data_type == "s"
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$6:$7")
    assert acts(database)[-1] == "register_exported"


def test_the_printed_register_repeats_its_headings_and_numbers_its_pages(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        session.add_all(
            IncomingDocument(
                unit_id=cast.units["LDLD"],
                year=2026,
                number=number,
                arrived_on=date(2026, 3, 1),
                author="Tỉnh ủy",
                abstract="Việc",
            )
            for number in range(1, 61)
        )
    answer = client_of("clerk").get(f"/directives/incoming/register.pdf?unit={cast.units['LDLD']}&year=2026")
    with pdfplumber.open(io.BytesIO(answer.data)) as book:
        pages = [page.extract_text() for page in book.pages]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "Trích" in page.title() or "trích" in page
        assert f"Trang {number}/{len(pages)}" in page
        assert "Liên đoàn Lao động tỉnh" in page


def test_the_handling_register_has_its_seven_columns(
    client_of: ClientOf, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    enter()
    answer = client_of("clerk").get(f"/directives/handling/register.xlsx?unit={cast.units['LDLD']}&year=2026")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert rows[5] == ("Số đến", "Tên loại, số và ký hiệu, ngày tháng và tác giả văn bản", "Đơn vị hoặc người nhận", "Thời hạn giải quyết",
                       "Tiến độ giải quyết", "Số, ký hiệu văn bản trả lời", "Ghi chú")  # fmt: skip
    assert rows[7][:2] == (1, "Công văn 123-CV/BDVTU, ngày 20/11/2026, Ban Dân vận Tỉnh ủy")


def test_the_register_of_a_unit_one_does_not_see_is_not_given_out(
    client_of: ClientOf, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    enter()
    address = f"/directives/incoming/register.xlsx?unit={cast.units['LDLD']}&year=2026"
    assert client_of("unit_clerk").get(address).status_code == 404
    assert client_of("stranger").get(address).status_code == 403


def test_the_register_of_an_ended_unit_is_kept_readable_by_who_carries_it_on(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    address = enter("unit_clerk", "CD-PHUCAT").location
    with database.writing() as session:
        ended = session.get_one(Unit, cast.units["CD-PHUCAT"])
        ended.valid_to, ended.succeeded_by_id = date(2026, 11, 23), cast.units["LDLD"]
    clock.fix(clock.now().replace(day=25))
    assert client_of("clerk").get(address).status_code == 200


def test_the_scan_of_an_entry_is_found_in_the_archive_tied_and_untied(
    client_of: ClientOf, database: Database, objects: FolderObjects, system: System, enter: Callable[..., TestResponse]
) -> None:
    scan = put(database, objects, "123-cv.pdf", ["Công văn số 123-CV/BDVTU phối hợp"], abstract="Phối hợp Tháng Công nhân")
    carry_into_index(system)
    address, client = enter().location, client_of("clerk")
    assert "Phối hợp Tháng Công nhân" in client.get(f"{address}/scan?q=phoi hop").text
    assert client.post(f"{address}/scan", data={"document": str(scan)}).status_code == 303
    assert "Phối hợp Tháng Công nhân" in client.get(address).text
    assert client.post(f"{address}/scan", data={"document": "0"}).status_code == 303
    assert [one.document_id for one in entries(database)] == [None]
    assert acts(database)[-2:] == ["incoming_scan_linked"] * 2


def test_where_the_index_is_gone_nobody_says_that_there_is_no_scan(
    client_of: ClientOf, database: Database, objects: FolderObjects, system: System, enter: Callable[..., TestResponse]
) -> None:
    put(database, objects, "123-cv.pdf", ["Công văn số 123-CV/BDVTU phối hợp"])
    address = f"{enter().location}/scan?q=phoi hop"
    answer = client_of("clerk").get(address)
    assert answer.status_code == 503
    assert "Chưa có chỉ mục tìm kiếm nên chưa tìm thấy trang nào" in answer.text
    assert "Không tìm thấy bản quét nào" not in answer.text
    carry_into_index(system)
    (system.settings.index_dir / "1" / "format").unlink()
    assert "nên kết quả tìm có thể thiếu hoặc thừa trang" in client_of("clerk").get(address).text
    assert client_of("clerk").get(f"{address} qzxuv").status_code == 503


def test_no_scan_is_tied_that_is_not_there_or_by_who_does_not_keep_the_register(
    client_of: ClientOf, database: Database, objects: FolderObjects, enter: Callable[..., TestResponse]
) -> None:
    shown = put(database, objects, "mo.pdf", ["Mở"])
    address = enter("unit_clerk", "CD-PHUCAT").location
    assert client_of("member").post(f"{address}/scan", data={"document": str(shown)}).status_code == 403
    assert client_of("clerk").post(f"{address}/scan", data={"document": str(shown)}).status_code == 403
    assert client_of("unit_clerk").post(f"{address}/scan", data={"document": str(shown)}).status_code == 303
    assert client_of("unit_clerk").post(f"{address}/scan", data={"document": str(shown + 1)}).status_code == 404
    assert entries(database)[0].document_id == shown


def test_a_register_too_long_to_be_printed_is_refused_and_says_what_to_do(
    client_of: ClientOf, enter: Callable[..., TestResponse], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, "pdf", 0)
    enter()
    address = f"/directives/incoming/register.{{}}?unit={cast.units['LDLD']}&year=2026"
    answer = client_of("clerk").get(address.format("pdf"))
    assert answer.status_code == 422
    assert "dạng Excel nhận được nhiều dòng hơn bản in" in answer.text
    assert client_of("clerk").get(address.format("xlsx")).status_code == 200


def test_to_whom_a_paper_may_be_given_is_found_within_the_own_office(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    found = client_of("clerk").get("/directives/incoming/receivers?q=").get_json()["rows"]
    assert [(row["key"].partition(":")[0], row["name"]) for row in found] == [
        ("unit", "Văn phòng"),
        ("person", "Trần Thị Lan"),
        ("person", "Lê Văn Thư"),
        ("person", "Hoàng Thị Chủ Tịch"),
        ("person", "Nguyễn Hữu Tra"),
        ("person", "Đặng Quản Trị"),
    ]
    refused = enter(given_to=f"person:{cast.people['member']}")
    assert (refused.status_code, "Lựa chọn này không dùng được ở đây" in refused.text) == (422, True)
    assert client_of("leader").get("/directives/incoming/receivers").status_code == 403


def test_who_has_moved_away_keeps_the_paper_that_was_given_to_them(
    client_of: ClientOf, database: Database, cast: Cast, enter: Callable[..., TestResponse]
) -> None:
    address = enter(given_to=f"person:{cast.people['staff']}").location
    with database.writing() as session:
        session.get_one(Person, cast.people["staff"]).is_open = False
    clerk = client_of("clerk")
    assert f'value="person:{cast.people["staff"]}" checked' in clerk.get(f"{address}/edit").text
    data = LETTER | {
        "unit": str(cast.units["LDLD"]),
        "given_to": f"person:{cast.people['staff']}",
        "note": "x",
        "revision": "1",
    }
    assert clerk.post(f"{address}/edit", data=data).status_code == 303
    assert entries(database)[0].assignee_id == cast.people["staff"]
    assert "Nguyễn Hữu Tra" not in str(clerk.get("/directives/incoming/receivers?q=").get_json())


def fill(database: Database, cast: Cast, count: int) -> None:
    """Entries of two registers: of each unit the numbers from 1; every third without a day, the others due one after the other."""
    with database.writing() as session:
        session.add_all(
            IncomingDocument(
                unit_id=cast.units[unit], year=2026, number=number, arrived_on=date(2026, 11, 20), author="Tỉnh ủy", abstract="V/v",
                due_on=None if number % 3 == 0 else date(2026, 12, 1 + number % 5),
            )
            for unit in ("LDLD", "CD-PHUCAT") for number in range(1, count + 1)
        )  # fmt: skip


def through(client: FlaskClient, address: str) -> list[list[int]]:
    """The ids of the entries of each page, as the links to the next one lead."""
    pages = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        pages.append([int(one) for one in re.findall(r'class="target" href="/directives/incoming/(\d+)"', answer.text)])
        onward = re.search(r'<a href="([^"]+)" rel="next">', answer.text)
        address = html.unescape(onward[1]) if onward else ""
    return pages


@pytest.mark.parametrize("login", ["clerk", "unit_clerk"])  # who sees all units, and who sees one
def test_pages_of_the_register_show_each_entry_once_the_latest_number_first(
    client_of: ClientOf, database: Database, cast: Cast, login: str
) -> None:
    fill(database, cast, 80)
    pages = through(client_of(login), "/directives/incoming?year=2026")
    assert [len(one) for one in pages] == ([50, 50, 50, 10] if login == "clerk" else [50, 30])
    by_id = {one.id: one for one in entries(database)}
    told = [by_id[one] for page in pages for one in page]
    assert len({one.id for one in told}) == (160 if login == "clerk" else 80)
    assert [one.number for one in told] == sorted((one.number for one in told), reverse=True)
    assert login == "clerk" or {one.unit_id for one in told} == {cast.units["CD-PHUCAT"]}


def test_what_is_to_be_handled_comes_by_its_day_and_last_what_has_none(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    fill(database, cast, 40)
    pages = through(client_of("clerk"), "/directives/handling?show=open")
    by_id = {one.id: one for one in entries(database)}
    told = [by_id[one] for page in pages for one in page]
    assert [len(one) for one in pages] == [50, 30]
    days = [one.due_on or date(9999, 12, 31) for one in told]
    assert days == sorted(days)
    assert [one.due_on for one in told[-26:]] == [None] * 26
    of_a_day = [one.number for one in told if one.due_on == date(2026, 12, 2)]
    assert of_a_day == sorted(of_a_day, reverse=True)


def test_an_address_of_before_with_the_number_of_a_page_begins_the_list(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    fill(database, cast, 30)
    clerk = client_of("clerk")
    for address in ("/directives/incoming", "/directives/handling", "/directives/inbox"):
        assert clerk.get(f"{address}?page=3").text == clerk.get(address).text
        assert clerk.get(f"{address}?after=%00&page=x").status_code == 200
