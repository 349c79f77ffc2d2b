"""Recognition by Tesseract: a grey page in, words with their places in pixels out. The only module that touches pytesseract.

A page is handed over as a file of raw pixels, with its resolution on the command line: an image object would lose it, at a cost of
four points of errors. Preparing the page and ordering its words is not here.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytesseract
from numpy.typing import NDArray

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from ocr_worker.refusals import EngineMissing

os.environ["OMP_THREAD_LIMIT"] = "1"  # on two cores Tesseract's own threads take eight times as long

Gray = NDArray[np.uint8]

LANGUAGE = "vie"
PAGE = 3  # page segmentation: columns and blocks found by Tesseract
BLOCK = 6  # one block of text
LINE = 7


@dataclass(frozen=True, slots=True)
class Found:
    """A word that Tesseract found: place in pixels of the image it was given, confidence in [0, 1], its printed line."""

    text: str
    left: int
    top: int
    width: int
    height: int
    confidence: float
    line: tuple[int, int, int]


def probe() -> str:
    """Tesseract's version. Raises EngineMissing when it, Vietnamese, or the orientation data are not installed."""
    try:
        version = str(pytesseract.get_tesseract_version())
        languages = pytesseract.get_languages(config="")
    except pytesseract.TesseractNotFoundError as error:
        raise EngineMissing("tesseract") from error
    for language in (LANGUAGE, "osd"):
        if language not in languages:
            raise EngineMissing(f"Tesseract's language {language}")
    return version


def recognise(gray: Gray, dpi: int, *, layout: int = PAGE) -> list[Found]:
    """The words on this page, in Tesseract's order. Raises FileRefused(OUT_OF_MEMORY or CRASHED); its time is the sandbox's business."""
    with _as_file(gray) as path, _engine_errors():
        table = pytesseract.image_to_data(
            str(path),
            lang=LANGUAGE,
            config=f"--dpi {dpi} --psm {layout}",
            output_type=pytesseract.Output.DICT,
        )
    return list(_words(table))


def orientation(gray: Gray, dpi: int) -> tuple[int, float]:
    """The clockwise turn (0, 90, 180, 270) that makes the page upright, and Tesseract's confidence in it (above 1 is fair)."""
    try:
        with _as_file(gray) as path, _engine_errors():
            found = pytesseract.image_to_osd(str(path), config=f"--dpi {dpi}", output_type=pytesseract.Output.DICT)
    except FileRefused as refused:
        if refused.reason == Refusal.CRASHED:  # too few characters
            return 0, 0.0
        raise
    return int(found["rotate"]), float(found["orientation_conf"])


@contextmanager
def _as_file(gray: Gray) -> Iterator[Path]:
    """The page as a PGM file, which costs 3 ms where a PNG costs 150."""
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        path = Path(folder) / "page.pgm"
        with path.open("wb") as file:
            file.write(b"P5 %d %d 255\n" % (gray.shape[1], gray.shape[0]))
            file.write(np.ascontiguousarray(gray).data)
        yield path


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except pytesseract.TesseractNotFoundError as error:
        raise EngineMissing("tesseract") from error
    except pytesseract.TesseractError as error:
        if "loading language" in error.message or "load any languages" in error.message:
            raise EngineMissing(f"Tesseract's language {LANGUAGE}") from error
        no_memory = "bad_alloc" in error.message or "memory" in error.message.lower()
        raise FileRefused(Refusal.OUT_OF_MEMORY if no_memory else Refusal.CRASHED, f"tesseract {error.status}") from error


def _words(table: dict[str, list[Any]]) -> Iterator[Found]:
    columns = ("text", "left", "top", "width", "height", "conf", "block_num", "par_num", "line_num")
    for text, left, top, width, height, conf, block, par, line in zip(*(table[name] for name in columns), strict=True):
        if str(text).strip() and float(conf) >= 0:
            confidence = float(conf) / 100
            yield Found(str(text).strip(), int(left), int(top), int(width), int(height), confidence, (block, par, line))
