"""What the worker does beside reading so that nothing is lost: the round of checks, as slowly as is set, the second store, and the
backup of each day.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from domain.ground.backups import is_due
from domain.ground.clock import now
from domain.ground.keeping import Order
from ocr_worker.system import System
from storage.archive.orders import KeepingOrder, KeepingOrders
from storage.archive.orphans import SAFE_AGE
from storage.ground.audit import AuditTrail
from storage.ground.backup.folder import BackupUnderWay
from storage.ground.backup.making import BackupNotMade, Source, make_backup
from storage.ground.backup.records import state_of_backups
from storage.ground.faults import Fault, fault_of
from storage.ground.fixity.catching_up import FirstUnavailable, compare_lists, mend_lost, pay
from storage.ground.fixity.rounds import check_some, latest_rounds
from storage.ground.objects import StoreUnavailable
from storage.ground.replica.debts import Owed, Standing, moment
from storage.ground.replica.objects import ReplicatedObjects
from storage.meetings.votes import secret_vote_is_open

REPLICA_AGAIN = timedelta(seconds=30)  # after a second store that refused, and between two tries to bring one object back
LOOK_EVERY = timedelta(minutes=1)  # whether it answers, while nothing is owed
COMPARE_EVERY = timedelta(days=1)  # the lists of the two stores

log = structlog.get_logger()


def check(system: System, stopped: threading.Event) -> None:
    """Check what is due, or was ordered, until it is done or the worker is to stop."""
    settings = system.settings
    ordered = _taken(system, Order.CHECK)
    if not settings.check_days and ordered is None:
        return
    pause = _pace(settings.check_mb_s, stopped)
    every = timedelta(0) if ordered else timedelta(days=settings.check_days)
    goes_on = True
    while goes_on and not stopped.is_set():
        goes_on = check_some(system.database, system.objects, every=every, pause=pause)
        if ordered and _is_checked(system, ordered):
            _end(system, ordered)
            return


def _is_checked(system: System, order: KeepingOrder) -> bool:
    """Whether a round that began after the order has ended."""
    with system.database.reading() as session:
        last = next(iter(latest_rounds(session, 1)), None)
    return last is not None and last.ended_at is not None and last.begun_at >= order.asked_at


def _taken(system: System, act: Order) -> KeepingOrder | None:
    """The order of that kind that stands, taken up."""
    with system.database.reading() as session:
        order = KeepingOrders(session).open(act)
        session.expunge_all()
    if order is not None and order.begun_at is None:
        with system.database.writing() as session:
            KeepingOrders(session).begin(order.id)
    return order


def _end(system: System, order: KeepingOrder, problem: str = "") -> None:
    with system.database.writing() as session:
        KeepingOrders(session).end(order.id, problem)


def _pace(mb_s: int, stopped: threading.Event) -> Callable[[int], None]:
    """Waits, when it is told how many bytes were read, so that they are no more in a second."""
    begun, read = time.monotonic(), 0

    def pause(size: int) -> None:
        nonlocal read
        read += size
        stopped.wait(max(0.0, begun + read / (mb_s << 20) - time.monotonic()))

    return pause


class Replica:
    """The second store as one worker keeps it: what is owed is paid, what is lost comes back, and once a day the lists are compared."""

    def __init__(self, system: System, stopped: threading.Event) -> None:
        self._system, self._stopped = system, stopped
        self._tried: dict[str, float] = {}

    def catch_up(self) -> None:
        """Do what is due; what keeps the second store from it is noted, and tried again after a while."""
        objects = self._system.objects
        if not isinstance(objects, ReplicatedObjects):
            return
        standing = objects.debts.standing()
        if standing.place != objects.debts.place:
            standing = Standing(place=objects.debts.place)
            objects.debts.note(standing)
        if standing.problem and not _is_over(standing.looked_at, REPLICA_AGAIN):
            return
        try:
            self._catch_up(objects)
        except FirstUnavailable as error:
            raise error.__cause__ or error from error
        except StoreUnavailable as error:
            self._refused(objects, fault_of(error) or Fault.UNKNOWN)

    def _catch_up(self, objects: ReplicatedObjects) -> None:
        database, debts = self._system.database, objects.debts
        self._recognise(objects)
        while not self._stopped.is_set() and pay(database, objects):
            pass
        mend_lost(database, objects, self._tried, REPLICA_AGAIN.total_seconds())
        standing = debts.standing()
        if standing.problem or _is_over(standing.looked_at, LOOK_EVERY):
            if standing.problem:
                log.info("second store answers again")
            debts.note(replace(standing, looked_at=now().isoformat(), problem="", problem_since=""))
        if standing.listing or _is_over(standing.listed_at, COMPARE_EVERY):
            objects.second().clear_unfinished(before=now() - SAFE_AGE)
            pause = _pace(self._system.settings.check_mb_s, self._stopped)
            compare_lists(database, objects, pause, self._stopped.is_set)

    def _recognise(self, objects: ReplicatedObjects) -> None:
        """Look which store it is that stands there: a new disk, or an emptied folder, is another one and has nothing yet."""
        debts, standing = objects.debts, objects.debts.standing()
        is_due = standing.problem or _is_over(standing.looked_at, LOOK_EVERY)
        if standing.store and not is_due and not any(debts.count(act, 1) for act in Owed):
            return
        found = objects.second().identity()
        if found == standing.store:
            return
        debts.belong_to(standing.store or found)
        if standing.store:
            log.error("another second store stands there, copying everything anew")
            with self._system.database.writing() as session:
                AuditTrail(session).record("second_store_replaced", actor="worker")
            standing = replace(standing, listed_at="", listing="", another_since=now().isoformat())
        debts.note(replace(standing, store=found))

    def _refused(self, objects: ReplicatedObjects, fault: Fault) -> None:
        standing = objects.debts.standing()
        moment = now().isoformat()
        if standing.problem != fault:
            log.error("second store refuses, trying again", fault=fault)
        since = standing.problem_since if standing.problem else moment
        objects.debts.note(replace(standing, looked_at=moment, problem=fault, problem_since=since))


def _is_over(since: str, span: timedelta) -> bool:
    """Whether so much time has gone since then; so it has since never, and since a moment that is still to come."""
    began = moment(since)
    return began is None or abs(now() - began) >= span


def back_up(system: System) -> None:
    """Make the backup of the day, if one is set and due, or the one that was ordered."""
    settings = system.settings
    if settings.backup_dir is None:
        return
    ordered = _taken(system, Order.BACK_UP)
    with system.database.reading() as session:
        state = state_of_backups(session)
    if ordered is None and not is_due(now(), settings.backup_at, state.last_success_at, state.last_try_at):
        return
    source = Source(system.database, system.objects, secret_vote_is_open)
    problem = ""
    try:
        made = make_backup(source, settings.backup_dir, actor="worker", keeping=settings.backup_keep)
    except BackupNotMade as error:
        problem = error.problem
        log.warning("backup not made, trying again", problem=error.problem, said=error.detail)
    except BackupUnderWay:
        log.info("backup under way elsewhere")
        return
    else:
        log.info("backup made", name=made.path.name, objects=made.manifest.objects, lost=len(made.manifest.lost))
    if ordered:
        _end(system, ordered, problem)
