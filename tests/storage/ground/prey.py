"""Functions that misbehave, for the sandbox: each does what a file would that has taken over its parser."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.walls import Files, raise_walls


def add(a: int, b: int) -> int:
    print("noise")
    return a + b


def hang() -> None:
    time.sleep(60)


def spin() -> None:
    while True:
        pass


def spin_in_children() -> None:
    """Processor time of many, each with little of it."""
    while True:
        children = [subprocess.Popen(["/usr/bin/timeout", "0.4", "/usr/bin/yes"], stdout=subprocess.DEVNULL) for _ in range(2)]
        for child in children:
            child.wait()


def swell() -> int:
    return len(bytearray(4 << 30))


def swell_in_children() -> None:
    """More memory than a process may have, in processes that each have less."""
    for _ in range(4):
        if not os.fork():
            held = bytearray(b"x") * (400 << 20)
            time.sleep(60)
            os._exit(len(held) % 2)
    time.sleep(60)


def crash() -> None:
    os.abort()


def fail() -> None:
    raise KeyError("secret text")


def refuse() -> None:
    raise FileRefused(Refusal.ENCRYPTED, "x")


def breed(path: str) -> None:
    child = subprocess.Popen(["/bin/sleep", "60"])
    Path(path).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(60)


def leave_a_child(path: str) -> None:
    """End, but leave a process that has left our group and our parenthood."""
    if not os.fork():
        with contextlib.suppress(OSError):
            os.setsid()
        if os.fork():
            os._exit(0)
        Path(path).write_text(f"{os.getpid()}")
        time.sleep(60)
    while not Path(path).exists() or not Path(path).read_text():
        time.sleep(0.01)


def litter() -> str:
    return tempfile.mkdtemp()


def known() -> dict[str, str]:
    return dict(os.environ)


def remember(word: str) -> bool:
    """Whether an earlier call left this word in the memory of the process."""
    found = any(word in str(value) for value in globals().get("_REMEMBERED", []))
    globals().setdefault("_REMEMBERED", []).append(word)
    return found


def answer_badly() -> None:
    for descriptor in range(3, 1024):
        with contextlib.suppress(OSError):
            os.write(descriptor, b'["no object"]')
    os._exit(0)


def fork_without_end() -> int:
    """How many children live before one more is refused."""
    children = 0
    while children < 2000:
        try:
            child = os.fork()
        except OSError:
            return children
        if not child:
            time.sleep(60)
            os._exit(0)
        children += 1
    return children


def thread_without_end() -> int:
    threading.stack_size(64 << 10)
    for count in range(2000):
        try:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        except RuntimeError:
            return count
    return 2000


def run_tesseract() -> str:
    return subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout.split()[0]


_libc = ctypes.CDLL(None, use_errno=True)
TIOCSTI, SETOWN = 0x5412, 8


def _call(number: int, *arguments: Any) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def reach(other: str, database: str, unix_path: str, port: int, parent: int) -> dict[str, str]:
    """What is reached of each thing that is nobody's business here: an error's name, or "reached"."""
    outcome = {}
    for name, act in _acts(other, database, unix_path, port, parent).items():
        try:
            act()
            outcome[name] = "reached"
        except Exception as error:
            outcome[name] = type(error).__name__
    return outcome


def _acts(other: str, database: str, unix_path: str, port: int, parent: int) -> dict[str, Callable[[], object]]:
    beside = str(Path(other).with_name("written"))
    pair = socket.socketpair()[0]
    return {
        "read another file": lambda: Path(other).read_bytes(),
        "write another file": lambda: open(other, "ab"),
        "write beside it": lambda: Path(beside).write_text("x"),
        "make a folder": lambda: os.mkdir(beside),
        "remove it": lambda: os.unlink(other),
        "rename it": lambda: os.rename(other, other + "2"),
        "cut it off": lambda: os.truncate(other, 0),
        "open it to all": lambda: os.chmod(other, 0o640),
        "give it to another": lambda: os.chown(other, 65534, 65534),
        "mark it": lambda: os.setxattr(other, "user.x", b"x"),
        "date it": lambda: os.utime(other, (0, 0)),
        "list its folder": lambda: os.listdir(os.path.dirname(other)),
        "link to it and read": lambda: _through_a_link(other),
        "link it": lambda: os.link(other, tempfile.mktemp()),  # noqa: S306
        "read /etc/shadow": lambda: Path("/etc/shadow").read_bytes(),
        "read the project's settings": lambda: Path(__file__).parents[3].joinpath(".env.example").read_bytes(),
        "list the project": lambda: os.listdir(Path(__file__).parents[3]),
        "write code": lambda: Path(__file__).parents[3].joinpath("domain", "taken.py").write_text("x"),
        "open the database": lambda: sqlite3.connect(database).execute("CREATE TABLE taken (x)"),
        "environment of the parent": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "environment of the guard": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "memory of the parent": lambda: open(f"/proc/{parent}/mem", "rb"),
        "Unix socket": lambda: socket.socket(socket.AF_UNIX).connect(unix_path),
        "Unix datagram": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", unix_path),
        "datagram from a pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", unix_path),
        "message from a pair": lambda: pair.sendmsg([b"x"], [], 0, unix_path),
        "loopback": lambda: socket.create_connection(("127.0.0.1", port), 3).close(),
        "loopback by UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "loopback by IPv6": lambda: socket.socket(socket.AF_INET6),
        "listen": lambda: socket.create_server(("127.0.0.1", 0)),
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        "io_uring": lambda: _call(425, 4, ctypes.create_string_buffer(120)),
        "a call of 32 bits' numbers": lambda: _call(470),
        "signal to the parent": lambda: os.kill(parent, 0),
        "signal to the guard": lambda: os.kill(os.getppid(), 0),
        "signal to a thread of the parent": lambda: _call(234, parent, parent, 0),
        "signal by a descriptor": lambda: fcntl.fcntl(pair, SETOWN, parent),
        "limits of the parent": lambda: _call(302, parent, 7, None, ctypes.create_string_buffer(16)),
        "trace the parent": lambda: _call(101, 16, parent, 0, 0),
        "read the parent's memory": lambda: _call(310, parent, None, 0, None, 0, 0),
        "descriptor of the parent": lambda: _call(434, parent, 0),
        "leave the group": lambda: os.setsid(),
        "another group": lambda: os.setpgid(0, os.getppid()),
        "become another": lambda: os.setuid(1),
        "a new name space": lambda: _call(272, 0x10000000),
        "a name space by clone": lambda: _call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0),
        "mount": lambda: _call(165, b"none", b"/tmp", b"tmpfs", 0, None),
        "another root": lambda: os.chroot(tempfile.gettempdir()),
        "a kernel key": lambda: _call(250, 0, -3, 0),
        "shared memory of others": lambda: _call(29, 1, 4096, 0o1600),
        "type into a terminal": lambda: fcntl.ioctl(pair, TIOCSTI, b"x"),
        "run what it wrote": _run_written,
        "a device": lambda: os.mknod(os.path.join(tempfile.gettempdir(), "null"), 0o020666, os.makedev(1, 3)),
    }  # fmt: skip


def _through_a_link(other: str) -> None:
    link = os.path.join(tempfile.gettempdir(), "link")
    os.symlink(other, link)
    Path(link).read_bytes()


def _run_written() -> None:
    program = os.path.join(tempfile.gettempdir(), "program")
    descriptor = os.open(program, os.O_CREAT | os.O_WRONLY, 0o755)
    os.write(descriptor, b"#!/bin/sh\nexit 0\n")
    os.close(descriptor)
    subprocess.run([program], check=True)


def rights() -> list[int]:
    """The capabilities that are there, and whether none may be gained."""
    held = (ctypes.c_uint32 * 6)()
    _libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), held)
    return [sum(held), _libc.prctl(39, 0, 0, 0, 0)]


def raise_walls_again() -> dict[str, str]:
    """What a process finds that may raise none: for it the kernel is an old one."""
    return {wall.value: lack.value for wall, lack in raise_walls(Files())[1].items()}


def link_in_place(output: str, target: str) -> None:
    os.symlink(target, output)


def folder_in_place(output: str) -> None:
    os.mkdir(output)


def read(path: str) -> str:
    return Path(path).read_text()
