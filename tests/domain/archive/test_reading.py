"""Places on a page, and the fields that are proposed from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.archive.reading import FIELD_FACETS, FIELD_KINDS, FIELD_NAMES, Box

EIGHTHS = st.integers(0, 4).map(lambda number: number / 8)  # exact in binary
BOXES = st.builds(Box, EIGHTHS, EIGHTHS, EIGHTHS, EIGHTHS)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Box(0, 0, 0.5, 0.25), Box(0.25, 0, 0.5, 0.5), Box(0, 0, 0.75, 0.5)),
        (Box(0.5, 0.5, 0.25, 0.25), Box(0, 0, 0.25, 0.25), Box(0, 0, 0.75, 0.75)),
        (Box(0, 0, 1, 1), Box(0.25, 0.25, 0.5, 0.5), Box(0, 0, 1, 1)),  # one lies within the other
        (Box(0.25, 0.75, 0, 0), Box(0.25, 0.75, 0, 0), Box(0.25, 0.75, 0, 0)),
    ],
)
def test_the_box_around_two_is_the_smallest_that_holds_both(one: Box, other: Box, both: Box) -> None:
    assert one.union(other) == both


def holds(outer: Box, inner: Box) -> bool:
    is_left_above = outer.x <= inner.x and outer.y <= inner.y
    is_wide = outer.x + outer.width >= inner.x + inner.width
    return is_left_above and is_wide and outer.y + outer.height >= inner.y + inner.height


@given(BOXES, BOXES, BOXES)
def test_in_which_order_boxes_are_put_together_does_not_matter(one: Box, other: Box, third: Box) -> None:
    assert one.union(other) == other.union(one)
    assert one.union(other).union(third) == one.union(other.union(third))
    assert all(holds(one.union(other), each) for each in (one, other))


def test_the_fields_of_a_document_are_these_and_pages_are_counted_by_two_of_them() -> None:
    assert FIELD_NAMES == (
        "number", "symbol", "kind", "date", "issuer", "abstract", "signer", "signer_title", "urgency", "secrecy",
    )  # fmt: skip
    assert FIELD_FACETS == ("kind", "issuer")
    assert {one.name: one.longest for one in FIELD_KINDS if one.longest != 100} == {
        "number": 11, "symbol": 30, "issuer": 200, "abstract": 500, "signer": 50,
    }  # fmt: skip
