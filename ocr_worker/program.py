"""The worker as a running program: readers that take messages, and beside them the loops that sweep the ledger, write the index,
bind searchable PDFs, send mail and watch the folder. Killing it at any moment loses nothing; the next start goes on.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import Celery

from domain.ground.clock import now
from ocr_worker import conversion, indexing, keeping, tasks, watched, witnessing
from ocr_worker.celery import TASK, BrokerUnavailable, check_broker, make_celery, run, send
from ocr_worker.pipeline.tesseract import probe
from ocr_worker.system import System, is_gone
from ocr_worker.timekeeping import Timekeeper
from search.index import Condition, IndexCorrupt, IndexLocked
from search.whoosh_writer import WhooshWriter
from storage.archive.alarms import backup_alarm_due, has_alarm_due, tell_backup, tell_due
from storage.archive.books import name_of
from storage.archive.heartbeat import beat
from storage.archive.orphans import SAFE_AGE
from storage.archive.work import Ledger
from storage.directives.deliveries import note_mailed
from storage.ground import traces
from storage.ground.faults import Fault, fault_of
from storage.ground.objects import StoreUnavailable
from storage.ground.smtp import send_due
from storage.indicators import mail as indicator_mail
from storage.meetings.mail import opinions as opinion_mail
from storage.meetings.mail import tasks as task_mail
from storage.meetings.mail.invitations import has_reminders_due, remind_due

SWEEP_EVERY_S = 0.3
INDEX_EVERY_S = 1.0  # pages that are read in one second share one commit
BIND_EVERY_S = 2.0
REMIND_EVERY_S = 10.0
MAIL_EVERY_S = 2.0
ERASE_EVERY_S = 2.0
SEAL_EVERY_S = 1.0
HEADS_EVERY_S = 60.0
TRAIL_EVERY_S = 60.0
CHECK_EVERY_S = 10.0
REPLICATE_EVERY_S = 1.0
BACK_UP_EVERY_S = 30.0
LOOK_AT_CLOCK_EVERY_S = 5.0
STATISTICS_EVERY_S = 3600.0
HOLD_EVERY_S = 15.0  # a quarter of the lease
RESEND_AFTER = timedelta(seconds=15)  # a message that nobody has taken by then may be lost
AHEAD = 2  # messages on their way for each reader, so that none waits for the sweep

log = structlog.get_logger()


class Worker:
    """One worker process."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.celery: Celery = make_celery(system.settings)
        self.celery.task(name=TASK)(self._work)
        self._index = indexing.index_of(system.database, system.settings.index_dir)
        self._stopped = threading.Event()
        self._timekeeper = Timekeeper(system)
        self._replica = keeping.Replica(system, self._stopped)

    def run(self) -> None:
        """Work until the process is told to stop (SIGTERM or SIGINT: what is being read is finished first).

        Raises BrokerUnavailable when the broker does not answer at the start (later on, it is waited for), and EngineMissing.
        """
        check_broker(self.celery)
        log.info("worker started", tesseract=probe())
        self.recover()
        self._timekeeper.start()
        beat(self.system.settings)
        loops = [
            (self.sweep, SWEEP_EVERY_S),
            (self.index, INDEX_EVERY_S),
            (self.bind, BIND_EVERY_S),
            (self.remind, REMIND_EVERY_S),
            (self.mail, MAIL_EVERY_S),
            (self.erase_traces, ERASE_EVERY_S),
            (self.seal, SEAL_EVERY_S),
            (self.send_heads, HEADS_EVERY_S),
            (self.check_trail, TRAIL_EVERY_S),
            (self.check, CHECK_EVERY_S),
            (self.replicate, REPLICATE_EVERY_S),
            (self.back_up, BACK_UP_EVERY_S),
            (self._timekeeper.look, LOOK_AT_CLOCK_EVERY_S),
            (self._hold, HOLD_EVERY_S),
            (self.system.database.take_statistics, STATISTICS_EVERY_S),
        ]
        threads = [threading.Thread(target=self._loop, args=loop, daemon=True) for loop in loops]
        if self.system.settings.watched_dir:
            threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in threads:
            thread.start()
        run(self.celery, readers=self.system.settings.readers)
        self._stopped.set()

    def recover(self) -> None:
        """Take back what workers of this machine held that run no more, and have all waiting work sent anew."""
        with self.system.database.writing() as session:
            ledger = Ledger(session)
            gone = [owner for owner in ledger.owners() if is_gone(owner)]
            released = ledger.release_lost(gone)
            ledger.forget_messages()
        if released:
            log.warning("work of dead workers taken back", pieces=released)
        try:
            cleared = self.system.objects.clear_unfinished(before=now() - SAFE_AGE)
        except StoreUnavailable:
            log.warning("unfinished uploads not cleared, the store is away")
        else:
            if cleared:
                log.info("unfinished uploads cleared", files=cleared)

    def sweep(self) -> None:
        """Give back what silent workers held, and send what the ledger says is due."""
        database, ahead = self.system.database, self.system.settings.readers * (1 + AHEAD)
        with database.reading() as session:
            ledger = Ledger(session)
            if not (ledger.has_due(resend_after=RESEND_AFTER) or ledger.has_lost()):
                return
        with database.writing() as session:
            ledger = Ledger(session)
            ledger.release_lost()
            room = ahead - ledger.in_flight(resend_after=RESEND_AFTER)
            ids = ledger.due(room, resend_after=RESEND_AFTER) if room > 0 else []
        for work_id in ids:
            send(self.celery, work_id)

    def index(self) -> None:
        """Carry into the index what it does not hold yet; make it anew where it is not fit, at the start and at any time after."""
        database, root = self.system.database, self.system.settings.index_dir
        while True:
            if (state := self._index.state()).condition is not Condition.SOUND:
                pages = indexing.rebuild(database, root)
                log.warning("index made anew", was=state.condition, held=state.pages, holds=pages)
                return  # the next round looks at it again
            with database.reading() as session:
                load, name = indexing.due(session), name_of(session)
            if not load.entries and not load.withdrawn:
                return
            try:
                with WhooshWriter(root, books=name) as writer:
                    indexing.carry(load, writer)
            except IndexCorrupt:
                log.exception("index cannot be read, making it anew")
                indexing.rebuild(database, root)
                continue
            with database.writing() as session:
                indexing.note(session, load)

    def bind(self) -> None:
        """Convert the office files that wait, and bind the searchable PDFs that are due."""
        while not self._stopped.is_set() and conversion.convert(self.system):
            pass
        while not self._stopped.is_set() and tasks.bind(self.system):
            pass

    def remind(self) -> None:
        """Write the reminders and alarms that are due."""
        database, settings = self.system.database, self.system.settings
        with database.reading() as session:
            are_due = (
                has_reminders_due(session)
                or opinion_mail.has_reminders_due(session)
                or task_mail.has_reminders_due(session)
                or indicator_mail.has_reminders_due(session)
                or has_alarm_due(session, settings)
                or backup_alarm_due(session, settings) is not None
            )
        if are_due:
            with database.writing() as session:
                remind_due(session, settings)
                opinion_mail.remind_due(session, settings)
                task_mail.remind_due(session, settings)
                indicator_mail.remind_due(session, settings)
                tell_due(session, settings)
                tell_backup(session, settings)

    def mail(self) -> None:
        """Send what waits in the outbox."""
        if sent := send_due(self.system.database, self.system.settings, note_mailed):
            log.info("mail sent", mails=sent)

    def check(self) -> None:
        """Read the files of the store again, as far as that is due."""
        keeping.check(self.system, self._stopped)

    def replicate(self) -> None:
        """Have the second store catch up, and mend the first from it."""
        self._replica.catch_up()

    def back_up(self) -> None:
        """Make the backup of the day, if that is set and due."""
        keeping.back_up(self.system)

    def erase_traces(self) -> None:
        """Have the database's log forget what it should have forgotten when a vote was closed or a paper destroyed."""
        traces.erase(self.system.database, tries=1)

    def seal(self) -> None:
        """Seal the acts that were committed since the last round."""
        witnessing.seal(self.system)

    def check_trail(self) -> None:
        """Follow the seals of the audit trail, where that is due."""
        witnessing.check(self.system, self._stopped)

    def send_heads(self) -> None:
        """Have the audit trail's head of each day leave the machine."""
        witnessing.send_out(self.system)

    def _work(self, work_id: int) -> None:
        try:
            tasks.do(self.system, work_id)
        finally:
            self.sweep()  # so that no reader waits for the next round

    def _hold(self) -> None:
        beat(self.system.settings)
        with self.system.database.writing() as session:
            Ledger(session).hold(self.system.owner)

    def _watch(self) -> None:
        watched.watch(self.system, self._stopped)

    def _loop(self, act: Callable[[], None], every_s: float) -> None:
        met: Fault | None = None
        while not self._stopped.wait(every_s):
            try:
                act()
            except IndexLocked:
                log.info("another worker writes the index")
            except BrokerUnavailable as error:
                log.warning("broker cannot be reached", error=str(error.__cause__))
            except Exception as error:
                met = _tell(error, met, act)
            else:
                met = None


def _tell(error: Exception, met: Fault | None, act: Callable[[], None]) -> Fault | None:
    """Log why a round failed, and return it: what is known is one line, and not one in every round."""
    fault = fault_of(error)
    if fault in (None, Fault.UNKNOWN):
        log.exception("round failed, trying again", act=act.__name__)
    elif fault is not met:
        log.error("surroundings refuse, trying again", act=act.__name__, fault=fault)
    return fault
