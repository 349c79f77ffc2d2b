"""Walls around a process that parses files from outside: what it may open (Landlock), call (seccomp), become, and how far it may grow.

None needs a privilege, so they hold as root, as an ordinary user and in a container. Landlock: docs.kernel.org/userspace-api/landlock.
A wall that this kernel does not have is named with its reason; one that it has and that does not stand is an error, and nothing is parsed.
"""

import ctypes
import errno
import os
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from storage.ground.calls import CallsUnfiltered, allow_only

FILE_BYTES = 2 * 1024**3
_OPEN_FILES = 1024
_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("domain", "storage", "ocr_worker")  # ours that parse
_PROGRAMS = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local/bin", "/usr/local/lib", "/lib", "/lib64", "/bin")
_SHARED = (
    "/usr/share", "/usr/local/share", "/var/cache/fontconfig", "/etc/fonts", "/etc/libreoffice", "/var/lib/libreoffice",
    "/var/spool/libreoffice", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/ld.so.conf.d", "/etc/localtime", "/etc/passwd", "/etc/nsswitch.conf", "/etc/ssl/openssl.cnf", "/etc/mime.types",
    "/etc/papersize", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, on every machine
_VERSION, _BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_SOCKET_AND_DEVICES = 1 << 6 | 1 << 9 | 1 << 11  # MAKE_CHAR, MAKE_SOCK, MAKE_BLOCK
_OF_FILES = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # of files, since which version
_TCP, _TCP_SINCE = 0b11, 4  # bind and connect
_SCOPES, _SCOPES_SINCE = 0b11, 6  # abstract sockets, signals

_NO_NEW_PRIVS, _CAP_DROP_BOUNDING, _DIE_WITH_PARENT, _SUBREAPER, _CAP_AMBIENT, _CLEAR_ALL = 38, 24, 1, 36, 47, 4
_CAP_HEADER = (ctypes.c_uint32 * 2)(0x20080522, 0)
_LAST_CAP = 63


class Wall(StrEnum):
    """What may be missing; memory and time are bounded everywhere."""

    FILES = "files"
    CALLS = "calls"
    PROCESSES = "processes"


class Lack(StrEnum):
    """Why a wall is missing."""

    KERNEL = "kernel"  # too old for it
    DISABLED = "disabled"  # not switched on when the machine started
    FORBIDDEN = "forbidden"  # the container's own rules do not let it be raised
    MACHINE = "machine"  # no such processor is known here


@dataclass(frozen=True, slots=True)
class Files:
    """What a call may open beside the libraries: files or folders to read, folders to write, and folders of programs to run."""

    reads: Sequence[str | Path] = ()
    writes: Sequence[str | Path] = ()
    runs: Sequence[str | Path] = ()


_LACKS = {errno.ENOSYS: Lack.KERNEL, errno.EINVAL: Lack.KERNEL, errno.EOPNOTSUPP: Lack.DISABLED, 0: Lack.MACHINE}


def raise_walls(files: Files) -> tuple[int, dict[Wall, Lack]]:
    """Raise every wall around this process, which has one thread; there is no way back.

    Returns the descriptor on which new processes are asked for (`calls.allow_only`; -1 for none), and what is missing.
    """
    missing: dict[Wall, Lack] = {}
    drop_privileges()
    try:
        _restrict_files(files)
    except _Missing as error:
        missing[Wall.FILES] = error.lack
    try:
        return allow_only(), missing
    except CallsUnfiltered as error:
        missing[Wall.PROCESSES] = _LACKS.get(error.reason, Lack.FORBIDDEN)
    try:
        allow_only(ask_for_processes=False)
    except CallsUnfiltered as error:
        missing[Wall.CALLS] = _LACKS.get(error.reason, Lack.FORBIDDEN)
    return -1, missing


def nothing() -> None:
    """Called to see which walls stand."""


def drop_privileges() -> None:
    """Let no program give more rights than there are (set-user-ID), and give up those of root."""
    _prctl(_NO_NEW_PRIVS, 1)
    for capability in range(_LAST_CAP + 1):
        _libc.prctl(_CAP_DROP_BOUNDING, capability, 0, 0, 0)  # refused to who has none to drop
    _libc.prctl(_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _libc.capset(_CAP_HEADER, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def limit_growth(memory_bytes: int, cpu_s: float) -> None:
    """Bound what each process takes by itself; what all take together is looked at by the guard."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + cpu_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends."""
    _prctl(_DIE_WITH_PARENT, 9)


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind, in place of init."""
    _prctl(_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


class _Missing(Exception):
    def __init__(self, lack: Lack) -> None:
        self.lack = lack


def _restrict_files(files: Files) -> None:
    """Landlock: whatever is not named below cannot be opened, made, moved or removed any more."""
    version = _libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        raise _Missing(_LACKS.get(ctypes.get_errno(), Lack.FORBIDDEN))
    handled = max(rights for since, rights in _RIGHTS.items() if since <= version)
    words = [handled, _TCP if version >= _TCP_SINCE else 0, _SCOPES if version >= _SCOPES_SINCE else 0]
    while not words[-1]:
        words.pop()  # an older kernel knows a shorter one
    attributes = (ctypes.c_uint64 * len(words))(*words)
    rules = _called(_CREATE, attributes, ctypes.c_size_t(ctypes.sizeof(attributes)), 0)
    try:
        for path, rights in _openable(files):
            _allow(rules, path, rights & handled)
        _called(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _openable(files: Files) -> Iterator[tuple[str, int]]:
    to_read, to_run = _READ | _READ_FOLDER, _READ | _READ_FOLDER | _EXECUTE
    runs = [*_PROGRAMS, os.path.dirname(os.path.realpath(sys.executable)), *files.runs]
    reads = [*_SHARED, *_libraries(), *files.reads, *filter(None, [os.environ.get("TESSDATA_PREFIX")])]
    yield "/dev/null", to_read | _WRITE
    yield from ((str(path), to_run) for path in runs)
    yield from ((str(path), to_read) for path in reads)
    yield from ((str(path), ~(_SOCKET_AND_DEVICES | _EXECUTE)) for path in files.writes)


def _libraries() -> Iterable[Path | str]:
    """Where Python finds modules: its own, the installed ones, and our packages, but not the folder they lie in, which may hold data."""
    return [*(path for path in sys.path if path and Path(path).resolve() != _ROOT), *(_ROOT / name for name in _PACKAGES)]


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return  # not on this machine
    try:
        if not os.path.isdir(path):
            rights &= _OF_FILES
        beneath = ctypes.create_string_buffer(rights.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder), 12)
        _called(_ADD, rules, _BENEATH, beneath, 0)
    finally:
        os.close(place)


def _called(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")
    return result
