"""An application that runs from the folder it lies in, and from nowhere else: nothing of it is in anybody's site-packages."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.servers import free_ports, wait_until

ROOT = Path(__file__).parents[1]
COMMAND = ROOT / "bin" / "khonggiay"
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
BARE = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
BARE["PYTHONWARNINGS"] = "ignore::SyntaxWarning"  # whoosh, compiled for the first time


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder of somebody else's, in which modules lie that bear the names of ours and must not be imported."""
    for name in PACKAGES:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('somebody else has been imported')\n", encoding="utf-8")
    return tmp_path


def called(*words: str, command: Path = COMMAND, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *words], cwd=cwd, env=BARE, capture_output=True, text=True, timeout=120, check=False)


def test_another_project_with_the_same_python_finds_no_package_of_ours(tmp_path: Path) -> None:
    look = f"import importlib.util as u; print([name for name in {PACKAGES} if u.find_spec(name)])"
    done = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, env=BARE, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", "an older source installed itself; `make install` removes that"


def test_nothing_is_declared_that_would_install_it() -> None:
    assert "build-system" not in DECLARED
    assert {"scripts", "gui-scripts", "entry-points"} & set(DECLARED["project"]) == set()
    assert DECLARED["tool"]["uv"]["package"] is False
    assert "setuptools" not in DECLARED["tool"]


def test_the_command_runs_from_any_folder_and_also_through_a_link(elsewhere: Path) -> None:
    link = elsewhere / "bin-khonggiay"
    link.symlink_to(COMMAND)
    number = DECLARED["project"]["version"]
    for command in (COMMAND, link):
        done = called("--version", command=command, cwd=elsewhere)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"khonggiay, version {number}\n", "")


def test_a_file_is_parsed_in_its_sandbox_from_any_folder(elsewhere: Path) -> None:
    paper = Canvas(str(elsewhere / "trang.pdf"))
    paper.showPage()
    paper.save()
    done = called("read", "--json", "trang.pdf", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert '"source": "blank"' in done.stdout


def test_the_web_program_answers_from_any_folder(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    migrated = called("migrate", cwd=tmp_path)
    assert migrated.returncode == 0, migrated.stderr
    log = tmp_path / "log"
    with log.open("wb") as output:
        web = subprocess.Popen(
            [COMMAND, "web"], cwd=tmp_path, env=BARE | {"KHONGGIAY_PORT": str(port)}, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: answers(port), web, log)
    finally:
        web.terminate()
        web.wait(30)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_without_its_packages_the_command_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    command = shutil.copy(COMMAND, tmp_path / "bin")
    done = called("status", command=Path(command), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"Chưa cài đặt. Hãy chạy trong thư mục {tmp_path}: make install assets\n"
