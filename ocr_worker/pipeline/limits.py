"""The bounds within which untrusted files are read. What happens beyond them is decided where they are applied."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be before it is refused.

    `max_pixels` is of one page and is checked from its header before anything is decoded: an A0 sheet at 300 dpi has 140 million.
    """

    max_bytes: int = 2 * 1024**3
    max_pages: int = 2_000
    max_pixels: int = 200_000_000


DEFAULT = Limits()
