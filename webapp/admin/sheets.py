"""Tables that people send, Excel or CSV, read into rows of text; and the templates they fill in. Only openpyxl's touch is here."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 40 * 1024 * 1024  # an Excel file is a zip archive: 5 MB could unpack to gigabytes
MAX_PARTS = 500  # files inside the archive
MAX_ROWS = 2000  # the whole union has fewer than 1,500 units
MAX_COLUMNS = 30


class SheetRefused(Exception):
    """A file is no table that can be read. `reason`: too_large, not_a_table, not_utf8, too_many_rows, empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that says something; `number` is the one that Excel shows beside it."""

    number: int
    cells: tuple[str, ...]


def read_sheet(content: bytes) -> list[SheetRow]:
    """The rows of the first sheet that say something, headings first; raises SheetRefused."""
    if len(content) > MAX_BYTES:
        raise SheetRefused("too_large")
    raw = _excel_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    rows: list[SheetRow] = []
    for number, values in raw:
        cells = tuple(_text(value) for value in values[:MAX_COLUMNS])
        if any(cells):
            rows.append(SheetRow(number, cells))
        if len(rows) > MAX_ROWS + 1:
            raise SheetRefused("too_many_rows")
    if not rows:
        raise SheetRefused("empty")
    return rows


def _text(value: object) -> str:
    """A cell as text: days in ISO form, whole numbers without `.0`, spaces tidied, letters composed."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(unicodedata.normalize("NFC", "" if value is None else str(value)).split())


def _excel_rows(content: bytes) -> Iterable[tuple[int, Sequence[object]]]:
    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        yield from enumerate(sheet.iter_rows(values_only=True), 1)
        book.close()
    except Exception as error:  # whatever a broken archive makes the library raise
        raise SheetRefused("not_a_table") from error


def _refuse_bomb(content: bytes) -> None:
    """Look at the directory of the archive; the sizes it names are enforced when its parts are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise SheetRefused("not_a_table") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise SheetRefused("too_large")


def _csv_rows(content: bytes) -> Iterable[tuple[int, Sequence[object]]]:
    if b"\0" in content:
        raise SheetRefused("not_a_table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused("not_utf8") from error
    first_line = text.partition("\n")[0]
    delimiter = max(";,\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for values in reader:
            yield reader.line_num, values
    except csv.Error as error:
        raise SheetRefused("not_a_table") from error


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
