"""The notice of a meeting's conclusions (thông báo kết luận) as a paper in the form of NĐ 30/2020/NĐ-CP."""

from dataclasses import dataclass
from datetime import date

from domain.ground.official_papers import Block, Ending, Header, OfficialPaper, Paragraph, Signature, Title, paragraphs
from domain.meetings.minutes import in_words

RECIPIENTS = ("- Các thành viên dự họp;", "- Các đơn vị, cá nhân được giao nhiệm vụ;", "- Lưu: VT, hồ sơ cuộc họp.")


@dataclass(frozen=True, slots=True)
class NoticeHead:
    """What a notice bears beside its text."""

    number: str  # 15/TB-LĐLĐ
    day: date
    locality: str
    capacity: tuple[str, ...]
    signer: str


@dataclass(frozen=True, slots=True)
class Met:
    """What the notice says of its meeting."""

    title: str
    day: date
    place: str
    chair: str


def notice(
    head: NoticeHead, met: Met, conclusions: str, *, superior: str, issuer: str, is_rehearsal: bool = False
) -> OfficialPaper:
    """The notice of these conclusions, one a line.

    >>> head = NoticeHead("15/TB-LĐLĐ", date(2026, 12, 1), "Gia Lai", ("CHÁNH VĂN PHÒNG",), "Bùi Thị Ghi")
    >>> paper = notice(head, Met("Hội nghị", date(2026, 11, 25), "", "A"), "1. Nhất trí.", superior="", issuer="LĐLĐ")
    >>> paper.blocks[0].place_and_day
    'Gia Lai, ngày 01 tháng 12 năm 2026'
    """
    place = f", tại {met.place}" if met.place else ""
    opening = (
        f"Ngày {in_words(met.day)}{place}, đã diễn ra {met.title} do {met.chair} chủ trì. "
        "Sau khi nghe báo cáo và ý kiến của các thành viên dự họp, chủ tọa kết luận như sau:"
    )
    day = f"ngày {in_words(head.day)}"
    blocks: list[Block] = [
        Header(superior.upper(), issuer.upper(), f"Số: {head.number}", f"{head.locality}, {day}" if head.locality else day),
        Title("THÔNG BÁO", f"Kết luận tại {met.title}"),
        Paragraph(opening),
        *paragraphs(conclusions),
        Paragraph("Trên đây là thông báo kết luận, đề nghị các đơn vị, cá nhân liên quan biết và thực hiện./."),
        Ending(Signature(head.capacity, head.signer), None, RECIPIENTS),
    ]
    return OfficialPaper(f"Thông báo kết luận {met.title}", tuple(blocks), is_rehearsal)
