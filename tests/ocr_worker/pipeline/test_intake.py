"""What a file is, whatever its name says, and which files are refused."""

import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from domain.ground.errors import FileRefused
from domain.ground.files import MediaType, Refusal
from ocr_worker.pipeline.intake import inspect
from ocr_worker.pipeline.limits import Limits


def pdf(path: Path, pages: int, **options: object) -> Path:
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(path, **options)  # type: ignore[arg-type]
    return path


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as caught:
        inspect(path, limits or Limits())
    return caught.value.reason


def test_a_pdf_under_a_wrong_name_is_a_pdf(tmp_path: Path) -> None:
    summary = inspect(pdf(tmp_path / "anh.jpg", 3))
    assert (summary.media_type, summary.page_count) == (MediaType.PDF, 3)


def test_a_file_of_a_thousand_pages_is_fine(tmp_path: Path) -> None:
    assert inspect(pdf(tmp_path / "day.pdf", 1000)).page_count == 1000


def test_a_tiff_has_the_pages_it_holds(tmp_path: Path) -> None:
    pages = [Image.new("1", (100, 140), 1) for _ in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert inspect(tmp_path / "a.tif").page_count == 3


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    assert refusal(tmp_path / "a.pdf") == Refusal.EMPTY


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.pdf") == Refusal.MISSING


def test_a_text_named_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("Kế hoạch")
    assert refusal(tmp_path / "a.pdf") == Refusal.NOT_A_DOCUMENT


def test_a_pdf_under_a_password_is_refused(tmp_path: Path) -> None:
    assert refusal(pdf(tmp_path / "a.pdf", 1, encryption=pikepdf.Encryption(user="x", owner="y"))) == Refusal.ENCRYPTED


def test_a_pdf_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    whole = pdf(tmp_path / "a.pdf", 5).read_bytes()
    (tmp_path / "b.pdf").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "b.pdf") == Refusal.TRUNCATED


def test_a_jpeg_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    Image.effect_noise((300, 300), 50).save(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:4000])
    assert refusal(tmp_path / "b.jpg") == Refusal.TRUNCATED


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    assert refusal(pdf(tmp_path / "a.pdf", 0)) in (Refusal.NO_PAGES, Refusal.TRUNCATED)


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    assert refusal(pdf(tmp_path / "a.pdf", 6), Limits(max_pages=5)) == Refusal.TOO_MANY_PAGES


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    assert refusal(pdf(tmp_path / "a.pdf", 1), Limits(max_bytes=10)) == Refusal.TOO_LARGE


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_header(60_000, 60_000))
    assert refusal(tmp_path / "a.png") == Refusal.TOO_MANY_PIXELS
