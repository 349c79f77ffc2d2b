"""Reading a file page by page: its text layer where that can be trusted, else its picture. What it means is in ocr_worker.metadata.

Boxes are fractions of the upright page: the stored page as a viewer shows it, turned by `rotation_deg` and nothing else, so they
lie on the words of `ocr_worker.pipeline.pictures.page_image`. Untrusted files are parsed here: call it through the sandbox.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from domain.archive.reading import Box, PageReading, Source, Word
from domain.archive.secrecy import stamped_mark
from domain.ground.vietnamese import is_syllable
from ocr_worker.pipeline import images, scans, tesseract
from ocr_worker.pipeline.layers import TrustedLayer, trusted
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.pages import RENDER_DPI, Document, Layer, Scan, open_document
from ocr_worker.pipeline.words import Line, Piece, in_reading_order, signature_zone, text_of

_FINE_DPI, _FINE_TO_DPI = 130, 220  # letters of coarser scans are too small for the recogniser


def read_page(path: Path, number: int, limits: Limits = DEFAULT) -> PageReading:
    """Page `number` (from 1) of this file, read. Raises FileRefused."""
    with open_document(path, limits) as document:
        return read_open_page(document, number)


def read_open_page(document: Document, number: int) -> PageReading:
    """Page `number` (from 1) of an open document, read."""
    layer = document.layer(number)
    believed = trusted(layer) if layer else None
    if layer and believed:
        pieces = _with_filled_in(document, number, layer, list(believed.pieces))
        return _from_layer(layer, believed, pieces, number)
    return _from_scan(document.scan(number), number)


_FIELD_HEIGHT = 0.05  # of the page's: a taller field is the picture of a signature, not a line of print
_FIELD_EDGE_PX = 3


def _with_filled_in(document: Document, number: int, layer: Layer, pieces: list[Piece]) -> list[Piece]:
    """The layer's words, with those within a form field on a printed line read anew from the picture, the field filled in."""
    fields = [box for box in layer.filled_in if box.height <= _FIELD_HEIGHT and _is_on_a_line(box, pieces, layer)]
    if not fields:
        return pieces
    scan = document.scan(number)
    across, down = layer.width_px / scan.gray.shape[1], layer.height_px / scan.gray.shape[0]
    for box in fields:
        rows, columns = images.pixels_of(box, scan.gray)
        width = columns.stop - columns.start
        found = [
            Piece(piece.text, piece.left, piece.top, piece.right, piece.bottom, piece.confidence).moved(
                columns.start, rows.start
            )
            for piece in _recognised(scan.gray[rows, columns], scan.dpi, tesseract.LINE)
            if piece.left > _FIELD_EDGE_PX and piece.right < width - _FIELD_EDGE_PX
        ]
        left, right = columns.start * across, columns.stop * across
        top, bottom = rows.start * down, rows.stop * down
        pieces = [piece for piece in pieces if not (left < piece.left and piece.right < right and top < piece.middle < bottom)]
        pieces += [piece for piece in (piece.scaled(across, down) for piece in found) if not _is_covered(piece, pieces)]
    return pieces


def _is_covered(piece: Piece, others: Sequence[Piece]) -> bool:
    centre = (piece.left + piece.right) / 2
    return any(other.left < centre < other.right and other.top < piece.middle < other.bottom for other in others)


def _is_on_a_line(box: Box, pieces: Sequence[Piece], layer: Layer) -> bool:
    top, bottom = box.y * layer.height_px, (box.y + box.height) * layer.height_px
    return any(top < piece.middle < bottom for piece in pieces)


def _from_layer(layer: Layer, believed: TrustedLayer, pieces: Sequence[Piece], number: int) -> PageReading:
    lines = in_reading_order(pieces, layer.width_px, layer.height_px)
    words = _words(lines, layer.width_px, layer.height_px, skew_deg=0.0)
    return PageReading(
        number=number,
        source=believed.source,
        text=_as_text(lines),
        words=words,
        confidence=round(believed.share, 4),
        width_px=layer.width_px,
        height_px=layer.height_px,
        dpi=RENDER_DPI,
    )


def _from_scan(scan: Scan, number: int) -> PageReading:
    if images.is_blank(scan.gray):
        height, width = scan.gray.shape
        return PageReading(number, Source.BLANK, "", (), 1.0, width, height, scan.dpi)
    page = scans.prepared(scan)
    height, width = page.gray.shape
    pieces = _recognised(page.gray, scan.dpi)
    pieces = _with_signature(page.gray, scan.dpi, pieces)
    if number == 1:
        pieces = _with_stamps(scan, page, pieces)
    lines = in_reading_order(pieces, width, height)
    words = _words(lines, width, height, page.skew_deg)
    return PageReading(
        number=number,
        source=Source.OCR,
        text=_as_text(lines),
        words=words,
        confidence=round(fmean(word.confidence for word in words), 4) if words else 0.0,
        width_px=width,
        height_px=height,
        dpi=scan.dpi,
        rotation_deg=page.rotation_deg,
        skew_deg=page.skew_deg,
    )


def _recognised(gray: images.Gray, dpi: int, layout: int = tesseract.PAGE) -> list[Piece]:
    scale = _FINE_TO_DPI / dpi if dpi < _FINE_DPI else 1.0
    found = tesseract.recognise(images.enlarged(gray, scale), round(dpi * scale), layout=layout)
    return [
        Piece(
            unicodedata.normalize("NFC", word.text),
            word.left / scale,
            word.top / scale,
            (word.left + word.width) / scale,
            (word.top + word.height) / scale,
            word.confidence,
            (layout, *word.line),
        )
        for word in found
    ]


def _with_signature(gray: images.Gray, dpi: int, pieces: list[Piece]) -> list[Piece]:
    """The words with those of the signature block read a second time, by its blackest ink alone.

    Seal and pen strokes over title and name make the first reading take the block for a picture, or for noise. The reading with
    more sure syllables is kept.
    """
    zone = signature_zone(pieces, gray.shape[1])
    if zone is None:
        return pieces
    left, top = zone
    part = images.darkest(gray)[top:, left:]
    again = [piece.moved(left, top) for piece in _recognised(part, dpi, tesseract.BLOCK)] if (part < 255).any() else []
    first = [piece for piece in pieces if piece.left >= left and piece.top >= top]
    if _sureness(again) <= _sureness(first):
        return pieces
    return [piece for piece in pieces if piece not in first] + [piece for piece in again if piece.left > left + 2]


def _may_bear_mark(box: Box) -> bool:
    return box.y < 0.42 and box.x < 0.6  # box 10a and 10b of NĐ 30, and their surroundings


def _with_stamps(scan: Scan, page: images.Prepared, pieces: list[Piece]) -> list[Piece]:
    """The words with the marks of urgency (and secrecy) that were stamped on the page, in place of what was read there before."""
    height, width = page.gray.shape
    seen: set[str] = set()  # a framed stamp in red ink is met twice, and each is read in two ways
    for stamp in scans.stamps(scan, page, _may_bear_mark):
        mark = stamped_mark(stamp.text)
        if mark and mark not in seen:
            seen.add(mark)
            left, top = stamp.box.x * width, stamp.box.y * height
            right, bottom = left + stamp.box.width * width, top + stamp.box.height * height
            pieces = [piece for piece in pieces if not (left < piece.left < right and top < piece.middle < bottom)]
            line = (-1, round(left), round(top))
            pieces += [Piece(word, left, top, right, bottom, stamp.confidence, line) for word in mark.split()]
    return pieces


def _sureness(pieces: Sequence[Piece]) -> float:
    return sum(piece.confidence for piece in pieces if len(piece.text) > 1 and is_syllable(piece.text.strip(".,")))


def _as_text(lines: Sequence[Line]) -> str:
    return unicodedata.normalize("NFC", text_of(lines))


def _words(lines: Sequence[Line], width_px: int, height_px: int, skew_deg: float) -> tuple[Word, ...]:
    return tuple(
        Word(piece.text, _box(piece, width_px, height_px, skew_deg), round(piece.confidence, 3), index)
        for index, line in enumerate(lines)
        for piece in line
    )


def _box(piece: Piece, width_px: int, height_px: int, skew_deg: float) -> Box:
    level = Box(
        piece.left / width_px,
        piece.top / height_px,
        (piece.right - piece.left) / width_px,
        (piece.bottom - piece.top) / height_px,
    )
    box = images.before_straightening(level, skew_deg, width_px, height_px)
    return Box(*(round(side, 5) for side in (box.x, box.y, box.width, box.height)))
