"""Making a scanned page fit to be read: turning it upright, straightening, evening its paper. Only this module and ink.py
touch OpenCV.

Grey images are height x width arrays of bytes, 0 black. Angles are clockwise degrees. Nothing here knows letters.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.archive.reading import Box

Gray = NDArray[np.uint8]

cv2.setNumThreads(1)  # a worker has one core

_THUMB_PX = 420  # width at which skew and layout are judged: a letter is then 2 to 3 px high, a line still a line
_LEAST_SKEW_DEG = 0.15  # below this, turning blurs more than it straightens
_MOST_SKEW_DEG = 6
_SPECK = 40  # grey levels
_FAINTEST_INK = 180.0  # grey level on white paper


@dataclass(frozen=True, slots=True)
class Quality:
    """What a page's paper and ink look like.

    paper: brightness of the paper (median of its background), unevenness: how far the background strays from it, contrast:
    distance between paper and ink, all in grey levels 0 to 255; noise: share of the bare paper that is specks.
    """

    paper: float
    unevenness: float
    contrast: float
    noise: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be read: turned upright by `rotation_deg`, then straightened about its centre by `skew_deg`.

    `is_sure` is false where the page was turned, or its lines do not tell which way is up: a second opinion is due.
    """

    gray: Gray
    rotation_deg: int
    skew_deg: float
    is_sure: bool


def _bytes(array: NDArray[Any]) -> Gray:
    """The array typed as what OpenCV, given bytes, gives back."""
    return np.asarray(array, dtype=np.uint8)


def turned(gray: Gray, rotation_deg: int) -> Gray:
    """The page turned clockwise by 0, 90, 180 or 270 degrees, without loss."""
    return np.ascontiguousarray(np.rot90(gray, k=-(rotation_deg // 90) % 4))


def measure(gray: Gray) -> Quality:
    """The quality of a page, from a sample of its pixels (about 15 ms at 300 dpi)."""
    paper = _background(gray)
    median = float(np.median(paper))
    low, high = np.percentile(paper, (5, 95))
    ink = float(np.percentile(gray[::2, ::2], 0.1))
    return Quality(median, float(high - low), median - ink, _noise(gray))


def _noise(gray: Gray) -> float:
    """Share of specks on bare paper: pixels unlike the median around them, where that median shows no ink nearby."""
    sample = np.ascontiguousarray(gray[gray.shape[0] // 8 : -(gray.shape[0] // 8), gray.shape[1] // 4 : -(gray.shape[1] // 4)])
    smooth = cv2.medianBlur(sample, 5)
    bare = cv2.erode(smooth, np.ones((9, 9), np.uint8)) > np.median(smooth) - 40
    specks = cv2.absdiff(sample, smooth) > _SPECK
    return int(np.count_nonzero(specks & bare)) / max(1, int(np.count_nonzero(bare)))


def _background(gray: Gray) -> Gray:
    """The paper without its ink, at an eighth of the size."""
    height, width = gray.shape
    small = cv2.resize(gray, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    return _bytes(cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 21))


def evened(gray: Gray) -> Gray:
    """The page divided by its paper, ink stretched to black: shadows, grey copies and yellow paper become white."""
    height, width = gray.shape
    paper = cv2.resize(_background(gray), (width, height), interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(gray, paper, scale=255)
    darkest = min(_FAINTEST_INK, float(np.percentile(even[::8, ::8], 1)))  # a page of three words has less ink than 1 %
    stretch = (np.arange(256, dtype=np.float32) - darkest) * (255.0 / max(1.0, 250.0 - darkest))
    return _bytes(cv2.LUT(even, np.clip(stretch, 0, 255).astype(np.uint8)))


def _ink_thumb(gray: Gray, width_px: int = _THUMB_PX) -> NDArray[np.float32]:
    """Darkness against the paper on a small copy, paper 0."""
    step = max(1, round(gray.shape[1] / width_px))
    small = cv2.resize(gray, (gray.shape[1] // step, gray.shape[0] // step), interpolation=cv2.INTER_AREA)
    ink = 255 - small.astype(np.float32)
    ink -= np.median(ink)
    clipped: NDArray[np.float32] = np.clip(ink, 0, None)
    return clipped


def _sharpness(ink: NDArray[np.float32], angle_deg: float) -> float:
    """How sharply rows of text stand out when the page is turned by this angle (counter-clockwise, as OpenCV counts)."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1)
    straight = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
    profile = straight[:, width // 12 : -(width // 12) or None].sum(1)
    return float(((profile[1:] - profile[:-1]) ** 2).sum())


def skew_of(gray: Gray) -> float:
    """The clockwise turn (at most 6 degrees either way) after which the lines of text lie level."""
    ink = _ink_thumb(gray)
    if not ink.any():
        return 0.0
    coarse = [step / 2 for step in range(-2 * _MOST_SKEW_DEG, 2 * _MOST_SKEW_DEG + 1)]
    best = max(coarse, key=lambda angle: _sharpness(ink, angle))
    for step in (0.25, 0.1, 0.05):
        best = max((best + k * step for k in (-2, -1, 0, 1, 2)), key=lambda angle: _sharpness(ink, angle))
    return round(0.0 - best, 2)


def straightened(gray: Gray, skew_deg: float) -> Gray:
    """The page turned clockwise by a small angle about its centre, same size, edges continued."""
    if not skew_deg:
        return gray
    height, width = gray.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -skew_deg, 1)
    turn = cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _bytes(turn)


def before_straightening(box: Box, skew_deg: float, width_px: int, height_px: int) -> Box:
    """The box, found on the straightened page, as it lies on the page before that turn.

    >>> before_straightening(Box(0.4, 0.4, 0.2, 0.2), 0.0, 100, 100)
    Box(x=0.4, y=0.4, width=0.2, height=0.2)
    """
    if not skew_deg:
        return box
    angle = math.radians(-skew_deg)
    centre_x = (box.x + box.width / 2 - 0.5) * width_px
    centre_y = (box.y + box.height / 2 - 0.5) * height_px
    x = (centre_x * math.cos(angle) - centre_y * math.sin(angle)) / width_px + 0.5
    y = (centre_x * math.sin(angle) + centre_y * math.cos(angle)) / height_px + 0.5
    height = box.height + box.width * width_px * abs(math.sin(angle)) / height_px  # a long word climbs within its box
    return _within(x - box.width / 2, y - height / 2, box.width, height)


def _within(x: float, y: float, width: float, height: float) -> Box:
    left, top = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
    return Box(left, top, max(0.0, min(1.0, x + width) - left), max(0.0, min(1.0, y + height) - top))


_EVEN_ENOUGH = 12.0  # grey levels: flat scanners stay below
_WHITE_ENOUGH = 225.0
_STRONG_ENOUGH = 150.0  # grey levels between paper and ink
_CLEAN_ENOUGH = 0.0015
_FINE_PRINT_DPI = 150  # below this a median of 3 px eats letters


def cleaned(gray: Gray, dpi: int) -> Gray:
    """Specks and uneven paper taken away, each only where the page has them: a clean page comes back as it is."""
    quality = measure(gray)
    if quality.noise > _CLEAN_ENOUGH and dpi >= _FINE_PRINT_DPI:
        gray = without_specks(gray, dpi) if _is_bitonal(gray) else _bytes(cv2.medianBlur(gray, 3))
    if quality.unevenness > _EVEN_ENOUGH or quality.paper < _WHITE_ENOUGH or quality.contrast < _STRONG_ENOUGH:
        gray = evened(gray)
    return gray


_BETWEEN = (64, 192)  # grey levels that a page of black and white has none of


def _is_bitonal(gray: Gray) -> bool:
    sample = gray[::4, ::4]
    return float(np.mean((sample > _BETWEEN[0]) & (sample < _BETWEEN[1]))) < 0.001


_SPECK_IN = 0.016  # inch across: the dot under a letter measures 0.02
_ALONE_IN = 0.03  # inch: a broken stroke or an accent is nearer to its letter


def without_specks(gray: Gray, dpi: int) -> Gray:
    """A black and white page without its specks: tiny marks that stand alone."""
    ink = (gray < 128).astype(np.uint8)
    _, labels, found, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tiny = found[:, cv2.CC_STAT_AREA] <= max(2, (_SPECK_IN * dpi) ** 2)
    tiny[0] = False
    rest = ((ink > 0) & ~tiny[labels]).astype(np.uint8)
    reach = 2 * round(_ALONE_IN * dpi) + 1
    near = cv2.dilate(rest, np.ones((reach, reach), np.uint8))
    kept = np.zeros(len(found), bool)
    kept[np.unique(labels[near > 0])] = True
    clean = gray.copy()
    clean[(tiny & ~kept)[labels]] = 255
    return clean


_RED_STRONGER_BY = 40  # grey levels over green and blue
_STAMP_HEIGHT_MM, _STAMP_WIDTH_MM = 6.0, 75.0  # at least, at most: taller than a line of print, narrower than a line of text
_STAMP_JOINS_MM = 2.0  # letters and frame of one stamp lie no further apart
_MAPPED_DPI = 50
_MM_PER_INCH = 25.4


def stamps(colour: Gray, dpi: int) -> list[Box]:
    """Where red stamps and seals lie. Lines of red print (a letterhead) are none: they are wide and low."""
    step = max(1, dpi // _MAPPED_DPI)
    small = cv2.resize(colour, (colour.shape[1] // step, colour.shape[0] // step), interpolation=cv2.INTER_AREA)
    red = _is_red(_bytes(small))
    px_per_mm = dpi / step / _MM_PER_INCH
    reach = 2 * round(_STAMP_JOINS_MM * px_per_mm / 2) + 1
    joined = cv2.dilate(red, np.ones((reach, reach), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(joined)
    height, width = red.shape
    return [
        Box(left / width, top / height, across / width, down / height)
        for left, top, across, down, _ in found[1:].tolist()
        if down - reach >= _STAMP_HEIGHT_MM * px_per_mm and across - reach <= _STAMP_WIDTH_MM * px_per_mm
    ]


def _is_red(colour: Gray) -> Gray:
    red, green, blue = (colour[:, :, channel].astype(np.int16) for channel in range(3))
    return (red > np.maximum(green, blue) + _RED_STRONGER_BY).astype(np.uint8)


_FRAME_WIDTH_MM, _FRAME_HEIGHT_MM = (12.0, 65.0), (5.0, 22.0)
_FRAME_DPI = 100
_FRAME_GAP_MM = 1.2  # how far a worn frame may be broken
_FRAME_FAINT = 225  # grey level: thin broken lines are pale on the small picture
_FRAME_EDGE = 0.14  # of the frame's height: where its lines may lie
_FRAME_SIDES = (0.85, 0.65)  # how much of its four sides must be there: on the whole, and of the poorest


def frames(gray: Gray, dpi: int) -> list[Box]:
    """Where rectangles of the size of a stamp stand, level or slanting, whole or worn. The page must be upright."""
    scale = min(1.0, _FRAME_DPI / dpi)
    small = _bytes(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    px_per_mm = dpi * scale / _MM_PER_INCH
    ink = (evened(small) < _FRAME_FAINT).astype(np.uint8)
    reach = max(2, round(_FRAME_GAP_MM * px_per_mm))
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = small.shape
    found = []
    for outline in outlines:
        if _has_size_of_stamp(outline, px_per_mm) and _is_framed(_levelled(_bytes(closed), outline)):
            left, top, across, down = cv2.boundingRect(outline)
            found.append(Box(left / width, top / height, across / width, down / height))
    return found


def _has_size_of_stamp(outline: NDArray[Any], px_per_mm: float) -> bool:
    _, sides, _ = cv2.minAreaRect(outline)
    long_mm, short_mm = max(sides) / px_per_mm, min(sides) / px_per_mm
    fits = _FRAME_WIDTH_MM[0] <= long_mm <= _FRAME_WIDTH_MM[1] and _FRAME_HEIGHT_MM[0] <= short_mm <= _FRAME_HEIGHT_MM[1]
    return bool(fits and long_mm > 1.3 * short_mm)


def _levelled(picture: Gray, outline: NDArray[Any]) -> Gray:
    """The part of the picture within the outline's slanting rectangle, turned level by the smaller turn."""
    centre, (across, down), angle = cv2.minAreaRect(outline)
    while abs(angle) > 45:
        across, down, angle = down, across, angle - math.copysign(90, angle)
    matrix = cv2.getRotationMatrix2D(centre, angle, 1)
    matrix[0, 2] += across / 2 - centre[0]
    matrix[1, 2] += down / 2 - centre[1]
    level = cv2.warpAffine(picture, matrix, (max(1, round(across)), max(1, round(down))), borderMode=cv2.BORDER_REPLICATE)
    return _bytes(level)


def _is_framed(level: Gray) -> bool:
    """Whether ink runs along all four edges."""
    edge = max(2, round(_FRAME_EDGE * level.shape[0]))
    sides = (level[:edge].any(0), level[-edge:].any(0), level[:, :edge].any(1), level[:, -edge:].any(1))
    shares = [float(side.mean()) for side in sides]
    return sum(shares) / 4 >= _FRAME_SIDES[0] and min(shares) >= _FRAME_SIDES[1]


_STAMP_DPI = 300
_FRAME_INSIDE = 0.14  # of a stamp's height, taken off each side with its frame
_STAMP_MARGIN_PX = 30


def stamp_pictures(gray: Gray, box: Box, dpi: int) -> list[Gray]:
    """The lettering of a framed stamp as pictures at 300 dpi fit for a recogniser: as it is, and with broken strokes joined."""
    rows, columns = pixels_of(box, gray)
    part = evened(np.ascontiguousarray(gray[rows, columns]))
    ink = (part < 160).astype(np.uint8)
    outlines, _ = cv2.findContours(cv2.dilate(ink, np.ones((5, 5), np.uint8)), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return []
    level = _levelled(part, max(outlines, key=lambda outline: float(np.prod(cv2.minAreaRect(outline)[1]))))
    edge = round(_FRAME_INSIDE * level.shape[0])
    inside = enlarged(level[edge:-edge, edge:-edge], _STAMP_DPI / dpi) if min(level.shape) > 4 * edge > 0 else level
    joined = _bytes(cv2.GaussianBlur(cv2.erode(inside, np.ones((5, 5), np.uint8)), (0, 0), 2.0))
    return [np.pad(picture, _STAMP_MARGIN_PX, constant_values=255) for picture in (inside, joined)]


def red_as_black(colour: Gray) -> Gray:
    """A grey page on which red ink is black and all else is white."""
    return np.where(_is_red(colour).astype(bool), colour[:, :, 1], np.uint8(255))


def without_stamps(gray: Gray, colour: Gray, dpi: int) -> Gray:
    """The page with red ink taken out of its stamps and seals, so the black print under them can be read."""
    clear = gray.copy()
    for box in stamps(colour, dpi):
        part = pixels_of(box, gray)
        ink = colour[part]
        whitened = np.maximum(gray[part], ink[:, :, 0])  # red ink is bright in red light, black print is not
        clear[part] = np.where(_near(_is_red(ink)), whitened, gray[part])
    return clear


def _near(mask: Gray) -> NDArray[np.bool_]:
    """The mask and the pale rim around it that blur and JPEG leave."""
    return cv2.dilate(mask, np.ones((5, 5), np.uint8)).astype(bool)


def pixels_of(box: Box, gray: Gray) -> tuple[slice, slice]:
    """The rows and columns of this image that the box covers."""
    height, width = gray.shape[:2]
    rows = slice(math.floor(box.y * height), math.ceil((box.y + box.height) * height))
    return rows, slice(math.floor(box.x * width), math.ceil((box.x + box.width) * width))


_PLAIN_AXIS = 2.5  # times as sharp: beyond this the lines of text are told without undoing any skew


def _lies_sideways(gray: Gray) -> bool:
    """Whether lines of text run from top to bottom of the picture."""
    ink = _ink_thumb(gray)
    across, along = _sharpness(ink, 0.0), _sharpness(np.ascontiguousarray(ink.T), 0.0)
    if max(across, along) > _PLAIN_AXIS * min(across, along):
        return along > across
    side = turned(gray, 90)
    return _sharpness(_ink_thumb(side), -skew_of(side)) > _sharpness(ink, -skew_of(gray))


_FEWEST_LINES = 4  # fewer lines of text do not tell which way is up
_LINE_PX = (6, 60)  # how tall a line of text is on the thumbnail
_PLAIN_EDGE, _PLAIN_MASS = 0.14, 0.5  # logarithms; what turned and upright pages of 32 documents stay clear of


def _uprightness(gray: Gray) -> tuple[float, float]:
    """Two opinions on level text, above 0 for upright and below 0 for upside down; 0 where too little text tells.

    Letters stand on their base line in one sharp edge, while capitals and ascenders blur the other; and over the body of a line of
    Vietnamese stands more ink, in marks and ascenders, than hangs below it.
    """
    ink = _ink_thumb(gray, 1000)
    profile = ink[:, ink.shape[1] // 12 : -(ink.shape[1] // 12) or None].sum(1)
    step = profile[1:] - profile[:-1]
    rises, falls = (float((np.clip(side, 0, None) ** 3).sum()) for side in (step, -step))
    masses = [_mass_above(profile[top:bottom]) for top, bottom in _lines(profile)]
    if len(masses) < _FEWEST_LINES:
        return 0.0, 0.0
    return math.log((falls + 1) / (rises + 1)), float(np.median(masses))


def _lines(profile: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where the lines of text begin and end in a profile of ink by row."""
    in_line = (profile > 0.12 * np.percentile(profile, 97)).astype(np.int8)
    edges = np.diff(in_line, prepend=0, append=0)
    spans = zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
    return [(top, bottom) for top, bottom in spans if _LINE_PX[0] <= bottom - top <= _LINE_PX[1]]


def _mass_above(line: NDArray[np.float32]) -> float:
    """The logarithm of ink above the body of a line over ink below it."""
    body = np.flatnonzero(line > 0.55 * line.max())
    return math.log((float(line[: body[0]].sum()) + 1) / (float(line[body[-1] + 1 :].sum()) + 1))


def prepared(gray: Gray, dpi: int) -> Prepared:
    """The page made fit to be read: cleaned, upright, straight."""
    gray = cleaned(gray, dpi)
    rotation_deg = 0
    if _lies_sideways(gray):
        gray, rotation_deg = turned(gray, 90), 90
    skew_deg = skew_of(gray)
    if abs(skew_deg) < _LEAST_SKEW_DEG:
        skew_deg = 0.0
    else:
        gray = straightened(gray, skew_deg)
    edge, mass = _uprightness(gray)
    if edge < -_PLAIN_EDGE and mass < 0:
        gray, rotation_deg = turned(gray, 180), rotation_deg + 180
    is_plain = edge > _PLAIN_EDGE and mass > _PLAIN_MASS
    return Prepared(gray, rotation_deg, skew_deg, is_sure=is_plain and not rotation_deg)


def enlarged(gray: Gray, scale: float) -> Gray:
    """The page made larger by this factor (1 gives the page itself)."""
    if scale == 1.0:
        return gray
    return _bytes(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def reduced(gray: Gray, scale: float) -> Gray:
    """The page made smaller by this factor of at most 1, its pixels averaged."""
    return gray if scale == 1.0 else _bytes(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


_BLACKEST = 0.35  # of the way from ink to paper: print is blacker than the grey that red and blue ink leave in a grey scan


def darkest(gray: Gray) -> Gray:
    """The page with only its blackest ink left, the rest white."""
    paper, ink = float(np.median(gray[::4, ::4])), float(np.percentile(gray[::2, ::2], 0.5))
    return np.where(gray < ink + _BLACKEST * (paper - ink), gray, np.uint8(255))


_INK_LEVEL = 60  # grey levels below the paper
_LEAST_INK = 0.0003  # share of the page: a page number alone has about 0.0002, one line of text 0.002


def is_blank(gray: Gray) -> bool:
    """Whether nothing is written on this page: no ink but specks, shadows at the edges, show-through of the other side."""
    height, width = gray.shape
    inner = gray[height // 25 : height - height // 25, width // 25 : width - width // 25]
    small = cv2.resize(evened(np.ascontiguousarray(inner)), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ink = (small < 255 - _INK_LEVEL).astype(np.uint8)
    return float(np.mean(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)))) < _LEAST_INK
