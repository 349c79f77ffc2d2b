"""The command that reads files without a database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from ocr_worker.read_command import read
from tests.ocr_worker.pipeline.made_pages import DPI, letter

pytestmark = pytest.mark.reading


def test_a_file_that_the_reader_itself_fails_on_leaves_the_others_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))  # no language there: recognition raises what is no fault of the file
    scan, blank = tmp_path / "quet.png", tmp_path / "trang.png"
    Image.fromarray(letter()).save(scan, dpi=(DPI, DPI))
    Image.new("L", (600, 800), 255).save(blank)
    done = CliRunner().invoke(read, ["--json", "--jobs", "1", str(scan), str(blank)])
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["file"], first["error"]) == (str(scan), "crashed")
    assert (second["file"], second["pages"][0]["source"]) == (str(blank), "blank")
    assert done.exit_code == 1
