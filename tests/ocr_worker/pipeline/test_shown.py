"""However a page is stored, text, page picture and searchable PDF show it as a viewer does: upright, in proportion, dark on white."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageFont

from domain.archive.reading import Box, PageReading, Source, Word
from ocr_worker.pipeline.pages import RENDER_DPI, open_document
from ocr_worker.pipeline.pictures import page_image
from ocr_worker.pipeline.read import read_page
from ocr_worker.pipeline.searchable import searchable_pdf
from tests.ocr_worker.pipeline.made_pages import DPI, FONT, Gray, letter

PAPER, INK = 235, 40  # of a scanner: neither is pure
SIZE = (414, 584)  # A4 at 50 dpi
GRAY_DPI = 100
_CELLS = (24, 34)


def page() -> Image.Image:
    """A page that looks different from each side and in a mirror."""
    picture = Image.new("L", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT.format("Bold"), 44)
    draw.text((30, 30), "KẾ HOẠCH", fill=INK, font=font)
    draw.text((30, 110), "Số 47", fill=INK, font=font)
    draw.rectangle((300, 450, 390, 480), fill=INK)
    return picture


_LAB = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")


def _alpha(gray: Image.Image) -> Image.Image:
    return gray.point([255 - level for level in range(256)])


def _scaled(gray: Image.Image, white: int, kind: Any) -> Image.Image:
    return Image.fromarray((np.asarray(gray, np.float64) * white / 255).astype(kind))


MADE: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "bitonal": ("TIFF", lambda gray: gray.convert("1")),
    "bitonal PNG": ("PNG", lambda gray: gray.convert("1")),
    "grey": ("JPEG", lambda gray: gray),
    "colour": ("JPEG", lambda gray: gray.convert("RGB")),
    "YCbCr": ("TIFF", lambda gray: gray.convert("YCbCr")),
    "CMYK": ("JPEG", lambda gray: gray.convert("RGB").convert("CMYK")),
    "CMYK TIFF": ("TIFF", lambda gray: gray.convert("RGB").convert("CMYK")),
    "palette": ("PNG", lambda gray: gray.convert("RGB").convert("P")),
    "16 bits": ("PNG", lambda gray: _scaled(gray, 65535, np.uint16)),
    "16 bits TIFF": ("TIFF", lambda gray: _scaled(gray, 65535, np.uint16)),
    "12 bits": ("TIFF", lambda gray: _scaled(gray, 4095, np.uint16)),
    "32 bits": ("TIFF", lambda gray: _scaled(gray, 65535, np.int32)),
    "fractions": ("TIFF", lambda gray: _scaled(gray, 1, np.float32)),
    "Lab": ("TIFF", lambda gray: ImageCms.applyTransform(gray.convert("RGB"), _LAB) or gray),
    "HEIC": ("HEIF", lambda gray: gray.convert("RGB")),
    "WebP": ("WEBP", lambda gray: gray.convert("RGB")),
    "ink alone": ("PNG", lambda gray: Image.merge("LA", (gray.point([0] * 256), _alpha(gray)))),
    "ink alone in colour": ("PNG", lambda gray: Image.merge("RGBA", [*[gray.point([0] * 256)] * 3, _alpha(gray)])),
}
_STORED = {  # how a page must be stored for this EXIF orientation to show it upright
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(path: Path, kind: str, orientation: int, squeezed: tuple[int, int] = (1, 1)) -> Path:
    """The page in a file, its rows or columns taken out as a fax machine does (every first of so many stays)."""
    file_format, made = MADE[kind]
    across, down = squeezed if file_format in ("JPEG", "PNG", "TIFF") else (1, 1)  # the others state no resolution
    picture = made(page().resize((SIZE[0] // across, SIZE[1] // down), Image.Resampling.BOX))
    turn = _STORED[orientation]
    dpi = (GRAY_DPI // across, GRAY_DPI // down)
    exif = Image.Exif()
    exif[274] = orientation
    picture = picture if turn is None else picture.transpose(turn)
    packed = {"compression": {"bitonal": "group4", "CMYK TIFF": "tiff_lzw"}.get(kind)} if file_format == "TIFF" else {}
    picture.save(
        path,
        file_format,
        exif=exif if file_format == "TIFF" else exif.tobytes(),
        dpi=dpi if orientation < 5 else dpi[::-1],
        **packed,
    )
    return path


def alike(one: Image.Image, other: Image.Image) -> float:
    """How alike two pictures of a page are, from -1 to 1."""
    cells = [np.asarray(image.convert("L").resize(_CELLS, Image.Resampling.BOX), float).ravel() for image in (one, other)]
    return float(np.corrcoef(np.stack(cells))[0, 1])


def bound(path: Path) -> tuple[Image.Image, tuple[float, float]]:
    """Page 1 of the searchable PDF, and where a word stands that was laid at 0.3 and 0.2 of it."""
    with open_document(path) as document:
        scan, pages = document.scan(1), range(1, document.page_count + 1)
    height, width = scan.gray.shape
    word = Word("KIEMTRA", Box(0.3, 0.2, 0.2, 0.02), 0.9, 0)
    readings = [PageReading(number, Source.OCR, "KIEMTRA", (word,), 0.9, width, height, scan.dpi) for number in pages]
    made = searchable_pdf(path, readings)
    with pypdfium2.PdfDocument(made) as pdf:
        sheet = pdf[0]
        across, along = sheet.get_size()
        text = sheet.get_textpage()
        left, _, _, top = text.get_charbox(text.get_text_range().find("K"))
        x0, _, _, y1 = sheet.get_bbox()
        return sheet.render(scale=600 / max(across, along)).to_pil(), ((left - x0) / across, (y1 - top) / along)


@given(st.sampled_from(sorted(MADE)), st.integers(1, 8), st.sampled_from([(1, 1), (1, 2), (2, 1)]))
def test_a_page_is_shown_upright_square_and_dark_on_white(kind: str, orientation: int, squeezed: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = stored(Path(folder) / "trang", kind, orientation, squeezed)
        with open_document(path) as document:
            gray, picture = document.scan(1).gray, document.picture(1, 600)
        searchable, place = bound(path)
    for seen in (Image.fromarray(gray), picture, searchable):
        assert seen.height / seen.width == pytest.approx(SIZE[1] / SIZE[0], rel=0.02)
        assert alike(seen, page()) > 0.93
        assert np.median(np.asarray(seen.convert("L"))) > 200
    assert place == pytest.approx((0.3, 0.2), abs=0.02)


def pdf_of(path: Path, width: float = 595, height: float = 842, **image: Any) -> Path:
    """A PDF of one page that is filled by the grey page, its image dictionary as told."""
    with pikepdf.new() as pdf:
        made = {name: value(pdf) if callable(value) else value for name, value in image.items()}
        gray = page()
        entries = {"Width": gray.width, "Height": gray.height, "BitsPerComponent": 8, "ColorSpace": pikepdf.Name.DeviceGray}
        whole = pikepdf.Stream(
            pdf, gray.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, **(entries | made)
        )  # fmt: skip
        sheet = pdf.add_blank_page(page_size=(width, height))
        sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=whole))
        sheet.Contents = pdf.make_stream(f"q {width} 0 0 {height} 0 0 cm /Scan Do Q".encode())
        pdf.save(path)
    return path


def _ink_as_mask(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """A mask that lets only the ink through."""
    return pikepdf.Stream(
        pdf, _alpha(page()).tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=SIZE[0], Height=SIZE[1],
        BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray,
    )  # fmt: skip


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"SMask": _ink_as_mask},
        {"SMask": _ink_as_mask, "Decode": [0, 0]},  # black all over, but for its mask
        {"Mask": [200, 255]},  # a colour that is let out
    ],
    ids=["plain", "soft mask", "black under a mask", "colour key"],
)
def test_an_image_in_a_pdf_is_seen_through_its_mask(tmp_path: Path, image: dict[str, Any]) -> None:
    with open_document(pdf_of(tmp_path / "a.pdf", **image)) as document:
        for seen in (Image.fromarray(document.scan(1).gray), document.picture(1, 600)):
            assert alike(seen, page()) > 0.9
            assert np.median(np.asarray(seen.convert("L"))) > 200


def test_what_lies_over_a_scan_is_read_with_it(tmp_path: Path) -> None:
    path = pdf_of(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        drawn = pikepdf.Stream(
            pdf, b"0 g 0 0 200 40 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 200, 40]
        )
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[100, 300, 300, 340], F=4, AP=pikepdf.Dictionary(N=drawn)
        )
        pdf.pages[0].Annots = [pdf.make_indirect(note)]
        pdf.save(path)
    with open_document(path) as document:
        gray = document.scan(1).gray
    height, width = gray.shape
    assert gray[round(height * (1 - 320 / 842)), round(width * 200 / 595)] < 30


@pytest.mark.parametrize("unit", [0.1, 1])
def test_a_sheet_that_counts_in_other_units_has_a_page_picture_of_the_usual_size(tmp_path: Path, unit: float) -> None:
    path = pdf_of(tmp_path / "a.pdf", 595 * unit, 842 * unit)
    with Image.open(io.BytesIO(page_image(path, 1))) as picture:
        assert picture.size == (1202, 1700)


def test_a_small_sheet_is_drawn_as_large_as_its_letters_need(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(59.5, 84.2))
        pdf.add_blank_page(page_size=(20, 600))
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(tmp_path / "a.pdf")
    with open_document(tmp_path / "a.pdf") as document:
        small, strip, usual = (document.scan(number).gray.shape for number in (1, 2, 3))
    assert min(small) == pytest.approx(1654, abs=3)
    assert strip[0] * strip[1] == pytest.approx(2480 * 3508, rel=0.02)
    assert min(usual) == pytest.approx(595 / 72 * RENDER_DPI, abs=2)


def test_words_lie_on_a_sheet_that_is_given_from_its_far_corner(tmp_path: Path) -> None:
    path = pdf_of(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].MediaBox = [595, 842, 0, 0]
        pdf.save(path)
    assert bound(path)[1] == pytest.approx((0.3, 0.2), abs=0.02)


def test_thumbnails_and_masks_of_a_tiff_are_no_pages(tmp_path: Path) -> None:
    first, last = page(), page().transpose(Image.Transpose.ROTATE_180)
    beside = []
    for tag, kind in ((254, 1), (254, 4), (255, 2)):
        small = page().resize((40, 60))
        small.encoderinfo = {"tiffinfo": {tag: kind}}
        beside.append(small)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[*beside, last])
    with open_document(tmp_path / "a.tif") as document:
        assert document.page_count == 2
        assert alike(Image.fromarray(document.scan(2).gray), last) > 0.99


def test_a_picture_that_moves_or_has_a_second_one_inside_is_one_page(tmp_path: Path) -> None:
    page().save(tmp_path / "a.png", save_all=True, append_images=[Image.new("L", SIZE, 0)])
    page().convert("RGB").save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[Image.new("RGB", (60, 80))])
    for name in ("a.png", "a.jpg"):
        with open_document(tmp_path / name) as document:
            assert document.page_count == 1
            assert alike(document.picture(1, 600), page()) > 0.99


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (15, 15), (40, 3)])
def test_a_page_too_small_for_a_letter_is_blank(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 0).save(tmp_path / "a.png")
    assert read_page(tmp_path / "a.png", 1).source is Source.BLANK


@pytest.mark.reading
def test_a_fax_and_a_grey_scan_of_16_bits_are_read(tmp_path: Path) -> None:
    def scanned(gray: Gray) -> Image.Image:
        return _scaled(Image.fromarray((55 + gray * (180 / 255)).astype(np.uint8)), 65535, np.uint16)

    scanned(letter()).save(tmp_path / "a.png", dpi=(DPI, DPI))
    fax = Image.fromarray(letter())
    rows = fax.resize((fax.width, fax.height // 2), Image.Resampling.BOX)
    rows.point([0] * 170 + [255] * 86).convert("1").save(tmp_path / "a.tif", compression="group4", dpi=(DPI, DPI // 2))
    for name in ("a.png", "a.tif"):
        text = read_page(tmp_path / name, 1).text
        assert "Số: 12/KH-LĐLĐ" in text
        assert "Văn phòng chịu trách nhiệm số hóa văn bản, lưu trữ hồ sơ và hướng dẫn cách" in text


@pytest.mark.reading
def test_a_text_layer_that_cannot_be_parsed_leaves_the_page_to_its_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    Image.fromarray(letter()).save(path, resolution=DPI)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].Resources.Font = pikepdf.Dictionary(F=font)
        pdf.pages[0].contents_add(pdf.make_stream(b"BT /F 12 Tf 3 Tr 100 100 Td (a) Tj ET"))
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    made = path.read_bytes()
    place = made.rindex(b"startxref") + len(b"startxref\n")
    path.write_bytes(made[:place] + b"7\n%%EOF\n")
    assert "Số: 12/KH-LĐLĐ" in read_page(path, 1).text
