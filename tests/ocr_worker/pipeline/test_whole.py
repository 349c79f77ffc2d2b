"""What every viewer opens is read, and what was mended is said; a file of which a part is missing is refused."""

import io
from pathlib import Path

import pikepdf
import pytest

from domain.ground.errors import FileRefused
from domain.ground.files import Mended, Refusal
from ocr_worker.pipeline.intake import inspect
from ocr_worker.pipeline.limits import Limits
from ocr_worker.pipeline.pages import open_document
from ocr_worker.pipeline.reader import Reader
from tests.ocr_worker.pipeline.test_shown import alike, bound, page, pdf_of

LONG_TAIL = b"\x00" * 100_000


def jpeg(**options: object) -> bytes:
    made = io.BytesIO()
    page().save(made, "JPEG", quality=90, **options)
    return made.getvalue()


def png() -> bytes:
    made = io.BytesIO()
    page().save(made, "PNG")
    return made.getvalue()


def pdf(path: Path, pages: int = 3) -> bytes:
    with pikepdf.open(pdf_of(path)) as one, pikepdf.new() as made:
        for _ in range(pages):
            made.pages.extend(one.pages)
        made.save(path.with_suffix(".made"))
    return path.with_suffix(".made").read_bytes()


def reason(path: Path) -> str:
    with pytest.raises(FileRefused) as caught:
        inspect(path)
    return caught.value.reason


@pytest.mark.parametrize("is_progressive", [False, True])
@pytest.mark.parametrize("shape", ["no end", "long tail", "video behind it"])
def test_a_jpeg_without_its_end_or_with_more_behind_it_is_read(tmp_path: Path, shape: str, is_progressive: bool) -> None:
    whole = jpeg(progressive=is_progressive)
    content = {
        "no end": whole[:-2],
        "long tail": whole + LONG_TAIL,
        "video behind it": whole + b"\x00\x00\x00\x18ftypmp42" + LONG_TAIL,
    }[shape]
    (tmp_path / "a.jpg").write_bytes(content)
    assert inspect(tmp_path / "a.jpg").mended is Mended.END
    with open_document(tmp_path / "a.jpg") as document:
        assert alike(document.picture(1, 600), page()) > 0.99
    assert alike(bound(tmp_path / "a.jpg")[0], page()) > 0.93


@pytest.mark.parametrize("is_progressive", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_jpeg_of_which_rows_are_missing_is_refused(tmp_path: Path, share: float, is_progressive: bool) -> None:
    whole = jpeg(progressive=is_progressive)
    (tmp_path / "a.jpg").write_bytes(whole[: round(len(whole) * share)])
    assert reason(tmp_path / "a.jpg") == Refusal.TRUNCATED


def test_a_png_without_its_end_is_read_and_a_cut_one_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png()[:-12])
    assert inspect(tmp_path / "a.png").mended is Mended.END
    with open_document(tmp_path / "a.png") as document:
        assert alike(document.picture(1, 600), page()) > 0.99
    (tmp_path / "b.png").write_bytes(png()[: len(png()) // 2])
    assert reason(tmp_path / "b.png") == Refusal.TRUNCATED


@pytest.mark.parametrize("shape", ["no end", "long tail", "wrong table"])
def test_a_pdf_that_a_viewer_rebuilds_is_read(tmp_path: Path, shape: str) -> None:
    whole = pdf(tmp_path / "a.pdf")
    table = whole.rindex(b"startxref")
    content = {
        "no end": whole[:table],
        "long tail": whole + LONG_TAIL,
        "wrong table": whole[:table] + b"startxref\n7\n%%EOF\n",
    }[shape]
    (tmp_path / "b.pdf").write_bytes(content)
    with Reader() as reader:
        summary = reader.inspect(tmp_path / "b.pdf")
    assert (summary.page_count, summary.mended) == (3, Mended.TABLE)
    with open_document(tmp_path / "b.pdf") as document:
        assert alike(document.picture(3, 600), page()) > 0.99
    assert alike(bound(tmp_path / "b.pdf")[0], page()) > 0.93


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_a_pdf_that_lacks_a_page_or_a_part_of_one_is_refused(tmp_path: Path, share: float) -> None:
    whole = pdf(tmp_path / "a.pdf")
    objects = whole.rindex(b"xref\n", 0, whole.rindex(b"startxref"))
    (tmp_path / "b.pdf").write_bytes(whole[: round(objects * share)])
    assert reason(tmp_path / "b.pdf") == Refusal.TRUNCATED


def test_whole_files_have_nothing_mended(tmp_path: Path) -> None:
    for name, content in {"a.jpg": jpeg(), "a.png": png(), "a.pdf": pdf(tmp_path / "c.pdf")}.items():
        (tmp_path / name).write_bytes(content)
        assert inspect(tmp_path / name).mended is None


def test_files_that_a_pdf_carries_are_named(tmp_path: Path) -> None:
    path = pdf_of(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as carrier:
        for name in ("phụ lục.pdf", "thu_muc/bang.xlsx"):
            carrier.attachments[name] = b"content"
        carrier.save(path)
    with Reader() as reader:
        assert reader.inspect(path).beside == ("bang.xlsx", "phụ lục.pdf")


@pytest.mark.parametrize("name", ["HEIF", "WEBP"])
def test_a_photo_of_a_phone_that_was_cut_is_refused(tmp_path: Path, name: str) -> None:
    made = io.BytesIO()
    page().convert("RGB").save(made, name)
    (tmp_path / "a").write_bytes(made.getvalue()[: len(made.getvalue()) // 2])
    with pytest.raises(FileRefused) as caught, open_document(tmp_path / "a") as document:
        document.scan(1)
    assert caught.value.reason == Refusal.TRUNCATED


def test_a_heic_that_says_it_is_huge_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    page().convert("RGB").save(tmp_path / "a.heic", "HEIF")
    with pytest.raises(FileRefused) as caught:
        inspect(tmp_path / "a.heic", Limits(max_pixels=1000))
    assert caught.value.reason == Refusal.TOO_MANY_PIXELS
