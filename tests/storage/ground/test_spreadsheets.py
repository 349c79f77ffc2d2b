"""Tables as people send them, read in the sandbox."""

import base64
import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import cast

import pytest
from openpyxl import Workbook

from storage.ground import spreadsheets
from storage.ground.spreadsheets import MAX_BYTES, Table, TableProblem, TableRefused, column_name, read_in_sandbox, table_of

TEXT = "Số;Ký hiệu;Trích yếu\n1;KH-LĐLĐ;Về việc nghỉ lễ Quốc khánh\n"
ROWS = [("Số", "Ký hiệu", "Trích yếu"), ("1", "KH-LĐLĐ", "Về việc nghỉ lễ Quốc khánh")]


def excel(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_tables(content: bytes) -> list[Table]:
    """The tables, read in this process: starting a sandbox takes a second."""
    answer = read_in_sandbox(base64.b64encode(content).decode())
    if isinstance(answer, str):
        raise TableRefused(cast(TableProblem, answer))
    return [table_of(values) for values in answer]


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def windows_1258(text: str) -> bytes:
    """The text as Windows wrote it: the tone behind its letter."""
    apart = "".join(
        unicodedata.normalize("NFC", "".join(part for part in letters if part not in tones))
        + "".join(part for part in letters if part in tones)
        for letters in (unicodedata.normalize("NFD", letter) for letter in text)
        for tones in ["\u0300\u0301\u0303\u0309\u0323"]
    )
    return apart.encode("cp1258")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_in_unicode_is_read_whatever_its_delimiter(encoding: str, delimiter: str) -> None:
    [table] = read_tables(TEXT.replace(";", delimiter).encode(encoding))
    assert cells(table) == ROWS


def test_csv_of_windows_and_of_the_years_before_unicode_is_read() -> None:
    assert cells(read_tables(windows_1258(TEXT))[0]) == ROWS
    tcvn3 = read_tables("Sè\tKý hiÖu\tTrÝch yÕu\n1\tKH-L§L§\tVÒ viÖc nghØ lÔ Quèc kh¸nh\n".encode("cp1252"))[0]
    assert cells(tcvn3)[1] == ROWS[1]
    assert tcvn3.encodings == ((1, "tcvn3"), (2, "tcvn3"))
    vni = read_tables("So,Trich yeu\n1,Veà vieäc nghæ leã Quoác khaùnh\n".encode("cp1252"))[0]
    assert cells(vni)[1] == ("1", "Về việc nghỉ lễ Quốc khánh")


def test_composed_and_decomposed_letters_come_out_the_same() -> None:
    [table] = read_tables(unicodedata.normalize("NFD", TEXT).encode())
    assert cells(table) == ROWS


def test_quoted_line_ends_and_the_line_about_the_delimiter_are_understood() -> None:
    [table] = read_tables('sep=;\r\n1;"dòng một\ndòng hai"\r\n'.encode())
    assert cells(table) == [("1", "dòng một dòng hai")]


def test_excel_gives_days_merges_hidden_columns_and_all_its_sheets() -> None:
    book = Workbook()
    first = book.worksheets[0]
    first.title = "Tháng 1"
    first.append(["SỔ ĐĂNG KÝ"])
    first.merge_cells("A1:C1")
    first.append([])
    first.append([1.0, date(2025, 1, 5), datetime(2025, 1, 5, 8, 30), "=1+1", True])
    first.column_dimensions["B"].hidden = True
    book.create_sheet("Trống")
    hidden = book.create_sheet("Ẩn")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    january, secret = read_tables(excel(book))
    assert [(row.number, row.cells) for row in january.rows] == [
        (1, ("SỔ ĐĂNG KÝ",)),
        (3, ("1", "2025-01-05", "2025-01-05 08:30", "", "1")),  # a formula that nobody calculated says nothing
    ]
    assert (january.merges, january.hidden, january.is_hidden) == (((1, 0, 1, 2),), frozenset({1}), False)
    assert (secret.name, secret.is_hidden) == ("Ẩn", True)
    assert table_of(january.as_json()) == january


def refusal(content: bytes, read: Callable[[bytes], list[Table]] = read_tables) -> str:
    with pytest.raises(TableRefused) as refused:
        read(content)
    return refused.value.reason


def test_what_is_no_table_is_refused_with_its_reason() -> None:
    assert refusal(b"") == "empty"
    assert refusal(b"\n\n;;\n") == "empty"
    assert refusal(b"x" * (MAX_BYTES + 1), spreadsheets.read_tables) == "too_large"
    assert refusal(b"PK\x03\x04 broken") == "not_a_table"
    assert refusal(b"%PDF-1.7\n\0\1\2") == "not_a_table"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert refusal(old) == "old_excel"
    assert refusal(old + "EncryptedPackage".encode("utf-16-le")) == "encrypted"


def test_a_million_columns_are_refused() -> None:
    assert refusal(b";".join([b"x"] * 1_000_000)) == "too_many_columns"
    book = Workbook()
    book.worksheets[0].cell(1, 16_000, "x")
    assert refusal(excel(book)) == "too_many_columns"


def test_too_many_rows_are_refused() -> None:
    assert refusal(b"1;2\n" * 50_001) == "too_many_rows"


def test_an_archive_that_would_swell_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED_BYTES", 1 << 20)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (4 << 20))
    assert refusal(target.getvalue()) == "too_large"


def test_a_workbook_with_an_entity_bomb_is_refused() -> None:
    book = excel(Workbook())
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    sheet = (
        f"{bomb}]><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'>"
        "<c r='A1' t='inlineStr'><is><t>&j;</t></is></c></row></sheetData></worksheet>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    assert refusal(target.getvalue(), spreadsheets.read_tables) in ("not_a_table", "too_hard")


def test_the_sandbox_gives_the_same_tables() -> None:
    assert [cells(table) for table in spreadsheets.read_tables(TEXT.encode())] == [ROWS]


def test_columns_are_named_as_excel_names_them() -> None:
    assert [column_name(index) for index in (0, 25, 26)] == ["A", "Z", "AA"]
