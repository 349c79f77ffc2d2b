"""A passkey as a person makes and shows one: a real Chromium, whose authenticator is a virtual one (CDP, domain WebAuthn)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.ground.database import Database
from storage.tables import migrate
from tests.browser.conftest import RunningSystem
from tests.browser.people import Somebody
from tests.cast import PASSWORD, gather
from webapp.people.accounts.passwords import hash_password

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The system at an address with a name: for numbers browsers make no passkeys."""
    folder = tmp_path_factory.mktemp("named")
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    migrate(database)
    gather(database, hash_password(PASSWORD))
    database.close()
    system = RunningSystem(folder)
    system.environment["KHONGGIAY_PUBLIC_URL"] = f"http://localhost:{system.port}"
    system.start()
    yield system
    system.stop()


@pytest.fixture
def page(chromium: Browser, named: RunningSystem) -> Iterator[Page]:
    context = chromium.new_context(base_url=f"http://localhost:{named.port}")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": {**device, "isUserVerified": True}})
    yield page
    context.close()


def test_somebody_makes_a_passkey_and_signs_in_with_it(page: Page) -> None:
    clerk = Somebody(page, "clerk")
    page.goto("/account/second-factor")
    page.get_by_role("link", name="Thêm passkey").click()
    page.get_by_label("Tên passkey").fill("Điện thoại của tôi")
    page.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Tạo passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/account/second-factor")
    expect(page.get_by_text("Điện thoại của tôi")).to_be_visible()
    page.get_by_role("button", name="Đăng xuất").first.click()
    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="Đăng nhập bằng passkey").click()
    expect(clerk.page.get_by_role("heading", level=1)).to_have_text("Tài khoản của tôi")
