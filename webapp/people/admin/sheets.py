"""Lists that people send, read in the sandbox (storage/ground/spreadsheets.py) within own limits; and the templates they fill in."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from storage.ground.spreadsheets import TableRefused, TableRow, read_tables

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 2000  # the whole union has fewer than 1,500 units


def read_sheet(content: bytes) -> list[TableRow]:
    """The rows that say something of the first sheet that has any, headings first; raises TableRefused."""
    if len(content) > MAX_BYTES:
        raise TableRefused("too_large")
    rows = list(read_tables(content)[0].rows)
    if len(rows) > MAX_ROWS + 1:
        raise TableRefused("too_many_rows")
    return rows


def template(title: str, headings: Sequence[str], examples: Iterable[Sequence[object]]) -> bytes:
    """An Excel file with the headings and some rows to show how it is filled in."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    sheet.append(list(headings))
    for example in examples:
        sheet.append(list(example))
    for index, heading in enumerate(headings, 1):
        sheet.cell(1, index).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = max(16, len(heading) + 4)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy"
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
