"""What can be said of the digital signatures in a PDF: found by storage/directives/signatures.py, judged here, said in words by the page.

Whose a certificate is, a person's or an organisation's, is in domain/directives/certificates.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.directives.certificates import Ownership, ownership
from domain.ground.errors import RuleError


class SignatureState(StrEnum):
    """What a signature is worth."""

    INTACT = "intact"
    EXPIRED = "expired"  # intact, but the certificate no longer holds
    UNKNOWN_ROOT = "unknown_root"  # intact, by somebody whom no root of ours vouches for
    ALTERED = "altered"  # the file was changed after it was signed
    UNSIGNED = "unsigned"  # no signature in the file


_WORST = (SignatureState.ALTERED, SignatureState.UNKNOWN_ROOT, SignatureState.EXPIRED, SignatureState.INTACT)


class Change(StrEnum):
    """What stands in the file after what was signed."""

    NONE = "none"
    SIGNED_AGAIN = "signed_again"  # another signature, a time stamp, what proves them: what a signed file may bear
    NOT_ALLOWED = "not_allowed"  # a page, a note, the content of a field
    BROKEN = "broken"  # the very bytes that were signed are others


SigningProblem = Literal["none", "unreadable", "expired", "of_another_unit"]


class SigningUnavailable(RuleError):
    """The organisation's key cannot be used."""

    problem: SigningProblem


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it was found. `at` is what the signer's clock said, `stamped_at` what a time-stamping authority below our roots said.

    `subject` is the name in the certificate, a value for each kind of attribute; `chain` the names from the root to the signer.
    """

    signer: str
    issuer: str
    at: datetime | None
    valid_until: datetime
    is_intact: bool  # what was signed has not changed, and nothing was added that a signed file may not bear
    is_trusted: bool  # its chain ends in one of our roots
    valid_from: datetime | None = None
    stamped_at: datetime | None = None
    change: Change = Change.NONE
    subject: Mapping[str, str] = field(default_factory=dict)
    chain: tuple[str, ...] = ()

    @property
    def moment(self) -> datetime | None:
        """When it was made, by the best clock that says so."""
        return self.stamped_at or self.at

    @property
    def ownership(self) -> Ownership:
        """Whose certificate it is, and by which rule."""
        return ownership(self.subject)

    @property
    def is_in_time(self) -> bool | None:
        """Whether it was made while the certificate held (Luật 20/2023/QH15, article 22); None if it does not say when."""
        if self.moment is None:
            return None
        return self.moment <= self.valid_until and (self.valid_from is None or self.valid_from <= self.moment)

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
