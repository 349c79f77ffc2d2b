"""A passkey as a person makes and shows one: a real Chromium, whose authenticator is a virtual one (CDP, domain WebAuthn). And the way
to a real identity provider and back, which the content policy must let people go.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.ground.database import Database
from storage.tables import migrate
from tests.browser.conftest import RunningSystem
from tests.browser.people import Somebody
from tests.cast import PASSWORD, gather
from tests.providers import CLIENT, SECRET, RealProvider, is_installed
from webapp.people.accounts.passwords import hash_password

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not is_installed(), reason="the provider is not installed: make scripts")]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The system at an address with a name, since for numbers browsers make no passkeys; it knows an identity provider."""
    folder = tmp_path_factory.mktemp("named")
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    migrate(database)
    gather(database, hash_password(PASSWORD))
    database.close()
    system = RunningSystem(folder)
    system.environment["KHONGGIAY_PUBLIC_URL"] = f"http://localhost:{system.port}"
    provider = RealProvider(folder, f"http://localhost:{system.port}", {"thu-1": {}})
    system.environment.update(
        KHONGGIAY_OIDC_ISSUER=provider.issuer, KHONGGIAY_OIDC_CLIENT_ID=CLIENT, KHONGGIAY_OIDC_CLIENT_SECRET=SECRET
    )
    with provider.running():
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


def proves(page: Page, subject: str) -> None:
    """Sign in at the provider, and agree."""
    page.get_by_placeholder("Enter any login").fill(subject)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_binds_the_office_account_and_signs_in_and_out_by_it(page: Page) -> None:
    Somebody(page, "staff")
    page.goto("/account")
    page.get_by_role("link", name="Đăng nhập bằng tài khoản cơ quan").click()
    page.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
    page.get_by_role("button", name="Gắn tài khoản cơ quan").click()
    proves(page, "thu-1")
    expect(page.get_by_text("Đã gắn. Từ nay")).to_be_visible()
    for _time in range(2):
        page.get_by_role("button", name="Đăng xuất").first.click()
        page.get_by_role("button", name="Yes, sign me out").click()
        expect(page.get_by_text("Bạn đã đăng xuất.")).to_be_visible()
        page.goto("/sign-in?next=/account")
        page.get_by_role("button", name="Đăng nhập bằng tài khoản cơ quan").click()
        proves(page, "thu-1")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản của tôi")
