"""What is written because somebody has read: beside the request, since reading goes on while nothing can be written."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import structlog
from flask import Flask, current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.ground.clock import at, now
from storage.ground.database import Database
from storage.ground.faults import Fault, fault_of
from storage.people.people import SignIn

AGAIN_S = 5.0  # before what could not be written is tried once more
PATIENCE_S = 2.0  # how long a reader waits for the audit trail before getting the paper all the same
Seen = dict[int, tuple[datetime, datetime]]  # by sign-in: when its device was seen, and until when it holds
MOST = 1_000  # entries that wait; the oldest go first, and the log has them all

log = structlog.get_logger()


@dataclass(eq=False)
class Reading:
    """What waits to be written because somebody has read, and what the log says of it."""

    record: Callable[[Session], None]
    facts: dict[str, object]
    read_at: datetime = field(default_factory=now)
    is_tried: threading.Event = field(default_factory=threading.Event)
    is_kept: bool = False


class Aside:
    """One thread that writes for those who read. When a device was last seen may be lost; who took a copy away may not."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = threading.Condition()
        self._seen: Seen = {}
        self._readings: deque[Reading] = deque(maxlen=MOST)
        self._is_running = self._is_writing = self._is_refused = False

    def see(self, sign_in_id: int, moment: datetime, until: datetime) -> None:
        """A device was seen, and its sign-in holds so long if it is not seen again. Returns at once."""
        with self._changed:
            self._seen[sign_in_id] = moment, until
            self._wake()

    def keep(self, record: Callable[[Session], None], **facts: object) -> None:
        """Write that somebody has read: usually done when this returns. If not, the log says so, and it is tried until it is done."""
        reading = self.later(record, **facts)
        reading.is_tried.wait(0 if self._is_refused else PATIENCE_S)
        if not reading.is_kept:
            log.error("reading not yet written down", waiting=len(self._readings), **facts)

    def later(self, record: Callable[[Session], None], **facts: object) -> Reading:
        """Have something written that no reader waits for. Returns at once; it is tried until it is done."""
        reading = Reading(record, facts)
        with self._changed:
            self._readings.append(reading)
            self._wake()
        return reading

    def settled(self, within_s: float) -> bool:
        """Whether all that was asked for is written, or dropped."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._seen or self._readings or self._is_writing), within_s)

    def _wake(self) -> None:
        if not self._is_running:
            self._is_running = True
            threading.Thread(target=self._run, name="aside", daemon=True).start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._seen or self._readings)
                self._is_writing, seen, self._seen = True, self._seen, {}
                readings = list(self._readings)
            fault = self._written(seen, readings)
            self._is_refused = fault is not None
            if fault:
                log.warning("nothing can be written for readers", fault=fault, waiting=len(readings))
                threading.Event().wait(AGAIN_S)

    def _written(self, seen: Seen, readings: list[Reading]) -> Fault | None:
        """What keeps all this from being written; None when it is done."""
        for reading in readings:
            if fault := self._try(reading.record, reading.read_at):
                for waiting in readings:
                    waiting.is_tried.set()
                return fault
            reading.is_kept = True
            reading.is_tried.set()
            with self._changed, suppress(ValueError):  # gone already where too many waited
                self._readings.remove(reading)
        return self._try(lambda session: _note_seen(session, seen), now()) if seen else None

    def _try(self, record: Callable[[Session], None], read_at: datetime) -> Fault | None:
        try:
            with at(read_at), self._database.writing() as session:
                record(session)
        except Exception as error:  # the thread lives on, whatever it met: it is the only one
            if fault := fault_of(error):
                return fault
            log.exception(
                "reading cannot be written down"
            )  # what was read is gone by now, or we are wrong: again would not help
        return None


def _note_seen(session: Session, seen: Seen) -> None:
    for sign_in_id, (moment, until) in seen.items():
        session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=moment, expires_at=until))


def init_aside(app: Flask) -> None:
    """Give the application its place for what is written aside."""
    app.extensions["aside"] = Aside(app.extensions["khonggiay"].database)


def aside() -> Aside:
    """That of the application that is answering."""
    return cast(Aside, current_app.extensions["aside"])
