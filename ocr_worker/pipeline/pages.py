"""Pages of a file, one by one: the scan itself as it was stored, the text layer if any, a picture for people.

The only module that touches pypdfium2 and pdfplumber, and that opens image files. A page is given as a viewer shows it: /Rotate
of a PDF and the orientation in an image's EXIF are applied. What the page says is decided elsewhere.
"""

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.utils.exceptions import PdfminerException
from PIL import Image, UnidentifiedImageError

from domain.archive.reading import Box
from domain.ground.errors import FileRefused
from domain.ground.files import MediaType, Refusal
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.media import sniff
from ocr_worker.pipeline.shown import Frame, frames, opened, plain, shown

Gray = NDArray[np.uint8]

Image.MAX_IMAGE_PIXELS = None  # the bound is `Limits.max_pixels`, checked from the header before decoding

RENDER_DPI = 300
_LEAST_RENDER_DPI = 72
_POINTS_PER_INCH = 72
_A4_SHORT_IN = 8.27
_SMALL_SHORT_PX, _A4_PX = 1654, 2480 * 3508  # a small page is rendered larger, within these: its shorter side, all of it
_LONGEST_IN = 23.4
_PAGE_SHORT_IN = (3.5, 17.0)  # shorter side of a believable page, between A6 and A2
_SCAN_COVERS = 0.97  # share of the page's width and height that its one image must cover to be the page


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as grey pixels (height x width, 0 black), upright as far as its file says, with its resolution.

    `colour` (height x width x 3: red, green, blue) is there only where the page bears red ink: stamps and seals.
    """

    gray: Gray
    dpi: int
    colour: Gray | None = None


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word of a PDF's own text layer: runs of (font name, code points), which need not be Unicode text."""

    runs: tuple[tuple[str, str], ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Layer:
    """The text layer of one page. `over_scan` says that the page is a scan, so the layer is another program's OCR.

    `filled_in` are form fields drawn over the page: an electronic signature writes number and day there, outside the layer.
    """

    words: tuple[LayerWord, ...]
    over_scan: bool
    width_px: int
    height_px: int
    filled_in: tuple[Box, ...] = ()


def believable_dpi(width_px: int, height_px: int, stated: float | None) -> int:
    """The stated resolution if it gives a believable sheet, else the one that makes the shorter side that of A4, a strip as long as A2.

    >>> believable_dpi(2480, 3508, 300), believable_dpi(1654, 2339, 72), believable_dpi(576, 960, None), believable_dpi(50, 2340, 72)
    (300, 200, 70, 100)
    """
    short_px = min(width_px, height_px)
    if stated and stated > 0 and _PAGE_SHORT_IN[0] <= short_px / stated <= _PAGE_SHORT_IN[1]:
        return round(stated)
    return max(1, round(max(short_px / _A4_SHORT_IN, max(width_px, height_px) / _LONGEST_IN)))


class Document(Protocol):
    """An open file. Page numbers run from 1."""

    page_count: int

    def scan(self, number: int) -> Scan:
        """The page in grey at the resolution it was stored with."""

    def layer(self, number: int) -> Layer | None:
        """The page's text layer, None where it has none."""

    def picture(self, number: int, max_px: int) -> Image.Image:
        """The page in colour as a viewer shows it, its longer side at most `max_px`."""

    def close(self) -> None:
        """Let go of the file."""


@contextmanager
def open_document(path: Path, limits: Limits = DEFAULT) -> Iterator[Document]:
    """The file, opened by what it really is. Raises FileRefused."""
    document: Document = PdfFile(path, limits) if sniff(path, limits) is MediaType.PDF else ImageFile(path, limits)
    try:
        yield document
    finally:
        document.close()


def _refuse_pixels(width: float, height: float, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        raise FileRefused(Refusal.TOO_MANY_PIXELS, f"{width:.0f} x {height:.0f}")


def _refuse_count(count: int, limits: Limits) -> None:
    if count < 1:
        raise FileRefused(Refusal.NO_PAGES)
    if count > limits.max_pages:
        raise FileRefused(Refusal.TOO_MANY_PAGES, str(count))


class ImageFile:
    """A JPEG or PNG, or a TIFF of one or many pages."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        with ExitStack() as held, _image_errors():
            self._image = held.enter_context(opened(path))
            _refuse_count(int(getattr(self._image, "n_frames", 1)), limits)
            _refuse_pixels(*self._image.size, limits)  # to see how a PNG is turned, Pillow decodes it
            self._frames = frames(self._image)
            self.page_count = len(self._frames)
            self._turn_to(1)
            self._held = held.pop_all()

    def scan(self, number: int) -> Scan:
        """See Document."""
        frame = self._turn_to(number)
        with _image_errors():
            return _scan_of(shown(self._image, frame), max(frame.dpi) if frame.dpi else None)

    def layer(self, number: int) -> Layer | None:
        """An image has none."""
        del number
        return None

    def picture(self, number: int, max_px: int) -> Image.Image:
        """See Document."""
        frame = self._turn_to(number)
        with _image_errors():
            self._image.draft("RGB", (max_px, max_px))
            picture = shown(self._image, frame).convert("RGB")
        picture.thumbnail((max_px, max_px), Image.Resampling.LANCZOS)
        return picture

    def close(self) -> None:
        """See Document."""
        self._held.close()

    def _turn_to(self, number: int) -> Frame:
        if number > self.page_count:  # a thumbnail of a TIFF was a page once
            raise FileRefused(Refusal.TRUNCATED, f"page {number}")
        frame = self._frames[number - 1]
        with _image_errors():
            self._image.seek(frame.place)
        _refuse_pixels(*frame.squared(*self._image.size), self._limits)
        return frame


@contextmanager
def _image_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata of scanners is common and harmless
        try:
            yield
        except UnidentifiedImageError as error:
            raise FileRefused(Refusal.NOT_A_DOCUMENT) from error
        except (EOFError, OSError, SyntaxError, ValueError) as error:
            raise FileRefused(Refusal.TRUNCATED, type(error).__name__) from error


class PdfFile:
    """A PDF, by pypdfium2 for pixels and by pdfplumber for text with its fonts."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        try:
            self._pdf = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise FileRefused(_why_unopened(path)) from error
        self.page_count = len(self._pdf)
        self._pdf.init_forms()  # else the number and day that an electronic signature fills in are not drawn
        try:
            _refuse_count(self.page_count, limits)
        except FileRefused:
            self.close()
            raise

    def scan(self, number: int) -> Scan:
        """See Document. A page that is one image gives that image; every other page is rendered."""
        with self._page(number) as page:
            image = _whole_page_image(page)
            if image is not None:
                width, height = image.get_px_size()
                _refuse_pixels(width, height, self._limits)
                scan = _taken_out(image, page)
                if scan is not None:
                    return scan
            return self._rendered(page)

    def layer(self, number: int) -> Layer | None:
        """See Document. None also where the text does not run upright: such a page is better read by its picture."""
        with self._page(number) as page:
            if _character_count(page) == 0:
                return None
            over_scan = _whole_page_image(page) is not None
            width, height = page.get_size()
            filled_in = tuple(_form_fields(page))
        words = _layer_words(self._path, number)
        if not words:
            return None
        scale = RENDER_DPI / _POINTS_PER_INCH
        return Layer(words, over_scan, round(width * scale), round(height * scale), filled_in)

    def picture(self, number: int, max_px: int) -> Image.Image:
        """See Document."""
        with self._page(number) as page:
            image: Image.Image = page.render(scale=max_px / max(page.get_size())).to_pil().convert("RGB")
            return image

    def close(self) -> None:
        """See Document."""
        self._pdf.close()

    @contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        try:
            page = self._pdf[number - 1]
        except pypdfium2.PdfiumError as error:
            raise FileRefused(Refusal.TRUNCATED, f"page {number}") from error
        try:
            yield page
        finally:
            page.close()

    def _rendered(self, page: Any) -> Scan:
        width, height = (side / _POINTS_PER_INCH for side in page.get_size())
        short, area = max(min(width, height), 1e-3), max(width * height, 1e-6)
        enlarged = min(_SMALL_SHORT_PX / short, math.sqrt(_A4_PX / area))  # the page may count in units larger than a point
        dpi = math.floor(min(max(RENDER_DPI, enlarged), math.sqrt(self._limits.max_pixels / area)))
        if dpi < _LEAST_RENDER_DPI:
            raise FileRefused(Refusal.TOO_MANY_PIXELS, f"{width:.0f} x {height:.0f} in")
        return _scan_of(page.render(scale=dpi / _POINTS_PER_INCH).to_pil(), dpi)


def _why_unopened(path: Path) -> Refusal:
    """Why PDFium cannot open a PDF. It is not asked itself: it may speak of an earlier file."""
    try:
        with pdfplumber.open(path) as pdf:
            return Refusal.TRUNCATED if pdf.pages else Refusal.NO_PAGES
    except PdfminerException as error:
        return Refusal.ENCRYPTED if isinstance(error.args[0], PDFPasswordIncorrect) else Refusal.TRUNCATED


def _character_count(page: Any) -> int:
    text = page.get_textpage()
    try:
        return int(text.count_chars())
    finally:
        text.close()


def _form_fields(page: Any) -> Iterator[Box]:
    """Where form fields stand on an unturned page."""
    x0, y0, x1, y1 = page.get_bbox()
    for index in range(0 if page.get_rotation() else pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation, place = pdfium_c.FPDFPage_GetAnnot(page, index), pdfium_c.FS_RECTF()
        is_field = pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET
        if is_field and pdfium_c.FPDFAnnot_GetRect(annotation, place):
            left, top = (place.left - x0) / (x1 - x0), (y1 - place.top) / (y1 - y0)
            box = Box(left, top, (place.right - place.left) / (x1 - x0), (place.top - place.bottom) / (y1 - y0))
            if 0 <= box.x < box.x + box.width <= 1 and 0 <= box.y < box.y + box.height <= 1:
                yield box
        pdfium_c.FPDFPage_CloseAnnot(annotation)


def _whole_page_image(page: Any) -> Any | None:
    """The one image that is the page; None when anything else is visible on it."""
    images = []
    for shape in page.get_objects(max_depth=2):
        if shape.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images.append(shape)
        elif not _is_unseen(shape):
            return None
    return images[0] if len(images) == 1 and _covers(images[0], page) else None


def _is_unseen(shape: Any) -> bool:
    if shape.type == pdfium_c.FPDF_PAGEOBJ_FORM:
        return True  # its parts come by themselves
    invisible = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
    return bool(shape.type == pdfium_c.FPDF_PAGEOBJ_TEXT and pdfium_c.FPDFTextObj_GetTextRenderMode(shape) == invisible)


def _covers(image: Any, page: Any) -> bool:
    """Whether the image lies straight on the page and covers it."""
    a, b, c, d, _, _ = image.get_matrix().get()
    if page.get_rotation() or b or c or a <= 0 or d <= 0:
        return False
    left, bottom, right, top = image.get_bounds()
    x0, y0, x1, y1 = page.get_bbox()
    across = min(right, x1) - max(left, x0)
    along = min(top, y1) - max(bottom, y0)
    slack = 2 - _SCAN_COVERS  # an image that hangs over the page's edge would give a frame other than the page's
    fits = right - left <= (x1 - x0) * slack and top - bottom <= (y1 - y0) * slack
    return bool(fits and across >= (x1 - x0) * _SCAN_COVERS and along >= (y1 - y0) * _SCAN_COVERS)


def _taken_out(image: Any, page: Any) -> Scan | None:
    """The stored image decoded as it is; None where the page shows another: a renderer knows masks and colours."""
    is_jpeg = list(image.get_filters()) == ["DCTDecode"]
    picture = _decoded_jpeg(bytes(image.get_data())) if is_jpeg else _decoded_bitmap(image)
    if picture is None or not _is_what_shows(picture, page):
        return None
    return _scan_of(picture, picture.width * _POINTS_PER_INCH / page.get_size()[0])


_LOOK_PX = 1000  # longer side at which the page is drawn to be held beside its image
_CELLS = (70, 100)  # in which the two are compared
_ALIKE = 40  # grey levels: two decoders, half a pixel apart, differ by up to 30 on real scans; a printed line makes 50


def _is_what_shows(picture: Image.Image, page: Any) -> bool:
    """Whether the page looks like its image alone: no mask, no /Decode, no annotation makes it another."""
    rendered = page.render(scale=_LOOK_PX / max(page.get_size())).to_pil()
    page_cells, image_cells = (
        np.asarray(image.convert("L").resize(_CELLS, Image.Resampling.BOX), np.int16) for image in (rendered, picture)
    )
    return int(np.abs(page_cells - image_cells).max()) <= _ALIKE


def _decoded_jpeg(stored: bytes) -> Image.Image | None:
    with _image_errors(), Image.open(io.BytesIO(stored), formats=("JPEG",)) as jpeg:
        if jpeg.mode not in ("L", "RGB"):  # CMYK of print shops is often inverted
            return None
        jpeg.load()
        return jpeg


def _decoded_bitmap(image: Any) -> Image.Image | None:
    metadata = image.get_metadata()
    if metadata.colorspace not in (pdfium_c.FPDF_COLORSPACE_DEVICEGRAY, pdfium_c.FPDF_COLORSPACE_DEVICERGB):
        return None
    if metadata.bits_per_pixel == 1:
        return None  # the sense of 0 may be turned over by /Decode or a mask; rendering is as fast
    picture: Image.Image = image.get_bitmap(render=False).to_pil()
    return picture


_RED_STRONGER_BY = 50  # grey levels over green and blue
_LEAST_RED = 0.0003  # share of the page: a stamp of one word has 0.001
_LEAST_PX = 16  # a page that is lower or narrower has no room for a letter: it is bare paper


def _scan_of(image: Image.Image, stated_dpi: float | None) -> Scan:
    image = plain(image)
    if min(image.size) < _LEAST_PX:
        image = Image.new("L", (max(image.width, _LEAST_PX), max(image.height, _LEAST_PX)), 255)
    gray = np.asarray(image.convert("L"))
    dpi = believable_dpi(gray.shape[1], gray.shape[0], stated_dpi)
    if image.mode != "RGB":
        return Scan(gray, dpi)
    colour = np.asarray(image.convert("RGB"))
    sample = colour[::4, ::4].astype(np.int16)
    red = sample[:, :, 0] > np.maximum(sample[:, :, 1], sample[:, :, 2]) + _RED_STRONGER_BY
    return Scan(gray, dpi, colour if float(red.mean()) > _LEAST_RED else None)


def _layer_words(path: Path, number: int) -> tuple[LayerWord, ...]:
    try:
        with pdfplumber.open(path, pages=[number]) as pdf:
            page = pdf.pages[0]
            words = tuple(_plumbed_words(page))
            page.close()  # else its characters stay for the life of the process
            return words
    except (PdfminerException, PDFSyntaxError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return ()  # a layer that cannot be parsed is no layer: the page is read by its picture


_LEAST_UPRIGHT = 0.5  # the rest runs up the margin, or slants across as a watermark


def _plumbed_words(page: Any) -> Iterator[LayerWord]:
    chars = page.chars
    if not chars or sum(bool(char["upright"]) for char in chars) < _LEAST_UPRIGHT * len(chars):
        return
    x0, top0, x1, bottom1 = page.bbox
    width, height = x1 - x0, bottom1 - top0
    level = page.filter(lambda shape: shape.get("upright", True))  # what runs up the margin would come letter by letter
    for word in level.extract_words(x_tolerance_ratio=0.15, return_chars=True, use_text_flow=False):
        left, top = (word["x0"] - x0) / width, (word["top"] - top0) / height
        right, bottom = (word["x1"] - x0) / width, (word["bottom"] - top0) / height
        left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in (left, top, right, bottom))
        yield LayerWord(_runs(word["chars"]), Box(left, top, right - left, bottom - top))


def _runs(chars: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    runs: list[tuple[str, str]] = []
    for char in chars:
        font = str(char["fontname"])
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + char["text"])
        else:
            runs.append((font, char["text"]))
    return tuple(runs)
