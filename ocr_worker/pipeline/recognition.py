"""Recognition of a page or of a part of it as pieces with their places; what runs up or down the page is read as it runs."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from domain.ground.vietnamese import is_syllable
from ocr_worker.pipeline import images, tesseract
from ocr_worker.pipeline.words import Piece

_FINE_DPI, _FINE_TO_DPI = 130, 220  # letters of coarser scans are too small for the recogniser


def recognised(gray: images.Gray, dpi: int, layout: int = tesseract.PAGE) -> list[Piece]:
    """The words on this picture, in Tesseract's order, with their places in its pixels."""
    scale = _FINE_TO_DPI / dpi if dpi < _FINE_DPI else 1.0
    found = tesseract.recognise(images.enlarged(gray, scale), round(dpi * scale), layout=layout)
    climbing = _climbing(found)
    return [
        Piece(
            unicodedata.normalize("NFC", word.text),
            word.left / scale,
            word.top / scale,
            (word.left + word.width) / scale,
            (word.top + word.height) / scale,
            word.confidence,
            (layout, *word.line),
            climbs=word.line in climbing,
        )
        for word in found
    ]


def _climbing(found: Sequence[tesseract.Found]) -> set[tuple[int, int, int]]:
    """The lines that run up or down the page: words above each other, all of one line."""
    extents: dict[tuple[int, int, int], list[tuple[int, int, int, int]]] = {}
    for word in found:
        extents.setdefault(word.line, []).append((word.left, word.top, word.left + word.width, word.top + word.height))
    climbing = set()
    for line, sides in extents.items():
        left, top, right, bottom = (
            min(side) if place < 2 else max(side) for place, side in enumerate(zip(*sides, strict=True))
        )
        if len(sides) > 1 and bottom - top > _UPRIGHT_REGION * (right - left):
            climbing.add(line)
    return climbing


_UPRIGHT_REGION = 2.5  # times as high as wide: a line that runs up the margin


def in_region(part: images.Gray, dpi: int) -> list[Piece]:
    """The words of a part of a page: one block of lines, or a line that runs up or down."""
    height, width = part.shape
    ways = [recognised(part, dpi, tesseract.BLOCK)]
    if height > _UPRIGHT_REGION * width:
        ways += [[_turned_back(piece, part, turn) for piece in recognised(images.turned(part, turn), dpi, tesseract.BLOCK)]
                 for turn in (90, 270)]  # fmt: skip
    return max(ways, key=sureness)


def _turned_back(piece: Piece, part: images.Gray, turn: int) -> Piece:
    """A word of the part turned by 90 or 270 degrees, where it stands on the part itself."""
    height, width = part.shape
    if turn == 90:
        left, top, right, bottom = piece.top, height - piece.right, piece.bottom, height - piece.left
    else:
        left, top, right, bottom = width - piece.bottom, piece.left, width - piece.top, piece.right
    return replace(piece, left=left, top=top, right=right, bottom=bottom, climbs=True)


def sureness(pieces: Sequence[Piece]) -> float:
    """How much of a reading is sure to be Vietnamese."""
    return sum(piece.confidence for piece in pieces if len(piece.text) > 1 and is_syllable(piece.text.strip(".,")))
