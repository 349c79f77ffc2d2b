"""Recognition by Tesseract: a grey page in, words with their places in pixels out. The only module that touches tesserocr and pytesseract.

The fast road is the library in this process (tesserocr), with its models loaded once and inherited by every fork of a sandbox's guard.
The plain road is the program of the machine (pytesseract), a start for each page, with its own version of the library: it is taken where
the fast one does not stand. Either is told the resolution of the page, without which layout costs four points of errors. Both find the
models where the program has them. Preparing the page and ordering its words is not here.
"""

import csv
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytesseract
import tesserocr
from numpy.typing import NDArray

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from ocr_worker.refusals import EngineMissing

os.environ["OMP_THREAD_LIMIT"] = "1"  # on two cores Tesseract's own threads take eight times as long

Gray = NDArray[np.uint8]
Table = dict[str, list[Any]]

LANGUAGE = "vie"
ORIENTATION = "osd"
PAGE = 3  # page segmentation: columns and blocks found by Tesseract
BLOCK = 6  # one block of text
LINE = 7
_COLUMNS = (
    "level",
    "page_num",
    "block_num",
    "par_num",
    "line_num",
    "word_num",
    "left",
    "top",
    "width",
    "height",
    "conf",
    "text",
)


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
    """The version of Tesseract that reads. Raises EngineMissing when it, Vietnamese, or the orientation data are not installed."""
    try:
        version = str(pytesseract.get_tesseract_version())
        languages = pytesseract.get_languages(config="")
    except pytesseract.TesseractNotFoundError as error:
        raise EngineMissing("tesseract") from error
    for language in (LANGUAGE, ORIENTATION):
        if language not in languages:
            raise EngineMissing(f"Tesseract's language {language}")
    return tesserocr.PyTessBaseAPI.Version() if load() else version


def load() -> bool:
    """Load the models into this process, once; whether the fast road stands."""
    return _engine(LANGUAGE) is not None and _engine(ORIENTATION) is not None


def recognise(gray: Gray, dpi: int, *, layout: int = PAGE) -> list[Found]:
    """The words on this page, in Tesseract's order. Raises FileRefused(OUT_OF_MEMORY or CRASHED); its time is the sandbox's business."""
    engine = _engine(LANGUAGE)
    return recognise_plainly(gray, dpi, layout=layout) if engine is None else list(_words(_table(engine, gray, dpi, layout)))


def recognise_plainly(gray: Gray, dpi: int, *, layout: int = PAGE) -> list[Found]:
    """`recognise` by the program of the machine."""
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
    engine = _engine(ORIENTATION)
    if engine is None:
        return orientation_plainly(gray, dpi)
    with _shown(engine, gray, dpi):
        found = engine.DetectOrientationScript()
    return (-found["orient_deg"] % 360, found["orient_conf"]) if found else (0, 0.0)  # nothing: too few characters


def orientation_plainly(gray: Gray, dpi: int) -> tuple[int, float]:
    """`orientation` by the program of the machine."""
    try:
        with _as_file(gray) as path, _engine_errors():
            found = pytesseract.image_to_osd(str(path), config=f"--dpi {dpi}", output_type=pytesseract.Output.DICT)
    except FileRefused as refused:
        if refused.reason == Refusal.CRASHED:  # too few characters
            return 0, 0.0
        raise
    return int(found["rotate"]), float(found["orientation_conf"])


@cache
def _engine(language: str) -> Any | None:
    """The library with this model loaded, of which each process has its own copy; None where only the plain road stands."""
    try:
        return tesserocr.PyTessBaseAPI(path=_models(), lang=language, psm=0 if language == ORIENTATION else PAGE)
    except (OSError, IndexError, RuntimeError):  # no program, no such model, or none that this version reads
        return None


@cache
def _models() -> str:
    """Where the program of the machine has its models."""
    said = subprocess.run([pytesseract.pytesseract.tesseract_cmd, "--list-langs"], capture_output=True, text=True, check=False)
    return (said.stdout or said.stderr).split('"')[1]


@contextmanager
def _shown(engine: Any, gray: Gray, dpi: int) -> Iterator[None]:
    """The page, lying before the engine."""
    height, width = gray.shape
    engine.SetImageBytes(gray.tobytes(), width, height, 1, width)
    engine.SetSourceResolution(dpi)
    try:
        yield
    finally:
        engine.Clear()


def _table(engine: Any, gray: Gray, dpi: int, layout: int) -> Table:
    engine.SetPageSegMode(layout)
    with _shown(engine, gray, dpi):
        if not engine.Recognize():
            raise FileRefused(Refusal.CRASHED, "tesseract")
        rows = list(csv.reader(engine.GetTSVText(0).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    return {name: [row[place] for row in rows] for place, name in enumerate(_COLUMNS)}


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


def _words(table: Table) -> Iterator[Found]:
    columns = ("text", "left", "top", "width", "height", "conf", "block_num", "par_num", "line_num")
    for text, left, top, width, height, conf, block, par, line in zip(*(table[name] for name in columns), strict=True):
        if str(text).strip() and float(conf) >= 0:
            printed = int(block), int(par), int(line)
            yield Found(str(text).strip(), int(left), int(top), int(width), int(height), float(conf) / 100, printed)
