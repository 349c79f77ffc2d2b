"""The guard of a sandbox: it parses nothing, forks a process for each call, watches over it, and ends it with all its kin.

Every call has a process of its own, so that one file cannot see another, nor what was read of it. The guard imports what is
called, which takes half a second once; it never holds what is asked or answered, for its forks inherit its memory. Processor time and
memory are of all processes of a call together, measured a few times a second; the wall clock stops only what sleeps.
"""

import importlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.calls import answer_one
from storage.ground.walls import Files, adopt_orphans, die_with_parent, limit_growth, raise_walls

MESSAGE_BYTES = 1 << 16
_TASKS = 128  # processes and threads alive at a time: LibreOffice has about thirty
_LOOK_S = 0.2
_TICKS_A_SECOND, _PAGE_BYTES = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a call may go: seconds of processors, bytes of memory, and seconds of the wall clock for one that sleeps."""

    cpu_s: float
    memory_bytes: int
    wall_s: float


@dataclass(slots=True)
class _Usage:
    cpu_s: float = 0.0
    memory_bytes: int = 0
    tasks: int = 0


class _ParentGone(Exception):
    pass


def main() -> None:
    """Serve calls until the parent closes the channel, which stands where the input was."""
    adopt_orphans()
    channel = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    with suppress(_ParentGone, ConnectionError):
        while True:
            header, given, _flags, _address = socket.recv_fds(channel, MESSAGE_BYTES, 2)
            if not header:
                break
            asked = json.loads(header)
            verdict = _serve(channel, asked["module"], Bounds(**asked["bounds"]), given)
            channel.send(json.dumps(verdict).encode())
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)


def _serve(channel: socket.socket, module: str, bounds: Bounds, given: list[int]) -> dict[str, Any]:
    try:
        importlib.import_module(module)
    except Exception as error:
        return {"failed": type(error).__name__}
    folder = tempfile.mkdtemp()
    ours, theirs = socket.socketpair()
    worker = os.fork()
    if not worker:
        _work(bounds, folder, given, theirs)
    theirs.close()
    for one in given:
        os.close(one)
    try:
        with ours:
            missing, listeners, _flags, _address = socket.recv_fds(ours, MESSAGE_BYTES, 1)
        watch = _Watch(channel, worker, bounds, listeners[0] if listeners else -1)
        refused = watch.until_it_ends()
    finally:
        status = _end(worker)
        shutil.rmtree(folder, ignore_errors=True)
    if not missing:  # it ended before the walls stood; nothing was parsed
        return {"failed": "walls"}
    refused = refused or _reason(status)
    return {"refused": refused} if refused else {"missing": json.loads(missing)}


class _Watch:
    """Looks at a call until it has ended or gone too far."""

    def __init__(self, channel: socket.socket, worker: int, bounds: Bounds, listener: int) -> None:
        self._channel, self._worker, self._bounds, self._listener = channel.fileno(), worker, bounds, listener

    def until_it_ends(self) -> Refusal | None:
        """Why it had to be stopped; None when it ended by itself. Raises _ParentGone."""
        ended, stop = os.pidfd_open(self._worker), time.monotonic() + self._bounds.wall_s
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self._channel, 0)  # tells of its end only
        if self._listener >= 0:
            poll.register(self._listener, select.POLLIN)
        try:
            return self._watched(poll, ended, stop)
        finally:
            os.close(ended)
            if self._listener >= 0:
                os.close(self._listener)

    def _watched(self, poll: select.poll, ended: int, stop: float) -> Refusal | None:
        look = 0.0
        while True:
            events = dict(poll.poll(_LOOK_S * 1000))
            if self._channel in events:
                raise _ParentGone
            if ended in events:
                return None
            if events.get(self._listener, 0) & select.POLLIN:
                answer_one(self._listener, lambda: _used().tasks < _TASKS)
            if time.monotonic() < look:
                continue
            look = time.monotonic() + _LOOK_S
            if refused := self._too_much(stop):
                return refused

    def _too_much(self, stop: float) -> Refusal | None:
        used = _used()
        if used.memory_bytes > self._bounds.memory_bytes:
            return Refusal.OUT_OF_MEMORY
        return Refusal.TIMED_OUT if used.cpu_s > self._bounds.cpu_s or time.monotonic() > stop else None


def _used() -> _Usage:
    """What all descendants of this process use together, with those that have ended and not been waited for."""
    total = _Usage()
    for pid in _descendants(os.getpid()):
        with suppress(OSError, ValueError):
            facts = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            total.cpu_s += sum(map(int, facts[11:15])) / _TICKS_A_SECOND  # its own and that of children it waited for
            total.tasks += int(facts[17])
            total.memory_bytes += int(facts[21]) * _PAGE_BYTES
    return total


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        return [int(child) for one in threads for child in Path(f"/proc/{pid}/task/{one}/children").read_text().split()]
    except OSError:
        return []  # it has ended meanwhile


def _end(worker: int) -> int:
    """Kill what is left of a call, and whatever became our child by it; the status of its first process."""
    status = 0
    while True:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        for child in _children(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            ended, how = os.waitpid(-1, 0)
        except ChildProcessError:
            return status
        if ended == worker:
            status = how


def _reason(status: int) -> Refusal | None:
    if os.WIFSIGNALED(status):
        signals = {signal.SIGXCPU: Refusal.TIMED_OUT, signal.SIGKILL: Refusal.OUT_OF_MEMORY}
        return signals.get(signal.Signals(os.WTERMSIG(status)), Refusal.CRASHED)
    return Refusal.CRASHED if status else None


# In the process of a call


def _work(bounds: Bounds, folder: str, given: list[int], report: socket.socket) -> None:
    """Read what is asked, go behind the walls, do it, write the answer, and end."""
    try:
        os.setpgid(0, 0)
        die_with_parent()
        asked, answer = given
        _close_all_but(asked, answer, report.fileno())
        os.dup2(0, 2)  # what parsers print is of their files, and belongs into no log
        with open(asked, encoding="utf-8") as stream:
            request = json.load(stream)
        tempfile.tempdir = os.environ["TMPDIR"] = os.environ["HOME"] = folder
        limit_growth(bounds.memory_bytes, bounds.cpu_s)
        listener, missing = raise_walls(Files(request["reads"], [folder, *request["writes"]], request["runs"]))
        with report:
            socket.send_fds(report, [json.dumps(missing).encode()], [] if listener < 0 else [listener])
        if listener >= 0:
            os.close(listener)
        line = json.dumps(_served(request)).encode()
        while line:
            line = line[os.write(answer, line) :]
        os._exit(0)
    finally:
        os._exit(1)


def _close_all_but(*kept: int) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            with suppress(OSError):
                os.close(int(name))


def _served(request: dict[str, Any]) -> dict[str, Any]:
    module, _, name = request["function"].partition(":")
    try:
        return {"value": getattr(importlib.import_module(module), name)(*request["args"])}
    except FileRefused as refused:
        return {"refused": refused.reason, "detail": refused.detail}
    except MemoryError:
        return {"refused": Refusal.OUT_OF_MEMORY}
    except Exception as error:
        if "memory" in str(error).lower() or "bad_alloc" in str(error):  # how OpenCV and others say it
            return {"refused": Refusal.OUT_OF_MEMORY}
        return {"failed": type(error).__name__}


if __name__ == "__main__":
    main()
