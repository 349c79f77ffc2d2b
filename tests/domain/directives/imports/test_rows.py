"""What people's own registers say, whatever the order of their rows."""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.directives import Direction
from domain.directives.imports.cells import (
    CellProblem,
    CellRefused,
    is_mark,
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
    read_urgency,
)
from domain.directives.imports.columns import Field, Register, Row, body_of, field_of, guesses, layout_of, missing
from domain.directives.imports.rows import (
    Context,
    Entry,
    OutgoingEntry,
    Place,
    Reading,
    RowProblem,
    SecretContent,
    plan,
    read_rows,
    without_content,
)
from domain.directives.issuance import Channel, Form, Level

TODAY = date(2026, 11, 22)
CONTEXT = Context(TODAY, 2025)
B5 = [
    "so", "ky_hieu", "ngay_vb", "loai", "trich_yeu", "nguoi_ky", "don_vi", "huong_dan_den", "hinh_thuc", "ky_so_ca_nhan",
    "ky_so_co_quan", "kenh", "thoi_diem_gui", "edxml_document_id", "do_khan", "mat",
]  # fmt: skip


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


def test_the_headings_of_the_template_are_all_known() -> None:
    found = guesses(B5, Register.OUTGOING)
    assert [(guess.field, guess.sure) for guess in found] == [
        (field, 1.0)
        for field in (
            Field.NUMBER, Field.SYMBOL, Field.DATED, Field.KIND, Field.ABSTRACT, Field.SIGNER, Field.UNIT, Field.DIRECTION, Field.FORM,
            Field.SIGNED_BY_PERSON, Field.SIGNED_BY_ORGANISATION, Field.CHANNEL, Field.SENT_AT, Field.EDXML_ID, Field.URGENCY,
            Field.SECRET,
        )
    ]  # fmt: skip


def how_sure(heading: str, register: Register) -> float | None:
    found = field_of(heading, register)
    return found[1] if found else None


def test_the_columns_of_the_decree_are_all_known() -> None:
    outgoing = [
        "Số ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu", "Người ký", "Nơi nhận văn bản",
        "Đơn vị/người nhận bản lưu", "Số lượng bản", "Ngày chuyển", "Ký nhận", "Ghi chú",
    ]  # fmt: skip
    incoming = [
        "Ngày đến", "Số đến", "Tác giả", "Số ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu",
        "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú",
    ]  # fmt: skip
    assert {how_sure(heading, Register.OUTGOING) for heading in outgoing} == {1.0}
    assert {how_sure(heading, Register.INCOMING) for heading in incoming} == {1.0}


def rows(*cells: list[str]) -> list[Row]:
    return [Row(number, tuple(texts)) for number, texts in enumerate(cells, 1) if any(texts)]


def test_headings_are_found_below_titles_and_over_merged_cells() -> None:
    table = rows(
        ["LIÊN ĐOÀN LAO ĐỘNG TỈNH"],
        ["SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM 2025"],
        [],
        ["TT", "Văn bản", "", "", "Trích yếu", "Ký số", ""],
        ["", "Số", "Ký hiệu", "Ngày tháng", "", "Cá nhân", "Cơ quan"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        ["1", "05", "KH-LĐLĐ", "05/01", "Tháng công nhân", "x", ""],
    )
    merges = [(4, 1, 4, 3), (4, 5, 4, 6), (4, 0, 5, 0), (4, 4, 5, 4)]
    layout = layout_of(table, merges, Register.OUTGOING)
    assert layout
    assert (layout.first, layout.last) in ((4, 6), (5, 6))
    found = [guess.field for guess in guesses(layout.headings, Register.OUTGOING)]
    assert found[1:4] == [Field.NUMBER, Field.SYMBOL, Field.DATED]
    assert found[4:] == [Field.ABSTRACT, Field.SIGNED_BY_PERSON, Field.SIGNED_BY_ORGANISATION]
    assert [row.number for row in body_of(table, merges, layout.last)] == [7]


def test_a_table_without_headings_has_no_layout() -> None:
    assert layout_of(rows(["05", "KH-LĐLĐ"], ["06", "KH-LĐLĐ"]), [], Register.OUTGOING) is None


def test_a_cell_merged_over_rows_stands_in_each_of_them() -> None:
    table = rows(["so", "ngay_vb", "trich_yeu"], ["1", "05/01/2025", "a"], ["2", "", "b"])
    assert body_of(table, [(2, 1, 3, 1)], 1)[1].cells == ("2", "05/01/2025", "b")


def test_needed_columns_are_named() -> None:
    assert missing({0: Field.NUMBER, 1: Field.DATED}, Register.OUTGOING) == [frozenset({Field.ABSTRACT, Field.KIND_ABSTRACT})]


def read(*cells: Sequence[str], headings: list[str] = B5, context: Context = CONTEXT) -> Reading:
    table = [Row(number, tuple(map(str, texts))) for number, texts in enumerate(cells, 2)]
    chosen = {index: guess.field for index, guess in enumerate(guesses(headings, Register.OUTGOING)) if guess.field}
    return read_rows(table, chosen, Register.OUTGOING, context)


def read_one(*cells: str, headings: list[str] = B5) -> OutgoingEntry:
    [entry] = read(cells, headings=headings).entries
    assert isinstance(entry, OutgoingEntry)
    return entry


def test_a_whole_row_of_the_template_is_an_entry() -> None:
    entry = read_one(
        "06b", "NQ-TLĐ", "05/01/2025", "", "Về công tác cán bộ", "Nguyễn Văn A", "", "cấp dưới", "dien_tu", "1", "1", "truc",
         "05/01/2025 08:30", "H08,2025/01/05,06b", "khan", "0",
    )  # fmt: skip
    assert (entry.number, entry.suffix, entry.symbol, entry.kind, entry.dated) == (
        6,
        "b",
        "NQ-TLĐ",
        "Nghị quyết",
        date(2025, 1, 5),
    )
    assert (entry.direction, entry.urgency, entry.edxml_document_id) == (Direction.DOWN, "Khẩn", "H08,2025/01/05,06b")
    assert entry.claim.range().low is Level.WHOLLY


def test_a_row_without_its_manner_stays_unknown() -> None:
    entry = read_one("1", "KH-LĐLĐ", "05/01/2025", "", "Kế hoạch")
    assert (entry.claim.form, entry.claim.range().low, entry.claim.range().high) == (None, Level.PAPER, Level.WHOLLY)


def test_one_cross_for_electronic_does_not_say_that_no_paper_went() -> None:
    headings = ["so", "ngay_vb", "trich_yeu", "Bản điện tử"]
    assert read_one("1", "05/01/2025", "Kế hoạch a", "x", headings=headings).form is None
    both = [*headings, "Bản giấy"]
    crossed = [
        ["1", "05/01/2025", "Kế hoạch a", "x", ""],
        ["2", "05/01/2025", "Kế hoạch b", "x", "x"],
        ["3", "5/1/25", "Kế hoạch c", "", ""],
    ]
    assert [read_one(*row, headings=both).form for row in crossed] == [Form.ELECTRONIC, Form.BOTH, None]


@pytest.mark.parametrize(
    ("symbol", "kind", "abstract", "meant"),
    [
        ("KH-LĐLĐ", "", "Về việc nghỉ lễ", "Kế hoạch"),
        ("QĐ-LĐLĐ", "Quy định", "Chế độ công tác phí", "Quy định"),
        ("LĐLĐ", "", "V/v báo cáo số liệu", "Công văn"),
        ("", "", "Hướng dẫn công tác thi đua", "Hướng dẫn"),
    ],
)
def test_the_kind_is_that_of_its_column_of_the_symbol_or_of_the_first_words(
    symbol: str, kind: str, abstract: str, meant: str
) -> None:
    assert read(["1", symbol, "05/01/2025", kind, abstract]).entries[0].kind == meant


@pytest.mark.parametrize(
    ("symbol", "written", "meant"),
    [
        ("KH-LĐLĐ", "Kế hoạch tổ chức Tháng Công nhân", "Tổ chức Tháng Công nhân"),
        ("TB-LĐLĐ", "Kế hoạch họp thay đổi", "Kế hoạch họp thay đổi"),  # a notice about a plan
        ("KH-LĐLĐ", "Kế hoạch", "Kế hoạch"),
        ("LĐLĐ", "V/v báo cáo số liệu", "V/v báo cáo số liệu"),
    ],
)
def test_the_abstract_does_not_say_its_kind_again(symbol: str, written: str, meant: str) -> None:
    assert read(["1", symbol, "05/01/2025", "", written]).entries[0].abstract == meant


def test_every_wrong_cell_of_a_row_is_named() -> None:
    found = read(["x", "KH-LĐLĐ", "31/02/2025", "Thơ", "", "", "", "", "miệng", "có lẽ"])
    assert found.entries == ()
    assert {(problem.row, problem.column, problem.problem, problem.value) for problem in found.problems} == {
        (2, Field.NUMBER, "not_a_number", "x"),
        (2, Field.DATED, "not_a_day", "31/02/2025"),
        (2, Field.KIND, "kind_unknown", "Thơ"),
        (2, Field.ABSTRACT, "missing", ""),
        (2, Field.FORM, "form_unknown", "miệng"),
        (2, Field.SIGNED_BY_PERSON, "not_yes_no", "có lẽ"),
    }
    assert found.refused == 1


def test_what_a_broken_formula_left_and_what_is_too_long_is_refused() -> None:
    found = read(["1", "KH-LĐLĐ", "#REF!", "", "a" * 2001])
    assert [(one.column, one.problem) for one in found.problems] == [
        (Field.ABSTRACT, "too_long"),
        (Field.DATED, "formula_error"),
    ]


def test_titles_totals_and_signatures_are_passed_over() -> None:
    found = read(
        ["Tháng 01/2025"],
        ["1", "KH-LĐLĐ", "05/01/2025", "", "Tháng công nhân"],
        ["", "", "", "", "Cộng: 1 văn bản", "x"],
        ["", "", "", "Người lập sổ", "Thủ trưởng"],
    )  # fmt: skip
    assert (len(found.entries), found.skipped, found.problems, found.row_count) == (1, (2, 4, 5), (), 1)


def test_a_row_of_another_unit_is_refused() -> None:
    context = Context(TODAY, 2025, {"cd phucat": "CD-PHUCAT"})
    found = read(["1", "KH-LĐLĐ", "05/01/2025", "", "a b", "", "CD-PHUCAT"], context=context)
    assert [(one.problem, one.value) for one in found.problems] == [("other_unit", "CD-PHUCAT")]


SECRET = ["", "", "05/03/2025", "Quyết định", *[""] * 11, "1"]


def test_secret_documents_are_counted_by_month_and_kind_and_nothing_else() -> None:
    found = read(SECRET, SECRET, ["", "", "07/04/2025", *[""] * 12, "Mật"])
    assert found.secrets == {(2025, 3, "Quyết định"): 2, (2025, 4, ""): 1}
    assert (found.entries, found.problems) == ((), ())


@pytest.mark.parametrize("place", [0, 1, 4, 5, 8, 12, 13])
def test_a_secret_row_that_says_anything_refuses_the_file_without_repeating_it(place: int) -> None:
    told = [*SECRET]
    told[place] = "điều bí mật"
    with pytest.raises(SecretContent) as refused:
        read(["1", "KH-LĐLĐ", "05/01/2025", "", "a b"], told)
    assert refused.value.rows == (3,)
    assert "điều bí mật" not in str(refused.value)


def test_a_mark_in_any_column_makes_a_row_secret() -> None:
    with pytest.raises(SecretContent):
        read(["1", "KH-LĐLĐ", "05/01/2025", "", "a b", "TỐI MẬT"])
    with pytest.raises(SecretContent):  # and a column that is left out may not speak of it either
        read([*SECRET, "lời giải thích"], headings=[*B5, "Diễn giải"])


def test_of_a_secret_row_its_month_and_kind_are_kept() -> None:
    chosen = {2: Field.DATED, 3: Field.KIND, 15: Field.SECRET}
    assert without_content(Row(2, tuple(SECRET)), chosen, CONTEXT).cells == (
        "",
        "",
        "2025-03-01",
        "Quyết định",
        *[""] * 11,
        "1",
    )


def test_a_secret_row_without_a_day_is_refused_and_not_repeated() -> None:
    found = read(["", "", "mùa xuân", "", *[""] * 11, "1"])
    assert [(one.problem, one.value) for one in found.problems] == [("secret_without_day", "")]


def place(entry: Entry) -> Place:
    assert isinstance(entry, OutgoingEntry)
    return entry.dated.year, entry.number, entry.suffix


def test_rows_that_say_the_same_are_one_and_rows_that_contradict_are_refused_together() -> None:
    same = ["1", "KH-LĐLĐ", "05/01/2025", "", "a b"]
    found = plan(read(same, same, ["2", "KH-LĐLĐ", "05/01/2025", "", "c"], ["2", "KH-LĐLĐ", "06/01/2025", "", "d"]), place, {})
    assert [entry.row for entry in found.added] == [2]
    assert found.same == (3,)
    assert [(one.row, one.problem, one.value) for one in found.problems] == [(4, "twice", "5"), (5, "twice", "4")]


def test_what_is_there_is_same_different_or_taken() -> None:
    reading = read(["1", "KH-LĐLĐ", "05/01/2025", "", "a b"])
    [entry] = reading.entries
    assert plan(reading, place, {place(entry): entry}).same == (2,)
    other = read_one("1", "KH-LĐLĐ", "05/01/2025", "", "khác")
    assert plan(reading, place, {place(entry): other}).differing == ((2, ("abstract",)),)
    another = read_one("1", "QĐ-LĐLĐ", "07/02/2025", "", "khác")
    taken = plan(reading, place, {place(entry): another})
    assert [(one.problem, one.value) for one in taken.problems] == [("number_taken", "01/QĐ-LĐLĐ, 07/02/2025")]


Line = tuple[str, str, str, str, str]
LINES = st.tuples(
    st.integers(1, 6).map(str), st.sampled_from(["KH-LĐLĐ", "QĐ-LĐLĐ"]), st.sampled_from(["05/01/2025", "6/2/25"]), st.just(""),
    st.sampled_from(["a b", "c d", ""]),
)  # fmt: skip


@given(st.lists(LINES, max_size=12), st.randoms())
def test_the_order_of_rows_and_their_repetition_do_not_matter(lines: list[Line], random: Random) -> None:
    def outcome(some: list[Line]) -> tuple[set[Entry], list[tuple[Line, CellProblem | RowProblem]]]:
        found = plan(read(*some), place, {})
        added = set(found.added)
        refused = sorted({(some[one.row - 2], one.problem) for one in found.problems})
        return added, refused

    shuffled = [*lines, *lines]
    random.shuffle(shuffled)
    assert outcome(lines) == outcome(shuffled)


@given(st.lists(LINES, max_size=12))
def test_what_was_brought_in_is_the_same_when_it_comes_again(lines: list[Line]) -> None:
    first = plan(read(*lines), place, {})
    again = plan(read(*lines), place, {place(entry): entry for entry in first.added})
    assert again.added == ()
    assert len(again.same) == len(first.added) + len(first.same)
