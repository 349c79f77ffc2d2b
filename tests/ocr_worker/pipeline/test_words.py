"""The order in which a page is read."""

from ocr_worker.pipeline.layers import syllable_share
from ocr_worker.pipeline.words import Piece, in_reading_order, signature_zone, text_of

WIDTH, HEIGHT = 1000.0, 1400.0


def printed(text: str, left: float, top: float) -> list[Piece]:
    """The words of a line, each letter 10 wide, 20 tall."""
    pieces = []
    for word in text.split():
        pieces.append(Piece(word, left, top, left + 10 * len(word), top + 20))
        left += 10 * len(word) + 6
    return pieces


def page(*lines: tuple[str, float, float]) -> str:
    pieces = [piece for line in lines for piece in printed(*line)]
    return text_of(in_reading_order(list(reversed(pieces)), WIDTH, HEIGHT))


def test_the_two_columns_of_a_header_do_not_mix() -> None:
    assert page(
        ("TỔNG LIÊN ĐOÀN LAO ĐỘNG", 130, 50),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA", 560, 50),
        ("Số: 12/KH-LĐLĐ", 160, 80),
        ("ngày 05 tháng 02 năm 2025", 570, 84),
        ("KẾ HOẠCH", 450, 130),
        ("triển khai phòng họp không giấy tờ", 340, 160),
    ).splitlines() == [
        "TỔNG LIÊN ĐOÀN LAO ĐỘNG",
        "Số: 12/KH-LĐLĐ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA",
        "ngày 05 tháng 02 năm 2025",
        "KẾ HOẠCH",
        "triển khai phòng họp không giấy tờ",
    ]


def test_recipients_come_before_the_signature() -> None:
    lines = page(("Nơi nhận:", 100, 1000), ("TM. BAN THƯỜNG VỤ", 600, 1000), ("- Lưu: VT.", 100, 1030), ("CHỦ TỊCH", 640, 1030))
    assert lines.splitlines() == ["Nơi nhận:", "- Lưu: VT.", "TM. BAN THƯỜNG VỤ", "CHỦ TỊCH"]


def test_a_row_of_a_table_stays_one_line() -> None:
    lines = page(
        ("1", 100, 600), ("LĐLĐ huyện", 150, 602), ("2.140.000", 600, 599), ("2", 100, 640), ("KCN", 150, 641), ("5", 600, 640)
    )
    assert lines.splitlines() == ["1 LĐLĐ huyện 2.140.000", "2 KCN 5"]


def test_the_signature_begins_beside_the_recipients() -> None:
    assert signature_zone(printed("Nơi nhận:", 100, 1000), WIDTH) == (420, 980)
    assert signature_zone(printed("thực hiện./.", 100, 1000), WIDTH) == (420, 1020)
    assert signature_zone(printed("Điều 5", 100, 1000), WIDTH) is None


def test_a_layer_without_accents_is_no_vietnamese() -> None:
    assert (
        syllable_share(["BO", "XAY", "DUNG", "Can", "cu", "Luat", "Gia", "ngay", "thang", "nam", "cua", "Quoc", "hoi"]) == 0.0
    )
    assert syllable_share(["Căn", "cứ", "Luật", "Giá", "ngày", "tháng", "năm", "của", "Quốc", "hội", "khóa", "mười"]) == 1.0
    assert syllable_share(["Số", "12"]) is None
