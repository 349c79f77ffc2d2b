"""What reading a page yields: words with their places, and the fields proposed from them. Values only; who reads is ocr_worker.

All boxes are fractions of the upright page, origin at its top left, so they hold for every size the page is drawn at.
Confidences lie in [0, 1].
"""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a page's text came from."""

    TEXT_LAYER = "text_layer"
    LEGACY_LAYER = "legacy_layer"  # TCVN3, VNI or VPS code points, recovered
    OCR = "ocr"
    BOTH = "both"  # the words of a text layer, and beside them others that were recognised
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions of the upright page: left, top, width, height, each in [0, 1]."""

    x: float
    y: float
    width: float
    height: float

    def union(self, other: "Box") -> "Box":
        """The smallest box around both.

        >>> Box(0, 0, 0.5, 0.1).union(Box(0.25, 0, 0.5, 0.25))
        Box(x=0, y=0, width=0.75, height=0.25)
        """
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(x, y, right - x, bottom - y)


UNSURE = 0.5  # a proposal that is no surer is shown to whoever confirms it, and nothing is found by it


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word. `line` numbers the printed lines of the page from 0, in reading order.

    `source` is TEXT_LAYER, LEGACY_LAYER or OCR.
    """

    text: str
    box: Box
    confidence: float
    line: int
    source: Source = Source.OCR


@dataclass(frozen=True, slots=True)
class Unread:
    """What is written on a page and was not read: its share of all ink of letters there, and where it stands."""

    share: float = 0.0
    gaps: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page, read. `text` is NFC with one printed line a line; `words` stand in the order of the text.

    `rotation_deg` (0, 90, 180, 270) is how far the stored page was turned clockwise to stand upright, and `skew_deg` the small
    turn after it. `width_px` and `height_px` are of the upright page at `dpi`. `unread` is None where nobody held the words to
    the ink: it is not known then whether all is read.
    """

    number: int
    source: Source
    text: str
    words: tuple[Word, ...]
    confidence: float
    width_px: int
    height_px: int
    dpi: int
    rotation_deg: int = 0
    skew_deg: float = 0.0
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A value proposed for a document, with its evidence. `box` is None where the value has no one place."""

    value: str
    page: int
    box: Box | None
    confidence: float


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A field of documents: how many characters it takes, and whether pages are counted and chosen by it when people search."""

    name: str
    longest: int = 100
    is_facet: bool = False


FIELD_KINDS = (  # lengths: NĐ 30/2020/NĐ-CP, Phụ lục VI
    FieldKind("number", 11),
    FieldKind("symbol", 30),
    FieldKind("kind", is_facet=True),
    FieldKind("date"),
    FieldKind("issuer", 200, is_facet=True),
    FieldKind("abstract", 500),
    FieldKind("signer", 50),
    FieldKind("signer_title"),
    FieldKind("urgency"),
    FieldKind("secrecy"),
)
FIELD_NAMES = tuple(one.name for one in FIELD_KINDS)
FIELD_FACETS = tuple(one.name for one in FIELD_KINDS if one.is_facet)
