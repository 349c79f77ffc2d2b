"""Programs that are started together, started again when one dies, and stopped together."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from select import select
from types import FrameType

import click

READY_WITHIN_S = 0.2  # how soon it is seen that the programs are ready; deaths are told by the system
STOP_WITHIN_S = 10.0  # a page that is being read may end by then; if not, killing loses nothing
PAUSES_S = (
    0,
    1,
    1,
    2,
    5,
    10,
    20,
    30,
)  # before a program that has died is started again; each time that it dies young, a longer one
YOUNG_S = 10.0  # a program that has lived longer starts with a clean slate
_PR_SET_PDEATHSIG = 1  # of prctl(2)

_libc = ctypes.CDLL(None)


class Watch:
    """The watch over some programs, each named and with its command line."""

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._due = dict.fromkeys(commands, 0.0)  # programs that do not run: when each is to be started
        self._started_at: dict[str, float] = {}
        self._deaths = dict.fromkeys(commands, 0)  # young ones, in a row
        self._is_stopping = False

    def run(self, is_ready: Callable[[], bool], greet: Callable[[], None]) -> int:
        """Keep them running until SIGTERM or SIGINT, and greet once they are ready. Returns 0, or 1 if one would not stay alive."""
        told, telling = os.pipe()
        for end in (told, telling):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(
            telling, warn_on_full_buffer=False
        )  # each signal is a byte there, so none is missed before we wait
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, self._stop)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        status = self._keep(told, is_ready, greet)
        self._end()
        return status

    def _keep(self, told: int, is_ready: Callable[[], bool], greet: Callable[[], None]) -> int:
        has_greeted = False
        while not self._is_stopping:
            if not all(self._settle(name) for name in self._running):
                return 1
            for name in [name for name, due in self._due.items() if due <= time.monotonic()]:
                self._start(name)
            if not has_greeted and (has_greeted := is_ready()):
                greet()
            self._wait(told, None if has_greeted else READY_WITHIN_S)
        return 0

    def _wait(self, told: int, most_s: float | None) -> None:
        """Until a program has died, one is due, or we are to stop; at most so long."""
        pauses = [max(0.0, due - time.monotonic()) for due in self._due.values()]
        if select([told], [], [], min([*pauses, *([] if most_s is None else [most_s])], default=None))[0]:
            os.read(told, 4096)

    def _settle(self, name: str) -> bool:
        """Where a program has died, say when it is to be started again; False when it has died young too often. Others do not wait."""
        process = self._running[name]
        if name in self._due or process.poll() is None:
            return True
        died_young = time.monotonic() - self._started_at[name] < YOUNG_S
        self._deaths[name] = self._deaths[name] + 1 if died_young else 1
        if self._deaths[name] > len(PAUSES_S):
            click.echo(
                f"{name} không chạy được (mã {process.returncode}); đã dừng tất cả. Hãy xem các dòng phía trên.", err=True
            )
            return False
        click.echo(f"{name} đã dừng (mã {process.returncode}); đang bật lại", err=True)
        self._due[name] = time.monotonic() + PAUSES_S[self._deaths[name] - 1]
        return True

    def _start(self, name: str) -> None:
        # a session of its own: Ctrl+C reaches the programs through us, in order, not all at once
        self._running[name] = subprocess.Popen(
            self._commands[name],
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._started_at[name] = time.monotonic()
        del self._due[name]

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
