"""A scan made ready to be read: stamps out of the way, upright, straight; and the lettering of its stamps. Not what they mean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.archive.reading import Box
from ocr_worker.pipeline import images, tesseract
from ocr_worker.pipeline.images import Gray, Prepared
from ocr_worker.pipeline.pages import Scan

_SURE_ORIENTATION = 1.0  # Tesseract's own measure; below it, its answer is a guess
_STAMP_DPI = 300


@dataclass(frozen=True, slots=True)
class Stamp:
    """The lettering of one stamp, one of the ways it can be read; its place on the upright, straightened page."""

    text: str
    box: Box
    confidence: float


def prepared(scan: Scan) -> Prepared:
    """The page cleaned, upright and straight, without red ink over its print."""
    page = images.prepared(without_red(scan), scan.dpi)
    if page.is_sure:
        return page
    turn, confidence = tesseract.orientation(page.gray, scan.dpi)
    if not turn or confidence < _SURE_ORIENTATION:
        return page
    return Prepared(images.turned(page.gray, turn), (page.rotation_deg + turn) % 360, page.skew_deg, is_sure=True)


def without_red(scan: Scan) -> Gray:
    """The page in grey without the ink of its red stamps and seals."""
    return scan.gray if scan.colour is None else images.without_stamps(scan.gray, scan.colour, scan.dpi)


def stamps(scan: Scan, page: Prepared, where: Callable[[Box], bool]) -> Iterator[Stamp]:
    """The readings of each stamp in the zone that `where` tells: framed ones, then those in red ink."""
    for gray, place in _places(scan, page):
        box = images.before_straightening(place, -page.skew_deg, gray.shape[1], gray.shape[0])
        if where(box):
            for picture in images.stamp_pictures(gray, place, scan.dpi):
                found = tesseract.recognise(picture, _STAMP_DPI, layout=tesseract.LINE)
                if found:
                    yield Stamp(" ".join(word.text for word in found), box, min(word.confidence for word in found))


def _places(scan: Scan, page: Prepared) -> Iterator[tuple[Gray, Box]]:
    gray = _upright(scan.gray if scan.colour is None else scan.colour.max(axis=2), page)  # without red: it comes by itself
    for box in images.frames(gray, scan.dpi):
        yield gray, box
    if scan.colour is not None:
        colour = _upright(scan.colour, page)
        red = images.red_as_black(colour)
        for box in images.stamps(colour, scan.dpi):
            yield red, box


def _upright(picture: Gray, page: Prepared) -> Gray:
    """The picture turned upright as the page was, but neither cleaned nor straightened: that wears thin frames and letters away."""
    return images.turned(picture, page.rotation_deg)
