"""The ways to sign in, and what a sign-in by an identity provider (OpenID Connect) is refused for: pure rules, without a network."""

from enum import StrEnum
from typing import Literal

from domain.ground.errors import RuleError
from domain.people.roles import Role


class Way(StrEnum):
    """By what somebody has proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a name
    PASSWORD_APP = "password_app"  # noqa: S105 - a name
    PASSWORD_RECOVERY = "password_recovery"  # noqa: S105 - a name
    PASSKEY = "passkey"  # both factors
    PROVIDER = "provider"
    PROVIDER_STRONG = "provider_strong"  # which says that it asked for a second factor, and is believed
    PROVIDER_APP = "provider_app"
    PROVIDER_RECOVERY = "provider_recovery"

    @property
    def is_by_provider(self) -> bool:
        """Whether an identity provider said who it is."""
        return self.startswith(Way.PROVIDER)

    def with_code(self, *, is_recovery: bool) -> "Way":
        """This first step, followed by a code of the app or one to recover by.

        >>> Way.PROVIDER.with_code(is_recovery=False)
        <Way.PROVIDER_APP: 'provider_app'>
        """
        return Way(f"{self.value}_{'recovery' if is_recovery else 'app'}")


ProviderProblem = Literal[
    "denied",
    "refused",
    "expired",
    "ended",
    "unreachable",
    "untrusted",
    "clock",
    "unknown",
    "unverified",
    "taken",
    "closed",
    "only_provider",
]


class ProviderRefused(RuleError):
    """Nobody was signed in or bound by the identity provider. `subject` is its name for who tried, where that was proved."""

    problem: ProviderProblem
    subject: str = ""


class PasswordOver(RuleError):
    """A one-time password was not used within its time."""


class NotFresh(RuleError):
    """Somebody without a password here must have signed in just now to do this."""


def roles_by_groups(
    by_hand: frozenset[Role], by_group: frozenset[Role], wanted: frozenset[Role], other_administrators: int
) -> tuple[frozenset[Role], frozenset[Role]]:
    """The roles that groups add and those that they take away, where the groups of today give `wanted`.

    What was given by hand stays, and so does the last administrator.

    >>> hand, group = frozenset({Role.CLERK}), frozenset({Role.LEADER, Role.ADMINISTRATOR})
    >>> roles_by_groups(hand, group, frozenset({Role.CLERK, Role.STAFF}), 0)
    (frozenset({<Role.STAFF: 'staff'>}), frozenset({<Role.LEADER: 'leader'>}))
    """
    kept = frozenset() if other_administrators else frozenset({Role.ADMINISTRATOR})
    return wanted - by_hand - by_group, by_group - wanted - kept
