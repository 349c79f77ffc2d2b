"""Preparation: what it mends, and that it leaves a clean page alone."""

import numpy as np
import pytest

from domain.archive.reading import Box
from ocr_worker.pipeline import images
from tests.ocr_worker.pipeline.made_pages import DPI, letter, noisy, photocopied, skewed, stamped


def test_a_clean_page_comes_back_as_it_is() -> None:
    assert np.array_equal(images.cleaned(letter(), DPI), letter())


@pytest.mark.parametrize("skew_deg", [-2.6, -0.7, 0.0, 1.3, 4.0])
def test_skew_is_measured_to_a_tenth_of_a_degree(skew_deg: float) -> None:
    assert images.skew_of(skewed(letter(), skew_deg)) == pytest.approx(-skew_deg, abs=0.1)


@pytest.mark.parametrize("stored_deg", [0, 90, 180, 270])
def test_lines_are_set_level_and_a_second_opinion_is_asked_before_a_turn_is_believed(stored_deg: int) -> None:
    prepared = images.prepared(images.turned(letter(), stored_deg), DPI)
    assert prepared.gray.shape == letter().shape
    assert (prepared.rotation_deg + stored_deg) % 180 == 0
    assert not prepared.is_sure or prepared.rotation_deg == 0


def test_a_box_found_on_the_straight_page_lies_on_the_stored_one() -> None:
    stored = skewed(np.where(np.indices((1000, 800))[0] < 0, 0, 255).astype(np.uint8), 0)
    stored[200:220, 600:640] = 0
    straight = images.straightened(stored, 3.0)
    rows, columns = np.nonzero(straight < 128)
    box = Box(columns.min() / 800, rows.min() / 1000, np.ptp(columns) / 800, np.ptp(rows) / 1000)
    back = images.before_straightening(box, 3.0, 800, 1000)
    assert back.x + back.width / 2 == pytest.approx(620 / 800, abs=0.003)
    assert back.y + back.height / 2 == pytest.approx(210 / 1000, abs=0.003)


def test_the_shadow_of_a_copy_becomes_white_paper() -> None:
    even = images.evened(photocopied(letter()))
    assert np.percentile(even[1500:], 5) > 200
    assert even[540:1000].min() < 60


def test_specks_go_and_letters_stay() -> None:
    page = np.where(letter() < 128, 0, 255).astype(np.uint8)
    dotted = page.copy()
    dotted[1600:2200:40, 300:1300:50] = 0
    clean = images.without_specks(dotted, DPI)
    assert (clean[1500:] == 255).all()
    assert np.array_equal(clean[:1500], page[:1500])


def test_blank_pages_are_told_even_when_dirty() -> None:
    paper = np.full((2339, 1654), 240, np.uint8)
    assert images.is_blank(paper)
    assert images.is_blank(noisy(paper))
    assert images.is_blank(photocopied(np.full((2339, 1654), 255, np.uint8)))
    assert not images.is_blank(letter())


def test_a_framed_red_stamp_is_found_and_taken_away() -> None:
    colour = np.asarray(stamped(letter(), "KHẨN"))
    found = images.stamps(colour, DPI)
    assert len(found) == 1
    assert found[0].x == pytest.approx(350 / 1654, abs=0.02)
    gray = np.asarray(stamped(letter(), "KHẨN").convert("L"))
    assert images.without_stamps(gray, colour, DPI)[305:385, 345:595].min() > 180
    assert len([box for box in images.frames(gray, DPI) if box.y < 0.3]) == 1


def test_a_page_of_print_has_no_frames() -> None:
    assert images.frames(letter(), DPI) == []
