"""The files of an installation are for its own account alone: programs make them so, and what others may read or write is found."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from storage.ground.settings import Settings

OTHERS = 0o077  # what nobody but the owner may do


class FilesOpen(Exception):
    """Others on the machine may read or write these, and it cannot be mended from here."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(*map(str, paths))
        self.paths = paths


def make_private() -> None:
    """Have this process, and what it starts, make files and folders for its own account alone, whoever started it."""
    os.umask(OTHERS)


def open_to_others(settings: Settings) -> list[Path]:
    """The folders and files of the installation that others may read or write; what lies in a closed folder is closed."""
    is_closed = not _mode(settings.data_dir) & OTHERS
    return [
        path for path in _places(settings) if _mode(path) & OTHERS and not (is_closed and settings.data_dir in path.parents)
    ]


def close_to_others(settings: Settings) -> list[Path]:
    """Take from others what they may do with the files of the installation; returns those that stay open, being somebody else's."""
    for path in open_to_others(settings):
        with suppress(OSError):
            path.chmod(_mode(path) & ~OTHERS)
    return open_to_others(settings)


def _places(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        for ending in ("", "-wal", "-shm"):
            yield Path(url.database + ending)
    stores = (settings.objects_url, settings.second_objects_url)
    for place in (*(url.removeprefix("file:") for url in stores), settings.broker_url.removeprefix("filesystem:")):
        if place and "://" not in place:
            yield Path(place)
    yield settings.index_dir


def _mode(path: Path) -> int:
    """The permissions of a file or folder; none where there is no such thing yet."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
