"""Excel workbooks that people download: a preface in bold, then numbered rows. No cell is ever taken for a formula."""

import io
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import repeat
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font
from openpyxl.utils import get_column_letter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_SHEET = "xl/worksheets/sheet1.xml"
_NO_ROWS = b"<sheetData></sheetData>"

Value = str | int


def write(title: str, widths: Sequence[int], preface: Iterable[Sequence[Value]], rows: Iterable[Sequence[Value]]) -> bytes:
    """A workbook of one sheet; `widths` are those of the columns, in characters, the first that of the number."""
    sheet = Sheet(title, widths)
    bold, plain = sheet.look(is_bold=True), sheet.look()
    for line in preface:
        sheet.append(line, repeat(bold))
    for number, row in enumerate(rows, start=1):
        sheet.append((number, *row), repeat(plain))
    return sheet.saved()


Look = tuple[int, int]  # the styles of a cell, as they are and marked as text whatever it begins with


class Sheet:
    """A workbook of one sheet. All but its rows is openpyxl's; rows are written here, for there may be a hundred thousand."""

    def __init__(self, title: str, widths: Sequence[int]) -> None:
        self._book = Workbook(write_only=True)
        self.page: Any = self._book.create_sheet(title)  # how it is printed
        for number, width in enumerate(widths, start=1):
            self.page.column_dimensions[get_column_letter(number)].width = width
        self._rows = io.BytesIO()
        self._count = 0

    def look(self, *, is_bold: bool = False, alignment: Alignment = _WRAPPED, border: Border | None = None) -> Look:
        """How cells may look; the workbook is told once."""
        model: Any = WriteOnlyCell(self.page)
        model.font, model.alignment = Font(bold=is_bold), alignment
        if border:
            model.border = border
        plain = int(model.style_id)
        model._style = copy(model._style)  # the workbook holds on to the first
        model.quotePrefix = True
        return plain, int(model.style_id)

    def append(self, values: Iterable[Value] = (), looks: Iterable[Look] = ()) -> None:
        """Add a row, as many cells as there are values."""
        self._count += 1
        cells = (
            _cell(f"{get_column_letter(number)}{self._count}", value, look)
            for number, (value, look) in enumerate(zip(values, looks, strict=False), start=1)
        )
        self._rows.write(f'<row r="{self._count}">{"".join(cells)}</row>'.encode("utf-8", "replace"))

    def saved(self) -> bytes:
        """The workbook as a file."""
        target, skeleton = io.BytesIO(), io.BytesIO()
        self._book.save(skeleton)
        with zipfile.ZipFile(skeleton) as made, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
            for name in made.namelist():
                if name != _SHEET:
                    whole.writestr(name, made.read(name))
            before, after = made.read(_SHEET).split(_NO_ROWS)
            self._rows.seek(0)
            with whole.open(_SHEET, "w", force_zip64=True) as part:
                part.write(before + b"<sheetData>")
                shutil.copyfileobj(self._rows, part, 1 << 20)
                part.write(b"</sheetData>" + after)
        return target.getvalue()


def _cell(place: str, value: Value, look: Look) -> str:
    """A cell that no program takes for a formula, whatever stands in it."""
    if isinstance(value, int):
        return f'<c r="{place}" s="{look[0]}"><v>{value}</v></c>'
    if not value:
        return f'<c r="{place}" s="{look[0]}"/>'
    style = look[value.startswith(_FORMULA_STARTS)]
    text = escape(ILLEGAL_CHARACTERS_RE.sub("", value))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
