"""Whether the words of a page's own text layer read as Vietnamese, and what they say. Whether they stand where the page shows them
is told by the ink (ocr_worker.pipeline.ink)."""

from dataclasses import dataclass, replace

from domain.archive.reading import Box, Source
from domain.ground.legacy import decoded, encoding_of
from domain.ground.vietnamese import is_syllable
from ocr_worker.pipeline.pages import Layer
from ocr_worker.pipeline.words import Piece

_LEAST_SYLLABLES = 0.8  # share of letters-only words: names, abbreviations and foreign words are the rest
_LEAST_OVER_SCAN = 0.97  # the layer of a scan is another program's OCR: better than ours only when nearly faultless
_AROUND = """.,;:()/"“”-–…?!*"""
_FEWEST_WORDS = 8  # fewer tell nothing
_FEWEST_ACCENTED = 0.25  # share of syllables with a mark: running Vietnamese has above 0.7


@dataclass(frozen=True, slots=True)
class TrustedLayer:
    """The words of a text layer that can be believed, as Unicode, in page fractions scaled to pixels."""

    source: Source
    pieces: tuple[Piece, ...]
    share: float


def trusted(layer: Layer) -> TrustedLayer | None:
    """The layer's words if they read as Vietnamese, None if the page had better be read by its picture."""
    pieces, is_legacy = [], False
    for word in layer.words:
        text = "".join(decoded(text, font) for font, text in word.runs).strip()
        is_legacy = is_legacy or any(encoding_of(font) for font, _ in word.runs)
        if text:
            pieces.append(_piece(text, word.box, layer))
    source = Source.LEGACY_LAYER if is_legacy else Source.TEXT_LAYER
    share = syllable_share([piece.text for piece in pieces])
    if share is None or share < (_LEAST_OVER_SCAN if layer.over_scan else _LEAST_SYLLABLES):
        return None
    return TrustedLayer(source, tuple(replace(piece, source=source) for piece in pieces), share)


def _piece(text: str, box: Box, layer: Layer) -> Piece:
    across, down = layer.width_px, layer.height_px
    return Piece(text, box.x * across, box.y * down, (box.x + box.width) * across, (box.y + box.height) * down)


def syllable_share(words: list[str]) -> float | None:
    """The share of words that are Vietnamese syllables, among those of letters only; None where too few words tell.

    Text whose accents are lost counts as no Vietnamese at all.

    >>> syllable_share("Căn cứ Luật Giá ngày 19 tháng 6 năm 2023 của Quốc hội".split())
    1.0
    >>> syllable_share("Can cu Luat Gia ngay thang nam cua Quoc hoi".split())
    0.0
    """
    letters = [word.strip(_AROUND) for word in words]
    letters = [word for word in letters if word.isalpha()]
    if len(letters) < _FEWEST_WORDS:
        return None
    accented = sum(not word.isascii() for word in letters)
    if accented < _FEWEST_ACCENTED * len(letters):
        return 0.0
    return sum(is_syllable(word) for word in letters) / len(letters)
