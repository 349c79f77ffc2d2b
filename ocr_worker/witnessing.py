"""The audit trail's witness at work: sealing what was committed, and sending each day's last head out, signed and time-stamped."""

import threading

import structlog

from domain.directives.signatures import SigningUnavailable
from domain.ground.errors import FileRefused
from ocr_worker.system import System
from storage.directives.signatures import sign_statement, time_stamp
from storage.ground.fixity.trail import check_some
from storage.ground.witness import Witness, line_of, mail_day, write_whole

PAUSE_S = 0.5  # between some thousand entries: others want the processor too
LOOKS_BACK_DAYS = 14  # a key, or a server, that was away for longer leaves those days unsigned

log = structlog.get_logger()


def seal(system: System) -> None:
    """Seal what was committed, and have its head witnessed."""
    Witness.of(system.settings, system.database).seal()


def check(system: System, stopped: threading.Event) -> None:
    """Follow the trail from where the last check stands, until its end or the worker is to stop."""
    witness = Witness.of(system.settings, system.database)
    while not stopped.is_set() and check_some(witness):
        stopped.wait(PAUSE_S)


def send_out(system: System) -> None:
    """Sign and time-stamp the last heads of the last days, as far as the settings say how, and write the mail that carries them away."""
    settings, witness = system.settings, Witness.of(system.settings, system.database)
    for day, path in witness.days()[:LOOKS_BACK_DAYS]:
        statement = path.read_bytes()
        signature, stamp = path.with_suffix(".p7s"), path.with_suffix(".tsr")
        try:
            if settings.signing_key and not signature.exists():
                signed = sign_statement(statement, key=settings.signing_key, password=settings.signing_password)
                write_whole(signature, signed)
            if settings.tsa_url and not stamp.exists():
                write_whole(stamp, time_stamp(statement, settings.tsa_url))
        except (SigningUnavailable, FileRefused, OSError) as error:
            log.warning("head of a day not signed or stamped yet", day=str(day), error=type(error).__name__)
        if settings.audit_mail and (head := witness.head_of(path)):
            with system.database.writing() as session:
                mail_day(session, settings.audit_mail, day, line_of(head))
