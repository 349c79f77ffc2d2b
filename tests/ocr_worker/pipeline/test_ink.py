"""A page accounts for its ink: every line that it shows is read, or named as unread with its place, whatever its text layer says."""

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from domain.archive.reading import Box, PageReading, Source
from ocr_worker.pipeline import ink, tesseract
from ocr_worker.pipeline.read import read_page
from ocr_worker.pipeline.searchable import searchable_pdf
from tests.ocr_worker.pipeline.made_pages import DPI, FONT, letter

LINES = [
    "Căn cứ chương trình công tác năm của Ban Chấp hành",
    "Vận động đoàn viên các đơn vị tham gia tập luyện thường xuyên",
    "Kinh phí tổ chức lấy từ nguồn tài chính công đoàn tích lũy",
    "Họp lần đầu trước ngày hội và báo cáo kết quả mỗi tuần",
    "Yêu cầu các đơn vị nghiêm túc triển khai thực hiện kế hoạch này",
    "Văn phòng chịu trách nhiệm lưu trữ hồ sơ và hướng dẫn cách khai thác",
]
OTHER = [
    "Tờ trình về việc sửa chữa trụ sở và mua sắm trang thiết bị làm việc",
    "Danh sách những người được cử đi học lớp bồi dưỡng nghiệp vụ",
    "Giấy giới thiệu sinh hoạt của hội viên chuyển đến phường bên cạnh",
]
SIZE, LEFT, TOP, STEP = 14, 70, 700, 44  # points, from the bottom left of a sheet
WIDTH, HEIGHT = 595, 842
pdfmetrics.registerFont(TTFont("Serif", FONT.format("Regular")))


@dataclass(frozen=True)
class Sheet:
    """What is on a sheet: lines (by number) in the pixels of a scan, in print, in an invisible layer; and how that layer lies."""

    scanned: Sequence[int] = ()
    printed: Sequence[int] = ()
    layer: Sequence[str | None] = ()
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    white: str = ""

    def save(self, path: Path) -> Path:
        canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
        if self.scanned:
            canvas.drawImage(ImageReader(io.BytesIO(self._scan())), 0, 0, WIDTH, HEIGHT)
        for number in self.printed:
            canvas.setFont("Serif", SIZE)
            canvas.drawString(LEFT, TOP - STEP * number, LINES[number])
        if self.white:
            canvas.setFillGray(1)
            canvas.setFont("Serif", SIZE)
            canvas.drawString(LEFT, TOP - STEP * len(LINES), self.white)
        text = canvas.beginText()
        text.setTextRenderMode(3)
        for number, line in enumerate(self.layer):
            if line:
                text.setFont("Serif", SIZE * self.scale)
                text.setTextOrigin(LEFT * self.scale + self.right, (TOP - STEP * number) * self.scale - self.down)
                text.textOut(line)
        canvas.drawText(text)
        canvas.save()
        return path

    def _scan(self) -> bytes:
        scale = DPI / 72
        picture = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
        font = ImageFont.truetype(FONT.format("Regular"), round(SIZE * scale))
        for number in self.scanned:
            place = LEFT * scale, (HEIGHT - TOP + STEP * number) * scale
            ImageDraw.Draw(picture).text(place, LINES[number], fill=0, font=font, anchor="ls")
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=90, dpi=(DPI, DPI))
        return content.getvalue()


def read(sheet: Sheet, folder: Path) -> PageReading:
    return read_page(sheet.save(folder / "a.pdf"), 1)


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text))


def accounted(page: PageReading, number: int) -> bool:
    """Whether a line was read (but for a slip or two), or stands in a gap."""
    wanted, got = words_of(LINES[number]), set(words_of(page.text))
    middle = (HEIGHT - TOP + STEP * number - SIZE * 0.3) / HEIGHT
    is_named = page.unread is not None and any(gap.y < middle < gap.y + gap.height for gap in page.unread.gaps)
    return is_named or sum(word in got for word in wanted) >= 0.8 * len(wanted)


PLACES = st.sampled_from(["scan", "print", "both", "bare"])


@pytest.mark.reading
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(PLACES, min_size=len(LINES), max_size=len(LINES)),
    of_other_page=st.booleans(),
    scale=st.sampled_from([1.0, 1.0, 0.35, 0.8]),
    right=st.sampled_from([0, 0, 23, 90]),
    down=st.sampled_from([0, 0, 9, 22]),
)
def test_no_line_that_the_page_shows_is_lost_without_being_named(
    tmp_path: Path, places: list[str], of_other_page: bool, scale: float, right: float, down: float
) -> None:
    """Whatever part of the lines a layer covers, and wherever it lies; `both`: in the scan and in its layer."""
    layer = [LINES[number] if place == "both" else None for number, place in enumerate(places)]
    sheet = Sheet(
        scanned=[number for number, place in enumerate(places) if place in ("scan", "both")],
        printed=[number for number, place in enumerate(places) if place == "print"],
        layer=[*OTHER, *OTHER] if of_other_page else layer,
        scale=scale, right=right, down=down,
    )  # fmt: skip
    page = read(sheet, tmp_path)
    shown = [*sheet.scanned, *sheet.printed]
    assert [number for number in shown if not accounted(page, number)] == []
    if shown and of_other_page:
        assert "sửa chữa trụ sở" not in page.text


@pytest.mark.reading
def test_print_over_a_scan_does_not_stand_for_the_scan(tmp_path: Path) -> None:
    page = read(Sheet(scanned=[2, 3, 4, 5], printed=[0, 1]), tmp_path)
    assert page.source is Source.BOTH
    assert [line.split()[0] for line in page.text.split("\n")] == ["Căn", "Vận", "Kinh", "Họp", "Yêu", "Văn"]
    sources = {word.text: word.source for word in page.words}
    assert (sources["luyện"], sources["hướng"]) == (Source.TEXT_LAYER, Source.OCR)
    assert page.unread is not None
    assert page.unread.share == 0.0


@pytest.mark.reading
def test_a_layer_of_some_lines_of_a_scan_leaves_the_others_to_be_recognised(tmp_path: Path) -> None:
    page = read(Sheet(scanned=range(6), layer=LINES[:2]), tmp_path)
    assert [number for number, line in enumerate(LINES) if line.split()[-1] not in page.text] == []
    assert page.source is Source.BOTH


@pytest.mark.parametrize("layer", [Sheet(layer=OTHER), Sheet(layer=LINES, scale=0.35), Sheet(layer=LINES, right=31, down=15)])
@pytest.mark.reading
def test_a_layer_that_does_not_lie_on_the_ink_is_not_believed(tmp_path: Path, layer: Sheet) -> None:
    sheet = Sheet(scanned=range(6), layer=layer.layer, scale=layer.scale, right=layer.right, down=layer.down)
    page = read(sheet, tmp_path)
    assert page.source is Source.OCR
    assert [number for number in range(6) if not accounted(page, number)] == []


def test_white_text_is_not_what_the_page_says(tmp_path: Path) -> None:
    page = read(Sheet(printed=range(6), white="Đoạn này không ai nhìn thấy trên trang"), tmp_path)
    assert page.source is Source.TEXT_LAYER
    assert "nhìn thấy" not in page.text
    assert page.text.split("\n") == LINES


def test_a_page_whose_layer_explains_its_ink_costs_no_recognition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/nonexistent")  # recognition would fail
    page = read(Sheet(printed=range(6)), tmp_path)
    assert (page.source, page.text.split("\n")) == (Source.TEXT_LAYER, LINES)
    assert page.unread is not None
    assert (page.unread.share, page.unread.gaps) == (0.0, ())


@pytest.mark.reading
def test_what_runs_up_the_margin_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    canvas.setFont("Serif", SIZE)
    for number, line in enumerate(LINES):
        canvas.drawString(LEFT, TOP - STEP * number, line)
    canvas.translate(35, 250)
    canvas.rotate(90)
    canvas.drawString(0, 0, "Lưu hành nội bộ, không sao chụp dưới mọi hình thức")
    canvas.save()
    assert "Lưu hành nội bộ, không sao chụp dưới mọi hình thức" in read_page(path, 1).text.replace("\n", " ")


@pytest.mark.reading
@pytest.mark.parametrize("height", [20, 90])
def test_a_filled_in_field_of_any_height_is_read(tmp_path: Path, height: int) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    canvas.setFont("Serif", SIZE)
    for number, line in enumerate(LINES):
        canvas.drawString(LEFT, TOP - STEP * number, line)
    canvas.acroForm.textfield(name="a", value="Ghi chu 6623", x=LEFT, y=250, width=300, height=height, fontSize=SIZE)
    canvas.save()
    assert "6623" in read_page(path, 1).text


@pytest.mark.reading
def test_writing_that_cannot_be_read_is_named_with_its_place(saved: Callable[..., Path]) -> None:
    picture = Image.fromarray(letter())
    draw = ImageDraw.Draw(picture)
    dice = np.random.default_rng(3)
    for place in range(18):  # a line of scrawl, as tall as print
        points = [(300 + 40 * place + int(dice.integers(0, 30)), 1640 + int(dice.integers(0, 34))) for _ in range(7)]
        draw.line(points, fill=0, width=4)
    page = read_page(saved(picture), 1)
    assert page.unread is not None
    assert 0 < page.unread.share < 0.2
    (gap, *_) = page.unread.gaps
    assert gap.y == pytest.approx(1640 / 2339, abs=0.01)
    assert "Nguyễn Văn Mẫu" in page.text


def test_a_seal_and_the_rules_of_a_table_are_no_writing() -> None:
    page = Image.fromarray(letter())
    draw = ImageDraw.Draw(page)
    for place in range(6):
        draw.line((240, 1500 + 60 * place, 1400, 1500 + 60 * place), fill=0, width=3)
        draw.line((240 + 232 * place, 1500, 240 + 232 * place, 1800), fill=0, width=3)
    gray = np.asarray(page)
    boxes = [Box(0.05, 0.03, 0.9, 0.6)]  # all that is printed on the letter
    assert ink.unread(ink.ink_of(gray, DPI), boxes).share == 0.0
    draw.ellipse((700, 1900, 980, 2180), outline=0, width=6)
    font = ImageFont.truetype(FONT.format("Bold"), 20)
    for degrees in range(0, 360, 24):
        across, down = 840 + 115 * np.cos(np.radians(degrees)), 2040 + 115 * np.sin(np.radians(degrees))
        draw.text((across, down), "LĐ", fill=0, font=font, anchor="mm")
    assert ink.unread(ink.ink_of(np.asarray(page), DPI), boxes).share == 0.0


@pytest.mark.reading
def test_words_that_were_recognised_are_laid_beside_those_of_the_layer(tmp_path: Path) -> None:
    path = Sheet(scanned=[2, 3, 4, 5], printed=[0, 1]).save(tmp_path / "a.pdf")
    made = tmp_path / "made.pdf"
    made.write_bytes(searchable_pdf(path, [read_page(path, 1)]))
    again = read_page(made, 1)
    assert again.source is Source.TEXT_LAYER
    assert [again.text.count(line.split()[0]) for line in LINES] == [1] * 6


def test_recognition_is_not_asked_of_bare_paper() -> None:
    assert tesseract.PAGE == 3
    assert ink.unread(ink.ink_of(np.full((2339, 1654), 255, np.uint8), DPI), []).share == 0.0
