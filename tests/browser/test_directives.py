"""Directives as their people live them: drafted, approved, numbered, signed, issued, received; followed to who is late; reported."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from domain.ground.official_papers import Header, OfficialPaper, Paragraph, Title
from storage.directives.deliveries import Delivery
from storage.ground.database import Database
from tests.browser.conftest import RunningSystem
from tests.browser.people import Somebody
from tests.signing import BODY, PERSON, Authority
from webapp.ground.printing.pdf import to_pdf

pytestmark = pytest.mark.browser

ABSTRACT = "triển khai Tháng Công nhân năm 2027"


class Officer(Somebody):
    """Somebody who drafts, approves or keeps the register."""

    def drafts(self, abstract: str) -> str:
        """Writes a draft for the leader to sign; comes to its page, whose address is returned."""
        page = self.page
        page.goto("/directives/drafts/new")
        page.get_by_label("Loại văn bản").select_option("Kế hoạch")
        page.get_by_label("Trích yếu").fill(abstract)
        self.picks("Người ký", "chu tich", "Hoàng Thị Chủ Tịch")
        page.get_by_label("Gửi đến").select_option(label="Cấp dưới")
        page.get_by_label("Nội dung").fill("Các công đoàn cấp dưới xây dựng kế hoạch trước ngày 15/4.")
        page.locator("#attestation").check()
        page.get_by_role("button", name="Lưu dự thảo").click()
        expect(page.locator("#content")).to_contain_text(abstract)
        return page.url

    def presses(self, name: str) -> None:
        """Presses the button of a step and is told that it is done."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator(".notice.success").first).to_be_visible()

    def rules_numbers(self) -> None:
        """Says how the own unit numbers what it issues."""
        self.page.goto("/directives/numbering")
        self.page.locator("#valid_from").fill("2020-01-01")
        self.page.locator("#body_symbol").fill("LĐLĐ")
        self.presses("Ghi quy tắc")

    def signs_with(self, content: bytes) -> None:
        """Brings the file that was signed elsewhere."""
        self.page.get_by_label("Cách ký").select_option("digital")
        self.page.get_by_label("Tệp đã ký").set_input_files(
            {"name": "ke-hoach-da-ky.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        self.presses("Ghi việc ký")

    def issues_to(self, *units: str) -> None:
        """Sends it through this system, without paper."""
        self.page.get_by_label("Có gửi kèm bản giấy không?").select_option("no")
        for unit in units:
            self.picks("Gửi đến các đơn vị", unit, unit)
        self.presses("Phát hành")


@pytest.fixture
def signed(authority: Authority) -> bytes:
    """A plan with the signatures of a person and of the organisation."""
    blocks = (
        Header("TỔNG LIÊN ĐOÀN", "LIÊN ĐOÀN LAO ĐỘNG TỈNH", "Số: 01/KH-LĐLĐ"),
        Title("KẾ HOẠCH", ABSTRACT),
        Paragraph("Nội dung."),
    )
    pdf = to_pdf(OfficialPaper("Kế hoạch", blocks))
    return authority.signs(authority.signs(pdf, PERSON), BODY)


def days_pass(running: RunningSystem, days: int) -> None:
    """Whatever was sent was sent so many days ago."""
    database = Database(f"sqlite:///{running.folder}/khonggiay.sqlite3")
    with database.writing() as session:
        for delivery in session.scalars(select(Delivery)):
            assert delivery.sent_at
            delivery.sent_at -= timedelta(days=days)
    database.close()


def test_a_directive_goes_from_draft_to_the_units_and_the_secretariat_finds_who_is_late(
    open_page: Callable[..., Page], running: RunningSystem, signed: bytes
) -> None:
    author = Officer(open_page("desktop"), "staff")
    address = author.drafts(ABSTRACT)
    author.presses("Trình duyệt")

    leader = Officer(open_page("tablet"), "leader")
    leader.page.goto(address)
    leader.presses("Duyệt")

    clerk = Officer(open_page("desktop"), "clerk")
    clerk.rules_numbers()
    clerk.page.goto(address)
    clerk.presses("Cấp số")
    expect(clerk.page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"01/KH"))
    clerk.signs_with(signed)
    running.wait_until_read()  # nothing leaves before it was looked through for marks of secrecy
    clerk.page.reload()
    clerk.issues_to("LĐLĐ huyện Phù Cát", "LĐLĐ huyện Tuy Phước")
    expect(clerk.page.locator("#content")).to_contain_text("L5")

    unit = Officer(open_page("phone"), "unit_clerk")
    unit.page.goto("/directives/inbox")
    unit.page.get_by_role("link", name=re.compile(ABSTRACT)).first.click()
    unit.presses("Xác nhận đã nhận")
    unit.presses("Vào sổ văn bản đến")

    days_pass(running, 10)
    clerk.page.goto("/directives/deliveries/late")
    expect(clerk.page.locator("#content")).to_contain_text("Tuy Phước")
    expect(clerk.page.locator("#content")).not_to_contain_text("Phù Cát")


def test_the_half_year_is_closed_with_what_was_entered(open_page: Callable[..., Page]) -> None:
    clerk = Officer(open_page("desktop"), "clerk")
    page = clerk.page
    page.goto("/directives/entries/new")
    page.get_by_label("Loại văn bản").select_option("Chỉ thị")
    page.get_by_label("Trích yếu").fill("tăng cường an toàn, vệ sinh lao động")
    page.locator("#number").fill("01")
    page.locator("#symbol").fill("CT-LĐLĐ")
    page.locator("#dated").fill("2026-03-02")
    page.locator("#form").select_option("paper")
    page.locator("#attestation").check()
    page.get_by_role("button", name="Ghi vào sổ").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("01/CT-LĐLĐ")

    page.goto("/directives/share?period=2026-H1")
    expect(page.locator("#content")).to_contain_text("0,0 %")
    page.goto("/directives/closings")
    page.get_by_label("Kỳ cần khóa").select_option("2026-H1")
    page.get_by_role("button", name="Khóa kỳ này").click()
    expect(page.locator("#content")).to_contain_text(re.compile("[0-9a-f]{64}"))
    with page.expect_download() as report:
        page.get_by_role("link", name=re.compile("PDF")).first.click()
    assert report.value.path().read_bytes().startswith(b"%PDF")
