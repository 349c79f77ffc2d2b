"""Document numbers as people write them (`05-NQ/TU`, `12/KH-LĐLĐ`, `07 /BC - LĐLĐ`) and the keys they are found by.

Which numbers are right for which issuer is a matter of the rules, not of this module: here any number with letters counts.
"""

import re
from collections.abc import Iterable, Iterator

from domain.ground.vietnamese import fold, keys

_HEAD = r"\d(?<![\w/.]\d)\d{0,5}[a-zđ]?"  # the digit before the look at what stands before it: digits are found fast
_DASH = r"[-/\u2010-\u2015]"
_LETTERS = r"[^\W\d_]+\d*"
_CAPITALS = r"[A-ZĐÐƯƠÂÊÔĂỦ]+\d*"
_TIGHT = re.compile(rf"{_HEAD}(?:/\d{{4}})?(?:{_DASH}{_LETTERS})+(?!\w)")
_SPACED = re.compile(rf"{_HEAD}(?:\s?/\s?\d{{4}})?(?:\s{{0,2}}{_DASH}\s{{0,2}}{_CAPITALS})+(?!\w)")
_LEADING_ZEROS = re.compile(r"^0+(?=\d)")


def symbol_key(written: str) -> str:
    """The key of a number however it is written: separators, spaces, accents, case and leading zeros do not count.

    >>> symbol_key("05-NQ/TU"), symbol_key("07 /BC - LĐLĐ"), symbol_key("06b/nq-cdcs")
    ('5-nq-tu', '7-bc-ldld', '6b-nq-cdcs')
    """
    return _LEADING_ZEROS.sub("", "-".join(map(fold, keys(written))))


def is_symbol(written: str) -> bool:
    """Whether the whole text is one document number with its letters.

    >>> [is_symbol(text) for text in ("05-nq/tu", "30/2020/NĐ-CP", "07 /BC - LĐLĐ", "20/9/2021", "NQ/TU")]
    [True, True, True, False, False]
    """
    return bool(_TIGHT.fullmatch(written) or _SPACED.fullmatch(written))


def symbol_places(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and key of each document number in the text. One place may be met twice, as tight and as spaced."""
    for pattern in (_TIGHT, _SPACED):
        for match in pattern.finditer(text):
            yield match.start(), match.end(), symbol_key(match.group())


def shortened(key: str) -> list[str]:
    """A key and what it is shortened to from the right: people ask for `05-NQ` and `05` too.

    >>> shortened("5-nq-tu")
    ['5', '5-nq', '5-nq-tu']
    """
    parts = key.split("-")
    return ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]


def cited_keys(text: str) -> set[str]:
    """The keys under which a page is found because its text bears a number.

    >>> sorted(cited_keys("Căn cứ Nghị quyết số 05-NQ/TU ngày 20/9/2021"))
    ['5-nq', '5-nq-tu']
    """
    return {short for _, _, key in symbol_places(text) for short in shortened(key)[1:]}


def own_keys(symbols: Iterable[str]) -> set[str]:
    """The keys under which the pages of a document are found by its own number.

    >>> sorted(own_keys(["12/KH-LĐLĐ"]))
    ['12', '12-kh', '12-kh-ldld']
    """
    return {short for symbol in symbols if symbol.strip() for short in shortened(symbol_key(symbol))}
