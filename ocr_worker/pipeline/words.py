"""The order in which the words of a page are read: printed lines, the two columns of a header, the two of a signature block.

Pieces come in any order with places in one unit of length (pixels or points); reading them off the page is not here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from domain.archive.documents import kind_of_title
from domain.archive.reading import Source
from domain.ground.vietnamese import fold


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with its place on a level page. Pieces of one `line` were found on one printed line (None: not known).

    `source` is TEXT_LAYER, LEGACY_LAYER or OCR.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float = 1.0
    line: tuple[int, ...] | None = None
    source: Source = Source.OCR
    climbs: bool = False  # it runs up or down the page

    def moved(self, right: float, down: float) -> "Piece":
        """The same piece elsewhere."""
        return replace(self, left=self.left + right, right=self.right + right, top=self.top + down, bottom=self.bottom + down)

    def scaled(self, across: float, down: float) -> "Piece":
        """The same piece in other units of length."""
        return replace(self, left=self.left * across, right=self.right * across, top=self.top * down, bottom=self.bottom * down)

    @property
    def middle(self) -> float:
        """The height at which the piece stands."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """How tall the piece is."""
        return self.bottom - self.top


Line = list[Piece]

_SAME_ROW = 0.45  # of a line's height: how far the middles of one row may lie apart
_HEADER_ENDS = 0.4  # of the page's height
_HEADER_GAPS = [0.32 + 0.005 * step for step in range(60)]  # where the gap between the columns of a header may lie
_SIGNATURE_GAPS = [0.36 + 0.005 * step for step in range(48)]
_COLUMN_GAP = 0.75  # of a line's height: what separates columns is wider than a space
_NEXT_LINE = 2.2  # of a line's height
_LEAST_ROWS = 2  # a column has at least as many lines


def in_reading_order(pieces: Sequence[Piece], width: float, height: float) -> list[Line]:
    """The printed lines of the page in reading order, each from left to right.

    Left header column, right header column, then the rows of the page from its top; from "Nơi nhận" on, the recipients before
    the signature (NĐ 30/2020, Phụ lục I). What runs up the margin comes last.
    """
    rows = _rows([piece for piece in pieces if not piece.climbs])
    climbing = [piece for piece in pieces if piece.climbs]
    header_end, header_gap = _columns(rows, _HEADER_GAPS, width, until=height * _HEADER_ENDS)
    start = _signature_start(rows, header_end, width)
    signature_gap = min((share * width for share in _SIGNATURE_GAPS), key=lambda gap: _crossed(rows[start:], gap))
    return [
        *_by_columns(rows[:header_end], header_gap),
        *rows[header_end:start],
        *_by_columns(rows[start:], signature_gap),
        *([climbing] if climbing else []),
    ]


def _crossed(rows: list[Line], gap: float) -> float:
    """How much of the pieces lies across this gap: seals and pen strokes cross any."""
    return sum(min(piece.right - gap, gap - piece.left) for row in rows for piece in row if piece.left < gap < piece.right)


def _rows(pieces: Sequence[Piece]) -> list[Line]:
    """The pieces in rows from top to bottom, each row from left to right."""
    rows: list[tuple[float, float, Line]] = []
    for segment in sorted(_segments(pieces), key=_level):
        level, tall = _level(segment), median(piece.height for piece in segment)
        if rows and level - rows[-1][0] < _SAME_ROW * min(tall, rows[-1][1]):
            rows[-1][2].extend(segment)
        else:
            rows.append((level, tall, list(segment)))
    return [sorted(row, key=lambda piece: piece.left) for _, _, row in rows]


def _segments(pieces: Sequence[Piece]) -> list[Line]:
    """Pieces known to share a printed line together, all others alone."""
    known: dict[tuple[int, ...], Line] = {}
    alone: list[Line] = []
    for piece in pieces:
        if piece.line is None:
            alone.append([piece])
        else:
            known.setdefault(piece.line, []).append(piece)
    return alone + list(known.values())


def _level(segment: Line) -> float:
    return median(piece.middle for piece in segment)


def _columns(rows: list[Line], gaps: list[float], width: float, until: float) -> tuple[int, float]:
    """How many of the first rows stand in two columns, and where the gap between these lies; 0 rows if they do not."""
    runs = []
    for share in gaps:
        count, clearance = _run_along(rows, share * width, until)
        runs.append((count, clearance, share * width))
    count, _, gap = max(runs, default=(0, 0.0, 0.0))
    return count, gap


def _run_along(rows: list[Line], gap: float, until: float) -> tuple[int, float]:
    """How many of the first rows leave this gap free, and the narrowest clearance; 0 unless both columns have lines."""
    lefts = rights = count = 0
    clearance = float("inf")
    for index, row in enumerate(rows):
        told = [piece for piece in row if any(letter.isalnum() for letter in piece.text)]  # specks and rules may lie in the gap
        left = [piece for piece in told if (piece.left + piece.right) / 2 < gap]
        right = [piece for piece in told if (piece.left + piece.right) / 2 >= gap]
        free = min((piece.left for piece in right), default=float("inf")) - max((p.right for p in left), default=float("-inf"))
        if not _keeps_clear(row, left, right, gap, free) or _level(row) > until:
            break
        lefts, rights = lefts + bool(left), rights + bool(right)
        clearance = min(clearance, free)
        if (left and right) or (left and _follows(rows[index - 1], row)):
            count = index + 1
    return (count, clearance) if min(lefts, rights) >= _LEAST_ROWS else (0, 0.0)


def _keeps_clear(row: Line, left: Line, right: Line, gap: float, free: float) -> bool:
    tall = median(piece.height for piece in row)
    crosses = any(piece.left < gap - tall / 4 and piece.right > gap + tall / 4 for piece in (*left, *right))
    return not crosses and not (left and right and free < _COLUMN_GAP * tall) and not _opens_body(row)


def _follows(above: Line, row: Line) -> bool:
    """Whether the row is the next line under the one above, as the "V/v" of a letter stands under its number."""
    return _level(row) - _level(above) < _NEXT_LINE * median(piece.height for piece in row)


def _opens_body(row: Line) -> bool:
    text = " ".join(piece.text for piece in row)
    return fold(text).startswith("kinh gui") or kind_of_title(text) is not None


def _signature_start(rows: list[Line], first: int, width: float) -> int:
    """The row where the recipients begin, or the lines of the signature beside and above them; the number of rows if none."""
    for index in range(len(rows) - 1, first - 1, -1):
        if fold(" ".join(piece.text for piece in rows[index][:2])).startswith("noi nhan"):
            while index > first and rows[index - 1][0].left > width * _SIGNATURE_GAPS[0]:
                index -= 1
            return index
    return len(rows)


_SIGNATURE_LEFT = 0.42  # of the page's width


def signature_zone(pieces: Sequence[Piece], width: float) -> tuple[int, int] | None:
    """The left and top edge of the zone that holds the signature block, None on a page without the end of a document.

    The zone begins beside "Nơi nhận", or below the "./." that ends a text.
    """
    rows = _rows(pieces)
    for index in range(len(rows) - 1, -1, -1):
        row = rows[index]
        if fold(" ".join(piece.text for piece in row[:2])).startswith("noi nhan"):
            beside = [piece.right for other in rows[index:] for piece in other if piece.left < width * _SIGNATURE_LEFT / 2]
            top = min(piece.top for piece in row) - row[0].height
            left = min(max(width * _SIGNATURE_LEFT, max(beside, default=0)), width / 2)
            return int(left), max(0, int(top))
        if row[-1].text.endswith("/."):
            return int(width * _SIGNATURE_LEFT), int(max(piece.bottom for piece in row))
    told = [row for row in rows if sum(piece.text.isalpha() for piece in row) > 1]
    if told and told[0][0].left > width * _SIGNATURE_LEFT:
        return int(width * _SIGNATURE_LEFT), 0  # the last page begins with the signature
    return None


def _by_columns(rows: list[Line], gap: float) -> list[Line]:
    left = [[piece for piece in row if (piece.left + piece.right) / 2 < gap] for row in rows]
    right = [[piece for piece in row if (piece.left + piece.right) / 2 >= gap] for row in rows]
    return [line for line in left + right if line]


def text_of(lines: Sequence[Line]) -> str:
    """The lines as text, one printed line a line."""
    return "\n".join(" ".join(piece.text for piece in line) for line in lines)
