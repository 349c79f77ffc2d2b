"""Somebody is picked out of many of one name: by keyboard, by finger, as a reader of screens hears it, and without scripts."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from storage.ground.database import Database
from storage.people.people import Person, Seat
from storage.people.units import Unit
from tests.browser.conftest import RunningSystem
from tests.browser.people import Somebody

pytestmark = pytest.mark.browser

OFFICER = "Cán bộ phụ trách"
HOAS = [("hoa.1", "VP", "Văn thư"), ("hoa.2", "CD-PHUCAT", "Kế toán"), ("hoa.3", "CD-TUYPHUOC", "Kế toán")]


@pytest.fixture(scope="module")
def namesakes(running: RunningSystem) -> None:
    """Three of one name, and more of another than a list shows."""
    database = Database(f"sqlite:///{running.folder}/khonggiay.sqlite3")
    with database.writing() as session:
        units = {one.code: one.id for one in session.scalars(select(Unit))}
        for login, unit, title in HOAS:
            seats = [Seat(unit_id=units[unit], title=title, valid_from=date(2020, 1, 1))]
            session.add(Person(login=login, name="Nguyễn Thị Hoa", password_hash="!", seats=seats))
        session.add_all(Person(login=f"khai.{n}", name=f"Lê Khải {n}", password_hash="!") for n in range(30))
    database.close()


@pytest.mark.usefixtures("namesakes")
def test_one_of_three_namesakes_is_picked_by_keyboard_and_a_reader_of_screens_hears_which(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    Somebody(page, "clerk")
    page.goto("/opinion-rounds/new")
    field = page.get_by_role("combobox", name=OFFICER)
    said = page.locator(".picker [role=status]")
    expect(page.get_by_role("button", name="Bỏ chọn Lê Văn Thư, Cán bộ, Văn phòng")).to_be_visible()
    field.press("Backspace")
    expect(said).to_have_text("Đã bỏ chọn: Lê Văn Thư, Cán bộ, Văn phòng")
    field.press_sequentially("khai")
    expect(said).to_have_text("30 người khớp. Hãy chọn một người. Còn 10 người; gõ thêm tên hoặc đơn vị để thu hẹp.")
    field.press("Escape")
    field.press("Escape")
    field.press_sequentially("hoa nguyen")
    expect(said).to_have_text("3 người khớp. Hãy chọn một người.")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert page.get_by_role("listbox", name=OFFICER).aria_snapshot().splitlines() == [
        f'- listbox "{OFFICER}":',
        '  - option "Nguyễn Thị Hoa Văn thư, Văn phòng"',
        '  - option "Nguyễn Thị Hoa Kế toán, LĐLĐ huyện Phù Cát"',
        '  - option "Nguyễn Thị Hoa Kế toán, LĐLĐ huyện Tuy Phước"',
    ]
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"):  # and round from the first to the last
        field.press(key)
    active = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_text(re.compile("Tuy Phước"))
    field.press("Enter")
    expect(said).to_have_text("Đã chọn: Nguyễn Thị Hoa, Kế toán, LĐLĐ huyện Tuy Phước")
    expect(field).to_be_focused()
    expect(page).to_have_url(re.compile("/opinion-rounds/new$"))


@pytest.mark.usefixtures("namesakes")
def test_on_a_phone_rows_are_as_tall_as_a_finger_and_letters_do_not_make_the_page_jump(open_page: Callable[..., Page]) -> None:
    page = open_page("phone")
    Somebody(page, "clerk")
    page.goto("/opinion-rounds/new")
    field = page.get_by_role("combobox", name=OFFICER)
    field.press_sequentially("hoa")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    assert min(one.bounding_box()["height"] for one in options.all()) >= 44  # type: ignore[index]
    assert field.evaluate("field => parseFloat(getComputedStyle(field).fontSize)") >= 16
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    options.filter(has_text="Phù Cát").tap()
    chip = page.get_by_role("button", name="Bỏ chọn Nguyễn Thị Hoa, Kế toán, LĐLĐ huyện Phù Cát")
    box = chip.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44


@pytest.mark.usefixtures("namesakes")
def test_without_scripts_a_button_searches_and_rows_are_ticked(open_page: Callable[..., Page]) -> None:
    page = open_page("phone", java_script_enabled=False)
    Somebody(page, "clerk")
    page.goto("/opinion-rounds/new")
    page.get_by_label("Nội dung lấy ý kiến").fill("Thông qua Kế hoạch")
    page.get_by_label(OFFICER).first.fill("hoa nguyen")
    page.get_by_role("button", name=f"Tìm {OFFICER}").click()
    expect(page.get_by_text("3 người khớp. Hãy chọn một người.")).to_be_visible()
    expect(page.get_by_label("Nội dung lấy ý kiến")).to_have_value("Thông qua Kế hoạch")
    page.get_by_role("radio", name="Nguyễn Thị Hoa Văn thư, Văn phòng").check()
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("radio", name="Nguyễn Thị Hoa Văn thư, Văn phòng")).to_be_checked()
    expect(page.get_by_text("Chưa lưu được, cần sửa")).to_be_visible()
