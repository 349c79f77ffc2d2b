"""Bringing in: what becomes of a file that comes, the attestation, and which image files are pages of one document."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a file that came."""

    KEPT = "kept"
    DUPLICATE = "duplicate"  # the same papers are there already; the receipt leads to them
    REFUSED = "refused"
    DESTROYED = "destroyed"  # kept once, and destroyed by a person's decision


RECEIVED = frozenset({Outcome.KEPT, Outcome.DUPLICATE, Outcome.REFUSED})  # what a file that comes is answered with

# `to_p1`, `to-trang 02`, `to (p3)`; a bare number only as `_1`, unpadded: `CV-001`, `CV-002` are papers of a series, not pages
_PAGE_SUFFIX = re.compile(
    r"^(?P<stem>.+?)(?:[ _(-]*(?<![^\W_])(?:p|page|trang|tr)[ ._-]*(?P<page>\d{1,4})\)?|_(?P<bare>[1-9]\d?))$", re.IGNORECASE
)
_IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".heic", ".heif", ".webp")


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


ATTESTATION = "no-secrecy-mark/1"  # the version of the sentence that the archivist confirms; its words are in the templates
