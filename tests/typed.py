"""Files that a program wrote, with lines where a test wants them; the marks on them are invented."""

import io

import docx
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Bold.ttf"
BODY = "Kế hoạch tổ chức Tháng Công nhân của các cấp công đoàn trong tỉnh"


def typed_pdf(*pages: tuple[tuple[str, float, float], ...]) -> bytes:
    """A PDF of A4 pages, each of lines with their places as shares of the page, from its left and its top."""
    pdfmetrics.registerFont(TTFont("Serif", FONT))
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    for lines in pages:
        canvas.setFont("Serif", 13)
        for text, left, top in (*lines, (BODY, 0.15, 0.5)):
            canvas.drawString(left * A4[0], (1 - top) * A4[1], text)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def typed_word(*paragraphs: str, cell: str = "", head: str = "") -> bytes:
    """A Word file with these paragraphs, a table of one cell and a head, where asked for."""
    written, document = io.BytesIO(), docx.Document()
    for text in (BODY, *paragraphs):
        document.add_paragraph(text)
    if cell:
        document.add_table(1, 1).cell(0, 0).text = cell
    if head:
        document.sections[0].header.paragraphs[0].text = head
    document.save(written)
    return written.getvalue()
