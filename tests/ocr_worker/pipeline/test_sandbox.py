"""The sandbox: bounded, and nothing of it left alive."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.sandbox import Sandbox, SandboxFailed, run_limited

HERE = "sandbox_prey"
MEMORY = 1 << 30


@pytest.fixture(autouse=True)
def prey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Functions that misbehave, where the sandbox can import them."""
    (tmp_path / f"{HERE}.py").write_text(
        textwrap.dedent(
            """
            import os, subprocess, sys, time, tempfile
            def add(a, b): print("noise"); return a + b
            def hang(): time.sleep(60)
            def spin():
                while True: pass
            def swell(): return len(bytearray(4 << 30))
            def crash(): os.abort()
            def fail(): raise KeyError("secret text")
            def refuse():
                from domain.ground.errors import FileRefused
                raise FileRefused("encrypted", "x")
            def breed(path):
                child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
                open(path, "w").write(f"{os.getpid()} {child.pid}")
                time.sleep(60)
            def litter(): return tempfile.mkdtemp()
            """
        )
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def refusal(function: str, *args: object, timeout_s: float = 10) -> str:
    with pytest.raises(FileRefused) as caught:
        run_limited(f"{HERE}:{function}", args, timeout_s, MEMORY)
    return caught.value.reason


def gone(pid: int) -> bool:
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_a_call_returns_its_value_whatever_is_printed() -> None:
    with Sandbox(memory_bytes=MEMORY) as sandbox:
        assert [sandbox.call(f"{HERE}:add", [1, number], timeout_s=10) for number in (2, 3)] == [3, 4]


def test_a_call_that_hangs_is_timed_out() -> None:
    assert refusal("hang", timeout_s=0.5) == Refusal.TIMED_OUT


def test_a_call_that_swells_is_out_of_memory() -> None:
    assert refusal("swell") == Refusal.OUT_OF_MEMORY


def test_a_call_that_crashes_is_refused() -> None:
    assert refusal("crash") == Refusal.CRASHED


def test_a_refusal_comes_through_and_the_sandbox_lives_on() -> None:
    with Sandbox(memory_bytes=MEMORY) as sandbox:
        with pytest.raises(FileRefused) as caught:
            sandbox.call(f"{HERE}:refuse", [], timeout_s=10)
        assert caught.value.reason == Refusal.ENCRYPTED
        assert sandbox.call(f"{HERE}:add", [1, 1], timeout_s=10) == 2


def test_after_a_crash_the_next_call_is_served() -> None:
    with Sandbox(memory_bytes=MEMORY) as sandbox:
        with pytest.raises(FileRefused):
            sandbox.call(f"{HERE}:crash", [], timeout_s=10)
        assert sandbox.call(f"{HERE}:add", [1, 1], timeout_s=10) == 2


def test_an_error_of_ours_names_its_class_and_no_text() -> None:
    with pytest.raises(SandboxFailed) as caught:
        run_limited(f"{HERE}:fail", [], 10, MEMORY)
    assert str(caught.value) == "KeyError"


def test_grandchildren_die_with_a_call_that_is_timed_out(tmp_path: Path) -> None:
    assert refusal("breed", str(tmp_path / "pids"), timeout_s=1.5) == Refusal.TIMED_OUT
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_when_the_parent_is_killed_all_its_kin_die(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    call = f"from storage.ground.sandbox import run_limited; run_limited('{HERE}:breed', ['{pids}'], 60, {MEMORY})"
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen([sys.executable, "-c", call], cwd=root, env={**os.environ, "PYTHONPATH": f"{tmp_path}:{root}"})
    for _ in range(200):
        if pids.exists() and len(pids.read_text().split()) == 2:
            break
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_temporary_files_do_not_outlive_the_sandbox() -> None:
    left = Path(run_limited(f"{HERE}:litter", [], 10, MEMORY))
    assert left.parent.name.startswith("khonggiay-")
    assert not left.exists()


def test_an_idle_sandbox_of_a_killed_parent_leaves_no_files_behind(tmp_path: Path) -> None:
    call = (
        f"from storage.ground.sandbox import Sandbox; sandbox = Sandbox(memory_bytes={MEMORY});"
        f" print(sandbox.call('{HERE}:litter', [], timeout_s=10), flush=True); input()"
    )
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen(
        [sys.executable, "-c", call],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{root}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().decode().strip()).parent
        assert folder.exists()
        parent.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not folder.exists():
            return
        time.sleep(0.05)
    raise AssertionError("the files are still there")
