"""The printed lines of a page as evidence: a field is where its lines are, and no surer than they are."""

import pytest

from domain.archive.reading import Box, Word
from ocr_worker.metadata.layout import Line, field, trimmed


def line(*words: tuple[str, float], y: float = 0.0, page: int = 1) -> Line:
    """A line of words, each with the confidence with which it was read, side by side from the left."""
    return Line(tuple(Word(text, Box(place / 4, y, 0.25, 0.125), sure, 0) for place, (text, sure) in enumerate(words)), page)


SURE, DOUBTFUL = line(("Kế", 1.0), ("hoạch", 0.8)), line(("Hạn", 0.5), ("mười", 0.3), y=0.25)


def test_a_line_is_as_sure_as_its_words_are_on_the_average() -> None:
    assert (SURE.confidence, DOUBTFUL.confidence) == (0.9, 0.4)


@pytest.mark.parametrize(
    ("lines", "factor", "confidence"),
    [
        ([SURE], 1.0, 0.9),
        ([SURE, DOUBTFUL], 1.0, 0.4),  # the least sure line decides
        ([DOUBTFUL, SURE], 1.0, 0.4),
        ([SURE], 0.5, 0.45),
        ([SURE, DOUBTFUL], 0.5, 0.2),
        ([SURE], 2.0, 1.0),  # nothing is surer than certain
        ([line(("a", 1 / 3))], 1.0, 0.333),
    ],
)
def test_a_field_is_as_sure_as_its_least_sure_line_times_the_confidence_of_the_rule(
    lines: list[Line], factor: float, confidence: float
) -> None:
    assert field("x", lines, factor).confidence == confidence


def test_a_field_stands_where_its_lines_stand() -> None:
    found = field("Kế hoạch", iter([line(("Kế", 1.0), page=2), line(("hoạch", 1.0), ("năm", 1.0), y=0.5, page=2)]))
    assert (found.value, found.page, found.box) == ("Kế hoạch", 2, Box(0, 0, 0.5, 0.625))


def test_scraps_at_the_ends_of_a_line_are_cut_off_and_a_line_of_scraps_stays() -> None:
    assert trimmed(line(("—", 0.2), ("Số", 0.9), (":", 0.9), ("12", 0.9))).text == "Số : 12"
    assert trimmed(line(("|", 0.1), ("Số", 0.9), ("~", 0.1), ("•", 0.1))).text == "Số"
    assert trimmed(line(("—", 0.2), ("•", 0.2))).text == "— •"
