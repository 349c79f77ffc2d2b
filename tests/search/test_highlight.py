"""What is shown of a page: marks where the question is answered, the best lines, the words to box."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from search.highlight import SNIPPET_CHARACTERS, marks, snippet, spans
from search.parse import parse


def marked(question: str, text: str) -> list[str]:
    return [text[start:end] for start, end in spans(parse(question), text)]


def test_words_are_marked_as_they_are_written() -> None:
    assert marked("hoa giai", "Công tác HOÀ GIẢI ở cơ sở, hóa giải") == ["HOÀ", "GIẢI", "hóa", "giải"]


def test_with_accents_only_they_are_marked_where_they_stand() -> None:
    assert marked("hòa", "hoà và hóa") == ["hoà"]
    assert marked("hòa", "hóa và hoa") == ["hóa", "hoa"]


def test_a_phrase_is_marked_whole_and_only_in_a_row() -> None:
    assert marked('"không giấy"', "không, giấy không") == ["không, giấy"]


def test_a_number_is_marked_as_printed() -> None:
    assert marked("07/BC-LĐLĐ", "Số: 07 /BC - LĐLĐ và 8/BC-LĐLĐ") == ["07 /BC - LĐLĐ"]
    assert marked("number:07", "Số: 07 /BC - LĐLĐ") == ["07 /BC - LĐLĐ"]


def test_what_is_excluded_is_not_marked() -> None:
    assert marked("họp -giấy", "họp không giấy") == ["họp"]


def test_the_words_of_a_prefix_are_marked() -> None:
    assert marked("gi*", "giấy giải họp") == ["giấy", "giải"]


def test_overlapping_marks_become_one() -> None:
    assert marked('"a b" b', "a b c") == ["a b"]
    assert marked('"a a"', "a a, a b") == ["a a, a"]


def test_marks_lie_right_in_a_text_of_letters_and_separate_accents() -> None:
    text = unicodedata.normalize("NFD", "Hội nghị hoà giải ở cơ sở")
    assert marked('"hòa giải" so', text) == [unicodedata.normalize("NFD", part) for part in ("hoà giải", "sở")]
    assert marked("trung", "Tru\u00adng, trưng") == ["Tru\u00adng", "trưng"]


def test_spellings_of_one_word_are_marked_and_words_that_only_look_like_it_are_not() -> None:
    assert marked("ky 5 vy", "kĩ 05, kỷ 5; vi 50") == ["kĩ", "05", "kỷ", "5"]
    assert marked("ky*", "kĩ kia kyodo") == ["kĩ", "kyodo"]
    assert marked("ki*", "kĩ kia kyodo") == ["kĩ", "kia"]


def test_a_page_shorter_than_the_phrase_has_no_mark() -> None:
    assert marked('"a b c d e"', "a b c") == []


def test_the_words_to_box_are_those_of_the_page() -> None:
    words = ["Nghị", "quyết", "số", "05-NQ/TU", "về", "chuyển", "đổi", "số,", "họp", "không", "giấy."]
    assert marks(parse("chuyen doi so"), words) == [2, 5, 6, 7]
    assert marks(parse('"chuyển đổi số"'), words) == [5, 6, 7]
    assert marks(parse("05-NQ/TU giay"), words) == [3, 10]
    assert marks(parse("-giấy"), words) == []


def test_a_word_broken_off_the_number_is_boxed_with_it() -> None:
    assert marks(parse("07/BC-LĐLĐ"), ["Số:", "07", "/BC", "-", "LĐLĐ", "Tuy"]) == [1, 2, 3, 4]


def test_a_snippet_shows_where_most_of_the_question_stands() -> None:
    text = "mở đầu họp. " + "x " * 200 + "phòng họp không\ngiấy tờ " + "y " * 200
    shown = snippet(parse("phong hop khong giay"), text)
    assert "phòng họp không giấy tờ" in shown.text
    assert [shown.text[start:end] for start, end in shown.marks] == ["phòng", "họp", "không", "giấy"]
    assert (shown.is_start, shown.is_end) == (False, False)


def test_a_snippet_of_a_page_without_marks_is_its_beginning() -> None:
    shown = snippet(parse("vắng"), "Kính gửi: " + "z " * 300)
    assert shown.text.startswith("Kính gửi:")
    assert shown.marks == ()
    assert shown.is_start


def test_a_short_page_is_shown_whole() -> None:
    shown = snippet(parse("hai"), "một hai ba")
    assert (shown.text, shown.marks, shown.is_start, shown.is_end) == ("một hai ba", ((4, 7),), True, True)


@given(st.lists(st.sampled_from(["hòa", "giải", "05-NQ/TU", "x" * 50, "\n", "giấy."]), max_size=80).map(" ".join))
def test_a_snippet_is_never_too_long_and_its_marks_lie_in_it(text: str) -> None:
    shown = snippet(parse('hoa "giải giấy" 05-NQ/TU'), text)
    assert len(shown.text) <= SNIPPET_CHARACTERS
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.marks)


@given(st.text(max_size=200), st.sampled_from(["a", '"a b"', "1/a", "aa*"]))
def test_any_text_can_be_shown(text: str, question: str) -> None:
    assert len(snippet(parse(question), text).text) <= SNIPPET_CHARACTERS
    marks(parse(question), text.split(" "))
