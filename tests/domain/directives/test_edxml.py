"""What an envelope says: which of them send a document, and how numbers, days and kinds are written in them."""

from datetime import date

import pytest

from domain.directives.edxml import (
    CARRIES,
    SENDS,
    Business,
    Named,
    kind_of,
    read_day,
    read_document_id,
    read_number,
    symbol_key,
)


def test_every_business_sends_a_document_or_changes_one() -> None:
    assert sorted([*SENDS, Business.UPDATE, Business.REVOKE]) == sorted(Business)
    assert sorted([*CARRIES, Business.REVOKE]) == sorted(Business)
    assert [(one.name, one.value) for one in Business] == [("NEW", 0), ("REVOKE", 1), ("UPDATE", 2), ("REPLACE", 3)]


@pytest.mark.parametrize(
    ("text", "notation", "meant"),
    [
        ("12", "KH-LĐLĐ", (12, "", "KH-LĐLĐ")),
        ("12/KH-LĐLĐ", "", (12, "", "KH-LĐLĐ")),
        ("12/KH-LĐLĐ", "QĐ-LĐLĐ", (12, "", "QĐ-LĐLĐ")),  # its own field is believed first
        ("05-NQ/TU", "", (5, "", "NQ/TU")),
        ("06b", "NQ - TLĐ", (6, "b", "NQ-TLĐ")),
        ("06B /NQ-TLĐ", "", (6, "b", "NQ-TLĐ")),
        (" 0012 ", "/KH-LĐLĐ ", (12, "", "KH-LĐLĐ")),
        ("7", "", (7, "", "")),
        ("số mới", "KH-LĐLĐ", None),
        ("1234567", "", None),
        ("", "KH-LĐLĐ", None),
    ],
)
def test_a_number_is_read_from_one_field_or_two(text: str, notation: str, meant: tuple[int, str, str] | None) -> None:
    assert read_number(text, notation) == meant


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024/06/17", date(2024, 6, 17)),
        ("2024-6-7", date(2024, 6, 7)),
        ("17/06/2024", date(2024, 6, 17)),
        (" 2024/06/17 08:30:00", date(2024, 6, 17)),
        ("2024/13/01", None),
        ("31/02/2024", None),
        ("2024/06/171", None),
        ("17.06.2024", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_the_standard_writes_it_or_the_other_way_round(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("H08,2024/06/17,12/KH-LĐLĐ", Named("H08,2024/06/17,12/KH-LĐLĐ", 12, "", "KH-LĐLĐ", date(2024, 6, 17))),
        (" H08 , 17/06/2024 , 06b-NQ/TU ", Named("H08 , 17/06/2024 , 06b-NQ/TU", 6, "b", "NQ/TU", date(2024, 6, 17))),
        ("H08,hôm qua,12", Named("H08,hôm qua,12", 12)),
        ("H08,2024/06/17,mới", Named("H08,2024/06/17,mới", None)),
        ("H08,2024/06/17,12/KH,bản 2", Named("H08,2024/06/17,12/KH,bản 2", None)),
        ("", Named("", None)),
    ],
)
def test_a_document_is_named_by_organ_day_and_number_and_else_by_its_text_alone(text: str, named: Named) -> None:
    assert read_document_id(text) == named


@pytest.mark.parametrize(
    ("type_name", "symbol", "kind"),
    [
        ("KẾ HOẠCH", "QĐ-LĐLĐ", "Kế hoạch"),  # the name is believed first
        ("  ke  hoach ", "", "Kế hoạch"),
        ("công văn", "KH-LĐLĐ", "Công văn"),
        ("Loại khác", "QĐ-LĐLĐ", "Quyết định"),
        ("", "LĐLĐ-VP", "Công văn"),
        ("", "", "Công văn"),
    ],
)
def test_the_kind_is_that_of_its_name_else_that_of_the_symbol(type_name: str, symbol: str, kind: str) -> None:
    assert kind_of(type_name, symbol) == kind


def test_two_writings_of_one_symbol_have_one_key_and_two_symbols_have_two() -> None:
    assert {symbol_key(one) for one in ("KH-LĐLĐ", "kh - LDLD", "KH/LĐLĐ", "-KH.LĐLĐ ")} == {"kh-ldld"}
    assert symbol_key("KH-LĐLĐ") != symbol_key("KH-LĐLĐ-VP")
