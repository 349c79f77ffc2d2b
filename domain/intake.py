"""Bringing in: the reasons a file is refused or set aside, the attestation, and which image files are pages of one document."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Refusal(StrEnum):
    """Why a file, or one page of it, could not be read. The sentences are in webapp/errors.py."""

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


_PAGE_SUFFIX = re.compile(r"^(?P<stem>.+?)(?:[ _-]+(?:p|page|trang|tr)?[ _-]*|\()(?P<page>\d{1,4})\)?$", re.IGNORECASE)
_IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff")


def group_pages(names: Sequence[str]) -> list[list[str]]:
    """The names grouped into documents: image files of one folder whose names differ only by a page number that runs from 1
    without a gap are the pages of one document, in that order; every other name stands alone. Order of first appearance is kept.

    >>> group_pages(["a/to_p2.jpg", "a/to_p1.jpg", "a/b.pdf", "a/anh-3.png"])
    [['a/to_p1.jpg', 'a/to_p2.jpg'], ['a/b.pdf'], ['a/anh-3.png']]
    """
    families: dict[tuple[str, str], dict[int, str]] = {}
    family_of: dict[str, tuple[str, str]] = {}
    for name in names:
        stem, dot, ending = name.rpartition(".")
        match = _PAGE_SUFFIX.match(stem)
        if match and (dot + ending).lower() in _IMAGE_ENDINGS:
            family = (match["stem"], ending.lower())
            if int(match["page"]) not in families.setdefault(family, {}):
                families[family][int(match["page"])] = name
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
