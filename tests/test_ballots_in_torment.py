"""A small torment of ballots by the real program: cut connections, repeated posts, the server killed with SIGKILL while people vote."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_no_ballot_is_lost_none_counts_twice_and_every_receipt_is_true() -> None:
    torment = [sys.executable, "bench/ballots.py", "--votes", "3", "--voters", "8", "--kills", "3"]
    done = subprocess.run(torment, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, nothing counted twice, every receipt true" in done.stdout
