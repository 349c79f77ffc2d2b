"""The Makefile and the locks keep their promises, as far as can be seen without installing everything again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def locked(name: str) -> dict[str, str]:
    """The version of each distribution that a lock names."""
    found = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_make_alone_lists_every_command_with_what_it_does() -> None:
    done = subprocess.run(["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make ([a-z-]+) +\S", done.stdout, re.MULTILINE)
    assert {"run", "test", "check", "format", "clean"} <= set(listed)
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert sorted(listed) == sorted(set(phony[1].split()))


def test_each_file_that_the_makefile_runs_can_be_run() -> None:
    for name in {*re.findall(r"@(bin/[\w-]+)", MAKEFILE), ".ci/run"}:
        assert os.access(ROOT / name, os.X_OK), name


def test_ci_runs_the_targets_of_people_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == [
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        "exec </dev/null",
        "make check",
        "make test",
        "make audit || true",
    ]


VULNERABLE = {"dependencies": [{"name": "flask", "version": "3.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}]}
PARTLY = {"dependencies": [{"name": "flask", "version": "3.0", "vulns": []}, {"name": "ours", "skip_reason": "not found"}]}


@pytest.mark.parametrize(
    ("writes", "status", "says"),
    [
        (VULNERABLE, 1, "KNOWN FAULT in flask 3.0: PYSEC-1, PYSEC-2\n1 versions looked at, 1 with known faults\n"),
        (PARTLY, 0, "NOT LOOKED at ours: not found\n1 versions looked at, 0 with known faults\n"),
        (None, 0, "NOT LOOKED: no advisory service was asked about any version (no route to host)\n"),
    ],
    ids=["faults", "one unknown", "no network"],
)
def test_an_audit_tells_faults_from_none_and_from_that_nobody_could_look(
    tmp_path: Path, writes: object, status: int, says: str
) -> None:
    foreign = tmp_path / "pip-audit"
    writing = f"import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text({json.dumps(writes)!r})"
    body = writing if writes else "import sys; print('no route to host', file=sys.stderr)"
    foreign.write_text(f"#!{sys.executable}\n{body}\nraise SystemExit(1)\n")
    foreign.chmod(0o700)
    done = subprocess.run([sys.executable, ROOT / "bin" / "audit", foreign, "x"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (status, says)


def test_an_audit_without_its_program_says_that_nobody_looked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "audit", tmp_path / "none", "x"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout[:11]) == (0, "NOT LOOKED:")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_by_hash_and_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 50
    assert all("==" in requirement and "--hash=sha256:" in requirement for requirement in requirements)


def test_what_tests_need_agrees_with_what_runs() -> None:
    runs, develops = locked("requirements.lock"), locked("requirements-dev.lock")
    assert runs.items() <= develops.items()


def test_the_package_json_names_exact_versions() -> None:
    versions = re.findall(r'^ {4}"[@\w./-]+": "([^"]+)"', (ROOT / "package.json").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_packages_that_are_there_are_not_installed_again(tmp_path: Path) -> None:
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\necho 'install ok installed'\n")
    (tmp_path / "apt-get").write_text("#!/bin/sh\necho called >&2; exit 1\n")
    for program in tmp_path.iterdir():
        program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "bin" / "install-system", "chromium"], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
