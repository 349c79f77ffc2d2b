"""Turns come in the order in which they were asked for, pass on after an error, and are not waited for for ever."""

import threading
import time

import pytest

from storage.ground.turns import Turns


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, had = Turns(), []

    def ask(number: int) -> None:
        with turns.take(10):
            had.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    with turns.take(10):
        for thread in threads:
            thread.start()
            time.sleep(0.005)
        assert had == []
    for thread in threads:
        thread.join(10)
    assert had == list(range(20))


def test_a_turn_that_ends_in_an_error_is_passed_on() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.take(1):
        raise ZeroDivisionError
    with turns.take(0.01):
        pass


def test_who_has_waited_long_enough_goes_away_and_keeps_nobody_waiting() -> None:
    turns = Turns()
    second: list[object] = []
    with turns.take(1):
        with pytest.raises(TimeoutError), turns.take(0.01):
            pass
        patient = threading.Thread(target=lambda: second.append(turns.take(10).__enter__()))
        patient.start()
    patient.join(10)
    assert second == [None]
