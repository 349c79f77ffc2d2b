"""The grammar of documents: numbers, kinds and dates as they are met on paper."""

import pytest

from domain.archive.documents import DocumentNumber, Family, PartialDate, kind_of_title, parse_date, parse_number, spelt


@pytest.mark.parametrize(
    ("line", "number", "mark", "symbol", "kind", "organisation", "family"),
    [
        ("Số: 12/KH-LĐLĐ", "12", "/", "KH-LĐLĐ", "Kế hoạch", "LĐLĐ", Family.UNION),
        ("Số: 245/LĐLĐ-VP", "245", "/", "LĐLĐ-VP", "Công văn", "LĐLĐ-VP", Family.UNION),
        ("Số 05-NQ/TU", "05", "-", "NQ/TU", "Nghị quyết", "TU", Family.PARTY),
        ("Số 1234-CV/VPTU", "1234", "-", "CV/VPTU", "Công văn", "VPTU", Family.PARTY),
        ("Số: 0987/QĐ-UBND", "0987", "/", "QĐ-UBND", "Quyết định", "UBND", Family.STATE),
        ("Số: 07 /BC - LĐLĐ", "07", "/", "BC-LĐLĐ", "Báo cáo", "LĐLĐ", Family.UNION),
        ("Số: 06b/NQ-CĐCS", "06b", "/", "NQ-CĐCS", "Nghị quyết", "CĐCS", Family.UNION),
        ("Số: 33/GM-LĐLĐ", "33", "/", "GM-LĐLĐ", "Giấy mời", "LĐLĐ", Family.UNION),
        ("Số: 18/TB-LĐLĐ", "18", "/", "TB-LĐLĐ", "Thông báo", "LĐLĐ", Family.UNION),
        ("Sô: 56/KH-MTTQ-BTT", "56", "/", "KH-MTTQ-BTT", "Kế hoạch", "MTTQ-BTT", Family.STATE),
        ("Số: 08/2026/TT-BCT", "08", "/", "2026/TT-BCT", "Thông tư", "BCT", Family.STATE),
        ("Số: 84-CP", "84", "-", "CP", "Công văn", "CP", Family.STATE),
    ],
)
def test_a_number_is_parsed_with_its_symbol_kind_and_family(
    line: str, number: str, mark: str, symbol: str, kind: str, organisation: str, family: Family
) -> None:
    parsed = parse_number(line)
    assert parsed == DocumentNumber(number, mark, symbol)
    assert (parsed.kind, parsed.organisation, parsed.family) == (kind, organisation, family)


@pytest.mark.parametrize(
    ("line", "number", "symbol"),
    [
        ("Số: lưới /LĐLĐ-ToC", "", "LĐLĐ-ToC"),  # a number written by hand
        ("Số: ....../QĐ-UBND", "", "QĐ-UBND"),
        ("Số: /TB-UBND", "", "TB-UBND"),
        ("Số: 52 JLĐLĐ", "52", "LĐLĐ"),
        ("Sö 215-TB.QU", "215", "TB/QU"),
        ("Số: 17/QĐÐ-CĐKCN", "17", "QĐ-CĐKCN"),
    ],
)
def test_a_number_that_cannot_be_read_is_left_empty_and_its_symbol_kept(line: str, number: str, symbol: str) -> None:
    parsed = parse_number(line)
    assert parsed is not None
    assert (parsed.number, parsed.symbol) == (number, symbol)


@pytest.mark.parametrize("line", ["Số lượng đoàn viên", "Kính gửi: Các LĐLĐ huyện", "", "Điều 5"])
def test_other_lines_bear_no_number(line: str) -> None:
    assert parse_number(line) is None


def test_only_slips_that_leave_no_doubt_are_mended() -> None:
    assert [spelt(group) for group in ("LDLĐ", "QĐĐ", "KTTH", "TH", "2026", "TTr")] == [
        "LĐLĐ",
        "QĐ",
        "KTTH",
        "TH",
        "2026",
        "TTr",
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [("KẾ HOẠCH", "Kế hoạch"), ("THÔNG TƯ", "Thông tư"), ("NGHI QUYẾT", "Nghị quyết"), ("Kế hoạch", None), ("BỘ Y TẾ", None)],
)
def test_a_title_line_names_a_kind(line: str, kind: str | None) -> None:
    assert kind_of_title(line) == kind


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Bình Định, ngày 05 tháng 02 năm 2025", "2025-02-05"),
        ("Hà Nội, ngày 4 tháng 11 năm 2019", "2019-11-04"),
        ("Hà Nội, ngay 04 thang 11 nam 2019", "2019-11-04"),
        ("Bình Định, ngày      tháng 3 năm 2011", "2011-03"),
        ("ngày 31 tháng 02 năm 2020", "2020-02"),
        ("ngày t. tháng 13 năm 2020", "2020"),
        ("20.9.2021", "2021-09-20"),
    ],
)
def test_a_date_is_as_full_as_it_can_be_read(text: str, iso: str) -> None:
    written = parse_date(text)
    assert written is not None
    assert written.isoformat() == iso


def test_a_text_without_a_date_has_none() -> None:
    assert parse_date("Căn cứ Luật Công đoàn") is None
    assert PartialDate(2020, 5, 1).isoformat() == "2020-05-01"
