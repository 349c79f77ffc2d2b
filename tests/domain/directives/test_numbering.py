"""Runs of numbers: to which a document belongs, its symbol, and what a missing number may mean."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.numbering import EXPLAINS, GapReason, Reset, Series, backwards, missing, series_key, symbol_of

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


@pytest.mark.parametrize(
    ("taken", "last", "runs"),
    [
        ([], 0, []),
        ([], 3, [range(1, 4)]),
        ([1, 2, 3], 3, []),
        ([3, 1], 3, [range(2, 3)]),
        ([2, 2, 7, 9], 8, [range(1, 2), range(3, 7), range(8, 9)]),  # 9 lies past the last
    ],
)
def test_the_numbers_that_are_not_taken_are_runs_in_order(taken: list[int], last: int, runs: list[range]) -> None:
    assert missing(taken, last) == runs


@given(st.lists(st.integers(-3, 40)), st.integers(0, 30))
def test_each_number_up_to_the_last_is_taken_or_missing(taken: list[int], last: int) -> None:
    gone = [number for run in missing(taken, last) for number in run]
    assert sorted(gone + [number for number in set(taken) if 1 <= number <= last]) == list(range(1, last + 1))
    assert gone == sorted(gone)


DAYS = [date(2025, 1, 2), date(2025, 1, 5), date(2025, 1, 4), date(2025, 1, 4), date(2025, 1, 5)]


def test_a_number_goes_backwards_if_a_smaller_one_bears_a_later_day() -> None:
    assert backwards(list(enumerate(DAYS, start=1))) == [(3, date(2025, 1, 4)), (4, date(2025, 1, 4))]
    assert backwards([]) == []


@given(st.lists(st.dates()))
def test_days_in_order_never_go_backwards_and_one_day_earlier_does(days: list[date]) -> None:
    ordered = sorted(days)
    assert backwards(list(enumerate(ordered))) == []
    if ordered and ordered[-1] > date.min:
        late = (99, ordered[-1] - timedelta(days=1))
        assert backwards([*enumerate(ordered), late]) == [late]


def test_every_reason_of_a_gap_explains_it_but_that_a_document_was_lost() -> None:
    assert sorted([*EXPLAINS, GapReason.LOST]) == sorted(GapReason)
