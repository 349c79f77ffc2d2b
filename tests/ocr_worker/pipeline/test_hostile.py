"""Files that were made to do harm are refused, or read as the blank pages that they are."""

import base64
from pathlib import Path

import pytest

from domain.archive.reading import Source
from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from ocr_worker.pipeline.reader import Reader
from storage.ground.spreadsheets import read_in_sandbox, table_of
from tests import hostile


@pytest.mark.parametrize("name", hostile.WORKBOOKS)
def test_a_workbook_with_entities_is_refused(name: str) -> None:
    assert read_in_sandbox(base64.b64encode(hostile.WORKBOOKS[name]).decode()) == "not_a_table"


def test_the_same_workbook_without_them_is_read() -> None:
    tables = read_in_sandbox(base64.b64encode(hostile.workbook("", "Số 05")).decode())
    assert table_of(tables[0]).rows[0].cells == ("Số 05",)


def test_pdfs_that_lie_about_their_pages_or_want_to_act_are_blank_or_refused(tmp_path: Path) -> None:
    found: dict[str, str] = {}
    with Reader() as reader:
        for name, content in hostile.PDFS.items():
            path = tmp_path / "file"
            path.write_bytes(content)
            assert reader.inspect(path).page_count == 1
            try:
                found[name] = reader.read_page(path, 1).source
            except FileRefused as refused:
                found[name] = refused.reason
    assert found == {
        "pages that hold themselves": Refusal.TRUNCATED,
        "two thousand million pages": Source.BLANK,
        "a script and a program to launch": Source.BLANK,
        "a web page as well": Source.BLANK,
    }
