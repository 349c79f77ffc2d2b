"""A small torment by the real program: cut connections, repeated posts, the server killed with SIGKILL while people vote and work."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def torment(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_no_ballot_is_lost_none_counts_twice_and_every_receipt_is_true() -> None:
    done = torment("bench/ballots.py", "--votes", "3", "--voters", "8", "--kills", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, nothing counted twice, every receipt true" in done.stdout


@pytest.mark.slow
def test_whatever_was_answered_of_votes_minutes_and_registers_is_there_after_kills_and_whole() -> None:
    done = torment("bench/acts.py", "--kills", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whatever was answered is there, and whole" in done.stdout
