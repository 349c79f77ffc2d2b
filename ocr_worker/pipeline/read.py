"""Reading a file page by page: its text layer where that can be trusted, else its picture. What it means is in ocr_worker.metadata.

Boxes are fractions of the upright page: the stored page as a viewer shows it, turned by `rotation_deg` and nothing else, so they
lie on the words of `ocr_worker.pipeline.pictures.page_image`. Untrusted files are parsed here: call it through the sandbox.
"""

import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import fmean

from domain.reading import Box, DocumentReading, PageReading, Source, Word
from ocr_worker.metadata.fields import propose
from ocr_worker.pipeline import images, tesseract
from ocr_worker.pipeline.layers import TrustedLayer, trusted
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.pages import RENDER_DPI, Document, Layer, Scan, open_document
from ocr_worker.pipeline.words import Line, Piece, in_reading_order, text_of

_SURE_ORIENTATION = 1.0  # Tesseract's own measure; below it, its answer is a guess
_FINE_DPI, _FINE_TO_DPI = 130, 220  # letters of coarser scans are too small for the recogniser


def read_page(path: Path, number: int, limits: Limits = DEFAULT) -> PageReading:
    """Page `number` (from 1) of this file, read. Raises FileRefused."""
    with open_document(path, limits) as document:
        return read_open_page(document, number)


def read_file(path: Path, limits: Limits = DEFAULT) -> DocumentReading:
    """All pages of this file, read in this process, with the fields proposed. Raises FileRefused."""
    with open_document(path, limits) as document:
        pages = tuple(read_open_page(document, number) for number in range(1, document.page_count + 1))
    return DocumentReading(hash_of(path), pages, propose(pages))


def hash_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def read_open_page(document: Document, number: int) -> PageReading:
    """Page `number` (from 1) of an open document, read."""
    layer = document.layer(number)
    believed = trusted(layer) if layer else None
    if layer and believed:
        return _from_layer(layer, believed, number)
    return _from_scan(document.scan(number), number)


def _from_layer(layer: Layer, believed: TrustedLayer, number: int) -> PageReading:
    lines = in_reading_order(believed.pieces, layer.width_px, layer.height_px)
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
    gray = scan.gray if scan.colour is None else images.without_stamps(scan.gray, scan.colour, scan.dpi)
    page = _upright(images.prepared(gray, scan.dpi), scan.dpi)
    height, width = page.gray.shape
    lines = in_reading_order(_recognised(page.gray, scan.dpi), width, height)
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


def _upright(page: images.Prepared, dpi: int) -> images.Prepared:
    """The page turned as Tesseract sees it where its lines do not tell which way is up."""
    if page.is_sure:
        return page
    turn, confidence = tesseract.orientation(page.gray, dpi)
    if not turn or confidence < _SURE_ORIENTATION:
        return page
    return images.Prepared(images.turned(page.gray, turn), (page.rotation_deg + turn) % 360, page.skew_deg, is_sure=True)


def _recognised(gray: images.Gray, dpi: int) -> list[Piece]:
    scale = _FINE_TO_DPI / dpi if dpi < _FINE_DPI else 1.0
    found = tesseract.recognise(images.enlarged(gray, scale), round(dpi * scale))
    return [
        Piece(
            unicodedata.normalize("NFC", word.text),
            word.left / scale,
            word.top / scale,
            (word.left + word.width) / scale,
            (word.top + word.height) / scale,
            word.confidence,
            word.line,
        )
        for word in found
    ]


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
