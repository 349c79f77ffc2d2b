"""An official paper as blocks, in the form of NĐ 30/2020/NĐ-CP: what stands where is said here, how it is printed elsewhere."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
REHEARSAL = "DIỄN TẬP"


@dataclass(frozen=True, slots=True)
class Header:
    """Boxes 1 to 4: the country and its motto on the right; the superior and the issuing body, the number, on the left.

    `place_and_day` stands level with the number, in italics; minutes have none.
    """

    superior: str
    issuer: str
    number: str  # Số: 05/BB-BCH
    place_and_day: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """Box 5a: the kind in capitals, below it what the paper is about, in the middle of the page."""

    kind: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part of the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; one of a list begins with a hyphen."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. Its head stands again on each page; `shares` are the widths of its columns, as shares of the whole width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Boxes 7: in what capacity, and the name."""

    capacity: tuple[str, ...]  # each on a line of its own, in capitals
    name: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the paper: signatures, the one on the right being whose paper it is, and to whom it goes (box 9b).

    Without a second signature the recipients stand on the left, level with the first.
    """

    right: Signature
    left: Signature | None
    recipients: tuple[str, ...]


Block = Header | Title | Heading | Paragraph | Grid | Ending


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """A whole paper. One of a rehearsal says so on every page."""

    name: str  # for the properties of the file
    blocks: tuple[Block, ...]
    is_rehearsal: bool = False


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text as it is typed, one a line.

    >>> [one.text for one in paragraphs("Có mặt:\\n\\n- Hồ Thị Chủ Tọa")]
    ['Có mặt:', '- Hồ Thị Chủ Tọa']
    """
    return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text without those that say nothing."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def canonical(paper: OfficialPaper) -> str:
    """The text of the paper in one form only, NFC, so that its hash is always the same."""
    said = [REHEARSAL] if paper.is_rehearsal else []
    said += [line for block in paper.blocks for line in _lines(block) if line]
    return normalize("NFC", "\n".join(said) + "\n")


def digest(paper: OfficialPaper) -> str:
    """The SHA-256 of the canonical text, in hexadecimal: what approved papers are locked by."""
    return hashlib.sha256(canonical(paper).encode()).hexdigest()


def _lines(block: Block) -> Sequence[str]:
    match block:
        case Header(superior, issuer, number, place_and_day):
            return superior, issuer, COUNTRY, MOTTO, number, place_and_day
        case Title(kind, abstract):
            return kind, abstract
        case Heading(text) | Paragraph(text):
            return (text,)
        case Grid(head, rows):
            return tuple("\t".join(row) for row in (head, *rows))
        case Ending(right, left, recipients):
            signed = [(*one.capacity, one.name) for one in (left, right) if one]
            return *(line for one in signed for line in one), "Nơi nhận:", *recipients
