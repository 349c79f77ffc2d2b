"""Official papers as DOCX, for who must go on working with the text. The same paper always gives the same bytes."""

import io
import zipfile
from datetime import datetime
from itertools import pairwise

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as Lines

from domain.ground.official_papers import (
    COUNTRY,
    MOTTO,
    REHEARSAL,
    Block,
    Ending,
    Grid,
    Header,
    Heading,
    OfficialPaper,
    Paragraph,
    Title,
)
from domain.ground.official_papers import Signature as Signed

FONT = "Times New Roman"
_EPOCH = datetime(2000, 1, 1)  # the format keeps no zone
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def to_docx(paper: OfficialPaper) -> bytes:
    """The paper as a DOCX."""
    document = Document()
    _set_up(document, paper)
    for before, block in pairwise((None, *paper.blocks)):
        if isinstance(before, Ending):  # an annex after the signatures
            document.add_page_break()  # type: ignore[no-untyped-call]
        _write(document, block)  # type: ignore[arg-type]
    target = io.BytesIO()
    document.save(target)
    return _without_times(target.getvalue())


def _set_up(document: Docx, paper: OfficialPaper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(4)
    if paper.is_rehearsal:
        _say(section.header.paragraphs[0], REHEARSAL, 14, is_bold=True)
    properties = document.core_properties
    properties.title, properties.author, properties.language = paper.name, "", "vi-VN"
    properties.created = properties.modified = _EPOCH
    properties.last_modified_by, properties.revision, properties.comments = "", 1, ""


def _write(document: Docx, block: Block) -> None:
    match block:
        case Header():
            _header(document, block)
        case Title(kind, abstract):
            _say(document.add_paragraph(), kind, 14, is_bold=True, before=12)
            _say(document.add_paragraph(), abstract, 14, is_bold=True)
            _say(document.add_paragraph(), "─" * 12, 8)
        case Heading(text):
            heading = document.add_paragraph()
            heading.add_run(text).bold = True
            heading.paragraph_format.keep_with_next = True
            heading.paragraph_format.space_before = Pt(6)
        case Paragraph(text):
            paragraph = document.add_paragraph(text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Mm(10)
        case Grid():
            _grid(document, block)
        case Ending():
            _ending(document, block)


def _grid(document: Docx, grid: Grid) -> None:
    table = document.add_table(rows=0, cols=len(grid.head), style="Table Grid")
    table.autofit = False
    for number, row in enumerate((grid.head, *grid.rows)):
        cells = table.add_row().cells
        for cell, words, share in zip(cells, row, grid.shares, strict=True):
            cell.width = Mm(165 * share)
            run = cell.paragraphs[0].add_run(words)
            run.font.size, run.bold = Pt(11), number == 0
    _repeat_head(table.rows[0])
    document.add_paragraph()


def _repeat_head(row: _Row) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _say(
    paragraph: Lines, text: str, size: float, *, is_bold: bool = False, is_italic: bool = False, before: float = 0
) -> None:
    """Put a line in the middle."""
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = is_bold, is_italic, Pt(size)
    paragraph.alignment = _CENTRE
    paragraph.paragraph_format.space_after, paragraph.paragraph_format.space_before = Pt(0), Pt(before)


def _columns(document: Docx, left_mm: float, right_mm: float) -> tuple[_Cell, _Cell]:
    table = document.add_table(rows=1, cols=2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    left, right = table.rows[0].cells
    left.width, right.width = Mm(left_mm), Mm(right_mm)
    return left, right


def _header(document: Docx, head: Header) -> None:
    left, right = _columns(document, 73, 92)
    _say(left.paragraphs[0], head.superior, 12)
    _say(left.add_paragraph(), head.issuer, 12, is_bold=True)
    _say(left.add_paragraph(), "─" * 8, 8)
    _say(left.add_paragraph(), head.number, 13)
    _say(right.paragraphs[0], COUNTRY, 12, is_bold=True)
    _say(right.add_paragraph(), MOTTO, 13, is_bold=True)
    _say(right.add_paragraph(), "─" * 20, 8)
    _say(right.add_paragraph(), head.place_and_day, 13, is_italic=True)


def _ending(document: Docx, ending: Ending) -> None:
    document.add_paragraph()
    left, right = _columns(document, 82, 83)
    _signed(right, ending.right)
    if ending.left:
        _signed(left, ending.left)
        document.add_paragraph()
        _recipients(document.add_paragraph(), ending)
    else:
        _recipients(left.paragraphs[0], ending)


def _signed(cell: _Cell, one: Signed) -> None:
    for number, line in enumerate(one.capacity):
        _say(cell.paragraphs[0] if number == 0 else cell.add_paragraph(), line, 14, is_bold=True)
    for _line in range(4):
        _say(cell.add_paragraph(), "", 14)
    _say(cell.add_paragraph(), one.name, 14, is_bold=True)


def _recipients(paragraph: Lines, ending: Ending) -> None:
    head = paragraph.add_run("Nơi nhận:")
    head.italic, head.bold, head.font.size = True, True, Pt(12)
    for line in ending.recipients:
        paragraph.add_run(f"\n{line}").font.size = Pt(11)


def _without_times(content: bytes) -> bytes:
    """The same archive with one date for all its files, since the clock would change the bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in sorted(source.namelist()):
            fixed.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
