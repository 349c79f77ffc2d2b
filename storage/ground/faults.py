"""What is wrong around the programs when a database or a disk refuses, told apart by the numbers that these give."""

import errno
import sqlite3
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.ground.objects import StoreUnavailable


class Fault(StrEnum):
    """What keeps a database or a disk from doing what it was asked."""

    FULL = "full"  # no room is left
    READ_ONLY = "read_only"
    IO = "io"  # the disk fails
    BUSY = "busy"  # somebody else writes for too long, or too many are connected
    CANNOT_OPEN = "cannot_open"  # the file or its folder is not there, or not ours to open
    CORRUPT = "corrupt"  # a file that is damaged, or no database
    AWAY = "away"  # a server that does not answer, refuses us, or is being stopped
    UNKNOWN = "unknown"


_SQLITE: Mapping[int, Fault] = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_IOERR: Fault.IO,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.CANNOT_OPEN,
    sqlite3.SQLITE_CORRUPT: Fault.CORRUPT,
    sqlite3.SQLITE_NOTADB: Fault.CORRUPT,
}

# https://www.postgresql.org/docs/15/errcodes-appendix.html: whole codes, or their classes of two letters
_POSTGRESQL: Mapping[str, Fault] = {
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "58030": Fault.IO,
    "40001": Fault.BUSY,
    "40P01": Fault.BUSY,
    "53300": Fault.BUSY,  # too many connections
    "55P03": Fault.BUSY,
    "57014": Fault.BUSY,  # cancelled after a time limit
    "XX001": Fault.CORRUPT,
    "XX002": Fault.CORRUPT,
    "3D000": Fault.CANNOT_OPEN,  # no database of that name
    "57P01": Fault.AWAY,
    "57P02": Fault.AWAY,
    "57P03": Fault.AWAY,
    "08": Fault.AWAY,
    "28": Fault.AWAY,  # it refuses our name or password
}

_DISK: Mapping[int, Fault] = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EROFS: Fault.READ_ONLY,
    errno.EIO: Fault.IO,
    errno.EACCES: Fault.CANNOT_OPEN,
    errno.EPERM: Fault.CANNOT_OPEN,
}

_OURS = DataError, IntegrityError, ProgrammingError, NotSupportedError  # what our own programs ask wrongly


def fault_of(error: BaseException) -> Fault | None:
    """What the surroundings have done; None for an error that is no doing of theirs, UNKNOWN for one that nobody has told apart."""
    if isinstance(error, PoolTimeout):
        return Fault.BUSY
    if isinstance(error, StoreUnavailable):
        return (fault_of(error.__cause__) if error.__cause__ else None) or Fault.UNKNOWN
    if isinstance(error, OSError):
        return _DISK.get(error.errno or 0)
    if not isinstance(error, DBAPIError) or isinstance(error, _OURS):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, Fault.UNKNOWN)  # the rest of it is the detail
    return _of_server(error)


def _of_server(error: DBAPIError) -> Fault:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # said by the driver itself, which has lost its server or never found one
        return Fault.AWAY if isinstance(error, OperationalError) else Fault.UNKNOWN
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2], Fault.UNKNOWN)


def sqlite_is_busy() -> sqlite3.OperationalError:
    """What SQLite says to a writer that has waited too long."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error
