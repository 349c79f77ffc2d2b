"""Every page at three widths: nothing runs over the edge, nothing that axe finds is wrong, and a picture is kept to be looked at.

With `pytest --screenshots` (`make screenshots`) the pictures go to var/screenshots, and those of docs/tour.md to docs/screenshots too;
otherwise they go to the test's own folder.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDTHS, RunningSystem

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

Account = tuple[str, str]  # login and password
Tour = Callable[[Account | None, str], Page]

ARCHIVIST, ADMINISTRATOR, STAFF = ("luutru", "luu-tru-2026"), ("quantri", "quan-tri-2026"), ("canbo", "can-bo-2026")
WARD = ("quynhon", "quy-nhon-2026")  # the clerk of a union below
CLERK, CHAIR, MEMBER = ("vanthu", "van-thu-2026"), ("chutich", "chu-tich-2026"), ("uyvien", "uy-vien-2026")
SECRETARY = STAFF  # of the demo's meetings: 1 is some days ahead, 2 is open

# name of the picture, who looks, address; None: whoever has not signed in
PAGES = [
    ("sign-in", None, "/sign-in"),
    ("account", STAFF, "/account"),
    ("password", STAFF, "/account/password"),
    ("find-empty", STAFF, "/archive/find"),
    ("find", STAFF, "/archive/find?q=chuyển đổi số"),
    ("find-nothing", STAFF, "/archive/find?q=xyzxyz"),
    ("find-mistake", STAFF, '/archive/find?q=hội nghị năm:hai "'),
    ("document", STAFF, "/archive/documents/2?q=công đoàn"),
    ("document-fields", ARCHIVIST, "/archive/documents/2?panel=fields"),
    ("document-files", ARCHIVIST, "/archive/documents/2?panel=files"),
    ("document-history", ARCHIVIST, "/archive/documents/2?panel=history"),
    ("batches", ARCHIVIST, "/archive/batches"),
    ("batch", ARCHIVIST, "/archive/batches/2"),
    ("bring-in", ARCHIVIST, "/archive/batches/new"),
    ("set-aside", ARCHIVIST, "/archive/set-aside"),
    ("ledger", ARCHIVIST, "/archive/ledger"),
    ("ledger-failed", ARCHIVIST, "/archive/ledger/failed"),
    ("places", ARCHIVIST, "/archive/places"),
    ("catalogue", ARCHIVIST, "/archive/places/catalogues/1"),
    ("record-file", ARCHIVIST, "/archive/places/record-files/1"),
    ("people", ADMINISTRATOR, "/admin/people"),
    ("person-new", ADMINISTRATOR, "/admin/people/new"),
    ("person", ADMINISTRATOR, "/admin/people/1"),
    ("units", ADMINISTRATOR, "/admin/units"),
    ("units-before-the-merger", ADMINISTRATOR, "/admin/units?day=2025-06-30"),
    ("unit", ADMINISTRATOR, "/admin/units/1"),
    ("unit-new", ADMINISTRATOR, "/admin/units/new"),
    ("import-units", ADMINISTRATOR, "/admin/import/units"),
    ("audit", ADMINISTRATOR, "/admin/audit"),
    ("system-state", ADMINISTRATOR, "/admin/system"),
    ("permissions", ADMINISTRATOR, "/admin/permissions"),
    ("bodies", CLERK, "/bodies"),
    ("body", CLERK, "/bodies/1"),
    ("body-rules", CLERK, "/bodies/1/rules/new"),
    ("meetings", MEMBER, "/meetings"),
    ("meeting", MEMBER, "/meetings/1"),
    ("meeting-prepared", CLERK, "/meetings/1"),
    ("meeting-new", CLERK, "/meetings/new"),
    ("participants", CLERK, "/meetings/1/participants"),
    ("invitation", MEMBER, "/meetings/1/invitation"),
    ("answer", MEMBER, "/meetings/1/answer"),
    ("answers", CLERK, "/meetings/1/answers"),
    ("agenda", CLERK, "/meetings/1/agenda"),
    ("agenda-printed", MEMBER, "/meetings/1/agenda/print"),
    ("papers", MEMBER, "/meetings/1/papers"),
    ("papers-prepared", CLERK, "/meetings/1/papers"),
    ("paper-readers", CLERK, "/meetings/1/papers/1/readers"),
    ("opinions", MEMBER, "/meetings/1/opinions"),
    ("opinion-rounds", MEMBER, "/opinion-rounds"),
    ("room", MEMBER, "/meetings/2/room"),
    ("desk", CHAIR, "/meetings/2/desk"),
    ("screen", SECRETARY, "/meetings/2/screen"),
    ("seat", SECRETARY, "/meetings/2/seat"),
    ("attendance", SECRETARY, "/meetings/2/attendance"),
    ("check-in", MEMBER, "/meetings/2/check-in"),
    ("check-in-code", SECRETARY, "/meetings/2/check-in/show"),
    ("votes", SECRETARY, "/meetings/2/votes"),
    ("vote-new", SECRETARY, "/meetings/2/votes/new"),
    ("vote", MEMBER, "/meetings/3/votes/1"),
    ("minutes", SECRETARY, "/meetings/3/minutes"),
    ("conclusions", SECRETARY, "/meetings/3/conclusions"),
    ("audit-pack", SECRETARY, "/meetings/3/pack"),
    ("tasks", SECRETARY, "/tasks"),
    ("task", SECRETARY, "/tasks/2"),
    ("verify", SECRETARY, "/verify"),
    ("register", CLERK, "/directives/"),
    ("directive", CLERK, "/directives/900"),
    ("drafts", CLERK, "/directives/drafts"),
    ("draft-new", STAFF, "/directives/drafts/new"),
    ("entry-new", CLERK, "/directives/entries/new"),
    ("evidence-add", CLERK, "/directives/900/evidence/add"),
    ("envelope", CLERK, "/directives/envelopes"),
    ("paper-receipt", CLERK, "/directives/deliveries/1/receipt"),
    ("units-late", CLERK, "/directives/deliveries/late"),
    ("archive-compared", CLERK, "/directives/compare"),
    ("register-import", CLERK, "/directives/imports/new"),
    ("inbox", WARD, "/directives/inbox"),
    ("incoming", WARD, "/directives/incoming"),
    ("incoming-new", WARD, "/directives/incoming/new"),
    ("handling", WARD, "/directives/handling"),
    ("share", CLERK, "/directives/share?period=2025"),
    ("share-rows", CLERK, "/directives/share/rows?period=2025-H1"),
    ("closings", CLERK, "/directives/closings"),
    ("register-reports", CLERK, "/directives/reports"),
    ("numbering", CLERK, "/directives/numbering"),
    ("directive-kinds", CLERK, "/directives/kinds"),
    ("indicators", CLERK, "/indicators/"),
    ("indicator", CLERK, "/indicators/1/CT10"),
    ("indicator-reports", WARD, "/indicators/reports/"),
    ("indicator-reports-to-accept", CLERK, "/indicators/reports/"),
    ("indicators-consolidated", CLERK, "/indicators/consolidated/?period=2025-H2"),
    ("indicators-closed", CLERK, "/indicators/consolidated/1/2"),
    ("plans", CLERK, "/indicators/plans/"),
    ("plan", CLERK, "/indicators/plans/1"),
    ("refused", STAFF, "/archive/batches"),
    ("not-found", STAFF, "/archive/documents/999999"),
]
REFUSED = {"refused": 403, "not-found": 404}  # all others answer 200


@pytest.fixture(scope="module")
def tours(chromium: Browser, demo: RunningSystem) -> Iterator[Tour]:
    """A page of each width for each of the people, signed in once."""
    pages: dict[tuple[Account | None, str], Page] = {}

    def tour(account: Account | None, width: str) -> Page:
        if (account, width) not in pages:
            w, h = WIDTHS[width]
            page = chromium.new_context(base_url=demo.address, viewport={"width": w, "height": h}, locale="vi-VN").new_page()
            if account:
                page.goto("/sign-in")
                page.get_by_label("Tên đăng nhập").fill(account[0])
                page.get_by_label("Mật khẩu").fill(account[1])
                page.get_by_role("button", name="Đăng nhập", exact=True).click()
                page.wait_for_url(re.compile("archive|account|admin|meetings"))
            pages[account, width] = page
        return pages[account, width]

    yield tour
    for page in pages.values():
        page.context.close()


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the pictures go."""
    folder = ROOT / "var" / "screenshots" if request.config.getoption("--screenshots") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "account", "address"), PAGES, ids=[page[0] for page in PAGES])
def test_a_page_is_whole_and_within_reach_of_everybody(
    tours: Tour, pictures: Path, tmp_path: Path, name: str, account: Account | None, address: str, width: str
) -> None:
    page = tours(account, width)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == REFUSED.get(name, 200)
    page.wait_for_load_state("networkidle") if name.startswith("document") else page.wait_for_timeout(150)
    picture = page.screenshot(path=pictures / f"{name}-{width}.jpg", type="jpeg", quality=72)
    if pictures != tmp_path and (shown := ROOT / "docs" / "screenshots" / f"{name}-{width}.jpg").exists():
        shown.write_bytes(picture)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert faults(page) == []


def faults(page: Page) -> list[str]:
    """What axe finds wrong, each as rule and place."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(({violations}) => violations)")
    return [f"{fault['id']}: {fault['nodes'][0]['target']} {fault['nodes'][0]['failureSummary']}" for fault in found]
