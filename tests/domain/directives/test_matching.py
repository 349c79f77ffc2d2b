"""Which paper of the archive is which entry of the register."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.matching import (
    Identity,
    IssuerIsAnother,
    Likeness,
    check_issuer,
    identity_of,
    is_of_body,
    likeness,
    pairs,
)

PAPER = identity_of("12", "KH - LDLD", "2025-02-05", "Kế hoạch")


def test_number_symbol_and_date_make_sure() -> None:
    assert likeness(PAPER, identity_of("012", "KH-LĐLĐ", "2025-02-05", "Kế hoạch")) is Likeness.SURE


def test_number_kind_and_year_make_a_doubt() -> None:
    assert likeness(PAPER, identity_of("12", "KH-?", "2025-03", "Kế hoạch")) is Likeness.DOUBT
    assert likeness(PAPER, identity_of("12", "KH-LĐLĐ", "2025-02-06", "KẾ HOẠCH")) is Likeness.DOUBT


def test_another_number_suffix_kind_or_year_makes_another_document() -> None:
    for other in (
        identity_of("13", "KH-LĐLĐ", "2025-02-05", "Kế hoạch"),
        identity_of("12b", "KH-LĐLĐ", "2025-02-05", "Kế hoạch"),
        identity_of("12", "TB-LĐLĐ", "2025-02-06", "Thông báo"),
        identity_of("12", "KH-LĐLĐ", "2024-02-05", "Kế hoạch"),
        identity_of("", "KH-LĐLĐ", "2025-02-05", "Kế hoạch"),
    ):
        assert likeness(PAPER, other) is Likeness.NONE


def test_two_papers_without_a_number_are_not_the_same() -> None:
    nameless = identity_of("", "KH-LĐLĐ", "2025-02-05", "Kế hoạch")
    assert likeness(nameless, nameless) is Likeness.NONE


def test_an_issuer_is_known_by_its_abbreviation_and_its_place() -> None:
    assert is_of_body("LĐLĐ TỈNH BÌNH ĐỊNH", "Liên đoàn Lao động tỉnh Bình Định")
    assert is_of_body("LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH", "Liên đoàn Lao động tỉnh")
    assert not is_of_body("LIÊN ĐOÀN LAO ĐỘNG HUYỆN PHÙ CÁT", "Liên đoàn Lao động tỉnh")
    assert not is_of_body("", "Liên đoàn Lao động tỉnh")


IDENTITIES = st.builds(
    identity_of,
    st.sampled_from(["1", "2", "02", "2b", ""]),
    st.sampled_from(["KH-LĐLĐ", "TB-LĐLĐ", ""]),
    st.sampled_from(["2025-02-05", "2025-02", "2025", "2024-01-01", ""]),
    st.sampled_from(["Kế hoạch", "Thông báo"]),
)


@given(st.lists(IDENTITIES, max_size=8), st.lists(IDENTITIES, max_size=8))
def test_each_is_in_one_pair_at_most_and_nothing_sure_is_left(papers: list[Identity], entries: list[Identity]) -> None:
    found = pairs(enumerate(papers), enumerate(entries))
    assert len({paper for paper, _, _ in found}) == len({entry for _, entry, _ in found}) == len(found)
    free_papers = set(range(len(papers))) - {paper for paper, _, _ in found}
    free_entries = set(range(len(entries))) - {entry for _, entry, _ in found}
    assert not any(likeness(papers[one], entries[other]) for one in free_papers for other in free_entries)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("", "LĐLĐ huyện Phù Cát"),  # nothing was read
        ("LĐLĐ HUYỆN PHÙ CÁT", "Liên đoàn Lao động huyện Phù Cát"),
        ("LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH", "Liên đoàn Lao động tỉnh"),
        ("LIÊN ĐOÀN LAO ĐỘNG TỈNH", "Liên đoàn Lao động tỉnh Gia Lai"),
    ],
)
def test_a_paper_is_taken_for_a_units_unless_it_names_another_body(written: str, name: str) -> None:
    check_issuer(written, name)


@pytest.mark.parametrize("written", ["LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH", "UBND HUYỆN PHÙ CÁT", "LĐLĐ HUYỆN PHÙ MỸ"])
def test_a_paper_of_another_body_is_not(written: str) -> None:
    with pytest.raises(IssuerIsAnother) as refused:
        check_issuer(written, "LĐLĐ huyện Phù Cát")
    assert (refused.value.issuer, refused.value.unit) == (written, "LĐLĐ huyện Phù Cát")
