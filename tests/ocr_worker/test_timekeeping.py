"""A clock that jumps is noticed and written down, and what it has moved far away is done all the same."""

import os
import time
from datetime import timedelta

from domain.archive.work import State
from domain.ground import clock
from domain.ground.backups import is_due
from domain.ground.clock import now
from domain.ground.mail import MailState
from ocr_worker.system import System
from ocr_worker.timekeeping import Timekeeper
from storage.archive.clock_jumps import ClockJump
from storage.archive.heartbeat import beat
from storage.archive.work import LEASE, Ledger, Work
from storage.ground.audit import AuditEntry
from storage.ground.fixity.rounds import CheckRound, check_some
from storage.ground.mail import Mail
from tests.stored import rows
from tests.webapp.archive.papers import put

YEARS = timedelta(days=1500)


def jumps(system: System) -> list[int]:
    return [jump.seconds for jump in rows(system.database, ClockJump)]


def test_a_clock_that_goes_as_it_should_is_no_news(system: System) -> None:
    beat(system.settings)
    keeper = Timekeeper(system)
    keeper.start()
    keeper.look()
    keeper._ahead -= 29  # NTP corrects so much
    keeper.look()
    assert jumps(system) == []


def test_a_clock_set_forward_or_back_while_the_worker_runs_is_written_down_once_each(system: System) -> None:
    keeper = Timekeeper(system)
    keeper._ahead -= 7200
    keeper.look()
    keeper.look()
    keeper._ahead += 60
    keeper.look()
    assert jumps(system) == [7200, -60]
    assert [entry.facts for entry in rows(system.database, AuditEntry, act="clock_jumped")] == [
        {"seconds": 7200},
        {"seconds": -60},
    ]


def test_a_clock_set_back_while_no_worker_ran_is_told_by_the_last_heartbeat(system: System) -> None:
    beat(system.settings)
    os.utime(system.settings.data_dir / "worker.beat", (time.time() + 3600, time.time() + 3600))
    Timekeeper(system).start()
    assert [-3602 < seconds <= -3590 for seconds in jumps(system)] == [True]


def test_what_was_begun_while_the_clock_was_years_ahead_is_not_waited_for(system: System) -> None:
    with clock.at(now() + YEARS):
        put(system.database, system.objects, "a.pdf", [State.WAITING, "Hai"])  # type: ignore[arg-type]
        with system.database.writing() as session:
            session.add(
                Mail(key="a", message_id="<a@b>", kind="task", recipient="a@b.vn", subject="", text="", state=MailState.WAITING)
            )
        with system.database.writing() as session:
            ledger = Ledger(session)
            ledger.claim(ledger.get(1, 1).id, "another host:1:1")
        while check_some(system.database, system.objects, every=timedelta(days=7), pause=lambda _size: None):
            pass
    Timekeeper(system).start()
    (held,) = [work for work in rows(system.database, Work) if work.state is State.RUNNING]
    assert held.lease_until
    assert held.lease_until <= now() + LEASE
    assert rows(system.database, Mail)[0].next_try_at <= now()
    check_some(system.database, system.objects, every=timedelta(days=7), pause=lambda _size: None)
    assert len(rows(system.database, CheckRound)) == 2  # the round of the future is none


def test_a_backup_of_the_future_keeps_none_from_being_made() -> None:
    moment = now()
    assert is_due(moment, moment.time(), moment + YEARS, moment + YEARS)
