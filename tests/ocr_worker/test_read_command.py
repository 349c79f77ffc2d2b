"""The command that reads files without a database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from domain.archive.secrecy import Mark
from ocr_worker.pipeline.reader import Reader
from ocr_worker.read_command import read
from ocr_worker.refusals import EngineMissing
from storage.ground.sandbox import SandboxFailed
from tests.ocr_worker.pipeline.made_pages import DPI, letter

pytestmark = pytest.mark.reading


class Failing(Reader):
    """A sandbox in which our own code fails on one file."""

    def find_mark(self, path: Path, number: int = 1) -> Mark | None:
        if path.name == "quet.png":
            raise SandboxFailed("ValueError")
        return super().find_mark(path, number)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A scan, and a page without a letter."""
    scan, blank = tmp_path / "quet.png", tmp_path / "trang.png"
    Image.fromarray(letter()).save(scan, dpi=(DPI, DPI))
    Image.new("L", (600, 800), 255).save(blank)
    return str(scan), str(blank)


def test_a_file_that_the_reader_itself_fails_on_leaves_the_others_to_be_read(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr_worker.read_command.Reader", Failing)
    done = CliRunner().invoke(read, ["--json", "--jobs", "1", *files])
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["file"], first["error"]) == (files[0], "crashed")
    assert (second["file"], second["pages"][0]["source"]) == (files[1], "blank")
    assert done.exit_code == 1


def test_a_machine_without_the_language_says_so_and_not_that_each_file_crashed(
    files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    done = CliRunner().invoke(read, ["--json", "--jobs", "1", *files])
    assert isinstance(done.exception, EngineMissing)
    assert done.stdout == ""
