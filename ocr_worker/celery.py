"""The messages: the only module that knows Celery. A message holds the id of a row of the ledger and nothing else, so the loss of
any number of them loses no work; storage/archive/work.py is the truth.
"""

import logging
import warnings
from pathlib import Path
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from kombu.exceptions import OperationalError

from storage.ground.settings import Settings

TASK = "khonggiay.work"
_TRIES, _WAIT_S = 5, 1  # of reaching the broker at the start; it may have been started at the same moment


class BrokerUnavailable(Exception):
    """The broker cannot be reached; the ledger keeps all work meanwhile."""


def make_celery(settings: Settings) -> Celery:
    """The application on the broker of these settings; its one task is bound by `ocr_worker.program`."""
    app = Celery("khonggiay", set_as_current=False)
    app.conf.update(
        **_broker(settings),
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="khonggiay",
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        timezone="UTC",
    )
    return app


def run(app: Celery, *, readers: int) -> None:
    """Take messages with that many threads until the process is told to stop."""
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root and pickle; messages here are numbers in JSON
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # a folder has no host name, and needs none
    options = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    app.Worker(pool="threads", concurrency=readers, loglevel="warning", quiet=True, **options).start()


def _broker(settings: Settings) -> dict[str, Any]:
    if not settings.broker_url.startswith("filesystem:"):
        return {"broker_url": settings.broker_url}
    folder = Path(settings.broker_url.removeprefix("filesystem:"))
    queue, control = folder / "queue", folder / "control"
    for path in (queue, control):
        path.mkdir(parents=True, exist_ok=True)
    options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": 0.2,  # seconds; a folder cannot wake its reader
    }
    return {"broker_url": "filesystem://", "broker_transport_options": options}


def check_broker(app: Celery) -> None:
    """Return once the broker answers; raises BrokerUnavailable if it does not within some seconds."""
    try:
        with app.connection_for_write(connect_timeout=_WAIT_S) as connection:
            connection.ensure_connection(
                max_retries=_TRIES, interval_start=_WAIT_S, interval_step=0, timeout=_TRIES * 2 * _WAIT_S
            )
    except OperationalError as error:
        raise BrokerUnavailable from error


def send(app: Celery, work_id: int) -> None:
    """Send the message for one piece of work; raises BrokerUnavailable."""
    try:
        app.send_task(TASK, args=(work_id,), retry=False)
    except OperationalError as error:
        raise BrokerUnavailable from error
