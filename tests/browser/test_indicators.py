"""A report on indicators as its people live it: typed with a file, sent, signed, returned, corrected, accepted; the period closed."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pdfplumber
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from domain.people.roles import Role
from storage.ground.database import Database
from storage.people.people import People, Person, Seat
from tests.browser.conftest import RunningSystem
from tests.browser.people import Somebody
from webapp.ground.workbooks import write as write_workbook

pytestmark = pytest.mark.browser

PERIOD = "2025-H2"
UNIT = "LĐLĐ huyện Phù Cát"
REASON = "Mẫu số của CT05 chưa khớp với bảng kê kèm theo"


class Reporter(Somebody):
    """Somebody who has to do with reports on indicators."""

    def opens_the_reports(self) -> None:
        """Comes to the list of the period."""
        self.page.goto(f"/indicators/reports/?period={PERIOD}")

    def opens_the_report(self) -> None:
        """Comes to the report of the unit, from the list."""
        self.opens_the_reports()
        self.page.get_by_role("link", name=f"Xem báo cáo của {UNIT}").click()

    def begins(self) -> None:
        """Begins the own report."""
        self.opens_the_reports()
        self.page.get_by_role("button", name="Lập báo cáo").click()

    def types(self, code: str, numerator: int, denominator: int) -> None:
        """Types the figure of an indicator."""
        line = self.page.locator(".line", has=self.page.get_by_text(code, exact=True))
        line.get_by_role("radio", name="Có số liệu", exact=True).check()
        line.get_by_label("Tử số", exact=False).fill(str(numerator))
        line.get_by_label("Mẫu số", exact=False).fill(str(denominator))

    def types_all(self) -> None:
        """Types a figure for every indicator: 3 of 4."""
        for code in self.page.locator(".line .code").all_inner_texts():
            self.types(code, 3, 4)

    def attaches(self, code: str, name: str, content: bytes) -> None:
        """Attaches a workbook to an indicator."""
        self.page.get_by_text("Đính kèm tệp", exact=True).click()
        choice = self.page.get_by_label("Cho chỉ tiêu")
        choice.select_option(choice.locator("option", has_text=code).first.get_attribute("value"))
        media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        self.page.get_by_label("Tệp", exact=True).set_input_files({"name": name, "mimeType": media_type, "buffer": content})
        self.page.get_by_label("Tôi đã kiểm tra").check()
        self.presses("Đính kèm")

    def presses(self, name: str) -> None:
        """Presses a button and is told that it is done."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator(".notice.success").first).to_be_visible()

    def returns(self, reason: str) -> None:
        """Gives the report back with a reason."""
        self.page.locator("summary", has_text="Trả lại để sửa").click()
        self.page.get_by_label("Lý do").fill(reason)
        self.presses("Trả lại để sửa")

    def downloads(self, form: str) -> bytes:
        """Downloads the report that stands on the page."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=f"Tải {form}").first.click()
        return coming.value.path().read_bytes()


@pytest.fixture
def unit_leader(running: RunningSystem) -> str:
    """The login of the chair of Phù Cát, who signs."""
    database = Database(f"sqlite:///{running.folder}/khonggiay.sqlite3")
    with database.writing() as session:
        if People(session).find("unit_leader") is None:
            clerk = People(session).named("unit_clerk")
            leader = Person(
                login="unit_leader", name="Bùi Chủ Tịch", password_hash=clerk.password_hash, roles=frozenset({Role.LEADER})
            )
            leader.seats.append(Seat(unit_id=clerk.seats[0].unit_id, title="Chủ tịch", valid_from=date(2020, 1, 1)))
            session.add(leader)
    database.close()
    return "unit_leader"


def a_workbook() -> bytes:
    return write_workbook("CT05", (6, 20, 20), [["Bảng kê tin bài"], ["TT", "Trên mạng", "Tổng số"]], [(3, 4)])


def test_a_report_is_sent_returned_corrected_accepted_and_consolidated(
    open_page: Callable[..., Page], unit_leader: str
) -> None:
    clerk = Reporter(open_page("tablet"), "unit_clerk")
    clerk.begins()
    clerk.types_all()
    clerk.presses("Lưu")
    clerk.attaches("CT05", "bang-ke.xlsx", a_workbook())
    clerk.presses("Lưu và trình lãnh đạo")

    leader = Reporter(open_page("phone"), unit_leader)
    leader.opens_the_report()
    leader.presses("Ký duyệt")

    secretariat = Reporter(open_page("desktop"), "clerk")
    secretariat.opens_the_report()
    with secretariat.page.expect_download() as evidence:
        secretariat.page.get_by_role("link", name="bang-ke.xlsx").click()
    assert load_workbook(io.BytesIO(evidence.value.path().read_bytes())).worksheets[0]["A1"].value == "Bảng kê tin bài"
    secretariat.returns(REASON)

    clerk.opens_the_reports()
    clerk.page.get_by_role("link", name="Làm tiếp").click()
    expect(clerk.page.locator("#content")).to_contain_text(REASON)
    clerk.types("CT05", 5, 8)
    clerk.presses("Lưu và trình lãnh đạo")
    leader.opens_the_report()
    leader.presses("Ký duyệt")

    secretariat.opens_the_reports()
    secretariat.page.get_by_label(f"Chọn báo cáo của {UNIT}").check()
    secretariat.presses("Tiếp nhận báo cáo đã chọn")
    secretariat.page.goto(f"/indicators/?period={PERIOD}")
    expect(secretariat.page.locator(".indicators li", has_text="CT05")).to_contain_text("62,5 %")

    secretariat.page.goto(f"/indicators/consolidated/?period={PERIOD}")
    secretariat.presses("Chốt 6 tháng cuối năm 2025")
    fingerprint = secretariat.page.locator("dd.code").inner_text()
    assert re.fullmatch("[0-9a-f]{64}", fingerprint)
    the_papers_say_what_was_closed(secretariat, fingerprint)


def the_papers_say_what_was_closed(secretariat: Reporter, fingerprint: str) -> None:
    """Each of the three files is of its kind, has the figure of CT05, who is silent, and the fingerprint."""
    pdf = secretariat.downloads("PDF")
    assert pdf.startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(secretariat.downloads("DOCX"))) as packed:
        text = re.sub(r"<[^>]+>", "", packed.read("word/document.xml").decode())
    sheet = load_workbook(io.BytesIO(secretariat.downloads("XLSX"))).worksheets[0]
    rows = {row[1]: row for row in sheet.iter_rows(values_only=True) if row[1]}
    assert rows["CT05"][4:6] == (5, 8)
    assert "62,5 %" in str(rows["CT05"][7])
    assert fingerprint in str(sheet["A4"].value)
    for said in ("62,5 %", "5 / 8", "LĐLĐ huyện Tuy Phước", fingerprint):
        assert said in text
        assert said in words_of(pdf)


def words_of(pdf: bytes) -> str:
    """The text of a PDF, its lines joined."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return " ".join((page.extract_text() or "").replace("\n", " ") for page in opened.pages)
