"""An official paper as text in one form only, whatever it is printed as: what approved papers are locked by."""

from dataclasses import replace
from unicodedata import normalize

import pytest

from domain.ground.official_papers import (
    Block,
    Ending,
    Grid,
    Header,
    Heading,
    OfficialPaper,
    Paragraph,
    Signature,
    Title,
    canonical,
    digest,
    lines,
    paragraphs,
)

CHAIR, SECRETARY = Signature(("CHỦ TỌA",), "Hồ Thị Chủ Tọa"), Signature(("THƯ KÝ", "CÁN BỘ"), "Bùi Thị Ghi")
BLOCKS: tuple[Block, ...] = (
    Header("LIÊN ĐOÀN LAO ĐỘNG TỈNH", "BAN CHẤP HÀNH", "Số: 05/BB-BCH"),
    Title("BIÊN BẢN", "Hội nghị Ban Chấp hành"),
    Heading("I. Thành phần"),
    Paragraph("- Đồng chí A;"),
    Grid(("Phương án", "Số phiếu"), (("Một", "9"), ("Hai", "3")), (0.7, 0.3)),
    Ending(CHAIR, SECRETARY, ("- Như trên;", "- Lưu: VT.")),
)
PAPER = OfficialPaper("Biên bản", BLOCKS)
TEXT = """LIÊN ĐOÀN LAO ĐỘNG TỈNH
BAN CHẤP HÀNH
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 05/BB-BCH
BIÊN BẢN
Hội nghị Ban Chấp hành
I. Thành phần
- Đồng chí A;
Phương án\tSố phiếu
Một\t9
Hai\t3
THƯ KÝ
CÁN BỘ
Bùi Thị Ghi
CHỦ TỌA
Hồ Thị Chủ Tọa
Nơi nhận:
- Như trên;
- Lưu: VT.
"""


def test_the_text_of_a_paper_is_that_of_its_blocks_in_their_order() -> None:
    assert canonical(PAPER) == TEXT


def test_a_paper_with_one_signature_has_no_place_for_another() -> None:
    alone = OfficialPaper("Thông báo", (Ending(CHAIR, None, ("- Lưu: VT.",)),))
    assert canonical(alone) == "CHỦ TỌA\nHồ Thị Chủ Tọa\nNơi nhận:\n- Lưu: VT.\n"


def test_a_rehearsal_says_so_first() -> None:
    assert canonical(replace(PAPER, is_rehearsal=True)) == f"DIỄN TẬP\n{TEXT}"


def test_how_accents_are_composed_does_not_matter() -> None:
    split = OfficialPaper("x", (Paragraph(normalize("NFD", "Nghị quyết")),))
    assert canonical(split) == "Nghị quyết\n"
    assert digest(split) == digest(OfficialPaper("y", (Paragraph("Nghị quyết"),)))


def test_a_paper_is_locked_by_the_hash_of_its_text() -> None:
    assert digest(OfficialPaper("x", (Paragraph("Nghị quyết"),))) == (
        "e78ac891ea61720e2d6e0abd423ca15a3b35023e2c0cf5cc96c82f02e8636a25"
    )


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_no_block_can_be_left_out_without_breaking_the_lock(place: int) -> None:
    assert digest(replace(PAPER, blocks=BLOCKS[:place] + BLOCKS[place + 1 :])) != digest(PAPER)


def test_what_is_typed_becomes_a_paragraph_a_line() -> None:
    typed = "  Có mặt:\n\n- Hồ Thị Chủ Tọa\r\n-không phải\n   "
    assert [one.text for one in paragraphs(typed)] == ["Có mặt:", "- Hồ Thị Chủ Tọa", "-không phải"]
    assert lines(typed) == ("Có mặt:", "- Hồ Thị Chủ Tọa", "-không phải")
