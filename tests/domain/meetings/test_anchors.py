"""A note finds its words again in a new version, or says that they are gone."""

from domain.archive.reading import Box, Word
from domain.meetings.anchors import Anchor, carried, line_boxes


def page(*lines: str) -> list[Word]:
    return [
        Word(text, Box(round(0.1 * place, 2), round(0.1 * line, 2), 0.09, 0.05), 0.9, line)
        for line, printed in enumerate(lines)
        for place, text in enumerate(printed.split())
    ]


OLD = page("Điều 1. Kinh phí lấy từ nguồn", "tài chính công đoàn theo dự toán.")
ANCHOR = Anchor("Kinh phí", before="Điều 1.", after="lấy từ nguồn tài chính công đoàn theo dự")


def test_words_that_moved_to_another_page_are_found_there() -> None:
    place = carried(ANCHOR, {1: page("Chương một"), 2: page("Chương hai", "Kinh phí lấy từ đâu")}, near=1)
    assert place is not None
    (box,) = place.boxes
    assert (place.page, box.x, box.y, round(box.width, 2), round(box.height, 2)) == (2, 0.0, 0.1, 0.19, 0.05)


def test_words_that_are_gone_are_not_found() -> None:
    assert carried(ANCHOR, {1: page("Kinh doanh lấy lãi, phí tổn")}, near=1) is None


def test_of_like_places_the_one_with_like_surroundings_is_taken() -> None:
    anchor = Anchor("công đoàn", before="tài chính", after="theo dự toán.")
    place = carried(anchor, {1: page("Tổ chức công đoàn cơ sở"), 5: page("tài chính công đoàn theo dự toán.")}, near=1)
    assert place is not None
    assert place.page == 5


def test_of_places_alike_in_all_the_nearest_page_is_taken() -> None:
    place = carried(Anchor("công đoàn"), {1: page("công đoàn"), 4: page("công đoàn"), 9: page("công đoàn")}, near=5)
    assert place is not None
    assert place.page == 4


def test_case_and_the_way_accents_are_composed_do_not_matter() -> None:
    assert carried(Anchor("ĐIỀU 1."), {1: page("Điều 1. Phạm vi")}, near=1) is not None


def test_a_note_without_words_is_not_carried() -> None:
    assert carried(Anchor(""), {1: OLD}, near=1) is None


def test_words_on_two_lines_get_two_boxes() -> None:
    assert len(line_boxes(OLD[5:9])) == 2
