"""Vietnamese text of the years before Unicode, back to Unicode: TCVN3 (ABC), VNI Windows and VPS, told by the name of the font, or by
what reads as Vietnamese where a table of people's own names no font.

The tables are facts of those encodings, written anew.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from domain.ground.vietnamese import is_syllable


class Encoding(StrEnum):
    """How code points of an old font stand for letters."""

    TCVN3 = "tcvn3"
    VNI = "vni"
    VPS = "vps"


_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_TONES = {"ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_VNI_CIRCUMFLEX = {"â": "", "à": _GRAVE, "á": _ACUTE, "å": _HOOK, "ã": _TILDE, "ä": _DOT}
_VNI_BREVE = {"ê": "", "è": _GRAVE, "é": _ACUTE, "ú": _HOOK, "ü": _TILDE, "ë": _DOT}
_VNI_SINGLE = dict(zip("ñôöíìæóòî", "đơưíìỉĩịỵ", strict=True))


def _vni_pairs() -> dict[str, str]:
    """Base letter and mark, as two characters, to the letter they mean; in both cases of either."""
    pairs = {base + mark: base + tone for base in "aeouyôö" for mark, tone in _VNI_TONES.items()}
    pairs |= {base + mark: base + _CIRCUMFLEX + tone for base in "aeo" for mark, tone in _VNI_CIRCUMFLEX.items()}
    pairs |= {"a" + mark: "a" + _BREVE + tone for mark, tone in _VNI_BREVE.items()}
    meant = {}
    for pair, letters in pairs.items():
        lower = unicodedata.normalize("NFC", _VNI_SINGLE.get(pair[0], pair[0]) + letters[1:])
        for base in (pair[0], pair[0].upper()):
            for mark in (pair[1], pair[1].upper()):
                meant[base + mark] = lower if base == pair[0] else lower.upper()
    return meant


_VNI = {**_vni_pairs(), **_VNI_SINGLE, **{old.upper(): new.upper() for old, new in _VNI_SINGLE.items()}}
_VNI_PATTERN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_VPS_CODES = bytes.fromhex(
    "e0e1e4e3e5 e2c0c3c4c5c6 e6a2a1a3a4a5 c7 e8e9c8ebcb ea8a898bcd8c ecedccefce"
    " f2f3d5f586 f4d2d3b087b6 d6a9a7aaabae f9fafbdbf8 dcd8d9babbbf ff9a9bcf9c"
)
_VPS_LETTERS = "àáảãạâầấẩẫậăằắẳẵặđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_VPS = dict(zip(_VPS_CODES, _VPS_LETTERS, strict=True))


def encoding_of(font: str) -> Encoding | None:
    """The encoding that a font of this name draws, None for Unicode fonts.

    >>> encoding_of("WFRWBS+.VnTimeH Bold"), encoding_of("ABCDEF+VNI-Times"), encoding_of("Times New Roman")
    (<Encoding.TCVN3: 'tcvn3'>, <Encoding.VNI: 'vni'>, None)
    """
    name = font.rpartition("+")[2].lower()
    if name.startswith(".vn") or re.match(r"vn(time|arial|book|courier|helv)", name):
        return Encoding.TCVN3
    if name.startswith("vni"):
        return Encoding.VNI
    return Encoding.VPS if name.startswith("vps") else None


def draws_capitals(font: str) -> bool:
    """Whether this TCVN3 font draws lower-case codes as capitals.

    >>> draws_capitals("KOEHGS+.VnTimeH Bold"), draws_capitals(".VnTime")
    (True, False)
    """
    return re.match(r"\.?vn\w*[a-z]H\b", font.rpartition("+")[2].replace(".Vn", ".vn").replace("Vn", "vn", 1)) is not None


def decoded(text: str, font: str) -> str:
    """The text that a run of this font shows, in NFC. A run of a Unicode font comes back in NFC as it is.

    >>> decoded("quèc héi", ".VnTimeH"), decoded("Coäng hoøa xaõ hoäi", "VNI-Times")
    ('QUỐC HỘI', 'Cộng hòa xã hội')
    """
    encoding = encoding_of(font)
    meant = decoded_from(text, encoding) if encoding else unicodedata.normalize("NFC", text)
    return meant.upper() if encoding is Encoding.TCVN3 and draws_capitals(font) else meant


def decoded_from(text: str, encoding: Encoding) -> str:
    """The text that these code points meant, in NFC.

    >>> decoded_from("Q§-L§L§", Encoding.TCVN3)
    'QĐ-LĐLĐ'
    """
    if encoding is Encoding.TCVN3:
        text = text.translate(_TCVN3)
    elif encoding is Encoding.VNI:
        text = _VNI_PATTERN.sub(lambda match: _VNI[match.group()], text)
    else:
        text = "".join(_from_vps(letter) for letter in text)
    return unicodedata.normalize("NFC", text)


def _from_vps(letter: str) -> str:
    code = letter.encode("cp1252", "ignore") or (bytes([ord(letter)]) if ord(letter) < 256 else b"")
    return _VPS.get(code[0], letter) if len(code) == 1 else letter


_LEAST_SHARE, _LEAST_GAIN = 0.6, 0.2
_AROUND = """.,;:()/"“”-–…?!*'"""
ALIEN = re.compile("[§©®«¬µ¶·¸¹»¼½¾¡¢£¤¥¦¨ªÆÇËÎÏÐÑÖ×ØÜÞßåæçëîïñöøúûüþ\u00ad]")  # of Latin 1, and in no Vietnamese word


def guessed(texts: Iterable[str]) -> Encoding | None:
    """The old encoding of texts that no font names: the one that makes them read as Vietnamese; None if they do so as they are, or never.

    >>> guessed(["VÒ viÖc nép hå s¬ l\u00adu tr÷"]), guessed(["Về việc nộp hồ sơ lưu trữ"])
    (<Encoding.TCVN3: 'tcvn3'>, None)
    """
    legacy = [text for text in texts if not is_unicode(text) and not text.isascii()]
    best, share = max(
        ((one, _vietnamese_share(decoded_from(text, one) for text in legacy)) for one in Encoding), key=lambda pair: pair[1]
    )
    return best if share >= max(_LEAST_SHARE, _vietnamese_share(legacy) + _LEAST_GAIN) else None


def is_unicode(text: str) -> bool:
    """Whether the text has letters that no old encoding has, so that it is Unicode already."""
    return any((letter > "\xff" and letter.isalpha()) or "\u0300" <= letter <= "\u036f" for letter in text)


def _vietnamese_share(texts: Iterable[str]) -> float:
    """The share of words with marks, among those with marks, that are Vietnamese syllables."""
    words = [word.strip(_AROUND) for text in texts for word in text.split()]
    marked = [word for word in words if not word.isascii()]
    return sum(is_syllable(word) for word in marked) / len(marked) if marked else 0.0
