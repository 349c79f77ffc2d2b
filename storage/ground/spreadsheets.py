"""Tables that people send, Excel or CSV, read into rows of text in the sandbox: never more than so many rows, columns, bytes and seconds.

Text comes out composed, dates in ISO form, and columns in the encodings before Unicode (TCVN3, VNI) as what they meant. What the columns
mean is domain/directives/imports/rows.py. Only openpyxl's reader is touched here, and imported by whoever
reads: it takes a quarter of a second, and every program starts with this module.
"""

import base64
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, get_args

from domain.ground.errors import FileRefused, RuleError
from domain.ground.files import Refusal
from domain.ground.legacy import ALIEN, Encoding, decoded_from, guessed, is_unicode
from storage.ground.sandbox import SandboxFailed, believing_nothing, run_limited

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 300 * 1024 * 1024  # an Excel file is a zip archive: 5 MB could unpack to gigabytes
MAX_PARTS = 2000  # files inside the archive
MAX_ROWS = 50_000  # that say something, in all sheets together
MAX_COLUMNS = 100
MAX_CELL = 4000  # characters; whoever reads the rows refuses what is longer than a field may be
_MEMORY_BYTES = 1536 * 1024**2
_CPU_S, _IN_SANDBOX = 90, "storage.ground.spreadsheets:read_in_sandbox"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAMPLE = 400  # rows by which the encoding of a column is told


TableProblem = Literal[
    "too_large", "old_excel", "encrypted", "not_a_table", "too_many_rows", "too_many_columns", "too_hard", "empty",
]  # fmt: skip


_PROBLEMS: dict[str, TableProblem] = {problem: problem for problem in get_args(TableProblem)}


class TableRefused(RuleError):
    """A file is no table that can be read."""

    reason: TableProblem


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that says something; `number` is the one that Excel shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `merges` are (first row, first column, last row, last column), rows as Excel counts them, columns from 0."""

    name: str
    rows: tuple[TableRow, ...]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()  # columns, from 0
    is_hidden: bool = False
    encodings: tuple[tuple[int, str], ...] = ()  # columns that were in an old encoding

    def as_json(self) -> list[Any]:
        """The table as values that `table_of` reads back."""
        rows = [[row.number, list(row.cells)] for row in self.rows]
        return [self.name, rows, [list(one) for one in self.merges], sorted(self.hidden), self.is_hidden, list(self.encodings)]


def table_of(values: Sequence[Any]) -> Table:
    """The table of these values of `as_json`."""
    name, rows, merges, hidden, is_hidden, encodings = values
    read = tuple(TableRow(int(number), tuple(map(str, cells))) for number, cells in rows)
    corners = tuple((int(top), int(left), int(bottom), int(right)) for top, left, bottom, right in merges)
    told = tuple((int(column), str(encoding)) for column, encoding in encodings)
    return Table(str(name), read, corners, frozenset(map(int, hidden)), bool(is_hidden), told)


def column_name(index: int) -> str:
    """The letters that Excel shows above the column, from 0.

    >>> column_name(0), column_name(27)
    ('A', 'AB')
    """
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(index + 1))


def read_tables(content: bytes) -> list[Table]:
    """The sheets of the file that say something, those in sight first; raises TableRefused. Nothing of it touches the disk."""
    if len(content) > MAX_BYTES:
        raise TableRefused("too_large")
    try:
        args = [base64.b64encode(content).decode()]
        answer = run_limited(_IN_SANDBOX, args, cpu_s=_CPU_S, memory_bytes=_MEMORY_BYTES)
        with believing_nothing():
            return _tables(answer)
    except FileRefused as refused:
        raise TableRefused(_too_hard(refused.reason)) from refused
    except SandboxFailed as failed:
        raise TableRefused("not_a_table") from failed


def _tables(answer: Any) -> list[Table]:
    """What came out of the sandbox, as values; raises TableRefused, and anything for what `read_in_sandbox` would not say."""
    if isinstance(answer, str):
        raise TableRefused(_PROBLEMS[answer])
    return sorted((table_of(one) for one in answer), key=lambda table: table.is_hidden)


def _too_hard(reason: str) -> TableProblem:
    return "too_hard" if reason in (Refusal.TIMED_OUT, Refusal.OUT_OF_MEMORY) else "not_a_table"


def read_in_sandbox(encoded: str) -> list[Any] | str:
    """The tables as JSON, or the reason of the refusal. Called in the sandbox only."""
    content = base64.b64decode(encoded)
    try:
        tables = list(_excel(content) if content.startswith(b"PK") else _csv(content))
    except TableRefused as refused:
        return refused.reason
    filled = [table for table in tables if table.rows]
    return [_in_unicode(table).as_json() for table in filled] or "empty"


class _Count:
    """How many rows have been read, in all sheets."""

    def __init__(self) -> None:
        self.rows = 0

    def row(self, number: int, values: Iterable[object]) -> TableRow | None:
        """The row if it says something; raises TableRefused past the limits."""
        cells = [as_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return None
        self.rows += 1
        if len(cells) > MAX_COLUMNS:
            raise TableRefused("too_many_columns")
        if self.rows > MAX_ROWS:
            raise TableRefused("too_many_rows")
        return TableRow(number, tuple(cells))


def as_text(value: object) -> str:
    """A cell as text: days in ISO form, whole numbers without `.0`, yes as 1, spaces tidied, letters composed.

    >>> as_text(datetime(2025, 1, 5)), as_text(datetime(2025, 1, 5, 8, 30)), as_text(12.0), as_text(True)
    ('2025-01-05', '2025-01-05 08:30', '12', '1')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(unicodedata.normalize("NFC", str(value)[:MAX_CELL]).replace("\0", "").split())


def _excel(content: bytes) -> Iterator[Table]:
    from openpyxl import load_workbook

    refuse_bomb(content, MAX_PARTS, MAX_UNPACKED_BYTES)
    count = _Count()
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            yield _sheet(sheet, count)
        book.close()
    except (TableRefused, MemoryError):
        raise
    except Exception as error:  # whatever a broken archive makes the library raise
        raise TableRefused("not_a_table") from error


def refuse_bomb(content: bytes, parts: int, unpacked_bytes: int) -> None:
    """Look at the directory of the archive; the sizes it names are enforced when its parts are read. Raises TableRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = archive.infolist()
    except zipfile.BadZipFile as error:
        raise TableRefused("not_a_table") from error
    if len(found) > parts or sum(part.file_size for part in found) > unpacked_bytes:
        raise TableRefused("too_large")


def _sheet(sheet: Any, count: _Count) -> Table:
    """One sheet, read in a single pass: what openpyxl's read-only sheets leave out (merged cells, hidden columns) stands behind rows."""
    from openpyxl.worksheet._reader import WorkSheetParser

    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=sheet.parent.epoch,
            date_formats=sheet.parent._date_formats,
            timedelta_formats=sheet.parent._timedelta_formats,
        )
        rows = [row for number, cells in parser.parse() if (row := count.row(number, _placed(cells)))]
    hidden = {
        column - 1
        for dimension in parser.column_dimensions.values()
        if dimension.get("hidden") in ("1", "true")
        for column in range(int(dimension.get("min", 1)), min(int(dimension.get("max", 1)), MAX_COLUMNS) + 1)
    }
    merges = [_merge(one.ref) for one in (parser.merged_cells.mergeCell if parser.merged_cells else ())]
    return Table(sheet.title, tuple(rows), tuple(merges), frozenset(hidden), sheet.sheet_state != "visible")


def _merge(reference: str) -> tuple[int, int, int, int]:
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = (value or 1 for value in range_boundaries(reference))
    return top, left - 1, bottom, right - 1


def _placed(cells: Sequence[dict[str, Any]]) -> list[object]:
    """The values of a row, each in its column; a filled cell far out counts as one column too many."""
    filled = [cell for cell in cells if cell["value"] not in (None, "")]
    if not filled:
        return []
    if max(cell["column"] for cell in filled) > MAX_COLUMNS:
        raise TableRefused("too_many_columns")
    values: list[object] = [None] * max(cell["column"] for cell in filled)
    for cell in filled:
        values[cell["column"] - 1] = cell["value"]
    return values


def _csv(content: bytes) -> Iterator[Table]:
    if content.startswith(_OLE):
        raise TableRefused("encrypted" if _ENCRYPTED in content else "old_excel")
    text, is_windows = _decoded(content)
    if "\0" in text:
        raise TableRefused("not_a_table")
    text, delimiter = _delimiter(text)
    count = _Count()
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = tuple(row for number, values in enumerate(reader, 1) if (row := count.row(number, values)))
    except csv.Error as error:
        raise TableRefused("not_a_table") from error
    yield _from_windows(Table("CSV", rows)) if is_windows else Table("CSV", rows)


def _decoded(content: bytes) -> tuple[str, bool]:
    """The text, and whether its bytes are of an old code page that columns must be decoded from."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), False
    if content[1:400:2].count(0) > len(content[:400]) // 4:  # "Unicode text" of Excel without its mark
        return content.decode("utf-16-le", "replace"), False
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return content.decode("latin-1"), True  # each byte one letter: what it means is told column by column


def _delimiter(text: str) -> tuple[str, str]:
    """The text without Excel's own line about the delimiter, and the delimiter."""
    if match := re.match(r"sep=(.)\r?\n", text):
        return text[match.end() :], match[1]
    head = text[:20_000].splitlines()[:20]
    return text, max(";\t,", key=lambda mark: sorted(line.count(mark) for line in head)[len(head) // 2 :] if head else [])


def _from_windows(table: Table) -> Table:
    """Columns in Windows-1258 as Unicode; those in TCVN3 or VNI are left to `_in_unicode`."""
    rows = [list(row.cells) for row in table.rows]
    for index in range(max(map(len, rows), default=0)):
        column = [cells[index] for cells in rows if index < len(cells)]
        if guessed(column[:_SAMPLE]) is None:
            for cells in rows:
                if index < len(cells):
                    cells[index] = _windows_1258(cells[index])
    return Table(table.name, tuple(TableRow(row.number, tuple(cells)) for row, cells in zip(table.rows, rows, strict=True)))


def _windows_1258(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258", "replace"))


def _in_unicode(table: Table) -> Table:
    """The table with its old encodings undone, column by column; a column too short to tell follows the others."""
    width = max((len(row.cells) for row in table.rows), default=0)
    columns = [[row.cells[index] for row in table.rows if index < len(row.cells)] for index in range(width)]
    told = {index: encoding for index, texts in enumerate(columns) if (encoding := guessed(texts[-_SAMPLE:]))}
    if not told:
        return table
    commonest = max(set(told.values()), key=list(told.values()).count)
    for index, texts in enumerate(columns):
        if index not in told and any(ALIEN.search(text) and not is_unicode(text) for text in texts):
            told[index] = commonest
    rows = tuple(
        TableRow(row.number, tuple(_undone(told.get(at), cell) for at, cell in enumerate(row.cells))) for row in table.rows
    )
    encodings = tuple((index, str(encoding)) for index, encoding in sorted(told.items()))
    return Table(table.name, rows, table.merges, table.hidden, table.is_hidden, encodings)


def _undone(encoding: Encoding | None, cell: str) -> str:
    return cell if encoding is None or cell.isascii() or is_unicode(cell) else decoded_from(cell, encoding)
