import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.archive.intake import RECEIVED, Outcome, group_pages

NAMES = st.lists(
    st.builds(
        "{}{}{}.{}".format,
        st.sampled_from(["", "a/"]), st.sampled_from("xy"), st.sampled_from(["", "_p0", "_p1", "_p2", "_p3"]),
        st.sampled_from(["jpg", "pdf"]),
    ),
    unique=True,
)  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        ["to_p1.jpg", "to_p2.jpg"],
        ["to-p1.png", "to-p2.png"],
        ["to_1.jpg", "to_2.jpg"],
        ["to (p1).tif", "to (p2).tif"],
        ["Tờ trình trang 1.jpg", "Tờ trình trang 2.jpg"],
        ["to_p01.JPG", "to_p02.JPG"],
    ],
)
def test_images_numbered_from_one_are_pages_of_one_document(names: list[str]) -> None:
    assert group_pages(names[::-1]) == [names]


@pytest.mark.parametrize(
    "names",
    [
        ["to_p2.jpg", "to_p3.jpg"],  # does not begin with 1
        ["to_p1.jpg", "to_p3.jpg"],  # a page is missing
        ["to_p1.jpg"],
        ["a/to_p1.jpg", "b/to_p2.jpg"],
        ["to_p1.jpg", "to_p2.png"],
        ["to_p1.pdf", "to_p2.pdf"],  # each PDF is a document
        ["CV-001.jpg", "CV-002.jpg"],  # a series of letters
        ["CV_001.tif", "CV_002.tif"],
        ["to 1.jpg", "to 2.jpg"],
        ["to (1).jpg", "to (2).jpg"],  # copies, as browsers name them
        ["lop1.jpg", "lop2.jpg"],  # a word that ends in p
    ],
)
def test_anything_less_certain_stands_alone(names: list[str]) -> None:
    assert group_pages(names) == [[name] for name in names]


@given(NAMES)
def test_every_file_is_in_exactly_one_group(names: list[str]) -> None:
    assert sorted(name for group in group_pages(names) for name in group) == sorted(names)


def test_every_outcome_answers_a_file_that_came_but_that_it_was_destroyed_later() -> None:
    assert sorted([*RECEIVED, Outcome.DESTROYED]) == sorted(Outcome)
