"""The encodings before Unicode."""

import pytest

from domain.ground.legacy import Encoding, decoded, draws_capitals, encoding_of, guessed


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", Encoding.TCVN3),
        ("ABCDEF+.VnTimeH Bold", Encoding.TCVN3),
        ("VnTimes", Encoding.TCVN3),
        ("VNI-Times", Encoding.VNI),
        ("VPS Thanh Hoa", Encoding.VPS),
        ("TimesNewRomanPSMT", None),
    ],
)
def test_the_font_names_the_encoding(font: str, encoding: Encoding | None) -> None:
    assert encoding_of(font) is encoding


@pytest.mark.parametrize(
    ("stored", "font", "meant"),
    [
        ("§éc lËp - Tù do - H¹nh phóc", ".VnTime", "Độc lập - Tự do - Hạnh phúc"),
        ("liªn ®oµn lao ®éng tØnh b×nh ®Þnh", ".VnTimeH", "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH"),
        ("VÒ viÖc nép hå s¬ l\u00adu tr÷", ".VnTime", "Về việc nộp hồ sơ lưu trữ"),
        ("Trung \u00ad¬ng", ".VnTime", "Trung ương"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI-Times", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("UÛY BAN NHAÂN DAÂN TÆNH", "VNI-Times", "ỦY BAN NHÂN DÂN TỈNH"),
        ("Töï do", "VNI-Times", "Tự do"),
        ("Quốc hội", "Times", "Quốc hội"),
    ],
)
def test_old_code_points_become_the_letters_they_drew(stored: str, font: str, meant: str) -> None:
    assert decoded(stored, font) == meant


def test_capitals_are_told_by_the_h_of_the_font() -> None:
    assert [draws_capitals(font) for font in (".VnTimeH", ".VnArialH Bold", ".VnTime", "VnTimes")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("texts", "encoding"),
    [
        (["KÕ ho¹ch tæ chøc héi nghÞ", "Th«ng b¸o lÞch nghØ"], Encoding.TCVN3),
        (["Keá hoaïch toå chöùc hoäi nghò", "Thoâng baùo lòch nghæ"], Encoding.VNI),
        (["Kế hoạch tổ chức hội nghị", "Thông báo lịch nghỉ"], None),
        (["Kế hoạch tổ chức hội nghị", "Th«ng b¸o lÞch nghØ"], Encoding.TCVN3),  # a column of which half was typed anew
        (["Bà Hà, ông Tá", "có, không"], None),
        ([], None),
    ],
)
def test_without_a_font_the_encoding_is_the_one_that_reads_as_vietnamese(texts: list[str], encoding: Encoding | None) -> None:
    assert guessed(texts) is encoding
