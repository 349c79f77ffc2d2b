"""Fields proposed from the ten sample heads of the trade (invented numbers, dates and names), and from signature blocks."""

import re
from dataclasses import replace

import pytest

from domain.archive.reading import UNSURE, Box, Field, PageReading, Source, Word
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


HEAD = """\
TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM         CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH            Độc lập - Tự do - Hạnh phúc
      Số: 12/KH-LĐLĐ                     {dated}
{letter}
                                   {title}
"""


@pytest.mark.parametrize(
    ("dated", "letter", "title"),
    [
        ("", "V/v thực hiện Kế hoạch ngày 17 tháng 3 năm 2019", "Kính gửi: Các công đoàn"),
        ("", "", "Căn cứ Quyết định số 12/QĐ-TLĐ ngày 17 tháng 3 năm 2019"),
        ("", "", "của Ban Thường vụ ngày 17 tháng 3 năm 2019"),
        ("", "", "     ngày 17 tháng 3 năm 2019 của Ban Thường vụ"),
        ("      Ngày đến: 17/3/2019", "", "KẾ HOẠCH"),
        ("     Ngày: 17 tháng 3 năm 2019", "", "KẾ HOẠCH"),
        ("  Đã nhận ngày 17 tháng 3 năm 2019", "", "KẾ HOẠCH"),
        ("", "", "Hôm nay, ngày 17 tháng 3 năm 2019"),
        ("", "", "KẾ HOẠCH\n                            của Tổng Liên đoàn, ngày 17 tháng 3 năm 2019"),
    ],
)
def test_a_date_that_is_cited_or_stamped_is_never_the_letters_own(dated: str, letter: str, title: str) -> None:
    assert "date" not in values(HEAD.format(dated=dated, letter=letter, title=title))


@pytest.mark.parametrize(
    "dated",
    [
        "Bình Định, ngày 17 tháng 3 năm 2019",
        "TP. Hồ Chí Minh, ngày 17 tháng 3 năm 2019",
        "      ngày 17 tháng 3 năm 2019",
        "   Quy Nhơn, 17/3/2019",
    ],
)
def test_the_date_stands_alone_or_behind_a_place(dated: str) -> None:
    cited = "Căn cứ Quyết định số 12/QĐ-TLĐ ngày 05 tháng 02 năm 2015"
    assert values(HEAD.format(dated=dated, letter="", title=cited))["date"] == "2019-03-17"


def test_a_date_behind_its_place_may_stand_at_the_left_where_everything_does() -> None:
    letter = """\
LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH MINH
Số: 47/KH-LĐLĐ
Bình Minh, ngày 12 tháng 3 năm 2019
KẾ HOẠCH
Tổ chức hội thao công nhân viên chức lao động năm 2019
Căn cứ chương trình công tác ngày 25 tháng 1 năm 2018"""
    assert values(letter)["date"] == "2019-03-12"


def changed(page: PageReading, text: str, **edges: float) -> PageReading:
    """The page with the box of one word made other by these, in heights of it."""
    words = []
    for word in page.words:
        if word.text == text:
            tall = word.box.height
            grown = tall * (1 + edges.get("taller", 0))
            word = replace(word, box=replace(word.box, y=word.box.y + tall * edges.get("lower", 0), height=grown))
        words.append(word)
    return replace(page, words=tuple(words))


@pytest.mark.parametrize("edges", [{"taller": 0.5}, {"taller": -0.4}, {"lower": 0.35}, {"lower": -0.4, "taller": 0.1}])
def test_what_a_pen_wrote_into_a_form_is_a_guess_or_left_out(edges: dict[str, float]) -> None:
    page = page_of(HEAD.format(dated="Bình Định, ngày 17 tháng 3 năm 2019", letter="", title="KẾ HOẠCH").replace("12/", "12 /"))
    printed = propose([page])
    assert (printed["number"].value, printed["number"].confidence > 0.9, printed["date"].value) == ("12", True, "2019-03-17")
    by_pen = propose([changed(changed(page, "12", **edges), "17", **edges)])
    assert (by_pen["number"].value, by_pen["number"].confidence <= UNSURE) == ("12", True)
    assert by_pen["date"].value == "2019-03"
    assert by_pen["symbol"].confidence > 0.9


def test_a_number_in_one_word_with_its_symbol_is_print() -> None:
    page = page_of(HEAD.format(dated="Bình Định, ngày 17 tháng 3 năm 2019", letter="", title="KẾ HOẠCH"))
    assert propose([changed(page, "12/KH-LĐLĐ", taller=0.2)])["number"].confidence > 0.9


def test_a_day_read_in_two_scraps_leaves_month_and_year() -> None:
    assert values(HEAD.format(dated="Bình Định, ngày 2 Ì tháng 3 năm 2019", letter="", title="KẾ HOẠCH"))["date"] == "2019-03"


def signed(name: str, title: str = "CHỦ TỊCH") -> dict[str, Field]:
    gap = " " * 60
    return propose([page_of(f"{S01}\n\n\n{gap}TM. BAN THƯỜNG VỤ\n{gap}   {title}\n\n\n\n{gap}{name}")])


def test_a_signer_without_a_family_name_is_a_guess() -> None:
    whole, cut, scraps = signed("Lê Công Thành")["signer"], signed("Đức Thắng")["signer"], signed("+.ê Công Thành")["signer"]
    assert (whole.value, whole.confidence > 0.9) == ("Lê Công Thành", True)
    assert (cut.value, cut.confidence <= UNSURE) == ("Đức Thắng", True)
    assert (scraps.value, scraps.confidence <= UNSURE) == ("Công Thành", True)


def test_a_slip_of_accents_in_a_frequent_family_name_is_mended_and_less_sure() -> None:
    found = [signed(f"{read} Văn Mẫu")["signer"] for read in ("Nguyên", "Trân", "Phẩm")]
    assert [field.value for field in found] == ["Nguyễn Văn Mẫu", "Trần Văn Mẫu", "Phạm Văn Mẫu"]
    assert all(UNSURE < field.confidence < 0.8 for field in found)
    assert signed("Mã Văn Mẫu")["signer"].confidence > 0.9  # another name with the letters of Ma and Mạ


def test_the_title_of_who_is_absent_is_no_sure_title_of_the_signer() -> None:
    assert signed("Lê Văn Mẫu", "THỨ-TRƯỞNG")["signer_title"].value == "THỨ TRƯỞNG"
    assert signed("Lê Văn Mẫu", "KT. BỘ TRƯỞNG")["signer_title"].confidence <= UNSURE
    assert signed("Lê Văn Mẫu", "PH]Ó CHỦ TỊCH")["signer_title"].confidence <= UNSURE
    assert signed("Lê Văn Mẫu", "PHÓ CHỦ TỊCH")["signer_title"].confidence > 0.9


PARTY = """\
   TỈNH ỦY BÌNH ĐỊNH                           ĐẢNG CỘNG SẢN VIỆT NAM
           *
     Số 04-QH/TU                         Quy Nhơn, ngày {day} năm {year}

{title}"""


def test_an_abbreviation_means_what_the_rules_of_its_day_say() -> None:
    found = [values(PARTY.format(day=day, year=year, title="")) for day, year in (("08 tháng 01", 2026), ("09 tháng 01", 2026))]
    assert [paper["kind"] for paper in found] == ["Công văn", "Quy hoạch"]


@pytest.mark.parametrize(
    "kind", ["Quy hoạch", "Tuyên bố", "Giấy chứng nhận", "Giấy đi đường", "Thư công", "Cương lĩnh", "Nghị quyết"]
)
def test_kinds_of_2026_are_known_by_their_titles(kind: str) -> None:
    title = " " * 40 + kind.upper()
    assert values(PARTY.format(day="12 tháng 3", year=2026, title=title))["kind"] == kind
