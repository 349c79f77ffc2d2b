"""The sandbox: bounded, walled in, and nothing of it left alive. What misbehaves in it is prey.py."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.ground.errors import FileRefused
from domain.ground.files import Refusal
from storage.ground.sandbox import Sandbox, SandboxFailed, read_made, run_limited, standing, standing_noted
from storage.ground.walls import Files, Lack, Wall

pytestmark = pytest.mark.usefixtures("fresh_sandboxes")

HERE = "tests.storage.ground.prey"
MEMORY = 1 << 30
ROOT = Path(__file__).parents[3]


def refusal(function: str, *args: object, cpu_s: float = 10, wall_s: float | None = None, files: Files | None = None) -> str:
    with Sandbox(memory_bytes=MEMORY, wall_s=wall_s) as sandbox, pytest.raises(FileRefused) as caught:
        sandbox.call(f"{HERE}:{function}", args, cpu_s=cpu_s, files=files or Files())
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
        assert [sandbox.call(f"{HERE}:add", [1, number], cpu_s=10) for number in (2, 3)] == [3, 4]


def test_a_call_that_sleeps_is_stopped_by_the_wall_clock() -> None:
    assert refusal("hang", wall_s=0.5) == Refusal.TIMED_OUT


def test_a_call_that_swells_is_out_of_memory() -> None:
    assert refusal("swell") == Refusal.OUT_OF_MEMORY


def test_a_call_that_crashes_is_refused() -> None:
    assert refusal("crash") == Refusal.CRASHED


def test_a_refusal_comes_through_and_the_sandbox_lives_on() -> None:
    with Sandbox(memory_bytes=MEMORY) as sandbox:
        with pytest.raises(FileRefused) as caught:
            sandbox.call(f"{HERE}:refuse", [], cpu_s=10)
        assert caught.value.reason == Refusal.ENCRYPTED
        assert sandbox.call(f"{HERE}:add", [1, 1], cpu_s=10) == 2


def test_after_a_crash_the_next_call_is_served() -> None:
    with Sandbox(memory_bytes=MEMORY) as sandbox:
        with pytest.raises(FileRefused):
            sandbox.call(f"{HERE}:crash", [], cpu_s=10)
        assert sandbox.call(f"{HERE}:add", [1, 1], cpu_s=10) == 2


def test_an_error_of_ours_names_its_class_and_no_text() -> None:
    with pytest.raises(SandboxFailed) as caught:
        run_limited(f"{HERE}:fail", [], cpu_s=10, memory_bytes=MEMORY)
    assert str(caught.value) == "KeyError"


def test_grandchildren_die_with_a_call_that_is_timed_out(tmp_path: Path) -> None:
    assert refusal("breed", str(tmp_path / "pids"), wall_s=1.5, files=Files([], [tmp_path])) == Refusal.TIMED_OUT
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_when_the_parent_is_killed_all_its_kin_die(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    call = (
        "from storage.ground.sandbox import Files, run_limited;"
        f" run_limited('{HERE}:breed', ['{pids}'], cpu_s=60, files=Files([], ['{tmp_path}']))"
    )
    parent = subprocess.Popen([sys.executable, "-c", call], cwd=ROOT)
    for _ in range(200):
        if pids.exists() and len(pids.read_text().split()) == 2:
            break
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_temporary_files_do_not_outlive_the_sandbox() -> None:
    left = Path(run_limited(f"{HERE}:litter", [], cpu_s=10, memory_bytes=MEMORY))
    assert left.parent.parent.name.startswith("khonggiay-")
    assert not left.exists()


def test_an_idle_sandbox_of_a_killed_parent_leaves_no_files_behind() -> None:
    call = (
        f"from storage.ground.sandbox import Sandbox; sandbox = Sandbox(memory_bytes={MEMORY});"
        f" print(sandbox.call('{HERE}:litter', [], cpu_s=10), flush=True); input()"
    )
    parent = subprocess.Popen([sys.executable, "-c", call], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().decode().strip()).parents[1]
        assert folder.exists()
        parent.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not folder.exists():
            return
        time.sleep(0.05)
    raise AssertionError("the files are still there")


def test_processor_time_is_of_all_that_a_call_starts() -> None:
    assert refusal("spin", cpu_s=0.5) == Refusal.TIMED_OUT
    assert refusal("spin_in_children", cpu_s=1.5) == Refusal.TIMED_OUT


def test_memory_is_of_all_that_a_call_starts() -> None:
    assert refusal("swell_in_children") == Refusal.OUT_OF_MEMORY


def test_what_leaves_its_group_and_its_parent_dies_with_the_call(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    run_limited(f"{HERE}:leave_a_child", [str(pid)], cpu_s=10, memory_bytes=MEMORY, files=Files([], [tmp_path]))
    assert gone(int(pid.read_text()))


@pytest.mark.parametrize("function", ["fork_without_end", "thread_without_end"])
def test_processes_and_threads_are_bounded(function: str) -> None:
    assert 100 < run_limited(f"{HERE}:{function}", [], cpu_s=30) < 256


# What it may see and do


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[list[Any]]:
    """Another document, a database, a Unix socket, a port that listens, and this process: each there for the taking."""
    other = tmp_path / "other"
    other.write_text("another document")
    sqlite3.connect(tmp_path / "records.sqlite3").execute("CREATE TABLE people (password)").connection.close()
    with socket.socket(socket.AF_UNIX) as by_path, socket.socket() as by_port:
        by_path.bind(str(tmp_path / "s"))
        by_path.listen()
        by_port.bind(("127.0.0.1", 0))
        by_port.listen()
        yield [str(other), str(tmp_path / "records.sqlite3"), str(tmp_path / "s"), by_port.getsockname()[1], os.getpid()]


def test_a_file_that_takes_over_its_parser_reaches_nothing(surroundings: list[Any]) -> None:
    with Sandbox() as sandbox:
        outcome = sandbox.call(f"{HERE}:reach", surroundings, cpu_s=20)
        assert sandbox.missing == {}
    assert len(outcome) == 53
    assert {name: how for name, how in outcome.items() if how not in ("PermissionError", "OSError", "OperationalError")} == {}
    assert Path(surroundings[0]).read_text() == "another document"


def test_without_walls_the_same_is_reached(surroundings: list[Any]) -> None:
    named = [
        "read another file",
        "list its folder",
        "open the database",
        "Unix socket",
        "loopback",
        "environment of the parent",
    ]
    code = f"from {HERE} import _acts; acts = _acts(*{surroundings!r}); [acts[name]() for name in {named!r}]"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_secret_and_nothing_else_of_the_environment_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHONGGIAY_SECRET_KEY", "of-this-installation-0123456789abcdef")
    monkeypatch.setenv("LD_PRELOAD", "")
    known = run_limited(f"{HERE}:known", [], cpu_s=10)
    assert set(known) <= {
        "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "TMPDIR", "HOME",
        "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS",
    }  # fmt: skip


def test_it_has_no_rights_of_root_and_can_gain_none() -> None:
    assert run_limited(f"{HERE}:rights", [], cpu_s=10) == [0, 1]


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="only root can give up its capabilities")
def test_the_walls_need_no_capability(surroundings: list[Any]) -> None:
    code = (
        "import json; from storage.ground.sandbox import Sandbox; sandbox = Sandbox();"
        f" print(json.dumps(sandbox.call('{HERE}:reach', {surroundings!r}, cpu_s=20)), len(sandbox.missing)); sandbox.close()"
    )
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c", code]
    said = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert '"reached"' not in said
    assert said.endswith(" 0\n")


def test_it_reads_what_it_was_given_and_only_while_it_was(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("one")
    second.write_text("two")
    with Sandbox() as sandbox:
        assert sandbox.call(f"{HERE}:read", [str(first)], cpu_s=10, files=Files([first])) == "one"
        assert sandbox.call(f"{HERE}:read", [str(second)], cpu_s=10, files=Files([second])) == "two"
        with pytest.raises(SandboxFailed, match="PermissionError"):
            sandbox.call(f"{HERE}:read", [str(first)], cpu_s=10, files=Files([second]))


def test_a_call_finds_nothing_of_the_call_before_it() -> None:
    with Sandbox() as sandbox:
        assert sandbox.call(f"{HERE}:remember", ["of the first file"], cpu_s=10) is False
        assert sandbox.call(f"{HERE}:remember", ["of the first file"], cpu_s=10) is False


def test_where_the_kernel_has_no_walls_each_is_named_with_its_reason() -> None:
    assert run_limited(f"{HERE}:raise_walls_again", [], cpu_s=10) == {
        "files": "kernel",
        "calls": "kernel",
        "processes": "kernel",
    }


def test_every_wall_stands_here() -> None:
    assert standing() == {Wall.FILES: None, Wall.CALLS: None, Wall.PROCESSES: None}


def test_walls_that_a_program_raised_are_told_again_and_raised_anew_after_another_start_of_the_machine(tmp_path: Path) -> None:
    every, noted = dict.fromkeys(Wall), tmp_path / "walls.json"
    assert standing_noted(tmp_path) == every
    said = json.loads(noted.read_text())
    noted.write_text(json.dumps(said | {"walls": dict.fromkeys(Wall, "kernel")}))
    assert standing_noted(tmp_path) == dict.fromkeys(Wall, Lack.KERNEL), "what was noted is believed"
    noted.write_text(json.dumps({"where": ["another start", *said["where"][1:]], "walls": dict.fromkeys(Wall, "kernel")}))
    assert standing_noted(tmp_path) == every
    noted.write_text("{")
    assert standing_noted(tmp_path) == every


def test_programs_of_the_system_can_be_started() -> None:
    assert run_limited(f"{HERE}:run_tesseract", [], cpu_s=10) == "tesseract"


def test_an_answer_that_no_function_gave_is_a_crash() -> None:
    assert refusal("answer_badly") == Refusal.CRASHED


@pytest.mark.parametrize(("function", "args"), [("link_in_place", ["/etc/passwd"]), ("folder_in_place", [])])
def test_what_is_put_in_the_place_of_a_result_is_not_read(tmp_path: Path, function: str, args: list[str]) -> None:
    made = tmp_path / "made"
    run_limited(f"{HERE}:{function}", [str(made), *args], cpu_s=10, files=Files([], [tmp_path]))
    with pytest.raises(FileRefused):
        read_made(made)
