"""Which column of people's own registers is what: where the headings stand, and what each of them means."""

import pytest

from domain.directives.imports.columns import (
    NEEDED,
    Field,
    Guess,
    Register,
    Row,
    body_of,
    field_of,
    fields_of,
    guesses,
    layout_of,
    missing,
    plain,
    year_of,
)


def test_the_headings_of_the_template_are_all_known() -> None:
    template = {
        "so": Field.NUMBER, "ky_hieu": Field.SYMBOL, "ngay_vb": Field.DATED, "loai": Field.KIND, "trich_yeu": Field.ABSTRACT,
        "nguoi_ky": Field.SIGNER, "don_vi": Field.UNIT, "huong_dan_den": Field.DIRECTION, "hinh_thuc": Field.FORM,
        "ky_so_ca_nhan": Field.SIGNED_BY_PERSON, "ky_so_co_quan": Field.SIGNED_BY_ORGANISATION, "kenh": Field.CHANNEL,
        "thoi_diem_gui": Field.SENT_AT, "edxml_document_id": Field.EDXML_ID, "do_khan": Field.URGENCY, "mat": Field.SECRET,
    }  # fmt: skip
    assert guesses([*template], Register.OUTGOING) == [Guess(field, 1.0) for field in template.values()]


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


@pytest.mark.parametrize(
    ("heading", "register", "field", "sure"),
    [
        ("Số, ký hiệu (văn bản):", Register.OUTGOING, Field.WRITTEN_NUMBER, 1.0),
        ("Văn bản đến / Ngày tháng", Register.INCOMING, Field.DATED, 0.9),
        ("Ghi rõ trích yếu nội dung của văn bản", Register.OUTGOING, Field.ABSTRACT, 0.6),
        ("Nơi nhận", Register.OUTGOING, Field.RECIPIENTS, 1.0),  # one word, two registers, two meanings
        ("Nơi nhận", Register.INCOMING, Field.ASSIGNEE, 1.0),
        ("Ng­êi ký", Register.OUTGOING, Field.SIGNER, 1.0),  # TCVN3, as old workbooks have it
    ],
)
def test_a_heading_means_a_field_more_or_less_surely(heading: str, register: Register, field: Field, sure: float) -> None:
    assert field_of(heading, register) == (field, sure)


def test_a_heading_that_nobody_knows_means_nothing() -> None:
    assert field_of("Màu bìa", Register.OUTGOING) is None
    assert field_of("Số đến", Register.OUTGOING) is None  # a field of the other register


def test_a_field_is_given_once_to_the_surest_column_and_of_equals_to_the_first() -> None:
    found = guesses(["Ngày tháng năm của văn bản đi", "Ngày văn bản", "Ngày ban hành"], Register.OUTGOING)
    assert found == [Guess(None), Guess(Field.DATED, 1.0), Guess(None)]


def test_what_people_chose_last_time_is_chosen_again_also_to_leave_a_column_out() -> None:
    before = {plain("Màu bìa"): "note", plain("Ghi chú"): ""}
    assert guesses(["MÀU BÌA", "Ghi chú", ""], Register.OUTGOING, before) == [
        Guess(Field.NOTE, 1.0),
        Guess(None, 1.0),
        Guess(None),
    ]


@pytest.mark.parametrize("register", Register)
def test_what_is_needed_can_be_chosen(register: Register) -> None:
    assert all(needed <= set(fields_of(register)) for needed in NEEDED[register])
    assert missing({}, register) == list(NEEDED[register])


@pytest.mark.parametrize(
    ("texts", "year"),
    [
        (["Sổ văn bản đi", "Năm 2025"], 2025),
        (["so di nam 2025.xlsx"], 2025),
        (["2024-2025", "Năm 2025"], None),  # the first that speaks of years says two
        (["2025, năm 2025"], 2025),
        (["Quyết định 12025"], None),
        ([], None),
    ],
)
def test_a_title_speaks_of_one_year_or_of_none(texts: list[str], year: int | None) -> None:
    assert year_of(texts) == year
