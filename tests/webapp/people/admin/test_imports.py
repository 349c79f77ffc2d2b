import html
import io
import re
from collections.abc import Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.spreadsheets import TableRefused
from storage.people.people import NO_PASSWORD, People
from storage.people.units import Units
from tests.webapp.conftest import ClientOf
from webapp.people.admin.rows import PERSON_COLUMNS, UNIT_COLUMNS, Column
from webapp.people.admin.sheets import MAX_BYTES, MAX_ROWS, read_sheet

HEADINGS = [column.heading for column in UNIT_COLUMNS]
SOUND = [
    ["LDLD-GL", "LĐLĐ tỉnh Gia Lai", "Liên đoàn Lao động tỉnh", "", date(2025, 7, 1), "", ""],
    ["LDLD", "Liên đoàn Lao động tỉnh", "Liên đoàn Lao động tỉnh", "", date(1989, 7, 1), date(2025, 6, 30), "LDLD-GL"],
    ["VP", "Văn phòng", "Ban", "LDLD", date(1989, 7, 1), "", ""],
]


@pytest.fixture
def administrator(client_of: ClientOf) -> FlaskClient:
    return client_of("administrator")


def excel(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def send(client: FlaskClient, content: bytes, *, what: str = "units", name: str = "don-vi.xlsx") -> TestResponse:
    return client.post(f"/admin/import/{what}", data={"file": (io.BytesIO(content), name)})


def confirm(client: FlaskClient, preview: TestResponse, *, what: str = "units") -> TestResponse:
    sealed = html.unescape(re.findall(r'name="sealed" value="(.*?)"', preview.text)[0])
    return client.post(f"/admin/import/{what}/write", data={"sealed": sealed})


def codes(database: Database) -> set[str]:
    with database.reading() as session:
        return {unit.code for unit in Units(session).all()}


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in AuditTrail(session).page().rows[:99]]


def test_the_preview_counts_and_writes_nothing(administrator: FlaskClient, database: Database) -> None:
    answer = send(administrator, excel(HEADINGS, *SOUND))
    assert answer.status_code == 200
    counts = re.findall(r"<strong>(\d+)</strong> (mới|thay đổi|giữ nguyên|chỗ sai)", answer.text)
    assert counts == [("1", "mới"), ("1", "thay đổi"), ("1", "giữ nguyên"), ("0", "chỗ sai")]
    assert "LDLD-GL" not in codes(database)
    assert acts(database) == []


def test_the_confirmed_import_is_written_whole_and_recorded(administrator: FlaskClient, database: Database) -> None:
    answer = confirm(administrator, send(administrator, excel(HEADINGS, *SOUND)))
    assert (answer.status_code, answer.location) == (303, "/admin/units")
    with database.reading() as session:
        old = Units(session).find("LDLD")
        assert old
        assert old.successor
        assert (old.valid_to, old.successor.name) == (date(2025, 6, 30), "LĐLĐ tỉnh Gia Lai")
        entry = AuditTrail(session).page().rows[:1][0]
        assert entry.facts == {"file": "don-vi.xlsx", "new": 1, "changed": 1, "same": 1}
    assert acts(database) == ["units_imported", "unit_changed", "unit_created"]


def test_the_same_file_again_changes_nothing_and_says_so(administrator: FlaskClient, database: Database) -> None:
    content = excel(HEADINGS, *SOUND)
    first = send(administrator, content)
    confirm(administrator, first)
    assert "không có gì để nhập" in send(administrator, content).text
    assert confirm(administrator, first).status_code == 303  # the button pressed twice
    assert len(acts(database)) == 3


def test_a_bad_row_is_named_and_nothing_can_be_written(administrator: FlaskClient, database: Database) -> None:
    answer = send(administrator, excel(HEADINGS, *SOUND, ["X-1", "Đơn vị X", "Công ty", "", date(2020, 1, 1), "", ""]))
    assert answer.status_code == 422
    row = re.sub(r"<[^>]+>", "|", answer.text[answer.text.index("<tbody>") : answer.text.index("</tbody>")])
    assert re.sub(r"\|+", "|", row).strip("|\n ") == (
        "5|Loại|Công ty|không phải loại đơn vị nào; hãy dùng các chữ trong tệp mẫu"
    )
    assert 'name="sealed"' not in answer.text
    assert codes(database) == {"LDLD", "VP", "CD-PHUCAT", "CD-TUYPHUOC"}


def test_what_changed_since_the_preview_is_shown_again_before_it_is_written(
    administrator: FlaskClient, database: Database
) -> None:
    preview = send(administrator, excel(HEADINGS, *SOUND))
    with database.writing() as session:
        office = Units(session).find("VP")
        assert office
        office.name = "Văn phòng Liên đoàn"
    answer = confirm(administrator, preview)
    assert answer.status_code == 409
    assert "Dữ liệu đã đổi từ lúc xem trước" in answer.text
    assert "LDLD-GL" not in codes(database)
    assert confirm(administrator, answer).status_code == 303


def test_a_seal_that_was_changed_or_belongs_to_the_other_list_is_refused(
    administrator: FlaskClient, database: Database
) -> None:
    preview = send(administrator, excel(HEADINGS, *SOUND))
    assert confirm(administrator, preview, what="people").status_code == 400
    assert administrator.post("/admin/import/units/write", data={"sealed": "eyJ9.x"}).status_code == 400
    assert acts(database) == []


@pytest.mark.parametrize(
    ("content", "reason"), [(b"x" * (MAX_BYTES + 1), "too_large"), (b"a\n" * (MAX_ROWS + 2), "too_many_rows")]
)
def test_a_list_has_limits_of_its_own(content: bytes, reason: str) -> None:
    with pytest.raises(TableRefused) as refusal:
        read_sheet(content)
    assert refusal.value.reason == reason


def test_a_refused_file_is_explained_on_the_page(administrator: FlaskClient) -> None:
    answer = send(administrator, b"PK\x03\x04", name="hong.xlsx")
    assert answer.status_code == 422
    assert "Không đọc được bảng trong tệp này;" in answer.text
    assert "Chưa chọn tệp." in administrator.post("/admin/import/units", data={}).text


@pytest.mark.parametrize(("what", "columns"), [("units", UNIT_COLUMNS), ("people", PERSON_COLUMNS)])
def test_the_template_has_the_headings_and_can_be_read_back(
    administrator: FlaskClient, what: str, columns: tuple[Column, Column, Column, Column, Column, Column, Column]
) -> None:
    answer = administrator.get(f"/admin/import/{what}/template.xlsx")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="mau-{what}.xlsx"')
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.heading for column in columns]
    assert len(read_sheet(answer.data)) > 2


def test_the_template_of_units_imports_as_it_is(administrator: FlaskClient, database: Database) -> None:
    template = administrator.get("/admin/import/units/template.xlsx").data
    assert confirm(administrator, send(administrator, template)).status_code == 303
    assert {"LDLD-BD", "LDLD-GL", "CD-QUYNHON"} <= codes(database)


PEOPLE = [column.heading for column in PERSON_COLUMNS]


def test_people_come_without_password_and_with_their_seats(administrator: FlaskClient, database: Database) -> None:
    rows = [
        ["hoa.le", "Lê Thị Hòa", "Văn thư; Cán bộ chuyên môn", "VP", "Chuyên viên", date(2025, 7, 1), ""],
        ["clerk", "Lê Văn Thư", "", "CD-PHUCAT", "Ủy viên", date(2025, 1, 1), date(2025, 6, 30)],
    ]
    preview = send(administrator, excel(PEOPLE, *rows), what="people")
    assert confirm(administrator, preview, what="people").status_code == 303
    with database.reading() as session:
        new = People(session).named("hoa.le")
        assert (new.password_hash, new.roles) == (NO_PASSWORD, frozenset({Role.CLERK, Role.STAFF}))
        assert [(seat.unit.code, seat.title) for seat in new.seats] == [("VP", "Chuyên viên")]
        known = People(session).named("clerk")
        assert known.roles == {Role.CLERK}
        assert sorted(seat.unit.code for seat in known.seats) == ["CD-PHUCAT", "VP"]
    assert acts(database) == ["people_imported", "person_changed", "person_created"]


def test_only_the_administrator_imports(client_of: ClientOf) -> None:
    assert client_of("archivist").get("/admin/import/units").status_code == 403
    assert client_of("archivist").post("/admin/import/people/write", data={}).status_code == 403
