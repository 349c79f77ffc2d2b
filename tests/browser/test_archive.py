"""The first way through the whole system, as people walk it: bring scans in, have them read, find the very words on the scan."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import RunningSystem
from tests.browser.people import READING_MS, Archivist, Searcher, Somebody
from tests.ocr_worker import papers

pytestmark = pytest.mark.browser


@pytest.fixture
def scans(tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes scans under these names; returns their paths."""

    def scans(**contents: bytes) -> list[Path]:
        paths = []
        for name, content in contents.items():
            stem, _, ending = name.rpartition("_")
            paths.append(tmp_path / f"{stem.replace('_', '-')}.{ending}")
            paths[-1].write_bytes(content)
        return paths

    return scans


def test_a_scan_is_brought_in_read_and_found_at_the_very_words(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]]
) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.chooses(
        *scans(ke_hoach_tif=papers.tiff("Kế hoạch phòng họp\nkhông giấy tờ", "Trang hai nói về\nquỹ tấm lòng vàng"))
    )
    archivist.sends()
    archivist.sees_batch()
    archivist.sees_read(1)

    searcher = Searcher(open_page("tablet"))
    searcher.types("quy tam long")
    hit = searcher.page.locator(".page-found")
    expect(hit).to_have_count(1)
    expect(hit).to_contain_text("Trang 2")
    hit.click()
    expect(searcher.page.locator("#sheet img")).to_be_visible()
    assert searcher.marked_words() == ["quỹ", "tấm", "lòng"]
    boxes = searcher.page.locator("#sheet svg rect.hit")
    expect(boxes).to_have_count(3)
    picture, box = searcher.page.locator("#sheet img").bounding_box(), boxes.first.bounding_box()
    assert picture
    assert box
    assert picture["y"] < box["y"] < picture["y"] + picture["height"] * 0.2  # the words stand near the top of the page


def test_files_that_cannot_be_read_say_why_and_the_rest_goes_on(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]]
) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.chooses(
        *scans(
            tot_jpg=papers.jpeg("Công văn đọc được"),
            khoa_pdf=papers.encrypted_pdf(),
            rong_pdf=b"",
            van_ban_docx=b"PK\x03\x04 Word",
        )
    )
    archivist.sends()
    archivist.sees_batch()
    content = archivist.page.locator("#content")
    expect(content).to_contain_text("Tệp rỗng")
    expect(content).to_contain_text("tệp soạn thảo hoặc bảng tính")
    expect(content).to_contain_text("mật khẩu", timeout=READING_MS)
    archivist.sees_read(1)


def test_the_same_file_again_is_linked_and_not_kept_twice(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]]
) -> None:
    archivist = Archivist(open_page("desktop"))
    files = scans(trung_jpg=papers.jpeg("Văn bản gửi hai lần"))
    archivist.chooses(*files)
    archivist.sends()
    archivist.sees_batch()
    archivist.chooses(*files)
    archivist.sends()
    archivist.sees_batch()
    expect(archivist.page.locator("#content")).to_contain_text("Đã có")


def test_a_net_that_fails_while_files_are_sent_delays_them_only(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]]
) -> None:
    archivist = Archivist(open_page("tablet"))
    archivist.chooses(*scans(mat_mang_jpg=papers.jpeg("Gửi khi mất mạng")))
    page = archivist.page
    page.context.set_offline(True)
    archivist.sends()
    expect(page.get_by_role("alert")).to_contain_text("Không kết nối được")
    page.context.set_offline(False)
    cut = []

    def cut_twice(route: Route) -> None:
        cut.append(route)
        route.abort() if len(cut) <= 2 else route.continue_()

    page.route("**/archive/batches/*/files", cut_twice)
    archivist.sends()
    expect(page.locator("#uploads")).to_contain_text("Mất kết nối")
    archivist.sees_batch()
    archivist.sees_read(1)
    assert len(cut) == 3


def test_a_worker_killed_while_it_reads_loses_nothing(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]], running: RunningSystem
) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.chooses(*scans(bi_giet_tif=papers.tiff(*(f"Trang số {number}\ncủa văn bản dài" for number in range(1, 5)))))
    archivist.sends()
    archivist.sees_batch()
    for _ in range(3):
        archivist.page.wait_for_timeout(1500)
        running.kill("worker")
    archivist.sees_read(1)
    archivist.page.get_by_role("link", name="bi-giet.tif").first.click()
    expect(archivist.page.locator(".strip .leaf")).to_have_count(4)


def test_the_web_program_killed_comes_back_and_the_page_finds_it_again(
    open_page: Callable[..., Page], running: RunningSystem
) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.page.goto("/archive/ledger")
    running.kill("web")
    archivist.page.wait_for_timeout(6000)
    archivist.page.goto("/archive/ledger")
    expect(archivist.page.get_by_role("heading", level=1)).to_have_text("Sổ đối chiếu")


def test_the_books_balance(open_page: Callable[..., Page], plan: str) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.page.goto("/archive/ledger")
    expect(archivist.page.locator("#content")).to_contain_text("Khớp")
    expect(archivist.page.locator("#content")).not_to_contain_text("Lệch")


def test_an_archivist_corrects_a_field_and_the_search_follows(
    open_page: Callable[..., Page], scans: Callable[..., list[Path]]
) -> None:
    archivist = Archivist(open_page("desktop"))
    archivist.chooses(*scans(sua_jpg=papers.jpeg("Giấy tờ cần sửa thông tin")))
    archivist.sends()
    archivist.sees_batch()
    archivist.sees_read(1)
    page = archivist.page
    page.get_by_role("link", name="sua.jpg").first.click()
    page.get_by_role("link", name="Thông tin").click()
    page.get_by_role("link", name="Sửa Trích yếu").click()
    page.locator("#desk form input[name=value], #desk form textarea[name=value]").fill("về phong trào lao động giỏi")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#desk")).to_contain_text("đã xác nhận")
    searcher = Searcher(open_page("phone"))
    for _ in range(20):
        if searcher.finds("phong trao lao dong gioi").count():
            break
        searcher.page.wait_for_timeout(500)
    expect(searcher.page.locator(".page-found")).to_have_count(1)


def test_keys_turn_pages_and_walk_from_hit_to_hit(open_page: Callable[..., Page], plan: str) -> None:
    searcher = Searcher(open_page("desktop"))
    searcher.finds("ke hoach phong hop").first.click()
    page = searcher.page
    page.wait_for_load_state()  # the keys are listened to when the modules have run
    page.locator("#sheet").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#desk")).to_have_attribute("data-page", "2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#desk")).to_have_attribute("data-page", "1")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_a_mistake_in_a_question_is_shown_at_its_place_and_something_is_found_all_the_same(
    open_page: Callable[..., Page], plan: str
) -> None:
    searcher = Searcher(open_page("phone"))
    searcher.types("phòng họp năm:hai")
    expect(searcher.page.locator("#answer")).to_contain_text("hai")
    expect(searcher.page.locator(".page-found").first).to_be_visible()


def test_whoever_may_not_bring_in_is_told_so(open_page: Callable[..., Page]) -> None:
    searcher = Searcher(open_page("phone"))
    searcher.page.goto("/archive/batches/new")
    expect(searcher.page.locator("#content")).to_contain_text("không có quyền")


def test_signing_out_everywhere_ends_the_other_device(open_page: Callable[..., Page]) -> None:
    tablet, desktop = Somebody(open_page("tablet"), "member"), Somebody(open_page("desktop"), "member")
    desktop.page.goto("/account")
    desktop.page.on("dialog", lambda dialog: dialog.accept())
    desktop.page.get_by_role("button", name="Đăng xuất trên mọi thiết bị").click()
    tablet.page.goto("/archive/find")
    expect(tablet.page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
