"""Excel workbooks that people download: a preface in bold, then numbered rows. No cell is ever taken for a formula."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Value = str | int


def write(title: str, widths: Sequence[int], preface: Iterable[Sequence[Value]], rows: Iterable[Sequence[Value]]) -> bytes:
    """A workbook of one sheet; `widths` are those of the columns, in characters, the first that of the number."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for line in preface:
        sheet.append([cell(sheet, value, is_bold=True) for value in line])
    for number, row in enumerate(rows, start=1):
        sheet.append([cell(sheet, value) for value in (number, *row)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cell(sheet: WriteOnlyWorksheet, value: Value, *, is_bold: bool = False) -> Cell:
    """A cell that no program takes for a formula, whatever stands in it."""
    if isinstance(value, int):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(_FORMULA_STARTS)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=is_bold)
    return cell
