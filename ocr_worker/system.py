"""What a worker stands on: its settings and stores, and the name under which it holds work."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from storage import tables  # noqa: F401 - all of them, so that nothing that is named is taken for unneeded
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings


@dataclass(frozen=True, slots=True)
class System:
    """The stores of one installation, as one worker process sees them."""

    settings: Settings
    database: Database
    objects: Objects
    owner: str = field(default_factory=lambda: name_of(os.getpid()))


def name_of(process: int) -> str:
    """The name of a process of this machine, never borne by another one: host, number, and the moment of its start."""
    return f"{socket.gethostname()}:{process}:{_started(process)}"


def is_gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that runs no more. Of other machines nothing is known."""
    host, _, rest = owner.partition(":")
    process, _, started = rest.partition(":")
    return host == socket.gethostname() and process.isdecimal() and _started(int(process)) != started


def _started(process: int) -> str:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return ""
    return stat.rpartition(")")[2].split()[19]  # field 22, counted from after the name: start time in ticks
