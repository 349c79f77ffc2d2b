"""Vietnamese text of the years before Unicode, back to Unicode: TCVN3 (ABC), VNI Windows and VPS, told by the name of the font.

The tables are facts of those encodings, written anew. Whether the outcome is Vietnamese is judged elsewhere.
"""

import re
import unicodedata
from enum import StrEnum


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
    if encoding is Encoding.TCVN3:
        text = text.translate(_TCVN3)
        text = text.upper() if draws_capitals(font) else text
    elif encoding is Encoding.VNI:
        text = _VNI_PATTERN.sub(lambda match: _VNI[match.group()], text)
    elif encoding is Encoding.VPS:
        text = "".join(_from_vps(letter) for letter in text)
    return unicodedata.normalize("NFC", text)


def _from_vps(letter: str) -> str:
    code = letter.encode("cp1252", "ignore") or (bytes([ord(letter)]) if ord(letter) < 256 else b"")
    return _VPS.get(code[0], letter) if len(code) == 1 else letter
