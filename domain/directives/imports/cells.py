"""What the cells of people's own registers say, as people write them: days, numbers with their symbols, kinds, manners of issue.

Each reader takes the text of a cell and gives its value, or raises CellRefused; what is not written is None, and never guessed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from domain.archive.documents import KINDS, LETTER, DocumentNumber, spelt
from domain.directives.directives import Direction
from domain.directives.imports.columns import plain
from domain.directives.issuance import Channel, Form
from domain.ground.clock import VIETNAM
from domain.ground.errors import RuleError
from domain.ground.vietnamese import fold

CellProblem = Literal[
    "not_a_day", "year_missing", "in_the_future", "too_long_ago", "not_a_moment", "not_a_number", "not_a_symbol",
    "kind_unknown", "not_yes_no", "form_unknown", "channel_unknown", "direction_unknown", "urgency_unknown", "formula_error",
    "too_long",
]  # fmt: skip


class CellRefused(RuleError):
    """A cell cannot be what its column is."""

    problem: CellProblem


_EXCEL_EPOCH = date(1899, 12, 30)
_FIRST_YEAR = 1929  # the unions were founded; what is older is a slip
_DAY_MONTH = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2}))?[.]?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_IN_WORDS = re.compile(r"(?:ng[àa]y\s*)?(\d{1,2})\s*th[áa]ng\s*(\d{1,2})(?:\s*n[ăa]m\s*(\d{4}|\d{2}))?", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*(?:[:h]|giờ)\s*(\d{2})?(?:\s*:\s*\d{2})?(?!\d)")


@lru_cache(maxsize=4096)
def read_day(text: str, year: int | None, today: date) -> date:
    """The day of a cell: 05/01/2025, 5.1.25, 2025-01-05, a serial number of Excel, "ngày 05 tháng 01 năm 2025"; 05/01 of the given year.

    >>> [str(read_day(text, 2025, date(2026, 11, 22))) for text in ("05/01", "5.1.25", "45662", "ngày 05 tháng 01 năm 2025")]
    ['2025-01-05', '2025-01-05', '2025-01-05', '2025-01-05']
    """
    text = text.strip().strip("()'")
    if _SERIAL.fullmatch(text):
        return _checked(_EXCEL_EPOCH + timedelta(days=int(float(text))), today)
    if match := _ISO.fullmatch(text):
        return _checked(_day(*(int(part) for part in match.groups())), today)
    match = _DAY_MONTH.fullmatch(text) or _IN_WORDS.search(text)
    if match is None:
        raise CellRefused("not_a_day")
    if match[3] is None and year is None:
        raise CellRefused("year_missing")
    return _checked(_day(_whole_year(match[3], today) if match[3] else year or 0, int(match[2]), int(match[1])), today)


def _whole_year(text: str, today: date) -> int:
    """2025 of "2025" and of "25"; two digits past next year's belong to the last century."""
    if len(text) == 4:
        return int(text)
    return int(text) + (2000 if int(text) <= today.year % 100 + 1 else 1900)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellRefused("not_a_day") from error


def _checked(day: date, today: date) -> date:
    if day.year < _FIRST_YEAR:
        raise CellRefused("too_long_ago")
    if day > today:
        raise CellRefused("in_the_future")
    return day


def read_moment(text: str, year: int | None, today: date) -> datetime:
    """The moment of a cell, in Vietnam: a day, with or without the time before or after it.

    >>> read_moment("14h05 ngày 06/01/2025", None, date(2026, 11, 22)).isoformat()
    '2025-01-06T14:05:00+07:00'
    """
    clock = _CLOCK.search(text) if not _SERIAL.fullmatch(text.strip()) else None
    rest = (text[: clock.start()] + text[clock.end() :]) if clock else text
    rest = re.sub(r"^\s*(?:lúc|ngày|vào)?\s*|[\s,;T-]+$", "", rest.replace("lúc", " "), flags=re.IGNORECASE)
    day = read_day(re.sub(r"^\s*[,;-]?\s*(?:ngày)?\s*(?=\d{1,2}\s*[/.-])", "", rest, flags=re.IGNORECASE), year, today)
    hour, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (0, 0)
    if hour > 23 or minute > 59:
        raise CellRefused("not_a_moment")
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """06, b, "/" and NQ-TLĐ of "06b /NQ-TLĐ"."""

    number: int
    suffix: str
    mark: str
    symbol: str


_NUMBER = re.compile(r"(?:s[ốôo]\s*[:.]?\s*)?0*(\d{1,6})\s*(bis|[a-zđ])?\s*(?:([/\-–—])\s*(.*))?", re.IGNORECASE)
_SYMBOL = re.compile(r"[^\W_]+(?:[-/.&][^\W_]+)*")


def read_number(text: str, symbol: str = "") -> ReadNumber:
    """The number of a cell, with its symbol from the same cell or from the column beside it.

    >>> read_number("06b /NQ-TLĐ"), read_number("05/ NQ - ĐCT").symbol, read_number("12-KH/TU").mark
    (ReadNumber(number=6, suffix='b', mark='/', symbol='NQ-TLĐ'), 'NQ-ĐCT', '-')
    >>> read_number("7", "/KH-LĐLĐ").symbol, read_number("7", "- KH/TU").mark
    ('KH-LĐLĐ', '-')
    """
    match = _NUMBER.fullmatch(unicodedata.normalize("NFC", text).strip())
    if match is None or not int(match[1]):
        raise CellRefused("not_a_number")
    own, beside = read_symbol((match[3] or "") + (match[4] or "")), read_symbol(symbol)
    mark, letters = own if own[1] else beside
    return ReadNumber(int(match[1]), (match[2] or "").lower(), mark, letters)


def read_symbol(text: str) -> tuple[str, str]:
    """The mark before a symbol ("-" as the Party writes it, else "/") and the symbol without stray spaces.

    >>> read_symbol("QĐ- TLĐ"), read_symbol("-KH/TU"), read_symbol("")
    (('/', 'QĐ-TLĐ'), ('-', 'KH/TU'), ('/', ''))
    """
    text = unicodedata.normalize("NFC", text).translate(_DASHES).strip().rstrip(".")
    mark = "-" if text.startswith("-") else "/"
    symbol = re.sub(r"\s*([-/.&])\s*", r"\1", text.strip("-/ "))
    symbol = re.sub(r"\s+", "-", symbol)
    if symbol and (not _SYMBOL.fullmatch(symbol) or len(symbol) > 60):
        raise CellRefused("not_a_symbol")
    return mark, "".join(spelt(group) for group in re.split(r"([-/])", symbol))


_DASHES = str.maketrans("–—Ð", "--Đ")

_NAMES = {plain(name): name for name in KINDS.values()}
_CODES = {fold(code): name for code, name in KINDS.items()}
_AMBIGUOUS = {fold(code) for code in KINDS if sum(fold(code) == fold(other) for other in KINDS) > 1}
_KIND_WORDS = {
    "cong van": LETTER,
    "cong van di": LETTER,
    "thu cong": LETTER,
    "quyet dinh ca biet": "Quyết định",
    "nghi quyet ca biet": "Nghị quyết",
    "thong bao ket luan": "Thông báo",
    "giay trieu tap": "Giấy mời",
    "thu moi": "Giấy mời",
}
_LONGEST_FIRST = sorted((*_NAMES.items(), *_KIND_WORDS.items()), key=lambda pair: -len(pair[0]))


def read_kind(text: str) -> str:
    """The kind that a cell names, in words or by its abbreviation.

    >>> read_kind("kế hoạch"), read_kind("QĐ"), read_kind("Công văn (CV)")
    ('Kế hoạch', 'Quyết định', 'Công văn')
    """
    bare = re.sub(r"\(.*?\)", "", text).strip(" .:")
    if bare in KINDS:
        return KINDS[bare]
    words = plain(bare)
    if found := _NAMES.get(words) or _KIND_WORDS.get(words):
        return found
    if fold(bare) in _CODES and fold(bare) not in _AMBIGUOUS:
        return _CODES[fold(bare)]
    raise CellRefused("kind_unknown")


def kind_of_symbol(number: ReadNumber) -> str | None:
    """The kind that the symbol names; None where there is no symbol. A symbol without a kind is that of a letter."""
    return DocumentNumber(str(number.number), number.mark, number.symbol).kind if number.symbol else None


def leading_kind(abstract: str) -> tuple[str, str] | None:
    """The kind that an abstract begins with, and the rest of it; None where it begins with none.

    >>> leading_kind("Quyết định về việc khen thưởng"), leading_kind("V/v nghỉ lễ")
    (('Quyết định', 'Về việc khen thưởng'), ('Công văn', 'V/v nghỉ lễ'))
    """
    folded = fold(unicodedata.normalize("NFC", abstract))
    for words, name in _LONGEST_FIRST:
        if folded.startswith(words) and not folded[len(words) : len(words) + 1].isalnum():
            rest = abstract[len(words) :].strip(" :.,-–")
            return name, rest[:1].upper() + rest[1:]
    return (LETTER, abstract) if re.match(r"v\s*/\s*v\b|ve viec\b", folded) else None


_YES = {"1", "x", "v", "co", "true", "yes", "ok", "da", "roi", "dung", "da ky", "co ky", "ky so", "da ky so", "co ky so"}
_NO = {"0", "k", "ko", "khong", "false", "no", "chua", "khong ky", "chua ky", "khong co", "chua co"}


def read_flag(text: str) -> bool | None:
    """Yes, no, or nothing said.

    >>> read_flag("x"), read_flag("Không"), read_flag("-"), read_flag("✓")
    (True, False, None, True)
    """
    if text.strip() in {"✓", "✔", "√", "☑", "✗x"}:
        return True
    words = plain(text)
    if not words:
        return None
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise CellRefused("not_yes_no")


def _table(values: Mapping[object, str]) -> dict[str, object]:
    return {plain(words): value for value, every in values.items() for words in every.split(";")}


_FORMS = _table(
    {
        Form.PAPER: "giay; bản giấy; văn bản giấy; chỉ giấy; chỉ bản giấy",
        Form.ELECTRONIC: "dien_tu; điện tử; bản điện tử; văn bản điện tử; đt; chỉ điện tử; hoàn toàn điện tử",
        Form.BOTH: "song_song; song song; cả hai; giấy và điện tử; điện tử và giấy; giấy điện tử; điện tử giấy; cả giấy và điện tử; "
        "giấy song song điện tử",
    }
)
_DIRECTIONS = _table(
    {
        Direction.DOWN: "cấp dưới; dưới; xuống; cấp dưới trực tiếp; xuống cấp dưới; cơ sở; cđcs; down",
        Direction.UP: "cấp trên; trên; lên; lên cấp trên; up",
        Direction.ACROSS: "ngang; ngang cấp; cùng cấp; nội bộ; cơ quan khác; across",
    }
)
_URGENCIES = _table(
    {
        "Khẩn": "khẩn; k",
        "Thượng khẩn": "thượng khẩn; tk",
        "Hỏa tốc": "hỏa tốc; hoả tốc; ht",
        "": "thường; không; bình thường; 0",
    }
)
_CHANNELS: tuple[tuple[Channel, str], ...] = (  # the first that is named: of several ways, the one that proves most
    (Channel.AXIS, r"\btruc\b|edxml|lien thong"),
    (Channel.OFFICE, r"\bqlvb|quan ly van ban|i ?office|e ?office|\bvnpt\b|phan mem|he thong van ban|quan ly vb"),
    (Channel.EMAIL, r"mail|thu dien tu|hop thu"),
    (Channel.CHAT, r"zalo|viber|facebook|messenger|telegram|tin nhan"),
    (Channel.POST, r"buu dien|buu chinh|truc tiep|chuyen tay|duong giay|van thu giao|\bgiay\b|\bfax\b|\bpost\b"),
)


def read_form(text: str) -> Form | None:
    """In which form a document left; None where nothing is said."""
    found = _one_of(_FORMS, text, "form_unknown")
    return found if isinstance(found, Form) else None


def read_direction(text: str) -> Direction | None:
    """To whom a document is addressed."""
    found = _one_of(_DIRECTIONS, text, "direction_unknown")
    return found if isinstance(found, Direction) else None


def read_urgency(text: str) -> str:
    """Khẩn, Thượng khẩn, Hỏa tốc, or nothing."""
    return str(_one_of(_URGENCIES, text, "urgency_unknown") or "")


def read_channel(text: str) -> Channel | None:
    """The way a document went out; of several, the one that says most.

    >>> read_channel("Zalo, QLVB"), read_channel("")
    (<Channel.OFFICE: 'office'>, None)
    """
    words = plain(text)
    if not words:
        return None
    for channel, pattern in _CHANNELS:
        if re.search(pattern, words):
            return channel
    raise CellRefused("channel_unknown")


def _one_of(table: Mapping[str, object], text: str, problem: CellProblem) -> object:
    words = plain(text)
    if not words:
        return None
    if words not in table:
        raise CellRefused(problem)
    return table[words]


MARKS = frozenset({"mật", "tối mật", "tuyệt mật"})


def read_secret(text: str) -> bool:
    """Whether a cell of the column says that the document is secret: 1, x, Mật, Tối mật, Tuyệt mật."""
    if is_mark(text):
        return True
    if plain(text) in ("thuong", "khong mat", "binh thuong"):
        return False
    return bool(read_flag(text))


def is_mark(text: str) -> bool:
    """Whether the cell, whole, is a mark of secrecy, whatever its column.

    >>> is_mark("TỐI MẬT"), is_mark("Mặt trận"), is_mark("mat")
    (True, False, False)
    """
    return len(text) < 16 and unicodedata.normalize("NFC", text).strip(" .()").lower() in MARKS


_ERROR_OF_EXCEL = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")


def check_text(text: str, limit: int) -> str:
    """The text itself; refuses what a formula has left behind, and what is too long."""
    if _ERROR_OF_EXCEL.fullmatch(text):
        raise CellRefused("formula_error")
    if len(text) > limit:
        raise CellRefused("too_long")
    return text
