"""What can be said of a digital signature, at that moment and of the file as a whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.directives.signatures import Change, Signature, SignatureState, verdict

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
SIGNED, SECOND = datetime(2026, 11, 23, 1, tzinfo=UTC), timedelta(seconds=1)
GOOD = Signature(
    signer="Nguyễn Văn A", issuer="Nơi cấp", at=SIGNED, valid_from=SINCE, valid_until=UNTIL, is_intact=True, is_trusted=True,
    subject={"common_name": "Nguyễn Văn A", "user_id": "CCCD:052080000001"},
)  # fmt: skip
ALTERED = replace(GOOD, is_intact=False, change=Change.BROKEN)
STRANGE = replace(GOOD, is_trusted=False)


@pytest.mark.parametrize(
    ("signature", "moment", "state"),
    [
        (GOOD, UNTIL, SignatureState.INTACT),
        (GOOD, UNTIL + SECOND, SignatureState.EXPIRED),
        (STRANGE, SIGNED, SignatureState.UNKNOWN_ROOT),
        (STRANGE, UNTIL + SECOND, SignatureState.UNKNOWN_ROOT),  # the worst is said first
        (ALTERED, SIGNED, SignatureState.ALTERED),
        (replace(ALTERED, is_trusted=False), UNTIL + SECOND, SignatureState.ALTERED),
    ],
)
def test_a_signature_is_worth_what_its_gravest_fault_leaves(
    signature: Signature, moment: datetime, state: SignatureState
) -> None:
    assert signature.state(moment) is state


@pytest.mark.parametrize(
    ("at", "is_in_time"),
    [
        (SINCE - SECOND, False),
        (SINCE, True),
        (SIGNED, True),
        (UNTIL, True),
        (UNTIL + SECOND, False),
        (None, None),  # it does not say when
    ],
)
def test_it_was_made_in_time_while_the_certificate_held(at: datetime | None, is_in_time: bool | None) -> None:
    assert replace(GOOD, at=at).is_in_time is is_in_time


def test_a_certificate_that_does_not_say_since_when_it_holds_holds_from_the_beginning() -> None:
    assert replace(GOOD, valid_from=None, at=SINCE - SECOND).is_in_time is True


def test_a_time_stamp_is_believed_before_the_clock_of_the_signer() -> None:
    stamped = replace(GOOD, at=UNTIL + SECOND, stamped_at=SIGNED)
    assert (stamped.moment, stamped.is_in_time) == (SIGNED, True)
    assert replace(GOOD, stamped_at=UNTIL + SECOND).is_in_time is False


def test_whose_it_is_follows_from_the_name_in_the_certificate() -> None:
    assert (GOOD.ownership.owner.value, GOOD.ownership.rule) == ("person", "personal_number")
    assert replace(GOOD, subject={}).ownership.owner.value == "unknown"


@pytest.mark.parametrize(
    ("signatures", "state"),
    [
        ([], SignatureState.UNSIGNED),
        ([GOOD, GOOD], SignatureState.INTACT),
        ([GOOD, replace(GOOD, valid_until=SIGNED)], SignatureState.EXPIRED),
        ([replace(GOOD, valid_until=SIGNED), STRANGE], SignatureState.UNKNOWN_ROOT),
        ([STRANGE, GOOD, ALTERED], SignatureState.ALTERED),
    ],
)
def test_a_file_is_worth_as_much_as_its_worst_signature(signatures: list[Signature], state: SignatureState) -> None:
    assert verdict(signatures, SIGNED + SECOND) is state
    assert verdict(signatures[::-1], SIGNED + SECOND) is state
