import pytest

from webapp.people.accounts.strength import weakness_of

LAN = ("tranthilan@congdoan.vn", "Trần Thị Lan", "LĐLĐ huyện Phù Cát")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("1234567890", "digits"),
        ("0905-123-456", "digits"),
        ("079 085 001 234", "digits"),  # an identity card
        ("password123", "leaked"),
        ("1qaz2wsx3edc", "leaked"),
        ("yellowbluebus", "leaked"),  # long enough to be hard, were it not in the list of those that leaked
        ("GotaHoleInMyShoe", "leaked"),
        ("sdfghjkl;'", "keyboard"),
        ("Mật khẩu 2026", "own_words"),
        ("congdoan@2026", "own_words"),
        ("anhyeuem123", "own_words"),
        ("Tranthilan1990", "own_words"),
        ("Tr@nThiL@n2026", "own_words"),
        ("phucat 2026!", "own_words"),
        ("abcdefghij", "pattern"),
        ("x" * 200, "pattern"),
    ],
)
def test_what_is_guessed_first_is_refused_with_its_reason(password: str, weakness: str) -> None:
    assert weakness_of(password, LAN) == weakness


@pytest.mark.parametrize("password", ["bốn con cá bơi", "nhà tôi có ba con mèo", "k7mf-93ht-xw2p"])
def test_a_few_words_together_and_chance_are_taken(password: str) -> None:
    assert weakness_of(password, LAN) is None


def test_the_words_of_another_person_are_no_weakness() -> None:
    assert weakness_of("tôn nữ hằng nga 68", LAN) is None
    assert weakness_of("tôn nữ hằng nga 68", ("hangnga", "Tôn Nữ Hằng Nga")) == "own_words"
