"""Making clean pages look as scanners and copiers give them: skewed, noisy, in colour, grey or black and white, in one file or several.

Everything is drawn by a chance seeded with the paper's name, so the same paper gives the same bytes.
"""

import io
import time
import zlib
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from khonggiay.demo.papers import DPI, read_paper, typeset

_QUALITY = 72  # of JPEG
_BOUND_AT = time.gmtime(0)  # PDF files note when they were made; ours must not differ


class Look(StrEnum):
    """How a paper was copied."""

    COLOUR = "colour"
    GREY = "grey"
    OLD = "old"  # yellowed paper
    PHOTOCOPY = "photocopy"  # black and white, with specks and a dark edge
    TURNED = "turned"  # laid into the scanner on its side


class Kind(StrEnum):
    """What kind of file it became."""

    PDF = "pdf"
    TIFF = "tif"
    JPEG = "jpg"  # one file for each page


# How far the paper is from white in red, green and blue, and how rough: in levels of 255.
_PAPERS = {Look.OLD: ((12, 26, 60), 40), Look.COLOUR: ((1, 2, 6), 16), Look.TURNED: ((1, 2, 6), 16)}


def scan(name: str, look: Look, kind: Kind) -> list[tuple[str, bytes]]:
    """The files, named and in order, that the paper of that name became when it was scanned."""
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    pages = [_copied(page, look, chance) for page in typeset(read_paper(name))]
    if kind is not Kind.JPEG:
        return [(f"{name}.{kind}", _bound(pages, kind))]
    if len(pages) == 1:
        return [(f"{name}.jpg", _jpeg(pages[0]))]
    return [(f"{name}_p{number}.jpg", _jpeg(page)) for number, page in enumerate(pages, start=1)]


def _copied(page: Image.Image, look: Look, chance: np.random.Generator) -> Image.Image:
    if look in (Look.GREY, Look.PHOTOCOPY):
        page = page.convert("L")
    page = page.rotate(float(chance.uniform(-0.7, 0.7)), Image.Resampling.BILINEAR, fillcolor="white")
    if look is Look.PHOTOCOPY:
        return _photocopied(page, chance)
    if look is Look.TURNED:
        page = page.transpose(Image.Transpose.ROTATE_90)
    return _grained(page, look, chance)


def _grained(page: Image.Image, look: Look, chance: np.random.Generator) -> Image.Image:
    """The page on the paper of its look: a little darker than white, and not evenly so."""
    tint, depth = _PAPERS.get(look, ((4, 4, 4), 16))
    grain = _grain(page.size, depth)
    grain = ImageChops.offset(grain, int(chance.integers(page.width)), int(chance.integers(page.height)))
    bands = [grain.point([min(255, level + shade) for level in range(256)]) for shade in tint]
    return ImageChops.subtract(page, bands[0] if page.mode == "L" else Image.merge("RGB", bands))


@lru_cache(maxsize=4)
def _grain(size: tuple[int, int], depth: int) -> Image.Image:
    """How much darker each point is, up to `depth` levels of 255; made once, and laid differently under each page."""
    levels = np.random.default_rng(depth).integers(0, depth + 1, (size[1], size[0]), dtype=np.uint8)
    return Image.fromarray(levels)


def _photocopied(page: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Black and white: letters a little fat and broken, specks, and the shadow of the lid along one edge."""
    blurred = np.asarray(page.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    rough = chance.standard_normal(blurred.shape, dtype=np.float32) * 22
    pixels = np.where(blurred + rough > 150, 255, 0).astype(np.uint8)
    tall, wide = pixels.shape
    for y, x in zip(chance.integers(0, tall - 4, 160), chance.integers(0, wide - 4, 160), strict=True):
        size = int(chance.integers(1, 4))
        pixels[y : y + size, x : x + size] = 0
    pixels[:, : int(chance.integers(8, 22))] = 0
    return Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE)


def _jpeg(page: Image.Image) -> bytes:
    written = io.BytesIO()
    page.save(written, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
    return written.getvalue()


def _bound(pages: Sequence[Image.Image], kind: Kind) -> bytes:
    written = io.BytesIO()
    first, others = pages[0], list(pages[1:])
    if kind is Kind.PDF:
        dates = {"creationDate": _BOUND_AT, "modDate": _BOUND_AT}
        first.save(written, "PDF", save_all=True, append_images=others, resolution=DPI, quality=_QUALITY, **dates)
    else:
        packing: dict[str, object] = {"compression": "group4"}
        if first.mode != "1":
            packing = {"compression": "jpeg", "quality": _QUALITY}
        first.save(written, "TIFF", save_all=True, append_images=others, dpi=(DPI, DPI), **packing)
    return written.getvalue()
