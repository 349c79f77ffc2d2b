"""Runs of numbers: to which a document belongs, its symbol, and what a missing number may mean."""

from datetime import date

import pytest

from domain.directives.numbering import EXPLAINS, GapReason, Reset, Series, series_key, symbol_of

TERM = date(2023, 9, 28)


@pytest.mark.parametrize(
    ("reset", "series", "key"),
    [
        (Reset.YEAR, Series.COMMON, "2025|"),
        (Reset.YEAR, Series.PER_KIND, "2025|Kế hoạch"),
        (Reset.TERM, Series.COMMON, "term:2023-09-28|"),
        (Reset.TERM, Series.PER_KIND, "term:2023-09-28|Kế hoạch"),
    ],
)
def test_a_document_belongs_to_one_run_by_the_rule_of_its_unit(reset: Reset, series: Series, key: str) -> None:
    assert series_key(reset, series, kind="Kế hoạch", dated=date(2025, 12, 31), term_from=TERM) == key


def test_the_count_of_a_year_begins_anew_and_that_of_a_term_does_not() -> None:
    runs = [
        series_key(reset, Series.COMMON, kind="", dated=day, term_from=TERM)
        for reset in (Reset.YEAR, Reset.TERM)
        for day in (date(2024, 12, 31), date(2025, 1, 1))
    ]
    assert runs == ["2024|", "2025|", "term:2023-09-28|", "term:2023-09-28|"]


@pytest.mark.parametrize(
    ("kind", "body", "mark", "symbol"),
    [
        ("Kế hoạch", "LĐLĐ", "/", "KH-LĐLĐ"),
        ("Công văn", "LĐLĐ-VP", "/", "LĐLĐ-VP"),  # the State and the unions give letters no sign
        ("Kế hoạch", "TU", "-", "KH/TU"),
        ("Công văn", "TU", "-", "CV/TU"),  # the Party does
        ("Quyết định", "", "/", "QĐ"),
        ("Thư ngỏ", "LĐLĐ", "/", "LĐLĐ"),  # a kind without a sign
    ],
)
def test_the_symbol_names_kind_and_body_as_each_family_writes_it(kind: str, body: str, mark: str, symbol: str) -> None:
    assert symbol_of(kind, body=body, mark=mark) == symbol


def test_every_reason_of_a_gap_explains_it_but_that_a_document_was_lost() -> None:
    assert sorted([*EXPLAINS, GapReason.LOST]) == sorted(GapReason)
