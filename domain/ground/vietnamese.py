"""How Vietnamese is written: Unicode forms, the place of the tone mark, accents off, tokens, and the shape of a syllable.

What a document says and how it is searched do not live here. Everything works on any string and never raises.
"""

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng: grave, acute, tilde, hook above, dot below
_TONES_OF_STOPS = ("", "\u0301", "\u0323")
_MARKED = "ăâêôơư"  # vowels whose own mark decides where the tone stands
_VOWELS = frozenset("aeiouy" + _MARKED)
_ETH = str.maketrans("\u00d0\u0189", "\u0110\u0110")  # Icelandic and African capitals drawn like Đ, met in legacy fonts


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ONSETS = _set("b c d đ g h k l m n p r s t v x ch gh gi kh ng ngh nh ph qu th tr") | {""}
_RHYMES = _set(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uyn uynh
    uyp uyt uyu ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
    """
)
_AFTER_QU = {rhyme for rhyme in _RHYMES if rhyme[0] in "aăâeêiơ" and rhyme[:2] not in ("ia", "iê", "iu")}
_RHYMES_AFTER_QU = _set("ôc y ych yên yêt yn ynh yp yt") | _AFTER_QU
_FRONT = "eêiy"
_SPELT_BEFORE_FRONT = {"c": False, "k": True, "g": False, "gh": True, "ng": False, "ngh": True}

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad])*")
_Y_SPELLING = re.compile(r"^(h|k|l|m|s|t|qu)[iìíỉĩị]$|^qu[iìíỉĩị](?:t|nh|ch|p)$")
_I_TO_Y = str.maketrans("iìíỉĩị", "yỳýỷỹỵ")


def normalise(text: str) -> str:
    """The text in NFC with real Đ, no soft hyphens, and each syllable's tone on its canonical letter. Case is kept.

    The canonical place is the one of `hòa, khỏe, thủy`; misplaced marks are repaired. Words that are no Vietnamese syllable
    keep their accents where they are.

    >>> normalise("Tỉnh uỷ hoà thuận, Vịêt Nam, quý, hoàn")
    'Tỉnh ủy hòa thuận, Việt Nam, quý, hoàn'
    """
    composed = unicodedata.normalize("NFC", text.replace("\u00ad", "")).translate(_ETH)
    return _WORD.sub(lambda match: _place_tone(match.group()), composed)


class _Folding(dict[int, str]):
    """Code point to folded letter, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        letters = unicodedata.normalize("NFD", chr(code).translate(_ETH).lower())
        bare = "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("đ", "d")
        self[code] = folded = unicodedata.normalize("NFC", bare)
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case, accents off, đ to d. NFC text keeps its length, so offsets in the folded text hold in the original.

    >>> fold("LIÊN ĐOÀN LAO ĐỘNG tỉnh Bình Định")
    'lien doan lao dong tinh binh dinh'
    """
    return text.translate(_FOLDING)


@lru_cache(maxsize=1 << 17)
def toned_key(word: str) -> str:
    """What a word is searched by when its accents count: normalised, lower case, one spelling of i/y, no leading zeros.

    `kĩ/kỹ`, `lí/lý`, `qui/quy` are spellings of one word (both stand in official papers), so they share a key, as `05` and `5`
    do. Only after h, k, l, m, s, t and qu, where the spelling varies: `vi` and `vy` stay apart.

    >>> [toned_key(word) for word in ("Kĩ", "qui", "Quí", "THUỶ", "05", "vi")]
    ['kỹ', 'quy', 'quý', 'thủy', '5', 'vi']
    """
    key = normalise(word).lower()
    if key.isdecimal():
        return key.lstrip("0") or "0"
    return key.translate(_I_TO_Y) if _Y_SPELLING.match(key) else key


@lru_cache(maxsize=1 << 17)
def folded_key(word: str) -> str:
    """What a word is searched by when its accents do not count: its `toned_key`, folded.

    >>> folded_key("Kĩ"), folded_key("ĐỊNH")
    ('ky', 'dinh')
    """
    return fold(toned_key(word))


def keys(text: str) -> list[str]:
    """The toned keys of the words of any text, composed or not, in order.

    >>> keys("Số: 05-NQ/TU")
    ['số', '5', 'nq', 'tu']
    """
    return [toned_key(word) for word in _WORD.findall(text)]


@lru_cache(maxsize=1 << 16)
def is_syllable(text: str) -> bool:
    """Whether the text has the shape of one Vietnamese syllable: an onset, a rhyme and a tone that go together.

    Any case and Unicode form; the tone may stand on another letter of the rhyme. Loan words and names of other languages are
    not syllables, and some shapes without a meaning are.

    >>> [word for word in ("Nghị", "quyết", "hoà", "gì", "giêng", "cac", "ngi", "Tru­ng", "ViÖt", "05") if is_syllable(word)]
    ['Nghị', 'quyết', 'hoà', 'gì', 'giêng', 'Tru\xadng']
    """
    composed = unicodedata.normalize("NFC", text.replace("\u00ad", "")).translate(_ETH).lower()
    letters, tones = _without_tones(composed)
    parts = _split(letters)
    if parts is None or len(tones) > 1:
        return False
    is_stopped = parts[1].endswith(("c", "ch", "p", "t"))
    return not is_stopped or (tones[0] if tones else "") in _TONES_OF_STOPS[1:]


def _without_tones(word: str) -> tuple[str, list[str]]:
    """The word with its tone marks taken off, and the marks."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [mark for mark in decomposed if mark in _TONES]
    return unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONES)), tones


def _split(letters: str) -> tuple[str, str] | None:
    """Onset and rhyme of toneless lower-case letters, or None where they are no syllable."""
    for length in (3, 2, 1, 0):
        onset, rhyme = letters[:length], letters[length:]
        if onset in _ONSETS and _goes_with(onset, rhyme):
            return onset, rhyme
    return None


def _goes_with(onset: str, rhyme: str) -> bool:
    if onset == "qu":
        return rhyme in _RHYMES_AFTER_QU
    if onset == "gi":  # the i is shared: giêng is g + iêng
        return rhyme in _RHYMES and rhyme[0] not in "iy" and (rhyme[0] != "ê" or "i" + rhyme in _RHYMES)
    if rhyme not in _RHYMES:
        return False
    if rhyme[0] == "y":
        return rhyme == "y" or onset == ""
    if onset == "":
        return not rhyme.startswith("iê")
    if onset == "g" and rhyme[0] == "i":  # gì, gìn
        return True
    return onset not in _SPELT_BEFORE_FRONT or _SPELT_BEFORE_FRONT[onset] == (rhyme[0] in _FRONT)


def _tone_index(rhyme: str) -> int:
    """Which letter of the rhyme bears the tone.

    >>> [_tone_index(rhyme) for rhyme in ("oa", "oan", "ươi", "uyu", "anh")]
    [0, 1, 1, 1, 0]
    """
    marked = [index for index, letter in enumerate(rhyme) if letter in _MARKED]
    if marked:
        return marked[-1]
    vowels = sum(letter in _VOWELS for letter in rhyme)
    return 0 if vowels == 1 or (vowels == 2 and vowels == len(rhyme)) else 1


@lru_cache(maxsize=1 << 17)
def _place_tone(word: str) -> str:
    """The word with its one tone mark on the canonical letter; unchanged where there is none or the word is no syllable."""
    letters, tones = _without_tones(word)
    if len(tones) != 1:
        return word
    parts = _split(letters.lower())
    if parts is None or len(letters.lower()) != len(letters):
        return word
    place = len(parts[0]) + _tone_index(parts[1])
    return unicodedata.normalize("NFC", letters[: place + 1] + tones[0] + letters[place + 1 :])
