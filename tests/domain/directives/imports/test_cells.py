"""What the cells of people's own registers say, as people write them; what is not understood is refused and never guessed."""

from collections.abc import Callable
from datetime import date

import pytest

from domain.directives.directives import Direction
from domain.directives.imports.cells import (
    CellRefused,
    check_text,
    is_mark,
    kind_of_symbol,
    leading_kind,
    read_channel,
    read_day,
    read_direction,
    read_flag,
    read_form,
    read_kind,
    read_moment,
    read_number,
    read_secret,
    read_symbol,
    read_urgency,
)
from domain.directives.issuance import Channel, Form

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("05/01/2025", date(2025, 1, 5)),
        ("5.1.25", date(2025, 1, 5)),
        ("05-01-2025", date(2025, 1, 5)),
        ("5 / 1 / 2025", date(2025, 1, 5)),
        ("05/01", date(2025, 1, 5)),
        ("45662", date(2025, 1, 5)),
        ("2025-01-05 08:30", date(2025, 1, 5)),
        ("ngày 05 tháng 01 năm 2025", date(2025, 1, 5)),
        ("Ngày 5 tháng 1", date(2025, 1, 5)),
        ("12/9/98", date(1998, 9, 12)),
        ("29/02/2024", date(2024, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, meant: date) -> None:
    assert read_day(written, 2025, TODAY) == meant


@pytest.mark.parametrize(
    ("written", "year", "problem"),
    [
        ("31/02/2025", 2025, "not_a_day"),
        ("29/02/2025", 2025, "not_a_day"),
        ("hôm qua", 2025, "not_a_day"),
        ("05/01", None, "year_missing"),
        ("23/11/2026", 2025, "in_the_future"),
        ("05/01/1205", 2025, "too_long_ago"),
    ],
)
def test_what_is_no_day_is_refused_with_its_reason(written: str, year: int | None, problem: str) -> None:
    with pytest.raises(CellRefused) as refused:
        read_day(written, year, TODAY)
    assert refused.value.problem == problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("05/01/2025 08:30", "2025-01-05T08:30:00+07:00"),
        ("08h30 ngày 05/01/2025", "2025-01-05T08:30:00+07:00"),
        ("8 giờ 5/1/2025", "2025-01-05T08:00:00+07:00"),
        ("2025-01-05 08:30", "2025-01-05T08:30:00+07:00"),
        ("05/01/2025", "2025-01-05T00:00:00+07:00"),
    ],
)
def test_a_moment_is_that_of_vietnam(written: str, meant: str) -> None:
    assert read_moment(written, None, TODAY).isoformat() == meant


@pytest.mark.parametrize(
    ("written", "symbol", "meant"),
    [
        ("06b /NQ-TLĐ", "", (6, "b", "/", "NQ-TLĐ")),
        ("05/ NQ - ĐCT", "", (5, "", "/", "NQ-ĐCT")),
        ("1406/QĐ- TLĐ", "", (1406, "", "/", "QĐ-TLĐ")),
        ("Số: 12/KH-LĐLĐ", "", (12, "", "/", "KH-LĐLĐ")),
        ("05-NQ/TU", "", (5, "", "-", "NQ/TU")),
        ("07", "KH – LĐLĐ", (7, "", "/", "KH-LĐLĐ")),
        ("15/2025/QĐ-LĐLĐ", "", (15, "", "/", "2025/QĐ-LĐLĐ")),
        ("52/LĐLĐ-VP", "", (52, "", "/", "LĐLĐ-VP")),
        ("0012", "", (12, "", "/", "")),
    ],
)
def test_a_number_is_read_with_its_symbol(written: str, symbol: str, meant: tuple[int, str, str, str]) -> None:
    number = read_number(written, symbol)
    assert (number.number, number.suffix, number.mark, number.symbol) == meant


@pytest.mark.parametrize("written", ["KH-LĐLĐ", "0", "x5", "1234567", "5/KH*LĐ"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(CellRefused):
        read_number(written)


def test_words_of_manner_are_those_that_clerks_write() -> None:
    assert [read_form(text) for text in ("giay", "Điện tử", "song song", "cả hai", "")] == [
        Form.PAPER,
        Form.ELECTRONIC,
        Form.BOTH,
        Form.BOTH,
        None,
    ]
    assert [read_flag(text) for text in ("x", "Có", "1", "không", "0", "", "-", "✓")] == [
        True, True, True, False, False, None, None, True,
    ]  # fmt: skip
    channels = ["trục liên thông", "QLVB", "VNPT-iOffice", "gmail", "Zalo, email", "bưu điện", ""]
    assert [read_channel(text) for text in channels] == [
        Channel.AXIS, Channel.OFFICE, Channel.OFFICE, Channel.EMAIL, Channel.EMAIL, Channel.POST, None,
    ]  # fmt: skip
    assert [read_direction(text) for text in ("cấp dưới", "Lên cấp trên", "ngang")] == [
        Direction.DOWN,
        Direction.UP,
        Direction.ACROSS,
    ]
    assert [read_urgency(text) for text in ("Hoả tốc", "thường", "khẩn")] == ["Hỏa tốc", "", "Khẩn"]
    assert [read_kind(text) for text in ("kế hoạch", "QĐ", "cv", "Quyết định (cá biệt)")] == [
        "Kế hoạch", "Quyết định", "Công văn", "Quyết định",
    ]  # fmt: skip
    assert [read_secret(text) for text in ("1", "Tối mật", "0", "Thường", "")] == [True, True, False, False, False]
    assert (is_mark("Mặt trận"), is_mark("MẬT")) == (False, True)
    assert leading_kind("Hướng dẫn công tác thi đua") == ("Hướng dẫn", "Công tác thi đua")


@pytest.mark.parametrize(
    ("read", "text", "problem"),
    [
        (read_form, "miệng", "form_unknown"),
        (read_flag, "có lẽ", "not_yes_no"),
        (read_channel, "bồ câu", "channel_unknown"),
        (read_direction, "khắp nơi", "direction_unknown"),
        (read_urgency, "rất gấp", "urgency_unknown"),
        (read_kind, "HD", None),
        (read_kind, "hd", "kind_unknown"),  # Hướng dẫn and Hợp đồng differ by an accent
    ],
)
def test_what_is_not_understood_is_never_guessed(read: Callable[..., object], text: str, problem: str | None) -> None:
    if problem is None:
        assert read(text) == "Hướng dẫn"
        return
    with pytest.raises(CellRefused) as refused:
        read(text)
    assert refused.value.problem == problem


def test_two_digits_of_a_year_are_of_this_century_up_to_next_year() -> None:
    assert [read_day(f"01/02/{year}", None, date(2099, 1, 1)).year for year in ("26", "98", "00")] == [2026, 2098, 2000]
    assert read_day("01/02/28", None, date(2028, 11, 22)).year == 2028
    assert read_day("01/02/30", None, date(2028, 11, 22)).year == 1930


def test_a_moment_that_no_clock_shows_is_refused() -> None:
    for written in ("05/01/2025 24:00", "25h00 ngày 05/01/2025"):
        with pytest.raises(CellRefused) as refused:
            read_moment(written, None, TODAY)
        assert refused.value.problem == "not_a_moment"


@pytest.mark.parametrize(
    ("written", "kind"), [("5/KH-LĐLĐ", "Kế hoạch"), ("5/LĐLĐ-VP", "Công văn"), ("5-TT/TU", "Thông tri"), ("5", None)]
)
def test_the_kind_is_that_of_the_symbol_where_there_is_one(written: str, kind: str | None) -> None:
    assert kind_of_symbol(read_number(written)) == kind


def test_a_symbol_of_other_signs_or_of_no_end_is_refused() -> None:
    assert read_symbol(f"/{'A' * 60}") == ("/", "A" * 60)
    for written in ("KH*LĐ", "KH,LĐLĐ", "A" * 61):
        with pytest.raises(CellRefused) as refused:
            read_symbol(written)
        assert refused.value.problem == "not_a_symbol"


@pytest.mark.parametrize(
    ("abstract", "meant"),
    [
        ("Thông báo kết luận hội nghị", ("Thông báo", "Hội nghị")),  # the longer name comes first
        ("Quyết định: về việc khen thưởng", ("Quyết định", "Về việc khen thưởng")),
        ("Quyết định", ("Quyết định", "")),
        ("Quyết địnhs", None),
        ("Về việc nghỉ lễ", ("Công văn", "Về việc nghỉ lễ")),
        ("Tháng công nhân", None),
    ],
)
def test_an_abstract_may_begin_with_its_kind(abstract: str, meant: tuple[str, str] | None) -> None:
    assert leading_kind(abstract) == meant


@pytest.mark.parametrize(
    ("text", "problem"),
    [("#REF!", "formula_error"), ("#DIV/0!", "formula_error"), ("12345", "too_long"), ("", None), ("#REF", None)],
)
def test_what_a_formula_left_behind_and_what_is_too_long_is_no_text(text: str, problem: str | None) -> None:
    if problem is None:
        assert check_text(text, 4) == text
        return
    with pytest.raises(CellRefused) as refused:
        check_text(text, 4)
    assert refused.value.problem == problem
