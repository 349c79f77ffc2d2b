"""What can be said of the digital signatures in a PDF: found by storage/signatures.py, judged here, said in words by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import RuleError


class SignatureState(StrEnum):
    """What a signature is worth."""

    INTACT = "intact"
    EXPIRED = "expired"  # intact, but the certificate no longer holds
    UNKNOWN_ROOT = "unknown_root"  # intact, by somebody whom no root of ours vouches for
    ALTERED = "altered"  # the file was changed after it was signed
    UNSIGNED = "unsigned"  # no signature in the file


_WORST = (SignatureState.ALTERED, SignatureState.UNKNOWN_ROOT, SignatureState.EXPIRED, SignatureState.INTACT)


class SigningUnavailable(RuleError):
    """The organisation's key cannot be used. `problem` is one of: none, unreadable, expired."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it was found. `at` is what the signer's clock said."""

    signer: str
    issuer: str
    at: datetime | None
    valid_until: datetime
    is_intact: bool  # what was signed has not changed, and nothing was added that a signed file may not bear
    is_trusted: bool  # its chain ends in one of our roots

    def state(self, moment: datetime) -> SignatureState:
        """What it is worth at that moment; the worst is said first.

        >>> from datetime import UTC
        >>> held = datetime(2027, 1, 1, tzinfo=UTC)
        >>> Signature("A", "B", None, held, True, True).state(datetime(2027, 1, 2, tzinfo=UTC)).value
        'expired'
        """
        if not self.is_intact:
            return SignatureState.ALTERED
        if not self.is_trusted:
            return SignatureState.UNKNOWN_ROOT
        return SignatureState.EXPIRED if moment > self.valid_until else SignatureState.INTACT


def verdict(signatures: Sequence[Signature], moment: datetime) -> SignatureState:
    """What the whole file is worth: as much as its worst signature."""
    states = {signature.state(moment) for signature in signatures}
    return next((state for state in _WORST if state in states), SignatureState.UNSIGNED)
