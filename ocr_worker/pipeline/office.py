"""Office files become PDF by LibreOffice, in a process without a window and with a profile of its own; called inside the sandbox."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal

PROGRAMS = ("soffice", "libreoffice")


def program() -> str | None:
    """The path of LibreOffice on this machine, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def to_pdf(source: Path, ending: str) -> bytes:
    """The file as a PDF; raises FileRefused. `ending` (docx) tells LibreOffice what it is: stored files have no names."""
    soffice = program()
    if soffice is None:
        raise FileRefused(Refusal.CRASHED, "not installed")
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        folder = Path(name)
        named = folder / f"paper.{ending}"
        shutil.copyfile(source, named)
        asked = [soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nolockcheck"]
        ended = subprocess.run(
            [*asked, "--convert-to", "pdf", "--outdir", str(folder / "made"), str(named)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=folder,
        )
        made = folder / "made" / "paper.pdf"
        if ended.returncode or not made.exists():  # it says nothing of a file it cannot open but to leave none behind
            raise FileRefused(Refusal.TRUNCATED, f"status {ended.returncode}")
        return made.read_bytes()
