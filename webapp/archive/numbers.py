"""The number of a document as it is written on paper, from its fields."""

import re

from storage.archive.documents import Document

_YEAR = re.compile(r"(19|20)\d\d")


def full_number(document: Document) -> str:
    """Number and symbol together, as 12/KH-LĐLĐ or 05-NQ/TU; what there is of them."""
    return written(document.value("number"), document.value("symbol"))


def written(number: str, symbol: str) -> str:
    """Number and symbol, with the mark between them that belongs to such a symbol: the Party writes a hyphen.

    >>> written("12", "KH-LĐLĐ"), written("05", "NQ/TU"), written("30", "2020/NĐ-CP"), written("", "KH-LĐLĐ"), written("7", "")
    ('12/KH-LĐLĐ', '05-NQ/TU', '30/2020/NĐ-CP', 'KH-LĐLĐ', '7')
    """
    if not number or not symbol or symbol in number:
        return number or symbol
    is_of_party = "/" in symbol and not _YEAR.match(symbol)
    return f"{number}{'-' if is_of_party else '/'}{symbol}"
