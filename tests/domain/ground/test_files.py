"""What a file is."""

import pytest

from domain.ground.files import media_type_of


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00+", "image/tiff"),
        (b"rubbish before %PDF-1.4", "application/pdf"),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, media_type: str | None) -> None:
    assert media_type_of(head) == media_type
