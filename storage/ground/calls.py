"""Which system calls a process may make from now on: an allow-list that the kernel holds (seccomp), for it and all it will start.

No call opens a network, a socket by its path, another process's memory, a name space or a mount; none sends a signal to others,
changes an owner or a mode, or cuts a file off by its name (Landlock of Linux 6.1 does not see that one). What is not named is
answered ENOSYS, as by an old kernel, so that libraries fall back. Each new process and thread is asked for: whoever holds
the descriptor that `allow_only` returns counts them and answers. The numbers are those of x86_64 (asm/unistd_64.h).
"""

import ctypes
import errno
import fcntl
import os
import platform
import struct
from collections.abc import Callable, Iterator

MACHINE = "x86_64"

_libc = ctypes.CDLL(None, use_errno=True)

# Plain calls, by what they do.
_ALLOWED = {
    "files": (
        0, 1, 2, 3, 4, 5, 6, 8, 17, 18, 19, 20, 21, 22, 32, 33, 40, 73, 74, 75, 77, 78, 79, 80, 81, 82, 83, 84, 85, 87, 88,
        89, 95, 137, 138, 187, 191, 192, 193, 194, 195, 196, 217, 221, 257, 258, 262, 263, 264, 266, 267, 269,
        275, 276, 277, 285, 292, 293, 295, 296, 316, 326,
        327, 328, 332, 436, 437, 439,
    ),
    "memory": (9, 10, 11, 12, 25, 26, 27, 28, 149, 150, 324, 329, 330, 331),
    "signals of its own": (13, 14, 15, 34, 36, 37, 38, 127, 128, 130, 131, 282, 289),
    "waiting": (7, 23, 24, 35, 202, 213, 219, 222, 223, 224, 225, 226, 230, 232, 233, 270, 271, 281, 283, 284, 286, 287, 290, 291,
        441, 449),
    "what it has already": (44, 45, 46, 47, 48, 51, 52, 54, 55),  # send and receive; its sockets are pairs, or bound to nothing
    "itself": (
        39, 59, 60, 61, 63, 96, 97, 98, 99, 100, 102, 104, 107, 108, 110, 111, 115, 118, 120, 121, 124, 125, 126, 140, 143, 145, 146, 147,
        157, 158, 160, 186, 201, 204, 218, 228, 229, 231, 247, 273, 274, 309, 318, 334,
    ),
}  # fmt: skip
_CLONE, _FORK, _VFORK = 56, 57, 58
_IOCTL, _FCNTL, _TGKILL, _PRLIMIT = 16, 72, 234, 302
_SOCKET, _SOCKETPAIR, _BIND, _LISTEN = 41, 53, 49, 50
_IOCTLS = (
    0x5401,
    0x540F,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # what a terminal is, how much is there, blocking, closing on exec
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032)  # all but who is to be sent a signal
_NEW_SPACES = 0x7E020000  # CLONE_NEW…
_UNIX_STREAM = (1, 1)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ASK, _PRETEND, _REFUSE, _KILL = 0x7FFF0000, 0x7FC00000, 0x00050000, 0x00050000 | errno.ENOSYS, 0x80000000
_NUMBER, _ARCH, _ARGS = 0, 4, 16  # where they stand in struct seccomp_data
_AUDIT_ARCH, _X32 = 0xC000003E, 0x40000000

_SECCOMP, _FILTER, _NEW_LISTENER, _UNINTERRUPTED = 317, 1, 1 << 3, 1 << 5
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101  # ioctls
_NOTICE_BYTES, _CONTINUE = 80, 1

Step = tuple[int, int, int, int]  # of a program of the Berkeley packet filter: code, jump if true, jump if not, operand


class CallsUnfiltered(Exception):
    """The kernel takes no filter; `reason` is an errno, or 0 for a machine whose numbers are not known here."""

    def __init__(self, reason: int) -> None:
        super().__init__(os.strerror(reason) if reason else platform.machine())
        self.reason = reason


def allow_only(*, ask_for_processes: bool = True) -> int:
    """Hold this thread, and all it starts, to the list; `no_new_privs` must be set. Raises CallsUnfiltered.

    Returns the descriptor on which new processes are asked for, -1 where they are not (then they are allowed).
    """
    if platform.machine() != MACHINE:
        raise CallsUnfiltered(0)
    steps = list(_program(os.getpid(), _ASK if ask_for_processes else _ALLOW))
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(packed))
    flags = _NEW_LISTENER | _UNINTERRUPTED if ask_for_processes else 0
    listener: int = _libc.syscall(_SECCOMP, _FILTER, flags, program)
    if listener < 0:
        raise CallsUnfiltered(ctypes.get_errno())
    return listener if ask_for_processes else -1


def answer_one(listener: int, is_allowed: Callable[[], bool]) -> None:
    """Answer one process that asks for another: yes, or EAGAIN. Nothing happens where it has died meanwhile.

    Once its question is received, no signal interrupts it any more; so that comes before anything is weighed.
    """
    notice = bytearray(_NOTICE_BYTES)
    try:
        fcntl.ioctl(listener, _RECEIVE, notice)
        (number,) = struct.unpack_from("Q", notice)
        error, flags = (0, _CONTINUE) if is_allowed() else (-errno.EAGAIN, 0)
        fcntl.ioctl(listener, _ANSWER, struct.pack("QqiI", number, 0, error, flags))
    except FileNotFoundError:
        return


def _program(own_pid: int, for_processes: int) -> Iterator[Step]:
    yield _LOAD, 0, 0, _ARCH
    yield _EQUAL, 1, 0, _AUDIT_ARCH
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _KILL
    for number in (number for numbers in _ALLOWED.values() for number in numbers):
        yield from _if_number(number, [(_RETURN, 0, 0, _ALLOW)])
    for number in (_FORK, _VFORK):
        yield from _if_number(number, [(_RETURN, 0, 0, for_processes)])
    spaces: list[Step] = [(_LOAD, 0, 0, _ARGS), (_ANY_BIT, 0, 1, _NEW_SPACES), (_RETURN, 0, 0, _REFUSE)]
    yield from _if_number(_CLONE, [*spaces, (_RETURN, 0, 0, for_processes)])
    yield from _if_number(_IOCTL, _one_of(1, _IOCTLS))
    yield from _if_number(_FCNTL, _one_of(1, _FCNTLS))
    yield from _if_number(_TGKILL, _one_of(0, (own_pid,)))
    yield from _if_number(_PRLIMIT, _one_of(0, (0,)))
    # LibreOffice does not go on without a socket by which a second one would find it: it has one that leads nowhere
    family, kind = _UNIX_STREAM
    masked: list[Step] = [(_LOAD, 0, 0, _ARGS + 8), (_AND, 0, 0, 0xF), (_EQUAL, 0, 1, kind), (_RETURN, 0, 0, _ALLOW)]
    for number in (_SOCKET, _SOCKETPAIR):
        steps: list[Step] = [(_LOAD, 0, 0, _ARGS), (_EQUAL, 0, len(masked), family), *masked]
        yield from _if_number(number, [*steps, (_RETURN, 0, 0, _REFUSE)])
    for number in (_BIND, _LISTEN):
        yield from _if_number(number, [(_RETURN, 0, 0, _PRETEND)])
    yield _RETURN, 0, 0, _REFUSE


def _if_number(number: int, then: list[Step]) -> Iterator[Step]:
    """What is done for one call; it must end in a return, since it may load something else over the number."""
    yield _EQUAL, 0, len(then), number
    yield from then


def _one_of(argument: int, values: tuple[int, ...]) -> list[Step]:
    """Allowed when the low half of an argument is one of these."""
    steps: list[Step] = [(_LOAD, 0, 0, _ARGS + 8 * argument)]
    for value in values:
        steps += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _REFUSE)]
