"""Untrusted files are parsed in a process that may hang, swell or crash: bounded in time, memory and disk, and killed with all its kin.

A sandbox is a fresh interpreter in a process group of its own. In it a guard, which parses nothing, forks the process that works; when
that ends, or when the parent is gone (even by kill -9), the guard kills the group, Tesseract included, and clears its temporary
files. One sandbox serves many calls, for starting an interpreter with its parsers takes half a second; it is renewed after some. What
goes through the pipes is JSON. What is called is named "module:function"; the functions that read are in ocr_worker and in signatures.py.
"""

import importlib
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal

Json = Any

MEMORY_BYTES = 3 * 1024**3  # of addresses: an A0 sheet in colour takes half of it
FILE_BYTES = 2 * 1024**3
CALLS = 100  # then a new process: parsers leak
_GRACE_S = 2  # of processor time beyond the deadline, so that the deadline speaks first
_LINE_BYTES = 1 << 16


class SandboxFailed(RuntimeError):
    """What was called raised an error of its own: a fault of ours, not of the file. The message names the error's class."""


class Sandbox:
    """A process for calls on untrusted files; for one thread at a time. A context manager."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, calls: int = CALLS) -> None:
        self._memory_bytes, self._most_calls = memory_bytes, calls
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1
        self._folder = ""
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def call(self, function: str, args: Sequence[Json], *, timeout_s: float) -> Json:
        """What `function` ("module:name") returns for these JSON values, as JSON.

        Raises FileRefused: as the function raised it, or TIMED_OUT, OUT_OF_MEMORY, CRASHED. May be called again after each.
        """
        deadline = time.monotonic() + timeout_s
        process = self._started()
        self._calls += 1
        request = {"function": function, "args": list(args), "timeout_s": timeout_s}
        try:
            assert process.stdin is not None  # noqa: S101 - opened as a pipe
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            answer = self._answer(process, deadline)
        except (TimeoutError, OSError, ValueError) as error:
            self.close()
            raise FileRefused(Refusal.TIMED_OUT if isinstance(error, TimeoutError) else Refusal.CRASHED) from error
        return self._outcome(answer)

    def close(self) -> None:
        """Kill the process with all it started and remove what it left. May be repeated; the next call starts another."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        os.close(self._lifeline)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process, self._calls = None, 0

    def _started(self) -> subprocess.Popen[bytes]:
        if self._calls >= self._most_calls or (self._process and self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._folder = tempfile.mkdtemp(prefix="khonggiay-")
            held, self._lifeline = os.pipe()  # its end closes when this process ends, however it ends
            self._process = subprocess.Popen(
                [sys.executable, "-m", "storage.ground.sandbox", str(held), str(self._memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(held,),
                start_new_session=True,
                env={**os.environ, "TMPDIR": self._folder, "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1", **_path()},
            )
            os.close(held)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], deadline: float) -> dict[str, Json]:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe
        pipe, parts = process.stdout.fileno(), []
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(pipe, _LINE_BYTES)
            parts.append(part)
            if not part or part.endswith(b"\n"):
                answer: dict[str, Json] = json.loads(b"".join(parts))
                return answer

    def _outcome(self, answer: dict[str, Json]) -> Json:
        if "value" in answer:
            return answer["value"]
        if "refused" in answer:
            if answer["refused"] in (Refusal.OUT_OF_MEMORY, Refusal.CRASHED, Refusal.TIMED_OUT):
                self.close()
            raise FileRefused(Refusal(answer["refused"]), answer.get("detail", ""))
        raise SandboxFailed(answer.get("failed", "no answer"))


def run_limited(function: str, args: Sequence[Json], timeout_s: float, memory_bytes: int = MEMORY_BYTES) -> Json:
    """One call in a sandbox of its own. See `Sandbox.call`."""
    with Sandbox(memory_bytes=memory_bytes) as sandbox:
        return sandbox.call(function, args, timeout_s=timeout_s)


def _path() -> dict[str, str]:
    """Where the child finds our packages, wherever the parent stands."""
    here = str(Path(__file__).resolve().parents[2])
    return {"PYTHONPATH": os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])}


def main(lifeline: int, memory_bytes: int) -> None:
    """The guard: fork the process that works, wait for its end or for the parent's, and leave nothing behind."""
    worker = os.fork()
    if not worker:
        os.close(lifeline)
        _work(memory_bytes)
        os._exit(0)
    os.close(0)
    select.select([lifeline, os.pidfd_open(worker)], [], [])
    ended, status = os.waitpid(worker, os.WNOHANG)
    if ended and status:  # killed; at the end of its input it ends by itself
        with suppress(BrokenPipeError):
            _send(1, {"refused": _reason(status)})
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def _reason(status: int) -> str:
    signals = {signal.SIGXCPU: Refusal.TIMED_OUT, signal.SIGKILL: Refusal.OUT_OF_MEMORY}
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return signals.get(killed_by, Refusal.CRASHED)  # type: ignore[call-overload,no-any-return]


def _send(pipe: int, answer: dict[str, Json]) -> None:
    line = json.dumps(answer).encode() + b"\n"
    while line:
        line = line[os.write(pipe, line) :]


def _work(memory_bytes: int) -> None:
    """Serve calls until the parent closes the pipe. Whatever a parser prints goes to the errors, not among the answers."""
    answers = os.dup(1)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + request["timeout_s"]) + _GRACE_S
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        _send(answers, _served(request))


def _served(request: dict[str, Json]) -> dict[str, Json]:
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
    main(int(sys.argv[1]), int(sys.argv[2]))
