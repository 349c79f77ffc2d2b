import os
import subprocess
import sys

from ocr_worker.system import is_gone, name_of


def test_a_running_process_is_not_gone() -> None:
    assert not is_gone(name_of(os.getpid()))


def test_a_process_that_has_ended_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = name_of(process.pid)
    assert not is_gone(name)
    process.communicate(b"\n")
    assert is_gone(name)


def test_another_process_with_the_same_number_is_not_the_same_owner() -> None:
    host, process, _ = name_of(os.getpid()).split(":")
    assert is_gone(f"{host}:{process}:1")


def test_of_other_machines_nothing_is_known() -> None:
    assert not is_gone("another-machine:1:1")
