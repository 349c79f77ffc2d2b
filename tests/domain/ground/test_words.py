"""A table of words is total, or it is refused before anybody can ask it."""

from enum import StrEnum

import pytest

from domain.ground.words import Words


class Tone(StrEnum):
    LEVEL = "level"
    RISING = "rising"
    FALLING = "falling"


class Course(StrEnum):
    RISING = "rising"


def test_a_table_gives_the_words_of_each_member_in_its_own_order() -> None:
    names = Words(Tone, {Tone.RISING: "sắc", Tone.LEVEL: "ngang", Tone.FALLING: "huyền"})
    assert [names[tone] for tone in Tone] == ["ngang", "sắc", "huyền"]
    assert list(names) == [Tone.RISING, Tone.LEVEL, Tone.FALLING]
    assert Tone.LEVEL in names


def test_a_member_without_words_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match=r"^no words for <Tone\.FALLING: 'falling'>, <Tone\.RISING: 'rising'>$"):
        Words(Tone, {Tone.LEVEL: "ngang"})


def test_a_member_of_another_enum_is_refused_even_if_it_is_the_same_text() -> None:
    with pytest.raises(
        ValueError, match=r"^no words for <Tone\.RISING: 'rising'>; words for a stranger, <Course\.RISING: 'rising'>$"
    ):
        Words(Tone, {Tone.LEVEL: "ngang", Course.RISING: "đi lên", Tone.FALLING: "huyền"})


def test_a_member_is_left_out_only_where_the_table_says_so() -> None:
    assert Words(Tone, {Tone.LEVEL: "bằng", Tone.FALLING: "bằng"}, without={Tone.RISING})[Tone.LEVEL] == "bằng"
    with pytest.raises(ValueError, match=r"^words for a stranger, <Tone\.RISING: 'rising'>$"):
        Words(Tone, {Tone.LEVEL: "bằng", Tone.FALLING: "bằng", Tone.RISING: "trắc"}, without={Tone.RISING})


def test_another_closed_list_is_a_table_too() -> None:
    assert Words((None, *Course), {None: "chưa rõ", Course.RISING: "đi lên"})[None] == "chưa rõ"
    with pytest.raises(ValueError, match=r"^no words for 'symbol'$"):
        Words(("number", "symbol"), {"number": "số"})
