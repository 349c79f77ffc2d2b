from datetime import timedelta

import pytest

from domain.people.throttle import Failures, network_of, pause_before


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (Failures(), 0),
        (Failures(of_login=4, of_network=4), 0),
        (Failures(of_login=5), 1),
        (Failures(of_login=6), 2),
        (Failures(of_login=8), 8),
        (Failures(of_login=9), 8),
        (Failures(of_login=1_000_000), 8),
        (Failures(of_network=29), 0),
        (Failures(of_network=30), 1),
        (Failures(of_network=32), 4),
        (Failures(of_login=7, of_network=30), 4),
    ],
)
def test_a_guess_pauses_twice_as_long_after_each_failure_and_never_longer_than_eight_seconds(
    failures: Failures, seconds: int
) -> None:
    assert pause_before(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_who_has_one_address_of_a_household_has_them_all(address: str, network: str) -> None:
    assert network_of(address) == network
