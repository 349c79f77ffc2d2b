"""Workbooks that people download, read back as their programs read them."""

import io
import zipfile

from openpyxl import load_workbook
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from webapp.ground.workbooks import Sheet, write


def read(content: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(content)).worksheets[0]


def test_rows_are_numbered_below_a_bold_preface() -> None:
    sheet = read(write("Danh sách", [6, 30, 9], [["STT", "Việc", "Số"]], [["Họp <giao ban> & tổng kết", 12], ["", 0]]))
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["STT", "Việc", "Số"],
        [1, "Họp <giao ban> & tổng kết", 12],
        [2, None, 0],
    ]
    assert (sheet.title, sheet.column_dimensions["B"].width) == ("Danh sách", 30)
    assert [row[1].font.b for row in sheet.iter_rows()] == [True, False, False]
    assert sheet["B2"].alignment.wrap_text


def test_nothing_is_taken_for_a_formula() -> None:
    texts = ["=1+1", "+84", "-5", "@SUM(A1)", "05/KH-LĐLĐ"]
    sheet = read(write("x", [6, 30], [], [[text] for text in texts]))
    cells = [row[1] for row in sheet.iter_rows()]
    assert [cell.value for cell in cells] == texts
    assert [cell.data_type for cell in cells] == ["s"] * 5
    assert [bool(cell.quotePrefix) for cell in cells] == [True, True, True, True, False]


def test_what_no_file_can_hold_is_left_out_and_blanks_stay() -> None:
    sheet = read(write("x", [6, 30], [], [["  hai\x0b dòng\nmột ô "]]))
    assert sheet["B1"].value == "  hai dòng\nmột ô "


def test_a_look_has_its_border_and_an_empty_row_counts() -> None:
    side = Side(style="thin")
    made = Sheet("x", [10, 10])
    look = made.look(border=Border(side, side, side, side))
    made.append()
    made.append(["a", ""], [look, look])
    sheet = read(made.saved())
    assert [sheet.cell(2, column).border.left.style for column in (1, 2)] == ["thin", "thin"]
    assert sheet["A2"].value == "a"


def test_the_file_names_no_part_twice() -> None:
    with zipfile.ZipFile(io.BytesIO(write("x", [6], [], []))) as book:
        assert len(book.namelist()) == len(set(book.namelist()))
