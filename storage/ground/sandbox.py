"""Untrusted files are parsed in a process that may hang, swell, crash or turn against us: bounded, walled in, and killed with all its kin.

A sandbox is a fresh interpreter with nothing of our environment: the guard (guard.py), which forks a process for each call. That one
sees the files of its call and the libraries, no network, no other process, no secret (walls.py). Starting the guard with its parsers takes
half a second, so it serves many calls. What is asked and answered is JSON in files without a name. What is called is named
"module:function"; the functions that read are in ocr_worker and in storage. When the parent is gone (even by kill -9) the guard ends all.
"""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.guard import MESSAGE_BYTES
from storage.ground.walls import Files, Lack, Wall

Json = Any

MEMORY_BYTES = 3 * 1024**3  # of addresses: an A0 sheet in colour takes half of it
ANSWER_BYTES = 512 * 1024**2
_LEAST_WALL_S, _PATIENCE = 600.0, 10  # a busy machine fails no page: the wall clock is for what sleeps
_LATER_S = 60.0  # the guard speaks first
_NOTHING = Files()
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TESSDATA_PREFIX", "PYTHONDONTWRITEBYTECODE")  # the environment holds secrets besides


class SandboxFailed(RuntimeError):
    """What was called raised an error of its own: a fault of ours, not of the file. The message names the error's class."""


class Sandbox:
    """A guard and its calls on untrusted files; for one thread at a time. A context manager.

    `wall_s`: after how many seconds a call that sleeps is stopped; if not given, ten times its processor time, ten minutes at least.
    """

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, wall_s: float | None = None) -> None:
        self._memory_bytes, self._wall_s = memory_bytes, wall_s
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._folder = ""
        self.missing: dict[Wall, Lack] = {}  # by the last call that ended well

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def call(self, function: str, args: Sequence[Json], *, cpu_s: float, files: Files = _NOTHING) -> Json:
        """What `function` ("module:name") returns for these JSON values, as JSON, with `cpu_s` seconds of processors for all it starts.

        Raises FileRefused: as the function raised it, or TIMED_OUT, OUT_OF_MEMORY, CRASHED. May be called again after each. The answer
        comes from a process that the file may have taken over: whoever makes more of it than JSON does so under `believing_nothing`.
        """
        paths = {name: [str(Path(one).absolute()) for one in getattr(files, name)] for name in ("reads", "writes", "runs")}
        request = {"function": function, "args": list(args), **paths}
        wall_s = self._wall_s or max(_LEAST_WALL_S, _PATIENCE * cpu_s)
        bounds = {"cpu_s": cpu_s, "memory_bytes": self._memory_bytes, "wall_s": wall_s}
        with _unnamed() as asked, _unnamed() as answered:
            with open(asked, "w", encoding="utf-8", closefd=False) as stream:
                json.dump(request, stream)
            os.lseek(asked, 0, os.SEEK_SET)
            verdict = self._verdict({"module": function.partition(":")[0], "bounds": bounds}, [asked, answered])
            if refused := verdict.get("refused"):
                raise FileRefused(Refusal(refused))
            if "failed" in verdict:
                raise SandboxFailed(verdict["failed"])
            self.missing = {Wall(wall): Lack(lack) for wall, lack in verdict["missing"].items()}
            return _outcome(_read(answered))

    def close(self) -> None:
        """End the guard with all it started and remove what they left. May be repeated; the next call starts another."""
        if self._process is None or self._channel is None:
            return
        self._channel.close()  # it ends by that
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # and its worker dies with it
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._channel = None

    def _verdict(self, header: dict[str, Json], given: list[int]) -> dict[str, Json]:
        """What the guard says of a call; it has parsed nothing and is believed."""
        channel = self._started()
        channel.settimeout(header["bounds"]["wall_s"] + _LATER_S)
        try:
            socket.send_fds(channel, [json.dumps(header).encode()], given)
            said = channel.recv(MESSAGE_BYTES)
            if not said:
                raise ConnectionResetError
            verdict: dict[str, Json] = json.loads(said)
        except OSError as error:  # a time that has run out is one too
            self.close()
            raise FileRefused(Refusal.TIMED_OUT if isinstance(error, TimeoutError) else Refusal.CRASHED) from error
        return verdict

    def _started(self) -> socket.socket:
        if self._process and self._process.poll() is not None:
            self.close()
        if self._channel is None:
            self._folder = tempfile.mkdtemp(prefix="khonggiay-")
            self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "storage.ground.guard"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                    env=_environment(self._folder),
                )
        return self._channel


def run_limited(
    function: str, args: Sequence[Json], *, cpu_s: float, memory_bytes: int = MEMORY_BYTES, files: Files = _NOTHING
) -> Json:
    """One call in a sandbox of its own. See `Sandbox.call`."""
    with Sandbox(memory_bytes=memory_bytes) as sandbox:
        return sandbox.call(function, args, cpu_s=cpu_s, files=files)


@cache
def standing() -> dict[Wall, Lack | None]:
    """Every wall, with why it is missing; None for one that stands. Found by raising them around a process that does nothing else."""
    with Sandbox() as sandbox:
        sandbox.call("storage.ground.walls:nothing", [], cpu_s=10)
        return {wall: sandbox.missing.get(wall) for wall in Wall}


def standing_noted(folder: Path) -> dict[Wall, Lack | None]:
    """The same, as a program of this installation found it on this machine since it was started, under the same rules; for commands,
    which have no second to spare. Looked at anew where nobody has.
    """
    noted, where = folder / "walls.json", _where()
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        said = json.loads(noted.read_bytes())
        if said["where"] == where:
            return {wall: Lack(lack) if (lack := said["walls"][wall]) else None for wall in Wall}
    found = standing()
    with suppress(OSError):
        draft = folder / f"walls.{os.getpid()}"
        draft.write_text(json.dumps({"where": where, "walls": found}), encoding="ascii")
        draft.replace(noted)
    return found


def _where() -> list[str]:
    """What the walls depend on: this start of this machine, the rules that this process is under, and our own code."""
    code = [Path(__file__).with_name(name) for name in ("walls.py", "guard.py", "calls.py")]
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    rules = [line for line in status.splitlines() if line.startswith(("Seccomp:", "NoNewPrivs:", "CapEff:", "Uid:"))]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    spaces = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("mnt", "user", "net")]
    return [boot, *rules, *spaces, *(str(path.stat().st_mtime_ns) for path in code)]


@contextmanager
def believing_nothing() -> Iterator[None]:
    """Where an answer is made values of ours: whatever does not fit is refused as a crash, for the file may have written the answer."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise FileRefused(Refusal.CRASHED, "answer") from error


def read_made(path: Path) -> bytes:
    """What a call wrote to a file of that name; raises FileRefused where it left something else, above all a link to files of ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileRefused(Refusal.CRASHED, "answer") from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > ANSWER_BYTES:
        os.close(descriptor)
        raise FileRefused(Refusal.CRASHED, "answer")
    with open(descriptor, "rb") as made:
        return made.read()


@contextmanager
def _unnamed() -> Iterator[int]:
    """A file without a name, in memory, that goes when its last descriptor does."""
    descriptor = os.memfd_create("sandbox")
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(answered: int) -> dict[str, Json]:
    """What the process of a call wrote; raises FileRefused for what no function of ours would have."""
    size = os.fstat(answered).st_size
    if size > ANSWER_BYTES:
        raise FileRefused(Refusal.CRASHED, "answer")
    try:
        answer = json.loads(os.pread(answered, size, 0))
    except (ValueError, RecursionError) as error:
        raise FileRefused(Refusal.CRASHED, "answer") from error
    if not isinstance(answer, dict):
        raise FileRefused(Refusal.CRASHED, "answer")
    return answer


def _outcome(answer: dict[str, Json]) -> Json:
    if "value" in answer:
        return answer["value"]
    if "refused" in answer:
        with believing_nothing():
            reason, detail = Refusal(answer["refused"]), str(answer.get("detail", ""))
        raise FileRefused(reason, detail)
    raise SandboxFailed(str(answer.get("failed", "no answer"))[:80])


def _environment(folder: str) -> dict[str, str]:
    """All that the guard, and whatever it starts, knows of ours."""
    ours = {name: os.environ[name] for name in _KEPT if name in os.environ}
    one_thread = {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
    here = str(Path(__file__).resolve().parents[2])  # wherever the parent stands
    return {**ours, **one_thread, "TMPDIR": folder, "HOME": folder, "PYTHONPATH": here}
