"""Official papers as PDF: A4, the margins, sizes and places of NĐ 30/2020/NĐ-CP. The same paper always gives the same bytes."""

import io
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, black, grey
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Paragraph as Text

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

_FONTS = Path("/usr/share/fonts/truetype/liberation2")  # Debian: fonts-liberation2; the metrics of Times New Roman
_FACES = {"Serif": "Regular", "Serif-Bold": "Bold", "Serif-Italic": "Italic"}
TOP, BOTTOM, LEFT, RIGHT = 20 * mm, 20 * mm, 30 * mm, 15 * mm
_WIDTH = A4[0] - LEFT - RIGHT
_SEAL = Color(0.75, 0.07, 0.1)
_WATERMARK = Color(0.6, 0.1, 0.1, alpha=0.14)
_HEAD, _SMALLEST = (0.47, 0.53), 10.5  # the two columns of the head; the smallest size of a line in it, in points
SIGNING_ROOM = 28 * mm  # between capacity and name


def to_pdf(paper: OfficialPaper, *, footer: str = "") -> bytes:
    """The paper as a PDF; `footer` stands small at the foot of every page, such as the hash it was locked by."""
    register_fonts()
    target = io.BytesIO()
    document = BaseDocTemplate(
        target, pagesize=A4, title=paper.name, author="", creator="Không Giấy", producer="Không Giấy", invariant=1, lang="vi"
    )
    frame = Frame(LEFT, BOTTOM, _WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    marks = _Marks(footer, is_rehearsal=paper.is_rehearsal)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=marks))
    flowables = []
    for before, block in pairwise((None, *paper.blocks)):
        flowables += [PageBreak()] if isinstance(before, Ending) else []  # an annex after the signatures
        flowables += _flowables(block)  # type: ignore[arg-type]
    document.build(flowables)
    return target.getvalue()


@cache
def register_fonts() -> None:
    """Make the faces Serif, Serif-Bold and Serif-Italic known; once is enough."""
    for name, face in _FACES.items():
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"LiberationSerif-{face}.ttf"))


class _Marks:
    """What stands outside the text of a page: its number from the second on, the foot, and the word of a rehearsal."""

    def __init__(self, footer: str, *, is_rehearsal: bool) -> None:
        self.footer, self.is_rehearsal = footer, is_rehearsal

    def __call__(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        if document.page > 1:
            canvas.setFont("Serif", 13)
            canvas.drawCentredString(LEFT + _WIDTH / 2, A4[1] - 14 * mm, str(document.page))
        if self.footer:
            canvas.setFont("Serif", 8)
            canvas.setFillColor(grey)
            canvas.drawString(LEFT, 10 * mm, self.footer)
        if self.is_rehearsal:
            self._rehearsal(canvas)
        canvas.restoreState()

    @staticmethod
    def _rehearsal(canvas: Canvas) -> None:
        canvas.setFillColor(_WATERMARK)
        canvas.setFont("Serif-Bold", 96)
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, 0, REHEARSAL)


def _style(size: float, *, face: str = "Serif", align: int = TA_LEFT, **more: Any) -> ParagraphStyle:
    return ParagraphStyle("", fontName=face, fontSize=size, leading=size * 1.32, alignment=align, **more)


def _text(words: str, size: float, *, face: str = "Serif", align: int = TA_LEFT, **more: Any) -> Text:
    return Text(escape(words).replace("\n", "<br/>"), _style(size, face=face, align=align, **more))


def _flowables(block: Block) -> list[Flowable]:
    match block:
        case Header():
            return _header(block)
        case Title():
            return _title(block)
        case Heading(text):
            return [_text(text, 14, face="Serif-Bold", spaceBefore=8, spaceAfter=4, keepWithNext=1)]
        case Paragraph(text):
            return [_text(text, 14, align=TA_JUSTIFY, firstLineIndent=10 * mm, spaceAfter=4)]
        case Grid():
            return [Spacer(0, 2), _grid(block), Spacer(0, 8)]
        case Ending():
            return [Spacer(0, 10), KeepTogether(_ending(block))]


def _columns(rows: list[list[Any]], shares: tuple[float, float]) -> Table:
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (0, 0), (-1, -1), "CENTER"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
                        ("RIGHTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 0),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])  # fmt: skip
    return Table(rows, colWidths=[_WIDTH * share for share in shares], style=style)


def _grid(grid: Grid) -> Table:
    cells = [[_text(word, 11, face="Serif-Bold", align=TA_CENTER) for word in grid.head]]
    cells += [[_text(word, 11) for word in row] for row in grid.rows]
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 4)])  # fmt: skip
    return Table(cells, colWidths=[_WIDTH * share for share in grid.shares], style=style, repeatRows=1)


def _rule(width: str) -> HRFlowable:
    return HRFlowable(width=width, thickness=0.7, color=black, spaceBefore=2, spaceAfter=3)


def _fitted(words: str, *, face: str, share: float) -> Text:
    """A line of 12 points, a little smaller if that keeps it on one line."""
    size = 12 * min(1, (_WIDTH * share - 6) / max(1, pdfmetrics.stringWidth(words, face, 12)))
    return _text(words, size if size >= _SMALLEST else 12, face=face, align=TA_CENTER)


def _header(head: Header) -> list[Flowable]:
    left, right = _HEAD
    issuer = [
        _fitted(head.superior, face="Serif", share=left),
        _fitted(head.issuer, face="Serif-Bold", share=left),
        _rule("36%"),
    ]
    country = [
        _fitted(COUNTRY, face="Serif-Bold", share=right),
        _text(MOTTO, 13, face="Serif-Bold", align=TA_CENTER),
        _rule("58%"),
    ]
    second = [_text(head.number, 13, align=TA_CENTER), _text(head.place_and_day, 13, face="Serif-Italic", align=TA_CENTER)]
    return [_columns([[issuer, country], second], _HEAD), Spacer(0, 12)]


def _title(title: Title) -> list[Flowable]:
    return [
        _text(title.kind, 14, face="Serif-Bold", align=TA_CENTER),
        _text(title.abstract, 14, face="Serif-Bold", align=TA_CENTER),
        _rule("34%"),
        Spacer(0, 8),
    ]


def _ending(ending: Ending) -> list[Flowable]:
    recipients = [_text("Nơi nhận:", 12, face="Serif-Italic"), *(_text(line, 11) for line in ending.recipients)]
    if ending.left is None:
        return [_columns([[recipients, _signed(ending.right)]], (0.5, 0.5))]
    both = _columns([[_signed(ending.left), _signed(ending.right)]], (0.5, 0.5))
    return [both, Spacer(0, 14), *recipients]


def _signed(one: Signed) -> list[Flowable]:
    capacity = [_text(line, 14, face="Serif-Bold", align=TA_CENTER) for line in one.capacity]
    return [*capacity, Spacer(0, SIGNING_ROOM), _text(one.name, 14, face="Serif-Bold", align=TA_CENTER)]


def stamp(lines: list[str], *, width_mm: float, height_mm: float) -> bytes:
    """A small page with the lines in a red frame: what is seen of a digital signature."""
    register_fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width_mm * mm, height_mm * mm), invariant=1)
    canvas.setStrokeColor(_SEAL)
    canvas.setFillColor(_SEAL)
    canvas.setLineWidth(0.8)
    canvas.rect(0.5, 0.5, width_mm * mm - 1, height_mm * mm - 1)
    size = min(9.0, (height_mm * mm - 6) / len(lines) / 1.25)
    for number, line in enumerate(lines):
        face = "Serif-Bold" if number == 0 else "Serif"
        fits = min(size, size * (width_mm * mm - 10) / max(1, pdfmetrics.stringWidth(line, face, size)))
        canvas.setFont(face, fits)
        canvas.drawString(5, height_mm * mm - 3 - size * 1.25 * (number + 0.8), line)
    canvas.save()
    return target.getvalue()
