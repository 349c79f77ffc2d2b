"""Reading a file page by page, by its ink: the words of its text layer where they stand on ink, recognition for all other ink.

What no word explains in the end is told with its place. What the page means is in ocr_worker.metadata.

Boxes are fractions of the upright page: the stored page as a viewer shows it, turned by `rotation_deg` and nothing else, so they
lie on the words of `ocr_worker.pipeline.pictures.page_image`. Untrusted files are parsed here: call it through the sandbox.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

from domain.archive.reading import Box, PageReading, Source, Unread, Word
from domain.archive.secrecy import Mark, stamped_mark
from ocr_worker.pipeline import images, ink, recognition, scans, tesseract
from ocr_worker.pipeline.layers import TrustedLayer, trusted
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.marks import mark_on
from ocr_worker.pipeline.pages import Layer, Scan, open_document
from ocr_worker.pipeline.words import Line, Piece, in_reading_order, signature_zone, text_of


def read_page(path: Path, number: int, limits: Limits = DEFAULT) -> PageReading:
    """Page `number` (from 1) of this file, read. Raises FileRefused."""
    with open_document(path, limits) as document:
        return read_scan(document.scan(number), document.layer(number), number)


def read_page_unless_marked(path: Path, number: int, limits: Limits = DEFAULT) -> PageReading | Mark:
    """The same, or the mark of secrecy that the page bears: then it is read no further."""
    with open_document(path, limits) as document:
        scan = document.scan(number)
        return mark_on(scan, number) or read_scan(scan, document.layer(number), number)


_SCANNED = 0.5  # share of its ink that no layer explains: a scan with print over it, which is turned and evened as one


def read_scan(scan: Scan, layer: Layer | None, number: int) -> PageReading:
    """Page `number` (from 1), taken out of its file, read."""
    believed = trusted(layer) if layer else None
    if images.is_blank(scan.gray):
        height, width = scan.gray.shape
        return PageReading(number, Source.BLANK, "", (), 1.0, width, height, scan.dpi, unread=Unread())
    if not layer or not believed:
        return _from_scan(scan, number, [])
    gray = scans.without_red(scan)
    seen = ink.ink_of(gray, scan.dpi)
    known = _standing_on_ink(seen, _in_pixels(layer, believed, scan), gray)
    left = ink.unread(seen, _boxes(known, gray))
    if not known or left.share > _SCANNED:
        return _from_scan(scan, number, known)
    known = _with_filled_in(scan, layer, known)
    pieces = _with_unread(gray, scan.dpi, seen, known)
    page = images.Prepared(gray, 0, 0.0, is_sure=True)
    reading = _reading(page, scan.dpi, number, pieces, seen)
    is_pure = reading.source is believed.source
    return replace(reading, confidence=round(believed.share, 4)) if is_pure else reading


def _in_pixels(layer: Layer, believed: TrustedLayer, scan: Scan) -> list[Piece]:
    height, width = scan.gray.shape
    return [piece.scaled(width / layer.width_px, height / layer.height_px) for piece in believed.pieces]


def _standing_on_ink(seen: ink.Ink, pieces: Sequence[Piece], gray: images.Gray) -> list[Piece]:
    """The words of a layer that the page shows: hidden and white ones, and those of another page, are left out."""
    height, width = gray.shape
    lines = in_reading_order(pieces, width, height)
    ordered = [piece for line in lines for piece in line]
    numbers = [number for number, line in enumerate(lines) for _ in line]
    agree = ink.agreeing(seen, _boxes(ordered, gray), numbers)
    return [piece for piece, agrees in zip(ordered, agree, strict=True) if agrees]


_FIELD_HEIGHT = 0.05  # of the page's: a taller field is the picture of a signature, not a line of print
_FIELD_EDGE_PX = 3


def _with_filled_in(scan: Scan, layer: Layer, pieces: list[Piece]) -> list[Piece]:
    """The layer's words, with those within a form field on a printed line read anew from the picture, the field filled in."""
    for box in layer.filled_in:
        rows, columns = images.pixels_of(box, scan.gray)
        if box.height > _FIELD_HEIGHT or not any(rows.start < piece.middle < rows.stop for piece in pieces):
            continue
        width = columns.stop - columns.start
        found = [
            piece.moved(columns.start, rows.start)
            for piece in recognition.recognised(scan.gray[rows, columns], scan.dpi, tesseract.LINE)
            if piece.left > _FIELD_EDGE_PX and piece.right < width - _FIELD_EDGE_PX
        ]
        pieces = [
            piece
            for piece in pieces
            if not (columns.start < piece.left and piece.right < columns.stop and rows.start < piece.middle < rows.stop)
        ]
        pieces += [replace(piece, line=None) for piece in found if not _is_covered(piece, pieces)]
    return pieces


def _is_covered(piece: Piece, others: Sequence[Piece]) -> bool:
    centre = (piece.left + piece.right) / 2
    return any(other.left < centre < other.right and other.top < piece.middle < other.bottom for other in others)


_MOST_REGIONS = 8  # the largest: a page of noise shall not be read a hundred times
_SURE = 0.5  # a word found in the second look: pen strokes and pictures give words of less
_REGION_MARGIN = 0.008  # of the page's width


def _with_unread(gray: images.Gray, dpi: int, seen: ink.Ink, pieces: list[Piece]) -> list[Piece]:
    """The words, and beside them those that are recognised in ink that none of them explains, region by region."""
    boxes = _boxes(_explaining(pieces), gray)
    gaps = ink.unread(seen, boxes).gaps
    if not gaps:
        return pieces
    bare = ink.without(seen, boxes, gray)
    for number, gap in enumerate(sorted(gaps, key=lambda gap: -gap.width * gap.height)[:_MOST_REGIONS]):
        rows, columns = images.pixels_of(_with_margin(gap), bare)
        found = recognition.in_region(bare[rows, columns], dpi)
        sure = [piece.moved(columns.start, rows.start) for piece in found if _explains(piece, _SURE)]
        new = [replace(piece, line=(-2, number, *(piece.line or ()))) for piece in sure]
        pieces = [piece for piece in pieces if _explains(piece) or not _is_covered(piece, new)]
        pieces += [piece for piece in new if not _is_covered(piece, pieces)]
    return pieces


def _with_margin(gap: Box) -> Box:
    left, top = max(0.0, gap.x - _REGION_MARGIN), max(0.0, gap.y - _REGION_MARGIN)
    right, bottom = min(1.0, gap.x + gap.width + _REGION_MARGIN), min(1.0, gap.y + gap.height + _REGION_MARGIN)
    return Box(left, top, right - left, bottom - top)


_BELIEVED = 0.3  # a recognised word below this says that there is ink, not what it is
_TALL = 3.0  # times the usual height: the box of a picture, not of a word


def _explains(piece: Piece, at_least: float = _BELIEVED) -> bool:
    return piece.confidence >= at_least and any(letter.isalnum() for letter in piece.text)


def _explaining(pieces: Sequence[Piece]) -> list[Piece]:
    """The words that account for the ink under them."""
    told = [piece for piece in pieces if _explains(piece)]
    usual = median(min(piece.height, piece.right - piece.left) for piece in told) if told else 0
    return [piece for piece in told if min(piece.height, piece.right - piece.left) <= _TALL * usual]


def _boxes(pieces: Sequence[Piece], gray: images.Gray) -> list[Box]:
    height, width = gray.shape
    return [_box(piece, width, height, 0.0) for piece in pieces]


def _from_scan(scan: Scan, number: int, known: Sequence[Piece]) -> PageReading:
    page = scans.prepared(scan)
    known = [] if page.rotation_deg else [_straightened(piece, page) for piece in known]
    seen = ink.ink_of(page.gray, scan.dpi)
    bare = ink.without(seen, _boxes(known, page.gray), page.gray)
    pieces = _with_signature(bare, scan.dpi, recognition.recognised(bare, scan.dpi))
    if number == 1:
        pieces = _with_stamps(scan, page, pieces)
    pieces = _with_unread(page.gray, scan.dpi, seen, [*pieces, *known])
    return _reading(page, scan.dpi, number, pieces, seen)


def _straightened(piece: Piece, page: images.Prepared) -> Piece:
    """A word of the page as it was stored, where it stands after straightening."""
    height, width = page.gray.shape
    box = images.before_straightening(_box(piece, width, height, 0.0), -page.skew_deg, width, height)
    right, bottom = (box.x + box.width) * width, (box.y + box.height) * height
    return replace(piece, left=box.x * width, top=box.y * height, right=right, bottom=bottom)


def _reading(page: images.Prepared, dpi: int, number: int, pieces: Sequence[Piece], seen: ink.Ink) -> PageReading:
    height, width = page.gray.shape
    lines = in_reading_order(pieces, width, height)
    words = _words(lines, width, height, page.skew_deg)
    left = ink.unread(seen, _boxes(_explaining(pieces), page.gray))
    gaps = tuple(_rounded(images.before_straightening(gap, page.skew_deg, width, height)) for gap in left.gaps)
    sources = {piece.source for piece in pieces} or {Source.OCR}
    return PageReading(
        number=number,
        source=sources.pop() if len(sources) == 1 else Source.BOTH,
        text=_as_text(lines),
        words=words,
        confidence=round(fmean(word.confidence for word in words), 4) if words else 0.0,
        width_px=width,
        height_px=height,
        dpi=dpi,
        rotation_deg=page.rotation_deg,
        skew_deg=page.skew_deg,
        unread=replace(left, gaps=gaps),
    )


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
    again = (
        [piece.moved(left, top) for piece in recognition.recognised(part, dpi, tesseract.BLOCK)] if (part < 255).any() else []
    )
    first = [piece for piece in pieces if piece.left >= left and piece.top >= top]
    if recognition.sureness(again) <= recognition.sureness(first):
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


def _as_text(lines: Sequence[Line]) -> str:
    return unicodedata.normalize("NFC", text_of(lines))


def _words(lines: Sequence[Line], width_px: int, height_px: int, skew_deg: float) -> tuple[Word, ...]:
    return tuple(
        Word(piece.text, _box(piece, width_px, height_px, skew_deg), round(piece.confidence, 3), index, piece.source)
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
    return _rounded(images.before_straightening(level, skew_deg, width_px, height_px))


def _rounded(box: Box) -> Box:
    return Box(*(round(side, 5) for side in (box.x, box.y, box.width, box.height)))
