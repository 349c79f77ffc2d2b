import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLEEPER = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A watch over two programs that write their process numbers into files; ended after the test."""
    watches = []

    def watch(program: str = SLEEPER, pauses: tuple[float, ...] = (0.1, 0.1, 0.1)) -> subprocess.Popen[bytes]:
        commands = {name: [sys.executable, "-c", program, str(tmp_path / name)] for name in ("mot", "hai")}
        code = (
            f"import sys, khonggiay.watch as watch; watch.PAUSES_S = {pauses};"
            f" sys.exit(watch.Watch({commands!r}).run(lambda: True, lambda: print('ready', flush=True)))"
        )
        watches.append(subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return watches[-1]

    yield watch
    for process in watches:
        process.kill()
        process.communicate()


def numbers(path: Path, count: int) -> list[int]:
    """The process numbers in a file, once there are that many."""
    for _ in range(200):
        if path.exists() and len(found := path.read_text().split()) >= count:
            return [int(number) for number in found]
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not started {count} times")


def is_gone(number: int) -> bool:
    for _ in range(200):
        try:
            if Path(f"/proc/{number}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_it_greets_once_the_programs_are_ready(watch: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = watch()
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"


def test_a_program_that_was_killed_is_started_again(watch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    watch()
    (first,) = numbers(tmp_path / "mot", 1)
    os.kill(first, signal.SIGKILL)
    assert numbers(tmp_path / "mot", 2)[1] != first


def test_a_program_is_started_again_while_another_one_has_to_wait(
    watch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    dies = f"{SLEEPER.partition(' time.sleep')[0]} time.sleep(0 if sys.argv[1].endswith('mot') else 60)"
    process = watch(dies, pauses=(0, 3600))
    assert process.stderr
    for _ in range(2):  # the second time it waits for an hour
        assert process.stderr.readline().decode().startswith("mot đã dừng")
    os.kill(numbers(tmp_path / "hai", 1)[0], signal.SIGKILL)
    assert len(numbers(tmp_path / "hai", 2)) == 2
    assert len(numbers(tmp_path / "mot", 2)) == 2


def test_all_programs_end_with_a_watch_that_is_told_to_stop(
    watch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    process = watch()
    started = numbers(tmp_path / "mot", 1) + numbers(tmp_path / "hai", 1)
    process.terminate()
    assert process.wait(20) == 0
    assert all(is_gone(number) for number in started)


def test_all_programs_end_with_a_watch_that_was_killed(watch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    process = watch()
    started = numbers(tmp_path / "mot", 1) + numbers(tmp_path / "hai", 1)
    process.kill()
    assert all(is_gone(number) for number in started)


def test_a_program_that_will_not_stay_alive_is_given_up_and_the_others_are_stopped(
    watch: Callable[..., subprocess.Popen[bytes]],
) -> None:
    process = watch("import sys; sys.exit(3 if sys.argv[1].endswith('mot') else __import__('time').sleep(60))")
    assert process.wait(20) == 1
    assert process.stderr
    assert "mot không chạy được (mã 3)" in process.stderr.read().decode()
