"""An old register as its clerk brings it in: ugly, understood, looked at, brought in, found, and taken out again."""

import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.people import Somebody
from tests.browser.test_pages import faults

pytestmark = pytest.mark.browser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG = 8_000  # rows: eight steps, enough to be stopped among them


def ugly() -> bytes:
    """A register of 2021 as offices keep them: titles, merged headings, days in four spellings, an old font, totals, signatures."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Sổ đi 2021"
    rows: list[list[str | int | date | None]] = [
        ["LIÊN ĐOÀN LAO ĐỘNG TỈNH"],
        ["SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM 2021"],
        [],
        ["TT", "Văn bản", None, "Trích yếu nội dung", "Phát hành", None, "Ghi riêng"],
        [None, "Số, ký hiệu", "Ngày tháng", None, "Hình thức", "Gửi qua", None],
        [1, "05/KH-LĐLĐ", "ngày 05 tháng 01 năm 2021", "KÕ ho¹ch tæ chøc Th¸ng C«ng nh©n", "song song", "Zalo", "a"],
        [2, "06b /NQ-TLĐ", "6.1.21", "NghÞ quyÕt vÒ c«ng t¸c n÷ c«ng", "giấy", "bưu điện", "b"],
        [3, "07/TB-LĐLĐ", date(2021, 1, 7), "Th«ng b¸o lÞch nghØ lÔ Quèc kh¸nh", "điện tử", "QLVB", "a"],
        [4, "08/KH-LĐLĐ", "08/01", "KÕ ho¹ch kiÓm tra cuèi n¨m", "", "", ""],
        [5, "09/KH-LĐLĐ", "31/02/2021", "KÕ ho¹ch héi thao", "miệng", "", ""],
        ["Cộng tháng 1", None, None, "5 văn bản"],
        [],
        ["NGƯỜI LẬP SỔ"],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A1:C1", "A2:G2", "A4:A5", "B4:C4", "D4:D5", "E4:F4", "G4:G5"):
        sheet.merge_cells(merged)
    return saved(book)


def long() -> bytes:
    """A register that takes several steps."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sổ 2020")
    sheet.append(["Số, ký hiệu", "Ngày tháng", "Trích yếu"])
    for number in range(1, LONG + 1):
        sheet.append(
            [f"{number:02}/TB-LĐLĐ", f"{1 + number % 28:02}/{1 + number * 11 // LONG:02}/2020", f"về việc thứ {number}"]
        )
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class Clerk(Somebody):
    """Lê Văn Thư, who keeps the register of the province."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, "clerk")
        page.on("dialog", lambda dialog: dialog.accept())

    def sends(self, name: str, content: bytes) -> None:
        """Sends a file and comes to its columns."""
        page = self.page
        page.goto("/directives/imports/new")
        page.get_by_label("Đơn vị").select_option(label="Liên đoàn Lao động tỉnh")
        page.get_by_label("Tệp Excel").set_input_files({"name": name, "mimeType": XLSX, "buffer": content})
        page.get_by_role("button", name="Đọc tệp").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Chọn cột", timeout=60_000)

    def column(self, letter: str) -> str:
        """What is chosen for a column, by the letter that Excel shows above it."""
        return self.page.locator(f"#column-{ord(letter) - ord('A')} option:checked").inner_text()

    def looks_first(self) -> None:
        """Goes on to the preview."""
        self.page.get_by_role("button", name="Xem trước").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Xem trước khi nhập", timeout=60_000)

    def brings_in(self) -> None:
        """Starts the run and stays until it has ended by itself."""
        self.page.get_by_role("button", name=re.compile("Nhập .* văn bản vào sổ")).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Lượt nhập sổ", timeout=60_000)

    def sees_a_whole_page(self) -> None:
        """Nothing runs over the edge, and nothing that axe finds is wrong."""
        assert self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert faults(self.page) == []

    def undoes(self) -> None:
        """Takes out what was brought in, and says yes when asked."""
        self.page.get_by_role("button", name="Hoàn tác lượt nhập").click()
        expect(self.page.locator(".notice.success").first).to_contain_text("Đã hoàn tác", timeout=60_000)

    def finds(self, words: str, year: int) -> list[str]:
        """The numbers that the register shows for these words."""
        self.page.goto(f"/directives/?q={words}&year={year}")
        return re.findall(r"\d+\w?/[A-Z]+-[A-ZĐ]+", self.page.locator("#content").inner_text())


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_an_ugly_register_is_understood_brought_in_found_and_taken_out(open_page: Callable[..., Page], width: str) -> None:
    clerk = Clerk(open_page(width))
    page = clerk.page
    clerk.sends("sổ đi 2021 (cũ).xlsx", ugly())
    assert [clerk.column(letter) for letter in "BCDE"] == [
        "Số, ký hiệu",
        "Ngày văn bản",
        "Trích yếu",
        "Hình thức: giấy, điện tử, song song",
    ]
    expect(page.locator("#content")).to_contain_text("đã chuyển từ TCVN3 (ABC)")
    expect(page.locator("#content")).to_contain_text("Kế hoạch tổ chức Tháng Công nhân")
    clerk.sees_a_whole_page()
    page.locator("#column-5").select_option(label="Kênh gửi")
    expect(page.get_by_label("Năm của sổ")).to_have_value("2021")

    clerk.looks_first()
    counts = page.locator(".counts")
    expect(counts).to_contain_text("4 sẽ thêm")
    expect(counts).to_contain_text("1 dòng cần sửa")
    clerk.sees_a_whole_page()
    wrong = page.locator("table", has_text="Chỗ sai và cách sửa").locator("tbody tr")
    assert [" ".join(row.split()) for row in wrong.all_inner_texts()] == [
        "10 C: Ngày tháng 31/02/2021 không phải ngày có thật; hãy ghi như 05/01/2025",
        "10 E: Hình thức miệng không rõ hình thức; hãy ghi giấy, điện tử hoặc song song",
    ]
    expect(page.locator("table.entries")).to_contain_text("06b/NQ-TLĐ")
    with page.expect_download() as bad:
        page.get_by_role("link", name="Tải các dòng cần sửa (Excel)").click()
    assert bad.value.path().read_bytes().startswith(b"PK")

    clerk.brings_in()
    expect(page.locator(".counts")).to_contain_text("4 đã thêm")
    clerk.sees_a_whole_page()
    there = page.url
    assert set(clerk.finds("", 2021)) == {"05/KH-LĐLĐ", "06b/NQ-TLĐ", "07/TB-LĐLĐ", "08/KH-LĐLĐ"}
    assert clerk.finds("cong tac nu cong", 2021) == ["06b/NQ-TLĐ"]

    page.goto(there)
    clerk.undoes()
    assert clerk.finds("", 2021) == []


def test_a_long_import_is_followed_stopped_and_taken_out(open_page: Callable[..., Page]) -> None:
    clerk = Clerk(open_page("tablet"))
    page = clerk.page
    clerk.sends("so-2020.xlsx", long())
    clerk.looks_first()
    page.get_by_role("button", name=re.compile("Nhập .* văn bản vào sổ")).click()
    expect(page.get_by_role("status").filter(has_text="Đã xem")).to_contain_text(
        re.compile(r"Đã xem [1-7]\.000 / 8\.000 dòng"), timeout=60_000
    )
    page.get_by_role("button", name="Dừng lại").click()
    expect(page.locator("#content")).to_contain_text(re.compile(r"Việc nhập đã dừng sau [1-7]\.000 dòng"), timeout=60_000)
    clerk.undoes()
    assert clerk.finds("về việc thứ", 2020) == []
