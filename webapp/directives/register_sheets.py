"""A register in its official form (NĐ 30/2020, Phụ lục IV), on sheets of A4 lying on their side: as a workbook, and as a PDF to be printed
and bound. What stands in its columns is the register's own matter.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any
from xml.sax.saxutils import escape

from flask_babel import gettext as _
from openpyxl.styles import Alignment, Border, Side
from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, LongTable, PageBreak, PageTemplate, Spacer, TableStyle
from reportlab.platypus import Paragraph as Text

from webapp.ground.printing.pdf import register_fonts
from webapp.ground.workbooks import Sheet, Value

MOST = {"csv": 50_000, "xlsx": 50_000, "pdf": 5_000}  # rows by form; what is longer is written out in parts
_PAGE = landscape(A4)
_LEFT, _RIGHT, _TOP, _BOTTOM = 20 * mm, 10 * mm, 12 * mm, 14 * mm  # room on the left, where it is bound
_WIDTH = _PAGE[0] - _LEFT - _RIGHT
_SIZE, _LEADING = 9.5, 1.25  # points; how far lines are apart, in sizes
_PADDING = 3  # points left and right of a cell's text
_MOST_LINES = 34  # of one row: what a page holds below the headings
_AT_ONCE = 1_000  # rows of one table; the next begins on a new page, and none grows too long to be laid out
_SHADE = Color(0.93, 0.95, 0.96)
_THIN = Side(style="thin")
_BORDER = Border(_THIN, _THIN, _THIN, _THIN)
_HEAD_ALIGNED = Alignment(wrap_text=True, vertical="center", horizontal="center")
_ALIGNED = {
    is_centred: Alignment(wrap_text=True, vertical="top", horizontal="center" if is_centred else None)
    for is_centred in (True, False)
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading in the form, how wide it is in characters, and whether its values stand in the middle."""

    heading: str
    width: int
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """What is written out: whose register of what time, its columns, its rows."""

    superior: str
    unit: str
    title: str  # SỔ ĐĂNG KÝ VĂN BẢN ĐẾN
    period: str  # Năm 2026
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]


def to_xlsx(register: Register) -> bytes:
    """The register as a workbook: prints with its headings on every page; no cell is ever taken for a formula."""
    sheet = Sheet(register.period[:31], [column.width for column in register.columns])
    _lay_out(sheet.page)
    bold, heading = sheet.look(is_bold=True), sheet.look(is_bold=True, alignment=_HEAD_ALIGNED, border=_BORDER)
    looks = [sheet.look(alignment=_ALIGNED[column.is_centred], border=_BORDER) for column in register.columns]
    for line in (register.superior.upper(), register.unit.upper(), register.title, register.period):
        sheet.append([line], [bold])
    sheet.append()
    sheet.append([column.heading for column in register.columns], repeat(heading))
    sheet.append([f"({number})" for number in range(1, len(register.columns) + 1)], repeat(heading))
    for row in register.rows:
        sheet.append(row, looks)
    return sheet.saved()


def _lay_out(page: Any) -> None:
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "6:7"
    page.freeze_panes = "A8"
    page.oddFooter.center.text = "&P / &N"


def to_pdf(register: Register) -> bytes:
    """The register as a PDF: headings on every page, page numbers, whose and of which time at the foot; the same rows, the same bytes."""
    register_fonts()
    target = io.BytesIO()
    document = BaseDocTemplate(
        target, pagesize=_PAGE, title=f"{register.title} – {register.unit}, {register.period}", author="", creator="Không Giấy",
        producer="Không Giấy", invariant=1, lang="vi",
    )  # fmt: skip
    frame = Frame(_LEFT, _BOTTOM, _WIDTH, _PAGE[1] - _TOP - _BOTTOM, 0, 0, 0, 0)
    template = PageTemplate(frames=[frame])
    foot = f"{register.unit}. {register.title.capitalize()}. {register.period}"
    document.addPageTemplates(template)
    document.build([*_head(register), *_tables(register)], canvasmaker=lambda *args, **kwargs: _Numbered(foot, *args, **kwargs))
    return target.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """A canvas that says, at the foot of each page, whose register this is and which page of how many."""

    def __init__(self, foot: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._foot, self._kept = foot, []  # type: ignore[var-annotated]

    def showPage(self) -> None:  # noqa: N802 - the name is ReportLab's
        """Keep the page until it is known how many there are."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages with their numbers."""
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            self.setFont("Serif", 9)
            self.drawString(_LEFT, 8 * mm, self._foot[:150])
            self.drawRightString(
                _PAGE[0] - _RIGHT, 8 * mm, _("Trang %(number)s/%(count)s", number=number, count=len(self._kept))
            )
            super().showPage()
        super().save()


def _style(face: str = "Serif", size: float = _SIZE, *, is_centred: bool = False) -> ParagraphStyle:
    alignment = TA_CENTER if is_centred else TA_LEFT
    return ParagraphStyle("", fontName=face, fontSize=size, leading=size * _LEADING, alignment=alignment, splitLongWords=1)


def _head(register: Register) -> list[Flowable]:
    lines = ((register.superior.upper(), "Serif", 11.0), (register.unit.upper(), "Serif-Bold", 12.0),
             (register.title, "Serif-Bold", 15.0), (register.period, "Serif-Italic", 12.0))  # fmt: skip
    return [*(Text(escape(text), _style(face, size, is_centred=True)) for text, face, size in lines if text), Spacer(0, 4 * mm)]


def _tables(register: Register) -> Iterator[Flowable]:
    whole = sum(column.width for column in register.columns)
    widths = [_WIDTH * column.width / whole for column in register.columns]
    bold, middle = _style("Serif-Bold", is_centred=True), _style("Serif-Italic", is_centred=True)
    headings = [
        [Text(escape(column.heading), bold) for column in register.columns],
        [Text(f"({number})", middle) for number in range(1, len(register.columns) + 1)],
    ]
    centred = [("ALIGN", (at, 2), (at, -1), "CENTER") for at, column in enumerate(register.columns) if column.is_centred]
    ruled = TableStyle(centred, parent=_RULED)
    if not register.rows:
        yield LongTable(headings, colWidths=widths, style=ruled)
    for start in range(0, len(register.rows), _AT_ONCE):
        if start:
            yield PageBreak()
        part = register.rows[start : start + _AT_ONCE]
        rows = [lines for row in part for lines in _in_lines(row, [width - 2 * _PADDING for width in widths])]
        yield LongTable([*headings, *rows], colWidths=widths, repeatRows=2, style=ruled)


def _in_lines(row: Sequence[Value], rooms: Sequence[float]) -> Iterator[list[str]]:
    """The row with its texts broken into lines that fit; what is too tall for a page goes on in further rows.

    Lines are broken here, and not by a paragraph in each cell, which would take many times as long.
    """
    cells = [_wrapped(str(value), room) for value, room in zip(row, rooms, strict=True)]
    for first in range(0, max(1, *map(len, cells)), _MOST_LINES):
        yield ["\n".join(lines[first : first + _MOST_LINES]) for lines in cells]


def _wrapped(text: str, room: float) -> list[str]:
    """The lines of a text in a column so many points wide."""
    lines, used = list[str](), room
    for piece in (piece for word in text.split() for piece in _pieces(word, room)):
        wide = _width_of(piece)
        if used + _width_of(" ") + wide <= room:
            lines[-1] += f" {piece}"
            used += _width_of(" ") + wide
        else:
            lines.append(piece)
            used = wide
    return lines


def _pieces(word: str, room: float) -> Iterator[str]:
    """The word, broken where it is wider than a line."""
    while _width_of(word) > room and len(word) > 1:
        fits = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or _width_of(word[:end]) <= room)
        yield word[:fits]
        word = word[fits:]
    yield word


@lru_cache(maxsize=1 << 15)
def _width_of(word: str) -> float:
    return float(stringWidth(word, "Serif", _SIZE))


_RULED = TableStyle([
    ("GRID", (0, 0), (-1, -1), 0.5, black), ("BACKGROUND", (0, 0), (-1, 1), _SHADE), ("VALIGN", (0, 0), (-1, 1), "MIDDLE"),
    ("FONT", (0, 2), (-1, -1), "Serif", _SIZE, _SIZE * _LEADING), ("VALIGN", (0, 2), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), _PADDING), ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
])  # fmt: skip
