"""The grammar of official documents: kinds and their abbreviations, numbers such as 05-NQ/TU and 12/KH-LĐLĐ, written dates.

Sources: NĐ 30/2020/NĐ-CP, Phụ lục III (State); QĐ 66-QĐ/TW, QĐ 399-QĐ/TW and HD 36-HD/VPTW (Party); QĐ 933/QĐ-TLĐ (union). Finding
these on a page is in ocr_worker.metadata.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.ground.vietnamese import fold


class Family(StrEnum):
    """Whose rules a document follows."""

    STATE = "state"
    PARTY = "party"
    UNION = "union"


LETTER = "Công văn"

# Case matters (CT is not CTr, HD not HĐ); the title line has the last word, for QĐ is also a Quy định in the Party.
KINDS = {
    "NQ": "Nghị quyết",
    "QĐ": "Quyết định",
    "CT": "Chỉ thị",
    "QC": "Quy chế",
    "QyĐ": "Quy định",
    "TC": "Thông cáo",
    "TB": "Thông báo",
    "HD": "Hướng dẫn",
    "CTr": "Chương trình",
    "KH": "Kế hoạch",
    "PA": "Phương án",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "BC": "Báo cáo",
    "BB": "Biên bản",
    "TTr": "Tờ trình",
    "HĐ": "Hợp đồng",
    "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ",
    "BTT": "Bản thỏa thuận",
    "GUQ": "Giấy ủy quyền",
    "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu",
    "GNP": "Giấy nghỉ phép",
    "PG": "Phiếu gửi",
    "PC": "Phiếu chuyển",
    "PB": "Phiếu báo",
    "SY": "Bản sao y",
    "TrS": "Bản trích sao",
    "SL": "Bản sao lục",
    # union and Party
    "KL": "Kết luận",
    "CL": "Chiến lược",
    "CV": LETTER,
    "BS": "Bản sao",
    # State rules of general application (Luật 80/2015/QH13)
    "TT": "Thông tư",
    "TTLT": "Thông tư liên tịch",
    "NĐ": "Nghị định",
    "L": "Luật",
    "PL": "Pháp lệnh",
}


@dataclass(frozen=True, slots=True)
class KindRules:
    """Kinds that the Party has beside those above, by rules in force from a day: by abbreviation, and those told by title alone."""

    source: str
    first_day: date
    codes: Mapping[str, str]
    titles: tuple[str, ...] = ()


PARTY_RULES = (
    KindRules("QĐ 66-QĐ/TW", date(2017, 2, 6), {"TT": "Thông tri"}),
    KindRules(
        "QĐ 399-QĐ/TW", date(2026, 1, 9), {"TT": "Thông tri", "QH": "Quy hoạch"},
        ("Cương lĩnh", "Tuyên bố", "Giấy chứng nhận", "Giấy đi đường", "Thư công"),
    ),
)  # fmt: skip


def party_rules(day: date | None) -> KindRules:
    """The rules in force on that day, which for a day not known are the latest; the oldest ones for what was before them."""
    in_force = [rules for rules in PARTY_RULES if day is None or rules.first_day <= day]
    return in_force[-1] if in_force else PARTY_RULES[0]


_TITLES_ONLY = ("Điều lệ", "Lệnh", "Hiến pháp", "Bộ luật", "Thư mời", "Thông báo kết luận", "Giấy triệu tập", "Lời kêu gọi")
_PARTY_NAMES = [name for rules in PARTY_RULES for name in (*rules.codes.values(), *rules.titles)]
_PARTY_CODES = {code for rules in PARTY_RULES for code in rules.codes}
# A title says what a paper is, whatever the rules of its day: only an abbreviation must be looked up in them.
_KIND_OF_TITLE = {fold(name): name for name in (*KINDS.values(), *_PARTY_NAMES, *_TITLES_ONLY) if name != LETTER}

# Bodies as their symbols name them; the fold of what was read leads back to the right letters.
_UNION_BODIES = ("TLĐ", "ĐCT", "LĐLĐ", "CĐCS", "CĐN", "CĐVC", "CĐGD", "CĐKCN", "CĐYT", "CĐXD", "CĐCT", "UBKT", "BTV", "BCH")
_PARTY_BODIES = ("TW", "TU", "HU", "QU", "ThU", "ĐU", "ĐUK", "VPTW", "VPTU", "BTCTU", "BTGTU", "BDVTU", "UBKTTU", "BNCTU")
_STATE_BODIES = ("UBND", "HĐND", "CP", "TTg", "BNV", "VPCP", "QH", "UBTVQH", "BTC", "BXD", "BYT", "BCT", "SNV", "CTN")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number and its symbol: 12 and KH-LĐLĐ of "12/KH-LĐLĐ". `mark` stands between them: "-" in the Party, "/" elsewhere.

    `number` is empty where it is not written, or cannot be read.
    """

    number: str
    mark: str
    symbol: str

    @property
    def kind(self) -> str:
        """`kind_on` a day that is not known."""
        return self.kind_on(None)

    def kind_on(self, day: date | None) -> str:
        """The kind that the symbol names by the rules of that day; a letter (công văn) where it names none."""
        groups = self._groups
        code = groups[0] if groups else ""
        if self._is_party_kind(groups):
            return party_rules(day).codes.get(code, KINDS.get(code, LETTER))
        if self.mark == "/" and len(groups) == 1 and code in _AMBIGUOUS:
            return LETTER  # 52/CĐ is the letter of a union, not a telegram
        return KINDS.get(code, LETTER)

    @property
    def organisation(self) -> str:
        """The body that the symbol names, with its drafting unit: LĐLĐ, LĐLĐ-VP, TU."""
        groups = self._groups
        has_kind = len(groups) > 1 and (groups[0] in KINDS or self._is_party_kind(groups))
        return "-".join(groups[1:] if has_kind else groups)

    @property
    def _groups(self) -> list[str]:
        return [group for group in re.split(r"[-/]", self.symbol) if group and not _YEAR.fullmatch(group)]

    def _is_party_kind(self, groups: Sequence[str]) -> bool:
        return self.mark == "-" and len(groups) > 1 and groups[0] in _PARTY_CODES

    @property
    def family(self) -> Family:
        """Whose rules the number follows."""
        body = self.organisation.partition("-")[0]
        if self.mark == "-" and body not in _STATE_BODIES:  # before 1995 the State wrote 84-CP
            return Family.PARTY
        return Family.UNION if body in _UNION_BODIES or body.startswith("CĐ") else Family.STATE


_YEAR = re.compile(r"(19|20)\d\d")
_AMBIGUOUS = {"CĐ"}
_LETTERS = r"A-ZÀ-Ỹa-zà-ỹĐđÐ"
_NUMBER = re.compile(
    rf"""^\W*S[ốôoóồốöơổỗ0ö]\w?\s*[:;.,]?\s*          # Số:
    (?P<number>[\dOolI|]{{1,5}}[a-hđ]?|.{{0,12}}?|)\s*       # 06b; anything short where a hand wrote it
    (?P<mark>[-–—/]|(?<=\d)\s+[JIl|ƒf](?=[A-ZĐ]{{2}}))\s*   # a leaning stroke read as a letter
    (?P<symbol>[{_LETTERS}\d&]+(?:\s*[-–—/.]\s*[{_LETTERS}\d&]+)*)""",
    re.VERBOSE,
)
_DIGITS = str.maketrans("OoIl|", "00111")


def parse_number(text: str) -> DocumentNumber | None:
    """The number and symbol in a line that begins "Số", None where there is no symbol. Tolerates spaces and slips of OCR.

    >>> parse_number("Số: 07 /BC - LĐLĐ")
    DocumentNumber(number='07', mark='/', symbol='BC-LĐLĐ')
    >>> parse_number("Số 05-NQ/TU").symbol, parse_number("Số: ..../QĐ-UBND").number
    ('NQ/TU', '')
    """
    match = _NUMBER.match(unicodedata.normalize("NFC", text))
    if match is None:
        return None
    number = re.sub(r"^[\W_]+|[\W_]+$", "", match["number"]).translate(_DIGITS)
    symbol = re.sub(r"\s*([-–—/.])\s*", r"\1", match["symbol"]).translate(_MARKS)
    mark = "-" if match["mark"] in "-–—" else "/"
    groups = [spelt(group) for group in re.split(r"([-/])", symbol.replace(".", "/" if mark == "-" else "-"))]
    return DocumentNumber(number if re.fullmatch(r"\d{1,5}[a-hđ]?", number) else "", mark, "".join(groups).rstrip("-/"))


_MARKS = str.maketrans("–—Ð", "--Đ")
_KNOWN = {fold(code): code for code in (*_STATE_BODIES, *_PARTY_BODIES, *_UNION_BODIES)}
_SPELLINGS = {code: code for code in (*KINDS, *_UNION_BODIES, *_PARTY_BODIES, *_STATE_BODIES)}


def spelt(group: str) -> str:
    """One group of a symbol with the slips of OCR mended that leave no doubt: a Đ read as D or twice. Others stay as they are.

    >>> spelt("LDLĐ"), spelt("QĐĐ"), spelt("KTTH")
    ('LĐLĐ', 'QĐ', 'KTTH')
    """
    if group in _SPELLINGS:
        return group
    single = re.sub(r"Đ[ĐD]|D[Đ]", "Đ", group)
    if single in _SPELLINGS:
        return single
    return _KNOWN.get(fold(group), group) if group.isupper() else group


def kind_of_title(line: str) -> str | None:
    """The kind of document that a title line names, None where it names none. Accents lost by OCR are forgiven.

    >>> kind_of_title("KẾ HOẠCH"), kind_of_title("BAO CÁO"), kind_of_title("Kế hoạch năm 2024")
    ('Kế hoạch', 'Báo cáo', None)
    """
    words = re.sub(r"[^\w\s]", " ", line)
    if not words.isupper():
        return None
    return _KIND_OF_TITLE.get(" ".join(fold(words).split()))


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which the day, or day and month, may be missing."""

    year: int
    month: int | None = None
    day: int | None = None

    def isoformat(self) -> str:
        """ISO 8601, as far as it is known.

        >>> PartialDate(2021, 3).isoformat(), PartialDate(2021, 3, 5).isoformat()
        ('2021-03', '2021-03-05')
        """
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


_WRITTEN_DATE = re.compile(
    r"ng[àaáảạâ]y\s*(?P<day>[\dOolI|]{1,2}\b(?=\s*th)|\S{0,6}(?:\s\S{1,3})?)?\s*"
    r"th[áaàảạâ]ng\s*(?P<month>[\dOolI|]{1,2}\b|\S{0,4})?\s*n[ăaâ]m\s*(?P<year>(?:19|20)\d\d)",
    re.IGNORECASE,
)
_NUMERIC_DATE = re.compile(r"\b(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>(?:19|20)\d\d)\b")


def parse_date(text: str) -> PartialDate | None:
    """The first date written out in the text ("ngày 05 tháng 02 năm 2025"), None where there is none.

    A day or month that is blank, unreadable or not of the calendar is left out.

    >>> parse_date("Bình Định, ngày 05 tháng 02 năm 2025")
    PartialDate(year=2025, month=2, day=5)
    >>> parse_date("ngày      tháng 3 năm 2011")
    PartialDate(year=2011, month=3, day=None)
    """
    match = _WRITTEN_DATE.search(unicodedata.normalize("NFC", text)) or _NUMERIC_DATE.search(text)
    if match is None:
        return None
    year, month, day = int(match["year"]), _small(match["month"]), _small(match["day"])
    if month is None or not 1 <= month <= 12:
        return PartialDate(year)
    return PartialDate(year, month, day if day and _exists(year, month, day) else None)


def _small(text: str | None) -> int | None:
    digits = (text or "").translate(_DIGITS)
    return int(digits) if digits.isdigit() else None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
