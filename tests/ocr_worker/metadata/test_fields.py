"""Fields proposed from the ten sample heads of the trade (invented numbers, dates and names), and from signature blocks."""

import re

import pytest

from domain.archive.reading import Box, PageReading, Source, Word
from domain.ground.legacy import decoded
from ocr_worker.metadata.fields import propose
from ocr_worker.metadata.secrecy import mark_in
from ocr_worker.pipeline.words import Piece, in_reading_order, text_of

COLUMNS, HEIGHT = 92, 130  # of an A4 page in widths of a letter


def page_of(text: str, number: int = 1) -> PageReading:
    """The page that this text is a picture of: letters one wide and 1.6 tall, lines 2.2 apart."""
    pieces = [
        Piece(match.group(), match.start() + 4, 6 + 2.2 * row, match.end() + 4, 7.6 + 2.2 * row)
        for row, line in enumerate(text.splitlines())
        for match in re.finditer(r"\S+", line)
    ]
    lines = in_reading_order(pieces, COLUMNS, HEIGHT)
    words = tuple(
        Word(
            piece.text,
            Box(
                piece.left / COLUMNS,
                piece.top / HEIGHT,
                (piece.right - piece.left) / COLUMNS,
                (piece.bottom - piece.top) / HEIGHT,
            ),
            0.95,
            index,
        )
        for index, line in enumerate(lines)
        for piece in line
    )
    return PageReading(number, Source.OCR, text_of(lines), words, 0.95, 1654, 2339, 200)


def values(*texts: str) -> dict[str, str]:
    return {name: field.value for name, field in propose([page_of(text, n) for n, text in enumerate(texts, 1)]).items()}


S01 = """\
TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM         CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH            Độc lập - Tự do - Hạnh phúc
      Số: 12/KH-LĐLĐ                     Bình Định, ngày 05 tháng 02 năm 2025

                                   KẾ HOẠCH
              triển khai phòng họp không giấy tờ năm 2025"""
S02 = """\
TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM         CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH            Độc lập - Tự do - Hạnh phúc
     Số: 245/LĐLĐ-VP                     Bình Định, ngày 17 tháng 6 năm 2024
V/v báo cáo kết quả chuyển đổi số
    06 tháng đầu năm 2024

            Kính gửi: Các LĐLĐ huyện, thị xã, thành phố, công đoàn ngành."""
S03 = """\
   TỈNH ỦY BÌNH ĐỊNH                           ĐẢNG CỘNG SẢN VIỆT NAM
           *
     Số 05-NQ/TU                         Bình Định, ngày 20 tháng 9 năm 2021

                                  NGHỊ QUYẾT
                   của Ban Thường vụ Tỉnh uỷ (khoá XX)"""
S04 = """\
   TỈNH ỦY BÌNH ĐỊNH                           ĐẢNG CỘNG SẢN VIỆT NAM
       VĂN PHÒNG
           *
    Số 1234-CV/VPTU                      Quy Nhơn, ngày 08 tháng 3 năm 2022
 Về việc mời dự hội nghị"""
S05 = """\
    ỦY BAN NHÂN DÂN                      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
    TỈNH BÌNH ĐỊNH                           Độc lập - Tự do - Hạnh phúc
    Số: 0987/QĐ-UBND                     Bình Định, ngày 06 tháng 5 năm 2025

                                  QUYẾT ĐỊNH
           Ban hành Quy chế sử dụng Hệ thống phòng họp không giấy"""
S06 = """\
       LĐLĐ TỈNH BÌNH ĐỊNH               CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
LIÊN ĐOÀN LAO ĐỘNG HUYỆN TUY PHƯỚC           Độc lập - Tự do - Hạnh phúc
     Số: 07 /BC - LĐLĐ                  Tuy Phước, ngày 10 tháng 12 năm 2012

                                   BÁO CÁO
                     Kết quả hoạt động công đoàn năm 2012"""
S07 = """\
CÔNG ĐOÀN NGÀNH GIÁO DỤC BÌNH ĐỊNH       CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
  CĐCS TRƯỜNG THPT SỐ 2 MẪU                  Độc lập - Tự do - Hạnh phúc
     Số: 06b/NQ-CĐCS                     Quy Nhơn, ngày 31 tháng 01 năm 2023

                                  NGHỊ QUYẾT
                    Hội nghị Ban Chấp hành CĐCS lần thứ ba"""
S08 = """\
TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM         CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH            Độc lập - Tự do - Hạnh phúc
      Số: 33/GM-LĐLĐ                     Bình Định, ngày 02 tháng 01 năm 2024

     HỎA TỐC

                                   GIẤY MỜI
                  Dự Hội nghị Ban Thường vụ LĐLĐ tỉnh lần thứ 5"""
S10 = """\
UỶ BAN MẶT TRẬN TỔ QUỐC VIỆT NAM         CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
         TỈNH BÌNH ĐỊNH                      Độc lập - Tự do - Hạnh phúc
     Sô: 56/KH-MTTQ-BTT                  Bình Định, ngày 9 tháng 11 năm 2019

                                   KẾ HOẠCH
                   Tuyên truyền Luật Bảo vệ bí mật nhà nước"""


def test_s01_the_plan_of_a_provincial_union() -> None:
    assert values(S01) == {
        "number": "12",
        "symbol": "KH-LĐLĐ",
        "kind": "Kế hoạch",
        "date": "2025-02-05",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
        "abstract": "triển khai phòng họp không giấy tờ năm 2025",
    }


def test_s02_a_letter_with_its_abstract_under_the_number() -> None:
    assert values(S02) == {
        "number": "245",
        "symbol": "LĐLĐ-VP",
        "kind": "Công văn",
        "date": "2024-06-17",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
        "abstract": "báo cáo kết quả chuyển đổi số 06 tháng đầu năm 2024",
    }


def test_s03_a_resolution_of_the_party() -> None:
    assert values(S03) == {
        "number": "05",
        "symbol": "NQ/TU",
        "kind": "Nghị quyết",
        "date": "2021-09-20",
        "issuer": "TỈNH ỦY BÌNH ĐỊNH",
        "abstract": "của Ban Thường vụ Tỉnh uỷ (khoá XX)",
    }


def test_s04_a_letter_of_the_party_says_so_in_its_symbol() -> None:
    assert values(S04) == {
        "number": "1234",
        "symbol": "CV/VPTU",
        "kind": "Công văn",
        "date": "2022-03-08",
        "issuer": "VĂN PHÒNG",
        "abstract": "mời dự hội nghị",
    }


def test_s05_a_decision_of_the_state() -> None:
    assert values(S05) == {
        "number": "0987",
        "symbol": "QĐ-UBND",
        "kind": "Quyết định",
        "date": "2025-05-06",
        "issuer": "ỦY BAN NHÂN DÂN TỈNH BÌNH ĐỊNH",
        "abstract": "Ban hành Quy chế sử dụng Hệ thống phòng họp không giấy",
    }


def test_s06_a_spaced_symbol_of_an_old_scan() -> None:
    assert values(S06) == {
        "number": "07",
        "symbol": "BC-LĐLĐ",
        "kind": "Báo cáo",
        "date": "2012-12-10",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG HUYỆN TUY PHƯỚC",
        "abstract": "Kết quả hoạt động công đoàn năm 2012",
    }


def test_s07_a_number_with_a_letter_and_a_local_union() -> None:
    assert values(S07) == {
        "number": "06b",
        "symbol": "NQ-CĐCS",
        "kind": "Nghị quyết",
        "date": "2023-01-31",
        "issuer": "CĐCS TRƯỜNG THPT SỐ 2 MẪU",
        "abstract": "Hội nghị Ban Chấp hành CĐCS lần thứ ba",
    }


def test_s08_an_urgent_invitation() -> None:
    assert values(S08) == {
        "number": "33",
        "symbol": "GM-LĐLĐ",
        "kind": "Giấy mời",
        "date": "2024-01-02",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
        "abstract": "Dự Hội nghị Ban Thường vụ LĐLĐ tỉnh lần thứ 5",
        "urgency": "Hỏa tốc",
    }


def test_s09_a_text_layer_of_2003_in_tcvn3() -> None:
    heading = decoded("liªn ®oµn lao ®éng tØnh b×nh ®Þnh", ".VnTimeH")
    motto = decoded("céng hoµ x· héi chñ nghÜa viÖt nam", ".VnTimeH")
    number, date = decoded("Sè: 18/TB-L§L§", ".VnTime"), decoded("Quy Nh¬n, ngµy 04 th¸ng 3 n¨m 2003", ".VnTime")
    title, phrase = decoded("th«ng b¸o", ".VnTimeH"), decoded("VÒ viÖc nép hå s¬ l\u00adu tr÷", ".VnTime")
    text = f"{heading:<41}{motto}\n     {number:<36}{date}\n\n{'':<35}{title}\n{'':<28}{phrase}"
    assert values(text) == {
        "number": "18",
        "symbol": "TB-LĐLĐ",
        "kind": "Thông báo",
        "date": "2003-03-04",
        "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
        "abstract": "Về việc nộp hồ sơ lưu trữ",
    }


def test_s10_the_front_is_no_secret() -> None:
    assert values(S10) == {
        "number": "56",
        "symbol": "KH-MTTQ-BTT",
        "kind": "Kế hoạch",
        "date": "2019-11-09",
        "issuer": "UỶ BAN MẶT TRẬN TỔ QUỐC VIỆT NAM TỈNH BÌNH ĐỊNH",
        "abstract": "Tuyên truyền Luật Bảo vệ bí mật nhà nước",
    }
    assert mark_in(page_of(S10)) is None


def test_a_printed_mark_is_a_field_and_a_mark() -> None:
    text = S03.replace("           *", "          MẬT")
    assert values(text)["secrecy"] == "Mật"
    assert mark_in(page_of(text)) is not None


@pytest.mark.parametrize(
    ("block", "signer", "title"),
    [
        (["TM. BAN THƯỜNG VỤ", "CHỦ TỊCH", "(Đã ký)", "Nguyễn Văn Mẫu"], "Nguyễn Văn Mẫu", "CHỦ TỊCH"),
        (["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "", "Trần Thị Thu Mẫu"], "Trần Thị Thu Mẫu", "PHÓ CHỦ TỊCH"),
        (["T/L BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG", "", "Lê Mẫu"], "Lê Mẫu", "CHÁNH VĂN PHÒNG"),
        (["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "THƯỜNG TRỰC", "", "Phạm Văn Mẫu"], "Phạm Văn Mẫu", "THỨ TRƯỞNG THƯỜNG TRỰC"),
    ],
)
def test_the_signer_stands_under_the_last_title(block: list[str], signer: str, title: str) -> None:
    left = ["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "", ""]
    end = "\n".join(f"{beside:<55}{line}" for beside, line in zip(left, block, strict=False))
    fields = propose([page_of(S01), page_of("\n" * 20 + end, 2)])
    assert (fields["signer"].value, fields["signer_title"].value) == (signer, title)
    assert fields["signer"].page == 2


def test_a_number_written_by_hand_is_left_out_and_the_symbol_kept() -> None:
    fields = values(S02.replace("245/", "lưới /"))
    assert "number" not in fields
    assert fields["symbol"] == "LĐLĐ-VP"


def test_a_day_written_by_hand_leaves_year_and_month_in_doubt() -> None:
    field = propose([page_of(S01.replace("ngày 05", "ngày +9"))])["date"]
    assert field.value == "2025-02"
    assert field.confidence <= 0.5


def test_dates_of_other_documents_are_never_taken() -> None:
    text = (
        S01.replace("Bình Định, ngày 05 tháng 02 năm 2025", "")
        + "\n\n\nCăn cứ Nghị quyết ngày 20 tháng 9 năm 2021 của Tỉnh ủy;"
    )
    assert "date" not in values(text)


def test_every_field_has_its_evidence_on_the_page() -> None:
    for field in propose([page_of(S01)]).values():
        assert field.box is not None
        assert 0 <= field.box.x <= field.box.x + field.box.width <= 1
        assert field.page == 1


def test_an_empty_document_has_no_fields() -> None:
    assert values("") == {}
