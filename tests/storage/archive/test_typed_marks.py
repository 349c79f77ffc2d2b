import pytest

from domain.archive.secrecy import Rule
from domain.ground.errors import FileRefused
from storage.archive.typed_marks import typed_mark
from tests.typed import typed_pdf, typed_word

MARK = (0.2, 0.2)  # where NĐ 30 has the stamp


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (typed_pdf((("MẬT", *MARK),)), Rule.SECRET),
        (typed_pdf((), (("TỐI MẬT", 0.2, 0.08),)), Rule.HIGHLY_SECRET),
        (typed_pdf((("MẶT TRẬN TỔ QUỐC", *MARK), ("Phổ biến Luật Bảo vệ bí mật nhà nước", 0.2, 0.3))), None),
        (typed_pdf((("MẬT", 0.2, 0.7),)), None),  # a word of a table, not where marks stand
        (typed_pdf((("GIẢI MẬT", *MARK),)), None),  # set aside by the worker, for a person to decide
        (b"%PDF-1.7 and nothing more", None),  # which the worker will say
        (b"\x89PNG\r\n\x1a\n", None),
    ],
)
def test_a_line_of_a_pdf_is_a_mark_where_marks_stand(content: bytes, rule: Rule | None) -> None:
    assert typed_mark(content, "van-ban.pdf") == rule


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (typed_word("TUYỆT MẬT"), Rule.TOP_SECRET),
        (typed_word("Số: 12/KH-LĐLĐ\nMẬT"), Rule.SECRET),
        (typed_word(cell="TỐI MẬT"), Rule.HIGHLY_SECRET),
        (typed_word(head="MẬT"), Rule.SECRET),
        (typed_word("GIẢI MẬT"), Rule.DECLASSIFIED),
        (typed_word("Bảo vệ bí mật nhà nước", "Mật độ công nhân"), None),
    ],
)
def test_a_paragraph_of_a_word_file_is_a_mark_wherever_it_stands(content: bytes, rule: Rule | None) -> None:
    assert typed_mark(content, "van-ban.docx") == rule


def test_a_word_file_that_nobody_could_look_at_is_refused() -> None:
    with pytest.raises(FileRefused, match="truncated"):
        typed_mark(b"PK\x03\x04 no archive", "van-ban.docx")
