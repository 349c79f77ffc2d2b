"""An edXML envelope as values: what QCVN 102:2016/BTTTT (and its amendment 1:2022) says of a document that was sent.

Reading the XML is in storage/directives/edxml.py. Nothing here sends.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from domain.archive.documents import KINDS, LETTER, DocumentNumber
from domain.ground.errors import RuleError
from domain.ground.vietnamese import fold


class Business(IntEnum):
    """What an envelope asks for (BussinessDocType)."""

    NEW = 0
    REVOKE = 1
    UPDATE = 2
    REPLACE = 3


SENDS = frozenset({Business.NEW, Business.REPLACE})  # by these a document goes out
CARRIES = SENDS | {Business.UPDATE}  # these bear the document itself; a revocation bears the word of that


class Problem(StrEnum):
    """Why an envelope is not taken in. The sentences are in webapp/ground/problems.py."""

    NOT_XML = "not_xml"
    HAS_DTD = "has_dtd"  # or entities
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"  # elements, or attachments
    TOO_LONG = "too_long"  # one field
    TOO_LARGE = "too_large"  # the file, or what is attached
    BAD_ATTACHMENT = "bad_attachment"  # no base64
    NOT_EDXML = "not_edxml"
    NO_NUMBER = "no_number"
    NO_DATE = "no_date"
    NO_ABSTRACT = "no_abstract"
    BEARS_MARK = "bears_mark"  # of secrecy: the standard is not for such documents, and neither is this system
    UNKNOWN_BUSINESS = "unknown_business"
    NOT_THIS_DOCUMENT = "not_this_document"  # it was added to another one
    TARGET_MISSING = "target_missing"  # what it revokes or updates is not in the register
    TAKEN_IN = "taken_in"  # the same file has been taken in
    TIMED_OUT = "timed_out"


class EnvelopeRefused(RuleError):
    """An envelope is not taken in, and nothing of it was written down. `problem` is one of Problem."""

    problem: Problem
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside an envelope."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """A document as an envelope names it: the number without its suffix, the symbol, the date as far as it is said."""

    document_id: str
    number: int | None
    suffix: str = ""
    symbol: str = ""
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says. `targets` are the documents that it revokes, updates or replaces."""

    named: Named
    business: Business
    targets: tuple[Named, ...]
    organ_id: str
    organ_name: str
    kind: str
    abstract: str
    signer: str
    signer_title: str
    recipients: tuple[str, ...]
    is_paper_too: bool | None
    sent_at: datetime | None
    reason: str
    attachments: tuple[Attachment, ...]


_NUMBER = re.compile(
    r"\s*(?P<number>\d{1,6})\s*(?P<suffix>[a-hđ]?)\s*(?:(?P<mark>[/-])\s*(?P<symbol>\S.*?))?\s*", re.IGNORECASE
)
_SPACES = re.compile(r"\s*([-/])\s*")


def read_number(text: str, notation: str = "") -> tuple[int, str, str] | None:
    """Number, suffix and symbol of what is written in one field or two; None where there is no number.

    >>> read_number("06b", "NQ - TLĐ"), read_number("12/KH-LĐLĐ"), read_number("số mới")
    ((6, 'b', 'NQ-TLĐ'), (12, '', 'KH-LĐLĐ'), None)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    symbol = (notation.strip().lstrip("/") or match["symbol"] or "").strip()
    return int(match["number"]), match["suffix"].lower(), _SPACES.sub(r"\1", symbol)


def read_day(text: str) -> date | None:
    """The day of yyyy/MM/dd, as the standard has it, or with hyphens; also dd/MM/yyyy, as some write it. None for anything else.

    >>> read_day("2024/06/17"), read_day("17/06/2024"), read_day("2024/13/01")
    (datetime.date(2024, 6, 17), datetime.date(2024, 6, 17), None)
    """
    match = re.match(r"\s*(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?!\d)", text)
    parts = match and match.groups()
    if parts is None and (other := re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)", text)):
        parts = tuple(reversed(other.groups()))
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None


def read_document_id(text: str) -> Named:
    """The document that a DocumentId names: "organ,yyyy/MM/dd,number/symbol". What is written otherwise keeps its text alone.

    >>> read_document_id("000.00.01.H08,2024/06/17,12/KH-LĐLĐ").number
    12
    >>> read_document_id("abc").dated is None
    True
    """
    parts = [part.strip() for part in text.split(",")]
    numbered = read_number(parts[2]) if len(parts) == 3 else None
    if numbered is None:
        return Named(text.strip(), None)
    number, suffix, symbol = numbered
    return Named(text.strip(), number, suffix, symbol, read_day(parts[1]))


def kind_of(type_name: str, symbol: str) -> str:
    """The kind of document: by its name, else by its symbol.

    >>> kind_of("KẾ HOẠCH", ""), kind_of("", "KH-LĐLĐ"), kind_of("", "LĐLĐ-VP")
    ('Kế hoạch', 'Kế hoạch', 'Công văn')
    """
    by_name = {fold(name): name for name in (*KINDS.values(), LETTER)}
    named = by_name.get(fold(" ".join(type_name.split())))
    return named or DocumentNumber("", "/", symbol).kind


def symbol_key(symbol: str) -> str:
    """What two writings of one symbol share.

    >>> symbol_key("KH - LĐLĐ") == symbol_key("kh-LDLD")
    True
    """
    return re.sub(r"[\s/.-]+", "-", fold(symbol)).strip("-")
