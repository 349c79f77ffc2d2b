"""What a file is, in one value. Found out in intake.py."""

from dataclasses import dataclass

from domain.ground.files import MediaType


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file is: its kind, its pages and its size in bytes."""

    media_type: MediaType
    page_count: int
    size_bytes: int
