"""Small papers made for a test: drawn text that Tesseract reads without doubt, and files that are broken in every way."""

import io
import struct
import zlib
from typing import Any

import pikepdf
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"


def drawn(*lines: str, width: int = 1654, height: int = 2339) -> Image.Image:
    """A sheet of A4 at 200 dpi with these lines."""
    image = Image.new("L", (width, height), 255)
    ImageDraw.Draw(image).multiline_text((120, 120), "\n".join(lines), fill=20, font=ImageFont.truetype(FONT, 40), spacing=20)
    return image


def tiff(*pages: str) -> bytes:
    """A TIFF with one page for each text."""
    images = [drawn(*page.split("\n")) for page in pages]
    written = io.BytesIO()
    images[0].save(written, "TIFF", save_all=True, append_images=images[1:], dpi=(200, 200))
    return written.getvalue()


def jpeg(text: str) -> bytes:
    """A JPEG of one page."""
    written = io.BytesIO()
    drawn(*text.split("\n")).save(written, "JPEG", quality=90, dpi=(200, 200))
    return written.getvalue()


def pdf(pages: int = 1, page_size: tuple[int, int] = (300, 400), **options: Any) -> bytes:
    """A PDF of that many empty pages, of a size in points."""
    written = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=page_size)
        document.save(written, **options)
    return written.getvalue()


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password."""
    return pdf(encryption=pikepdf.Encryption(owner="chu", user="khach"))


def truncated_jpeg() -> bytes:
    """A JPEG that was cut in its head."""
    return jpeg("bị cụt")[:300]


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 100,000 x 100,000 pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
