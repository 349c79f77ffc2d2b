"""What is written on a page, told from its ink alone: which ink has the size of letters, and how much of it no word explains.

A page is held to its picture, whatever its source says: a word counts where there is ink under its box, and letters under no word
are a gap with a place. Rules, seals and pen strokes are told by their shape; specks are no ink.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.archive.reading import Box, Unread
from ocr_worker.pipeline import images
from ocr_worker.pipeline.images import Gray

Mask = NDArray[np.uint8]

_DPI = 100
_MM = _DPI / 25.4
_INK_LEVEL = 75  # grey levels below white paper
_OVER_GROUND = 40  # grey levels: on a grey or printed ground too, ink is darker than what is around it
_AROUND_MM = 12.0
_SPECK_MM2 = 0.35  # a full stop of 13 points has 0.2, the dot of a worn copy up to 0.3
_LETTER_MM = (0.9, 9.0)  # height; of capitals of 8 to 36 points with their marks
_LONGEST_MM = 45.0  # width: joined and underlined letters; longer are borders and rules
_RULE_MM = 12.0
_EDGE_MM = 4.0  # what touches the picture's edge within this is the shadow of the sheet
_REACH_MM = (4.0, 1.1)  # across, down: letters of one line of text lie no further apart
_NARROW_MM = 7.0  # a line that runs up the margin is no wider
_LEAST_MM = 5.0  # of letters side by side: less is a stray mark, a pen's flourish, a page number
_LEAST_LETTERS = 3
_PEN_FILL, _PEN_HEIGHT = 0.2, 1.2  # a stroke of a pen: little ink in a box taller than the usual letter


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of one page on a small copy of it. `letters` holds, under each pixel, the number of its letter (0: none)."""

    ink: Mask
    letters: NDArray[np.int32]
    found: NDArray[np.int32]  # by number: left, top, width, height, area


def ink_of(gray: Gray, dpi: int) -> Ink:
    """The ink of a page that stands upright. About 20 ms of the processor for a sheet of 300 dpi."""
    small = images.reduced(gray, min(1.0, _DPI / dpi))
    even = images.evened(small)
    around = cv2.blur(even, (round(_AROUND_MM * _MM),) * 2).astype(np.int16)
    mask = ((even < 255 - _INK_LEVEL) & (even < around - _OVER_GROUND)).astype(np.uint8)
    mask &= 1 - _rules(mask)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = np.asarray(stats, np.int32)
    kept = _have_size_of_letters(found, mask.shape)
    kept[0] = False
    usual = float(np.median(found[kept, cv2.CC_STAT_HEIGHT])) if kept.any() else 0.0
    kept &= ~_are_of_a_pen(found, usual)
    letters = np.where(kept[labels], labels, 0).astype(np.int32)
    return Ink(mask, letters, found)


def _rules(mask: Mask) -> Mask:
    """Lines of tables, frames and underlining: long and straight."""
    length = round(_RULE_MM * _MM)
    across = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    either = np.maximum(np.asarray(across), np.asarray(down))
    return np.asarray(cv2.dilate(either, np.ones((3, 3), np.uint8)), np.uint8)


def _have_size_of_letters(found: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    left, top, width, height, area = found.T
    edge = _EDGE_MM * _MM
    outside = (left + width < edge) | (top + height < edge) | (left > shape[1] - edge) | (top > shape[0] - edge)
    fits = (height >= _LETTER_MM[0] * _MM) & (height <= _LETTER_MM[1] * _MM) & (width <= _LONGEST_MM * _MM)
    return np.asarray(fits & (area >= _SPECK_MM2 * _MM**2) & ~outside)


def _are_of_a_pen(found: NDArray[np.int32], usual: float) -> NDArray[np.bool_]:
    _, _, width, height, area = found.T
    return np.asarray((area < _PEN_FILL * width * height) & (height > _PEN_HEIGHT * usual))


_SEAL_DPI = 50
_SEAL_MM = (13.0, 22.0)  # radius of a seal's outer ring
_RING_WIDTH_MM = 1.0
_RING_WHOLE = 0.6  # of the ring that is there: print and pen cross it, and worn seals have breaks
_LETTERING = 1.1  # of the radius: within this stand the letters of a seal
_SEAL_LETTER_MM = 4.0
_CANNY, _VOTES = 100, 18


def _in_seals(ink: Mask, found: NDArray[np.int32]) -> NDArray[np.bool_]:
    """The lettering of round seals, which runs along their ring and names whom the page names in print."""
    inside = np.zeros(len(found), bool)
    scale = _SEAL_DPI / _DPI
    small = cv2.resize(255 * (1 - ink), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least, most = (round(radius * _SEAL_DPI / 25.4) for radius in _SEAL_MM)
    circles = cv2.HoughCircles(
        small, cv2.HOUGH_GRADIENT, 1, least, param1=_CANNY, param2=_VOTES, minRadius=least, maxRadius=most
    )
    x, y = found[:, 0] + found[:, 2] / 2, found[:, 1] + found[:, 3] / 2
    is_small = np.maximum(found[:, 2], found[:, 3]) <= _SEAL_LETTER_MM * _MM
    for across, down, radius in (circles[0] / scale if circles is not None else ())[:_MOST_CIRCLES]:
        if _ring(ink, across, down, radius) >= _RING_WHOLE:
            far = np.hypot(x - across, y - down) / radius
            inside |= is_small & (far < _LETTERING)
    return inside


_MOST_CIRCLES = 12


def _ring(ink: Mask, x: float, y: float, radius: float) -> float:
    """How much of this circle is drawn."""
    height, width = ink.shape
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    met = np.zeros(len(angles), bool)
    for off in np.linspace(-_RING_WIDTH_MM * _MM, _RING_WIDTH_MM * _MM, 7):
        columns = np.clip(np.rint(x + (radius + off) * np.cos(angles)), 0, width - 1).astype(int)
        rows = np.clip(np.rint(y + (radius + off) * np.sin(angles)), 0, height - 1).astype(int)
        met |= ink[rows, columns] > 0
    return float(met.mean())


_LEAST_FILLED = 0.02  # of a word's box that is ink
_DARK = 0.7  # of a word's box that is ink: white letters on a dark ground
_BESIDE = 0.4  # of a word's height: within this on either side a word that stands where it says has bare paper
_LEAST_WHOLE = 0.7  # of the letters that a box touches, how much lies within it
_LEAST_FIT = 0.6  # share of a layer's words: of a layer that lies elsewhere a tenth fit by chance
_LEAST_FIT_OF_LINE = 0.5
_MOST_BARE = 0.5  # share of a layer's words that may stand on bare paper


def agreeing(ink: Ink, boxes: Sequence[Box], lines: Sequence[int]) -> list[bool]:
    """Which words of a layer stand where there is ink of their size; `lines` tells which words stand side by side.

    None does where the layer as a whole lies elsewhere, or is of another page: then its words meet ink only by chance.
    """
    areas = np.bincount(ink.letters.ravel(), minlength=len(ink.found))
    fits = [_fits(ink, box, areas) for box in boxes]
    inked = [index for index, fit in enumerate(fits) if fit is not None]
    is_elsewhere = sum(bool(fits[index]) for index in inked) < _LEAST_FIT * len(inked)
    if is_elsewhere or len(inked) < (1 - _MOST_BARE) * len(boxes):
        return [False] * len(boxes)
    of_line: dict[int, list[bool]] = {}
    for index in inked:
        of_line.setdefault(lines[index], []).append(bool(fits[index]))
    good = {line for line, those in of_line.items() if sum(those) >= _LEAST_FIT_OF_LINE * len(those)}
    return [fit is not None and lines[index] in good for index, fit in enumerate(fits)]


def _fits(ink: Ink, box: Box, areas: NDArray[np.int64]) -> bool | None:
    """Whether the letters in a box are a word: whole, with bare paper on both sides. None for a bare box: nobody sees such a word."""
    height, width = ink.ink.shape
    left, right = round(box.x * width), max(round((box.x + box.width) * width), round(box.x * width) + 1)
    top, bottom = round(box.y * height), max(round((box.y + box.height) * height), round(box.y * height) + 1)
    inside = ink.ink[top:bottom, left:right]
    filled = float(inside.mean()) if inside.size else 0.0
    if filled < _LEAST_FILLED:
        return None
    if filled > _DARK:
        return True
    near = max(1, round(_MARGIN * min(bottom - top, right - left)))
    under = np.bincount(ink.letters[max(0, top - near) : bottom + near, max(0, left - 1) : right + 1].ravel())
    touched = np.flatnonzero(np.bincount(ink.letters[top:bottom, left:right].ravel(), minlength=len(under))[1:]) + 1
    if len(touched) and under[touched].sum() < _LEAST_WHOLE * areas[touched].sum():
        return False
    if bottom - top > 2 * (right - left):  # it runs up the margin
        return True
    reach, quarter = max(3, round(_BESIDE * (bottom - top))), (bottom - top) // 4
    rows = ink.ink[top + quarter : max(bottom - quarter, top + quarter + 1)]
    before, after = rows[:, max(0, left - reach) : left + 2], rows[:, max(0, right - 1) : right + reach]
    return _has_bare_column(before) and _has_bare_column(after)


def _has_bare_column(strip: Mask) -> bool:
    return strip.shape[1] == 0 or not strip.any(axis=0).all()


_MARGIN = 0.3  # of a word's height: marks and tails hang out of its box


def unread(ink: Ink, boxes: Sequence[Box]) -> Unread:
    """What is written outside these boxes of words."""
    areas = np.bincount(ink.letters.ravel(), minlength=len(ink.found))
    left_over = (areas > 0) & ~_under(ink, boxes, areas)
    left_over[0] = False
    if left_over.any():
        left_over &= ~_in_seals(ink.ink, ink.found)
    gaps, missing = _regions(ink, left_over, areas)
    total = int(areas[1:].sum())
    return Unread(round(missing / total, 4) if total else 0.0, tuple(gaps))


def without(ink: Ink, boxes: Sequence[Box], gray: Gray) -> Gray:
    """The page without what stands in these boxes, letters whole."""
    areas = np.bincount(ink.letters.ravel(), minlength=len(ink.found))
    under = _under(ink, boxes, areas)
    under[0] = False
    letters = cv2.dilate(under[ink.letters].astype(np.uint8), np.ones((5, 5), np.uint8))
    gone = np.maximum(_covered(ink, boxes, 0.0), np.asarray(letters, np.uint8))
    others = ((ink.letters > 0) & ~under[ink.letters]).astype(np.uint8)
    gone &= 1 - np.asarray(cv2.dilate(others, np.ones((3, 3), np.uint8)), np.uint8)
    full = cv2.resize(gone, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.where(full > 0, np.uint8(255), gray)


def _under(ink: Ink, boxes: Sequence[Box], areas: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which letters, by their number, stand for the most part in one of the boxes, or hang out of it."""
    covered = _covered(ink, boxes, _MARGIN)
    within = np.bincount(ink.letters.ravel(), weights=covered.ravel(), minlength=len(ink.found))
    return np.asarray(within >= 0.5 * areas)


def _covered(ink: Ink, boxes: Sequence[Box], margin: float) -> Mask:
    height, width = ink.ink.shape
    covered = np.zeros(ink.ink.shape, np.uint8)
    for box in boxes:
        more = margin * min(box.height, box.width * width / height)
        rows, columns = images.pixels_of(_grown(box, more * height / width, more), covered)
        covered[rows, columns] = 1
    return covered


def _grown(box: Box, across: float, down: float) -> Box:
    left, top = max(0.0, box.x - across), max(0.0, box.y - down)
    return Box(left, top, min(1.0, box.x + box.width + across) - left, min(1.0, box.y + box.height + down) - top)


def _regions(ink: Ink, left_over: NDArray[np.bool_], areas: NDArray[np.int64]) -> tuple[list[Box], int]:
    """The letters that are left over, joined to lines and blocks; and the ink of those that are large enough to be writing."""
    height, width = ink.ink.shape
    gaps, missing = [], 0
    for numbers in _joined(ink, left_over):
        own = ink.found[numbers]
        left, top = own[:, 0].min(), own[:, 1].min()
        right, bottom = (own[:, 0] + own[:, 2]).max(), (own[:, 1] + own[:, 3]).max()
        breadth = own[:, 2].sum() if right - left >= bottom - top else own[:, 3].sum()
        if breadth >= _LEAST_MM * _MM and len(own) >= _LEAST_LETTERS:
            gaps.append(Box(left / width, top / height, (right - left) / width, (bottom - top) / height))
            missing += int(areas[numbers].sum())
    return sorted(gaps, key=lambda gap: (gap.y, gap.x)), missing


def _joined(ink: Ink, left_over: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """The numbers of letters that stand near each other: along lines, and up the margin where a line runs up it."""
    across, down = (2 * round(reach * _MM / 2) + 1 for reach in _REACH_MM)
    climbing = np.zeros_like(left_over)
    for numbers in _near(ink, left_over, np.ones((down, across), np.uint8)):
        own = ink.found[numbers]
        if (own[:, 0] + own[:, 2]).max() - own[:, 0].min() <= _NARROW_MM * _MM:
            climbing[numbers] = True
        else:
            yield numbers
    yield from _near(ink, climbing, np.ones((across, down), np.uint8))


def _near(ink: Ink, chosen: NDArray[np.bool_], reach: Mask) -> Iterator[NDArray[np.int64]]:
    mask = chosen[ink.letters].astype(np.uint8)
    _, homes = cv2.connectedComponents(cv2.dilate(mask, reach))
    at = np.flatnonzero(mask)
    home_of = np.zeros(len(chosen), np.int64)
    home_of[ink.letters.ravel()[at]] = homes.ravel()[at]
    numbers = np.flatnonzero(chosen)
    for home in np.unique(home_of[numbers]):
        yield numbers[home_of[numbers] == home]
