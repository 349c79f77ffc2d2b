"""Bringing a register in through the pages: the file, its columns, the preview, the run, and undoing it."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.directives.imports.rows import ImportState
from domain.ground import clock
from storage.directives.imports import RegisterImport
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.directives.imports import imports as pages

NEW = "/directives/imports/new"
HEADINGS = ["Số", "Ký hiệu", "Ngày tháng", "Trích yếu", "Hình thức", "Mật"]
ROWS: list[list[object]] = [[n, "KH-LĐLĐ", f"0{n}/02/2025", f"Tổ chức hội thi lần {n}", "song song"] for n in range(1, 8)]
HTMX = {"HX-Request": "true"}
HALF_YEAR = {"period": "2025-H1", "signer_title": "TL. Chủ tịch, Chánh Văn phòng", "signer": "Ngô Văn Phòng"}


def excel(*rows: Sequence[object], headings: list[str] = HEADINGS) -> bytes:
    book = Workbook()
    for row in (["SỔ VĂN BẢN ĐI NĂM 2025"], headings, *rows):
        book.worksheets[0].append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def clerk(client_of: ClientOf) -> FlaskClient:
    return client_of("clerk")


@pytest.fixture
def send(cast: Cast) -> Callable[..., TestResponse]:
    def send(client: FlaskClient, content: bytes, *, unit: str = "LDLD", name: str = "so.xlsx", **more: str) -> TestResponse:
        form = {"unit": cast.units[unit], "register": "outgoing", "year": "", "file": (io.BytesIO(content), name), **more}
        return client.post(NEW, data=form)

    return send


@pytest.fixture
def mapped(clerk: FlaskClient, send: Callable[..., TestResponse]) -> Callable[[bytes], str]:
    """The address of an import whose columns are named."""

    def mapped(content: bytes) -> str:
        columns = send(clerk, content).location
        page = clerk.get(columns)
        chosen = dict(re.findall(r'name="(column-\d+)">(?:.(?!</select>))*?value="(\w*)" selected', page.text, re.S))
        return clerk.post(columns, data={**chosen, "year": "2025"}).location

    return mapped


def imports_of(database: Database) -> list[RegisterImport]:
    with database.reading() as session:
        return list(session.scalars(select(RegisterImport).order_by(RegisterImport.id)))


def numbers(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(OutgoingDocument.number).order_by(OutgoingDocument.number)))


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("register_import%")).order_by(AuditEntry.id))
        )


def test_a_register_is_brought_in_step_by_step(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STEP", 3)
    there = mapped(excel(*ROWS))
    preview = clerk.get(there).text
    assert "<strong>7</strong> sẽ thêm" in preview
    assert "01/KH-LĐLĐ" in preview
    assert numbers(database) == []
    assert clerk.post(there + "/start").location == there
    running = clerk.get(there).text
    assert 'hx-post="' + there + '/step"' in running
    first = clerk.post(there + "/step", headers=HTMX)
    assert "Đã xem 3 / 7 dòng, thêm 3 văn bản" in first.text
    assert clerk.post(there + "/step", headers=HTMX).status_code == 200
    last = clerk.post(there + "/step", headers=HTMX)
    assert (last.status_code, last.headers["HX-Redirect"]) == (204, there)
    done = clerk.get(there).text
    assert "<strong>7</strong> đã thêm" in done
    assert numbers(database) == [1, 2, 3, 4, 5, 6, 7]
    assert acts(database) == ["register_import_begun", "register_imported"]
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "register_imported")).one()
        assert (entry.facts["rows"], entry.facts["added"], entry.actor) == (7, 7, "Lê Văn Thư")


def test_without_javascript_a_button_drives_the_run(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database
) -> None:
    there = mapped(excel(*ROWS))
    clerk.post(there + "/start")
    assert "<noscript>" in clerk.get(there).text
    assert clerk.post(there + "/step").location == there
    assert numbers(database) == [1, 2, 3, 4, 5, 6, 7]


def test_a_run_is_stopped_taken_up_again_and_undone(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STEP", 3)
    there = mapped(excel(*ROWS))
    clerk.post(there + "/start")
    clerk.post(there + "/step")
    clerk.post(there + "/cancel")
    assert "đã dừng sau 3 dòng" in clerk.get(there).text
    assert clerk.post(there + "/cancel").status_code == 409
    clerk.post(there + "/start")
    for _ in range(2):
        clerk.post(there + "/step")
    assert numbers(database) == [1, 2, 3, 4, 5, 6, 7]
    with database.writing() as session:
        session.scalars(select(OutgoingDocument).limit(1)).one().note = "đã sửa"
    assert "1 văn bản đã được sửa hoặc bổ sung sau khi nhập" in clerk.get(there).text
    answer = clerk.post(there + "/undo", follow_redirects=True)
    assert "Đã gỡ 6 văn bản; 1 văn bản ở lại" in answer.text
    assert numbers(database) == [1]
    assert acts(database)[-3:] == ["register_import_cancelled", "register_imported", "register_import_undone"]
    assert clerk.post(there + "/undo").status_code == 409


def text_of(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_undoing_in_a_closed_period_says_so_before_and_after_and_in_the_trail(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database
) -> None:
    there = mapped(excel(*ROWS, [8, "KH-LĐLĐ", "08/08/2025", "Họp tổng kết", "song song"]))
    assert "đã khóa" not in clerk.get(there).text
    clerk.post(there + "/start")
    clerk.post(there + "/step")
    assert "đã khóa" not in text_of(clerk.get(there))
    closing = clerk.post("/directives/closings", data=HALF_YEAR).location
    closed_on = f"{clock.today():%d/%m/%Y}"
    assert (
        f"7 văn bản sẽ gỡ thuộc kỳ 6 tháng đầu năm 2025, đã khóa ngày {closed_on}: số liệu đã báo cáo không đổi; "
        "việc gỡ được ghi là điều chỉnh sau khi khóa."
    ) in text_of(clerk.get(there))
    after = text_of(clerk.post(there + "/undo", follow_redirects=True))
    assert "Đã hoàn tác: gỡ 8 văn bản khỏi sổ." in after
    assert "7 văn bản đã gỡ thuộc kỳ 6 tháng đầu năm 2025 đã khóa: số liệu đã báo cáo không đổi" in after
    assert numbers(database) == []
    page = clerk.get(closing).text
    assert "7 văn bản khác với lúc khóa. Con số đã khóa không đổi." in page
    assert "không còn trong sổ" in page
    assert 'href="/directives/1"' not in page  # it is gone: no way leads there
    with database.reading() as session:
        undone = session.scalars(select(AuditEntry).where(AuditEntry.act == "register_import_undone")).one()
        assert (undone.facts["removed"], undone.facts["closed"]) == (8, {"2025-H1": 7})


def test_what_is_added_to_a_closed_period_is_said_before(clerk: FlaskClient, mapped: Callable[[bytes], str]) -> None:
    clerk.post("/directives/closings", data=HALF_YEAR)
    there = mapped(excel(*ROWS))
    assert "7 văn bản sẽ thêm thuộc kỳ 6 tháng đầu năm 2025, đã khóa ngày" in text_of(clerk.get(there))


def test_every_bad_row_is_named_and_can_be_downloaded(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database
) -> None:
    there = mapped(excel(*ROWS, [8, "KH-LĐLĐ", date(2025, 2, 8), "", "miệng"], ["x9", "KH-LĐLĐ", "31/02/2025", "a b", ""]))
    preview = clerk.get(there).text
    assert "<strong>2</strong> dòng cần sửa" in preview
    for said in (
        "không rõ hình thức; hãy ghi giấy, điện tử hoặc song song",
        "không phải ngày có thật",
        "31/02/2025",
        "E: Hình thức",
    ):
        assert said in preview
    answer = clerk.get(there + "/refused.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["STT", "Dòng", "Lý do", *HEADINGS]
    assert [row[1] for row in rows[1:]] == ["10", "11"]
    assert rows[1][2] == (
        "D: Trích yếu: ô đang trống; hãy điền; E: Hình thức: không rõ hình thức; hãy ghi giấy, điện tử hoặc song song"
    )
    assert rows[1][5] == "08/02/2025"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Chưa chọn tệp"),
        (b"PK broken", "Không đọc được bảng trong tệp này"),
        (b"1;2;3\n4;5;6\n", "Không tìm thấy dòng tên cột"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "tệp Excel đời cũ (.xls)"),
    ],
)
def test_a_file_that_is_no_register_is_refused_with_the_reason_and_what_was_chosen_stays(
    clerk: FlaskClient, send: Callable[..., TestResponse], database: Database, content: bytes, said: str
) -> None:
    answer = send(clerk, content, year="2025")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="2025"' in answer.text
    assert imports_of(database) == []


def test_a_file_with_content_of_a_secret_document_leaves_nothing_behind(
    clerk: FlaskClient, send: Callable[..., TestResponse], database: Database, objects: FolderObjects
) -> None:
    answer = send(clerk, excel(*ROWS, ["", "", "05/03/2025", "điều bí mật", "", 1]))
    assert answer.status_code == 422
    assert "ở dòng 10" in answer.text
    assert "điều bí mật" not in answer.text
    assert (imports_of(database), list(objects.keys()), acts(database)) == ([], [], [])


def test_a_column_that_turns_out_to_hold_marks_has_the_file_forgotten(
    clerk: FlaskClient, send: Callable[..., TestResponse], database: Database, objects: FolderObjects
) -> None:
    told = [*ROWS[0], "", "x"]
    columns = send(clerk, excel(told, headings=[*HEADINGS, "Loại riêng"])).location
    form = {"column-0": "number", "column-1": "symbol", "column-2": "dated", "column-3": "abstract", "column-6": "secret"}
    answer = clerk.post(columns, data=form, follow_redirects=True)
    assert "Tệp có nội dung của văn bản mật ở dòng 3" in answer.text
    assert (imports_of(database), list(objects.keys())) == ([], [])
    assert acts(database) == ["register_import_begun", "register_import_discarded"]


def test_columns_that_are_missing_or_chosen_twice_are_named_and_the_choice_is_kept(
    clerk: FlaskClient, send: Callable[..., TestResponse]
) -> None:
    columns = send(clerk, excel(*ROWS)).location
    answer = clerk.post(columns, data={"column-0": "number", "column-1": "number", "column-3": "note", "year": "20x"})
    assert answer.status_code == 422
    for said in ("Có hai cột cùng là “Số”", "Chưa có cột nào là “Ngày văn bản”", "Năm gồm bốn chữ số"):
        assert said in answer.text
    assert '<option value="note" selected>' in answer.text


def test_guesses_are_shown_with_how_sure_they_are_and_remembered(
    clerk: FlaskClient, send: Callable[..., TestResponse], mapped: Callable[[bytes], str], database: Database
) -> None:
    there = mapped(excel(*ROWS))
    clerk.post(there + "/start")
    columns = send(clerk, excel(*ROWS)).location
    page = clerk.get(columns).text
    assert "Chắc chắn" in page
    assert "Tổ chức hội thi lần 1" in page
    form = {"column-0": "number", "column-1": "symbol", "column-2": "dated", "column-3": "abstract"}
    second = clerk.post(columns, data=form).location
    clerk.post(second + "/start")
    third = clerk.get(send(clerk, excel(*ROWS)).location).text
    assert '<option value="form" selected>' not in third  # left out last time


def test_a_file_that_waits_is_given_up(
    clerk: FlaskClient, mapped: Callable[[bytes], str], database: Database, objects: FolderObjects
) -> None:
    there = mapped(excel(*ROWS))
    assert "Đã bỏ tệp" in clerk.post(there + "/discard", follow_redirects=True).text
    assert (imports_of(database), list(objects.keys())) == ([], [])


def test_only_the_register_of_a_kept_unit_is_brought_in(
    client_of: ClientOf, send: Callable[..., TestResponse], mapped: Callable[[bytes], str], database: Database
) -> None:
    there = mapped(excel(*ROWS))
    other = client_of("unit_clerk")
    assert send(other, excel(*ROWS)).status_code == 422  # the province's register is not offered
    assert send(other, excel(*ROWS), unit="CD-PHUCAT").status_code == 303
    for address in ("", "/columns", "/refused.xlsx"):
        assert other.get(there + address).status_code == 404
    for act in ("start", "step", "cancel", "undo", "discard", "columns"):
        assert other.post(f"{there}/{act}").status_code == 404
    assert imports_of(database)[0].state is ImportState.MAPPING
    assert there not in other.get("/directives/imports").text


@pytest.mark.parametrize("login", ["leader", "staff", "member", "archivist", "stranger"])
def test_whoever_keeps_no_register_may_not(client_of: ClientOf, login: str) -> None:
    client = client_of(login)
    assert client.get("/directives/imports").status_code == 403
    assert client.get(NEW).status_code == 403
    assert client.post(NEW).status_code == 403


def test_the_template_is_read_back_without_a_question(
    clerk: FlaskClient, send: Callable[..., TestResponse], database: Database
) -> None:
    for register, count in (("outgoing", 16), ("incoming", 10)):
        content = clerk.get(f"/directives/imports/template.xlsx?register={register}").data
        columns = send(clerk, content, register=register).location
        assert len(re.findall(r"<option[^>]* selected", clerk.get(columns).text)) >= count


def test_the_list_says_what_to_do_first_and_then_what_was_done(clerk: FlaskClient, mapped: Callable[[bytes], str]) -> None:
    assert "Chưa nhập sổ nào" in clerk.get("/directives/imports").text
    there = mapped(excel(*ROWS))
    assert there in clerk.get("/directives/imports").text
