"""What changed between two readings of a paper: words, page by page, with a line around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.meetings.changes import Pages, changes


def told(old: Pages, new: Pages) -> list[tuple[int, list[list[tuple[str, str]]]]]:
    """Page and places, each a row of (kind, text)."""
    return [(one.page, [[(piece.kind, piece.text) for piece in place] for place in one.places]) for one in changes(old, new)]


def test_a_changed_word_stands_between_what_stayed_with_the_lines_around() -> None:
    old = [(1, "Kế hoạch\nHạn ngày 5 tháng 3\nNơi nhận")]
    new = [(1, "Kế hoạch\nHạn ngày 15 tháng 3\nNơi nhận")]
    assert told(old, new) == [
        (1, [[
            ("around", "Kế hoạch"),
            ("same", "Hạn ngày"), ("removed", "5"), ("added", "15"), ("same", "tháng 3"),
            ("around", "Nơi nhận"),
        ]]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "new",
    [
        [(1, "một hai ba\nbốn năm")],
        [(1, "  một   hai\tba\n\n bốn năm ")],  # spaces and empty lines say nothing
        [(1, "một hai\nba bốn năm")],  # only the ends of lines moved
        [(1, "một hai ba"), (2, "bốn năm")],
    ],
)
def test_the_same_words_are_no_change_however_they_are_set(new: Pages) -> None:
    assert changes([(1, "một hai ba\nbốn năm")], new) == []


def test_changes_are_told_on_the_pages_of_the_new_text() -> None:
    old = [(1, "một\nhai"), (2, "ba\nbốn")]
    new = [(1, "một\nthêm\nhai"), (2, "ba"), (3, "bốn\ncuối")]
    assert [(one.page, len(one.places)) for one in changes(old, new)] == [(1, 1), (3, 1)]


def test_what_was_only_put_in_takes_nothing_away_and_the_other_way_round() -> None:
    short, long = [(1, "một ba")], [(1, "một hai ba")]
    assert told(short, long) == [(1, [[("same", "một"), ("added", "hai"), ("same", "ba")]])]
    assert told(long, short) == [(1, [[("same", "một"), ("removed", "hai"), ("same", "ba")]])]


def test_what_was_taken_away_at_the_end_is_told_on_the_last_page() -> None:
    assert told([(1, "một"), (2, "hai")], [(1, "một")]) == [(1, [[("around", "một"), ("removed", "hai")]])]
    assert told([(1, "một"), (2, "hai\nba")], [(1, "một"), (2, "hai")]) == [(2, [[("around", "hai"), ("removed", "ba")]])]
    assert told([(4, "hết")], []) == [(1, [[("removed", "hết")]])]


LINES = st.lists(st.sampled_from(["một hai", "ba", "bốn năm sáu", ""]), max_size=6)


@given(LINES, LINES)
def test_what_is_told_as_added_and_removed_leads_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    places = [place for one in changes([(1, "\n".join(old))], [(1, "\n".join(new))]) for place in one.places]
    added, removed = (
        sum(len(piece.text.split()) for place in places for piece in place if piece.kind == kind)
        for kind in ("added", "removed")
    )
    before, after = (len(" ".join(text).split()) for text in (old, new))
    assert after - before == added - removed
    assert not places or added + removed > 0
