"""What lies in the watched folder: lots, their slips, their files. Taking them in is the worker's (ocr_worker/watched.py).

WATCHED/lot-12/…                    scans, in any folders below
WATCHED/lot-12/XAC-NHAN.txt         the slip: on its first line, the name of the person who attests
WATCHED/da-nhap/lot-12/…            where files go once they are kept (moved, never deleted)
WATCHED/khong-nhan/lot-12/…         where files go that are refused, each with its reason beside it in a .txt
"""

from collections.abc import Iterator
from pathlib import Path

SLIP = "XAC-NHAN.txt"
TAKEN, REFUSED = "da-nhap", "khong-nhan"


def lots(root: Path) -> list[Path]:
    """The folders that are lots, by name; none if the watched folder is not there."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name not in (TAKEN, REFUSED))


def attested_by(lot: Path) -> str:
    """The name on the lot's slip, empty without one."""
    try:
        lines = (lot / SLIP).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return lines[0].strip()[:200] if lines else ""


def files(lot: Path) -> Iterator[Path]:
    """The files of a lot in order; no slip, no hidden file, nothing that a link leads to."""
    for path in sorted(lot.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name != SLIP and not path.name.startswith("."):
            yield path


def waiting_for_slip(root: Path) -> list[str]:
    """The names of the lots that hold files but no slip: nothing of them comes in until somebody attests."""
    return [lot.name for lot in lots(root) if not attested_by(lot) and any(files(lot))]
