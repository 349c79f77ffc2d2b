"""What a file is, in one value. Found out in intake.py."""

from dataclasses import dataclass

from domain.ground.files import MediaType, Mended


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file is: its kind, its pages and its size in bytes; what was mended to open it, and the files it carries beside its pages."""

    media_type: MediaType
    page_count: int
    size_bytes: int
    mended: Mended | None = None
    beside: tuple[str, ...] = ()
