"""Both roads to Tesseract: the library in the process, and the program of the machine."""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

import numpy as np
import pytest

from ocr_worker.pipeline import tesseract
from tests.ocr_worker.pipeline.made_pages import DPI, Gray, letter

pytestmark = pytest.mark.reading


@pytest.fixture
def anew() -> Iterator[None]:
    """As in a process that has loaded nothing."""
    tesseract._engine.cache_clear()
    yield
    tesseract._engine.cache_clear()


def test_both_roads_find_the_same_words_in_the_same_places_and_lines() -> None:
    assert tesseract.load()
    fast, plain = tesseract.recognise(letter(), DPI), tesseract.recognise_plainly(letter(), DPI)
    alike = SequenceMatcher(
        None, [word.text for word in fast], [word.text for word in plain], autojunk=False
    ).get_matching_blocks()
    pairs = [(fast[a + step], plain[b + step]) for a, b, size in alike for step in range(size)]
    assert len(pairs) >= 0.97 * max(len(fast), len(plain))
    assert all(abs(one.left - other.left) <= 2 and abs(one.top - other.top) <= 2 for one, other in pairs)
    assert [one.line for one, _ in pairs] == [other.line for _, other in pairs]
    assert all(0 <= word.confidence <= 1 for word in fast)


@pytest.mark.parametrize("turns", range(4))
def test_both_roads_turn_a_page_the_same_way(turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(letter(), turns))
    fast, plain = tesseract.orientation(page, DPI), tesseract.orientation_plainly(page, DPI)
    assert fast[0] == plain[0] == 90 * turns
    assert fast[1] > 1


@pytest.mark.parametrize("way", [tesseract.orientation, tesseract.orientation_plainly])
def test_a_page_without_letters_has_no_orientation(way: Callable[[Gray, int], tuple[int, float]]) -> None:
    assert way(np.full((300, 200), 255, np.uint8), DPI) == (0, 0.0)


def test_a_page_after_another_is_read_as_if_it_were_the_first() -> None:
    first = tesseract.recognise(letter(), DPI)
    tesseract.recognise(letter()[:600], DPI, layout=tesseract.BLOCK)
    assert tesseract.recognise(letter(), DPI) == first


def test_where_the_library_finds_no_models_the_program_reads(monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    monkeypatch.setattr(tesseract, "_models", lambda: "/nonexistent/")
    assert not tesseract.load()
    assert "KẾ HOẠCH" in " ".join(word.text for word in tesseract.recognise(letter(), DPI))
