"""What stands between files from outside and this machine, told at the start of the programs and by `status`."""

import structlog

from storage.ground.sandbox import standing, standing_noted
from storage.ground.settings import Settings
from storage.ground.walls import Lack, Wall

log = structlog.get_logger()


class WallsMissing(Exception):
    """This installation is told to read no file from outside without every wall, and some are missing."""

    def __init__(self, missing: dict[Wall, Lack]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


def missing() -> dict[Wall, Lack]:
    """The walls that cannot be raised on this machine, with the reasons."""
    return {wall: lack for wall, lack in standing().items() if lack}


def missing_as_noted(read: Settings) -> dict[Wall, Lack]:
    """The same, without raising them if a program of the installation has done so."""
    return {wall: lack for wall, lack in standing_noted(read.data_dir).items() if lack}


def look_at_the_walls(read: Settings, found: dict[Wall, Lack]) -> None:
    """Write down what is missing; raises WallsMissing where nothing may be."""
    for wall, lack in found.items():
        log.warning("sandbox wall missing", wall=wall, reason=lack)
    if found and read.sandbox == "complete":
        raise WallsMissing(found)


def in_words(found: dict[Wall, Lack]) -> list[str]:
    """A line for each."""
    from webapp.ground.problems import LACKS, WALLS  # the words of pages take a while to import, and are seldom needed

    return [f"Thiếu một lớp ngăn khi đọc tệp từ ngoài: {WALLS[wall]}, vì {LACKS[lack]}." for wall, lack in found.items()]
