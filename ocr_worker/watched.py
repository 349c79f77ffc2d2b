"""Taking in what lies in the watched folder: each lot is a batch, once the slip of whoever checked it for secrecy marks lies there.

What a lot looks like is said by storage/archive/watched_folder.py.
"""

import stat
import threading
from pathlib import Path

import structlog
from watchfiles import watch as changes

from domain.archive.intake import Outcome, group_pages
from domain.ground.clock import now
from domain.ground.files import Refusal
from ocr_worker.refusals import SENTENCES
from ocr_worker.system import System
from storage.archive.intake import Batches, Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.watched_folder import REFUSED, TAKEN, attested_by, files, lots
from storage.ground.objects import StoreUnavailable

STEADY_S = 2.0  # a file still growing is left alone
LOOK_EVERY_S = 10.0  # shared folders do not always tell of their changes

log = structlog.get_logger()


def watch(system: System, stopped: threading.Event) -> None:
    """Take in what lies in the watched folder now and whatever comes, until `stopped`."""
    root = system.settings.watched_dir
    if root is None:
        return
    root.mkdir(parents=True, exist_ok=True)
    take_in(system, root)
    for _ in changes(
        root, stop_event=stopped, rust_timeout=int(LOOK_EVERY_S * 1000), yield_on_timeout=True, step=int(STEADY_S * 1000),
        raise_interrupt=False,
    ):  # fmt: skip
        take_in(system, root)


def take_in(system: System, root: Path) -> None:
    """Take in every batch whose slip lies there. May be repeated: what was kept before is linked, not kept again."""
    for lot in lots(root):
        try:
            _take_lot(system, root, lot)
        except (OSError, StoreUnavailable) as error:
            log.warning("watched folder postponed", lot=lot.name, error=type(error).__name__)


def _take_lot(system: System, root: Path, lot: Path) -> None:
    name, found = attested_by(lot), {path.relative_to(lot).as_posix(): path for path in files(lot)}
    if not name or not found or not all(_is_steady(path) for path in found.values()):
        return
    batch_id = _batch(system, lot.name, name)
    for group in group_pages(list(found)):
        receipts = [_receive(system, batch_id, lot, group, part) for part in range(1, len(group) + 1)]
        for receipt, name in zip(receipts, group, strict=True):  # only now: a group that was cut short comes again whole
            _move(system, root, lot, name, receipt)
    log.info("watched folder taken in", lot=lot.name, files=len(found))


def _batch(system: System, lot: str, name: str) -> int:
    """The batch of that folder, whether it was begun before or not: what was cut short goes on where it was."""
    with system.database.writing() as session:
        begun = Batches(session).find(source="folder", name=lot, attested_by=name)
        return (begun or open_batch(session, source="folder", name=lot, person=None, attested_by=name)).id


def _receive(system: System, batch_id: int, lot: Path, group: list[str], part: int) -> int:
    name = group[part - 1]
    with (lot / name).open("rb") as stream:
        arrival = Arrival(f"{lot.name}/{name}", stream, group[0] if len(group) > 1 else "", part, len(group))
        return receive(system.database, system.objects, batch_id, arrival, limit=system.settings.max_upload_mb * 1024 * 1024)


def _move(system: System, root: Path, lot: Path, name: str, receipt_id: int) -> None:
    with system.database.reading() as session:
        receipt = session.get_one(Receipt, receipt_id)
        is_refused, reason = receipt.outcome is Outcome.REFUSED, receipt.reason
    path, target = lot / name, root / (REFUSED if is_refused else TAKEN) / lot.name / name
    _make_folder(root, target.parent)
    path.rename(target)
    if is_refused:
        why = target.with_name(target.name + ".txt")
        why.write_text(f"{SENTENCES[Refusal(reason)]}\n", encoding="utf-8")
        why.chmod(_mode(root) & 0o666)


def _make_folder(root: Path, folder: Path) -> None:
    """A folder for the people of the watched one, who may do in it what they may there; what else we make is for ourselves alone."""
    if not folder.is_dir():
        _make_folder(root, folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(_mode(root))


def _mode(root: Path) -> int:
    return stat.S_IMODE(root.stat().st_mode)


def _is_steady(path: Path) -> bool:
    return now().timestamp() - path.stat().st_mtime > STEADY_S
