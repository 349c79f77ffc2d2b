"""What a file is."""

import pytest

from domain.ground.files import OFFICE_TYPES, Refusal, media_type_of, office_type_of, refusal_of


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00+", "image/tiff"),
        (b"rubbish before %PDF-1.4", "application/pdf"),
        (b"\xef\xbb\xbf%PDF-1.4", "application/pdf"),
        (b"\x1b%-12345X@PJL JOB\r\n%PDF-1.4", "application/pdf"),
        (b"PK\x03\x04\x14\x00\x00\x00\x00\x00a.pdf%PDF-1.3", None),  # stored in a pack, beside others
        (b"a.pdf".ljust(257, b"\x00") + b"ustar".ljust(255, b"\x00") + b"%PDF-1.3", None),
        (b"Rar!\x1a\x07\x00a.pdf%PDF-1.3", None),
        (b"!<arch>\na.pdf  0 0 0 100644 9 `\n%PDF-1.3", None),
        (b"\x00\x00\x00\x1cftypheic\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", None),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, media_type: str | None) -> None:
    assert media_type_of(head) == media_type


ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("head", "name", "ending"),
    [
        (ZIP, "Báo cáo.docx", "docx"),
        (ZIP, "BÁO CÁO.XLSX", "xlsx"),
        (ZIP, "a.b.odt", "odt"),
        (OLE, "cũ.doc", "doc"),
        (OLE, "có mật khẩu.docx", None),  # a new file with a password lies in an old container
        (ZIP, "đổi tên.doc", None),
        (ZIP, "bộ.zip", None),
        (ZIP, "docx", "docx"),  # no dot: the whole name is the ending
        (b"%PDF-1.7", "a.docx", None),
        (b"", "a.docx", None),
    ],
)
def test_an_office_file_is_what_its_first_bytes_and_its_ending_say_together(head: bytes, name: str, ending: str | None) -> None:
    assert office_type_of(head, name) == (OFFICE_TYPES[ending] if ending else None)


@pytest.mark.parametrize(
    ("head", "name", "refusal"),
    [
        (b"", "a.pdf", Refusal.EMPTY),
        (ZIP, "văn bản.zip", Refusal.PACKED),
        (b"a.pdf".ljust(257, b"\x00") + b"ustar", "a.pdf", Refusal.PACKED),
        (b"Rar!\x1a\x07\x00", "a.rar", Refusal.PACKED),
        (ZIP, "Báo cáo.docx", Refusal.OFFICE),
        (OLE, "sổ.xls", Refusal.OFFICE),
        (b"Return-Path: <a@b.vn>\r\nReceived: from c\r\n by d\r\n", "thư.eml", Refusal.MAIL),
        (b"MIME-Version: 1.0\n", "a", Refusal.MAIL),
        ("Kế hoạch: tổ chức\nhội thao".encode(), "a.txt", Refusal.NOT_A_DOCUMENT),
        (b"MZ", "a.pdf", Refusal.NOT_A_DOCUMENT),
    ],
)
def test_what_is_refused_is_told_by_what_it_is(head: bytes, name: str, refusal: Refusal) -> None:
    assert refusal_of(head, name) is refusal
