"""An image as a viewer shows it: eight bits a colour, upright by its own word, on white paper, with square pixels.

Text, page picture and searchable PDF all ask here, so that none of them can show another page. Opening files is in pages.py.
"""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin
from pillow_heif import register_heif_opener

from ocr_worker.pipeline.whole import END_OF_JPEG, ended_jpeg, is_ended

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "WEBP")
_JPEG = b"\xff\xd8"
_SQUARE = 1.02  # the two resolutions of a page may differ by this factor and mean the same
_MOST_STRETCHED = 3.0  # beyond it, they are a slip of the program that wrote them; a fax in normal mode has 2.08
_MOST_GREY = (1, 255, 1023, 4095, 16383, 65535)  # white in grey of 1, 8, 10, 12, 14 or 16 bits
_NEW_SUBFILE_TYPE, _REDUCED, _MASK = 254, 1, 4  # tags and their values: TIFF 6.0
_SUBFILE_TYPE, _OLD_REDUCED = 255, 2
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A page of an image file, by its header: which picture of the file it is (from 0), and how that is to be shown.

    `orientation` is that of EXIF, 1 to 8; `dpi` the stated resolution across and down the upright page, None where it states none.
    """

    place: int
    orientation: int
    dpi: tuple[float, float] | None

    def squared(self, width: int, height: int) -> tuple[int, int]:
        """The size in square pixels of the upright page that has this size in its own."""
        across, down = self.dpi or (1.0, 1.0)
        ratio = across / down
        if not _SQUARE < max(ratio, 1 / ratio) < _MOST_STRETCHED:
            return width, height
        return (width, round(height * ratio)) if ratio > 1 else (round(width / ratio), height)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The image file, open; raises what Pillow raises. Not by its name: Pillow maps that into memory, and turns no mapped TIFF upright."""
    with path.open("rb") as file, ExitStack() as held:
        is_jpeg = file.read(len(_JPEG)) == _JPEG
        file.seek(0)
        stored = file if not is_jpeg or is_ended(path, END_OF_JPEG) else io.BytesIO(ended_jpeg(path))
        yield held.enter_context(Image.open(stored, formats=FORMATS))


def frames(image: Image.Image) -> tuple[Frame, ...]:
    """The pages of an open image. Only a TIFF has several: what else moves, or holds a second picture, shows its first one.

    The reduced pictures and masks that a TIFF holds beside its pages are none.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return (_frame(image, image.tell()),)  # a HEIC names its first picture
    return tuple(_pages(image)) or (_frame(image, 0),)


def _pages(image: TiffImagePlugin.TiffImageFile) -> Iterator[Frame]:
    for place in range(image.n_frames):
        image.seek(place)
        kind = image.tag_v2.get(_NEW_SUBFILE_TYPE)
        is_beside = isinstance(kind, int) and kind & (_REDUCED | _MASK)
        if not is_beside and image.tag_v2.get(_SUBFILE_TYPE) != _OLD_REDUCED:
            yield _frame(image, place)
    image.seek(0)


def _frame(image: Image.Image, place: int) -> Frame:
    stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    orientation = stated if isinstance(stated, int) and 1 <= stated <= 8 else 1
    try:
        across, down = (float(side) for side in image.info["dpi"])
        dpi = (across, down) if across > 0 and down > 0 else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        dpi = None
    return Frame(place, orientation, dpi[::-1] if dpi and orientation >= 5 else dpi)


def shown(image: Image.Image, frame: Frame) -> Image.Image:
    """The picture that stands at this frame of an open image, in mode 1, L or RGB. Raises what Pillow raises."""
    is_turned = isinstance(image, TiffImagePlugin.TiffImageFile)  # Pillow turns a TIFF itself
    picture = plain(image)
    upright = picture if is_turned or frame.orientation == 1 else picture.transpose(_UPRIGHT[frame.orientation])
    size = frame.squared(*upright.size)
    if size == upright.size:
        return upright
    return (upright.convert("L") if upright.mode == "1" else upright).resize(size, Image.Resampling.BICUBIC)


def plain(image: Image.Image) -> Image.Image:
    """The picture in mode 1, L or RGB: transparent pixels on white paper, more than eight bits scaled down to them."""
    if image.mode.startswith(("I", "F")):
        return _in_eight_bits(image)
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        image = paper
    return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Grey of more bits, by the range that its brightest pixel needs: a scanner of 12 bits writes 4095 for white."""
    values = np.nan_to_num(np.asarray(image))
    values = values - min(0, values.min())
    brightest = values.max()
    white = next((most for most in _MOST_GREY if brightest <= most), brightest)
    gray = (values * np.float32(255 / white)).astype(np.uint8)
    is_negative = isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    return Image.fromarray(255 - gray if is_negative else gray)
