"""Programs that are started together, started again when one dies, and stopped together."""

import ctypes
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

import click

LOOK_EVERY_S = 0.2
STOP_WITHIN_S = 10.0  # a page that is being read may end by then; if not, killing loses nothing
PAUSES_S = (1, 1, 1, 2, 5, 10, 20, 30)  # before a program that dies young is started again; after the last, all give up
YOUNG_S = 10.0  # a program that has lived longer starts with a clean slate
_PR_SET_PDEATHSIG = 1  # of prctl(2)

_libc = ctypes.CDLL(None)


class Watch:
    """The watch over some programs, each named and with its command line."""

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}
        self._deaths = dict.fromkeys(commands, 0)  # young ones, in a row
        self._is_stopping = False

    def run(self, is_ready: Callable[[], bool], greet: Callable[[], None]) -> int:
        """Keep them running until SIGTERM or SIGINT, and greet once they are ready. Returns 0, or 1 if one would not stay alive."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for name in self._commands:
            self._start(name)
        status = self._keep(is_ready, greet)
        self._end()
        return status

    def _keep(self, is_ready: Callable[[], bool], greet: Callable[[], None]) -> int:
        has_greeted = False
        while not self._is_stopping:
            for name, process in list(self._running.items()):
                if process.poll() is not None and not self._is_stopping and not self._revive(name, process):
                    return 1
            if not has_greeted and (has_greeted := is_ready()):
                greet()
            time.sleep(LOOK_EVERY_S)
        return 0

    def _revive(self, name: str, process: subprocess.Popen[bytes]) -> bool:
        """Start a dead program again after a pause; False when it has died young too often."""
        died_young = time.monotonic() - self._started_at[name] < YOUNG_S
        self._deaths[name] = self._deaths[name] + 1 if died_young else 1
        if self._deaths[name] > len(PAUSES_S):
            click.echo(
                f"{name} không chạy được (mã {process.returncode}); đã dừng tất cả. Hãy xem các dòng phía trên.", err=True
            )
            return False
        click.echo(f"{name} đã dừng (mã {process.returncode}); đang bật lại", err=True)
        self._pause(PAUSES_S[self._deaths[name] - 1])
        if not self._is_stopping:
            self._start(name)
        return True

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_stopping and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)

    def _start(self, name: str) -> None:
        # a session of its own: Ctrl+C reaches the programs through us, in order, not all at once
        self._running[name] = subprocess.Popen(
            self._commands[name],
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._started_at[name] = time.monotonic()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _end(self) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _end_with_parent() -> None:
    """In the child: be told to end when the watch is gone, even by kill -9, or its next start would find the port taken."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
