"""Bringing in: the reasons a file is refused or set aside, the attestation, and which image files are pages of one document."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Refusal(StrEnum):
    """Why a file, or one page of it, could not be read. The sentences are in webapp/ground/errors.py."""

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


class Outcome(StrEnum):
    """What became of a file that came."""

    KEPT = "kept"
    DUPLICATE = "duplicate"  # the same papers are there already; the receipt leads to them
    REFUSED = "refused"
    DESTROYED = "destroyed"  # kept once, and destroyed by a person's decision


# `to_p1`, `to-trang 02`, `to (p3)`; a bare number only as `_1`, unpadded: `CV-001`, `CV-002` are papers of a series, not pages
_PAGE_SUFFIX = re.compile(
    r"^(?P<stem>.+?)(?:[ _(-]*(?<![^\W_])(?:p|page|trang|tr)[ ._-]*(?P<page>\d{1,4})\)?|_(?P<bare>[1-9]\d?))$", re.IGNORECASE
)
_IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff")


def group_pages(names: Sequence[str]) -> list[list[str]]:
    """The names grouped into documents, in the order of their first appearance.

    Image files of one folder whose names differ only by a page number that runs from 1 without a gap are the pages of one
    document, in order; every other name stands alone. Papers put together wrongly are worse than pages left apart.

    >>> group_pages(["a/to_p2.jpg", "a/to_p1.jpg", "a/b.pdf", "a/anh-3.png"])
    [['a/to_p1.jpg', 'a/to_p2.jpg'], ['a/b.pdf'], ['a/anh-3.png']]
    """
    families: dict[tuple[str, str], dict[int, str]] = {}
    family_of: dict[str, tuple[str, str]] = {}
    for name in names:
        if (place := _page_place(name)) is not None:
            family, number = place
            if number not in families.setdefault(family, {}):
                families[family][number] = name
                family_of[name] = family
    groups: list[list[str]] = []
    placed: set[str] = set()
    for name in names:
        if name in placed:
            continue
        pages = families.get(family_of.get(name, ("", "")), {})
        whole = len(pages) > 1 and sorted(pages) == list(range(1, len(pages) + 1))
        group = [pages[number] for number in sorted(pages)] if whole else [name]
        groups.append(group)
        placed.update(group)
    return groups


def _page_place(name: str) -> tuple[tuple[str, str], int] | None:
    """The family (folder and stem, ending) that a name belongs to as a page, and its number; None for a name of its own."""
    stem, dot, ending = name.rpartition(".")
    match = _PAGE_SUFFIX.match(stem)
    if match is None or (dot + ending).lower() not in _IMAGE_ENDINGS:
        return None
    return (match["stem"], ending.lower()), int(match["page"] or match["bare"])


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


def media_type_of(head: bytes) -> MediaType | None:
    """What a file is by its first HEAD_BYTES, whatever its name says; None for anything that is not read here.

    >>> media_type_of(b"%PDF-1.7"), media_type_of(b"PK\\x03\\x04")
    (<MediaType.PDF: 'application/pdf'>, None)
    """
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return MediaType.PDF if b"%PDF-" in head[:HEAD_BYTES] else None


ATTESTATION = "no-secrecy-mark/1"  # the version of the sentence that the archivist confirms; its words are in the templates
