"""Turns: a lock that is given in the order in which it was asked for, so that nobody starves in a crowd."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """One thing that one thread at a time may have. Made of plain locks, so that it also works under gevent."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()  # each is held until its owner's turn has come

    @contextmanager
    def take(self, timeout_s: float) -> Iterator[None]:
        """Wait for one's turn and have it during the block; raises TimeoutError. Not to be taken twice by one thread."""
        self._wait(timeout_s)
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self, timeout_s: float) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout_s):
            return
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise TimeoutError
        # else it was passed on to us at the last moment

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
