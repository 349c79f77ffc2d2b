"""Reading real pixels by Tesseract: errors stay low on worn pages, and rise when a step of the preparation is left out."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from domain.archive.reading import PageReading, Source
from domain.archive.secrecy import Rule
from domain.ground.vietnamese import fold
from ocr_worker.metadata.fields import propose
from ocr_worker.pipeline import tesseract
from ocr_worker.pipeline.marks import find_mark
from ocr_worker.pipeline.pictures import page_image
from ocr_worker.pipeline.read import read_page
from ocr_worker.pipeline.searchable import searchable_pdf
from ocr_worker.pipeline.wire import page_from_json, page_to_json
from ocr_worker.refusals import EngineMissing
from tests.ocr_worker.pipeline.made_pages import DPI, TEXT, Gray, letter, noisy, photocopied, skewed, stamped

pytestmark = pytest.mark.reading
Save = Callable[..., Path]


def character_errors(read: str, printed: str = TEXT) -> float:
    """Edit distance over length, spaces and line ends taken as one."""
    got, want = " ".join(read.split()), " ".join(printed.split())
    row = np.arange(len(want) + 1)
    place = np.arange(len(want) + 1)
    letters = np.array([ord(letter) for letter in want])
    for number, letter_ in enumerate(got, 1):
        following = np.empty_like(row)
        following[0] = number
        np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter_)), out=following[1:])
        row = np.minimum.accumulate(following - place) + place
    return float(row[-1]) / len(want)


def bare(page: Gray) -> str:
    """What Tesseract makes of the page as it is."""
    return " ".join(word.text for word in tesseract.recognise(page, DPI))


def test_a_clean_page_is_read_in_order(saved: Save) -> None:
    page = read_page(saved(letter()), 1)
    assert page.source is Source.OCR
    assert character_errors(page.text) < 0.01
    assert (page.dpi, page.rotation_deg, page.skew_deg) == (DPI, 0, 0.0)


def test_fields_of_a_clean_page_are_proposed(saved: Save) -> None:
    fields = {name: field.value for name, field in propose([read_page(saved(letter()), 1)]).items()}
    abstract = fields.pop("abstract")
    assert fields == {
        "number": "12",
        "symbol": "KH-LĐLĐ",
        "kind": "Kế hoạch",
        "date": "2025-02-05",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH MẪU",
        "signer": "Nguyễn Văn Mẫu",
        "signer_title": "CHỦ TỊCH",
    }
    assert (
        fold(abstract) == "trien khai phong hop khong giay to nam 2025"
    )  # one accent may slip, see the errors of a clean page


def test_a_photocopy_is_read_only_when_its_paper_is_evened(saved: Save) -> None:
    copy = photocopied(letter())
    assert character_errors(read_page(saved(copy), 1).text) < 0.02
    assert character_errors(bare(copy)) > 0.1


def test_a_noisy_and_skewed_page_is_read(saved: Save) -> None:
    worn = noisy(skewed(letter(), 2.0))
    page = read_page(saved(worn), 1)
    assert character_errors(page.text) < 0.03
    assert page.skew_deg == pytest.approx(-2.0, abs=0.15)
    assert character_errors(bare(worn)) > 2 * character_errors(page.text)


@pytest.mark.parametrize("stored_deg", [90, 180])
def test_a_turned_page_is_read_and_its_boxes_lie_on_the_upright_picture(saved: Save, stored_deg: int) -> None:
    path = saved(np.rot90(letter(), k=-(stored_deg // 90)))
    page = read_page(path, 1)
    assert (page.rotation_deg + stored_deg) % 360 == 0
    assert character_errors(page.text) < 0.02
    picture = np.asarray(Image.open(io.BytesIO(page_image(path, 1, page.rotation_deg))).convert("L"))
    assert ink_under(page, picture, "Thường") > 0.1


def test_boxes_of_a_skewed_page_lie_on_its_words(saved: Save) -> None:
    worn = skewed(letter(), -2.5)
    page = read_page(saved(worn), 1)
    everywhere = [ink_under(page, worn, word.text) for word in page.words if len(word.text) > 3]
    assert min(everywhere) > 0.05
    covered = np.zeros(worn.shape, bool)
    for word in page.words:
        covered[rows_and_columns(word.box, worn)] = True
    assert (worn[~covered] < 128).sum() < 0.03 * (worn < 128).sum()


def rows_and_columns(box: object, picture: Gray) -> tuple[slice, slice]:
    height, width = picture.shape
    x, y, across, down = (getattr(box, name) for name in ("x", "y", "width", "height"))
    return slice(int(y * height), int((y + down) * height) + 1), slice(int(x * width), int((x + across) * width) + 1)


def ink_under(page: PageReading, picture: Gray, text: str) -> float:
    word = next(word for word in page.words if word.text == text)
    return float((picture[rows_and_columns(word.box, picture)] < 128).mean())


def test_a_blank_page_is_blank(saved: Save) -> None:
    page = read_page(saved(noisy(np.full((2339, 1654), 245, np.uint8))), 1)
    assert (page.source, page.text, page.words, page.confidence) == (Source.BLANK, "", (), 1.0)


def test_a_scan_inside_a_pdf_is_taken_out_as_it_is(saved: Save, tmp_path: Path) -> None:
    path = saved(letter(), "a.pdf", resolution=DPI)
    page = read_page(path, 1)
    assert page.width_px == 1654
    assert abs(page.dpi - DPI) <= 1
    assert character_errors(page.text) < 0.01


@pytest.mark.parametrize(("lettering", "rule"), [("MẬT", Rule.SECRET), ("TỐI MẬT", Rule.HIGHLY_SECRET)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_mark_is_seen_before_the_page_is_read(saved: Save, lettering: str, rule: Rule, mode: str) -> None:
    mark = find_mark(saved(stamped(letter(), lettering).convert(mode)), 1)
    assert mark is not None
    assert (mark.rule, mark.page) == (rule, 1)


def test_a_stamp_of_urgency_is_no_mark_of_secrecy_but_a_field(saved: Save) -> None:
    path = saved(stamped(letter(), "KHẨN"))
    assert find_mark(path, 1) is None
    assert propose([read_page(path, 1)])["urgency"].value == "Khẩn"


def test_a_page_without_stamps_bears_no_mark(saved: Save) -> None:
    assert find_mark(saved(letter()), 1) is None


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "pdf"])
def test_a_searchable_pdf_keeps_the_scan_and_gives_the_words_in_order(saved: Save, tmp_path: Path, ending: str) -> None:
    path = saved(letter(), f"a.{ending}", **({"resolution": DPI} if ending == "pdf" else {}))
    page = read_page(path, 1)
    made = tmp_path / "made.pdf"
    made.write_bytes(searchable_pdf(path, [page]))
    copied = subprocess.run(["pdftotext", "-raw", str(made), "-"], capture_output=True, check=True, text=True).stdout
    assert copied.split() == page.text.split()
    if ending == "jpg":
        with pikepdf.open(made) as pdf:
            assert next(iter(pdf.pages[0].get_images().values())).read_raw_bytes() == path.read_bytes()


def test_a_bad_layer_of_another_program_is_replaced(saved: Save, tmp_path: Path) -> None:
    path = saved(letter(), "a.pdf", resolution=DPI)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.F1)
        page.contents_add(b"BT 3 Tr /F1 9 Tf 40 700 Td (THUC HIEN CAC NGHI QUYET VE CHUYEN DOI SO CUA CAC CAP) Tj ET")
        pdf.save(path)
    page_read = read_page(path, 1)
    assert page_read.source is Source.OCR
    made = tmp_path / "made.pdf"
    made.write_bytes(searchable_pdf(path, [page_read]))
    copied = subprocess.run(["pdftotext", "-raw", str(made), "-"], capture_output=True, check=True, text=True).stdout
    assert "CHUYEN DOI" not in copied
    assert copied.split() == page_read.text.split()


def test_a_good_text_layer_is_taken_with_its_boxes(saved: Save, tmp_path: Path) -> None:
    path = saved(letter())
    page = read_page(path, 1)
    made = tmp_path / "made.pdf"
    made.write_bytes(searchable_pdf(path, [page]))
    again = read_page(made, 1)
    assert again.source is Source.TEXT_LAYER
    assert again.text.split() == page.text.split()


def test_pictures_for_people_are_webp_of_the_size_asked(saved: Save) -> None:
    path = saved(letter())
    assert Image.open(io.BytesIO(page_image(path, 1, 90))).size == (1700, 1202)
    small = Image.open(io.BytesIO(page_image(path, 1, max_px=240)))
    assert (small.format, max(small.size)) == ("WEBP", 240)


def test_a_reading_goes_through_the_wire_unchanged(saved: Save) -> None:
    page = read_page(saved(letter()), 1)
    assert page_from_json(page_to_json(page)) == page


def test_a_missing_language_is_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/nonexistent")
    with pytest.raises(EngineMissing):
        tesseract.probe()
