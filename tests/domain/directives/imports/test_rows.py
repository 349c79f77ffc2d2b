"""What people's own registers say, whatever the order of their rows."""

from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.directives import Direction
from domain.directives.imports.cells import (
    CellProblem,
)
from domain.directives.imports.columns import Field, Register, Row, guesses
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
from domain.directives.issuance import Form, Level

TODAY = date(2026, 11, 22)
CONTEXT = Context(TODAY, 2025)
B5 = [
    "so", "ky_hieu", "ngay_vb", "loai", "trich_yeu", "nguoi_ky", "don_vi", "huong_dan_den", "hinh_thuc", "ky_so_ca_nhan",
    "ky_so_co_quan", "kenh", "thoi_diem_gui", "edxml_document_id", "do_khan", "mat",
]  # fmt: skip


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
