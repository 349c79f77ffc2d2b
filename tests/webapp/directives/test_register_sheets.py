"""A register as a PDF to be printed: every word of every row, headings on every page."""

import io
from collections.abc import Callable

import pdfplumber
import pytest
from flask import Flask

from webapp.directives.register_sheets import Column, Register, to_pdf

COLUMNS = (Column("Số, ký hiệu", 17), Column("Ngày", 12, is_centred=True), Column("Trích yếu", 40))


@pytest.fixture
def pages(app: Flask) -> Callable[..., list[str]]:
    def pages(*rows: tuple[str, str, str]) -> list[str]:
        with app.test_request_context():
            content = to_pdf(Register("Tổng Liên đoàn", "Liên đoàn Lao động tỉnh", "SỔ ĐĂNG KÝ", "Năm 2025", COLUMNS, rows))
        with pdfplumber.open(io.BytesIO(content)) as book:
            return [page.extract_text() for page in book.pages]

    return pages


def test_every_word_stands_there_and_each_page_has_the_headings(pages: Callable[..., list[str]]) -> None:
    found = pages(*((f"{n:02}/KH-LĐLĐ", "05/03/2025", f"về việc tổ chức hội thi lần thứ {n}") for n in range(1, 90)))
    assert len(found) > 1
    assert all("Số, ký hiệu Ngày Trích yếu" in page for page in found)
    assert [f"{n:02}/KH-LĐLĐ 05/03/2025 về việc tổ chức hội thi lần thứ {n}" in "\n".join(found) for n in range(1, 90)] == [
        True
    ] * 89
    assert found[-1].endswith(f"Trang {len(found)}/{len(found)}")


def test_a_row_taller_than_a_page_goes_on_in_the_next(pages: Callable[..., list[str]]) -> None:
    found = pages(("01/KH-LĐLĐ", "05/03/2025", " ".join(f"chữ{n}" for n in range(900))))
    assert len(found) > 1
    said = " ".join(found).split()
    assert [word for word in said if word.startswith("chữ")] == [f"chữ{n}" for n in range(900)]


def test_a_word_wider_than_its_column_is_broken(pages: Callable[..., list[str]]) -> None:
    text = pages(("1" * 60, "", "x"))[0]
    assert sum(line.split()[0].count("1") for line in text.splitlines() if line.startswith("1")) == 60


def test_an_empty_register_has_its_headings(pages: Callable[..., list[str]]) -> None:
    assert "Số, ký hiệu Ngày Trích yếu" in pages()[0]
