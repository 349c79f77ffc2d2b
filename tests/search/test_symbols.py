"""Document numbers: however written, one key; found in texts as printed and as scanned."""

import pytest

from search.symbols import cited_keys, is_symbol, own_keys, shortened, symbol_key, symbol_places


@pytest.mark.parametrize("written", ["05-NQ/TU", "5-nq/tu", "05 - NQ / TU", "05/NQ-TU", "005–NQ/TU"])
def test_one_number_has_one_key(written: str) -> None:
    assert symbol_key(written) == "5-nq-tu"


def test_a_letter_after_the_number_belongs_to_it() -> None:
    assert symbol_key("06b/NQ-CĐCS") == "6b-nq-cdcs"
    assert symbol_key("6/NQ-CĐCS") != symbol_key("06b/NQ-CĐCS")


@pytest.mark.parametrize(
    "written",
    ["12/KH-LĐLĐ", "245/LĐLĐ-VP", "1234-CV/VPTU", "56/KH-MTTQ-BTT", "30/2020/NĐ-CP", "12/2015/QH13", "07 /BC - LĐLĐ", "1/nq"],
)
def test_a_number_with_letters_is_a_symbol(written: str) -> None:
    assert is_symbol(written)


@pytest.mark.parametrize("written", ["", "05", "20/9/2021", "2021", "NQ/TU", "Nghị quyết 05-NQ/TU", "2-3", "a-1"])
def test_other_texts_are_not(written: str) -> None:
    assert not is_symbol(written)


def test_a_scan_with_spaces_cites_the_same_number() -> None:
    assert cited_keys("Số: 07 /BC - LĐLĐ") == cited_keys("Số: 07/BC-LĐLĐ") == {"7-bc", "7-bc-ldld"}


def test_a_date_cites_nothing() -> None:
    assert cited_keys("ngày 20/9/2021, từ 2-3 lần") == set()


def test_places_are_those_of_the_text() -> None:
    text = "theo Nghị quyết số 05-NQ/TU."
    assert {text[start:end] for start, end, _ in symbol_places(text)} == {"05-NQ/TU"}


def test_a_number_is_shortened_from_the_right() -> None:
    assert shortened("12-kh-ldld") == ["12", "12-kh", "12-kh-ldld"]


def test_a_document_without_a_number_has_no_keys() -> None:
    assert own_keys(["", "  "]) == set()
