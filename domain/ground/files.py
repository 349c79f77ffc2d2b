"""Files as they come: what they are by their first bytes, whatever their names say, and why one cannot be read."""

import re
import unicodedata
from enum import StrEnum


class Refusal(StrEnum):
    """Why a file, or one page of it, could not be read. The sentences are in webapp/ground/problems.py."""

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    NOT_A_DOCUMENT = "not_a_document"  # neither PDF, TIFF, JPEG nor PNG, whatever its name says
    NO_PAGES = "no_pages"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_LARGE = "too_large"  # bytes of the file
    TOO_MANY_PIXELS = "too_many_pixels"  # a decompression bomb, or a page no reader needs that large
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    MISSING = "missing"  # the stored bytes are gone or do not match their hash


class Mended(StrEnum):
    """What had to be mended of a file whose pages are all there. The sentences are in webapp/ground/words.py."""

    END = "end"  # the mark that ends an image is missing, or much stands behind it
    TABLE = "table"  # the end of a PDF, or its table of objects


class MediaType(StrEnum):
    """The four kinds of file that are read."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"


HEAD_BYTES = 1024  # enough to tell the kind: readers of PDF accept rubbish before the header up to here

_MAGIC = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),  # BigTIFF
    (b"MM\x00+", MediaType.TIFF),
)


# Text may stand before the header, of a mail or a printer. The head of a pack (ZIP, RAR, TAR) is none: a PDF in it is a member.
_PDF = re.compile(rb"(?!!<arch>)[^\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]*%PDF-")


def media_type_of(head: bytes) -> MediaType | None:
    """What a file is by its first HEAD_BYTES, whatever its name says; None for anything that is not read here.

    >>> media_type_of(b"%PDF-1.7"), media_type_of(b"PK\\x03\\x04")
    (<MediaType.PDF: 'application/pdf'>, None)
    """
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return MediaType.PDF if _PDF.match(head[:HEAD_BYTES]) else None


OFFICE_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OF_OLE = frozenset({"doc", "xls", "ppt"})


def office_type_of(head: bytes, name: str) -> str | None:
    """What an office file is, by its first bytes and its ending together; None for anything else, and for one with a password.

    >>> office_type_of(b"PK\\x03\\x04...", "Báo cáo.DOCX") == OFFICE_TYPES["docx"], office_type_of(b"MZ", "a.docx")
    (True, None)
    """
    ending = name.rpartition(".")[2].lower()
    magic = _OLE if ending in _OF_OLE else _ZIP
    return OFFICE_TYPES.get(ending) if head.startswith(magic) else None


def clean_name(name: str) -> str:
    """A file name as it is kept: composed letters, no folder, nothing that cannot be printed, 200 characters at most.

    >>> clean_name("C:\\\\Bao cao\\\\Ke\u0302\u0301 hoạch\\n.pdf"), clean_name("/")
    ('Kế hoạch.pdf', '?')
    """
    composed = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in composed if letter.isprintable()).strip()[:200] or "?"
