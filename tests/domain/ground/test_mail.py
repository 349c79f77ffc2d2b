"""Whom mail can reach, and when it is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ground.mail import is_address, wait_after


@pytest.mark.parametrize(
    ("login", "is_one"),
    [
        ("lan@ldld.gialai.gov.vn", True),
        ("van.thu+so_di@ldld.vn", True),
        ("vanthu", False),
        ("vanthu@ldld", False),  # no server outside has such a name
        ("@ldld.vn", False),
        ("lan@ldld.vn ", False),
        ("lan@ldld.vn\nBcc: khac@x.vn", False),
        ("lan@x.vn, minh@x.vn", False),
        ("lân@ldld.vn", False),
        ("lan@ldld..vn", False),
        ("", False),
    ],
)
def test_an_address_is_one_name_at_one_server(login: str, is_one: bool) -> None:
    assert is_address(login) is is_one


def test_a_mail_waits_a_minute_then_twice_as_long_each_time_and_an_hour_at_most() -> None:
    minutes = [wait_after(tries) / timedelta(minutes=1) for tries in range(1, 9)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(1, 10_000))
def test_a_mail_never_waits_less_for_having_been_tried_more(tries: int) -> None:
    assert wait_after(tries) <= wait_after(tries + 1) <= timedelta(hours=1)
