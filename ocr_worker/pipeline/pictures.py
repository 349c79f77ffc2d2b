"""Pictures of a page for people, upright as its boxes count, at the size asked for."""

import io
from pathlib import Path

from PIL import Image

from ocr_worker.pipeline.limits import DEFAULT, Limits
from ocr_worker.pipeline.pages import open_document

PAGE_PX = 1700  # longer side: A4 at 145 dpi
_QUALITY = 78
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}  # Pillow turns the other way


def page_image(path: Path, number: int, rotation_deg: int = 0, *, max_px: int = PAGE_PX, limits: Limits = DEFAULT) -> bytes:
    """Page `number` (from 1) as a WebP picture whose longer side has at most `max_px`, turned clockwise by `rotation_deg`.

    With the `rotation_deg` of its PageReading the boxes of that reading lie on the words. Not straightened. Raises FileRefused.
    """
    with open_document(path, limits) as document:
        picture = document.picture(number, max_px)
    if rotation_deg:
        picture = picture.transpose(_TURNS[rotation_deg])
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=_QUALITY, method=2)
    return output.getvalue()
