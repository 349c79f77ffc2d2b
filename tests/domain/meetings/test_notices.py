"""The notice of a meeting's conclusions, in the form of NĐ 30/2020/NĐ-CP."""

from dataclasses import replace
from datetime import date

import pytest

from domain.ground.official_papers import Ending, Header, OfficialPaper, Paragraph, Signature, Title
from domain.meetings.notices import Met, NoticeHead, notice

HEAD = NoticeHead("15/TB-LĐLĐ", date(2026, 2, 1), "Gia Lai", ("TL. BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG"), "Bùi Thị Ghi")
MET = Met("Hội nghị Ban Thường vụ", date(2026, 1, 28), "Hội trường A", "đồng chí Hồ Thị Chủ Tọa")


def written(head: NoticeHead = HEAD, met: Met = MET, *, is_rehearsal: bool = False) -> OfficialPaper:
    return notice(
        head,
        met,
        "1. Nhất trí.\n\n- Giao Văn phòng;",
        superior="Tổng Liên đoàn",
        issuer="Liên đoàn tỉnh",
        is_rehearsal=is_rehearsal,
    )


def test_a_notice_stands_block_by_block_as_the_decree_has_it() -> None:
    assert written().blocks == (
        Header("TỔNG LIÊN ĐOÀN", "LIÊN ĐOÀN TỈNH", "Số: 15/TB-LĐLĐ", "Gia Lai, ngày 01 tháng 02 năm 2026"),
        Title("THÔNG BÁO", "Kết luận tại Hội nghị Ban Thường vụ"),
        Paragraph(
            "Ngày 28 tháng 01 năm 2026, tại Hội trường A, đã diễn ra Hội nghị Ban Thường vụ do đồng chí Hồ Thị Chủ Tọa chủ trì. "
            "Sau khi nghe báo cáo và ý kiến của các thành viên dự họp, chủ tọa kết luận như sau:"
        ),
        Paragraph("1. Nhất trí."),
        Paragraph("- Giao Văn phòng;"),
        Paragraph("Trên đây là thông báo kết luận, đề nghị các đơn vị, cá nhân liên quan biết và thực hiện./."),
        Ending(
            Signature(("TL. BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG"), "Bùi Thị Ghi"),
            None,
            ("- Các thành viên dự họp;", "- Các đơn vị, cá nhân được giao nhiệm vụ;", "- Lưu: VT, hồ sơ cuộc họp."),
        ),
    )
    assert written().name == "Thông báo kết luận Hội nghị Ban Thường vụ"


def test_what_is_not_said_leaves_no_trace() -> None:
    header, _title, opening, *_rest = written(replace(HEAD, locality=""), replace(MET, place="")).blocks
    assert isinstance(header, Header)
    assert isinstance(opening, Paragraph)
    assert header.place_and_day == "ngày 01 tháng 02 năm 2026"
    assert opening.text.startswith("Ngày 28 tháng 01 năm 2026, đã diễn ra Hội nghị")


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_the_notice_of_a_rehearsal_is_one(is_rehearsal: bool) -> None:
    assert written(is_rehearsal=is_rehearsal).is_rehearsal is is_rehearsal
