"""What people do, as sentences. Only what several journeys share is here."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.cast import PASSWORD

READING_MS = 120_000  # two cores that also run a browser take their time


class Somebody:
    """A person at a device."""

    def __init__(self, page: Page, login: str) -> None:
        self.page = page
        self.signs_in(login)

    def signs_in(self, login: str) -> None:
        """Opens the sign-in page and comes to the first page."""
        self.page.goto("/sign-in")
        self.page.get_by_label("Tên đăng nhập").fill(login)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập", exact=True).click()
        expect(self.page.get_by_role("button", name="Đăng xuất")).to_be_visible()

    def picks(self, label: str, words: str, name: str) -> None:
        """Searches in a field and picks who or what is called so, by keyboard."""
        field = self.page.get_by_role("combobox", name=label)
        field.press_sequentially(words)
        option = self.page.get_by_role("option", name=name).first
        expect(option).to_be_visible()
        for _step in range(20):
            field.press("ArrowDown")
            if field.get_attribute("aria-activedescendant") == option.get_attribute("id"):
                break
        field.press("Enter")
        expect(self.page.get_by_role("button", name=f"Bỏ chọn {name}")).to_be_visible()


class Archivist(Somebody):
    """Trần Thị Lan, who brings papers in."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, "archivist")

    def chooses(self, *files: Path) -> None:
        """Opens the form of a new batch, attests, and chooses files."""
        self.page.goto("/archive/batches/new")
        self.page.get_by_label("Tôi đã kiểm tra").check()
        self.page.locator("#files").set_input_files(list(files))

    def sends(self) -> None:
        """Sends what was chosen."""
        self.page.get_by_role("button", name="Xác nhận và gửi").click()

    def sees_batch(self) -> None:
        """Comes to the page of the batch by itself once everything is sent."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Lô", timeout=60_000)

    def sees_read(self, count: int) -> None:
        """Stays on the page of the batch, and without touching it sees that many documents become read."""
        badges = self.page.locator("#content .badge", has_text="Đã đọc đủ")
        expect(badges).to_have_count(count, timeout=READING_MS)


class Searcher(Somebody):
    """Nguyễn Hữu Tra, who looks for papers."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, "staff")

    def types(self, question: str) -> None:
        """Types into the box; the answer comes by itself, and with it the address that can be shared."""
        self.page.goto("/archive/find")
        self.page.locator("#q").press_sequentially(question, delay=20)
        self.page.wait_for_url(lambda address: parse_qs(urlsplit(address).query).get("q") == [question])

    def finds(self, question: str) -> Locator:
        """Asks by address and returns the pages found."""
        self.page.goto(f"/archive/find?q={question}")
        return self.page.locator(".page-found")

    def marked_words(self) -> list[str]:
        """The words of the transcript that are marked as found on the open page."""
        return self.page.locator("#text .hit").all_inner_texts()
