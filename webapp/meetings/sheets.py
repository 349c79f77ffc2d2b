"""The papers with which a meeting goes on by hand: agenda, roll to sign, blank ballots, and what to do. Printed on A4, in Vietnamese."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import black, grey
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from domain.meetings.voting import Answer, VoteKind
from storage.meetings.ballots import Vote
from storage.meetings.meetings import AgendaItem, Meeting
from webapp.ground.formats import moment
from webapp.ground.printing.pdf import register_fonts
from webapp.meetings.words import ANSWERS

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_BOX = 4.5 * mm

INSTRUCTIONS = (
    ("Khi mất mạng, máy vẫn có điện", (
        "Trang cuộc họp và các tài liệu đã mở vẫn đọc được trên máy; dải chữ trên đầu trang ghi rõ bản lưu lúc mấy giờ.",
        "Phiếu đã bấm gửi không mất: máy giữ phiếu và tự gửi lại khi có mạng. Không bỏ phiếu lần nữa bằng giấy khi chưa hỏi thư ký.",
        "Chủ tọa cho nghỉ vài phút. Nếu mạng không trở lại, chủ tọa tuyên bố chuyển sang làm việc trên giấy.",
    )),
    ("Khi chuyển sang giấy", (
        "Thư ký ghi giờ chuyển sang giấy và đọc số người có mặt. Mọi người ký vào danh sách kèm theo.",
        "Chủ tọa điều hành theo chương trình in kèm. Thư ký ghi giờ bắt đầu và kết thúc từng nội dung.",
        "Biểu quyết giơ tay: hai người cùng đếm, ghi số đồng ý, không đồng ý, ý kiến khác.",
        "Bỏ phiếu kín: tổ kiểm phiếu phát cho mỗi người đúng một phiếu, ghi số phiếu phát ra, thu về, hợp lệ.",
        "Ai đã bỏ phiếu trên máy ở nội dung đang biểu quyết dở thì không nhận phiếu giấy của nội dung đó.",
    )),
    ("Khi có điện, có mạng trở lại", (
        "Chủ tọa quyết định tiếp tục trên máy từ nội dung nào; không làm lại nội dung đã biểu quyết trên giấy.",
        "Kết quả kiểm phiếu giấy do hai người nhập riêng; hai lần nhập khớp nhau thì kết quả mới có hiệu lực.",
        "Thư ký nhập điểm danh theo danh sách đã ký và ghi sự cố vào biên bản. Phiếu giấy niêm phong, lưu cùng hồ sơ cuộc họp.",
    )),
)  # fmt: skip


def instructions(meeting: Meeting) -> bytes:
    """What to do when power or network fail, on one page."""
    story: list[Flowable] = [*_head(meeting, "KHI MẤT ĐIỆN HOẶC MẤT MẠNG")]
    for heading, lines in INSTRUCTIONS:
        story.append(_text(heading, 13.5, face="Serif-Bold", spaceBefore=10, spaceAfter=3))
        story += [_text(f"{number}. {line}", 12.5, spaceAfter=3) for number, line in enumerate(lines, start=1)]
    return _document("Khi mất điện hoặc mất mạng", story)


def agenda(meeting: Meeting, items: Sequence[tuple[str, AgendaItem]]) -> bytes:
    """The agenda, with a column to note times by hand; only the items given."""
    rows = [[number, _item(item), str(item.minutes or ""), ""] for number, item in items]
    table = _table(["Mục", "Nội dung", "Phút", "Giờ thực tế"], rows, (0.1, 0.62, 0.09, 0.19))
    return _document("Chương trình", [*_head(meeting, "CHƯƠNG TRÌNH CUỘC HỌP"), table])


def roll(meeting: Meeting) -> bytes:
    """Everybody who is invited, with room to sign."""
    rows = [
        [str(number), one.name, one.title, "" if one.has_vote else "không biểu quyết", ""]
        for number, one in enumerate(meeting.participants, start=1)
    ]
    head = ["STT", "Họ và tên", "Chức vụ", "Ghi chú", "Ký tên"]
    table = _table(head, rows, (0.08, 0.3, 0.24, 0.14, 0.24), height=11 * mm)
    return _document("Danh sách ký", [*_head(meeting, "DANH SÁCH CÓ MẶT"), table])


def ballots(meeting: Meeting, votes: Sequence[Vote], voters: int) -> bytes:
    """Blank ballots for each vote, one for each voter, with lines to cut along: four on a sheet, fewer if a list is long.

    One is like the other, so that none can lead to whoever was given it.
    """
    register_fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.setTitle("Phiếu biểu quyết")
    for vote in votes:
        cell, beside = next((form for form in _FORMS if form[0].fits(vote, form[1])), _FORMS[-1])
        for start in range(0, voters, cell.on_sheet):
            for place in range(min(cell.on_sheet, voters - start)):
                _ballot(canvas, meeting, vote, cell, beside, place)
            _cuts(canvas, cell)
            canvas.showPage()
    canvas.save()
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class _Cell:
    """The room of one ballot on a sheet that holds so many of them beside and below each other."""

    columns: int
    rows: int

    @property
    def on_sheet(self) -> int:
        return self.columns * self.rows

    @property
    def width(self) -> float:
        return float(A4[0] / self.columns - 20 * mm)

    def top_left(self, place: int) -> tuple[float, float]:
        return (place % self.columns) * A4[0] / self.columns + 10 * mm, A4[1] - (place // self.columns) * A4[1] / self.rows

    def fits(self, vote: Vote, beside: int) -> bool:
        """Whether everything can be read well there, with so many columns of choices beside each other."""
        words = [_text(choice, _READABLE) for choice in _choices(vote)]
        lines = [max(_BOX, _height(one, self.width / beside - _BOX - 3 * mm)) + _GAP for one in words]
        rows = -(-len(lines) // beside)
        tall = max(sum(lines[start : start + rows]) for start in range(0, len(lines), rows))
        return bool(tall + _height(_text(vote.question, 11), self.width) < float(A4[1]) / self.rows - 50 * mm)


_QUARTER, _HALF, _WHOLE = _Cell(2, 2), _Cell(1, 2), _Cell(1, 1)
# The forms of a ballot, the smallest first: its room, and how many columns of choices stand in it.
_FORMS = ((_QUARTER, 1), (_HALF, 1), (_HALF, 2), (_WHOLE, 1), (_WHOLE, 2), (_WHOLE, 3))
_SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)  # points
_READABLE = 10.0  # points
_GAP = 1.6 * mm  # below each choice


def _choices(vote: Vote) -> list[str]:
    """What may be ticked on a ballot, in words."""
    texts = {option.key: option.text for option in vote.options}
    return [texts.get(key) or str(ANSWERS[Answer(key)] if key in ANSWERS else key) for key in vote.form.keys]


def _ballot(canvas: Canvas, meeting: Meeting, vote: Vote, cell: _Cell, beside: int, place: int) -> None:
    """One ballot in its place: from the left to the right, then below."""
    left, edge = cell.top_left(place)
    top, lowest = edge - 8 * mm, edge - A4[1] / cell.rows + 20 * mm
    kind = "PHIẾU BẦU CỬ" if vote.kind is VoteKind.ELECTION else "PHIẾU BIỂU QUYẾT"
    if meeting.body:
        top = _write(canvas, _text(meeting.body.unit.name.upper(), 9, align=TA_CENTER), left, top, cell.width)
    top = _write(canvas, _text(meeting.title, 9, align=TA_CENTER, color=grey), left, top, cell.width)
    top = _write(canvas, _text(kind, 13, face="Serif-Bold", align=TA_CENTER), left, top - 1.5 * mm, cell.width)
    top = _write(canvas, _text(vote.question, 11), left, top - 2 * mm, cell.width) - 3 * mm
    _choices_on(canvas, _choices(vote), cell, beside, left=left, top=top, lowest=lowest)
    limit = f"Chọn không quá {vote.seats} người. " if vote.kind is VoteKind.ELECTION else "Chọn một ô. "
    last = _text(limit + "Đánh dấu × vào ô vuông; không ký tên, không ghi gì thêm.", 8, align=TA_CENTER)
    _write(canvas, last, left, lowest - 4 * mm, cell.width)


def _choices_on(
    canvas: Canvas, choices: list[str], cell: _Cell, beside: int, *, left: float, top: float, lowest: float
) -> None:
    """The choices with their boxes, in so many columns, each read from above, as large as there is room."""
    rows, width = -(-len(choices) // beside), cell.width / beside
    columns = [choices[start : start + rows] for start in range(0, len(choices), rows)]

    def tall(column: list[str], size: float) -> float:
        lines = [max(_box(size), _height(_text(choice, size), width - _box(size) - 3 * mm)) for choice in column]
        return float(sum(lines) + _GAP * size / _READABLE * len(lines))

    fitting = (size for size in _SIZES if all(tall(column, size) <= top - lowest for column in columns))
    size = next(fitting, _SIZES[-1])
    box = _box(size)
    for number, column in enumerate(columns):
        at, x = top, left + number * width
        for choice in column:
            canvas.rect(x, at - box, box, box)
            end = _write(canvas, _text(choice, size), x + box + 2 * mm, at, width - box - 3 * mm)
            at = min(at - box, end) - _GAP * size / _READABLE


def _box(size: float) -> float:
    return float(min(_BOX, size * 1.28))


def _height(paragraph: Paragraph, width: float) -> float:
    return float(paragraph.wrap(width, A4[1])[1])


def _write(canvas: Canvas, paragraph: Paragraph, left: float, top: float, width: float) -> float:
    """Draw the paragraph below `top`; where it ends."""
    _width, height = paragraph.wrap(width, A4[1])
    paragraph.drawOn(canvas, left, top - height)
    return float(top - height)


def _cuts(canvas: Canvas, cell: _Cell) -> None:
    canvas.saveState()
    canvas.setDash(2, 3)
    canvas.setStrokeColor(grey)
    if cell.columns > 1:
        canvas.line(A4[0] / 2, 0, A4[0] / 2, A4[1])
    if cell.rows > 1:
        canvas.line(0, A4[1] / 2, A4[0], A4[1] / 2)
    canvas.restoreState()


def _item(item: AgendaItem) -> Paragraph:
    words = f"{item.title} ({item.presenter})" if item.presenter else item.title
    return _text(words, 12)


def _head(meeting: Meeting, title: str) -> list[Flowable]:
    where = f"{moment(meeting.starts_at)}{f', {meeting.place}' if meeting.place else ''}"
    return [
        _text(title, 15, face="Serif-Bold", align=TA_CENTER),
        _text(meeting.title, 13, face="Serif-Bold", align=TA_CENTER, spaceBefore=4),
        _text(where, 12, face="Serif-Italic", align=TA_CENTER, spaceAfter=8),
        Spacer(0, 4),
    ]


def _table(head: list[str], rows: list[list[Any]], shares: Sequence[float], *, height: float | None = None) -> Table:
    cells = [[_text(word, 11.5, face="Serif-Bold", align=TA_CENTER) for word in head]]
    cells += [[_text(cell, 12) if isinstance(cell, str) else cell for cell in row] for row in rows]
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.6, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                        ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)])  # fmt: skip
    minimum = [None] + [height if height and len(str(row[1])) < 34 else None for row in rows]
    return Table(cells, colWidths=[_WIDTH * share for share in shares], rowHeights=minimum, style=style, repeatRows=1)


def _text(words: str, size: float, *, face: str = "Serif", align: int = TA_LEFT, color: Any = black, **more: Any) -> Paragraph:
    register_fonts()
    style = ParagraphStyle("", fontName=face, fontSize=size, leading=size * 1.32, alignment=align, textColor=color, **more)
    return Paragraph(escape(words), style)


def _document(title: str, story: list[Flowable]) -> bytes:
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN, title=title,
        creator="Không Giấy", producer="Không Giấy", invariant=1, lang="vi",
    )  # fmt: skip
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return target.getvalue()


def _foot(canvas: Canvas, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Serif", 9)
    canvas.setFillColor(grey)
    canvas.drawCentredString(A4[0] / 2, 10 * mm, f"Trang {document.page}")
    canvas.restoreState()
