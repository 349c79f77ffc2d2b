"""A searchable PDF from the original: its pages untouched, the words read laid over them in ink that is not seen. No other PDF is written.

An image becomes a page around its own bytes (JPEG), or around what it shows, without loss (PNG, TIFF) or as a JPEG (HEIC, WebP). Words come
from the reading.
"""

import io
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from domain.archive.reading import PageReading, Source, Word
from domain.ground.errors import FileRefused
from domain.ground.files import MediaType, Refusal
from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.media import sniff
from ocr_worker.pipeline.shown import frames, opened, shown
from ocr_worker.pipeline.whole import END_OF_JPEG

_FONT = "/KhongGiay"
_POINTS_PER_INCH = 72
_EM = 1000  # units of a font
_GLYPH_WIDTH = 0.5  # em: every glyph of the font is as wide, and draws nothing


def searchable_pdf(original: Path, pages: Sequence[PageReading], limits: Limits = DEFAULT) -> bytes:
    """The original as a PDF with a text layer made of the readings of its pages.

    Words of a page's own layer stay in it (a legacy one too: its letters are what the page shows), and those that were recognised
    are laid beside them. The images stored in the original are not touched. Raises FileRefused.
    """
    media_type = sniff(original, limits)
    with _pdf_of(original, media_type, pages) as pdf:
        font = _glyphless_font(pdf)
        for page, reading in zip(pdf.pages, pages, strict=True):
            if any(word.source is Source.OCR for word in reading.words):
                _lay_over(pdf, page, reading, font)
        output = io.BytesIO()
        pdf.save(output, linearize=len(pages) > 1, deterministic_id=True)
        return output.getvalue()


def joined(paths: Sequence[Path]) -> bytes:
    """The pages of these PDFs one after another, as one PDF."""
    with pikepdf.new() as whole, ExitStack() as opened:
        for path in paths:
            whole.pages.extend(opened.enter_context(pikepdf.open(path)).pages)
        written = io.BytesIO()
        whole.save(written)
    return written.getvalue()


def _pdf_of(original: Path, media_type: MediaType, pages: Sequence[PageReading]) -> pikepdf.Pdf:
    if media_type is not MediaType.PDF:
        return _wrapped(original, media_type, pages)
    try:
        return pikepdf.open(original)
    except pikepdf.PasswordError as error:
        raise FileRefused(Refusal.ENCRYPTED) from error
    except pikepdf.PdfError as error:
        raise FileRefused(Refusal.TRUNCATED) from error


def _wrapped(original: Path, media_type: MediaType, pages: Sequence[PageReading]) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    with opened(original) as image:
        places = frames(image)
        for reading in pages:
            if reading.number > len(places):  # a thumbnail of a TIFF was a page once
                raise FileRefused(Refusal.TRUNCATED, f"page {reading.number}")
            frame = places[reading.number - 1]
            image.seek(frame.place)
            if media_type is MediaType.JPEG and image.mode in ("L", "RGB"):
                picture, orientation = _jpeg_stream(pdf, original, image), frame.orientation
                across, down = image.size if orientation < 5 else image.size[::-1]
                size = frame.squared(across, down)
            else:
                seen = shown(image, frame)
                made = _photo_stream if media_type in _PHOTOS else _lossless_stream
                picture, orientation, size = made(pdf, seen), 1, seen.size
            _add_page(pdf, picture, orientation, [side * _POINTS_PER_INCH / reading.dpi for side in size])
    return pdf


# From the unit square of a stored image (origin bottom left) to the upright page of width and height 1, by its EXIF orientation.
_UPRIGHT = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


def _jpeg_stream(pdf: pikepdf.Pdf, original: Path, image: Image.Image) -> pikepdf.Stream:
    space = pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB
    stored = original.read_bytes()
    ended = stored if stored.endswith(END_OF_JPEG) else stored + END_OF_JPEG
    return _image_stream(pdf, ended, image.size, space, 8, pikepdf.Name.DCTDecode)


_PHOTOS = (MediaType.HEIC, MediaType.WEBP)  # packed by a camera, with loss: without it they would be ten times as large
_PHOTO_QUALITY = 90


def _photo_stream(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Stream:
    made = io.BytesIO()
    image.convert("RGB").save(made, "JPEG", quality=_PHOTO_QUALITY)
    return _image_stream(pdf, made.getvalue(), image.size, pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode)


def _lossless_stream(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Stream:
    space = pikepdf.Name.DeviceRGB if image.mode == "RGB" else pikepdf.Name.DeviceGray
    bits = 1 if image.mode == "1" else 8
    return _image_stream(pdf, zlib.compress(image.tobytes(), 6), image.size, space, bits, pikepdf.Name.FlateDecode)


def _image_stream(
    pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], space: pikepdf.Name, bits: int, filter_: pikepdf.Name
) -> pikepdf.Stream:
    return pikepdf.Stream(
        pdf,
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=space,
        BitsPerComponent=bits,
        Filter=filter_,
    )


def _add_page(pdf: pikepdf.Pdf, picture: pikepdf.Stream, orientation: int, size: Sequence[float]) -> None:
    """A page of this width and height in points, filled by the picture."""
    width, height = size
    placed = " ".join(f"{part * size[place % 2]:.3f}" for place, part in enumerate(_UPRIGHT[orientation]))
    page = pdf.add_blank_page(page_size=(width, height))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    page.Contents = pdf.make_stream(f"q {placed} cm /Scan Do Q".encode())


def _lay_over(pdf: pikepdf.Pdf, page: pikepdf.Page, reading: PageReading, font: pikepdf.Object) -> None:
    """The recognised words as invisible text over the page, each in its box, in reading order; the page shown upright.

    Invisible text of which nothing was kept is another program's reading, found wanting: it is taken out.
    """
    page.obj.Rotate = (int(page.obj.get("/Rotate", 0)) + reading.rotation_deg) % 360
    if "/Font" in page.resources and reading.source is Source.OCR:
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(list(_without_invisible_text(page))))
    page.add_resource(font, pikepdf.Name.Font, pikepdf.Name(_FONT))
    page.contents_add(pdf.make_stream(b"q"), prepend=True)
    page.contents_add(pdf.make_stream(b"Q " + _text(page, reading)), prepend=False)


_SHOWS_TEXT = ("Tj", "TJ", "'", '"')
_INVISIBLE = 3


def _without_invisible_text(page: pikepdf.Page) -> Iterator[Any]:
    mode, outer = 0, []
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        if name == "Tr":
            mode = int(instruction.operands[0])
        elif name == "q":
            outer.append(mode)
        elif name == "Q" and outer:
            mode = outer.pop()
        if not (name in _SHOWS_TEXT and mode == _INVISIBLE):
            yield instruction


def _text(page: pikepdf.Page, reading: PageReading) -> bytes:
    turn = int(page.obj.Rotate)
    x0, y0, x1, y1 = _visible(page)
    frame = _frame(turn, x0, y0, x1 - x0, y1 - y0)
    width, height = (x1 - x0, y1 - y0) if turn in (0, 180) else (y1 - y0, x1 - x0)
    angle = math.radians(reading.skew_deg)
    own = [word for word in reading.words if word.source is Source.OCR]
    lines = (
        operator for _, line in groupby(own, key=lambda word: word.line) for operator in _line(list(line), width, height, angle)
    )
    return f"q {frame} cm BT 3 Tr\n{chr(10).join(lines)}\nET Q".encode()


def _visible(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what a viewer shows: a box may be given from any of its corners, or stand out of the sheet."""
    boxes = [[float(side) for side in box] for box in (page.mediabox, page.cropbox)]
    sheet, crop = ((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) for x0, y0, x1, y1 in boxes)
    left, bottom, right, top = max(sheet[0], crop[0]), max(sheet[1], crop[1]), min(sheet[2], crop[2]), min(sheet[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else sheet


def _frame(turn: int, x: float, y: float, width: float, height: float) -> str:
    """The matrix from the upright page (origin bottom left, points) to the stored page, which shows upright after `turn`."""
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, x, y),
        90: (0, 1, -1, 0, x + width, y),
        180: (-1, 0, 0, -1, x + width, y + height),
        270: (0, -1, 1, 0, x, y + height),
    }[turn]
    return f"{a} {b} {c} {d} {e:.3f} {f:.3f}"


def _line(words: list[Word], width: float, height: float, angle: float) -> Iterator[str]:
    """The words of one printed line, all of one size and on one base line (along the skew), so that copying keeps them together."""
    size = max(1.0, max(word.box.height for word in words) * height * 0.8)
    cos, sin = math.cos(angle), math.sin(angle)
    for place, word in enumerate(words):
        text = word.text + ("" if place == len(words) - 1 else " ")
        drawn = max(1, len(word.text)) * _GLYPH_WIDTH * size
        stretch = max(1.0, 100 * word.box.width * width / drawn)
        x, y = word.box.x * width, height - (word.box.y + word.box.height * 0.8) * height
        code = text.encode("utf-16-be").hex()
        yield f"{_FONT} {size:.2f} Tf {stretch:.1f} Tz {cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {x:.2f} {y:.2f} Tm <{code}> Tj"


def _glyphless_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font of empty glyphs for every letter of Unicode's first plane; its codes are UTF-16, so any text can be copied."""
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(_FONT),
        Flags=5,
        FontBBox=[0, 0, _EM // 2, _EM],
        ItalicAngle=0,
        Ascent=_EM,
        Descent=0,
        CapHeight=_EM,
        StemV=80,
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name(_FONT),
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=int(_EM * _GLYPH_WIDTH),
    )
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type0,
        BaseFont=pikepdf.Name(_FONT),
        Encoding=pikepdf.Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(descendant)],
        ToUnicode=pdf.make_stream(_TO_UNICODE),
    )
    return pdf.make_indirect(font)


_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
