"""What counts as a mark of secrecy or urgency: which line, in which zone of a page. Looking is in ocr_worker.pipeline.marks.

Accents are kept, for MẬT without them is MAT, and so is the MẶT of "MẶT TRẬN". A mark is a whole line, never a part of one: "bí mật
nhà nước", "bảo mật", "mật độ" are words of the text. Source: NĐ 30/2020, Phụ lục I, box 10a and 10b; Luật 117/2025/QH15.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from domain.archive.reading import Box
from domain.ground.errors import RuleError
from domain.ground.vietnamese import fold
from domain.ground.words import Words


class Rule(StrEnum):
    """The rule by which a page was held to bear a mark; all that is ever recorded of it."""

    TOP_SECRET = "tuyet_mat"  # noqa: S105 - a level, not a password
    HIGHLY_SECRET = "toi_mat"  # noqa: S105
    SECRET = "mat"  # noqa: S105
    RECALLED = "tai_lieu_thu_hoi"
    DECLASSIFIED = "giai_mat"  # never a release: a person decides
    SEEN_BY_PERSON = "seen_by_person"  # no rule found it; somebody saw it on the paper


LEVELS = Words(Rule, {
    Rule.TOP_SECRET: "Tuyệt mật",
    Rule.HIGHLY_SECRET: "Tối mật",
    Rule.SECRET: "Mật",
}, without={Rule.RECALLED, Rule.DECLASSIFIED, Rule.SEEN_BY_PERSON}, beside="the degree of secrecy, in the words of the law")  # fmt: skip
URGENCIES = {"hoa toc hen gio": "Hỏa tốc hẹn giờ", "hoa toc": "Hỏa tốc", "thuong khan": "Thượng khẩn", "khan": "Khẩn"}

_EXACT = {
    "TUYỆT MẬT": Rule.TOP_SECRET,
    "TỐI MẬT": Rule.HIGHLY_SECRET,
    "MẬT": Rule.SECRET,
    "GIẢI MẬT": Rule.DECLASSIFIED,
    "TÀI LIỆU THU HỒI": Rule.RECALLED,
}
# What Tesseract makes of a stamp; believed only within a stamp's frame or in red ink.
_STAMPED = re.compile(r"(?P<word>TUYET|TO[I1L]|GIA[I1L])?MAT")
_STAMPED_WORDS = {"": Rule.SECRET, "TUY": Rule.TOP_SECRET, "TO": Rule.HIGHLY_SECRET, "GIA": Rule.DECLASSIFIED}


class BearsMark(RuleError):
    """A file that comes in bears a mark of secrecy: nothing of it is kept."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark found on a page (number from 1) by a rule. Nothing that was read is kept."""

    rule: Rule
    page: int


def zone_holds(box: Box) -> bool:
    """Whether a box lies where NĐ 30 puts marks of secrecy: the upper left of the page, or the top (box 11, appendices)."""
    centre_x, centre_y = box.x + box.width / 2, box.y + box.height / 2
    return (centre_x <= 0.55 and centre_y <= 0.36) or centre_y <= 0.12


def rule_of(line: str, *, stamped: bool = False) -> Rule | None:
    """The rule that a line of print fulfils. `stamped`: it stands in a frame or in red ink, so slips of OCR are allowed for.

    >>> rule_of("TỐI MẬT"), rule_of("MẶT TRẬN TỔ QUỐC"), rule_of("Bảo vệ bí mật nhà nước")
    (<Rule.HIGHLY_SECRET: 'toi_mat'>, None, None)
    >>> rule_of("MAT"), rule_of("MÂT", stamped=True)
    (None, <Rule.SECRET: 'mat'>)
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", line))
    exact = _EXACT.get(" ".join(words))
    if exact or not stamped:
        return exact
    match = _STAMPED.fullmatch(fold("".join(words)).upper())
    return _STAMPED_WORDS[(match["word"] or "").rstrip("ETI1L")] if match else None


def secrecy_of(line: str) -> str | None:
    """The level of secrecy that a whole line of print says, as a field's value.

    >>> secrecy_of("MẬT"), secrecy_of("Mật")
    ('Mật', None)
    """
    rule = rule_of(line)
    return LEVELS.get(rule) if rule else None


_TYPED = re.compile(r"(?:(?:mức )?độ mật|văn bản|tài liệu|công văn)\W*(?P<level>(?:tối |tuyệt )?mật)", re.IGNORECASE)
_BRACKETED = re.compile(r"[\[(]\s*(?P<level>(?:tối |tuyệt )?mật)\s*[\])]", re.IGNORECASE)


def bears_mark(text: str) -> bool:
    """Whether a line of what somebody types into a form says a level of secrecy: by itself, as "độ mật: …", or in brackets.

    >>> bears_mark("Tối mật"), bears_mark("Độ mật: Mật"), bears_mark("Kế hoạch (MẬT) số 5")
    (True, True, True)
    >>> bears_mark("Mặt trận Tổ quốc"), bears_mark("Phổ biến Luật Bảo vệ bí mật nhà nước"), bears_mark("Văn bản mật mã học")
    (False, False, False)
    """
    lines = [line.strip() for line in unicodedata.normalize("NFC", text).splitlines()]
    return any(rule_of(line.upper()) in LEVELS or _TYPED.fullmatch(line) or _BRACKETED.search(line) for line in lines)


def urgency_of(line: str) -> str | None:
    """The urgency that a whole line of capitals says, as a field's value.

    >>> urgency_of("HOẢ TỐC"), urgency_of("Khẩn trương")
    ('Hỏa tốc', None)
    """
    words = " ".join(re.findall(r"\w+", line))
    return URGENCIES.get(fold(words)) if words.isupper() else None


_PRINTED = Words(
    Rule, {rule: text for text, rule in _EXACT.items()}, without={Rule.SEEN_BY_PERSON}, beside="as a stamp says it"
)


def stamped_mark(line: str) -> str | None:
    """The lettering of a stamp that bears a mark of secrecy or urgency, as it is meant; None for every other stamp.

    >>> stamped_mark("KHẤN"), stamped_mark("MÁT"), stamped_mark("CÔNG VĂN ĐẾN")
    ('KHẨN', 'MẬT', None)
    """
    rule, urgency = rule_of(line, stamped=True), urgency_of(line)
    return _PRINTED[rule] if rule else urgency.upper() if urgency else None
