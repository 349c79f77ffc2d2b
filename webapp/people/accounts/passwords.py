"""Passwords: how they are kept (argon2id), which are accepted, and how one for a single use is made."""

import secrets
import unicodedata
from functools import cache
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200  # letters; the upper limit only keeps somebody from sending megabytes to hash

_hasher = PasswordHasher()  # argon2id with the parameters that the library recommends today (RFC 9106)
# A whole room that signs in at once must not take every core from the sockets and the ballots (docs/decisions/0019-threads.md).
_one_at_a_time = Lock()
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter or digit that is mistaken for another one on paper


def hash_password(password: str) -> str:
    """The hash to keep. One text typed on different keyboards may be composed differently, so it is composed first."""
    with _one_at_a_time:
        return _hasher.hash(unicodedata.normalize("NFC", password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is that of the hash. Without any hash (None, or "!") it takes as long and says no."""
    try:
        kept = password_hash or _of_nobody()
        with _one_at_a_time:
            return _hasher.verify(kept, unicodedata.normalize("NFC", password))
    except InvalidHashError:
        return matches(None, password)
    except VerificationError:
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """A password to be read out or written down once, 59 bits of chance: `k7mf-93ht-xw2p`."""
    return "-".join("".join(secrets.choice(_PLAIN) for _ in range(4)) for _ in range(3))


@cache
def _of_nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
