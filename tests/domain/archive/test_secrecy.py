"""Which line is a mark of secrecy, and which only looks like one."""

import pytest

from domain.archive.reading import Box
from domain.archive.secrecy import Rule, rule_of, stamped_mark, urgency_of, zone_holds


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("MẬT", Rule.SECRET),
        ("TỐI MẬT", Rule.HIGHLY_SECRET),
        ("TUYỆT MẬT", Rule.TOP_SECRET),
        ("| MẬT |", Rule.SECRET),
        ("MA\u0302\u0323T", Rule.SECRET),  # decomposed
        ("GIẢI MẬT", Rule.DECLASSIFIED),
        ("TÀI LIỆU THU HỒI", Rule.RECALLED),
    ],
)
def test_a_whole_line_is_a_mark(line: str, rule: Rule) -> None:
    assert rule_of(line) is rule


@pytest.mark.parametrize(
    "line",
    [
        "MẶT TRẬN TỔ QUỐC VIỆT NAM",
        "UỶ BAN MẶT TRẬN TỔ QUỐC VIỆT NAM",
        "Tuyên truyền Luật Bảo vệ bí mật nhà nước",
        "BẢO MẬT",
        "mật độ dân số",
        "MẬT KHẨU",
        "Mật",
        "MAT",
        "MẶT",
        "",
    ],
)
def test_words_of_a_text_are_no_marks(line: str) -> None:
    assert rule_of(line) is None


@pytest.mark.parametrize("line", ["MÂT", "MẤT", "MAT", "MÁT", "M Ậ T"])
def test_slips_are_forgiven_only_in_a_stamp(line: str) -> None:
    assert rule_of(line, stamped=True) is Rule.SECRET
    assert rule_of(line) is None


@pytest.mark.parametrize("line", ["KHẨN", "CÔNG VĂN ĐẾN", "MẶT TRẬN", "ĐÃ KÝ", "HỎA TỐC"])
def test_other_stamps_are_no_marks_of_secrecy(line: str) -> None:
    assert rule_of(line, stamped=True) is None


def test_stamps_are_told_as_they_are_meant() -> None:
    lines = ["HOẢ TỐC", "THUONG KHẨN", "TÔI MẬT", "TUYET MÂT", "GIAI MẬT", "CÔNG VĂN ĐẾN"]
    assert [stamped_mark(line) for line in lines] == ["HỎA TỐC", "THƯỢNG KHẨN", "TỐI MẬT", "TUYỆT MẬT", "GIẢI MẬT", None]


def test_urgency_is_a_line_of_capitals() -> None:
    assert [urgency_of(line) for line in ("KHẨN", "HỎA TỐC", "Khẩn trương", "KHẨN CẤP")] == ["Khẩn", "Hỏa tốc", None, None]


def test_marks_stand_at_the_upper_left_or_at_the_top() -> None:
    assert zone_holds(Box(0.1, 0.2, 0.2, 0.03))
    assert zone_holds(Box(0.7, 0.02, 0.2, 0.03))
    assert not zone_holds(Box(0.1, 0.6, 0.2, 0.03))
    assert not zone_holds(Box(0.7, 0.2, 0.2, 0.03))
