"""Files as they come: what they are by their first bytes, whatever their names say, and why one cannot be read."""

import re
import unicodedata
from enum import StrEnum


class Refusal(StrEnum):
    """Why a file, or one page of it, could not be read. The sentences are in webapp/ground/problems.py."""

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    NOT_A_DOCUMENT = "not_a_document"  # none of the kinds that are read, whatever its name says
    PACKED = "packed"  # ZIP, RAR, TAR …: the papers are inside
    OFFICE = "office"  # Word, Excel …: not read in the archive
    MAIL = "mail"  # a letter of electronic mail: the papers are with it
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
    """The kinds of file that are read."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    HEIC = "image/heic"  # of phones
    WEBP = "image/webp"


HEAD_BYTES = 1024  # enough to tell the kind: readers of PDF accept rubbish before the header up to here

_MAGIC = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),  # BigTIFF
    (b"MM\x00+", MediaType.TIFF),
)


_HEIC = re.compile(rb"....ftyp(?:hei[cxms]|hev[cx]|mif1)", re.DOTALL)
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)

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
    if _HEIC.match(head) or _WEBP.match(head):
        return MediaType.HEIC if _HEIC.match(head) else MediaType.WEBP
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


_PACKS = (_ZIP, b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TAR, _TAR_AT = b"ustar", 257
_MAIL = re.compile(rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:received|mime-version|message-id|subject):", re.IGNORECASE)


def refusal_of(head: bytes, name: str) -> Refusal:
    """Why a file that is none of the kinds that are read is refused: what it is, where its papers can be got at.

    >>> [refusal_of(head, name).value for head, name in ((b"", "a"), (b"PK\\x03\\x04", "a.docx"), (b"PK\\x03\\x04", "a.zip"), (b"MZ", "a"))]
    ['empty', 'office', 'packed', 'not_a_document']
    """
    if not head:
        return Refusal.EMPTY
    if office_type_of(head, name):
        return Refusal.OFFICE
    if head.startswith(_PACKS) or head[_TAR_AT:].startswith(_TAR):
        return Refusal.PACKED
    return Refusal.MAIL if _MAIL.match(head) else Refusal.NOT_A_DOCUMENT


def clean_name(name: str) -> str:
    """A file name as it is kept: composed letters, no folder, nothing that cannot be printed, 200 characters at most.

    >>> clean_name("C:\\\\Bao cao\\\\Ke\u0302\u0301 hoạch\\n.pdf"), clean_name("/")
    ('Kế hoạch.pdf', '?')
    """
    composed = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in composed if letter.isprintable()).strip()[:200] or "?"
