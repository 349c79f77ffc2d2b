"""The machine's clock as the worker watches it: a jump is written down, and nothing waits for a moment that it has moved far away."""

import time
from datetime import timedelta

import structlog

from ocr_worker.system import System
from storage.archive.clock_jumps import LEAST, ClockJumps
from storage.archive.heartbeat import beaten_at
from storage.archive.work import Ledger
from storage.ground.mail import Outbox

log = structlog.get_logger()


class Timekeeper:
    """Compares the clock with one that nobody sets (CLOCK_BOOTTIME: it runs while the machine sleeps)."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._ahead = _ahead()

    def start(self) -> None:
        """Look whether the clock was set back while no worker ran: the last heartbeat then lies in the future."""
        beaten = beaten_at(self._system.settings)
        back = timedelta(seconds=time.time() - beaten) if beaten else timedelta(0)
        self._bring_forward()
        if back < -LEAST:
            self._note(back)

    def look(self) -> None:
        """Notice a jump since the last look."""
        ahead = _ahead()
        jump, self._ahead = timedelta(seconds=ahead - self._ahead), ahead
        if abs(jump) >= LEAST:
            self._note(jump)
            self._bring_forward()

    def _note(self, jump: timedelta) -> None:
        log.error("the clock of the machine jumped", seconds=round(jump.total_seconds()))
        with self._system.database.writing() as session:
            ClockJumps(session).note(jump)

    def _bring_forward(self) -> None:
        with self._system.database.writing() as session:
            Ledger(session).bring_forward()
            Outbox(session).bring_forward()


def _ahead() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
