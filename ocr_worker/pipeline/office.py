"""Office files become PDF by LibreOffice, in a process without a window and with a profile of its own; called inside the sandbox."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal

PROGRAMS = ("soffice", "libreoffice")
_ITSELF = "soffice.bin"
_START_AGAIN, _STARTS = (79, 81), 3  # exit statuses by which a new profile asks for it (desktop/source/app/exithelper.h)


def program() -> str | None:
    """The path of LibreOffice on this machine, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def folders() -> list[Path]:
    """What LibreOffice must be able to read to run, where it does not lie among the programs of the system."""
    found = program()
    if found is None:
        return []
    beside = Path(found).resolve().parent
    return [beside.parent if beside.name == "program" else beside]


def to_pdf(source: Path, ending: str) -> bytes:
    """The file as a PDF; raises FileRefused. `ending` (docx) tells LibreOffice what it is: stored files have no names.

    The program is called itself, not the script in front of it: a shell is a dozen processes more to keep within bounds.
    """
    found = program()
    if found is None:
        raise FileRefused(Refusal.CRASHED, "not installed")
    script = Path(found).resolve()
    soffice = itself if (itself := script.with_name(_ITSELF)).exists() else script
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        folder = Path(name)
        named = folder / f"paper.{ending}"
        shutil.copyfile(source, named)
        asked = [str(soffice), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nolockcheck"]
        asked += ["--convert-to", "pdf", "--outdir", str(folder / "made"), str(named)]
        for _ in range(_STARTS):
            status = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd=folder).returncode
            if status not in _START_AGAIN:
                break
        made = folder / "made" / "paper.pdf"
        if status or not made.exists():  # it says nothing of a file it cannot open but to leave none behind
            raise FileRefused(Refusal.TRUNCATED, f"status {status}")
        return made.read_bytes()
