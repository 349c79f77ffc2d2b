"""The door: in which order tries to sign in are looked at, and how long each waits (docs/decisions/0026-signing-in.md).

What is under way is known here, in memory; what has failed is counted in the database; the rule is in domain/people/throttle.py.
"""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from threading import Lock

from flask import request
from werkzeug.wrappers import Response

from domain.ground import clock
from domain.people.throttle import LONGEST_PAUSE, TooManyTries, pause_before
from storage.ground.turns import Turns
from storage.people.attempts import Attempts, Try
from webapp.ground.security import cookie_name, keep_on_device
from webapp.ground.system import reading, settings

COOKIE = "khonggiay_device"
_KEPT_FOR = timedelta(days=400)  # as long as browsers keep a cookie at most
_IN_THE_QUEUE = 250  # people on new devices at once: more than a full hall; the last of them waits for some 30 s
_IN_A_LANE = 3  # tries of one device, from one address, at one login, that wait while another pauses: 30 s for the last of them
_PATIENCE_S = 60.0  # nobody waits longer for a turn; proxies give up by then
_STRANGERS = "strangers"


class Lanes:
    """Queues that are made when somebody enters them, and are gone when nobody is left."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._lanes: dict[str, Turns] = {}
        self._in_lane: dict[str, int] = {}

    @contextmanager
    def take(self, name: str, longest: int, wait: timedelta) -> Iterator[None]:
        """Wait for one's turn in a lane; raises TooManyTries, to come again after `wait`, where more than `longest` wait already."""
        with self._guard:
            if self.inside(name) > longest:
                raise TooManyTries(wait)
            self._in_lane[name] = self.inside(name) + 1
            turns = self._lanes.setdefault(name, Turns())
        with ExitStack() as held:
            held.callback(self._leave, name)
            try:
                held.enter_context(turns.take(_PATIENCE_S))
            except TimeoutError as error:
                raise TooManyTries(wait) from error
            yield

    def _leave(self, name: str) -> None:
        with self._guard:
            self._in_lane[name] -= 1
            if not self._in_lane[name]:
                del self._in_lane[name], self._lanes[name]

    def inside(self, name: str) -> int:
        """How many are in a lane: whoever has the turn, and those who wait."""
        return self._in_lane.get(name, 0)

    def __len__(self) -> int:
        return len(self._lanes)


lanes = Lanes()


def tried_as(login: str) -> Try:
    """The try that this request is."""
    return Try(
        login, request.remote_addr or "", request.cookies.get(cookie_name(COOKIE, settings())) or secrets.token_urlsafe(32)
    )


@contextmanager
def turn(tried: Try) -> Iterator[None]:
    """The turn of a try; what comes of it is to be recorded inside the block, where the next one sees it.

    A device on which this person has signed in before waits for nobody else's guesses. Of all others one at a time is looked at,
    so that they never take the processor from those. A try that failures concern first pauses, behind other tries from its address;
    if its address has failed at the same login, also behind the tries of others that have. So the first try from an address pauses
    and waits for nobody, however many guess at that login. Raises TooManyTries where too many wait.
    """
    with ExitStack() as held:
        held.enter_context(lanes.take(f"device {tried.device_sha256}", _IN_A_LANE, LONGEST_PAUSE))
        if _is_known(tried):
            yield
            return
        with _strangers():
            if not _pause(tried):
                yield
                return
        for lane in _lanes_of(tried):
            held.enter_context(lanes.take(lane, _IN_A_LANE, _IN_A_LANE * LONGEST_PAUSE))
        clock.pause(_pause(tried))
        with _strangers():
            yield


def _strangers() -> AbstractContextManager[None]:
    return lanes.take(_STRANGERS, _IN_THE_QUEUE, timedelta(seconds=10))


def _is_known(tried: Try) -> bool:
    with reading() as records:
        return Attempts(records).knows(tried)


def _pause(tried: Try) -> timedelta:
    with reading() as records:
        return pause_before(Attempts(records).before(tried))


def _lanes_of(tried: Try) -> list[str]:
    """Where a try queues that pauses. The order is the same for all, so that no two wait for each other."""
    with reading() as records:
        has_failed_here = Attempts(records).before(tried).of_both > 0
    return [f"network {tried.network}", *([f"login {tried.login_sha256}"] if has_failed_here else [])]


def next_pause(tried: Try) -> timedelta:
    """How long the next try like this one will pause."""
    return timedelta(0) if _is_known(tried) else _pause(tried)


def make_known(answer: Response, tried: Try) -> None:
    """Have the device keep by what it is known, beyond signing out: it opens nothing, it only spares the pause."""
    keep_on_device(answer, COOKIE, tried.device_token, _KEPT_FOR)
