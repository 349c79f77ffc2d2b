"""The watched folder: each folder in it is a batch, taken in once the slip of whoever checked it for secrecy marks lies there.

WATCHED/lot-12/…                    scans, in any folders below
WATCHED/lot-12/XAC-NHAN.txt         the slip: on its first line, the name of the person who attests
WATCHED/da-nhap/lot-12/…            where files go once they are kept (moved, never deleted)
WATCHED/khong-nhan/lot-12/…         where files go that are refused, each with its reason beside it in a .txt
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import structlog
from watchfiles import watch as changes

from domain.clock import now
from domain.intake import Outcome, group_pages
from ocr_worker.system import System
from storage.intake import Batches, Receipt, open_batch
from storage.objects import StoreUnavailable
from storage.reception import Arrival, receive

SLIP = "XAC-NHAN.txt"
TAKEN, REFUSED = "da-nhap", "khong-nhan"
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
    for lot in sorted(path for path in root.iterdir() if path.is_dir() and path.name not in (TAKEN, REFUSED)):
        try:
            _take_lot(system, root, lot)
        except (OSError, StoreUnavailable) as error:
            log.warning("watched folder postponed", lot=lot.name, error=type(error).__name__)


def waiting_for_slip(root: Path) -> list[str]:
    """The names of the batches that hold files but no slip."""
    lots = (path for path in sorted(root.iterdir()) if path.is_dir() and path.name not in (TAKEN, REFUSED))
    return [lot.name for lot in lots if not _attested_by(lot) and any(_files(lot))]


def _take_lot(system: System, root: Path, lot: Path) -> None:
    attested_by = _attested_by(lot)
    files = {path.relative_to(lot).as_posix(): path for path in _files(lot)}
    if not attested_by or not files or not all(_is_steady(path) for path in files.values()):
        return
    batch_id = _batch(system, lot.name, attested_by)
    for group in group_pages(list(files)):
        receipts = [_receive(system, batch_id, lot, group, part) for part in range(1, len(group) + 1)]
        for receipt, name in zip(receipts, group, strict=True):  # only now: a group that was cut short comes again whole
            _move(system, root, lot, name, receipt)
    log.info("watched folder taken in", lot=lot.name, files=len(files))


def _batch(system: System, lot: str, attested_by: str) -> int:
    """The batch of that folder, whether it was begun before or not: what was cut short goes on where it was."""
    with system.database.writing() as session:
        begun = Batches(session).find(source="folder", name=lot, attested_by=attested_by)
        return (begun or open_batch(session, source="folder", name=lot, person=None, attested_by=attested_by)).id


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
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    if is_refused:
        target.with_name(target.name + ".txt").write_text(f"{reason}\n", encoding="utf-8")


def _attested_by(lot: Path) -> str:
    try:
        lines = (lot / SLIP).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return lines[0].strip()[:200] if lines else ""


def _files(lot: Path) -> Iterator[Path]:
    for path in sorted(lot.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name != SLIP and not path.name.startswith("."):
            yield path


def _is_steady(path: Path) -> bool:
    return now().timestamp() - path.stat().st_mtime > STEADY_S
