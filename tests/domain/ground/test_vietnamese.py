"""The rules of written Vietnamese: canonical tones, folding, keys and syllables."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.ground.vietnamese import fold, folded_key, is_syllable, keys, normalise, toned_key

vietnamese = st.text(alphabet="aàáảãạăằâầđeèêềiìoòôồơờuùưừyýbcghklmnpqrtvxÐ \n-/05\u0301\u0323\u00ad", max_size=60)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("hoà", "hòa"),
        ("thuỷ", "thủy"),
        ("khoẻ", "khỏe"),
        ("TUỲ Ý", "TÙY Ý"),
        ("vịêt", "việt"),
        ("loaị", "loại"),
        ("qủa", "quả"),
        ("khuỷu", "khuỷu"),
        ("hoàn", "hoàn"),
        ("quý", "quý"),
        ("già", "già"),
        ("gìn", "gìn"),
        ("giếng", "giếng"),
        ("ÐẢNG", "ĐẢNG"),
        ("café", "café"),
    ],
)
def test_the_tone_stands_on_its_canonical_letter(written: str, canonical: str) -> None:
    assert normalise(written) == canonical


def test_a_decomposed_text_is_the_same_text() -> None:
    assert normalise(unicodedata.normalize("NFD", "Tỉnh uỷ Bình Định")) == "Tỉnh ủy Bình Định"


def test_a_soft_hyphen_is_no_letter() -> None:
    assert normalise("Tru\u00adng") == "Trung"
    assert keys("Tru\u00adng ương") == ["trung", "ương"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("kĩ", "kỹ"), ("lí", "lý"), ("quí", "quý"), ("qui", "quy"), ("quít", "quýt"), ("05", "5"), ("hoà", "HÒA")],
)
def test_two_spellings_of_one_word_share_a_key(one: str, other: str) -> None:
    assert toned_key(one) == toned_key(other)


@pytest.mark.parametrize(("one", "other"), [("vi", "vy"), ("tai", "tay"), ("quá", "qua"), ("min", "myn")])
def test_two_words_keep_two_keys(one: str, other: str) -> None:
    assert toned_key(one) != toned_key(other)


def test_zero_is_a_number() -> None:
    assert (toned_key("0"), toned_key("000"), toned_key("06b")) == ("0", "0", "06b")


def test_folding_takes_every_accent_and_the_bar_of_d() -> None:
    assert fold("Ðảng, ĐIỀU, đường, kỹ, ŭ") == "dang, dieu, duong, ky, u"


def test_a_number_falls_apart_into_words() -> None:
    assert keys("12/KH-LĐLĐ") == ["12", "kh", "lđlđ"]


def test_text_that_is_not_composed_has_the_same_words() -> None:
    assert keys(unicodedata.normalize("NFD", "Hoà giải")) == ["hòa", "giải"]


@pytest.mark.parametrize(
    "word",
    [
        "nghị",
        "quyết",
        "khoá",
        "uỷ",
        "ươm",
        "yêu",
        "ý",
        "gì",
        "giữ",
        "giặt",
        "quốc",
        "quyền",
        "khuỷu",
        "thuở",
        "ngoằn",
        "xoong",
        "Đoàn",
        "HUYỆN",
        "nghiêng",
        "ghế",
        "kỷ",
    ],
)
def test_a_vietnamese_word_has_the_shape_of_a_syllable(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word", ["", "cac", "ngi", "ca ca", "kan", "gê", "iên", "ViÖt", "internet", "NQ", "05", "uyê", "háp-", "q", "tiếệng"]
)
def test_other_words_have_not(word: str) -> None:
    assert not is_syllable(word)


@given(vietnamese)
def test_folding_never_changes_the_number_of_words(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert len(keys(fold(composed))) == len(keys(composed))


@given(st.text(max_size=60))
def test_folding_composed_text_keeps_its_length_where_no_marks_stand_alone(text: str) -> None:
    composed = "".join(letter for letter in unicodedata.normalize("NFC", text) if not unicodedata.combining(letter))
    assert len(fold(composed)) == len(composed)


@given(vietnamese)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(vietnamese)
@example("b\u00ad\u0323")  # a soft hyphen between a letter and its mark
def test_the_key_of_a_key_is_the_key(text: str) -> None:
    for key in keys(text):
        assert toned_key(key) == key
        assert folded_key(fold(key)) == folded_key(key)
