"""The encodings before Unicode."""

import pytest

from ocr_worker.pipeline.legacy import Encoding, decoded, draws_capitals, encoding_of


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
